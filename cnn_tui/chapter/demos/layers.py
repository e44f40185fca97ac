"""Rows of a layer table, from what the analysis found."""

from cnn_tui.analysis.networks.records import LayerSummary
from cnn_tui.analysis.records import GLOBAL, Shape


def map_size(shape: Shape) -> str:
    """A shape without the batch as text: ``16×8×8``."""
    return "×".join(map(str, shape))


def sees(layer: LayerSummary) -> str:
    """The part of the image that one output unit depends on, in pixels: ``14×14``."""
    side = layer.receptive_field
    return "the whole image" if side == GLOBAL else f"{side}×{side}"


def percent(part: float, whole: float) -> float:
    """``part`` in percent of ``whole``, with one decimal; 0 of nothing."""
    return round(100 * part / whole, 1) if whole else 0.0
