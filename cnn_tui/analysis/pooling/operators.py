"""Pooling a map, window by window: the numbers and the arithmetic behind each.

Windows follow torch's rules for padding, dilation and ``ceil_mode`` (a window may
not start in the padding on the far side), and a test holds the numbers equal to
torch's; torch itself is not needed.
"""

import math
import re
from dataclasses import replace
from typing import Any

from cnn_tui.analysis.pooling.arithmetic import pooled
from cnn_tui.analysis.pooling.records import POOL_OPTIONS, PoolResult, PoolSettings, PoolSpan
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError, about_field
from cnn_tui.names import match
from cnn_tui.next_steps import Action, step

KINDS = tuple(POOL_OPTIONS)
LARGEST_STEP = 128
"""Twice the longest side of a map: no window or stride beyond it tells anything new."""
LARGEST_OUTPUT = 64
"""Cells along one side of an adaptive output, as of a map: more no terminal can show."""

WITHOUT = {
    "global-max": "its one window is the whole map",
    "global-avg": "its one window is the whole map",
    "adaptive-max": "its windows follow from output_size",
    "adaptive-avg": "its windows follow from output_size",
}
"""Why these kinds take no windows of the user's."""

WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")

REASONS = {
    "padding": "torch's lp_pool2d has none",
    "dilation": "in torch only max pooling spreads its window",
    "count_include_pad": "it says how an average treats padding",
    "norm_type": "it is the p of lp pooling",
    "output_size": "it belongs to adaptive pooling",
}
"""Why some kind takes no such option."""

WINDOW_OPTIONS = ("padding", "dilation", "count_include_pad", "norm_type")
"""Options that only some of the kinds with a sliding window take."""


def pool(grid: NumberGrid, settings: PoolSettings) -> PoolResult:
    """Pool ``grid`` (height × width), and explain every output cell.

    Raises UsageError for settings that torch would refuse, in its user's words.
    """
    check_settings(grid, settings)
    rows, columns = spans(len(grid), len(grid[0]), settings)
    output = pooled(grid, rows, columns, settings)
    _refuse_non_finite(output, settings)
    return PoolResult(settings, grid, output, rows, columns)


def choose(kind: str = "max", **options: Any) -> PoolSettings:
    """Settings from what a user gave; an option that is None keeps its default.

    ``stride`` is ``kernel_size`` where it is not given, as in torch, and
    ``output_size`` may be a number or text. Raises UsageError for an unknown kind and for an
    option that the kind does not take.
    """
    with about_field("kind"):
        kind = match(kind, KINDS, "kind of pooling", step(Action.EXPLAIN, "pool"))
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in POOL_OPTIONS[kind]:
            raise _not_taken(kind, name)
    if kind.startswith("adaptive") and "output_size" not in given:
        raise UsageError(
            f"{kind} pooling needs an output size, such as 2, or 2,3.", fields=("output_size",)
        )
    if not isinstance(given.get("output_size", ()), tuple):
        given["output_size"] = parse_output_size(str(given["output_size"]))
    given.setdefault("stride", given.get("kernel_size", PoolSettings.stride))
    return PoolSettings(kind=kind, **given)


def parse_output_size(text: str) -> tuple[int, int]:
    """``3`` or ``2,3`` as (rows, columns); raises UsageError for anything else."""
    sides = parse_integers(text)
    if len(sides) not in (1, 2):
        raise UsageError(
            f"output_size is one whole number or ROWS,COLUMNS, such as 2 or 2,3, not {text!r}."
        )
    return sides[0], sides[-1]


def parse_integers(text: str) -> tuple[int, ...]:
    """The whole numbers between the commas of ``text``; none where one of them is not one."""
    parts = [part.strip() for part in text.split(",")]
    return tuple(map(int, parts)) if all(map(WHOLE_NUMBER.fullmatch, parts)) else ()


def with_kind(settings: PoolSettings, kind: str) -> PoolSettings:
    """``settings`` for another kind; the windows stay, options that it lacks are dropped."""
    dropped = [] if kind in WITHOUT else set(WINDOW_OPTIONS) - set(POOL_OPTIONS[kind])
    return replace(settings, kind=kind, **{name: getattr(PoolSettings, name) for name in dropped})


def output_size(size: int, settings: PoolSettings) -> int:
    """Cells along one side of the output of a sliding window.

    ⌊(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1, rounded up
    with ``ceil_mode``, where the last window must still start inside the input.
    """
    free = size + 2 * settings.padding - reach(settings)
    cells = (-(-free // settings.stride) if settings.ceil_mode else free // settings.stride) + 1
    if settings.ceil_mode and (cells - 1) * settings.stride >= size + settings.padding:
        cells -= 1
    return cells


def reach(settings: PoolSettings) -> int:
    """Cells from the first to the last that a window covers along one side."""
    return settings.dilation * (settings.kernel_size - 1) + 1


def spans(
    height: int, width: int, settings: PoolSettings
) -> tuple[tuple[PoolSpan, ...], tuple[PoolSpan, ...]]:
    """Where the windows of each output row and of each output column lie."""
    rows, columns = _fixed_output(settings)
    return _side_spans(height, rows, settings), _side_spans(width, columns, settings)


def check_settings(grid: NumberGrid, settings: PoolSettings) -> None:
    """Raise UsageError where ``settings`` cannot pool ``grid``."""
    match(settings.kind, KINDS, "kind of pooling", step(Action.EXPLAIN, "pool"))
    height, width = len(grid), len(grid[0])
    if settings.kind.startswith("adaptive"):
        _check_output_size(settings)
    if settings.kind in WITHOUT:
        return
    for name in WINDOW_OPTIONS:
        default = getattr(PoolSettings, name)
        if name not in POOL_OPTIONS[settings.kind] and getattr(settings, name) != default:
            raise _not_taken(settings.kind, name)
    _check_steps(settings)
    _check_fit(height, width, settings)
    if settings.kind == "lp":
        _check_norm_type(settings.norm_type)


def _check_output_size(settings: PoolSettings) -> None:
    rows, columns = settings.output_size
    if not all(1 <= side <= LARGEST_OUTPUT for side in (rows, columns)):
        raise UsageError(
            f"output_size must lie between 1×1 and {LARGEST_OUTPUT}×{LARGEST_OUTPUT}, "
            f"not {rows}×{columns}: choose from 1 to {LARGEST_OUTPUT} rows and columns."
        )


def _check_steps(settings: PoolSettings) -> None:
    for name in ("kernel_size", "stride", "dilation"):
        value = getattr(settings, name)
        if not 1 <= value <= LARGEST_STEP:
            raise UsageError(f"{name} must be at least 1 and at most {LARGEST_STEP}, not {value}.")
    if not 0 <= settings.padding <= settings.kernel_size // 2:
        raise UsageError(
            f"padding must lie between 0 and half of kernel_size ({settings.kernel_size // 2} "
            f"for a kernel of {settings.kernel_size}), not {settings.padding}: "
            "more would leave windows with nothing but padding."
        )


def _check_fit(height: int, width: int, settings: PoolSettings) -> None:
    side = settings.kernel_size
    if output_size(min(height, width), settings) < 1:
        spread = f" (spread over {reach(settings)} cells)" if settings.dilation > 1 else ""
        raise UsageError(
            f"A {side}×{side} window{spread} does not fit into a {height}×{width} map with "
            f"padding {settings.padding}: use a smaller {'dilation' if spread else 'kernel_size'}."
        )
    if not all(span.cells for side in spans(height, width, settings) for span in side):
        raise UsageError(
            f"With dilation {settings.dilation} and padding {settings.padding}, some windows would "
            f"see nothing but padding on a {height}×{width} map: use less padding."
        )


def _check_norm_type(power: float) -> None:
    if not power or math.isnan(power):
        raise UsageError(
            f"norm_type, the p of lp pooling, may be any number but 0, not {power:g}: "
            "choose 1 for the sum, 2 for the root of the squares, or inf for the largest |x|."
        )


def _refuse_non_finite(output: NumberGrid, settings: PoolSettings) -> None:
    """Raise UsageError where torch would answer infinity, or NaN."""
    cells = [(i, j, cell) for i, row in enumerate(output) for j, cell in enumerate(row)]
    undefined = next((place for *place, cell in cells if math.isnan(cell)), None)
    if undefined is not None:
        row, column = undefined
        raise UsageError(
            f"lp pooling with norm_type {settings.norm_type:g} is not defined for the negative "
            f"numbers behind output ({row}, {column}): torch sums xᵖ, not |x|ᵖ, and answers NaN, "
            "so choose an even norm_type."
        )
    if not all(math.isfinite(cell) for *_, cell in cells):
        remedy = "choose another norm_type, or " if settings.kind == "lp" else ""
        raise UsageError(
            f"{settings.kind} pooling of this map gives numbers too large for a computer: "
            f"{remedy}scale the map down."
        )


def _not_taken(kind: str, option: str) -> UsageError:
    sliding = option in ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    reason = WITHOUT[kind] if kind in WITHOUT and sliding else REASONS[option]
    takers = [each for each, options in POOL_OPTIONS.items() if option in options]
    return UsageError(
        f"{kind} pooling takes no {option} ({reason}): leave it out, or choose "
        f"the kind {' or '.join(takers)}.",
        fields=("kind",),
    )


def _fixed_output(settings: PoolSettings) -> tuple[int, int]:
    return (1, 1) if settings.kind.startswith("global") else settings.output_size


def positions(index: int, settings: PoolSettings) -> range:
    """Where the cells of sliding window ``index`` stand along one side, outside of the map too."""
    start = index * settings.stride - settings.padding
    return range(start, start + reach(settings), settings.dilation)


def _side_spans(size: int, cells: int, settings: PoolSettings) -> tuple[PoolSpan, ...]:
    if settings.kind in WITHOUT:
        return tuple(_adaptive_span(index, size, cells) for index in range(cells))
    return tuple(_span(index, size, settings) for index in range(output_size(size, settings)))


def _adaptive_span(index: int, size: int, cells: int) -> PoolSpan:
    start, end = index * size // cells, -(-(index + 1) * size // cells)
    return PoolSpan(tuple(range(start, end)), end - start, end - start)


def _span(index: int, size: int, settings: PoolSettings) -> PoolSpan:
    start = index * settings.stride - settings.padding
    inside = tuple(each for each in positions(index, settings) if 0 <= each < size)
    counts_padding = settings.kind == "avg" and settings.count_include_pad
    padded_end = min(start + settings.kernel_size, size + settings.padding)
    divided = padded_end - start if counts_padding else len(inside)
    return PoolSpan(inside, settings.kernel_size, divided)
