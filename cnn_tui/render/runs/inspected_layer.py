"""One layer of a network over its training: a quantity as a curve, and every number."""

import math

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.render.draw.curves import Chart, Series
from cnn_tui.render.draw.layout import lay_out
from cnn_tui.render.draw.plot import Charts
from cnn_tui.render.draw.styles import QUIET, TITLE
from cnn_tui.render.runs.inspection import LayerQuantity, layer_table
from cnn_tui.training.store.inspection_records import Inspections

CURVE_LINES, WIDEST_CURVE, LEAST_POINTS = 9, 100, 2


def layer_view(
    inspections: Inspections, name: str, quantity: LayerQuantity, *, width: int = 80
) -> RenderableType:
    """A layer's name, the quantity over the steps where there are several, and the table."""
    found = [
        (snapshot.step, layer)
        for snapshot in inspections.snapshots
        for layer in snapshot.layers
        if layer.name == name
    ]
    known = [(step, value) for step, layer in found if (value := quantity.of(layer)) is not None]
    points = [(step, value) for step, value in known if math.isfinite(value)]
    kinds = dict.fromkeys(layer.type for _, layer in found)
    parts: list[RenderableType] = [Text.assemble((name, TITLE), (f"  {', '.join(kinds)}", QUIET))]
    if len(points) >= LEAST_POINTS:
        curve = Series("by step", [step for step, _ in points], [value for _, value in points])
        is_log = quantity.is_log and all(value > 0 for _, value in points)
        wide = max(1, min(width, WIDEST_CURVE))
        drawn = Chart(quantity.title, [curve], log_y=is_log, value_text=quantity.text)
        parts.append(Charts([[lay_out(drawn, wide, CURVE_LINES)]]))
    elif not known:
        parts.append(Text(f"{quantity.title}: this layer has none.", QUIET))
    return Group(*parts, Text(), layer_table(inspections, name))
