from collections.abc import Callable
from pathlib import Path

import pytest
import torch.utils.tensorboard
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from cnn_tui.errors import UsageError
from cnn_tui.training.defaults import default_config
from cnn_tui.training.loop import bookkeeping, epochs
from cnn_tui.training.process import launcher
from cnn_tui.training.process.execute import execute
from cnn_tui.training.records import (
    Ended,
    EpochMetrics,
    Event,
    Note,
    Resumed,
    Started,
    StepMetrics,
)
from cnn_tui.training.store import listing, tensorboard
from cnn_tui.training.store.folder import RunFolder, create_run
from cnn_tui.training.store.metrics import MetricsWriter, read_events
from cnn_tui.training.store.tensorboard import EventFiles
from cnn_tui.workspace import Workspace
from tests.training.conftest import small_config
from tests.training.loop.test_epochs import after_polls

Curve = list[tuple[int, float]]


def never() -> bool:
    return False


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., RunFolder]:
    """Make a run on digits that writes event files and that nobody has started."""

    def make(**settings: object) -> RunFolder:
        config = small_config(batch_size=256, tensorboard=True, **settings)
        return create_run(Workspace(tmp_path), config, data_dir=tmp_path / "data")

    return make


def events_of(run: RunFolder) -> tuple[Event, ...]:
    return read_events(run.metrics_file)


def curves(folder: Path) -> dict[str, Curve]:
    """What TensorBoard shows of a folder."""
    shown = EventAccumulator(str(folder)).Reload()
    return {
        name: [(each.step, pytest.approx(each.value)) for each in shown.Scalars(name)]
        for name in shown.Tags()["scalars"]
    }


def told(events: tuple[Event, ...], kind: type[Event], name: str) -> Curve:
    return [(each.step, getattr(each, name)) for each in events if type(each) is kind]


def test_tensorboard_shows_what_the_metrics_tell(make: Callable[..., RunFolder]) -> None:
    run = make(epochs=2)
    assert execute(run, never) == 0
    shown, events = curves(run.path / "tensorboard"), events_of(run)
    for name in ("loss", "accuracy", "lr", "gradient_norm", "images_per_second"):
        assert shown[f"step/{name}"] == told(events, StepMetrics, name)
    for name in ("train_loss", "train_accuracy", "val_loss", "val_accuracy"):
        assert shown[f"epoch/{name}"] == told(events, EpochMetrics, name)
    assert shown["end/test_accuracy"] == told(events, Ended, "test_accuracy")
    assert "step/gpu_memory" not in shown
    assert "end/refused" not in shown


def test_a_resumed_run_draws_its_curves_on(
    make: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    monkeypatch.setattr(bookkeeping, "SHORTEST_READING", 0.0)
    run = make(epochs=2)
    assert execute(run, after_polls(8)) == 0
    stopped_at = events_of(run)[-1].step
    assert execute(run, never) == 0
    steps = [step for step, _ in curves(run.event_files)["step/loss"]]
    assert 0 < stopped_at < steps[-1]
    assert steps == list(range(1, steps[-1] + 1))


def test_steps_that_a_resumed_run_computes_again_are_shown_once(tmp_path: Path) -> None:
    def flush(step: int, loss: float) -> StepMetrics:
        return StepMetrics(**at(step), loss=loss, accuracy=0.5, lr=0.1, images_per_second=1.0)

    def at(step: int) -> dict[str, object]:
        return {"time": 1.0, "step": step, "epoch": 0, "epochs": 1, "best_val_accuracy": None}

    facts = {
        "device": "cpu", "precision": "fp32", "threads": 1, "image_size": 8, "parameters": 1,
        "train_images": 1, "val_images": 1, "test_images": 1, "skipped_files": 0,
        "steps_per_epoch": 9, "total_steps": 9,
    }  # fmt: skip
    means = {
        "train_loss": 0.4, "train_accuracy": 0.5, "val_loss": 0.4, "val_accuracy": 0.5,
        "lr": 0.1, "images_per_second": 1.0,
    }  # fmt: skip
    metrics = tmp_path / "metrics.jsonl"
    killed, resumed = (EventFiles(tmp_path, metrics, pytest.fail) for _ in range(2))
    told = MetricsWriter(metrics)
    # Killed after validation, before the checkpoint of step 3 was followed by another.
    epoch = EpochMetrics(**at(3) | {"epoch": 1}, seconds=1.0, **means)
    for event in (Started(**at(0), **facts), flush(2, 0.2), flush(3, 0.3), epoch, flush(6, 0.6)):
        killed(event)
        told.write(event)
    killed._writer.close()
    for event in (Resumed(**at(3), **facts), epoch, flush(5, 0.5)):
        resumed(event)
        told.write(event)
    resumed._writer.close()
    shown = curves(tmp_path)
    assert shown["step/loss"] == [(2, 0.2), (3, 0.3), (5, 0.5)]
    assert shown["epoch/val_loss"] == [(3, 0.4)]


def test_event_files_that_cannot_be_written_do_not_end_the_run(
    make: Callable[..., RunFolder],
) -> None:
    run = make(epochs=1)
    run.event_files.write_text("in the way")
    assert execute(run, never) == 0
    notes = [event.message for event in events_of(run) if isinstance(event, Note)]
    assert len(notes) == 1
    assert notes[0].startswith("Event files for TensorBoard cannot be written (FileExistsError")
    assert notes[0].endswith("): training goes on without them.")


@pytest.mark.parametrize("method", ["add_scalar", "close"])
def test_a_disk_that_fills_up_under_the_event_files_does_not_end_the_run(
    make: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    class FullDisk:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def add_scalar(self, *_: object) -> None:
            pass

        def close(self) -> None:
            pass

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FullDisk, method, refuse)
    monkeypatch.setattr(torch.utils.tensorboard, "SummaryWriter", FullDisk)
    run = make(epochs=2)
    assert execute(run, never) == 0
    notes = [event.message for event in events_of(run) if isinstance(event, Note)]
    assert len(notes) == 1
    assert "No space left on device" in notes[0]
    assert listing.status(run).state == "finished"


def test_without_the_package_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensorboard, "find_spec", lambda name: None)
    workspace = Workspace(tmp_path)
    with pytest.raises(UsageError, match=r"TensorBoard need .*: pip install tensorboard"):
        launcher.launch(workspace, default_config("lenet5", "digits", tensorboard=True))
    assert not workspace.runs.exists()
