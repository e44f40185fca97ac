"""Training: runs started, and the networks that they trained loaded, evaluated and shown images."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from cnn_tui.analysis.evaluation_records import Evaluation, Predictions
from cnn_tui.api.arguments import net_name, text, whole
from cnn_tui.api.results import LabResult, as_result
from cnn_tui.api.runs import TrainingRun
from cnn_tui.engine import jobs
from cnn_tui.nets.records import NetInfo
from cnn_tui.render.draw.notebook import FittedToWidth
from cnn_tui.render.networks.evaluation import evaluation_view, predictions_view
from cnn_tui.training.again import config_like
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process import launcher
from cnn_tui.training.store.folder import LAST, read_header
from cnn_tui.training.store.listing import find_run
from cnn_tui.training.store.source import changed_source
from cnn_tui.workspace import find

if TYPE_CHECKING:
    from torch import nn


class EvaluatedRun(LabResult, Evaluation):
    """A run on all images of a split, with the fields of ``Evaluation``."""

    IN_BRIEF = ("split", "images", "accuracy", "loss")

    def __rich__(self) -> RenderableType:
        """Accuracy by class, confusions and mistakes, as ``cnn-lab evaluate`` prints them."""
        return FittedToWidth(lambda width: evaluation_view(self, columns=width))


class PredictedImages(LabResult, Predictions):
    """Images and the classes that a run predicts, with the fields of ``Predictions``."""

    IN_BRIEF = ("classes",)

    @property
    def classes(self) -> tuple[str, ...]:
        """The predicted class of each image."""
        return tuple(each.predicted for each in self.images)

    def __rich__(self) -> RenderableType:
        """The images with their classes, as ``cnn-lab predict`` prints them."""
        return FittedToWidth(lambda width: predictions_view(self, columns=width))


def train(
    net: str | NetInfo | None = None,
    data: str | None = None,
    *,
    like: str | TrainingRun | None = None,
    epochs: int | None = None,
    follow: bool = True,
    name: str | None = None,
    workspace: str | Path | None = None,
    data_dir: str | Path | None = None,
    **settings: Any,
) -> TrainingRun:
    """Train a network in a process of its own, which outlives this one, and return the run.

    What is not given has a default with which the network learns the data set (``digits``), or
    with ``like`` is as it was chosen for that run, network and data set too. ``settings``
    are the options of ``cnn-lab train``: ``lr=0.01, batch_size=64, seed=1, device="cpu"``.
    Without ``follow`` the run is returned at once; ``wait`` follows it later. Raises
    UsageError for what cannot be trained so, RunError where the run failed.

    >>> import cnn_tui as lab
    >>> run = lab.train("lenet5", epochs=1, train_images=300, follow=False).wait(show=False)
    >>> run.state, run.accuracy > 0.2, len(run.curves["val_loss"])
    ('finished', True, 1)
    """
    data = None if data is None else text(data, "data", "digits")
    if like is None:
        config = default_config(net_name(net, "train"), data or "digits", epochs=epochs, **settings)
    else:
        before = read_header(_run(like, workspace).folder).config
        spec = None if net is None else net_name(net, "train")
        config = config_like(before, spec, data, epochs=epochs, **settings)
    folder = launcher.launch(find(_path(workspace)), config, name=name, data_dir=_path(data_dir))
    run = TrainingRun(folder)
    return run.wait() if follow else run


def load(
    run: str | TrainingRun = LAST,
    *,
    workspace: str | Path | None = None,
    data_dir: str | Path | None = None,
) -> "nn.Module":
    """The network of a run as a plain ``torch.nn.Module``, in evaluation mode on the CPU.

    It has the best weights of the run, or the last where there are no best ones, and takes what
    ``run.prepare`` makes of images. ``run`` is a run, its id, its name, a part of its id, or
    ``"last"``. A network of your own is made from the run's copy of its source, with a warning
    where the file has changed since. Raises UsageError where there is no checkpoint.

    >>> import cnn_tui as lab, torch
    >>> run = lab.train("lenet5", epochs=1, train_images=300, follow=False).wait(show=False)
    >>> lab.load(run)(run.prepare(torch.zeros(5, 1, 8, 8, dtype=torch.uint8))).shape
    torch.Size([5, 10])
    """
    found = _run(run, workspace)  # a wrong name answers before torch is imported
    from cnn_tui.analysis.trained import load_trained

    trained = load_trained(found.workspace, found.id, _path(data_dir))
    if sentence := changed_source(trained.folder, trained.config.net):
        warnings.warn(sentence, stacklevel=2)
    return trained.net


def evaluate(
    run: str | TrainingRun = LAST,
    split: str = "test",
    *,
    workspace: str | Path | None = None,
    data_dir: str | Path | None = None,
) -> EvaluatedRun:
    """A run on all images of a split, ``test`` or ``val``: by class, confusions, mistakes."""
    part = text(split, "split", "test")
    found = _run(run, workspace)
    root = found.workspace.root
    result = jobs.evaluate(found.id, part, workspace=root, data_dir=_path(data_dir))
    return as_result(EvaluatedRun, result)


def predict(
    run: str | TrainingRun = LAST,
    *images: str | Path,
    count: int = 6,
    wrong: bool = False,
    seed: int = 0,
    workspace: str | Path | None = None,
    data_dir: str | Path | None = None,
) -> PredictedImages:
    """What a run predicts for images: ``digits#17``, ``folder:PATH#17`` or picture files.

    Without ``images``, ``count`` of its own test images, drawn with ``seed``; with ``wrong``,
    only those that it gets wrong.
    """
    drawn, start = whole(count, "count", 1) or 1, whole(seed, "seed") or 0
    found = _run(run, workspace)
    result = jobs.predict(
        found.id,
        [str(each) for each in images],
        workspace=found.workspace.root,
        count=drawn,
        wrong=wrong,
        seed=start,
        data_dir=_path(data_dir),
    )
    return as_result(PredictedImages, result)


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)


def _run(run: str | TrainingRun, workspace: str | Path | None) -> TrainingRun:
    if isinstance(run, TrainingRun):
        return run
    return TrainingRun(find_run(find(_path(workspace)), text(run, "A run", LAST)))
