import json
import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cnn_tui import processes
from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import CONFIG_VERSION
from cnn_tui.training.defaults import default_config
from cnn_tui.training.store import deletion
from cnn_tui.training.store.folder import RunFolder, create_run
from cnn_tui.training.store.listing import list_runs
from cnn_tui.workspace import Workspace
from tests.made_up_runs import alive

CONFIG = default_config("lenet5", "digits", epochs=4)


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_a_deleted_run_is_gone_with_its_files_and_nothing_else(
    space: Workspace, tmp_path: Path
) -> None:
    kept, doomed = (create_run(space, CONFIG) for _ in range(2))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "thesis.txt").write_text("years of work")
    (doomed.checkpoints / "link").symlink_to(outside)
    deletion.delete(doomed)
    assert [path.name for path in space.runs.iterdir()] == [kept.run]
    assert (outside / "thesis.txt").read_text() == "years of work"


def test_a_run_of_a_newer_lab_can_be_deleted(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    run.config_file.write_text(json.dumps({"config": {"version": CONFIG_VERSION + 1}}))
    deletion.delete(run)
    assert list_runs(space) == []


def test_a_running_run_is_not_deleted(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    with alive(run), pytest.raises(UsageError, match="end it first") as error:
        deletion.delete(run)
    assert error.value.next_steps == (step(Action.STOP, run.run),)
    assert run.config_file.exists()


def test_a_run_that_starts_meanwhile_is_not_deleted(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run(space, CONFIG)
    monkeypatch.setattr(processes, "INSTANT_SECONDS", 0.0)
    monkeypatch.setattr(deletion, "refuse_deletion", lambda run: None)  # just before it started
    with alive(run), pytest.raises(UsageError, match="is running already"):
        deletion.delete(run)
    assert run.config_file.exists()


def test_what_is_no_run_is_not_deleted(space: Workspace) -> None:
    (space.runs / "notes").mkdir(parents=True)
    for name in ("notes", "nowhere"):
        with pytest.raises(UsageError, match="not the folder of a run"):
            deletion.delete(RunFolder(space.runs / name))
    assert (space.runs / "notes").is_dir()


def test_a_link_to_a_run_elsewhere_is_listed_and_not_deleted(
    space: Workspace, tmp_path: Path
) -> None:
    elsewhere = create_run(Workspace(tmp_path / "elsewhere"), CONFIG)
    space.runs.mkdir()
    link = space.runs / "link"
    link.symlink_to(elsewhere.path)
    assert [status.run for status in list_runs(space)] == ["link"]
    with pytest.raises(UsageError, match=re.escape(f"with rm {shlex.quote(str(link))}, and")):
        deletion.delete(RunFolder(link))
    assert elsewhere.config_file.exists()


def test_deletions_at_the_same_time_do_not_disturb_each_other(space: Workspace) -> None:
    doomed = [create_run(space, CONFIG) for _ in range(48)]
    for run in doomed:
        for number in range(8):
            (run.checkpoints / str(number)).touch()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deletion.delete, doomed))  # raises what any of them raises
    assert list(space.runs.iterdir()) == []


def test_a_folder_that_another_deletion_sweeps_away_is_deleted(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run(space, CONFIG)
    whole = deletion.shutil.rmtree

    def overtaken(folder: Path, **options: bool) -> None:
        monkeypatch.setattr(deletion.shutil, "rmtree", whole)
        raise FileNotFoundError(2, "No such file or directory", str(folder / "config.json"))

    monkeypatch.setattr(deletion.shutil, "rmtree", overtaken)
    deletion.delete(run)
    assert list(space.runs.iterdir()) == []


def test_a_killed_deletion_leaves_nothing_in_the_list_and_is_finished_by_the_next(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (create_run(space, CONFIG) for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(deletion.shutil, "rmtree", lambda *_, **__: None)
        deletion.delete(first)
    assert [status.run for status in list_runs(space)] == [second.run]
    assert len(list(space.runs.iterdir())) == 2
    deletion.delete(second)
    assert list(space.runs.iterdir()) == []
