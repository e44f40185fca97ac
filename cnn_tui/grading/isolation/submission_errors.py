"""What can go wrong with a submission, and whose mistake each of it is."""

from cnn_tui.errors import LabFault


class SubmissionError(Exception):
    """What a submission did wrong, as one sentence for the learner."""


class RaisedError(SubmissionError):
    """The learner's code raised, or would have to, at ``lines`` of the file, the innermost last.

    ``kinds`` names the exception's type and those that it is derived from, as the host says.
    """

    def __init__(
        self, sentence: str, lines: tuple[int, ...] = (), kinds: tuple[str, ...] = ()
    ) -> None:
        super().__init__(sentence)
        self.lines, self.kinds = lines, kinds


class MissingAttributeError(SubmissionError, AttributeError):
    """What the learner's code returned lacks an attribute."""


class MistakenTestError(Exception):
    """The hidden test itself asks for something that cannot be done."""


class UnsendableError(MistakenTestError):
    """A value that the hidden test gives a submission cannot be sent."""


class TimedOutError(SubmissionError):
    """The learner's code did not finish in time."""


class EndedError(SubmissionError):
    """The learner's code ended its own process."""


class BusyError(LabFault):
    """The machine had too much else to do for the learner's code to finish: nobody's fault."""
