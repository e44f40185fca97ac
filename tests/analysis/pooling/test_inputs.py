"""Maps from files: what is read, and which cell is named when it cannot be."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from cnn_tui.analysis.activations.capture import layer_output
from cnn_tui.analysis.images import load_image
from cnn_tui.analysis.pooling.grid_text import parse_cell, parse_map, read_map, with_cell
from cnn_tui.analysis.pooling.inputs import resolve_input
from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.analysis.trained import load_trained
from cnn_tui.errors import UsageError
from cnn_tui.workspace import Workspace
from tests.trained_runs import make_checkpoint


@pytest.mark.parametrize("text", ["1,2\n3,4.5\n", "1;2\n3;4.5", "1\t2\n3\t4.5\n\n", "1 2\n 3 4.5"])
def test_reads_numbers_however_they_are_separated(text: str) -> None:
    assert parse_map(text, "map.csv").grid == ((1.0, 2.0), (3.0, 4.5))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2\n3,\n", "row 2, column 2: expected a number, got nothing"),
        ("1,2\n3,four\n", "row 2, column 2: expected a number, got 'four'"),
        ("1,nan\n", "row 1, column 2"),
        ("1,1_000\n", "row 1, column 2: expected a number, got '1_000'"),
        ("\n1,2\n\n3,x\n", "row 4, column 2: expected a number, got 'x'"),
        ("\n1,2\n\n3\n", "row 4 has 1 numbers where row 2 has 2"),
        ("1,2\n3\n", "row 2 has 1 numbers where row 1 has 2"),
        ("\n \n", "holds no numbers"),
        (",".join("1" * 65), "64 cells a side"),
        ("x" * 1000, "expected a number, got 'x{40}'…"),
        ("1" * 200_000, "row 1 cannot be read"),
    ],
)
def test_names_the_row_and_column_it_cannot_read(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_map(text, "map.csv")


def test_names_the_file_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.csv cannot be read"):
        read_map(tmp_path / "absent.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_map(tmp_path / "binary.csv")


def test_takes_what_exists_for_a_path_and_says_that_a_folder_is_no_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("grades", "edges"):
        (tmp_path / name).mkdir()
    (tmp_path / "numbers").write_text("1,2\n")
    for spec in ("grades", "./grades", str(tmp_path)):
        with pytest.raises(UsageError, match=r"it is a folder\. Name a CSV file"):
            resolve_input(spec)
    assert resolve_input("numbers").grid == ((1.0, 2.0),)
    assert resolve_input("Edges").name == "edges", "the names of maps come first"
    with pytest.raises(UsageError, match="no pooling input named"):
        resolve_input("x" * 5000)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_does_not_wait_for_a_pipe_that_nobody_writes_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "map.csv")
    with pytest.raises(UsageError, match="it is a pipe: give - and"):
        read_map(tmp_path / "map.csv")


def test_drops_the_byte_order_mark_that_excel_writes(tmp_path: Path) -> None:
    (tmp_path / "excel.csv").write_bytes(b"\xef\xbb\xbf1;2\r\n3;4\r\n")
    assert read_map(tmp_path / "excel.csv").grid == ((1.0, 2.0), (3.0, 4.0))


def test_finds_a_map_by_its_name() -> None:
    assert named_input("Edges").grid[1] == (0, 1, 1, 1, 1, 0)
    with pytest.raises(UsageError, match="did you mean edges"):
        named_input("edgse")


@pytest.fixture
def colors(tmp_path: Path) -> Path:
    """A picture of 4×2 pixels: red on the left, green on the right."""
    picture = Image.new("RGB", (4, 2), (200, 0, 0))
    picture.paste((0, 100, 0), (2, 0, 4, 2))
    picture.save(tmp_path / "colors.png")
    return tmp_path / "colors.png"


def test_takes_a_channel_of_a_picture(colors: Path) -> None:
    found = {name: resolve_input(str(colors), channel=name) for name in ("red", "1", "gray", None)}
    assert found["red"].grid == ((200, 200, 0, 0), (200, 200, 0, 0))
    assert found["1"].grid[0] == (0, 0, 100, 100)
    assert found["gray"].grid[0] == found[None].grid[0] == (60, 60, 59, 59)
    assert found["red"].title == "colors.png, red"


def test_shrinks_a_large_picture_and_says_so(tmp_path: Path) -> None:
    Image.new("L", (200, 100), 7).save(tmp_path / "large.png")
    found = resolve_input(str(tmp_path / "large.png"))
    assert (len(found.grid), len(found.grid[0])) == (16, 32)
    assert found.title == "large.png, shrunk from 100×200 to 16×32"
    assert {cell for row in found.grid for cell in row} == {7}


def test_finds_digits_files_and_standard_input(tmp_path: Path) -> None:
    assert len(resolve_input("digits#17").grid) == 8
    assert resolve_input("shifted").shift == (0, 1)
    (tmp_path / "map.csv").write_text("1,2\n")
    assert resolve_input(str(tmp_path / "map.csv")).grid == ((1.0, 2.0),)
    assert resolve_input("-", stdin=io.BytesIO(b"3 4\n")).grid == ((3.0, 4.0),)


@pytest.mark.parametrize(
    ("spec", "channel", "words"),
    [
        ("colors.png", "purple", "no channel 'purple'"),
        ("colors.png", "3", "no channel '3'"),
        ("digits#0", "red", "one channel"),
        ("chapter", "red", "no channels"),
        ("-", None, "pipe one into the command"),
        ("digits#4000", None, "359 test images, #0 to #358"),
        ("run:last", None, "names no feature map"),
        ("run::conv1", None, "names no feature map"),
        ("run:nothing:conv1", None, "run"),
    ],
)
def test_says_what_is_wrong_with_a_source(
    colors: Path, monkeypatch: pytest.MonkeyPatch, spec: str, channel: str | None, words: str
) -> None:
    monkeypatch.chdir(colors.parent)
    (colors.parent / "exercises").mkdir()
    with pytest.raises(UsageError, match=words):
        resolve_input(spec, channel=channel)


def test_takes_a_feature_map_of_a_trained_run(workspace: Workspace) -> None:
    run, _ = make_checkpoint(workspace)
    found = resolve_input("run:mine:conv1:3", workspace=workspace.root)
    trained = load_trained(workspace, "mine")
    first = trained.prepare(load_image("digits#0")[1])
    maps = layer_output(trained.net, "conv1", first)
    assert found.grid == tuple(tuple(row) for row in maps[3].tolist())
    assert found.title == f"channel 3 of 6, run {run.run}, on digits#0 (3)"
    elsewhere = resolve_input("run:mine:conv1@digits#9", channel="3", workspace=workspace.root)
    assert elsewhere.grid != found.grid
    for spec, channel in (("run:mine:conv1:6", None), ("run:mine:conv1", "red")):
        with pytest.raises(UsageError, match="channel"):
            resolve_input(spec, channel=channel, workspace=workspace.root)


def test_refuses_endless_input() -> None:
    with pytest.raises(UsageError, match="longer than"):
        resolve_input("/dev/zero")


def test_changes_one_cell() -> None:
    assert with_cell(((1.0, 2.0), (3.0, 4.0)), 1, 0, 9.0) == ((1.0, 2.0), (9.0, 4.0))
    assert parse_cell(" -0.5 ") == -0.5


@pytest.mark.parametrize("text", ["", "four", "nan", "inf", "-Infinity", "1_0", "1,5", "1e999"])
def test_refuses_a_cell_that_is_no_number(text: str) -> None:
    with pytest.raises(UsageError, match="one finite number"):
        parse_cell(text)
