"""The lab gives one hint at a time, and remembers which."""

from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.learner import hints, progress
from cnn_tui.next_steps import Action, step
from cnn_tui.workspace import Workspace

FIRST = replace(exercises()[0], hints=("a nudge", "the idea", "the attack"))


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    (tmp_path / "exercises").mkdir()
    return Workspace(tmp_path)


def test_gives_the_next_hint_until_the_last_which_it_repeats(space: Workspace) -> None:
    taken = [hints.take_hint(space, FIRST) for _ in range(4)]
    assert [(hint.number, hint.text) for hint in taken] == [
        (1, "a nudge"),
        (2, "the idea"),
        (3, "the attack"),
        (3, "the attack"),
    ]
    assert {(hint.exercise, hint.total) for hint in taken} == {(FIRST.name, 3)}


def test_shows_again_only_what_was_taken(space: Workspace) -> None:
    assert hints.hints_seen(space, FIRST) == ()
    assert not space.state.exists(), "looking takes nothing"
    taken = (hints.take_hint(space, FIRST), hints.take_hint(space, FIRST))
    assert hints.hints_seen(space, FIRST) == taken


def test_takes_hints_into_nobody_s_score(space: Workspace) -> None:
    hints.take_hint(space, FIRST)
    stands = progress.load(space)[FIRST.name]
    assert (stands.attempts, stands.score, stands.best_score, stands.passed) == (0, 0, 0, False)
    assert stands.hints_seen == 1


def test_says_where_an_exercise_has_no_hints(space: Workspace) -> None:
    silent = replace(FIRST, hints=())
    assert hints.hints_seen(space, silent) == ()
    with pytest.raises(UsageError, match=f"no hints for {FIRST.name}") as error:
        hints.take_hint(space, silent)
    assert error.value.next_steps == (step(Action.READ_TOPIC, FIRST.topic),)
    assert not space.state.exists()


def test_has_three_hints_for_every_exercise() -> None:
    for exercise in exercises():
        assert len(exercise.hints) == 3, exercise.name
        assert all(text.strip() == text and len(text) > 20 for text in exercise.hints)
