"""A run that could not be resumed stands as it did before, and says why."""

import sys

import pytest

from cnn_tui.errors import LabError, RunError, UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.render.runs.page import run_notes
from cnn_tui.training.loop.recorder import Recorder
from cnn_tui.training.process import execute as execution
from cnn_tui.training.process import supervise
from cnn_tui.training.process.execute import execute
from cnn_tui.training.process.not_resumed import as_before, has_come_far
from cnn_tui.training.process.reasons import leave_word
from cnn_tui.training.records import Ended, Event, Preparing, Reason, Resumed
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, RunHeader, read_header
from cnn_tui.training.store.metrics import decode, encode, read_events
from cnn_tui.workspace import Workspace
from tests.made_up_runs import events, make_run

RUN = "20231114-221320-lenet5-digits-aaaa"
ENDS = ["stopped", "failed", None]
NAMES = ["stopped", "failed", "interrupted"]
CHANGED = Reason("The data has changed.", ("data",), (step(Action.LIST_DATA),))


def made(end: str | None) -> Event:
    return list(events(10, 4, end))[-1]


def refused_once(run: RunFolder, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Resume the run, which fails before it trains."""

    def fail(*given: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(execution, "_load_in_turn", fail)
        assert execute(run, lambda: False) == 1


@pytest.mark.parametrize("end", ENDS, ids=NAMES)
def test_keeps_what_was_recorded_and_says_why_it_goes_on_no_further(end: str | None) -> None:
    before = made(end)
    now = as_before(before, CHANGED, refused=True)
    assert decode(encode(now).encode()) == now
    kept = ("step", "epoch", "epochs", "best_val_accuracy", "trained_seconds")
    assert [getattr(now, name) for name in kept] == [getattr(before, name) for name in kept]
    if isinstance(before, Ended):
        assert (now.state, now.seconds) == (before.state, before.seconds)
        assert now.images_per_second == before.images_per_second
        assert now.message == f"{before.message} It could not be resumed: The data has changed."
    assert (now.fields, now.next_steps, now.refused) == (("data",), CHANGED.next_steps, True)


def test_names_only_the_last_reason() -> None:
    once = as_before(made("stopped"), CHANGED, refused=True)
    twice = as_before(once, Reason("The GPU is gone."), refused=False)
    assert twice.message == "Stopped. It could not be resumed: The GPU is gone."
    assert not twice.refused


def test_a_run_that_never_trained_has_nothing_to_keep() -> None:
    first = next(events(10, 0, None))
    facts = ("time", "step", "epoch", "epochs", "best_val_accuracy")
    preparing = Preparing(**{name: getattr(first, name) for name in facts}, done=1, total=2)
    assert not has_come_far(None)
    assert not has_come_far(preparing)
    assert has_come_far(made("stopped"))
    assert has_come_far(made(None))


@pytest.mark.parametrize(("error", "kind"), [
    (UsageError("cats is not there.", fields=("data",)), UsageError),
    (RuntimeError("CUDA driver error"), RunError),
], ids=["missing data", "broken GPU"])  # fmt: skip
@pytest.mark.parametrize("end", ENDS, ids=NAMES)
def test_a_run_that_is_not_resumed_is_listed_as_it_was(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    end: str | None,
    error: Exception,
    kind: type[LabError],
) -> None:
    run = make_run(workspace, RUN, done=4, end=end)
    before, told = listing.status(run), read_events(run.metrics_file)
    refused_once(run, monkeypatch, error)
    now = listing.status(run)
    assert now.state == before.state
    facts = ("epoch", "step", "best_val_accuracy", "images_per_second")
    assert [getattr(now, each) for each in facts] == [getattr(before, each) for each in facts]
    assert (now.seconds or 0) >= (before.seconds or 0)
    assert read_events(run.metrics_file)[: len(told)] == told
    with pytest.raises(kind) as raised:
        listing.refuse_failed(now)
    assert str(raised.value) == now.why_not_resumed
    assert str(error).split()[0] in now.why_not_resumed
    assert capsys.readouterr().err.rstrip().endswith(f"Error: {now.why_not_resumed}")
    notes = run_notes(now, told, read_header(run).config, 80)
    said = " ".join(" ".join(line.plain.split()) for note in notes for line in note)
    assert "It could not be resumed: " in said


@pytest.mark.parametrize("refusal", ["", CHANGED.sentence], ids=["died", "left word"])
def test_several_processes_that_never_went_on_leave_their_run_as_it_was(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, refusal: str
) -> None:
    run = make_run(workspace, RUN, done=4, end="stopped", nproc=2)
    before = listing.status(run)
    if refusal:
        leave_word(run.failure_file, CHANGED)
    command = [sys.executable, "-c", "raise SystemExit(1)"]
    monkeypatch.setattr(supervise, "_torchrun", lambda config, logs: command)
    config = read_header(run).config
    assert supervise.supervise(run, config, lambda: False, lambda: False) == 1
    now = listing.status(run)
    assert (now.state, now.seconds) == (before.state, before.seconds) == ("stopped", now.seconds)
    assert refusal in now.why_not_resumed != ""


def test_a_run_that_was_never_trained_fails(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(workspace, RUN, done=0, end=None)
    refused_once(run, monkeypatch, UsageError("cats is not there."))
    status = listing.status(run)
    assert (status.state, status.message) == ("failed", "cats is not there.")


def test_a_run_that_went_on_and_then_failed_has_failed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(workspace, RUN, done=4, end="stopped")
    started, *_ = read_events(run.metrics_file)

    def fail(
        run: RunFolder, header: RunHeader, recorder: Recorder, *rest: object, **more: object
    ) -> None:
        recorder.write(Resumed(**vars(started) | {"step": 40, "epoch": 4}))
        raise RuntimeError("CUDA driver error")

    monkeypatch.setattr(execution, "_train", fail)
    assert execute(run, lambda: False) == 1
    status = listing.status(run)
    assert (status.state, status.not_resumed) == ("failed", False)
