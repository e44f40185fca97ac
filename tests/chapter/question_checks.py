"""What holds of a demo's question, whatever the demo ran with."""

import re

from cnn_tui.chapter.questions import question_about
from cnn_tui.chapter.records import DemoResult


def check_question(result: DemoResult) -> None:
    """What came out is among the answers that the question allows, and others are wrong."""
    question = question_about(result.name, result.parameters)
    if question is None:
        return
    outcome = question.outcome(result.figures)
    told = f"{result.parameters}: {outcome}"
    assert outcome.said, told
    assert not re.search(r"\bnan\b", outcome.said), told
    if question.choices:
        assert len(set(question.choices)) == len(question.choices), told
        answers = [question.answered(str(n)) for n in range(1, len(question.choices) + 1)]
        rights = [question.compared(each, result.figures).is_right for each in answers]
        assert any(rights), told
        assert not all(rights), told
    else:
        right, wrong = str(outcome.number), str(2 * abs(outcome.number) + 100)
        assert question.compared(question.answered(right), result.figures).is_right, told
        assert not question.compared(question.answered(wrong), result.figures).is_right, told
