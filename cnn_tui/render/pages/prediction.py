"""A demo's question as it is asked, and a prediction beside what came out."""

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.chapter.predicted import KeptPredictions, tally
from cnn_tui.chapter.questions import DemoPrediction, DemoQuestion
from cnn_tui.render.draw.keys import key_text
from cnn_tui.render.draw.styles import FAILED, PASSED, QUIET, STRONG

RIGHT, WRONG = ("✓", PASSED), ("✗", FAILED)


def question_page(question: DemoQuestion) -> RenderableType:
    """The question, and its choices by number."""
    choices = [
        Text.assemble("  ", key_text(str(number)), f"  {choice}")
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
    """How many predictions were right; empty without any."""
    counted = tally(kept)
    return Text(f"Predictions {counted} right") if counted else Text()
