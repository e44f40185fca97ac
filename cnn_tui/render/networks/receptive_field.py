"""How a receptive field grows, layer by layer, with the arithmetic spelled out."""

from collections.abc import Container, Sequence
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.records import GLOBAL
from cnn_tui.render.draw.columns import LONGEST_NAME, ColumnTable, names, numbers
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import QUIET, STRONG, TITLE
from cnn_tui.render.networks.field_words import field_size, given_noun, whole_text
from cnn_tui.render.networks.head import TEXT_WIDTH, FactLine, given_text, sees

RECURRENCE = ("r ← r + (k − 1)·j", "j ← j·s", "start ← start + ((k − 1)/2 − p)·j")
UNCUT = 1000
"""Arithmetic is shown whole or not at all."""


def receptive_field_table(summary: NetSummary) -> RenderableType:
    """Every layer that slides a window: its settings, and the field, jump and start after it."""
    title = Text.assemble((printable(summary.title), TITLE), f"   {given_text(summary.given)}")
    above, table, reading = field_table(summary)
    return Group(title, above, *([table] if table else []), reading)


def field_table(
    summary: NetSummary,
) -> tuple[RenderableType, ColumnTable | None, RenderableType]:
    """What stands above the table, the table, and how to read it; None without such a layer."""
    steps = summary.sliding_layers
    if not steps:
        nothing = "No layer of it slides a window: there is nothing to grow."
        if summary.receptive_field is None:
            nothing = (
                "A receptive field is a part of an image, a signal or a volume, and this network "
                "takes none of them."
            )
        return Constrain(Text(f"\n{nothing}"), TEXT_WIDTH), None, Text()
    reading = Constrain(_reading(summary, steps), TEXT_WIDTH)
    reached = {1, *(module.receptive_field for module in summary.modules)}
    return (
        Group(FactLine(RECURRENCE, between="      "), Text()),
        _steps(summary, steps, reached),
        reading,
    )


def _steps(
    summary: NetSummary, steps: Sequence[LayerSummary], reached: Container[object]
) -> ColumnTable:
    """Every size with its arithmetic; types and the arithmetic of jumps where there is room."""
    settings = [("", "", "", "")] + [_settings(layer) for layer in steps]
    sizes, jumps = _sizes(steps, reached), _jumps(steps)
    layers = [f"the {given_noun(summary)}", *(printable(layer.name) for layer in steps)]
    columns = [
        names("Layer", 0, layers, at_least=LONGEST_NAME),
        names("Type", 5, ["", *(printable(layer.type) for layer in steps)], at_least=9),
        *(
            numbers(title, 2, [each[place] for each in settings])
            for place, title in enumerate(("k", "s", "p", "d"))
        ),
        numbers("Size r", 1, [result for result, _ in sizes]),
        replace(names("", 3, [sum_ for _, sum_ in sizes], at_least=UNCUT), joined=True),
        numbers("Jump j", 1, [result for result, _ in jumps]),
        replace(names("", 6, [product for _, product in jumps], at_least=UNCUT), joined=True),
        numbers("Start", 4, ["0.5", *(f"{layer.start:g}" for layer in steps)]),
    ]
    return ColumnTable(columns, ["none"] * len(settings))


def _settings(layer: LayerSummary) -> tuple[str, ...]:
    """kernel_size, stride, padding and dilation."""
    return tuple(map(str, layer.window or ("", "", "", "")))


def _sizes(steps: Sequence[LayerSummary], reached: Container[object]) -> list[tuple[str, str]]:
    """``19`` and ``= 11 + (3 − 1)·4``: what the field was before follows from what it is after.

    Where a map was enlarged its units see fields of different sizes, and no sum tells the
    largest: then what it would have to start from is not among the sizes ``reached``.
    """
    shown = [("1", "")]
    for layer in steps:
        before, span, jump = _before(layer)
        told = f"= {before:g} + ({span} − 1)·{jump:g}" if before in reached else ""
        shown.append((f"{layer.receptive_field}", told))
    return shown


def _jumps(steps: Sequence[LayerSummary]) -> list[tuple[str, str]]:
    """``8`` and ``= 4·2``."""
    shown = [("1", "")]
    for layer in steps:
        stride = layer.window[1] if layer.window else 1
        shown.append((f"{layer.jump:g}", f"= {_before(layer)[2]:g}·{stride}"))
    return shown


def _before(layer: LayerSummary) -> tuple[float, int, float]:
    """(the field's size before the layer, cells that its window spans, the jump before it)."""
    kernel, stride, _, dilation = layer.window or (1, 1, 0, 1)
    span, jump = dilation * (kernel - 1) + 1, (layer.jump or 1) / stride
    size = layer.receptive_field if isinstance(layer.receptive_field, int) else 1
    return size - (span - 1) * jump, span, jump


def _reading(summary: NetSummary, steps: Sequence[LayerSummary]) -> Text:
    noun = given_noun(summary)
    told = [
        "k kernel, s stride, p padding, d dilation; "
        f"r, j and start are in {summary.unit} of the {noun}.",
        "j: how far neighboring units are apart. Start: center of the first unit's field.",
    ]
    if any(layer.window and layer.window[3] > 1 for layer in steps):
        told.append("With dilation d, k counts d·(k − 1) + 1 cells.")
    if _has_branches(steps):
        told.append(
            "A branch starts from what it was given; where branches meet, the largest field counts."
        )
    if any(layer.gated for layer in summary.layers):
        told.append(
            f"Gates (squeeze-and-excitation) and normalization by the {noun}'s own statistics "
            f"rescale with what the whole {noun} says; that is left out here, as it usually is."
        )
    note = f"{printable(summary.note)}\n" if summary.note else ""
    return Text.assemble(
        "\n", ("Receptive field: ", STRONG), f"{_view(summary)}.\n", note, ("\n".join(told), QUIET)
    )


def _view(summary: NetSummary) -> str:
    if summary.receptive_field == GLOBAL:
        return whole_text(summary)
    if not isinstance(summary.receptive_field, int):
        return sees(summary)
    becomes_global = any(layer.receptive_field == GLOBAL for layer in summary.modules)
    after = f"; what follows sees the whole {given_noun(summary)}" if becomes_global else ""
    return field_size(summary) + after


def _has_branches(steps: Sequence[LayerSummary]) -> bool:
    """Whether a layer starts from another field than the layer before it ended with."""
    sizes: list[int | str | float | None] = [1, *(layer.receptive_field for layer in steps)]
    return any(_before(layer)[0] != size for layer, size in zip(steps, sizes[:-1], strict=True))
