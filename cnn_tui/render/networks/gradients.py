"""Gradient flow on the screen: the curve, the numbers, and what they say."""

import math
from collections.abc import Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.gradients.records import GradientFlow
from cnn_tui.render.draw.axes import Scale
from cnn_tui.render.draw.curves import Series
from cnn_tui.render.draw.plot import chart
from cnn_tui.render.draw.styles import STRONG, TITLE

VERDICTS = (
    (1e-3, "vanishes"),
    (1e-1, "shrinks"),
    (1e1, "holds"),
    (1e3, "grows"),
    (math.inf, "explodes"),
)
"""What the gradient does, by what it is at the deepest stack over what it is at the shallowest."""

CELLS_PER_TICK = 4
CHART_HEIGHT = 16
NORM_WIDTH = len("1.23e-45")


def gradient_view(
    flows: Sequence[GradientFlow],
    *,
    width: int = 80,
    height: int = CHART_HEIGHT,
) -> RenderableType:
    """The chart in ``width`` × ``height`` cells, below it the table and the finding."""
    parts: list[RenderableType] = [gradient_table(flows), Text(), Text(finding(flows))]
    if len(flows[0].depths) > 1:
        parts = [gradient_chart(flows, width=width, height=height), Text(), *parts]
    return Group(*parts)


def gradient_chart(flows: Sequence[GradientFlow], *, width: int, height: int) -> RenderableType:
    """Norm, logarithmic, against depth, linear: a straight line is one factor per block."""
    return chart(
        "Gradient norm",
        [Series(flow.label, tuple(map(float, flow.depths)), flow.norms) for flow in flows],
        width=width,
        height=height,
        log_y=True,
        x=Scale(ticks=_ticks(flows[0].depths, width), unit="blocks"),
    )


def gradient_table(flows: Sequence[GradientFlow]) -> Table:
    """One row per depth, one column per kind of stack, and the factor per block below."""
    table = Table(box=None, pad_edge=False, header_style=TITLE, padding=(0, 0, 0, 1))
    table.add_column("blocks", justify="right", no_wrap=True)
    for flow in flows:
        table.add_column(flow.label, justify="right", min_width=NORM_WIDTH)
    for depth, *norms in zip(flows[0].depths, *(flow.norms for flow in flows), strict=True):
        table.add_row(str(depth), *(f"{norm:.3g}" for norm in norms))
    if len(flows[0].depths) > 1:
        table.add_row("per block", *(_factor(flow) for flow in flows), style=STRONG)
    return table


def finding(flows: Sequence[GradientFlow]) -> str:
    """What the numbers say, in one sentence."""
    depths = flows[0].depths
    if len(depths) == 1:
        norms = ", ".join(f"{flow.norms[0]:.3g} in {flow.label}" for flow in flows)
        return f"Of a gradient of norm 1 above {_blocks(depths[0])}, this much arrives: {norms}."
    by_verdict = sorted(flows, key=_severity)
    groups = [
        f"{verdict} in {' and '.join(f'{each.label} ({_factor(each)} per block)' for each in same)}"
        for verdict, same in groupby(by_verdict, key=_verdict)
    ]
    *first, last = groups
    listed = f"{', '.join(first)} and {last}" if first else last
    return f"From {depths[0]} to {_blocks(depths[-1])}, the gradient {listed}."


def _ticks(depths: Sequence[int], width: int) -> tuple[int, ...]:
    """The depths whose labels do not run into each other, the deepest first."""
    cells_per_block = width / max(1, depths[-1] - depths[0])
    kept: list[int] = []
    for depth in reversed(depths):
        if not kept or (kept[-1] - depth) * cells_per_block >= CELLS_PER_TICK:
            kept.append(depth)
    return tuple(reversed(kept))


def _severity(flow: GradientFlow) -> int:
    change = _change(flow)
    return next(index for index, (limit, _) in enumerate(VERDICTS) if change <= limit)


def _verdict(flow: GradientFlow) -> str:
    return VERDICTS[_severity(flow)][1]


def _change(flow: GradientFlow) -> float:
    if flow.change is not None:
        return flow.change
    return 0.0 if flow.norms[-1] == 0 else math.inf


def _factor(flow: GradientFlow) -> str:
    factor = flow.factor_per_block
    return "–" if factor is None else f"× {factor:.3f}"


def _blocks(count: int) -> str:
    return "1 block" if count == 1 else f"{count} blocks"
