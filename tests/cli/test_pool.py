"""``cnn-lab pool``."""

import json
from pathlib import Path

import pytest

from cnn_tui.cli import main
from tests.subprocesses import cnn_lab


def test_prints_the_chapters_map_pooled() -> None:
    document = json.loads(cnn_lab("pool", "--json").stdout)
    assert document["output"] == [[6, 4], [7, 9]]
    assert document["input"][0] == [1, 3, 2, 4]
    assert (document["kind"], document["kernel_size"], document["stride"]) == ("max", 2, 2)
    assert (document["padding"], document["reduction_percent"]) == (0, 75)


def test_marks_the_window_and_spells_it_out() -> None:
    done = cnn_lab("pool", "--input", "edges", "--kind", "avg")
    assert done.returncode == 0
    assert "(0 + 0 + 0 + 1) / 4 = 0.25" in done.stdout
    assert "┃   0   │   0   ┃" in done.stdout


def test_walks_every_window_with_steps() -> None:
    done = cnn_lab("pool", "--steps")
    assert all(
        f"Output ({row}, {column})   max(" in done.stdout for row in (0, 1) for column in (0, 1)
    )


def test_reads_a_map_from_standard_input_and_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("1,2\n3,4\n")
    from_file = json.loads(cnn_lab("pool", "--input", tmp_path / "map.csv", "--json").stdout)
    from_stdin = json.loads(cnn_lab("pool", "--input", "-", "--json", stdin="1 2\n3 4\n").stdout)
    assert from_file["output"] == from_stdin["output"] == [[4]]


def test_passes_every_option_on(capsys: pytest.CaptureFixture[str]) -> None:
    words = "--kind avg --kernel-size 3 --stride 1 --padding 1 --ceil-mode --no-count-include-pad"
    assert main(["pool", *words.split(), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["output"][0][0] == 3.75
    assert document["ceil_mode"] is True
    assert document["count_include_pad"] is False
    assert document["dilation"] is None


def test_shifts_a_map_and_shows_both_outputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pool", "--shift", "0,2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["shift"], document["moved"]) == ([0, 2], [0, 1])
    assert document["one_pixel_shifts"][0]["pixel"]["unchanged"] == 4
    assert document["output"] == [[6, 4], [7, 9]]
    assert main(["pool", "--input", "shifted"]) == 0
    shown = capsys.readouterr().out
    assert "1 of 4 output cells changed (25 %)" in shown
    assert "4/7 57 %" in shown


def test_shows_the_way_back_indices_and_unpooling(capsys: pytest.CaptureFixture[str]) -> None:
    documents = {}
    for option in ("--backward", "--return-indices", "--unpool"):
        assert main(["pool", option, "--json"]) == 0
        documents[option] = json.loads(capsys.readouterr().out)
    assert documents["--backward"]["input_gradient"][1] == [0, 1, 0, 0]
    assert documents["--backward"]["output_gradient"] == [[1, 1], [1, 1]]
    assert documents["--return-indices"]["indices"] == [[5, 3], [8, 15]]
    assert documents["--unpool"]["unpooled"][2] == [7, 0, 0, 0]
    assert main(["pool", "--input", "shifted", "--backward", "--steps"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("Sent to the input 4×4") == 4
    assert "Gradient 4×4" in shown


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--kernel-size", "0"], "at least 1"),
        (["--kernel-size", "9"], "does not fit"),
        (["--padding", "2"], "half of kernel_size"),
        (["--kind", "median"], "no kind of pooling named 'median'"),
        (["--kind", "lp", "--padding", "1"], "lp_pool2d has none"),
        (["--kind", "adaptive-avg"], "an output size, such as 2, or 2,3 (--output-size)."),
        (["--kind", "adaptive-avg", "--kernel-size", "2"], "takes no kernel_size"),
        (["--shift", "1"], "ROWS,COLUMNS"),
        (["--shift", "0,1", "--steps"], "give one of them"),
        (["--backward", "--unpool"], "--backward and --unpool are two views"),
        (["--unpool", "--kind", "avg"], "choose max (--kind)"),
        (["--input", "bad.csv"], "bad.csv, row 3, column 2: expected a number, got nothing"),
        (["--input", "edgse"], "did you mean edges?"),
        (["--input", "absent.csv"], "cannot be read"),
        (["--kernel-size", "two"], "Invalid value"),
    ],
)
def test_answers_wrong_use_with_a_sentence(tmp_path: Path, words: list[str], sentence: str) -> None:
    (tmp_path / "bad.csv").write_text("1,2\n\n3,\n")
    done = cnn_lab("pool", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
