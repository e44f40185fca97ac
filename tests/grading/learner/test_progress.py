"""The lab remembers how far a learner has come."""

import json
import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.errors import LabFault
from cnn_tui.grading.catalogue import exercise_named, exercises
from cnn_tui.grading.learner import progress
from cnn_tui.grading.records import CheckReport
from cnn_tui.workspace import Workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    (tmp_path / "exercises").mkdir()
    return Workspace(tmp_path)


def report(space: Workspace, exercise: str = "exercise1", score: int = 4) -> CheckReport:
    return CheckReport(
        exercise=exercise,
        title="Title",
        path=str(space.exercises / f"{exercise}.py"),
        passed=score == 10,
        score=score,
        max_score=10,
        sandbox="limits",
        seed=1,
        checks=(),
    )


def test_knows_nothing_before_the_first_check(space: Workspace) -> None:
    assert progress.load(space) == {}
    assert not space.state.exists()


def test_remembers_the_last_check_the_best_score_and_the_first_pass(space: Workspace) -> None:
    for score in (4, 10, 6):
        progress.record(space, report(space, score=score))
    stands = progress.load(space)["exercise1"]
    assert (stands.passed, stands.ever_passed) == (False, True)
    assert (stands.score, stands.best_score, stands.max_score) == (6, 10, 10)
    assert stands.attempts == 3
    assert stands.passed_at <= stands.checked_at


def test_does_not_remember_checks_of_files_from_elsewhere(space: Workspace) -> None:
    elsewhere = space.root / "exercise1.py"
    progress.record(space, replace(report(space), path=str(elsewhere)))
    assert progress.load(space) == {}


def test_remembers_nothing_of_a_check_without_a_verdict(space: Workspace) -> None:
    progress.record(space, report(space, score=10))
    before = progress.load(space)
    assert not progress.record(space, replace(report(space), not_graded="It was too busy."))
    assert progress.load(space) == before


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"version": 0, "exercises": []}',
        b'{"version": "2", "exercises": []}',
        b'{"version": 2, "exercises": [{"score": 1}]}',
        b'{"version": 1, "exercises": 7}',
        b"[" * 100_000,
    ],
    ids=lambda each: repr(each[:20]),
)
def test_keeps_a_damaged_file_aside_and_goes_on(space: Workspace, damaged: bytes) -> None:
    space.state.mkdir()
    space.progress_file.write_bytes(damaged)
    assert progress.load(space) == {}
    assert "is damaged" in progress.trouble(space)
    progress.record(space, report(space))
    assert progress.load(space)["exercise1"].score == 4
    assert progress.trouble(space) == ""
    (kept,) = space.state.glob("progress.damaged-*.json")
    assert kept.read_bytes() == damaged


def test_reads_what_an_older_lab_wrote_and_loses_none_of_it(space: Workspace) -> None:
    space.state.mkdir()
    space.progress_file.write_text(
        """{"version": 1, "exercises": [{"exercise": "exercise3", "passed": false, "score": 6,
        "best_score": 10, "max_score": 10, "attempts": 5, "checked_at": "2026-01-02T03:04:05+00:00",
        "passed_at": "2026-01-01T03:04:05+00:00"}]}"""
    )
    progress.record(space, report(space))
    old = progress.load(space)["exercise3"]
    assert (old.score, old.best_score, old.attempts) == (6, 10, 5)
    assert (old.checked_at, old.passed_at) == (
        "2026-01-02T03:04:05+00:00",
        "2026-01-01T03:04:05+00:00",
    )
    assert (old.hints_seen, old.starter) == (0, "")


def test_leaves_the_file_of_a_newer_lab_alone_and_says_so(space: Workspace) -> None:
    space.state.mkdir()
    newer = b'{"version": 99, "exercises": [], "what": "nobody knows yet"}'
    space.progress_file.write_bytes(newer)
    for write in (
        lambda: progress.record(space, report(space)),
        lambda: progress.record_hint(space, exercises()[0], 3),
        lambda: progress.record_starters(space, exercises()),
    ):
        with pytest.raises(LabFault, match="written by a newer cnn-lab and is left as it is"):
            write()
    assert progress.load(space) == {}
    assert "newer cnn-lab" in progress.trouble(space)
    assert space.progress_file.read_bytes() == newer
    assert {path.name for path in space.state.iterdir()} == {"progress.json", "progress.lock"}


def test_remembers_the_starter_that_a_file_was_made_from(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = progress.starter_digest("exercise1")
    progress.record(space, report(space))
    assert progress.load(space)["exercise1"].starter == today
    monkeypatch.setattr(progress, "starter_digest", lambda exercise: "another")
    progress.record(space, report(space))
    progress.record_hint(space, exercises()[0], 3)
    assert progress.load(space)["exercise1"].starter == today
    progress.record(space, report(space, score=10))
    assert progress.load(space)["exercise1"].starter == "another", "passed with the new one"


def test_refuses_a_field_of_the_wrong_type(space: Workspace) -> None:
    progress.record(space, report(space))
    document = json.loads(space.progress_file.read_text())
    document["exercises"][0]["score"] = "many"
    space.progress_file.write_text(json.dumps(document))
    assert progress.load(space) == {}


@pytest.mark.slow
def test_loses_no_check_of_two_sessions_at_once(space: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    sessions = [
        context.Process(target=_record_often, args=(space, exercise))
        for exercise in ("exercise1", "exercise3", "exercise1")
    ]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    attempts = {name: each.attempts for name, each in progress.load(space).items()}
    assert attempts == {"exercise1": 40, "exercise3": 20}
    hints = {name: each.hints_seen for name, each in progress.load(space).items()}
    assert hints == attempts
    assert {path.name for path in space.state.iterdir()} == {"progress.json", "progress.lock"}


def test_says_where_progress_cannot_be_saved(space: Workspace) -> None:
    space.state.write_text("a file where the folder should be")
    with pytest.raises(LabFault, match=r"progress\.json"):
        progress.record(space, report(space))
    assert progress.load(space) == {}


def _record_often(space: Workspace, exercise: str) -> None:
    for _ in range(20):
        progress.record(space, report(space, exercise))
        progress.record_hint(space, exercise_named(exercise), 100)
