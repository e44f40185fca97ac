"""A summary as the figure of a paper: stages of blocks, with their channels and sizes.

Torch-free. A block is one convolution or fully connected layer, or a module that is
drawn as one box: residual, dense and inception blocks, transformer layers, and classes
of a learner's own. Neighboring blocks of one kind and size are one stage.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cnn_tui.analysis.networks.folding import LayerGroup, fold
from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.records import Shape

CONVOLUTION, LINEAR, ATTENTION = "conv", "fc", "attention"
KINDS = (
    ("bottleneck", "bottleneck"),
    ("residual", "residual"),
    ("resblock", "residual"),
    ("basicblock", "residual"),
    ("mbconv", "MBConv"),
    ("invertedresidual", "MBConv"),
    ("denselayer", "dense"),
    ("inception", "inception"),
)
"""What the class of a module is called, and what its block is called in a sketch."""
WITH_SKIP = {"bottleneck", "residual", "MBConv", ATTENTION}
"""Kinds whose input is added to their output."""
ONLY_HELPS_TO_TRAIN = "aux"


@dataclass(frozen=True)
class SketchStage:
    """``count`` blocks of one ``kind`` in a row, on maps of one size.

    ``channels`` are those of the first and the last output; of fully connected layers,
    the widths between them, without the last one's. ``size`` is (height, width) of the
    output; of tokens, how many there are; of fully connected layers, of the map that
    they are given, () where there is none. ``is_sequence`` marks tokens.
    """

    kind: str
    count: int
    channels: tuple[int, ...]
    size: Shape
    is_sequence: bool = False

    @property
    def has_skip(self) -> bool:
        """Whether a connection leads around each of its blocks."""
        return self.kind in WITH_SKIP


@dataclass(frozen=True)
class Sketch:
    """A network from its input to its output, stage by stage."""

    input_shape: Shape
    stages: tuple[SketchStage, ...]
    output_shape: Shape


def sketch_of(summary: NetSummary) -> Sketch:
    """The sketch of a network, of the catalogue or of a learner's own."""
    blocks = list(_blocks(fold(summary.modules, unfold=True)))
    stages = _stages(blocks, _given(summary.modules))
    return Sketch(summary.input_shape, tuple(stages), summary.output_shape)


@dataclass(frozen=True)
class _Block:
    name: str
    kind: str
    channels: int
    size: Shape
    is_sequence: bool


def _blocks(groups: Sequence[LayerGroup]) -> Iterator[_Block]:
    for group in groups:
        weighted = list(_weighted(group))
        if not weighted or ONLY_HELPS_TO_TRAIN in group.first.name.rpartition(".")[2]:
            continue
        if len(weighted) == 1:
            yield _block(weighted[0], _kind_of_layer(weighted[0]))
        elif kind := _kind_of_block(group, weighted):
            yield _block(group.first, kind)
        else:
            yield from _joined(group.first, list(_blocks(group.inside)))


def _joined(parent: LayerSummary, blocks: Sequence[_Block]) -> Iterator[_Block]:
    """The blocks in a module; what they put side by side is as wide as the module's output."""
    if blocks:
        whole = _block(parent, blocks[-1].kind)
        if whole.size == blocks[-1].size and len({each.size for each in blocks}) == 1:
            wider = whole.channels > max(each.channels for each in blocks)
            blocks = [replace(each, channels=whole.channels) if wider else each for each in blocks]
    yield from blocks


def _weighted(group: LayerGroup) -> Iterator[LayerSummary]:
    """The layers that multiply: convolutions, fully connected ones, attention."""
    if group.first.is_leaf and group.first.macs:
        yield group.first
    for inner in group.inside:
        yield from _weighted(inner)


def _kind_of_layer(layer: LayerSummary) -> str:
    if _attends(layer):
        return ATTENTION
    return CONVOLUTION if layer.window or "conv" in layer.type.lower() else LINEAR


def _kind_of_block(group: LayerGroup, weighted: Sequence[LayerSummary]) -> str:
    """What a module is drawn as; empty where its parts are drawn one by one."""
    name = group.first.type.lower().replace("_", "")
    for part, kind in KINDS:
        if part in name:
            return kind
    if sum(map(_attends, weighted)) == 1 and not _is_container(group):
        return ATTENTION
    if _is_container(group) or len({_size(each) for each in weighted}) > 2:
        return ""
    if all(_kind_of_layer(each) == LINEAR for each in weighted):
        return ""
    return group.first.type


def _is_container(group: LayerGroup) -> bool:
    """Whether a module only puts others in a row."""
    if group.first.type in ("Sequential", "ModuleList", "ConvReLU", "ConvBNReLU"):
        return True
    parts = [inner for inner in group.inside if any(_weighted(inner))]
    types = [inner.first.type for inner in parts if not inner.first.is_leaf]
    return len(parts) == 1 or any(types.count(each) > 1 for each in types if each != "Sequential")


def _attends(layer: LayerSummary) -> bool:
    return "attention" in layer.type.lower() or "attention" in layer.name.rpartition(".")[2]


def _size(layer: LayerSummary) -> Shape:
    return _block(layer, "").size


def _block(module: LayerSummary, kind: str) -> _Block:
    """A module's output: (C, H, W), (C, L) of a convolution, (N, D) of tokens, or (D,)."""
    shape = module.output_shape
    is_sequence = len(shape) == 2 and not module.window
    if is_sequence:
        return _Block(module.name, kind, shape[1], shape[:1], is_sequence=True)
    channels = shape[0] if shape else 0
    return _Block(module.name, kind, channels, shape[1:], is_sequence=False)


def _given(modules: Sequence[LayerSummary]) -> dict[str, Shape]:
    """By the name of each layer, the size of the map that the layers before it leave."""
    sizes: dict[str, Shape] = {}
    size: Shape = ()
    for module in modules:
        if module.is_leaf:
            sizes[module.name] = size
            if len(module.output_shape) > 1:
                size = module.output_shape[1:] if len(module.output_shape) > 2 else ()
    return sizes


def _stages(blocks: Sequence[_Block], given: Mapping[str, Shape]) -> Iterator[SketchStage]:
    run: list[_Block] = []
    for block in blocks:
        if run and (block.kind, block.size) != (run[0].kind, run[0].size):
            yield _stage(run, given)
            run = []
        run.append(block)
    if run:
        yield _stage(run, given)


def _stage(run: Sequence[_Block], given: Mapping[str, Shape]) -> SketchStage:
    first, last = run[0], run[-1]
    if last.kind == LINEAR and not last.size:
        between = tuple(dict.fromkeys(each.channels for each in run[:-1]))
        return SketchStage(LINEAR, len(run), between, given.get(first.name, ()))
    channels = tuple(dict.fromkeys((first.channels, last.channels)))
    return SketchStage(last.kind, len(run), channels, last.size, last.is_sequence)
