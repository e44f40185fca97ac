"""Notes on a run: kept in its folder, listed with it, and never lost to a damaged line."""

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.training.store import notes
from cnn_tui.training.store.listing import RunLister
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run


def test_notes_are_listed_with_their_run_as_soon_as_they_are_written(workspace: Workspace) -> None:
    run, lister = make_run(workspace, "a-run"), RunLister(workspace)
    assert lister.list()[0].notes == ()
    notes.add(run, "  too\n slow ")
    notes.add(run, "try lr 0.1")
    assert lister.list()[0].notes == ("too slow", "try lr 0.1")
    notes.clear(run)
    assert lister.list()[0].notes == ()


def test_a_damaged_line_costs_no_other_note(workspace: Workspace) -> None:
    run = make_run(workspace, "a-run")
    notes.add(run, "first")
    with run.notes_file.open("a") as file:
        file.write('{"time": 1e999, "text": "x"}\n{"time": 1}\n[]\n{"text": 3, "time": 1}\n{\n')
    notes.add(run, "second")
    assert [each.text for each in notes.notes_of(run)] == ["first", "second"]


@pytest.mark.parametrize("text", ["", " \n", "x" * 2_001])
def test_an_empty_or_endless_note_is_refused(workspace: Workspace, text: str) -> None:
    run = make_run(workspace, "a-run")
    with pytest.raises(UsageError, match="1 to 2,000 characters"):
        notes.add(run, text)
    assert not run.notes_file.exists()
