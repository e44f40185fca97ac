"""The inside of a network over its training: layers by time, filters, and the fixed images."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.analysis.records import Picture
from cnn_tui.render.draw.axes import two_digits
from cnn_tui.render.draw.columns import ColumnTable, numbers
from cnn_tui.render.draw.heat import shade
from cnn_tui.render.draw.numbers import percent
from cnn_tui.render.draw.styles import ACCENT, FAILED, PASSED, QUIET, STRONG, TITLE, WARNING
from cnn_tui.render.draw.tiles import cut, tiles
from cnn_tui.training.store.inspection_records import (
    InspectedImages,
    Inspection,
    Inspections,
    LayerInspection,
    PixelStack,
)

NONE = "–"
NAME_CELLS, VALUE_CELLS = 22, 9
FILTER_CELLS, IMAGE_CELLS = 8, 16
WIDEST_STRIP, WIDEST_CELL = 60, 4
MARK = "▌"
NOTHING_RECORDED = (
    "Nothing is recorded of this network's inside: the run began with an older cnn-lab, or "
    "without inspection, or has not ended an epoch yet."
)


@dataclass(frozen=True)
class LayerQuantity:
    """What the cells of the layers show: ``of`` a layer, on a scale that may be logarithmic.

    ``ends`` are those of the scale; None takes the smallest and the largest value that there is.
    """

    name: str
    title: str
    of: Callable[[LayerInspection], float | None]
    is_log: bool = True
    ends: tuple[float, float] | None = None
    is_share: bool = False

    def text(self, value: float | None) -> str:
        """A value as it is written beside its row."""
        if value is None or not math.isfinite(value):
            return NONE if value is None else "not finite"
        return percent(value) if self.is_share else two_digits(value)


QUANTITIES = {
    each.name: each
    for each in (
        LayerQuantity(
            "update",
            "Update of one step, as a part of the weights",
            lambda layer: layer.update_ratio,
            ends=(1e-5, 1e-1),
        ),
        LayerQuantity("gradient", "Norm of the gradients", lambda layer: layer.gradient_norm),
        LayerQuantity("weight", "Norm of the weights", lambda layer: layer.weight_norm),
        LayerQuantity(
            "dead",
            "Channels that are 0 for every image, after the ReLU",
            lambda layer: layer.dead,
            is_log=False,
            ends=(0.0, 1.0),
            is_share=True,
        ),
        LayerQuantity("std", "Standard deviation of the outputs", lambda layer: layer.std),
        LayerQuantity("mean", "Mean of the outputs", lambda layer: layer.mean, is_log=False),
        LayerQuantity(
            "batchnorm",
            "Running mean off what the images have, in standard deviations",
            lambda layer: layer.mean_gap,
            ends=(1e-3, 1e1),
        ),
    )
}
"""What can be shown, in the order in which a key goes through it."""


def chosen_snapshot(inspections: Inspections, epoch: int | None) -> Inspection | None:
    """The snapshot of that many completed epochs, or the last one."""
    if epoch is not None:
        return inspections.at_epoch(epoch)
    return inspections.snapshots[-1] if inspections.snapshots else None


def inspection_view(
    inspections: Inspections,
    shown: Inspection,
    quantity: LayerQuantity,
    *,
    width: int = 80,
    rows: int | None = None,
    marked: int | None = None,
    color: bool | None = None,
    most_filters: int | None = None,
    sentences: Sequence[str] = (),
) -> RenderableType:
    """Layers by time, ``sentences`` about them, then filters and fixed images as at ``shown``.

    At most ``rows`` layers are shown, those around the ``marked`` one, and ``most_filters``.
    """
    parts: list[RenderableType] = [
        layer_heat(inspections, shown, quantity, width=width, rows=rows, marked=marked)
    ]
    parts += [Text.assemble(("▲", WARNING), f" {each}") for each in sentences]
    if inspections.images is not None and shown.predictions:
        parts += [Text(), fixed_images(inspections.images, shown, width=width, color=color)]
    if shown.filters is not None:
        filters = filter_pictures(shown.filters, width=width, color=color, most=most_filters)
        parts += [Text(), filters]
    return Group(*parts)


def layer_heat(
    inspections: Inspections,
    shown: Inspection,
    quantity: LayerQuantity,
    *,
    width: int = 80,
    rows: int | None = None,
    marked: int | None = None,
) -> Text:
    """A row per layer and a cell per snapshot, with the value at ``shown`` behind them."""
    layers = shown.layers
    part = _part(len(layers), rows, marked)
    names = min(NAME_CELLS, max((len(layer.name) for layer in layers), default=0))
    room = max(4, min(WIDEST_STRIP, width - names - VALUE_CELLS - 4))
    snapshots = _thinned(inspections.snapshots, room, shown)
    cell = max(1, min(WIDEST_CELL, room // max(1, len(snapshots))))
    table = [{each.name: quantity.of(each) for each in one.layers} for one in snapshots]
    low, high = quantity.ends or _ends(quantity, chain.from_iterable(t.values() for t in table))
    lines = [_legend(quantity, low, high, width)]
    for number in part:
        layer = layers[number]
        is_marked = number == marked
        line = Text().append(MARK if is_marked else " ", ACCENT)
        line.append(f"{cut(layer.name, names):<{names}} ", STRONG if is_marked else QUIET)
        for values in table:
            sign, style = _cell(quantity, values.get(layer.name), low, high)
            line.append(sign * cell, style)
        line.append(f"{quantity.text(quantity.of(layer)):>{VALUE_CELLS}}")
        lines.append(line)
    if len(part) < len(layers):
        lines.append(Text(f"  layers {part.start + 1} to {part.stop} of {len(layers)}", QUIET))
    at = next(place for place, each in enumerate(snapshots) if each is shown)
    lines.append(Text(" " * (names + 2 + at * cell)).append("▲", ACCENT).append(f" {when(shown)}"))
    return Text("\n").join(lines)


def when(snapshot: Inspection) -> str:
    """``epoch 3``; of a step between two epochs, ``step 70, after 3 epochs``."""
    if snapshot.images:
        return f"epoch {snapshot.epoch}"
    return f"step {snapshot.step:,}, after {snapshot.epoch} epochs"


def layer_table(inspections: Inspections, name: str) -> RenderableType:
    """All numbers of one layer, one row per snapshot."""
    found = [
        (snapshot, layer)
        for snapshot in inspections.snapshots
        for layer in snapshot.layers
        if layer.name == name
    ]
    columns = [
        numbers("Epoch", 0, [str(snapshot.epoch) for snapshot, _ in found]),
        numbers("Step", 3, [f"{snapshot.step:,}" for snapshot, _ in found]),
    ]
    titles = ("Update", "Gradient", "Weights", "Dead", "Std", "Mean", "BN gap")
    for rank, (title, quantity) in enumerate(zip(titles, QUANTITIES.values(), strict=True)):
        cells = [quantity.text(quantity.of(layer)) for _, layer in found]
        if set(cells) != {NONE}:
            columns.append(numbers(title, 1 + rank // 3, cells))
    return ColumnTable(columns, [""] * len(found))


def filter_pictures(
    filters: PixelStack, *, width: int = 80, color: bool | None = None, most: int | None = None
) -> Group:
    """The first layer's filters side by side, two lines of them or ``most``; gray is 0."""
    per_line = max(1, (width + 2) // (FILTER_CELLS + 2))
    count = min(filters.count, 2 * per_line, most or filters.count)
    shown = [(picture_of(filters, index),) for index in range(count)]
    more = f", the first {count} of them" if count < filters.count else ""
    heading = Text("Filters of the first layer", TITLE).append(f"{more}; gray is 0", QUIET)
    return Group(heading, tiles(shown, FILTER_CELLS, columns=width, color=color))


def fixed_images(
    images: InspectedImages, shown: Inspection, *, width: int = 80, color: bool | None = None
) -> Group:
    """The fixed validation images, each with its class and what the network says of it."""
    each = [
        (*_prediction(images, shown, index), picture_of(images.pictures, index))
        for index in range(min(len(shown.predictions), images.pictures.count))
    ]
    right = sum(
        prediction.classes[0] == label
        for prediction, label in zip(shown.predictions, images.labels, strict=False)
    )
    heading = Text("Validation images", TITLE)
    heading.append(f"  {right} of {len(each)} are predicted right", QUIET)
    return Group(heading, tiles(each, IMAGE_CELLS, columns=width, color=color))


def picture_of(stack: PixelStack, index: int) -> Picture:
    """One picture of a stack, for drawing."""
    size = stack.channels * stack.height * stack.width
    pixels = stack.pixels[index * size : (index + 1) * size]
    plane = stack.height * stack.width
    planes = [pixels[start : start + plane] for start in range(0, size, plane)]
    interleaved = bytes(chain.from_iterable(zip(*planes, strict=True)))
    return Picture("", stack.height, stack.width, stack.channels, interleaved)


def _prediction(images: InspectedImages, shown: Inspection, index: int) -> tuple[Text, Text]:
    """``cat`` and below it ``✓ 97 %`` or ``✗ dog 61 %``."""
    label, said = images.labels[index], shown.predictions[index]
    is_right = said.classes[0] == label
    name = "" if is_right else f"{_class(images, said.classes[0])} "
    probability = percent(said.probabilities[0], 0)
    room = IMAGE_CELLS - 3 - len(probability)
    verdict = Text("✓ " if is_right else "✗ ", PASSED if is_right else FAILED)
    verdict.append(f"{cut(name.strip(), room)} ".lstrip() if name else "").append(probability)
    return Text(cut(_class(images, label), IMAGE_CELLS)), verdict


def _class(images: InspectedImages, index: int) -> str:
    return images.classes[index] if index < len(images.classes) else f"class {index}"


def _part(count: int, rows: int | None, marked: int | None) -> range:
    """Which layers fit into so many rows: those around the marked one."""
    if rows is None or count <= rows:
        return range(count)
    rows = max(1, rows)
    start = min(max(0, (marked or 0) - rows // 2), count - rows)
    return range(start, start + rows)


def _thinned(snapshots: Sequence[Inspection], room: int, shown: Inspection) -> list[Inspection]:
    """As many snapshots as there is room for, evenly apart, the one that is shown among them."""
    if len(snapshots) <= room:
        return list(snapshots)
    step = (len(snapshots) - 1) / (room - 1)
    kept = {round(step * place) for place in range(room)}
    at = next(place for place, each in enumerate(snapshots) if each is shown)
    kept = kept - {min(kept, key=lambda place: abs(place - at))} | {at}
    return [snapshots[place] for place in sorted(kept)]


def _ends(quantity: LayerQuantity, values: Iterable[float | None]) -> tuple[float, float]:
    known = [each for each in values if each is not None and math.isfinite(each)]
    if quantity.is_log:
        known = [each for each in known if each > 0]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    return (low, high) if low < high else (low, low + (abs(low) or 1.0))


def _cell(quantity: LayerQuantity, value: float | None, low: float, high: float) -> tuple[str, str]:
    if value is None:
        return " ", ""
    if not math.isfinite(value):
        return "!", FAILED
    if quantity.is_log:
        floor = low if low > 0 else high * 1e-6
        value, low, high = (math.log(max(each, floor)) for each in (value, floor, high))
    return shade(min(1.0, max(0.0, (value - low) / (high - low))))


def _legend(quantity: LayerQuantity, low: float, high: float, width: int) -> Text:
    """``Norm of the gradients   0.1 ░▒▓█ 3.2``, on two lines where one does not hold it."""
    scale = Text().append(f"{quantity.text(low)} ", QUIET)
    for level in range(1, 5):
        scale.append(*shade(level / 4))
    scale.append(f" {quantity.text(high)}", QUIET)
    title = Text().append(cut(quantity.title, width), TITLE)
    gap = width - title.cell_len - scale.cell_len
    return title.append(" " * gap if gap >= 2 else "\n").append_text(scale)
