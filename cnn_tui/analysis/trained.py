"""The network of a run, as it was trained: the same layers, its best weights, its inputs.

Only safetensors are read, never a pickle.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from cnn_tui.analysis.images import Image, gray
from cnn_tui.analysis.own_data import OwnData, own_data
from cnn_tui.data.dataset import Split
from cnn_tui.data.loading.loader import Loader
from cnn_tui.data.records import DataFacts
from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.setup import make_net, on_the_cpu
from cnn_tui.training.loop.checkpoints import Checkpoints, facts_in
from cnn_tui.training.store.data_record import read_data_record
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
        colors = {1: "gray", 3: "RGB"}.get(self.in_channels, f"{self.in_channels} channels")
        size = f"{self.image_size}×{self.image_size}"
        mean, std = map(_channelwise, (self.mean, self.std))
        return f"The network sees it as {size} {colors}, normalized: (x − {mean}) / {std}."

    def __call__(self, images: Tensor) -> Tensor:
        """uint8 images (N, C, H, W) as normalized floats (N, in_channels, size, size).

        Gray and color are converted, a longer side is cropped around its middle,
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
    """A run's network in evaluation mode on the CPU, and what it knows of its data set.

    ``config`` says how it is looked at here, ``header`` how it was trained. The
    weights are those after epoch ``epoch`` (None where their file does not say).
    """

    folder: RunFolder
    net: nn.Module
    config: TrainConfig
    facts: DataFacts
    preparation: Preparation
    header: RunHeader
    has_best: bool
    epoch: int | None

    @property
    def run(self) -> str:
        """The run's id."""
        return self.folder.run

    @property
    def classes(self) -> tuple[str, ...]:
        """What the network tells apart, in the order of its outputs."""
        return self.facts.classes

    @cached_property
    def own(self) -> OwnData:
        """The images that the run trained on and is judged by.

        Raises UsageError where they are not here, or are others now.
        """
        return own_data(self.folder, self.header)

    @property
    def unseen(self) -> Split:
        """Images that it did not learn from: those of the test, else of the validation."""
        data = self.own.data
        return data.test if len(data.test) else data.val

    def image(self, split: Split, row: int) -> Image:
        """One image of a split, by the name of its file, or by its number where it has none."""
        label = self.classes[int(split.labels[row])]
        return Image(self._name(split, row), split.images[row], label)

    def _name(self, split: Split, row: int) -> str:
        if split.files:
            return split.files[row]
        data = self.config.data
        what = " validation" if split is self.own.data.val else ""
        return f"{data.name if data.path is None else data.path.name}{what}#{row}"

    def prepare(self, image: Tensor) -> Tensor:
        """One uint8 image (C, H, W) as the network's input (1, C, H, W)."""
        return self.preparation(image[None])


def load_trained(workspace: Workspace, run: str, data_dir: Path | None = None) -> Trained:
    """The network of the run that ``run`` means, with its best weights, else its last.

    ``run`` is understood as everywhere: last, a name, an id or a part of one. Its
    data set is looked for where it was when it trained, or in ``data_dir``, once it is asked
    for; only a run of an older version, which did not note its classes, needs it at once.
    Raises UsageError for an unknown run, one without a checkpoint and one whose
    files are damaged.
    """
    folder = find_run(workspace, run)
    header = read_header(folder)
    if data_dir is not None:
        header = replace(header, data_dir=find_data_dir(data_dir))
    weights = _weights_file(folder)
    metadata, tensors = _read_weights(weights)
    facts = _facts(folder, header, metadata)
    config = on_the_cpu(header.config, facts.image_size)
    assert config.image_size is not None, "on_the_cpu settles the image size"
    with torch.random.fork_rng(devices=[]):
        net = make_net(config, facts)
    _give(folder, net, tensors)
    return Trained(
        folder=folder,
        net=net.eval(),
        config=config,
        facts=facts,
        preparation=Preparation(facts.in_channels, config.image_size, facts.mean, facts.std),
        header=header,
        has_best=weights == Checkpoints(folder.checkpoints).best,
        epoch=_epoch(metadata),
    )


def _channelwise(values: tuple[float, ...]) -> str:
    """One number, or one for each channel in brackets."""
    text = ", ".join(f"{each:.3g}" for each in values)
    return text if len(values) == 1 else f"({text})"


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


def _facts(run: RunFolder, header: RunHeader, metadata: Mapping[str, str]) -> DataFacts:
    """What the run noted of its data set; else what its data set is now."""
    record = read_data_record(run)
    if record is not None:
        return record.facts
    return facts_in(metadata) or own_data(run, header).data.facts


def _read_weights(weights: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    try:
        # Opened once: a run that goes on may replace the file at any time.
        with safe_open(weights, framework="pt") as file:
            return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise UsageError(
            f"The weights {weights} cannot be read ({error}): train the network again."
        ) from error


def _give(run: RunFolder, net: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    try:
        net.load_state_dict(tensors)
    except RuntimeError as error:  # its message lists every key that is missing or too many
        raise UsageError(
            f"The weights of run {run.run} do not fit its network and data set, which have "
            "changed since: train the network again."
        ) from error


def _epoch(facts: dict[str, str]) -> int | None:
    """How many epochs made the weights: said plainly of the best, with other things of the last."""
    try:
        told = facts["epoch"] if "epoch" in facts else json.loads(facts["progress"])["epoch"]
        return int(told)
    except (KeyError, TypeError, ValueError):
        return None
