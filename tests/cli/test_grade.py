"""``cnn-lab grade``."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnn_tui.cli import main
from cnn_tui.grading.sandbox import levels
from tests.grading.conftest import reference
from tests.subprocesses import cnn_lab

needs_a_sandbox = pytest.mark.skipif(
    levels.choose() == levels.LIMITS, reason="no sandbox works here"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ada.zip").write_bytes(b"no zip")
    (folder / "bea_exercise1.py").write_text("def max_pool(:\n")
    return folder


def test_prints_one_json_document(folder: Path) -> None:
    done = cnn_lab("grade", folder, "--json", "--allow-unsandboxed", "--seed", "7")
    assert done.returncode == 0, done.stderr
    grades = json.loads(done.stdout)
    assert [grade["learner"] for grade in grades] == ["ada", "bea"]
    assert "ada.zip is damaged" in grades[0]["unusable"]
    assert "syntax error in line 1" in grades[1]["unusable"]
    assert {grade["seed"] for grade in grades} == {7}


def test_writes_files_and_shows_a_summary(folder: Path, tmp_path: Path) -> None:
    words = ("grade", folder, "--exercise", "1", "--allow-unsandboxed", "--out", "grades.csv",
             "--summary", "glance.json")  # fmt: skip
    done = cnn_lab(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 learners, 2 submissions: 2 unusable." in done.stdout
    assert "Written: grades.csv" in done.stderr
    (glance,) = json.loads((tmp_path / "glance.json").read_text())
    assert (glance["learners"], glance["passed"]) == (2, 0)
    assert (tmp_path / "grades.csv").read_text().startswith("learner,id,late,exercise,")


@pytest.mark.slow
@needs_a_sandbox
def test_lets_a_submission_import_its_helper_files(tmp_path: Path) -> None:
    for learner in ("ada", "bea"):
        (tmp_path / learner).mkdir()
        (tmp_path / learner / "exercise1.py").write_text("from pools import *\n")
    (tmp_path / "ada" / "pools.py").write_text(reference("exercise1"))
    done = cnn_lab("grade", tmp_path, "--allow-helpers", "--json")
    ada, bea = json.loads(done.stdout)
    assert (ada["status"], ada["remarks"]) == ("passed", ["Taken as helper files: pools.py."])
    assert "No module named 'pools'" in bea["unusable"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--sandbox", "limits"], "The sandbox level limits is no security boundary"),
        (["--exercise", "exercsie1"], "did you mean exercise1"),
        (["--out", "grades.txt"], "does not tell its format"),
        (["--format", "csv"], "name it with --out FILE"),
        (["--tests", "nowhere"], "nowhere cannot be read"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_answers_wrong_use_with_a_sentence(
    folder: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grade", str(folder), *words]) == 2
    said = capsys.readouterr()
    assert sentence in " ".join(said.err.split())
    assert not said.out
    assert [path.name for path in folder.parent.iterdir()] == ["class"]


def test_finds_nothing_to_grade_in_an_empty_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grade", str(tmp_path), "--allow-unsandboxed"]) == 2
    assert "holds no submissions" in capsys.readouterr().err


@pytest.mark.slow
@needs_a_sandbox
def test_stops_at_once_and_is_alone_with_its_file(folder: Path, tmp_path: Path) -> None:
    (folder / "cem_exercise1.py").write_text("while True: pass\n")
    words = ["grade", str(folder), "--out", "grades.csv"]
    first = subprocess.Popen(
        [sys.executable, "-m", "cnn_tui", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert first.stderr is not None
    while "Graded 2 of 3" not in (line := first.stderr.readline()):
        assert line
    second = cnn_lab(*words, cwd=tmp_path)
    assert second.returncode == 2
    assert "Another process grades into" in second.stderr
    begun = time.monotonic()
    first.send_signal(signal.SIGINT)
    _, said = first.communicate(timeout=30)
    assert time.monotonic() - begun < 15
    assert first.returncode == 130
    assert "Interrupted after 2 of 3, which are kept in" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class", "grades.journal"]
