"""A demo's question as it is asked, and a prediction beside what came out."""

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.chapter.predicted import KeptPredictions, tally
from cnn_tui.chapter.questions import DemoPrediction, DemoQuestion
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command
from cnn_tui.render.draw.keys import key_text
from cnn_tui.render.draw.styles import FAILED, PASSED, QUIET, STRONG

RIGHT, WRONG = ("✓", PASSED), ("✗", FAILED)


def question_page(question: DemoQuestion, *, is_asked: bool = True) -> RenderableType:
    """The question, and its choices by number; the numbers are keys while it ``is_asked``."""
    choices = [
        Text.assemble(
            "  ", key_text(str(number)) if is_asked else (str(number), QUIET), f"  {choice}"
        )
        for number, choice in enumerate(question.choices, 1)
    ]
    return Group(Text(question.text, STRONG), *choices)


def compared(prediction: DemoPrediction) -> Text:
    """The sentence about an answer just given."""
    return Text.assemble(RIGHT if prediction.is_right else WRONG, " ", prediction.sentence)


def earlier(prediction: DemoPrediction) -> Text:
    """The same of an earlier answer, in a quiet line."""
    mark = RIGHT if prediction.is_right else WRONG
    return Text.assemble(mark, (f" Earlier: {prediction.sentence}", QUIET))


def predictions_line(kept: KeptPredictions) -> Text:
    """How many predictions were right, and how to list them; empty without any."""
    counted = tally(kept)
    if not counted:
        return Text()
    listed = command(step(Action.LIST_PREDICTIONS))
    return Text(f"Predictions {counted} right. List them: {listed}")


def predictions_page(kept: KeptPredictions) -> RenderableType:
    """Every demo that was predicted: its name, the answer, what came out."""
    if not kept:
        ask = command(step(Action.LIST_DEMOS))
        return Text(f"No prediction was made yet. Each demo asks for one: {ask}")
    rows = [
        row
        for demo, each in kept.items()
        for row in (
            Text.assemble(RIGHT if each.is_right else WRONG, " ", (demo, STRONG)),
            *([Text(f"  {each.question}", QUIET)] if each.question else []),
            Text(f"  {each.sentence}"),
        )
    ]
    return Group(Text(f"Predictions {tally(kept)} right", STRONG), *rows)
