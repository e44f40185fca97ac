"""The lab reports a check so that it can be read anywhere."""

from dataclasses import replace
from io import StringIO

import pytest
import torch
from rich.console import Console, RenderableType
from rich.text import Text

from cnn_tui.grading.catalogue import exercise_named
from cnn_tui.grading.checks.testing import CheckError, expect_tensor
from cnn_tui.grading.judge.plan import PlannedCheck
from cnn_tui.grading.records import (
    HELPERS_MAY_BE_ALLOWED,
    ArrayComparison,
    CheckReport,
    CheckResult,
)
from cnn_tui.grading.text import HeadAndTail
from cnn_tui.render.pages.report import PRINTED_LINES, check_report, check_summary
from cnn_tui.render.pages.verdict import Achievement, brief_check_rows, verdict_body

PASSED = CheckResult("first", "The first check.", "passed", 2, 2, seconds=0.25)
FAILED = CheckResult(
    "second",
    "The second check, told in one sentence of sixty characters..",
    "failed",
    0,
    3,
    "map: 2 of 4 values differ; max |diff| 1; first at (0, 0): got 1, expected 2.",
    "pooling-parameters",
)
OTHER = replace(FAILED, id="third", description="The third check.", message="another failure")
NOT_REACHED = CheckResult(
    "last", "The last check.", "not reached", 0, 5, f"First comes: {FAILED.description}"
)
REPORT = CheckReport(
    exercise="exercise1",
    title="Pooling",
    path="/somewhere/exercises/exercise1.py",
    passed=False,
    score=2,
    max_score=13,
    sandbox="limits",
    seed=42,
    checks=(PASSED, FAILED, OTHER, NOT_REACHED),
    topic="pooling-max-and-average",
    output="hello [bold]from[/bold] your code\n",
    seconds=2.5,
)


def shown(report: CheckReport, width: int = 80, *, one_of_many: bool = False) -> str:
    return printed(check_report(report, one_of_many=one_of_many), width)


def printed(renderable: RenderableType, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(renderable)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= width for line in text.splitlines())
    return str(text)


def test_gives_each_check_one_line_with_mark_word_and_points() -> None:
    lines = [" ".join(line.split()) for line in shown(REPORT, 100).splitlines()]
    assert lines[1] == "1 ✓ passed The first check. 2/2 0.2 s"
    assert lines[2] == f"2 ✗ failed {FAILED.description} 0/3 0.0 s"
    assert lines[4] == "4 – not reached The last check. (after 2) 0/5"


def test_indents_the_check_that_runs_where_all_are_told_in_few_lines() -> None:
    plan = [PlannedCheck(each.id, each.description) for each in REPORT.checks]
    lines = printed(brief_check_rows(plan, [PASSED]), 36).splitlines()
    assert [line.rstrip() for line in lines] == [
        "✓ 1 passed",
        "◌ 2 The second check, told in one",
        "    sentence of sixty",
        "    characters..",
        "· 3, 4 to come",
    ]


def test_says_why_a_check_was_not_reached() -> None:
    late = replace(NOT_REACHED, message="The time for all checks together was used up.")
    text = " ".join(shown(replace(REPORT, checks=(late,)), 100).split())
    assert "The last check. (The time for all checks together was used up)" in text
    stopped = replace(REPORT, checks=(late,), stopped=late.message)
    assert shown(stopped).count("used up") == 1


def test_unfolds_the_first_failure_only() -> None:
    text = shown(REPORT)
    assert "2 of 4 values differ" in text
    assert "cnn-lab topics pooling-parameters" in text
    assert "another failure" not in text


def test_tells_score_sandbox_seed_and_the_next_step() -> None:
    text = shown(REPORT)
    assert "NOT PASSED  2 of 13 points in 2.5 s" in text
    assert "sandbox: limits" in text
    assert "seed: 42" in text
    assert "then: cnn-lab check exercise1" in text
    assert "--seed 42" in text


def test_shows_the_learners_own_prints_apart_and_as_they_are() -> None:
    text = shown(REPORT)
    assert "Your code printed:\n    hello [bold]from[/bold] your code" in text
    assert "Your code printed" not in shown(replace(REPORT, output=""))


def test_says_clearly_that_an_exercise_is_passed() -> None:
    report = replace(REPORT, passed=True, score=2, max_score=2, checks=(PASSED,))
    text = shown(report)
    assert "PASSED  2 of 2 points" in text
    assert "NOT PASSED" not in text
    assert "Look first" not in text
    assert "cnn-lab topics pooling-max-and-average" in text


@pytest.mark.parametrize("field", ["unusable", "stopped"])
def test_says_why_a_file_was_not_checked_to_the_end(field: str) -> None:
    report = replace(REPORT, checks=(NOT_REACHED,), **{field: "The file is empty."})  # type: ignore[arg-type]
    assert "The file is empty." in shown(report)


def test_says_that_nothing_was_graded_on_a_busy_machine() -> None:
    sentence = "It waited 50 of 60 s for a processor."
    ungraded = replace(NOT_REACHED, status="not graded", message=sentence)
    report = replace(REPORT, checks=(PASSED, ungraded), not_graded=sentence)
    text = " ".join(shown(report, 100).split())
    assert "2 ? not graded The last check. 0/5" in text
    assert text.count(sentence) == 1
    assert "NOT GRADED" in text and "NOT PASSED" not in text
    assert "Next: check it again: cnn-lab check exercise1" in text
    assert "hint" not in text


def test_names_a_file_outside_of_a_workspace_by_its_path() -> None:
    report = replace(REPORT, path="/elsewhere/exercise1.py")
    assert "cnn-lab check /elsewhere/exercise1.py" in shown(report, width=120)


def test_can_be_read_on_a_narrow_terminal() -> None:
    text = shown(REPORT, width=40)
    assert "not reached" in text
    assert "NOT PASSED" in text


def test_puts_expected_and_got_on_lines_of_their_own() -> None:
    failed = replace(
        FAILED,
        message="map of 8 images: expected shape (8, 10), got shape (8, 64).",
        expected="shape (8, 10)",
        got="shape (8, 64)",
    )
    lines = [line.strip() for line in shown(replace(REPORT, checks=(failed,))).splitlines()]
    at = lines.index("map of 8 images")
    assert lines[at + 1 : at + 3] == ["expected  shape (8, 10)", "yours     shape (8, 64)"]


@pytest.mark.parametrize(("width", "side_by_side"), [(60, False), (80, True), (120, True)])
def test_shows_tensors_beside_each_other_where_there_is_room(
    width: int, side_by_side: bool
) -> None:
    failed = replace(
        FAILED,
        expected="[0, 0:2, 0:3]\n    1.204     1.134   0.02637\n    1.787     1.848     2.224",
        got="[0, 0:2, 0:3]\n  -0.2847    -0.349   -0.1899\n    1.329    0.7286    0.7638",
    )
    text = shown(replace(REPORT, checks=(failed,)), width)
    heads = [line for line in text.splitlines() if "expected [" in line or "yours [" in line]
    assert len(heads) == (1 if side_by_side else 2)
    assert ("1.134   0.02637" in text) and ("0.7286    0.7638" in text)
    assert "2 of 4 values differ" in text


DIFFERENT = ArrayComparison(
    shape=(2, 3, 4, 4),
    first=(0, 0, 0, 1),
    start=(0, 0, 0, 0),
    differing=96,
    expected=((0.909, 1.21, -0.5, 2.0), (0.477, 2.031, 0.25, 1.0)),
    got=((0.909, 0.118, -0.5, 2.0), (0.477, float("nan"), 0.25, 1.0)),
    differs=((False, True, False, False), (False, True, False, False)),
)
COMPARED = replace(
    FAILED,
    message="max_pool: 96 of 96 values differ; max |diff| 1; first at (0, 0, 0, 1): got 1.",
    comparison=DIFFERENT,
    call="max_pool(tensor (2, 3, 8, 8), 2, 2)",
)


@pytest.mark.parametrize(("width", "columns", "side_by_side"), [(90, 4, True), (50, 2, True)])
def test_draws_two_arrays_beside_each_other_and_marks_what_differs(
    width: int, columns: int, side_by_side: bool
) -> None:
    text = shown(replace(REPORT, checks=(COMPARED,)), width)
    assert "max_pool(tensor (2, 3, 8, 8), 2, 2)" in text
    assert "96 of 96 values differ" in text
    (row,) = (line for line in text.splitlines() if "▐ 0.118▌" in line)
    assert row.count("0.909") == 2
    assert "1.210" in row
    assert row.count("│") == 2 * (columns + 1)
    assert "▐   nan▌" in text and "▐ ▌ differs" in text
    assert f"[0, 0, 0:2, 0:{columns}] of (2, 3, 4, 4)" in " ".join(text.split())


WHY = "The windows start at -1: the map was padded by 1. The task has no padding."


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (torch.arange(12.0) / 2, torch.arange(12.0)),
        (torch.full((3, 4), 1e-9), torch.full((3, 4), 1.25e7)),
        (torch.full((3, 4), float("nan")), torch.ones(3, 4)),
        (torch.tensor([True]), torch.tensor([False])),
    ],
    ids=["a factor", "powers of ten", "no number", "truth"],
)
@pytest.mark.parametrize("what", ["max_pool", "after 2. batches: logits of 8 images; the 1.5th"])
def test_says_why_below_two_arrays(got: torch.Tensor, wanted: torch.Tensor, what: str) -> None:
    with pytest.raises(CheckError) as caught:
        expect_tensor(got, wanted, what)
    relation = " Yours are the expected ones times 0.5." if got.equal(wanted / 2) else ""
    assert str(caught.value).endswith(f".{relation}")
    failed = replace(COMPARED, message=f"{caught.value} {WHY}", comparison=caught.value.comparison)
    report = replace(REPORT, checks=(failed,))
    for page in (
        check_report(report, one_of_many=False),
        verdict_body(report, "", Achievement(), Text()),
    ):
        text = " ".join(printed(page, 70).split())
        assert f"{relation} {WHY}".strip() in text
        assert "values" in text and "max |diff|" not in text


def test_says_why_beside_two_sides() -> None:
    message = f"best_p: expected 0.5, got 0.25. {WHY}"
    report = replace(REPORT, checks=(replace(FAILED, message=message, expected="0.5", got="0.25"),))
    text = " ".join(printed(check_report(report, one_of_many=False), 70).split())
    assert WHY in text and "expected 0.5 yours 0.25" in text and "got" not in text


@pytest.mark.parametrize("call", ["; the call was max_pool(tensor (2, 2), 0.5, '. ').", "."])
def test_says_why_below_what_was_raised(call: str) -> None:
    message = f"max_pool raised TypeError: one. two (line 3: x = max(y)){call} {WHY}"
    report = replace(REPORT, checks=(replace(FAILED, message=message),))
    for page in (
        check_report(report, one_of_many=False),
        verdict_body(report, "", Achievement(), Text()),
    ):
        assert WHY.rpartition(". ")[2] in " ".join(printed(page, 70).split())
        assert "start at -1: the map" in " ".join(printed(page, 70).split())


def test_tells_the_call_and_the_reason_apart() -> None:
    call = "max_pool(tensor (2, 2), 0.5, '. ')"
    message = f"f raised ValueError: bad (line 3: a(b)) twice (line 12: f(1)); the call was {call}."
    failed = replace(FAILED, message=f"{message} {WHY}")
    body = verdict_body(replace(REPORT, checks=(failed,)), "", Achievement(), Text())
    text = " ".join(printed(body, 90).split())
    assert f"bad (line 3: a(b)) twice {WHY} {call}" in text and "the call was" not in text


def test_writes_as_many_decimals_as_show_where_two_numbers_differ() -> None:
    near = replace(
        DIFFERENT,
        expected=((0.90904, 1.21), (0.477, 2.031)),
        got=((0.90896, 1.21), (0.477, 2.031)),
        differs=((True, False), (False, False)),
    )
    text = shown(replace(REPORT, checks=(replace(COMPARED, comparison=near),)), 90)
    (row,) = (line for line in text.splitlines() if "▐0.90896▌" in line)
    assert "0.90904" in row and row.count("1.21000") == 2


@pytest.mark.parametrize(("width", "columns"), [(32, 3), (18, 1)])
def test_draws_one_array_below_the_other_where_it_is_narrow(width: int, columns: int) -> None:
    text = shown(replace(REPORT, checks=(COMPARED,)), width)
    (row,) = (line for line in text.splitlines() if "▐ 0.118▌" in line)
    assert row.count("│") == columns + 1
    assert "▐ ▌ differs" in text


def test_leaves_out_the_middle_of_long_prints() -> None:
    text = shown(replace(REPORT, output="".join(f"line {n}\n" for n in range(100))))
    assert "line 9\n" in "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    assert f"… {100 - PRINTED_LINES} more lines …" in text
    assert "line 50" not in text
    assert "line 99" in text


def test_counts_what_was_not_even_kept_of_long_prints() -> None:
    output = HeadAndTail()
    output.add(b"".join(b"line %d\n" % number for number in range(5000)))
    text = shown(replace(REPORT, output=output.text()))
    assert f"lines and another {output.dropped} bytes …" in text
    assert "line 9\n" in "".join(f"{line.strip()}\n" for line in text.splitlines())
    assert "line 4999" in text


def test_says_what_the_sandbox_lacks() -> None:
    report = replace(REPORT, gaps=("reach the network", "write files"))
    said = "In the sandbox limits, code that is checked can still: reach the network; write files."
    assert said in " ".join(shown(report).split())
    assert said not in " ".join(shown(report, one_of_many=True).split())
    assert said in " ".join(printed(check_summary([report, REPORT])).split())
    assert "can still" not in shown(REPORT)


def test_says_what_was_run_in_another_way_than_it_is_written() -> None:
    remarked = replace(REPORT, remarks=("torch.compile had no effect.", "Nothing was drawn."))
    for report in (remarked, replace(remarked, unusable="The file is empty.")):
        assert "torch.compile had no effect.\nNothing was drawn." in shown(report)
        body = verdict_body(report, "", Achievement(), Text())
        assert "torch.compile had no effect.\nNothing was drawn." in printed(body)


@pytest.mark.parametrize("where", ["unusable", "a check"])
def test_says_how_to_check_with_the_files_beside_it(where: str) -> None:
    said = f"No module named 'pools'. {HELPERS_MAY_BE_ALLOWED}"
    checks = (replace(FAILED, message=said),)
    report = (
        replace(REPORT, unusable=said) if where == "unusable" else replace(REPORT, checks=checks)
    )
    typed = "type in a shell: cnn-lab check exercise1 --allow-helpers"
    assert typed in shown(report, 120)
    body = printed(verdict_body(report, "", Achievement(), Text()), 120)
    assert typed in " ".join(body.split())
    own = replace(report, exercise="homework1")
    assert "To check it with the files beside it, add --allow-helpers." in shown(own)
    assert "--allow-helpers" not in shown(REPORT)


def test_sums_up_several_exercises() -> None:
    passed = replace(REPORT, exercise="exercise2", title="Skips", passed=True, score=13)
    unusable = replace(REPORT, exercise="exercise3", score=0, unusable="The file is empty.")
    told = printed(check_summary([REPORT, passed, unusable]), 60)
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert lines[1:] == [
        "✗ not passed Exercise 1: Pooling 2/13 █▉░░░░░░░░░░",
        "✓ passed Exercise 2: Skips 13/13 ████████████",
        "✗ not checked Exercise 3: Pooling 0/13 ░░░░░░░░░░░░",
        "1 of 3 exercises passed, 1 not checked, 15 of 39 points",
    ]
    ungraded = replace(REPORT, not_graded="It was too busy.")
    lines = [" ".join(line.split()) for line in printed(check_summary([ungraded])).splitlines()]
    assert lines[1].startswith("? not graded Exercise 1: Pooling 2/13")
    assert lines[2] == "0 of 1 exercises passed, 1 not graded, 2 of 13 points"


def test_quotes_a_path_that_a_shell_would_take_apart() -> None:
    report = replace(REPORT, path="/else where/\x1b[31mexercise1.py")
    text = shown(report, width=120)
    assert "cnn-lab check '/else where/�[31mexercise1.py'" in text


def test_offers_a_hint_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(exercise_named("exercise1")), "hints", ("a", "b", "c"))
    assert "cnn-lab hint exercise1" in shown(REPORT)


def test_tells_no_command_that_would_not_find_a_teachers_exercise() -> None:
    own = replace(REPORT, exercise="homework1", path="homework1.py")
    text = " ".join(shown(own, 120).split())
    assert "edit homework1.py, then check it again; --seed 42 gives the same inputs" in text
    assert "cnn-lab hint" not in text
    assert "cnn-lab check" not in text
    assert "cnn-lab" not in shown(replace(own, passed=True, topic="", checks=(PASSED,)))
