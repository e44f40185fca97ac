"""The network of a run, as it was trained: the same layers, its best weights, its inputs.

Only safetensors are read, never a pickle.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from cnn_tui.analysis.images import gray
from cnn_tui.data.dataset import DataSet, Split
from cnn_tui.data.loading.loader import Loader
from cnn_tui.data.preparation import prepare
from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.setup import decide, make_net
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.store.folder import RunFolder, RunHeader, read_header
from cnn_tui.training.store.listing import find_run
from cnn_tui.workspace import Workspace
from cnn_tui.workspace import data_dir as find_data_dir


@dataclass(frozen=True)
class Preparation:
    """What becomes of an image before a network sees it.

    ``mean`` and ``std`` are per channel, of pixels scaled to 0…1.
    """

    in_channels: int
    image_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def description(self) -> str:
        """What the network sees of an image, in one sentence."""
        colours = {1: "grey", 3: "RGB"}.get(self.in_channels, f"{self.in_channels} channels")
        size = f"{self.image_size}×{self.image_size}"
        mean, std = (
            ", ".join(f"{each:.3g}" for each in values) for values in (self.mean, self.std)
        )
        return f"The network sees it as {size} {colours}, less {mean}, divided by {std}."

    def __call__(self, images: Tensor) -> Tensor:
        """uint8 images (N, C, H, W) as normalised floats (N, in_channels, size, size).

        Grey and colour are converted, a longer side is cropped around its middle,
        and the rest is what training does.
        """
        fitting = _square(_with_channels(images, self.in_channels))
        loader = Loader(
            Split(fitting, torch.zeros(len(fitting), dtype=torch.int64)),
            mean=self.mean,
            std=self.std,
            batch_size=len(fitting),
            image_size=self.image_size,
            device=torch.device("cpu"),
        )
        prepared, _ = next(iter(loader.in_order()))
        return prepared


@dataclass(frozen=True)
class Trained:
    """A run's network in evaluation mode on the CPU, and what it was trained on.

    ``config`` says how it is looked at here, ``header`` how it was trained. The
    weights are those after epoch ``epoch`` (None where their file does not say).
    """

    run: str
    net: nn.Module
    config: TrainConfig
    data: DataSet
    preparation: Preparation
    header: RunHeader
    has_best: bool
    epoch: int | None

    @property
    def classes(self) -> tuple[str, ...]:
        """What the network tells apart, in the order of its outputs."""
        return self.data.classes

    def prepare(self, image: Tensor) -> Tensor:
        """One uint8 image (C, H, W) as the network's input (1, C, H, W)."""
        return self.preparation(image[None])


def load_trained(workspace: Workspace, run: str, data_dir: Path | None = None) -> Trained:
    """The network of the run that ``run`` means, with its best weights, else its last.

    ``run`` is understood as everywhere: last, a name, an id or a part of one. Its
    data set is where it was when it trained, or in ``data_dir``.
    Raises UsageError for an unknown run, one without a checkpoint, one whose
    files are damaged and one whose data set is gone.
    """
    folder = find_run(workspace, run)
    header = read_header(folder)
    if data_dir is not None:
        header = replace(header, data_dir=find_data_dir(data_dir))
    weights = _weights_file(folder)
    data = _load_data(header)
    # Looked at on the CPU, wherever it was trained.
    config = decide(replace(header.config, device="cpu", precision="fp32"), data)
    assert config.image_size is not None, "decide settles the image size"
    with torch.random.fork_rng(devices=[]):
        net = make_net(config, data)
    facts = _load_weights(folder, net, weights)
    return Trained(
        run=folder.run,
        net=net.eval(),
        config=config,
        data=data,
        preparation=Preparation(data.in_channels, config.image_size, data.mean, data.std),
        header=header,
        has_best=weights == Checkpoints(folder.checkpoints).best,
        epoch=_epoch(facts),
    )


def _with_channels(images: Tensor, wanted: int) -> Tensor:
    if images.shape[1] == wanted:
        return images
    if images.shape[1] == 3:
        images = torch.stack([gray(each) for each in images])
    return images.expand(-1, wanted, -1, -1)


def _square(images: Tensor) -> Tensor:
    height, width = images.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return images[..., top : top + side, left : left + side]


def _weights_file(run: RunFolder) -> Path:
    checkpoints = Checkpoints(run.checkpoints)
    for weights in (checkpoints.best, checkpoints.last):
        if weights.is_file():
            return weights
    raise UsageError(
        f"Run {run.run} has no checkpoint yet: let it train for an epoch, or choose another run.",
        next_steps=(step(Action.LIST_RUNS),),
    )


def _load_data(header: RunHeader) -> DataSet:
    config = header.config
    try:
        return prepare.load(
            config.data,
            header.data_dir,
            image_size=config.image_size,
            val_fraction=config.val_fraction,
        )
    except UsageError as error:
        raise UsageError(
            f"The run's data set is needed for its classes and pixel statistics. {error}",
            fields=error.fields,
            next_steps=error.next_steps,
        ) from error


def _load_weights(run: RunFolder, net: nn.Module, weights: Path) -> dict[str, str]:
    """Give ``net`` the weights of the file; returns what else the file says."""
    try:
        # Opened once: a run that goes on may replace the file at any time.
        with safe_open(weights, framework="pt") as file:
            facts = file.metadata() or {}
            net.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise UsageError(
            f"The weights {weights} cannot be read ({error}): train the network again."
        ) from error
    except RuntimeError as error:  # its message lists every key that is missing or too many
        raise UsageError(
            f"The weights of run {run.run} do not fit its network and data set, which have "
            "changed since: train the network again."
        ) from error
    return facts


def _epoch(facts: dict[str, str]) -> int | None:
    """How many epochs made the weights: said plainly of the best, with other things of the last."""
    try:
        told = facts["epoch"] if "epoch" in facts else json.loads(facts["progress"])["epoch"]
        return int(told)
    except (KeyError, TypeError, ValueError):
        return None
