"""The maps of the pooling lab that have a name."""

from collections.abc import Iterable
from dataclasses import dataclass

from cnn_tui.analysis.pooling.records import GridPosition
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import about_field
from cnn_tui.names import match
from cnn_tui.next_steps import Action, step


@dataclass(frozen=True)
class InputMap:
    """A map and what it is good for; ``shift`` is the one-pixel shift that it is meant for."""

    name: str
    title: str
    grid: NumberGrid
    shift: GridPosition | None = None


def grid_of(rows: Iterable[Iterable[float]]) -> NumberGrid:
    """The rows as a map."""
    return tuple(tuple(float(cell) for cell in row) for row in rows)


INPUTS: tuple[InputMap, ...] = (
    InputMap(
        "chapter",
        "a 4×4 map",
        grid_of([[1, 3, 2, 4], [5, 6, 1, 2], [7, 2, 8, 3], [1, 4, 6, 9]]),
    ),
    InputMap(
        "edges",
        "a square outline: thin edges on an empty ground",
        grid_of(
            [
                [0, 0, 0, 0, 0, 0],
                [0, 1, 1, 1, 1, 0],
                [0, 1, 0, 0, 1, 0],
                [0, 1, 0, 0, 1, 0],
                [0, 1, 1, 1, 1, 0],
                [0, 0, 0, 0, 0, 0],
            ]
        ),
    ),
    InputMap(
        "checkerboard",
        "a checkerboard: detail as fine as the grid allows",
        grid_of([[(row + column) % 2 for column in range(8)] for row in range(8)]),
    ),
    InputMap(
        "gradient",
        "a smooth ramp from dark to bright",
        grid_of([[row + column for column in range(8)] for row in range(8)]),
    ),
    InputMap(
        "shifted",
        "two bright pixels, to be shifted by one column",
        grid_of([[0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
        shift=(0, 1),
    ),
)


def input_names() -> tuple[str, ...]:
    """The maps that can be named."""
    return tuple(each.name for each in INPUTS)


def named_input(name: str) -> InputMap:
    """The map that ``name`` means; raises UsageError with the nearest name."""
    with about_field("input"):
        found = match(name, input_names(), "pooling input", step(Action.EXPLAIN, "pool"))
    return next(each for each in INPUTS if each.name == found)
