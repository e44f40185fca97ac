"""A layer's activations on the screen, or the list of the layers that there are."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.activations.records import Activations
from cnn_tui.analysis.records import shape_text
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.pictures import (
    GAP,
    dropout_view,
    feature_map_tiles,
    half_block_image,
    histogram_view,
)

IMAGE_WIDTH = 24
"""Columns of the image beside the text on it."""


def activations_view(
    seen: Activations, *, columns: int = 80, lines: int | None = None, colour: bool | None = None
) -> RenderableType:
    """The image, and the layer's histograms, masks and maps; without a layer, the layers.

    The maps take at most ``lines``, if given; ``colour`` None leaves it to the console.
    """
    body = (
        layer_body(seen, columns=columns, lines=lines, colour=colour)
        if seen.layer
        else layer_table(seen)
    )
    return Group(heading(seen, columns=columns, colour=colour), Text(), body)


def heading(seen: Activations, *, columns: int = 80, colour: bool | None = None) -> RenderableType:
    """The image, and beside it what looks at it and what is to be known about the layer."""
    lines = [
        Text.assemble((seen.net, "bold"), f"  {seen.source}"),
        Text(f"Image: {printable(seen.image.title)}"),
    ]
    if seen.layer:
        out = f"  {seen.type}, output {shape_text(seen.output_shape)}"
        lines += [Text(), Text.assemble((seen.layer, "bold"), out)]
    lines += [Text(), *map(Text, seen.notes)]
    picture = half_block_image(seen.image, min(IMAGE_WIDTH, columns), colour=colour)
    if columns < 2 * IMAGE_WIDTH + GAP:
        return Group(*lines, picture)
    grid = Table.grid(padding=(0, GAP, 0, 0))
    grid.add_row(picture, Group(*lines))
    return grid


def layer_table(seen: Activations) -> Table:
    """Every layer in the order in which it ran."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    table.add_column("layer")
    table.add_column("type")
    table.add_column("output", justify="right")
    for layer in seen.layer_shapes:
        table.add_row(Text(layer.name), Text(layer.type), shape_text(layer.output_shape))
    return table


def layer_body(
    seen: Activations, *, columns: int = 80, lines: int | None = None, colour: bool | None = None
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
        seen.maps, seen.height, seen.width, columns=columns, lines=lines, colour=colour
    )
    return Group(*parts, tiles, Text(_which_maps(seen, len(tiles.tiles)), style="dim"))


def _which_maps(seen: Activations, shown: int) -> str:
    reading = "Dark is a map's lowest value, bright its highest."
    if len(seen.maps) == 1 and seen.channels == 1:
        return reading
    first = seen.maps[0].channel
    sentence = f"Channels #{first} to #{first + shown - 1} of {seen.channels:,}. {reading}"
    if first + shown < seen.channels:
        sentence += f" The next ones: channel {first + shown}."
    return sentence
