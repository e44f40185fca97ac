"""What the learner reads where a submission raised, ran out of time or ended."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from signal import Signals
from typing import Any

from cnn_tui.grading.isolation import notebooks
from cnn_tui.grading.isolation.deadlines import Spent, SubmissionClock
from cnn_tui.grading.isolation.host import OVERFULL
from cnn_tui.grading.isolation.source import source_line
from cnn_tui.grading.isolation.submission_errors import BusyError, RaisedError, TimedOutError
from cnn_tui.grading.records import HELPERS_MAY_BE_ALLOWED
from cnn_tui.grading.sandbox.folders import MAX_BYTES, MAX_FILES
from cnn_tui.grading.stand_ins.notebooks import is_joined, place_of
from cnn_tui.grading.text import one_line, shortened

WALLS = (
    "In a check, code starts no processes, reaches no network, writes to its current folder only, "
    "and removes or renames no file"
)
ALONE = "A check sees only this file and installed packages: put your other code into the file."
NONE_TAKEN = (
    "A check sees only this file, helper files beside it and installed packages, and no helper "
    "file was taken: where one was refused, the report says why."
)
IS_RELATIVE = "attempted relative import"
READ_ONLY = "Read-only file system"
OFFLINE = re.compile(
    "name resolution|urlopen error|getaddrinfo|Network is unreachable|internet connection"
)
ELSEWHERE = (
    "A check sees only this file and reaches no network: read other files and download "
    'below if __name__ == "__main__" only.'
)
ON_CPU = "A check runs on the CPU."
ON_GPU_KINDS = ("AssertionError", "RuntimeError")
ON_GPU = re.compile("CUDA|NVIDIA", re.IGNORECASE)
MAX_MESSAGE = 300
MAX_NAME = 60
MAX_LINES = 20


@dataclass(frozen=True)
class Explanations:
    """Sentences about one submission; ``is_check`` where they may say what holds in checks alone.

    ``helpers`` are the helper files that it may import, by place; None where none are allowed.
    """

    name: str
    source: bytes
    helpers: Mapping[str, bytes] | None
    is_check: bool

    @property
    def file_name(self) -> str:
        """What the learner's file is called."""
        return f"{self.name}{notebooks.SUFFIX if is_joined(self.source) else '.py'}"

    def missing(self, what: str, is_called: bool) -> RaisedError:
        """The file does not define ``what``, which a check calls or reads."""
        named = f"function named {what}" if is_called else what
        return RaisedError(f"{self.file_name} defines no {named}.")

    def raised(
        self, doing: str, call: str, raised: tuple[str, str, list[Any], list[Any]], helper: object
    ) -> RaisedError:
        """The learner's code raised: its type, its message, the lines, and the type's bases."""
        kind, message, lines, bases = raised
        line = self._shown_line(lines, helper)
        sentence = self._sentence(doing, kind, message, line, call) + self._advice(kind, message)
        kinds = tuple(each for each in bases if isinstance(each, str))
        return RaisedError(sentence, self._known(lines), kinds)

    def _sentence(self, doing: str, kind: str, message: str, line: str, call: str) -> str:
        if kind == "NotImplementedError" and not message:
            return f"{doing} is not written yet: it raises NotImplementedError."
        said = one_line(message, MAX_MESSAGE)
        return (
            f"{doing} raised {one_line(kind, MAX_NAME)}"
            + (f": {said}" if said else "")
            + (f" ({line})" if line else "")
            + of_call(call)
        )

    def _shown_line(self, lines: list[Any], helper: object) -> str:
        """The line that raised it, of the learner's file or of a helper file; "" if not known."""
        match helper:
            case [str(name), int(line)] if name.removesuffix(".py") in (self.helpers or {}):
                shown = source_line((self.helpers or {})[name.removesuffix(".py")], line)
                return f"{name}, line {line}: {shown}" if shown else name
        number = lines[-1] if lines and type(lines[-1]) is int else None
        shown = source_line(self.source, number)
        return f"{place_of(self.source, number)}: {shown}" if shown and number else ""

    def _known(self, lines: list[Any]) -> tuple[int, ...]:
        """Those of ``lines`` that the learner's file has."""
        numbers = (each for each in lines[-MAX_LINES:] if type(each) is int)
        return tuple(each for each in numbers if source_line(self.source, each))

    def _advice(self, kind: str, message: str) -> str:
        """What the learner may not know of checks, where that may have been the reason."""
        if kind == "PermissionError" or READ_ONLY in message:
            return f". {WALLS}"
        is_relative = kind == "ImportError" and message.startswith(IS_RELATIVE)
        if self.is_check and (kind == "ModuleNotFoundError" or is_relative):
            return f". {self._alone()}"
        if self.is_check and (kind == "FileNotFoundError" or OFFLINE.search(message)):
            return f". {ELSEWHERE}"
        if self.is_check and kind in ON_GPU_KINDS and ON_GPU.search(message):
            return f". {ON_CPU}"
        return ""

    def _alone(self) -> str:
        """Which files a check sees."""
        if self.helpers is None:
            return f"{ALONE} {HELPERS_MAY_BE_ALLOWED}"
        if not self.helpers:
            return NONE_TAKEN
        taken = shortened(", ".join(f"{name}.py" for name in self.helpers), MAX_MESSAGE)
        return f"A check sees only this file, its helper files ({taken}) and installed packages."


def out_of_time(clock: SubmissionClock, doing: str, call: str) -> BusyError | TimedOutError:
    """Why it had no answer in time: the machine was busy, or it took too long itself."""
    spent = clock.spent
    if clock.is_total_busy:
        return BusyError(f"All checks together {_too_busy(clock.total_spent)}")
    if clock.is_busy:
        return BusyError(f"{doing} {_too_busy(spent)}")
    return TimedOutError(
        f"{doing} did not finish within {clock.seconds:.3g} s and was "
        f"stopped{of_call(call)}.{_untold(spent)}"
    )


def ending(code: int) -> str:
    """How a process ended that has this exit code, negative for a signal."""
    if code == OVERFULL:
        most = f"{MAX_BYTES >> 20} MiB or {MAX_FILES} files"
        return f"was ended: it wrote more than {most}"
    if code < 0:
        with suppress(ValueError):
            return f"was ended by {Signals(-code).name}"
        return f"was ended by signal {-code}"
    return f"ended its own process (exit code {code})"


def of_call(call: str) -> str:
    """What a sentence adds about the call that it is about, if it was one."""
    return f"; the call was {call}" if call else ""


def _too_busy(spent: Spent) -> str:
    return (
        f"waited {spent.waited:.3g} of {spent.clock:.3g} s for a processor: the machine was too "
        "busy for this check. Run it again when less is running."
    )


def _untold(spent: Spent) -> str:
    """What to say where waiting and sleeping cannot be told apart."""
    if not spent.untold:
        return ""
    return (
        f" It computed for {spent.own:.0f} of {spent.clock:.0f} s. If the machine was busy "
        "meanwhile, which this system does not tell, run the check again."
    )
