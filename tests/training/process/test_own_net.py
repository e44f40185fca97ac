"""Whole runs of the user's own network: from its file to a resumed run and its evaluation."""

import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import cnn_tui as lab
from cnn_tui.analysis.evaluation import evaluate
from cnn_tui.analysis.trained import load_trained
from cnn_tui.cli.predict import predict
from cnn_tui.errors import UsageError
from cnn_tui.training.again import config_like
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.loop import epochs
from cnn_tui.training.process import launcher
from cnn_tui.training.process.execute import execute
from cnn_tui.training.records import Note
from cnn_tui.training.store import listing
from cnn_tui.training.store.comparison import compare
from cnn_tui.training.store.folder import RunFolder, create_run, read_header
from cnn_tui.training.store.metrics import read_events
from cnn_tui.training.store.source import changed_source
from cnn_tui.workspace import Workspace
from tests.training.loop.test_epochs import after_polls
from tests.training.process.test_launcher import wait_for_end

NET = """
from torch import nn
from blocks import block

class Net(nn.Module):
    def __init__(self, num_classes, in_channels, width: int = 8):
        super().__init__()
        self.features = nn.Sequential(block(in_channels, width), nn.Dropout(0.1))
        self.head = nn.LazyLinear(num_classes)

    def forward(self, x):
        print("in forward")
        return self.head(self.features(x).flatten(1))
"""
BLOCKS = """
from torch import nn

def block(channels, width):
    return nn.Sequential(nn.Conv2d(channels, width, 3), nn.BatchNorm2d(width), nn.ReLU())
"""
OTHER_BLOCKS = BLOCKS.replace("nn.ReLU()", "nn.ReLU(), nn.MaxPool2d(2)")


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with a network of the user's own, which is the current folder."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "my_net.py").write_text(NET)
    (tmp_path / "blocks.py").write_text(BLOCKS)
    monkeypatch.chdir(tmp_path)
    return Workspace(tmp_path)


def config(net: str = "my_net.py:Net,width=4", **settings: Any) -> TrainConfig:
    given = {"epochs": 1, "train_images": 128, "device": "cpu", "threads": 1, "precision": "fp32"}
    return default_config(net, "digits", **given | settings)


def trained(space: Workspace, settings: TrainConfig) -> RunFolder:
    run = create_run(space, settings, data_dir=space.root / "data")
    assert execute(run, lambda: False) == 0, listing.status(run).message
    return run


def weights(run: RunFolder) -> dict[str, torch.Tensor]:
    return load_file(run.checkpoints / "last.safetensors")


def notes_of(run: RunFolder) -> list[str]:
    return [each.message for each in read_events(run.metrics_file) if isinstance(each, Note)]


def test_a_run_trains_and_keeps_a_network_of_the_users_own(
    space: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(space, config())
    assert "-my_net-digits-" in run.run
    assert listing.status(run).net == "my_net.py:Net,width=4"
    assert sorted(path.name for path in run.source.glob("*.py")) == ["blocks.py", "my_net.py"]
    assert weights(run)["features.0.0.weight"].shape == (4, 1, 3, 3)
    capsys.readouterr()
    predict(run.run, csv=True, workspace=space.root, data_dir=space.root / "data")
    table = capsys.readouterr()
    assert table.out.startswith("image,true,predicted") and "in forward" not in table.out
    assert "in forward" in table.err
    (space.root / "my_net.py").unlink()
    (space.root / "blocks.py").write_text(OTHER_BLOCKS)
    of_others = ModuleType("blocks")
    of_others.__file__ = "/elsewhere/blocks.py"
    monkeypatch.setitem(sys.modules, "blocks", of_others)
    loaded = load_trained(space, run.run)
    assert "have changed since" in changed_source(run, loaded.config.net)
    (space.root / "blocks.py").unlink()
    assert "were removed since run" in changed_source(run, loaded.config.net)
    assert sys.modules["blocks"] is of_others
    assert loaded.net.head.weight.equal(weights(run)["head.weight"])
    assert loaded.config.image_size == 16
    assert listing.of_net(listing.list_runs(space), "Net") == []
    (run.source / "source.json").unlink()
    with pytest.raises(UsageError, match=r"own copy of my_net\.py in .* is gone: put it back"):
        load_trained(space, run.run)


@pytest.mark.slow
def test_a_resumed_run_ends_with_the_same_bits_and_says_what_has_changed(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    whole = trained(space, config(epochs=2))
    settings = config(epochs=2, checkpoint_seconds=0.0)
    run = create_run(space, settings, data_dir=space.root / "data")
    assert execute(run, after_polls(3)) == 0
    status = listing.status(run)
    assert status.state == "stopped" and 0 < status.step < listing.status(whole).step
    (space.root / "blocks.py").write_text(OTHER_BLOCKS)
    assert execute(run, lambda: False) == 0
    assert listing.status(run).state == "finished"
    said = f"blocks.py has changed since run {run.run} began: the run's own copy in {run.source}"
    assert [note for note in notes_of(run) if "changed" in note] == [f"{said} is used."]
    assert all(each.equal(weights(run)[name]) for name, each in weights(whole).items())
    judged = evaluate(space, run.run)
    assert [note for note in judged.notes if "changed" in note] == [f"{said} is used."]
    with pytest.warns(UserWarning, match=r"blocks\.py has changed"):
        lab.load(run.run, workspace=space.root)
    again = trained(space, config_like(read_header(run).config, epochs=1))
    assert weights(again)["head.weight"].shape != weights(run)["head.weight"].shape
    differing = {each.setting: each.values for each in compare(run, again).settings}
    assert differing["net.source"][0] != differing["net.source"][1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        both = [lab.load(each.run, workspace=space.root) for each in (again, whole, again)]
    assert [net.head.in_features for net in both] == [196, 784, 196]


@pytest.mark.slow
def test_several_processes_and_a_compiled_run_train_it_too(space: Workspace) -> None:
    several = launcher.launch(space, config(nproc=2))
    compiled = launcher.launch(space, config(compile=True))
    one = trained(space, config())
    for run in (several, compiled):
        wait_for_end(run)
        status = listing.status(run)
        assert status.state == "finished", run.log_file.read_text()
        assert status.test_loss == pytest.approx(listing.status(one).test_loss, rel=1e-3)
    assert any("The network was compiled" in note for note in notes_of(compiled))


@pytest.mark.slow
def test_a_module_and_a_factory_of_an_exercise_train(space: Workspace) -> None:
    folder = space.root / "pack"
    folder.mkdir()
    (folder / "net.py").write_text(NET.replace("from blocks", "from .inner"))
    (folder / "inner.py").write_text(BLOCKS)
    (folder / "__init__.py").touch()
    run = trained(space, config("pack.net:Net"))
    assert (run.source / "pack/inner.py").is_file()
    exercise = space.exercises / "exercise5.py"
    solution = Path(__file__).parents[3] / "solutions/exercise5.py"
    exercise.write_text(solution.read_text())
    run = trained(space, config("exercises/exercise5.py:vgg_style"))
    assert read_header(run).config.image_size == 28
    assert "-vgg_style-" in run.run
    assert notes_of(run) == [
        "vgg_style in exercise5.py takes images of 28×28 pixels: they are scaled to that."
    ]
    assert execute(run, lambda: False) == 0  # there is nothing left to do, and it still loads
    with pytest.raises(UsageError, match=r"no vgg_stile in exercise5\.py: did you mean vgg_style"):
        create_run(space, config("exercises/exercise5.py:vgg_stile"))
    wrong = create_run(space, config("exercises/exercise5.py:time"))
    assert execute(wrong, lambda: False) == 1
    assert listing.status(wrong).message.startswith("time in exercise5.py is a module, and no ")
