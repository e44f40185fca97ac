"""What ``pool`` shows: the windows, a shift, the way back, indices or unpooling."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType

from cnn_tui.analysis.pooling.backward import backward, indices, unpool
from cnn_tui.analysis.pooling.comparison import shifted_by_one
from cnn_tui.analysis.pooling.operators import pool
from cnn_tui.analysis.pooling.records import GridPosition, PoolSettings
from cnn_tui.analysis.pooling.translation import translation
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError
from cnn_tui.render.pooling.backward import gradient_steps, gradient_view
from cnn_tui.render.pooling.unpooling import indices_view, unpooled_view
from cnn_tui.render.pooling.view import pool_steps, pool_view
from cnn_tui.render.translation import translation_view

WITH_STEPS = (None, "--backward")
"""What can be shown window by window."""


@dataclass(frozen=True)
class ShownPooling:
    """What is printed, part by part, and the document that ``--json`` prints instead."""

    parts: Iterable[RenderableType]
    document: Mapping[str, Any]


def chosen_view(asked: Mapping[str, bool], *, steps: bool) -> str | None:
    """The option that says what is shown; raises UsageError where two do."""
    views = [option for option, is_asked in asked.items() if is_asked]
    if steps and not set(views) <= set(WITH_STEPS):
        views = ["--steps", *views]
    if len(views) > 1:
        raise UsageError(
            f"{' and '.join(views[:2])} are two views of a map: give one of them.",
        )
    return views[0] if views else None


def view_of(
    view: str | None,
    grid: NumberGrid,
    settings: PoolSettings,
    shift: GridPosition,
    *,
    steps: bool,
    width: int,
) -> ShownPooling:
    """``grid`` pooled, seen as ``view`` says; with ``steps`` window by window."""
    if view == "--shift":
        compared = translation(grid, settings, shift)
        return ShownPooling([translation_view(compared, width=width)], compared.to_json())
    result = pool(grid, settings)
    document = result.to_json()
    if view == "--backward":
        gradient = backward(result)
        walk = gradient_steps(gradient, width) if steps else [gradient_view(gradient, width=width)]
        return ShownPooling(walk, gradient.to_json())
    if view == "--return-indices":
        document["indices"] = indices(result)
        return ShownPooling([indices_view(result, width=width)], document)
    if view == "--unpool":
        document["unpooled"] = unpool(result)
        document["indices"] = indices(result)
        return ShownPooling([unpooled_view(result, width=width)], document)
    if steps:
        return ShownPooling(pool_steps(result, width), document)
    moved = shifted_by_one(grid, settings)
    drawn = pool_view(result, width=width, moved=moved, key="--shift 0,1")
    return ShownPooling([drawn], document)
