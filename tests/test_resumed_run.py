"""What a resumed run computed twice counts once, whoever reads it.

Every reader must see a run that was killed and resumed as it would have been without that.
"""

import io
from collections.abc import Callable
from typing import Any

import pytest

from cnn_tui.render.draw.view import ALL_PANELS, AXES, view_of
from cnn_tui.render.runs.watched import WatchedRun
from cnn_tui.training.records import Resumed
from cnn_tui.training.store.export import write_csv
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.metrics import follow, read_events
from cnn_tui.training.studies.watch import StudyWatch
from cnn_tui.workspace import Workspace
from tests.made_up_runs import events, killed_and_resumed, make_run, write_metrics
from tests.made_up_studies import ORDER, make_study


@pytest.fixture
def space(tmp_path: Any) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def plain(space: Workspace) -> RunFolder:
    return make_run(space, "20240101-000000-lenet5-digits-0001")


@pytest.fixture
def resumed(space: Workspace) -> RunFolder:
    run = make_run(space, "20240101-000000-lenet5-digits-0002")
    for part, told in enumerate(killed_and_resumed(list(events(10, 10, "finished")))):
        write_metrics(run, told, append=part > 0)
    return run


def exported(run: RunFolder) -> str:
    file = io.StringIO()
    write_csv(read_events(run.metrics_file), file)
    return file.getvalue()


def followed(run: RunFolder) -> list[object]:
    return [each for events in follow(run) for each in events if not isinstance(each, Resumed)]


@pytest.mark.parametrize("look", [exported, followed])
def test_reads_of_repeated_steps_what_holds(
    plain: RunFolder, resumed: RunFolder, look: Callable[[RunFolder], object]
) -> None:
    assert look(resumed) == look(plain)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("polls_between", [0, 1])
def test_draws_and_advises_on_what_holds(
    plain: RunFolder, resumed: RunFolder, axis: str, polls_between: int
) -> None:
    before, after = killed_and_resumed(list(events(10, 10, "finished")))
    write_metrics(resumed, before)
    watched = WatchedRun(resumed)
    view = view_of(all_panels=True, axis=axis)
    assert view.panels == ALL_PANELS
    for _ in range(polls_between):
        watched.poll()
        assert 90.0 in curve(watched.document(view), "validation")
    write_metrics(resumed, after, append=True)
    watched.poll()
    undisturbed = WatchedRun(plain)
    undisturbed.poll()
    shown, expected = watched.document(view), undisturbed.document(view)
    assert shown["series"] == expected["series"]
    assert shown["advice"] == expected["advice"]


def curve(document: dict[str, Any], name: str) -> list[float]:
    return next(each["y"] for each in document["series"] if each["name"] == name)


def test_compares_the_runs_of_a_study_by_what_holds(space: Workspace) -> None:
    runs = make_study(space, done=4)
    expected = StudyWatch(space, ORDER).look()
    for run in runs:
        before, after = killed_and_resumed(list(read_events(run.metrics_file)))
        write_metrics(run, [*before, *after])
    assert expected.state == "finished"
    assert StudyWatch(space, ORDER).look() == expected
