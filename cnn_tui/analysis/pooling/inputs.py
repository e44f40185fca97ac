"""The map that somebody asks for: by name, from a file, an image or a trained network.

A map is a grid of numbers, row by row. Named maps and text do without torch;
it is imported where an image, a network or a file of tensors is asked for.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from cnn_tui.analysis.pooling.grid_text import LARGEST_FILE, decode_map, parse_map, read_map
from cnn_tui.analysis.pooling.named_inputs import InputMap, grid_of, input_names, named_input
from cnn_tui.analysis.pooling.reading.arrays import (
    array_file_name,
    names_array_file,
    read_array_file,
)
from cnn_tui.analysis.pooling.reading.shapes import LARGEST_SIDE, channel_index, refuse_ragged
from cnn_tui.analysis.pooling.reading.tables import ReadMap
from cnn_tui.errors import UsageError
from cnn_tui.names import normalize
from cnn_tui.next_steps import Action, step
from cnn_tui.training.store.references import RUN_PREFIX, run_in

if TYPE_CHECKING:
    from torch import Tensor

SHRUNK_SIDE = 32
"""Images and feature maps that are larger are shrunk to this."""

STANDARD_INPUT = "-"
COLORS = {"red": 0, "green": 1, "blue": 2}
GRAY = ("gray", "grey")


class ArrayLike(Protocol):
    """A tensor, or an array of NumPy."""

    def tolist(self) -> Any:
        """Its numbers, as nested lists."""


def needs_engine(spec: str) -> bool:
    """Whether ``spec`` is a feature map, a file of arrays or an image other than the lab's digits.

    A front end leaves these, which need torch or NumPy, to the engine.
    """
    if run_in(spec) is not None or names_array_file(spec):
        return True
    return _is_image(spec) and _digit_in(spec) is None


def _is_image(spec: str) -> bool:
    from cnn_tui.analysis.images import names_image

    return names_image(spec)


def _is_path(spec: str) -> bool:
    """Whether ``spec`` looks like a path, or is one that exists and not the name of a map."""
    if Path(spec).suffix or "/" in spec:
        return True
    is_named = normalize(spec) in map(normalize, input_names())
    return not is_named and os.path.exists(spec)  # noqa: PTH110 - any text may be asked about


def _digit_in(spec: str) -> int | None:
    """The number of the lab's digit that ``spec`` means; None for another image."""
    from cnn_tui.analysis.images import names_image_file, parse_image

    if names_image_file(spec):
        return None
    data, index = parse_image(spec)
    return index if data.name == "digits" else None


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
    the first test image; a text file: a table, a printed tensor, a JSON list; a ``.npy``,
    ``.npz`` or ``.pt`` file, with ``:NAME`` behind it where it holds several arrays; ``-`` for
    the text that ``stdin`` holds. Raises UsageError where there is no such map or it cannot be
    read.
    """
    if run_in(spec) is not None:
        return _feature_map(spec, channel, workspace, data_dir)
    if _is_image(spec):
        return _image_map(spec, channel, data_dir)
    if names_array_file(spec):
        return _titled(array_file_name(spec), read_array_file(spec, channel))
    if spec == STANDARD_INPUT:
        return _titled("standard input", _read_stream(stdin, channel))
    if _is_path(spec):
        return _titled(Path(spec).name, read_map(Path(spec), channel))
    if channel is not None:
        raise UsageError(
            f"{spec} has no channels: an image, a run's layer or an array does.",
            fields=("channel",),
        )
    return named_input(spec)


def array_input(values: Sequence[Sequence[float]] | ArrayLike, name: str = "map") -> InputMap:
    """A map from numbers that a program holds: nested lists, a 2-D tensor or array.

    Raises UsageError where they are no rows of finite numbers, all as long as the first.
    """
    try:
        rows = list(values.tolist() if hasattr(values, "tolist") else values)
        if any(isinstance(row, str) for row in rows):
            raise TypeError
        grid = grid_of(rows)
    # A tensor on the meta device has no numbers to list, a sparse one no rows.
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
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
    refuse_ragged(grid, range(1, len(grid) + 1), f"The {name}")
    height, width = len(grid), len(grid[0])
    return InputMap(name, f"{name} of {height}×{width} numbers", grid)


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
    from cnn_tui.analysis.images import find_image
    from cnn_tui.analysis.trained import load_trained
    from cnn_tui.workspace import find

    trained = load_trained(find(workspace), run, data_dir)
    scale = trained.facts.scale
    image = (
        find_image(image_name, data_dir, scale) if image_name else trained.image(trained.unseen, 0)
    )
    maps = layer_output(
        trained.net,
        ":".join(layer),
        trained.prepare(image.pixels),
        see=step(Action.LIST_LAYERS, f"{RUN_PREFIX}{run}"),
    )
    index = channel_index(channel, len(maps), spec, "the layer")
    chosen, note = _shrunk_map(maps[index])
    title = f"channel {index} of {len(maps)}, run {trained.run}, on {image.title}"
    return InputMap(":".join(layer), title + note, grid_of(chosen.tolist()))


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


def _digit_map(spec: str, index: int, channel: str | None) -> InputMap:
    from cnn_tui.analysis.images import refuse_missing
    from cnn_tui.data.shipped_digits import digit, order_of_test

    refuse_missing("digits", index, len(order_of_test()))
    _refuse_channel(spec, channel)
    pixels, label = digit(index)
    name = f"digits#{index} ({label})"
    return InputMap(name, name, grid_of(pixels))


def _refuse_channel(spec: str, channel: str | None) -> None:
    """A gray image has no channel to choose."""
    if channel is not None and channel.casefold() not in ("0", *GRAY):
        raise UsageError(f"{spec} is gray and has one channel: name none.", fields=("channel",))


def _image_map(spec: str, channel: str | None, data_dir: Path | None) -> InputMap:
    digit = _digit_in(spec)
    if digit is not None:
        return _digit_map(spec, digit, channel)
    from cnn_tui.analysis.images import load_image, shrink

    name, image = load_image(spec, data_dir)
    title, (height, width) = name, image.shape[1:]
    if len(image) == 3:
        image, color = _channel_of(image, channel)
        title += f", {color}"
    else:
        _refuse_channel(spec, channel)
    if max(height, width) > LARGEST_SIDE:
        image = shrink(image, SHRUNK_SIDE)
        title += f", shrunk from {height}×{width} to {image.shape[1]}×{image.shape[2]}"
    return InputMap(name, title, grid_of(image[0].tolist()))


def _channel_of(image: "Tensor", channel: str | None) -> "tuple[Tensor, str]":
    """One channel (1, H, W) of a color image and its name; gray is what the eye makes of them."""
    wanted = (channel or GRAY[0]).casefold()
    if wanted in GRAY:
        from cnn_tui.analysis.images import gray

        return gray(image), GRAY[0]
    names = [name for name, index in COLORS.items() if wanted in (name, str(index))]
    if not names:
        raise UsageError(
            f"A color image has no channel {channel!r}: choose red, green, blue or gray "
            "(or 0, 1, 2)."
        )
    index = COLORS[names[0]]
    return image[index : index + 1], names[0]


def _titled(name: str, found: ReadMap) -> InputMap:
    """A map that was read, and what to know about how."""
    return InputMap(name, f"{name}, {found.note}" if found.note else name, found.grid)


def _read_stream(stdin: BinaryIO | None, channel: str | None) -> ReadMap:
    if stdin is None:
        raise UsageError(
            "There is no standard input to read a map from: pipe one into the command.",
            fields=("source",),
        )
    content = stdin.read(LARGEST_FILE + 1)
    return parse_map(decode_map(content, "standard input"), "standard input", channel)
