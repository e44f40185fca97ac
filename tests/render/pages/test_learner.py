"""The lab's table of progress can be read anywhere."""

from dataclasses import replace
from datetime import datetime
from io import StringIO

from rich.cells import cell_len
from rich.console import Console, RenderableType

from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.learner.hints import Hint
from cnn_tui.grading.learner.status import Standing
from cnn_tui.next_steps import Action, step
from cnn_tui.render.pages.learner import hints_page, progress_page

STANDING = Standing(
    exercise="exercise3",
    title="Batch normalization",
    state="not checked yet",
    score=0,
    best_score=10,
    max_score=10,
    attempts=100,
    hints_seen=3,
    hints=3,
    checked_at="2026-01-02T03:04:05+00:00",
    passed_at="",
    starter_changed=False,
    next_step=step(Action.CHECK, "exercise3", watch=True),
)
PASSED = replace(
    STANDING, exercise="exercise1", state="passed", passed_at="2026-01-02T03:04:05+00:00"
)


def shown(page: RenderableType, width: int = 80) -> str:
    output = StringIO()
    Console(file=output, width=width).print(page)
    return output.getvalue()


def test_the_table_fits_into_80_columns_with_one_line_per_exercise() -> None:
    lines = shown(progress_page([PASSED, STANDING])).split("\n")
    rows = [line for line in lines if "Batch" in line]
    assert [row.split()[0] for row in rows] == ["1", "3"]
    when = f"{datetime.fromisoformat(STANDING.checked_at).astimezone():%Y-%m-%d %H:%M}"
    assert all("10/10" in row and row.rstrip().endswith(when) for row in rows)
    assert max(map(cell_len, lines)) <= 80


def test_a_narrow_terminal_loses_nothing() -> None:
    text = shown(progress_page([PASSED, STANDING]), width=60)
    assert max(map(cell_len, text.split("\n"))) <= 60
    assert all(word in text for word in ("passed", "checked", "normalization", "100", "3/3"))


def test_points_are_bars_too_where_a_line_holds_them() -> None:
    half = replace(STANDING, best_score=5)
    page = shown(progress_page([PASSED, half]), width=100)
    assert "15 of 20 points  ██████████████████░░░░░░" in page
    (row,) = (line for line in page.split("\n") if line.startswith("3 "))
    assert "5/10  ██████░░░░░░" in row
    assert "5/10  ░" not in shown(progress_page([half]))


def test_the_next_step_is_that_of_the_first_that_was_never_passed() -> None:
    assert "Next: cnn-lab check exercise3 --watch" in shown(progress_page([PASSED, STANDING]))
    assert "Every exercise is passed." in shown(progress_page([PASSED]))


def test_a_changed_starter_is_told_in_words() -> None:
    page = shown(progress_page([PASSED, replace(STANDING, starter_changed=True)]), width=200)
    assert "The starter of exercise3 has changed since you began" in page
    assert "The starter of exercise1" not in page


def test_a_verdict_on_a_file_that_has_changed_since_is_told_from_one_that_holds() -> None:
    rows = shown(progress_page([replace(PASSED, changed=True), PASSED]), width=100).split("\n")
    states = [row for row in rows if "passed" in row and "Batch" in row]
    assert ["! passed, then changed" in row for row in states] == [True, False]
    assert ["✓ passed" in row for row in states] == [False, True]


def test_a_moment_that_is_none_is_a_dash() -> None:
    for moment in ("", "yesterday"):
        assert "–" in shown(progress_page([replace(STANDING, checked_at=moment)]))


def test_hints_are_shown_word_for_word() -> None:
    hints = (Hint("exercise1", 1, 3, "Look at [bold]x[0, 0][/bold]."),)
    text = shown(hints_page(exercises()[0], hints))
    assert "Hint 1 of 3" in text
    assert "  Look at [bold]x[0, 0][/bold]." in text
    assert "or cnn-lab hint exercise1" in text
    last = shown(hints_page(exercises()[0], (replace(hints[0], number=3),)))
    assert "cnn-lab hint" not in last
