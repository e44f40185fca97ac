"""The question before each demo: asked of what it runs with, answered by what it shows."""

import pytest

from cnn_tui.chapter.catalogue import demo_info, demos
from cnn_tui.chapter.questions import QUESTIONS, DemoQuestion, question_about
from cnn_tui.chapter.questions.records import DemoOutcome
from cnn_tui.chapter.run import checked_parameters
from cnn_tui.chapter.shipped import shipped_result
from cnn_tui.errors import UsageError
from cnn_tui.options import OptionValue
from tests.chapter.question_checks import check_question

LONGEST_CHOICE = 50
"""Columns that a demo's frame has beside the text."""
NUMBER = DemoQuestion("?", lambda figures: DemoOutcome("10", number=10), unit=" %", tolerance=2)
CHOICE = DemoQuestion(
    "?", lambda figures: DemoOutcome("4", frozenset({1})), ("all", "about half", "about none")
)


RIGHT = {
    "max-and-average": "3.75",
    "translation-invariance": "about half",
    "pooling-parameters": "4",
    "global-average": "at least 25 times fewer",
    "architectures": "VGG-16 (2014)",
    "lenet5-tour": "94.2",
    "alexnet-tour": "more than two thirds",
    "small-filters": "about a quarter fewer",
    "residual-block": "ReLU(x), and 0 without the skip",
    "residual-gradient": "less than 0.001",
    "batchnorm-statistics": "above 0, below 0.6",
    "batchnorm-modes": "in training only",
    "conv-bn-relu": "nothing but rounding",
    "dropout-mask": "about 1",
    "dropout-modes": "more than 0",
    "dropout-in-a-cnn": "up to half of the times",
    "augmentation": "5 or 6",
    "cifar10net": "more than two thirds",
    "training-step": "a smaller fall",
    "predictions": "more than 60 %",
    "compound-scaling": "1.92",
    "vit-patches": "197",
    "which-network": "no, another one does",
    "vit-attention": "at two or three different ones",
    "convolution": "4",
    "googlenet-inception": "less than a quarter",
    "densenet-growth": "less than a quarter",
    "cifar10-numbers": "larger",
}
"""What is right with each demo's defaults, as the topics teach it."""


def asked(name: str, **given: OptionValue) -> DemoQuestion | None:
    return question_about(name, checked_parameters(demo_info(name), dict(given)))


def test_asks_about_every_demo_something_that_it_shows() -> None:
    assert QUESTIONS.keys() == {each.name for each in demos()}
    for each in demos():
        question = asked(each.name)
        assert question is not None
        assert question.text.endswith("?")
        assert all(len(choice) <= LONGEST_CHOICE for choice in question.choices)
        result = shipped_result(each.name, {})
        assert result is not None
        check_question(result)


@pytest.mark.parametrize(("name", "answer"), RIGHT.items(), ids=list(RIGHT))
def test_knows_what_is_right_with_the_defaults(name: str, answer: str) -> None:
    question, result = asked(name), shipped_result(name, {})
    assert question is not None
    assert result is not None
    assert question.compared(question.answered(answer), result.figures).is_right
    others = [each for each in question.choices or ("1000",) if each != answer]
    wrong = [question.compared(question.answered(each), result.figures) for each in others]
    assert not any(each.is_right for each in wrong)


def test_asks_about_the_numbers_that_the_demo_will_run_with() -> None:
    question = asked("pooling-parameters", size=20, kernel_size=5, stride=3, padding=2)
    assert question is not None
    assert "20×20 is pooled with a 5×5 window, stride 3 and padding 2" in question.text
    assert question.compared(question.answered("7"), {"yours_side": 7}).is_right
    steps = asked("translation-invariance", kernel_size=4, cells=3)
    assert steps is not None
    assert "row of 12" in steps.text


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("dropout-mask", {"p": 0.0}),
        ("conv-bn-relu", {"bias": 0.0}),
        ("max-and-average", {"row": 7}),
        ("pooling-parameters", {"kernel_size": 2, "padding": 8}),
        ("vit-patches", {"patch_size": 15}),
    ],
)
def test_asks_nothing_where_there_is_nothing_to_think_about(
    name: str, given: dict[str, OptionValue]
) -> None:
    assert asked(name, **given) is None


def test_takes_a_choice_by_its_number_its_beginning_or_in_full() -> None:
    assert CHOICE.answered("2") == CHOICE.answered("  About HALF ") == "about half"
    assert CHOICE.answered("al") == "all"
    assert CHOICE.compared("about half", {}).is_right
    assert CHOICE.compared("all", {}).sentence == "You predicted all: it was 4."


def test_takes_a_number_that_is_near_enough() -> None:
    assert NUMBER.answered("8,5 %") == "8.5 %"
    assert [NUMBER.compared(f"{n} %", {}).is_right for n in (7.9, 8, 12, 12.1)] == [0, 1, 1, 0]
    scaled = DemoQuestion("?", lambda figures: DemoOutcome("100", number=100), relative=0.05)
    assert [scaled.compared(str(n), {}).is_right for n in (94, 95, 105, 106)] == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("question", "words", "sentence"),
    [
        (
            CHOICE,
            "4",
            "the number of a choice, 1 to 3, not '4': 1 all, 2 about half, 3 about",
        ),
        (CHOICE, "0", "not '0'"),
        (CHOICE, "about", "not 'about'"),
        (CHOICE, "", "not ''"),
        (NUMBER, "many", "Answer with a number, such as 12 or 0.5, not 'many'"),
        (NUMBER, "nan", "not 'nan'"),
        (NUMBER, "-inf", "not '-inf'"),
    ],
)
def test_refuses_what_is_no_answer(question: DemoQuestion, words: str, sentence: str) -> None:
    with pytest.raises(UsageError, match="Answer with") as refused:
        question.answered(words)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1,025", 1025), ("1,048,577", 1048577), ("1048577", 1048577), ("3,5", 3.5), ("0.5 %", 0.5)],
)
def test_reads_numbers_as_the_lab_writes_them(typed: str, number: float) -> None:
    question = DemoQuestion("?", lambda figures: DemoOutcome("x", number=number))
    assert question.compared(question.answered(typed), {}).is_right


def test_counts_a_change_that_rounding_hides_as_what_was_promised() -> None:
    question = asked("training-step", optimizer="sgd", lr=1e-6)
    assert question is not None
    figures = {"loss_before": 2.3, "loss_after": 2.3 - 2.4e-7, "promised": 4.7e-8}
    assert question.compared(question.answered("1"), figures).is_right
    assert not question.compared(question.answered("3"), figures).is_right
