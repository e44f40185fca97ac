"""The question before ``cnn-lab demo``: asked on a terminal, or answered by an option."""

import sys
from dataclasses import dataclass

from cnn_tui.chapter.catalogue import demo_info
from cnn_tui.chapter.questions import DemoPrediction, DemoQuestion, question_about
from cnn_tui.chapter.records import DemoResult
from cnn_tui.chapter.run import checked_parameters
from cnn_tui.errors import LabError, UsageError
from cnn_tui.options import OptionValue
from cnn_tui.workspace import Workspace, find_or_none


@dataclass(frozen=True)
class Predicting:
    """A demo's question, the answer to it, and an ``earlier`` prediction; None for none."""

    demo: str
    question: DemoQuestion | None
    answer: str | None
    earlier: DemoPrediction | None
    space: Workspace | None

    def compared(self, result: DemoResult) -> DemoPrediction | None:
        """The answer beside what came out, which the workspace keeps; None without an answer."""
        if self.question is None or self.answer is None:
            return None
        prediction = self.question.compared(self.answer, result.figures)
        if self.space is not None:
            self._keep(self.space, prediction)
        return prediction

    def _keep(self, space: Workspace, prediction: DemoPrediction) -> None:
        from cnn_tui.chapter.predicted import remember
        from cnn_tui.render.draw.console import stderr

        try:
            remember(space, self.demo, prediction)
        except LabError as error:  # what the demo shows is worth seeing all the same
            stderr().print(str(error), soft_wrap=True, markup=False)


def predict(
    name: str, given: dict[str, OptionValue], answer: str | None, *, may_ask: bool
) -> Predicting:
    """Take ``answer``, or ask on a terminal where one ``may_ask`` and did not answer earlier.

    Raises UsageError for an answer that is none, and where there is no question.
    """
    from cnn_tui.chapter.predicted import load

    info = demo_info(name)
    question = question_about(info.name, checked_parameters(info, given))
    if answer is not None and question is None:
        raise UsageError(f"The demo {info.name} asks nothing here: leave --answer out.")
    space = find_or_none()
    # What is asked stands on stderr, what is answered comes from stdin.
    can_ask = may_ask and all(each.isatty() for each in (sys.stdin, sys.stdout, sys.stderr))
    kept = load(space).get(info.name) if can_ask else None
    earlier = kept if kept is not None and kept.is_about(question) else None
    if question is not None and answer is not None:
        answer = question.answered(answer)
    elif question is not None and can_ask and kept is None:
        answer = _asked(question)
    return Predicting(info.name, question, answer, earlier, space)


def _asked(question: DemoQuestion) -> str | None:
    """What is answered on the terminal; None for Enter alone, and for the end of the input."""
    from cnn_tui.render.draw.console import stderr
    from cnn_tui.render.pages.prediction import question_page

    talk = stderr()
    talk.print(question_page(question))
    while True:
        talk.print(f"Your prediction, {question.accepts} (Enter skips): ", end="", markup=False)
        words = sys.stdin.readline().strip()
        if not words:
            return None
        try:
            return question.answered(words)
        except UsageError as error:
            talk.print(str(error), soft_wrap=True, markup=False)
