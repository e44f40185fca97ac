"""``cnn-lab pool``."""

import json
from pathlib import Path

import pytest

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
    assert "[0][0]" in done.stdout


def test_walks_every_window_with_steps() -> None:
    done = cnn_lab("pool", "--steps")
    assert all(f"Output ({row}, {column}) =" in done.stdout for row in (0, 1) for column in (0, 1))


def test_reads_a_map_from_standard_input_and_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("1,2\n3,4\n")
    from_file = json.loads(cnn_lab("pool", "--input", tmp_path / "map.csv", "--json").stdout)
    from_stdin = json.loads(cnn_lab("pool", "--input", "-", "--json", stdin="1 2\n3 4\n").stdout)
    assert from_file["output"] == from_stdin["output"] == [[4]]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--kernel-size", "0"], "at least 1"),
        (["--kernel-size", "9"], "does not fit"),
        (["--padding", "2"], "half of kernel_size"),
        (["--kind", "median"], "use max or avg"),
        (["--input", "edgse"], "did you mean edges?"),
        (["--input", "absent.csv"], "cannot be read"),
        (["--kernel-size", "two"], "Invalid value"),
    ],
)
def test_answers_wrong_use_with_a_sentence(words: list[str], sentence: str) -> None:
    done = cnn_lab("pool", *words)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
