"""``cnn-lab similarity``."""

import json
from pathlib import Path

import pytest

from cnn_tui.cli import main
from tests.grading.classroom.similarity.disguises import renamed
from tests.grading.conftest import reference


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    for learner, source in (
        ("ada", reference("exercise1")),
        (" ..", renamed(reference("exercise1"))),
    ):
        (folder / learner).mkdir(parents=True)
        (folder / learner / "exercise1.py").write_text(source)
    (folder / "bea_exercise1.py").write_text("def max_pool(:\n")
    return folder


def test_lists_the_pairs_and_writes_them(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    assert main(["similarity", "class", "--out", "pairs.html", "--out", "pairs.csv"]) == 0
    said = capsys.readouterr()
    assert "2 files compared: 1 pair" in said.out
    assert "syntax error in line 1" in said.out
    assert "Written: pairs.csv" in said.err
    assert {path.name for path in folder.parent.iterdir()} == {"class", "pairs.csv", "pairs.html"}
    assert "not a verdict" in Path("pairs.html").read_text()
    assert ",..,ada," in Path("pairs.csv").read_text()


def test_prints_one_json_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["similarity", str(folder), "--exercise", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["least"], document["compared"]) == (0.5, 2)
    (pair,) = document["pairs"]
    assert pair["share"] == pair["other_share"] == 1
    assert [each["learner"] for each in document["not_compared"]] == ["bea"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--out", "pairs.pdf"], "end it in .html or .csv"),
        (["--exercise", "exercsie1"], "did you mean exercise1"),
        (["--least", "60"], "--least"),
        (["--tests", "nowhere"], "nowhere cannot be read"),
    ],
)
def test_answers_wrong_use_with_a_sentence(
    folder: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["similarity", str(folder), *words]) == 2
    said = capsys.readouterr()
    assert sentence in " ".join(said.err.split())
    assert not said.out


def test_finds_nothing_in_an_empty_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["similarity", str(tmp_path)]) == 2
    assert "holds no submissions" in capsys.readouterr().err
