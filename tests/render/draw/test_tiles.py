"""Images side by side below their captions."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cnn_tui.analysis.records import Picture
from cnn_tui.render.draw.tiles import cut, tiles

BLACK = Picture("black", 4, 4, 1, bytes(16))
WHITE = Picture("white", 4, 4, 1, bytes([255]) * 16)


def drawn(count: int, columns: int, picture: Picture = BLACK) -> list[str]:
    console = Console(file=io.StringIO(), width=columns, color_system=None)
    shown = [(Text(f"tile {place}"), picture) for place in range(count)]
    console.print(tiles(shown, 10, columns=columns, color=False))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize(("columns", "per_line"), [(10, 1), (21, 1), (22, 2), (34, 3), (80, 5)])
def test_as_many_stand_side_by_side_as_there_is_room_for(columns: int, per_line: int) -> None:
    counts = [line.count("tile") for line in drawn(5, columns) if "tile" in line]
    assert counts == [min(per_line, 5 - start) for start in range(0, 5, per_line)]
    assert all(cell_len(line) <= columns for line in drawn(5, columns))


def test_an_empty_line_is_between_two_rows() -> None:
    lines = drawn(2, 10, WHITE)
    second = lines.index("tile 1")
    assert lines[0] == "tile 0"
    assert lines[second - 1] == ""
    assert lines[second - 2] != ""


@pytest.mark.parametrize(
    ("name", "width", "shown"),
    [
        ("cat", 3, "cat"),
        ("catalog", 4, "cat…"),
        ("猫猫猫", 4, "猫 …"),
        ("a\x1bb", 9, "a�b"),
        ("ab", 0, "…"),
    ],
)
def test_a_name_is_cut_to_its_room(name: str, width: int, shown: str) -> None:
    assert cut(name, width) == shown
