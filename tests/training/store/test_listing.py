import fcntl
import json
import os
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import CONFIG_VERSION
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process.worker import take_over
from cnn_tui.training.records import Ended, Event, StepMetrics
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import (
    RunFolder,
    RunHeader,
    create_run,
    read_header,
    write_header,
)
from cnn_tui.training.store.locks import acquire_lock, is_alive
from cnn_tui.training.store.metrics import MetricsWriter
from cnn_tui.workspace import Workspace
from tests.made_up_runs import alive
from tests.subprocesses import run_python

CONFIG = default_config("lenet5", "digits", epochs=4)
COMMON = {"epochs": 4, "best_val_accuracy": 0.9}


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def tell_step(run: RunFolder, step: int = 10, epoch: int = 1) -> None:
    writer = MetricsWriter(run.metrics_file)
    numbers = {"loss": 1.0, "accuracy": 0.5, "lr": 0.1, "images_per_second": 9.0}
    numbers |= {"gradient_norm": 0.3, "seconds_left": 12.0}
    writer.write(StepMetrics(time=2.0, step=step, epoch=epoch, **numbers, **COMMON))
    writer.close()


def tell_end(run: RunFolder, state: str, message: str = "") -> None:
    writer = MetricsWriter(run.metrics_file)
    result = {"test_loss": None, "test_accuracy": None, "images_per_second": None}
    writer.write(
        Ended(
            time=3.0, step=40, epoch=4, state=state, message=message, seconds=1, **result, **COMMON
        )
    )
    writer.close()


def test_a_network_with_options_has_a_plain_folder_name_and_keeps_its_options(
    space: Workspace,
) -> None:
    run = create_run(space, default_config("vgg16,batch_norm=true", "digits"))
    assert re.fullmatch(r"\d{8}-\d{6}-vgg16-digits-[0-9a-f]{4}", run.run)
    assert str(read_header(run).config.net) == "vgg16,batch_norm=true"
    assert listing.status(run).net == "vgg16,batch_norm=true"


def test_a_new_run_is_named_by_time_net_and_data(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    assert read_header(run).config == CONFIG
    stamp, clock, net, data, tail = run.run.split("-")
    assert (len(stamp), len(clock), net, data, len(tail)) == (8, 6, "lenet5", "digits", 4)
    other = create_run(space, default_config("lenet5", "folder:/my pictures/x"))
    assert other.run.split("-")[3] == "folder"


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_the_last_event_says_how_a_run_ended(space: Workspace, state: str) -> None:
    run = create_run(space, CONFIG)
    tell_step(run)
    tell_end(run, state, "because")
    status = listing.status(run)
    assert (status.state, status.message, status.epoch, status.epochs) == (state, "because", 4, 4)


def test_a_run_whose_worker_is_gone_was_interrupted(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    tell_step(run)
    run.lock_file.touch()
    run.pid_file.write_text(str(os.getpid()))
    status = listing.status(run)
    assert (status.state, status.epoch, status.step) == ("interrupted", 1, 10)
    assert status.seconds_left is None
    assert status.best_val_accuracy == 0.9


def test_a_run_is_running_for_as_long_as_its_lock_is_held(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    tell_end(run, "stopped")
    lock = os.open(run.lock_file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert listing.status(run).state == "running"
    os.close(lock)
    assert listing.status(run).state == "stopped"


def test_a_run_that_trains_tells_the_time_left(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    tell_step(run)
    lock = os.open(run.lock_file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert listing.status(run).seconds_left == 12.0
    os.close(lock)


def test_runs_are_listed_newest_first(space: Workspace) -> None:
    made = [create_run(space, CONFIG).run for _ in range(3)]
    (space.runs / "notes").mkdir()
    (space.runs / "notes.txt").write_text("not a run")
    assert [status.run for status in listing.list_runs(space)] == made[::-1]


def test_a_workspace_without_runs_lists_none(space: Workspace) -> None:
    assert listing.list_runs(space) == []


def test_a_run_is_found_by_id_name_part_or_last(space: Workspace) -> None:
    first = create_run(space, CONFIG, name="baseline")
    second = create_run(space, default_config("cifar10net", "digits"))
    assert listing.find_run(space, first.run) == first
    assert listing.find_run(space, "baseline") == first
    assert listing.find_run(space, second.run[-4:]) == second
    assert listing.find_run(space, second.run[: second.run.index("cifar") + 1]) == second
    assert listing.find_run(space, "cifar10net") == second
    assert listing.find_run(space, "last") == second


def test_an_ambiguous_part_names_the_candidates(space: Workspace) -> None:
    made = [create_run(space, CONFIG) for _ in range(2)]
    with pytest.raises(UsageError, match="2 runs") as caught:
        listing.find_run(space, made[0].run[:4])
    assert all(run.run in str(caught.value) for run in made)
    assert "…" not in str(caught.value)  # which stands for more of them
    made += [create_run(space, CONFIG) for _ in range(2)]
    with pytest.raises(UsageError, match=r"4 runs .*, …\)"):
        listing.find_run(space, made[0].run[:4])


@pytest.mark.parametrize("name", ["lenett", "", "../..", "nothing like it"])
def test_an_unknown_run_says_where_to_look(space: Workspace, name: str) -> None:
    create_run(space, CONFIG)
    with pytest.raises(UsageError, match="There is no run named") as error:
        listing.find_run(space, name)
    assert error.value.next_steps == (step(Action.LIST_RUNS),)


def test_without_runs_the_first_step_is_told(space: Workspace) -> None:
    with pytest.raises(UsageError, match="There are no runs") as error:
        listing.find_run(space, "last")
    assert error.value.next_steps == (step(Action.TRAIN, "lenet5"),)


@pytest.mark.parametrize("name", ["last", "", "a b", "../x", "x" * 41, "-x"])
def test_a_name_that_could_confuse_is_refused(space: Workspace, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be used: give 1 to 40 letters") as error:
        create_run(space, CONFIG, name=name)
    assert error.value.fields == ("name",)


def test_a_name_is_given_once(space: Workspace) -> None:
    create_run(space, CONFIG, name="baseline")
    with pytest.raises(UsageError, match="already a run named baseline"):
        create_run(space, CONFIG, name="baseline")


def test_a_workspace_that_cannot_be_written_to_is_told(space: Workspace) -> None:
    space.runs.write_text("a file stands in the way")
    with pytest.raises(UsageError, match="workspace that you may write to") as error:
        create_run(space, CONFIG)
    assert error.value.fields == ("workspace",)


def test_a_run_of_a_newer_lab_is_refused_clearly_and_still_listed(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    document = json.loads(run.config_file.read_text())
    document["config"]["version"] = CONFIG_VERSION + 1
    run.config_file.write_text(json.dumps(document))
    with pytest.raises(UsageError, match=f"{run.run} cannot be used: it was made by a newer"):
        read_header(run)
    (status,) = listing.list_runs(space)
    assert "made by a newer cnn-lab" in status.message
    assert status.trouble == "newer"


def test_a_run_of_a_package_that_is_gone_says_so_and_is_still_listed(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    document = json.loads(run.config_file.read_text())
    document["config"]["net"] = "tinynet"
    run.config_file.write_text(json.dumps(document))
    (status,) = listing.list_runs(space)
    assert "no network named 'tinynet' (install the package that adds it)." in status.message
    assert status.trouble == "not installed"


DAMAGED = ["", "{", "[]", "[" * 100_000, '{"config": 3}', '{"name": "", "created": "x"}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_run_hides_no_other(space: Workspace, text: str) -> None:
    damaged = create_run(space, CONFIG)
    damaged.config_file.write_text(text)
    whole = create_run(space, CONFIG)
    listed = {status.run: status for status in listing.list_runs(space)}
    assert "cannot be used" in listed[damaged.run].message
    assert listed[damaged.run].trouble == "damaged"
    assert listed[whole.run].net == "lenet5"


def test_a_header_that_could_confuse_is_damaged(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    whole = json.loads(run.config_file.read_text())
    for strange in ({"name": "\x1b[31m"}, {"created": 1e999}, {"config": {"net": 3}}, {"name": []}):
        run.config_file.write_text(json.dumps({**whole, **strange}))
        assert listing.status(run).trouble == "damaged", strange


def test_a_run_that_cannot_be_used_still_tells_how_far_it_came(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    tell_step(run)
    tell_end(run, "finished")
    run.config_file.write_text("")
    status = listing.status(run)
    assert (status.state, status.epoch, status.best_val_accuracy) == ("finished", 4, 0.9)


def test_lines_of_a_newer_lab_are_skipped(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    tell_step(run, step=7)
    newer = json.dumps({"event": "hologram", "of": "x" * 9_000}) + "\n"
    damaged = '{"event": "step", "step": "8", "epoch": NaN}\n'
    run.metrics_file.write_text(run.metrics_file.read_text() + 5 * (newer + damaged))
    assert listing.status(run).step == 7


def test_a_run_whose_worker_could_only_write_its_log_says_what_it_said(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    tell_step(run)
    status = listing.status(run)
    assert status.next_steps == (step(Action.RESUME, run.run),)
    assert "its log" not in status.message  # there is none where torchrun was started by hand
    run.log_file.write_text("lenet5 on digits\nError: The disk is full: free some space.\n")
    assert listing.status(run).message == "The disk is full: free some space."


def test_a_run_that_nobody_has_started_says_so_and_how(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    assert listing.status(run).message == (
        f"It has not been started yet: resume it, or start it with torchrun "
        f"(-m cnn_tui.training.worker {shlex.quote(str(run.path))})."
    )
    run.log_file.touch()
    assert f"(its log is {run.log_file})" in listing.status(run).message


def test_a_lister_reads_only_what_has_changed(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet, busy = (create_run(space, CONFIG) for _ in range(2))
    for run in (quiet, busy):
        tell_step(run)
    lister = listing.RunLister(space)
    assert lister.list() == listing.list_runs(space)
    read: list[Path] = []
    last_event = listing.last_event

    def watched(path: Path) -> Event | None:
        read.append(path)
        return last_event(path)

    monkeypatch.setattr(listing, "last_event", watched)
    lister.list()
    assert read == []
    tell_end(busy, "failed", "because")
    with alive(quiet):
        states = {status.run: status.state for status in lister.list()}
    assert states == {quiet.run: "running", busy.run: "failed"}
    assert sorted(read) == sorted([quiet.metrics_file, busy.metrics_file])
    assert lister.list() == listing.list_runs(space)


def test_a_lister_looks_at_the_locks_of_ended_runs_from_time_to_time(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet, busy = (create_run(space, CONFIG) for _ in range(2))
    asked: list[RunFolder] = []

    def watched(run: RunFolder) -> bool:
        asked.append(run)
        return is_alive(run)

    monkeypatch.setattr(listing, "is_alive", watched)
    lister = listing.RunLister(space)
    with alive(busy):
        for _ in range(3):
            lister.list()
        assert (asked.count(quiet), asked.count(busy)) == (1, 3)
        monkeypatch.setattr(listing, "LOCKS_SECONDS", 0.0)
        monkeypatch.setattr(lister, "_locks_due", 0.0)
        for _ in range(2):
            lister.list()
        assert (asked.count(quiet), asked.count(busy)) == (3, 5)


def test_a_lister_notices_at_once_that_a_run_goes_on(space: Workspace) -> None:
    run = create_run(space, CONFIG)
    tell_step(run)
    run.lock_file.touch()
    run.pid_file.write_text("1")
    lister = listing.RunLister(space)
    assert [each.state for each in lister.list()] == ["interrupted"]
    lock = acquire_lock(run)
    take_over(run, lock)
    assert [each.state for each in lister.list()] == ["running"]
    os.close(lock)
    assert [each.state for each in lister.list()] == ["interrupted"]


def test_a_lister_reads_the_configuration_of_a_running_run_once(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run(space, CONFIG, name="one")
    read: list[RunFolder] = []

    def watched(run: RunFolder) -> RunHeader:
        read.append(run)
        return read_header(run)

    monkeypatch.setattr(listing, "read_header", watched)
    lister = listing.RunLister(space)
    with alive(run):
        for step in range(3):
            tell_step(run, step)
            lister.list()
        assert len(read) == 1
        write_header(run, replace(read_header(run), name="two"))
        assert [status.name for status in lister.list()] == ["two"]


def test_a_lister_notices_a_file_of_the_same_size(space: Workspace) -> None:
    run = create_run(space, CONFIG, name="one")
    lister = listing.RunLister(space)
    assert [status.name for status in lister.list()] == ["one"]
    write_header(run, replace(read_header(run), name="two"))
    assert [status.name for status in lister.list()] == ["two"]


def test_listing_and_launching_runs_needs_no_torch() -> None:
    code = (
        "import sys, cnn_tui.training.process.launcher, cnn_tui.training.store.metrics\n"
        "print([m for m in ('torch', 'numpy', 'rich') if m in sys.modules])"
    )
    assert run_python(code).stdout.strip() == "[]"
