"""How a receptive field grows, layer by layer, with the arithmetic spelled out."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.records import GLOBAL, LayerSummary, NetSummary
from cnn_tui.render.numbers import printable, shape
from cnn_tui.render.summary import sees

RECURRENCE = "r ← r + (k − 1)·j      j ← j·s      start ← start + ((k − 1)/2 − p)·j"
ROOM_FOR_ALL = 100
"""Columns from which on types and the arithmetic of jumps are shown."""


def receptive_field_table(summary: NetSummary) -> RenderableType:
    """Every layer that slides a window: its settings, and the field, jump and start after it."""
    steps = summary.sliding_layers
    title = Text.assemble(
        (printable(summary.title), "bold"), f"   input {shape(summary.input_shape)}"
    )
    if not steps:
        return Group(title, Text("\nNo layer of it slides a window: there is nothing to grow."))
    return Group(title, Text(f"{RECURRENCE}\n"), _Steps(steps), _reading(summary, steps))


class _Steps:
    """The table: every size with its arithmetic; types and jumps' too where there is room."""

    def __init__(self, steps: Sequence[LayerSummary]) -> None:
        self.steps = steps

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        is_wide = options.max_width >= ROOM_FOR_ALL
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("Layer", overflow="fold")
        if is_wide:
            table.add_column("Type", overflow="fold")
        for title in ("k", "s", "p", "d"):
            table.add_column(title, justify="right", no_wrap=True)
        table.add_column("Size r", no_wrap=True)
        table.add_column("Jump j", no_wrap=True)
        table.add_column("Start", justify="right", no_wrap=True)
        sizes, jumps = _aligned(_sizes(self.steps)), _aligned(_jumps(self.steps))
        table.add_row("the image", *[""] * (5 if is_wide else 4), sizes[0], jumps[0], "0.5")
        for layer, size, jump in zip(self.steps, sizes[1:], jumps[1:], strict=True):
            table.add_row(
                Text(printable(layer.name)),
                *([Text(printable(layer.type))] if is_wide else []),
                *map(str, layer.window or ()),
                size,
                jump if is_wide else jump.partition("=")[0],
                f"{layer.start:g}",
            )
        yield table


def _sizes(steps: Sequence[LayerSummary]) -> list[str]:
    """``19 = 11 + (3 − 1)·4``: what the field was before follows from what it is after."""
    shown = ["1"]
    for layer in steps:
        before, span, jump = _before(layer)
        shown.append(f"{layer.receptive_field} = {before:g} + ({span} − 1)·{jump:g}")
    return shown


def _jumps(steps: Sequence[LayerSummary]) -> list[str]:
    """``8 = 4·2``."""
    shown = ["1"]
    for layer in steps:
        stride = layer.window[1] if layer.window else 1
        shown.append(f"{layer.jump:g} = {_before(layer)[2]:g}·{stride}")
    return shown


def _before(layer: LayerSummary) -> tuple[float, int, float]:
    """(the field's size before the layer, cells that its window spans, the jump before it)."""
    kernel, stride, _, dilation = layer.window or (1, 1, 0, 1)
    span, jump = dilation * (kernel - 1) + 1, (layer.jump or 1) / stride
    size = layer.receptive_field if isinstance(layer.receptive_field, int) else 1
    return size - (span - 1) * jump, span, jump


def _aligned(sums: Sequence[str]) -> list[str]:
    """The same, so that the results stand under each other."""
    width = max(len(each.partition(" ")[0]) for each in sums)
    return [" " * (width - len(each.partition(" ")[0])) + each for each in sums]


def _reading(summary: NetSummary, steps: Sequence[LayerSummary]) -> Text:
    told = [
        "k kernel, s stride, p padding, d dilation; r, j and start are in pixels of the image.",
        "j: how far neighbouring units are apart. Start: centre of the first unit's field.",
    ]
    if any(layer.window and layer.window[3] > 1 for layer in steps):
        told.append("With dilation d, k counts d·(k − 1) + 1 cells.")
    if _has_branches(steps):
        told.append(
            "A branch starts from what it was given; where branches meet, the largest field counts."
        )
    if any(layer.gated for layer in summary.layers):
        told.append(
            "Gates (squeeze-and-excitation) and normalisation by the image's own statistics "
            "rescale with what the whole image says; that is left out here, as it usually is."
        )
    view = sees(summary)
    if any(layer.receptive_field == GLOBAL for layer in summary.modules):
        view += " pixels a side; what follows sees the whole image"
    note = f"{printable(summary.note)}\n" if summary.note else ""
    return Text.assemble("\n", ("Sees ", "bold"), f"{view}.\n", note, ("\n".join(told), "dim"))


def _has_branches(steps: Sequence[LayerSummary]) -> bool:
    """Whether a layer starts from another field than the layer before it ended with."""
    sizes: list[int | str | float | None] = [1, *(layer.receptive_field for layer in steps)]
    return any(_before(layer)[0] != size for layer, size in zip(steps, sizes[:-1], strict=True))
