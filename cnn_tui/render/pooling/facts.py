"""What follows from the settings: the output's size, what is kept, where the gradient goes."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from cnn_tui.analysis.pooling.backward import chooses
from cnn_tui.analysis.pooling.operators import output_size, reach
from cnn_tui.analysis.pooling.records import POOL_OPTIONS, PoolResult, PoolSettings, PoolWindow
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.console import wrapped_lines

LABEL = 14
"""Columns of a fact's label."""
GAP = 6
"""Columns between two facts in one line, at least."""
COMPARES = " with stride-1 and blur pooling"
KEEPS = {
    "max": "the strongest value of each window, not where it stood",
    "avg": "the mean of each window; a single peak is averaged away",
    "lp": "the size of all values of a window; a large p nears the max",
    "global-max": "how strong a feature is, not where on the map",
    "global-avg": "how much of a feature there is on the map, not where",
}


def facts(
    result: PoolResult,
    window: PoolWindow,
    moved: PoolResult | None = None,
    *,
    width: int,
    key: str = "",
) -> list[Text]:
    """What follows, each fact under its label.

    ``moved`` is what comes of the map shifted by one column, and ``key`` what compares both.
    """
    size, values = output_size_formula(result, window), [reduction(result)]
    gap = width - LABEL - len(size[0]) - len(values[0])
    if len(size) == 1 and gap >= GAP:
        size, values = [f"{size[0]}{' ' * min(gap, 2 * GAP)}{values[0]}"], []
    told = (
        ("Output size", size),
        ("Values", values),
        ("Keeps", [KEEPS[_family(result.settings.kind)]]),
        ("Gradient", [gradient(result.settings, window)]),
        ("Shift by 1", [] if moved is None else [_shift(result, moved, key, width - LABEL)]),
    )
    return labeled(told, width)


def labeled(told: Iterable[tuple[str, list[str]]], width: int) -> list[Text]:
    """Sentences, each under its label."""
    return [line for label, sentences in told for line in _fact(label, sentences, width)]


def output_size_formula(result: PoolResult, window: PoolWindow) -> list[str]:
    """How the output's size, or an adaptive window's place, follows from the settings."""
    settings = result.settings
    if settings.kind.startswith("global"):
        return ["1×1, whatever the input's: the one window is the whole map"]
    sides = zip(result.input_size, result.output_size, strict=True)
    if settings.kind.startswith("adaptive"):
        (height, rows), (width, columns) = sides
        return [
            f"as asked: row {_adaptive_bounds(window.row, height, rows, window.rows)}",
            f"column {_adaptive_bounds(window.column, width, columns, window.columns)}",
        ]
    return list(dict.fromkeys(_size_formula(size, out, settings) for size, out in sides))


def reduction(result: PoolResult) -> str:
    """How many values go in and come out: ``75 % fewer values: 16 → 4``."""
    (height, width), (out_height, out_width) = result.input_size, result.output_size
    before, after = height * width, out_height * out_width
    percent = result.reduction_percent
    if before == after:
        return f"as many values as before: {before}"
    share = f"{abs(percent):.1f}".removesuffix(".0")
    return f"{share} % {'fewer' if percent >= 0 else 'more'} values: {before} → {after}"


def gradient(settings: PoolSettings, window: PoolWindow) -> str:
    """Where the gradient of one output value goes."""
    count = len(window.cells)
    others = {1: "nothing else gets any", 2: "the other one gets 0"}
    if settings.kind.endswith("max"):
        rest = others.get(count, f"the other {_number(count - 1)} get 0")
        return f"all of it to the cell marked ( ); {rest}"
    if chooses(settings):
        return "all of it to the cell marked ( ), with the sign of its value"
    if settings.kind == "lp" and settings.norm_type == 1:
        return f"all of it to each of the {_number(count)}"
    if settings.kind == "lp" and settings.norm_type < 1:
        return f"to all {_number(count)}, to the smaller ones more"
    if settings.kind == "lp":
        return f"to all {_number(count)}, to the larger ones more"
    if count == 1:
        return f"1/{window.divisor} of it to the one cell"
    return f"1/{window.divisor} of it to each of the {_number(count)} cells"


def _family(kind: str) -> str:
    return kind if kind in KEEPS else kind.removeprefix("adaptive-")


def _shift(result: PoolResult, moved: PoolResult, key: str, width: int) -> str:
    """How many outputs a shift of the map by one column changes."""
    pairs = zip(result.output, moved.output, strict=True)
    changed = sum(old != new for rows in pairs for old, new in zip(*rows, strict=True))
    height, across = result.output_size
    told = f"{changed} of {height * across} outputs change"
    if height * across == 1:
        told = f"the output {'changes' if changed else 'stays'}"
    if not key:
        return told
    settings = result.settings
    has_others = "stride" in POOL_OPTIONS[settings.kind] and settings.stride > 1
    compared = f"{told} ({key} compares{COMPARES})"
    return compared if has_others and len(compared) <= width else f"{told} ({key} compares)"


def _number(count: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[count] if count < len(words) else f"{count:,}"


def _fact(label: str, sentences: list[str], width: int) -> Iterator[Text]:
    """A label, and beside it what is said, in as many lines as that takes."""
    parts = [part for each in sentences for part in wrapped_lines(Text(each), width - LABEL)]
    for place, part in enumerate(parts):
        part.rstrip()
        name = label if place == 0 else ""
        yield Text.assemble((f"{name:<{LABEL}}", styles.QUIET), part, no_wrap=True)


def _adaptive_bounds(index: int, size: int, cells: int, covered: tuple[int, ...]) -> str:
    return (
        f"{index} covers ⌊{index}·{size}/{cells}⌋ = {covered[0]} "
        f"to ⌈{index + 1}·{size}/{cells}⌉ − 1 = {covered[-1]}"
    )


def _size_formula(size: int, out: int, settings: PoolSettings) -> str:
    opening, closing = ("⌈", "⌉") if settings.ceil_mode else ("⌊", "⌋")
    window = f"{settings.kernel_size}"
    if settings.kind == "max":
        window = f"{settings.dilation}·({settings.kernel_size} − 1) − 1"
    formula = (
        f"{opening}({size} + 2·{settings.padding} − {window}) / {settings.stride}{closing} + 1"
    )
    rounded_up = -(-(size + 2 * settings.padding - reach(settings)) // settings.stride) + 1
    if settings.ceil_mode and output_size(size, settings) < rounded_up:
        return f"{formula} = {rounded_up}, less one that would start outside the map = {out}"
    return f"{formula} = {out}"
