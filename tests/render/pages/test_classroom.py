"""The lab shows how a class did, readable at 80 columns."""

import io
from dataclasses import replace

from rich.console import Console
from rich.progress import Progress

from cnn_tui.grading.classroom.workers import Grade
from cnn_tui.grading.records import CheckReport, CheckResult, Status
from cnn_tui.render.pages.classroom import Telling, class_summary, interrupted, telling


def made_up(learner: str, *statuses: Status, fault: str = "", **fields: object) -> Grade:
    checks = tuple(
        CheckResult(f"check{n}", f"Check {n} keeps the largest value of each window.", status,
                    5 * (status == "passed"), 5)
        for n, status in enumerate(statuses)
    )  # fmt: skip
    score = sum(check.points for check in checks)
    passed = bool(checks) and all(status == "passed" for status in statuses)
    report = CheckReport(
        "exercise1", "Pooling", "a.py", passed, score, 10, "bwrap", 7, checks, **fields  # type: ignore[arg-type]
    )  # fmt: skip
    return Grade(learner, report, fault)


CLASS = [
    made_up("ada", "passed", "passed"),
    made_up("bea", "passed", "failed"),
    made_up("cem", "failed", "not reached"),
    made_up("dan", unusable="dan.zip is damaged."),
    made_up("eve", "not reached", "not reached", stopped="It did not finish in time."),
    made_up("[red]fay", "error", "error", fault="The host is gone."),
]


def shown(width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(class_summary(CLASS))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_shows_the_distribution_of_checks_and_scores() -> None:
    lines = [" ".join(line.split()) for line in shown(120).splitlines()]
    assert "exercise1: Pooling 1 of 5 passed (20 %)" in lines
    assert any(line.startswith("10 1 ") for line in lines)
    assert any(line.startswith("0 3 ") for line in lines)
    (first,) = [line for line in lines if line.startswith("Check 0")]
    assert first.endswith("2 50 % 1 1")
    assert "6 learners, 6 submissions: 3 not passed, 1 passed, 1 unusable, 1 not graded." in lines
    assert "sandbox: bwrap · seed of all: 7" in lines


def test_names_the_checks_that_most_learners_missed() -> None:
    lines = [" ".join(line.split()) for line in shown().splitlines()]
    place = lines.index("Most often missed")
    assert lines[place + 1].startswith("3 of 4 Check 1 keeps")
    assert lines[place + 2].startswith("2 of 4 Check 0 keeps")


def test_names_everyone_who_could_not_be_graded() -> None:
    text = shown()
    for sentence in (
        "Unusable, no points: 1",
        "dan.zip is damaged.",
        "It did not finish in time.",
        "[red]fay",
        "The host is gone.",
    ):
        assert sentence in text


def test_keeps_to_80_columns() -> None:
    lines = shown().splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)


def test_tells_on_a_pipe_how_far_it_has_come() -> None:
    console = Console(file=io.StringIO(), width=80)
    with telling(console) as talk:
        talk.begin(len(CLASS))
        talk.graded(replace(CLASS[0], kept=True))
        for grade in CLASS[1:]:
            talk.graded(grade)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Graded 6 of 6 ([red]fay: exercise1 not graded)" in text
    assert "(ada: exercise1 passed, kept)" in text
    assert "(bea: exercise1 not passed)" in text
    assert (talk.done, talk.total) == (6, 6)


def test_moves_a_bar_on_a_terminal() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with telling(console) as talk:
        talk.begin(len(CLASS))
        talk.remark("notes.txt was left out.")
        talk.graded(CLASS[0])
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "1/6" in text
    assert "notes.txt was left out." in text


def test_estimates_the_time_left_from_what_is_graded_now() -> None:
    now = 0.0
    bars = Progress(get_time=lambda: now, console=Console(file=io.StringIO()))
    talk = Telling(bars.console, bars)
    talk.begin(120)
    for _ in range(100):
        talk.graded(replace(CLASS[0], kept=True))
    for _ in range(5):
        now += 4
        talk.graded(CLASS[1])
    assert bars.tasks[0].completed == 105
    assert bars.tasks[0].time_remaining == 60


def test_says_how_to_go_on_after_an_interruption() -> None:
    assert "Nothing is kept without --out FILE" in interrupted(2, 5, None)
