"""What other kinds of pooling make of the same map."""

from contextlib import suppress

from cnn_tui.analysis.pooling.operators import pool, with_kind
from cnn_tui.analysis.pooling.records import PoolResult, PoolSettings
from cnn_tui.analysis.pooling.translation import shifted
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError

COMPARED = {
    "max": ("avg", "lp"),
    "avg": ("max", "lp"),
    "lp": ("max", "avg"),
    "global-max": ("global-avg",),
    "global-avg": ("global-max",),
    "adaptive-max": ("adaptive-avg",),
    "adaptive-avg": ("adaptive-max",),
}
"""What each kind is set beside."""


def others(grid: NumberGrid, settings: PoolSettings) -> tuple[PoolResult, ...]:
    """``grid`` pooled by the other kinds, with the settings that they take; some may take none."""
    results = []
    for kind in COMPARED[settings.kind]:
        with suppress(UsageError):
            results.append(pool(grid, with_kind(settings, kind)))
    return tuple(results)


def shifted_by_one(grid: NumberGrid, settings: PoolSettings) -> PoolResult | None:
    """What comes of ``grid`` shifted right by one column; None where nothing is left of it."""
    return pool(shifted(grid, (0, 1)), settings) if len(grid[0]) > 1 else None
