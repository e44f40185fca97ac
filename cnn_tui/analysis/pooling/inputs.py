"""The maps that the pooling lab offers: by name, from a file, an image or a trained network.

A map is a grid of numbers, row by row. Named maps and files do without torch;
it is imported where an image or a network is asked for.
"""

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from cnn_tui.analysis.pooling.records import GridPosition
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.data.preparation.pictures import SUFFIXES
from cnn_tui.errors import UsageError, about_field
from cnn_tui.names import match
from cnn_tui.next_steps import Action, step
from cnn_tui.training.store.references import RUN_PREFIX, run_in
from cnn_tui.workspace import expanded

if TYPE_CHECKING:
    from torch import Tensor

LARGEST_SIDE = 64
"""Cells along one side of a map: more than that no terminal can show."""

SHRUNK_SIDE = 32
"""Images and feature maps that are larger are shrunk to this."""

LARGEST_FILE = 2**20
"""Bytes of a map's text: 64×64 numbers of any length fit in."""

LONGEST_TOLD = 40
"""Characters of a wrong cell that an error repeats."""

STANDARD_INPUT = "-"
COLOURS = {"red": 0, "green": 1, "blue": 2}
GRAY = ("gray", "grey")


class ArrayLike(Protocol):
    """A tensor, or an array of NumPy."""

    def tolist(self) -> Any:
        """Its numbers, as nested lists."""


@dataclass(frozen=True)
class InputMap:
    """A map and what it is good for; ``shift`` is the one-pixel shift that it is meant for."""

    name: str
    title: str
    grid: NumberGrid
    shift: GridPosition | None = None


def _grid(rows: Iterable[Iterable[float]]) -> NumberGrid:
    return tuple(tuple(float(cell) for cell in row) for row in rows)


INPUTS: tuple[InputMap, ...] = (
    InputMap(
        "chapter",
        "the chapter's 4×4 map",
        _grid([[1, 3, 2, 4], [5, 6, 1, 2], [7, 2, 8, 3], [1, 4, 6, 9]]),
    ),
    InputMap(
        "edges",
        "a square outline: thin edges on an empty ground",
        _grid(
            [
                [0, 0, 0, 0, 0, 0],
                [0, 1, 1, 1, 1, 0],
                [0, 1, 0, 0, 1, 0],
                [0, 1, 0, 0, 1, 0],
                [0, 1, 1, 1, 1, 0],
                [0, 0, 0, 0, 0, 0],
            ]
        ),
    ),
    InputMap(
        "checkerboard",
        "a checkerboard: detail as fine as the grid allows",
        _grid([[(row + column) % 2 for column in range(8)] for row in range(8)]),
    ),
    InputMap(
        "gradient",
        "a smooth ramp from dark to bright",
        _grid([[row + column for column in range(8)] for row in range(8)]),
    ),
    InputMap(
        "shifted",
        "two bright pixels, to be shifted by one column",
        _grid([[0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
        shift=(0, 1),
    ),
)


def input_names() -> tuple[str, ...]:
    """The maps that can be named."""
    return tuple(each.name for each in INPUTS)


def named_input(name: str) -> InputMap:
    """The map that ``name`` means; raises UsageError with the nearest name."""
    with about_field("input"):
        found = match(name, input_names(), "pooling input", step(Action.EXPLAIN, "pool"))
    return next(each for each in INPUTS if each.name == found)


def resolve_input(
    spec: str,
    *,
    channel: str | None = None,
    workspace: Path | None = None,
    data_dir: Path | None = None,
    stdin: BinaryIO | None = None,
) -> InputMap:
    """The map that ``spec`` names, wherever it comes from.

    A named map; ``digit``, ``DATA#N`` or an image file, of which ``channel``
    (red, green, blue, gray or a number) is taken; ``run:RUN:LAYER[:CHANNEL]``, a
    feature map of a trained run, with ``@IMAGE`` behind it where it shall not see
    the first test image; a CSV file; ``-`` for what ``stdin`` holds. Raises
    UsageError where there is no such map or it cannot be read.
    """
    from cnn_tui.analysis.images import names_image

    if run_in(spec) is not None:
        return _feature_map(spec, channel, workspace, data_dir)
    if names_image(spec):
        return _image_map(spec, channel, data_dir)
    if channel is not None:
        raise UsageError(
            f"{spec} has no channels: an image or a run's layer does.", fields=("channel",)
        )
    if spec == STANDARD_INPUT:
        return InputMap("standard input", "standard input", _read_stream(stdin))
    if Path(spec).suffix or "/" in spec:
        return InputMap(Path(spec).name, Path(spec).name, read_grid(Path(spec)))
    return named_input(spec)


def array_input(values: Sequence[Sequence[float]] | ArrayLike, name: str = "map") -> InputMap:
    """A map from numbers that a program holds: nested lists, a 2-D tensor or array.

    Raises UsageError where they are no rows of finite numbers, all as long as the first.
    """
    rows = values.tolist() if hasattr(values, "tolist") else values
    try:
        if any(isinstance(row, str) for row in rows):
            raise TypeError
        grid = _grid(rows)
    except (TypeError, ValueError) as error:
        shape = getattr(values, "shape", None)
        given = type(values).__name__ if shape is None else f"an array of shape {tuple(shape)}"
        raise UsageError(
            f"A map is rows of numbers, such as [[1, 3], [2, 4]], or a 2-D tensor, not {given}: "
            "take one channel of an image, as in image[0]."
        ) from error
    if not grid or not grid[0]:
        raise UsageError(f"The {name} holds no numbers.")
    if not all(math.isfinite(cell) for row in grid for cell in row):
        raise UsageError(f"The {name} holds NaN or infinity: pooling needs finite numbers.")
    _refuse_ragged(grid, range(1, len(grid) + 1), f"The {name}")
    height, width = len(grid), len(grid[0])
    return InputMap(name, f"{name} of {height}×{width} numbers", grid)


def read_grid(path: Path) -> NumberGrid:
    """A map from a CSV file of numbers; raises UsageError naming the bad row and column."""
    try:
        file = expanded(path)
        if file.is_fifo():  # opening it would wait for someone to write
            raise _unreadable(str(path), "it is a pipe: give - and redirect the standard input")
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(str(path), getattr(error, "strerror", None) or str(error)) from error
    return parse_grid(decode_grid(content, str(path)), str(path))


def decode_grid(content: bytes, source: str) -> str:
    """The text of a map's file; a byte order mark, as Excel writes it, is dropped."""
    if len(content) > LARGEST_FILE:
        raise _unreadable(source, f"it is longer than {LARGEST_FILE:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(source, "it is not UTF-8 text") from error


def parse_grid(text: str, source: str) -> NumberGrid:
    """A map from CSV text: commas, semicolons, tabs or spaces between the numbers.

    Blank lines are skipped; a sentence about a bad row names its line in the file.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise UsageError(f"{source} holds no numbers: write one row of the map per line.")
    grid = tuple(_parse_row(line, number, source) for number, line in lines)
    _refuse_ragged(grid, [number for number, _ in lines], source)
    return grid


def with_cell(grid: NumberGrid, row: int, column: int, value: float) -> NumberGrid:
    """``grid`` with another value at (``row``, ``column``)."""
    changed = (*grid[row][:column], value, *grid[row][column + 1 :])
    return (*grid[:row], changed, *grid[row + 1 :])


def parse_cell(text: str) -> float:
    """The value that a user typed for a cell; raises UsageError where it is no finite number."""
    value = _number(text)
    if value is None:
        raise UsageError(
            f"A cell holds one finite number, such as 4, -1 or 0.25, not {_told(text.strip())}."
        )
    return value


def _refuse_ragged(grid: NumberGrid, numbers: Sequence[int], source: str) -> None:
    """Raise UsageError where rows differ in length, or there are too many cells."""
    width = len(grid[0])
    for number, row in zip(numbers, grid, strict=True):
        if len(row) != width:
            raise UsageError(
                f"{source}, row {number} has {len(row)} numbers where row {numbers[0]} has "
                f"{width}: every row of a map is as long as the first."
            )
    if max(width, len(grid)) > LARGEST_SIDE:
        raise UsageError(
            f"{source} is {len(grid)}×{width}: a map may have {LARGEST_SIDE} cells a side at most."
        )


def _feature_map(
    spec: str, channel: str | None, workspace: Path | None, data_dir: Path | None
) -> InputMap:
    """One channel of what a run's layer makes of an image."""
    body, _, image_name = spec.partition("@")
    _, run, *layer = body.split(":")
    if len(layer) > 1 and layer[-1].isdecimal():  # behind the mark of a second call, as in relu:2:0
        channel = layer.pop()
    if not run or not any(layer):
        raise UsageError(
            f"{spec} names no feature map: write run:RUN:LAYER or run:RUN:LAYER:CHANNEL, such as "
            "run:last:conv1:3."
        )
    from cnn_tui.analysis.activations.capture import layer_output
    from cnn_tui.analysis.images import load_image
    from cnn_tui.analysis.trained import load_trained
    from cnn_tui.workspace import find

    trained = load_trained(find(workspace), run)
    seen, pixels = load_image(image_name or f"{trained.config.data}#0", data_dir)
    maps = layer_output(
        trained.net,
        ":".join(layer),
        trained.prepare(pixels),
        see=step(Action.LIST_LAYERS, f"{RUN_PREFIX}{run}"),
    )
    index = _map_index(channel, len(maps), spec)
    chosen, note = _shrunk_map(maps[index])
    title = f"channel {index} of {len(maps)}, run {trained.run}, on {seen}"
    return InputMap(":".join(layer), title + note, _grid(chosen.tolist()))


def _map_index(channel: str | None, count: int, spec: str) -> int:
    text = channel or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < LARGEST_SIDE):
        raise UsageError(f"{spec}: the channel of a layer is a number from 0 on, not {text!r}.")
    if int(text) >= count:
        raise UsageError(
            f"{spec}: the layer has {count:,} channels, #0 to #{count - 1}: there is no #{text}."
        )
    return int(text)


def _shrunk_map(values: "Tensor") -> "tuple[Tensor, str]":
    """A feature map (H, W) that fits, and what to add to its title."""
    from torch.nn import functional as F

    if not values.isfinite().all():
        raise UsageError("This feature map holds NaN or infinity: choose a run that trained well.")
    height, width = values.shape
    if max(height, width) <= LARGEST_SIDE:
        return values, ""
    size = min(height, SHRUNK_SIDE), min(width, SHRUNK_SIDE)
    note = f", averaged from {height}×{width} to {size[0]}×{size[1]}"
    return F.adaptive_avg_pool2d(values[None], size)[0], note


def _image_map(spec: str, channel: str | None, data_dir: Path | None) -> InputMap:
    from cnn_tui.analysis.images import load_image, shrink

    name, image = load_image(spec, data_dir)
    title, (height, width) = name, image.shape[1:]
    if len(image) == 3:
        image, colour = _channel_of(image, channel)
        title += f", {colour}"
    elif channel is not None and channel.casefold() not in ("0", *GRAY):
        raise UsageError(f"{spec} is gray and has one channel: name none.", fields=("channel",))
    if max(height, width) > LARGEST_SIDE:
        image = shrink(image, SHRUNK_SIDE)
        title += f", shrunk from {height}×{width} to {image.shape[1]}×{image.shape[2]}"
    return InputMap(name, title, _grid(image[0].tolist()))


def _channel_of(image: "Tensor", channel: str | None) -> "tuple[Tensor, str]":
    """One channel (1, H, W) of a colour image and its name; gray is what the eye makes of them."""
    wanted = (channel or GRAY[0]).casefold()
    if wanted in GRAY:
        from cnn_tui.analysis.images import gray

        return gray(image), GRAY[0]
    names = [name for name, index in COLOURS.items() if wanted in (name, str(index))]
    if not names:
        raise UsageError(
            f"A colour image has no channel {channel!r}: choose red, green, blue or gray "
            "(or 0, 1, 2)."
        )
    index = COLOURS[names[0]]
    return image[index : index + 1], names[0]


def _read_stream(stdin: BinaryIO | None) -> NumberGrid:
    if stdin is None:
        raise UsageError(
            "There is no standard input to read a map from: pipe one into the command.",
            fields=("source",),
        )
    content = stdin.read(LARGEST_FILE + 1)
    return parse_grid(decode_grid(content, "standard input"), "standard input")


def _unreadable(source: str, reason: str) -> UsageError:
    return UsageError(
        f"{source} cannot be read as a map: {reason}. Name a CSV file of numbers, an image "
        f"({' '.join(SUFFIXES)}), or one of: {', '.join(input_names())}."
    )


def _parse_row(line: str, number: int, source: str) -> tuple[float, ...]:
    delimiter = next((mark for mark in ",;\t" if mark in line), " ")
    try:
        cells = next(csv.reader([line.strip()], delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:  # such as a field of more than 131,072 characters
        raise UsageError(
            f"{source}, row {number} cannot be read ({error}): write one number in each cell."
        ) from error
    values = []
    for column, cell in enumerate(cells, start=1):
        value = _number(cell)
        if value is None:
            raise UsageError(
                f"{source}, row {number}, column {column}: expected a number, got {_told(cell)}."
            )
        values.append(value)
    return tuple(values)


def _told(text: str) -> str:
    """What stands in a cell, for a sentence about it."""
    if len(text) > LONGEST_TOLD:
        return f"{text[:LONGEST_TOLD]!r}…"
    return repr(text) if text.strip() else "nothing"


def _number(text: str) -> float | None:
    """The finite number that ``text`` is; None where it is none, or Python's ``1_000``."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
