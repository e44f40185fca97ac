"""Maps from files: what is read, and which cell is named when it cannot be."""

from pathlib import Path

import pytest

from cnn_tui.analysis.inputs import named_input, parse_grid, read_grid
from cnn_tui.errors import UsageError


@pytest.mark.parametrize("text", ["1,2\n3,4.5\n", "1;2\n3;4.5", "1\t2\n3\t4.5\n\n", "1 2\n 3 4.5"])
def test_reads_numbers_however_they_are_separated(text: str) -> None:
    assert parse_grid(text, "map.csv") == ((1.0, 2.0), (3.0, 4.5))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2\n3,\n", "row 2, column 2: expected a number, got nothing"),
        ("1,2\n3,four\n", "row 2, column 2: expected a number, got 'four'"),
        ("1,nan\n", "row 1, column 2"),
        ("1,2\n3\n", "row 2 has 1 numbers where row 1 has 2"),
        ("\n \n", "holds no numbers"),
        (",".join("1" * 65), "64 cells a side"),
    ],
)
def test_names_the_row_and_column_it_cannot_read(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_grid(text, "map.csv")


def test_names_the_file_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.csv cannot be read"):
        read_grid(tmp_path / "absent.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_grid(tmp_path / "binary.csv")


def test_drops_the_byte_order_mark_that_excel_writes(tmp_path: Path) -> None:
    (tmp_path / "excel.csv").write_bytes(b"\xef\xbb\xbf1;2\r\n3;4\r\n")
    assert read_grid(tmp_path / "excel.csv") == ((1.0, 2.0), (3.0, 4.0))


def test_finds_a_map_by_its_name() -> None:
    assert named_input("Edges").grid[1] == (0, 1, 1, 1, 1, 0)
    with pytest.raises(UsageError, match="did you mean edges"):
        named_input("edgse")
