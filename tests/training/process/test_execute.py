"""Whole runs of the run store, in this process."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from cnn_tui.training.config import CONFIG_VERSION
from cnn_tui.training.defaults import default_config
from cnn_tui.training.device import selection
from cnn_tui.training.loop import epochs
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.process import execute as execution
from cnn_tui.training.process import run_log
from cnn_tui.training.process.execute import execute
from cnn_tui.training.records import Device, Note
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, create_run, read_header, write_header
from cnn_tui.training.store.metrics import MetricsReader
from cnn_tui.workspace import Workspace
from tests.training.conftest import small_config
from tests.training.loop.test_epochs import after_polls


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., RunFolder]:
    """Make a run on digits that nobody has started."""

    def make(**settings: object) -> RunFolder:
        config = small_config(epochs=1, batch_size=64, **settings)
        return create_run(Workspace(tmp_path), config, data_dir=tmp_path / "data")

    return make


def never() -> bool:
    return False


def notes_of(run: RunFolder) -> list[str]:
    reader = MetricsReader(run.metrics_file)
    return [event.message for event in reader.poll() if isinstance(event, Note)]


def test_a_run_out_of_memory_keeps_its_last_checkpoint(
    make: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make(checkpoint_seconds=0.0)
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    whole_loss, steps = epochs.loss_of, iter(range(3))

    def until_memory_ends(*arguments: object) -> torch.Tensor:
        if next(steps, None) is None:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return whole_loss(*arguments)

    monkeypatch.setattr(epochs, "loss_of", until_memory_ends)
    assert execute(run, never) == 1
    status = listing.status(run)
    assert (status.state, status.step) == ("failed", 3)
    assert "smaller batch size, such as 32" in status.message
    assert status.fields == ("batch_size", "image_size")
    assert load_file(run.checkpoints / "last.safetensors")
    monkeypatch.setattr(epochs, "loss_of", whole_loss)
    assert execute(run, never) == 0
    assert listing.status(run).state == "finished"


def test_a_run_notes_which_gpu_it_cannot_use(
    make: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Device("cuda", "GTX 1080", 2**33, 2**33, weak="compute capability 6.1")
    monkeypatch.setattr(selection, "gpus", lambda: (old,))
    run = make(device="auto")
    assert execute(run, never) == 0
    assert notes_of(run) == [
        "This torch cannot compute on GTX 1080 (compute capability 6.1): the run trains on the CPU."
    ]
    assert read_header(run).config.device == "cpu"


def test_a_run_notes_that_its_precision_is_emulated(
    make: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "slow_precision", lambda config: f"{config.precision} is slow.")
    run = make(precision="bf16")
    assert execute(run, never) == 0
    assert notes_of(run) == ["bf16 is slow."]


def test_a_checkpoint_that_is_asked_for_is_written_and_told_and_the_run_goes_on(
    make: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make()  # whose next checkpoint is due in minutes
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    kept: list[int] = []
    save_last = Checkpoints.save_last

    def save(self: Checkpoints, *parts: Any) -> None:
        kept.append(parts[2].step)
        save_last(self, *parts)

    monkeypatch.setattr(Checkpoints, "save_last", save)
    asked = iter([False, True])
    assert execute(run, never, checkpoint_asked=lambda: next(asked, False)) == 0
    status = listing.status(run)
    assert (kept, status.state) == ([2, status.step], "finished")
    assert notes_of(run) == ["A checkpoint was written after step 2, as asked by a signal."]


def test_the_log_of_a_run_has_a_line_per_epoch_its_warnings_and_its_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = small_config(epochs=3, batch_size=64, lr=1e-6, schedule="constant")
    run = create_run(Workspace(tmp_path), config, data_dir=tmp_path / "data")
    assert execute(run, never) == 0
    log = capsys.readouterr().out
    stamp = r"\d\d:\d\d:\d\d  "
    numbers = r"loss [\d.]+ val [\d.]+  accuracy +[\d.]+ % val +[\d.]+ %  "
    ends = r"lr 1.0e-06  [\d,]+ images/s"
    found = re.findall(rf"^{stamp}epoch (\d)/3  {numbers}{ends}$", log, re.MULTILINE)
    assert found == ["1", "2", "3"]
    assert re.search(rf"^{stamp}started on [\d-]+: [\d,]+ parameters", log, re.MULTILINE)
    assert re.search(rf"^{stamp}warning: Training loss was ", log, re.MULTILINE)
    assert re.search(rf"{stamp}Finished, test loss .* of training$", log.splitlines()[-1])


def test_a_run_goes_on_where_its_log_finds_no_words(
    make: Callable[..., RunFolder],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("made to fail")

    monkeypatch.setattr(run_log, "advise", fail)
    run = make()
    assert execute(run, never) == 0
    assert listing.status(run).state == "finished"
    assert "no warnings: ZeroDivisionError: made to fail" in capsys.readouterr().out


def test_a_run_of_an_older_lab_says_that_it_goes_on_with_other_batches(
    make: Callable[..., RunFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    run = make(placement="host")
    assert execute(run, after_polls(8)) == 0
    assert "images on the" not in capsys.readouterr().out  # a CPU's are there already
    assert listing.status(run).state == "stopped"
    assert notes_of(run) == []
    header = read_header(run)
    write_header(run, replace(header, config=replace(header.config, version=2)))
    assert execute(run, after_polls(8)) == 0
    assert "it trains on other batches than it would have then" in notes_of(run)[-1]
    assert execute(run, never) == 0
    assert len(notes_of(run)) == 1
    assert read_header(run).config.version == CONFIG_VERSION


def test_images_that_vanish_fail_the_run_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = tmp_path / "pictures"
    for index, name in enumerate(("dark", "light")):
        (pictures / name).mkdir(parents=True)
        for number in range(4):
            Image.new("L", (16, 16), 200 * index).save(pictures / name / f"{number}.png")
    settings = default_config("lenet5", f"folder:{pictures}", device="cpu", epochs=1)
    run = create_run(Workspace(tmp_path), settings, data_dir=tmp_path / "cache")
    shutil.rmtree(pictures)
    assert execute(run, never) == 1
    status = listing.status(run)
    assert status.state == "failed"
    assert "does not exist" in status.message
    log = capsys.readouterr().err
    assert "Traceback" in log
    assert log.splitlines()[-1] == f"Error: {status.message}"


def test_a_network_that_cannot_be_compiled_is_trained_as_it_is(
    make: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_compiler(net: torch.nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
        def call(images: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("no compiler\nand much more")

        return call

    monkeypatch.setattr(torch, "compile", no_compiler)
    run = make(compile=True)
    assert execute(run, never) == 0
    assert notes_of(run)[-1] == (
        "torch.compile does not work here (RuntimeError: no compiler): training goes on without it."
    )
    assert read_header(run).config.compile is False
