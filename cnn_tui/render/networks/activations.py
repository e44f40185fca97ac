"""A layer's activations on the screen, or the list of the layers that there are."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.activations.records import Activations
from cnn_tui.render.draw.numbers import map_text, printable
from cnn_tui.render.draw.pictures import (
    GAP,
    dropout_view,
    feature_map_tiles,
    half_block_image,
    histogram_view,
)
from cnn_tui.render.draw.styles import QUIET, STRONG, TITLE

IMAGE_WIDTH, SMALL_IMAGE_WIDTH = 24, 16
"""Columns of the image beside the text on it."""
LEAST_TEXT = 28
"""Columns of that text; where there are fewer, it stands above the image."""


def activations_view(
    seen: Activations, *, columns: int = 80, lines: int | None = None, color: bool | None = None
) -> RenderableType:
    """The image, and the layer's histograms, masks and maps; without a layer, the layers.

    The maps take at most ``lines``, if given; ``color`` None leaves it to the console.
    """
    body = (
        layer_body(seen, columns=columns, lines=lines, color=color)
        if seen.layer
        else layer_table(seen)
    )
    return Group(heading(seen, columns=columns, color=color), Text(), body)


def heading(seen: Activations, *, columns: int = 80, color: bool | None = None) -> RenderableType:
    """The image, and beside it what looks at it and what is to be known about the layer."""
    lines = [
        Text.assemble((seen.net, STRONG), f"  {seen.source}"),
        Text(f"Image: {printable(seen.image.title)}"),
    ]
    if seen.layer:
        out = f"  {seen.type}, output {map_text(seen.output_shape)}"
        lines += [Text(), Text.assemble((seen.layer, STRONG), out)]
    lines += [Text(), *map(Text, seen.notes)]
    side = IMAGE_WIDTH if columns >= 2 * IMAGE_WIDTH + GAP else SMALL_IMAGE_WIDTH
    picture = half_block_image(seen.image, min(side, columns), color=color)
    if columns < SMALL_IMAGE_WIDTH + GAP + LEAST_TEXT:
        return Group(*lines, picture)
    grid = Table.grid(padding=(0, GAP, 0, 0))
    grid.add_row(picture, Group(*lines))
    return grid


def layer_table(seen: Activations) -> Table:
    """Every layer in the order in which it ran."""
    table = Table(box=None, pad_edge=False, header_style=TITLE, padding=(0, 3, 0, 0))
    table.add_column("Layer")
    table.add_column("Type")
    table.add_column("Output")
    for layer in seen.layer_shapes:
        table.add_row(Text(layer.name), Text(layer.type), map_text(layer.output_shape))
    return table


def layer_body(
    seen: Activations, *, columns: int = 80, lines: int | None = None, color: bool | None = None
) -> RenderableType:
    """What is special about the layer, then its feature maps."""
    parts: list[RenderableType] = []
    if seen.masks is not None:
        parts += [dropout_view(seen.masks, width=columns), Text()]
    if seen.histograms:
        parts += [Text(f"Channel {seen.channel} of {seen.channels}:"), Text()]
        for each in seen.histograms:
            parts += [histogram_view(each, width=columns), Text()]
    tiles = feature_map_tiles(
        seen.maps, seen.height, seen.width, columns=columns, lines=lines, color=color
    )
    return Group(*parts, tiles, Text(_which_maps(seen, len(tiles.tiles)), style=QUIET))


def _which_maps(seen: Activations, shown: int) -> str:
    reading = "Dark is a map's lowest value, bright its highest."
    if len(seen.maps) == 1 and seen.channels == 1:
        return reading
    first = seen.maps[0].channel
    sentence = f"Channels #{first} to #{first + shown - 1} of {seen.channels:,}. {reading}"
    if first + shown < seen.channels:
        sentence += f" The next ones: channel {first + shown}."
    return sentence
