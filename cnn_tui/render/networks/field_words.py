"""How a receptive field is said: in pixels of an image, samples of a signal, voxels of a volume."""

from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.records import GLOBAL, UNKNOWN
from cnn_tui.render.draw.numbers import printable

GIVEN = {"samples": "signal", "voxels": "volume"}
"""Unit → what is counted in it; pixels are those of an image."""
NO_FIELD = "– (no image, signal or volume goes in)"


def given_noun(summary: NetSummary) -> str:
    """What a field is a part of: ``image``, ``signal`` or ``volume``."""
    return GIVEN.get(summary.unit, "image")


def per_side(unit: str) -> str:
    """The unit of a field's size; a signal has no sides: ``pixels a side``, ``samples``."""
    return unit if unit == "samples" else f"{unit} a side"


def field_size(summary: NetSummary) -> str:
    """``212 of 224 pixels a side``; for a network whose field is a number."""
    return f"{summary.receptive_field} of {summary.side} {per_side(summary.unit)}"


def field_text(summary: NetSummary) -> str:
    """The receptive field of a network in words."""
    field, side = summary.receptive_field, summary.side
    if field is None or side is None:
        return NO_FIELD
    if field == UNKNOWN:
        return "unknown: see the note"
    if field == GLOBAL:
        return whole_text(summary)
    noun = given_noun(summary)
    becomes_global = any(module.receptive_field == GLOBAL for module in summary.modules)
    before = f" before the layers that see the whole {noun}" if becomes_global else ""
    if isinstance(field, int) and field > side:
        return f"{field} {per_side(summary.unit)}{before}: more than the {noun}'s {side}"
    return f"{field_size(summary)}{before}"


def whole_text(summary: NetSummary) -> str:
    """From which layer on a network sees everything."""
    noun = given_noun(summary)
    layers = [each for each in summary.layers if each.receptive_field is not None]
    if len(layers) < 2 or layers[0].receptive_field == GLOBAL or not layers[0].macs:
        return f"the whole {noun} at once: no layer looks at a part of it"
    first = next(each for each in layers if each.receptive_field == GLOBAL)
    return f"the whole {noun}, from {layer_name(first)} on"


def layer_name(layer: LayerSummary) -> str:
    """``fc (Linear)``."""
    return f"{printable(layer.name)} ({printable(layer.type)})"


def field_legend(summary: NetSummary) -> str:
    """What the column of receptive fields holds."""
    unit, noun = summary.unit, given_noun(summary)
    size = "the receptive field" if unit == "samples" else "side of the receptive field"
    return f"RF: {size} in {unit} of the {noun}; all: the whole {noun}."
