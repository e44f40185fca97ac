"""What tells runs of one network and data set apart."""

from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import differences, repeat_of, seed_groups
from cnn_tui.training.store.listing import list_runs
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    (tmp_path / "runs").mkdir()
    return Workspace(tmp_path)


def status_of(space: Workspace, end: str, **settings: object) -> RunStatus:
    run = f"20231114-221320-lenet5-digits-{end}"
    make_run(space, run, **settings)  # type: ignore[arg-type]
    return next(each for each in list_runs(space) if each.run == run)


def test_a_run_shows_what_was_changed_in_it(space: Workspace) -> None:
    runs = [
        status_of(space, "aaaa"),
        status_of(space, "bbbb", lr=0.01, seed=3),
        status_of(space, "cccc", dropout=0.3),
        status_of(space, "dddd", batch_size=32, compile=True),
    ]
    told = [" · ".join(each) for each in differences(runs).values()]
    assert told[1:] == ["lr 0.01 · seed 3", "dropout 0.3", "batch 32 · compile"]
    assert told[0] == "batch 8 · lr 0.006 · seed 0 · default dropout · no compile"


def test_a_run_that_is_alone_or_repeated_needs_no_words(space: Workspace) -> None:
    alone = status_of(space, "aaaa", lr=0.01)
    again = replace(alone, run="again")
    other = replace(alone, run="other", net="cifar10net")
    assert differences([alone, other]) == {alone.run: (), "other": ()}
    assert differences([alone, again]) == {alone.run: (), "again": ()}


def test_what_a_run_has_not_decided_yet_is_no_difference(space: Workspace) -> None:
    waiting = status_of(space, "aaaa")
    settings = {**waiting.settings, "device": "cpu", "precision": "fp32", "image_size": None}
    begun = replace(waiting, run="begun", settings=settings)
    assert set(differences([waiting, begun]).values()) == {()}


def test_runs_that_differ_in_their_seed_only_belong_together(space: Workspace) -> None:
    runs = [
        status_of(space, "aaaa"),
        status_of(space, "bbbb", lr=0.01),
        status_of(space, "cccc", seed=1),
        status_of(space, "dddd", lr=0.01, seed=1),
    ]
    repeats = [repeat_of(each) for each in runs]
    assert seed_groups(repeats) == [[0, 2], [1, 3]]
    assert seed_groups([repeats[0], repeats[0]]) == [[0], [1]]
    assert seed_groups([repeats[0], None, None]) == [[0], [1], [2]]
