"""Pictures as text: images and feature maps in half blocks, histograms as bars, masks as cells.

A half block shows two pixels in one cell, the upper as its ink and the lower as
its ground. Where the terminal has too few colors for that, the shade of a cell
is the brightness of its two pixels.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, groupby, zip_longest

from rich.color import Color
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.activations.records import DropoutMasks, FeatureMap, Histogram
from cnn_tui.analysis.images import LUMA
from cnn_tui.analysis.records import NumberGrid, Picture
from cnn_tui.render.draw.heat import HEAT_LEVELS
from cnn_tui.render.draw.styles import QUIET, TITLE

Pixel = tuple[int, int, int]
PixelRow = Sequence[Pixel | None]
"""Pixels from left to right; None shows the terminal's own ground."""
HalfBlock = tuple[Pixel | None, Pixel | None]
Paint = Callable[[Iterable[HalfBlock]], Iterator[Segment]]

ENOUGH_COLORS = ("truecolor", "256")
SHADES, ASCII_SHADES = " ░▒▓█", " .:+*#"
ROUNDING = 1e-6
"""Of a standard deviation: a mean below that is 0 in float32."""
BARS, ASCII_BARS = " ▁▂▃▄▅▆▇█", " #"
KEPT, DROPPED = "■", "·"

COLD, HOT = (24, 32, 58), (255, 176, 59)
"""The two ends of a feature map's colors, as RGB."""
GRAYS = tuple((level, level, level) for level in range(256))
COARSE = bytes(255 * (level * HEAT_LEVELS // 256) // (HEAT_LEVELS - 1) for level in range(256))
"""A feature map's levels: more cannot be told apart, and every pair of them is a style to make."""

SMALLEST_TILE, LARGEST_TILE, SINGLE_TILE = 14, 24, 64
"""Columns of a feature map among others, and of one that has the screen to itself."""
GAP = 2
"""Columns between tiles."""
BAR_LINES = 4


@dataclass(frozen=True)
class HalfBlocks:
    """An image in half blocks, or in shades where ``color`` is False.

    With ``heat`` the gray levels are drawn on the lab's heat colors. ``color``
    None leaves it to the console.
    """

    rows: tuple[PixelRow, ...]
    heat: bool = False
    color: bool | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        paint = _painter(console, options, self.color, self.heat)
        for line in _cells(self.rows):
            yield from paint(line)
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = len(self.rows[0])
        return Measurement(width, width)


@dataclass(frozen=True)
class TileGrid:
    """Images side by side, ``per_line`` of them, each below its caption."""

    tiles: tuple[tuple[str, tuple[PixelRow, ...]], ...]
    per_line: int
    color: bool | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        paint = _painter(console, options, self.color, heat=True)
        slot = _slot(self.tiles)
        for start in range(0, len(self.tiles), self.per_line):
            shown = self.tiles[start : start + self.per_line]
            captions = (f"{caption:<{slot}}" for caption, _ in shown)
            yield Segment((" " * GAP).join(captions).rstrip())
            yield Segment.line()
            for line in zip(*(_cells(rows) for _, rows in shown), strict=True):
                for place, cells in enumerate(line):
                    if place:
                        yield Segment(" " * (slot - len(line[place - 1]) + GAP))
                    yield from paint(cells)
                yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = min(len(self.tiles), self.per_line) * (_slot(self.tiles) + GAP) - GAP
        return Measurement(width, width)


@dataclass(frozen=True)
class Bars:
    """A histogram as ``BAR_LINES`` lines of bars, each bin ``thickness`` columns wide."""

    counts: tuple[int, ...]
    thickness: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        steps = ASCII_BARS if options.ascii_only else BARS
        full = len(steps) - 1
        most = max(self.counts) or 1
        # A bin with anything in it shows: that is what a tail is.
        heights = [-(-count * BAR_LINES * full // most) for count in self.counts]
        for line in reversed(range(BAR_LINES)):
            bars = (steps[min(max(height - line * full, 0), full)] for height in heights)
            yield Segment("".join(bar * self.thickness for bar in bars))
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = len(self.counts) * self.thickness
        return Measurement(width, width)


def half_block_image(
    picture: Picture, width: int, *, cell: int | None = None, color: bool | None = None
) -> HalfBlocks:
    """``picture`` in at most ``width`` columns and as many lines: shrunk, or enlarged whole times.

    ``cell`` leaves a gap between patches of so many of its pixels a side.
    """
    if cell is None:
        size = _fitting(picture.height, picture.width, width)
        return HalfBlocks(_scaled(picture, *size), color=color)
    side = tile_columns(picture, width, cell)
    height, wide = (max(1, each * side // cell) for each in (picture.height, picture.width))
    return HalfBlocks(_cut(_scaled(picture, height, wide), side), color=color)


def tile_columns(picture: Picture, room: int, cell: int) -> int:
    """Columns of each of the patches that ``cell`` cuts ``picture`` into, gaps aside."""
    patches = -(-picture.width // cell)
    return max(1, (room - patches + 1) // patches)


def feature_map_tiles(
    maps: Sequence[FeatureMap],
    height: int,
    width: int,
    *,
    columns: int = 80,
    lines: int | None = None,
    color: bool | None = None,
) -> TileGrid:
    """As many of the ``maps`` of ``height`` × ``width`` as fit, from dark (low) to bright (high).

    Each stands below its channel and its range. There are ``columns`` to fill,
    and ``lines`` if given.
    """
    size = _tile_size(height, width, columns, single=len(maps) == 1)
    slot = max(size[1], *(len(map_caption(each)) for each in maps)) + GAP
    per_line = max(1, (columns + GAP) // slot)
    tall = 1 + -(-size[0] // 2)
    most = len(maps) if lines is None else per_line * max(1, lines // tall)
    drawn = tuple(
        (map_caption(each), _map_rows(each.pixels, (height, width), size)) for each in maps[:most]
    )
    return TileGrid(drawn, per_line, color)


def map_caption(each: FeatureMap) -> str:
    """A map's channel and range: ``#3 -0.31..1.2``."""
    if math.isnan(each.low):
        return f"#{each.channel} not finite"
    spread = f"= {each.low:.2g}" if each.low == each.high else f"{each.low:.2g}..{each.high:.2g}"
    return f"#{each.channel} {spread}" + (f" ({each.odd} not finite)" if each.odd else "")


def histogram_view(histogram: Histogram, *, width: int = 80) -> RenderableType:
    """Bars over an axis, under a line with the mean and the standard deviation."""
    heading = Text.assemble(
        (histogram.label, TITLE),
        f"  mean {_mean(histogram):.3g}, standard deviation {histogram.std:.3g}",
    )
    thickness = max(1, width // len(histogram.counts))
    axis = Text(_axis(histogram, thickness * len(histogram.counts)), style=QUIET)
    return Group(heading, Bars(histogram.counts, thickness), axis)


def _mean(histogram: Histogram) -> float:
    """The mean; 0 where only rounding keeps it from that."""
    return 0.0 if abs(histogram.mean) < ROUNDING * histogram.std else histogram.mean


def dropout_view(masks: DropoutMasks, *, width: int = 80) -> RenderableType:
    """The masks in training and in evaluation, beside each other where there is room."""
    shown = f"{len(masks.train)}×{len(masks.train[0])}"
    part = len(masks.train) * len(masks.train[0]) < masks.values
    grids = [
        Group(Text(f"In {mode}", style=TITLE), mask_cells(mask))
        for mode, mask in (("training", masks.train), ("evaluation", masks.eval))
    ]
    beside = 2 * len(masks.train[0]) + GAP <= width
    layout = Table.grid(padding=(0, GAP))
    layout.add_row(*grids)
    return Group(
        Text(
            f"p = {masks.p:g}: in training {100 * masks.kept:.1f} % of {masks.values:,} values "
            f"pass ({KEPT}), multiplied by 1 / (1 − p) = {masks.scale:.4g}, the others ({DROPPED}) "
            "become 0. In evaluation all pass as they are."
        ),
        *([Text(f"Shown are {shown} of them.")] if part else []),
        Text(),
        *([layout] if beside else grids),
    )


def mask_cells(mask: NumberGrid) -> Text:
    """One sign per value: whether it passes."""
    rows = ("".join(KEPT if value else DROPPED for value in row) for row in mask)
    return Text("\n".join(rows), no_wrap=True)


def _tile_size(height: int, width: int, columns: int, *, single: bool) -> tuple[int, int]:
    """(height, width) in pixels of one map among others, or of one alone."""
    if single:
        return _fitting(height, width, min(columns, SINGLE_TILE))
    enough = -(-SMALLEST_TILE // width) * width
    return _fitting(height, width, min(columns, enough, LARGEST_TILE))


def _fitting(height: int, width: int, room: int) -> tuple[int, int]:
    """(height, width) of an image that fits into ``room`` columns and lines, of 2 pixels each."""
    scale = min(room / width, 2 * room / height)
    if scale >= 1:
        scale = int(scale)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _scaled(picture: Picture, height: int, width: int) -> tuple[PixelRow, ...]:
    """The picture's pixels, averaged or repeated to that size."""
    size = picture.height, picture.width
    if picture.channels == 1:
        levels = _resized("L", picture.pixels, size, (height, width))
        return _in_rows([GRAYS[level] for level in levels], width)
    flat = _resized("RGB", picture.pixels, size, (height, width))
    return _in_rows(list(zip(flat[::3], flat[1::3], flat[2::3], strict=True)), width)


def _map_rows(pixels: bytes, size: tuple[int, int], shown: tuple[int, int]) -> tuple[PixelRow, ...]:
    levels = _resized("L", pixels, size, shown).translate(COARSE)
    return _in_rows([GRAYS[level] for level in levels], shown[1])


def _resized(mode: str, pixels: bytes, size: tuple[int, int], shown: tuple[int, int]) -> bytes:
    """An image's bytes from one (height, width) to another."""
    from PIL import Image

    image = Image.frombytes(mode, size[::-1], pixels)
    return image.resize(shown[::-1], Image.Resampling.BOX).tobytes()


def _in_rows(pixels: list[Pixel], width: int) -> tuple[PixelRow, ...]:
    return tuple(pixels[start : start + width] for start in range(0, len(pixels), width))


def _cut(rows: tuple[PixelRow, ...], side: int) -> tuple[PixelRow, ...]:
    """The rows with a gap after every ``side`` pixels: one column, and one whole line."""
    wide = [
        list(chain.from_iterable((*row[at : at + side], None) for at in range(0, len(row), side)))
        for row in rows
    ]
    gap: list[PixelRow] = [[None] * len(wide[0])] * (2 + side % 2)
    parts = [[*wide[at : at + side], *gap] for at in range(0, len(wide), side)]
    joined = list(chain.from_iterable(parts))[: -len(gap)]
    return tuple(row[:-1] for row in joined)


def _cells(rows: Sequence[PixelRow]) -> Iterator[list[HalfBlock]]:
    """Each line's cells: two rows of pixels at a time."""
    nothing: PixelRow = [None] * len(rows[0])
    for upper, lower in zip_longest(rows[::2], rows[1::2], fillvalue=nothing):
        yield list(zip(upper, lower, strict=True))


def _painter(console: Console, options: ConsoleOptions, color: bool | None, heat: bool) -> Paint:
    if color is None:
        color = console.color_system in ENOUGH_COLORS and not console.no_color
    if color and not options.ascii_only:
        # The 256 colors have no heat scale whose brightness rises, but 24 grays.
        return partial(_in_color, heat and console.color_system != "256")
    return partial(_in_shades, ASCII_SHADES if options.ascii_only else SHADES)


def _in_color(heat: bool, cells: Iterable[HalfBlock]) -> Iterator[Segment]:
    for cell, same in groupby(cells):
        sign, style = _half_block(*cell, heat)
        yield Segment(sign * len(list(same)), style)


def _in_shades(shades: str, cells: Iterable[HalfBlock]) -> Iterator[Segment]:
    yield Segment("".join(_shade(upper, lower, shades) for upper, lower in cells))


@lru_cache(maxsize=16_384)
def _half_block(upper: Pixel | None, lower: Pixel | None, heat: bool) -> tuple[str, Style | None]:
    ink, ground = _color(upper, heat), _color(lower, heat)
    if ink is None:
        return (" ", None) if ground is None else ("▄", Style(color=ground))
    return "▀", Style(color=ink, bgcolor=ground)


def _color(pixel: Pixel | None, heat: bool) -> Color | None:
    if pixel is None:
        return None
    if not heat:
        return Color.from_rgb(*pixel)
    share = pixel[0] / 255
    return Color.from_rgb(
        *(round(cold + (hot - cold) * share) for cold, hot in zip(COLD, HOT, strict=True))
    )


@lru_cache(maxsize=16_384)
def _shade(upper: Pixel | None, lower: Pixel | None, shades: str) -> str:
    there = [pixel for pixel in (upper, lower) if pixel is not None]
    if not there:
        return " "
    light = sum(part * weight for pixel in there for part, weight in zip(pixel, LUMA, strict=True))
    return shades[round(light / len(there) / 255 * (len(shades) - 1))]


def _slot(tiles: Sequence[tuple[str, tuple[PixelRow, ...]]]) -> int:
    """Columns that every tile gets: enough for the widest image and caption."""
    return max(max(len(caption), len(rows[0])) for caption, rows in tiles)


def _axis(histogram: Histogram, width: int) -> str:
    """The range's two ends, and where zero lies between them."""
    low, high = f"{histogram.low:.3g}", f"{histogram.high:.3g}"
    axis = f"{low}{high:>{width - len(low)}}"
    spread = histogram.high - histogram.low
    if not spread > 0:
        return low
    zero = round(-histogram.low / spread * (width - 1))
    free = len(low) < zero < width - 1 - len(high)
    return f"{axis[:zero]}0{axis[zero + 1 :]}" if free else axis
