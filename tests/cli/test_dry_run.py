"""``cnn-lab check --dry-run``: a teacher's tests on a reference of any name."""

from pathlib import Path

import pytest

from cnn_tui.cli import main
from tests.subprocesses import cnn_lab

IMPORT = "from cnn_tui.grading.testing import expect_equal, points\n"
TEST = """

@points(2)
def test_double(submission):
    '''double doubles.'''
    expect_equal(submission.call("double", 2), {wanted}, "double(2)")
"""
REFERENCE = "def double(x):\n    return 2 * x\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "the reference.py").write_text(REFERENCE)
    write_tests(tmp_path)
    return tmp_path


def write_tests(folder: Path, wanted: str = "4", name: str = "homework1", first: str = "") -> None:
    text = first + IMPORT + TEST.format(wanted=wanted)
    (folder / "tests" / f"{name}.py").write_text(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wanted", "first", "code", "said"),
    [
        ("4", "", 0, "PASSED  2 of 2 points"),
        ("5", "", 1, "NOT PASSED  0 of 2 points"),
        ("nobody", "", 3, "homework1.py, line 7: NameError: name 'nobody' is not defined"),
        ("4", "import nothing\n", 3, "homework1.py, line 1: ModuleNotFoundError"),
    ],
)
def test_runs_the_tests_on_a_file_of_any_name(
    folder: Path, wanted: str, first: str, code: int, said: str
) -> None:
    write_tests(folder, wanted, first=first)
    before = sorted(folder.rglob("*"))
    done = cnn_lab("check", "--tests", "tests", "--dry-run", "the reference.py", cwd=folder)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done
    assert "cnn-lab check the" not in done.stdout  # it would lack the tests
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["the reference.py"], "name their folder with --tests DIR"),
        (["--tests", "tests"], "Name the file to run the tests on"),
        (["--tests", "tests", "right.py"], "tests has tests of homework1, homework10: begin"),
        (["--tests", "nowhere", "right.py"], "nowhere cannot be read"),
    ],
)
def test_answers_wrong_use_with_a_sentence(
    folder: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tests(folder, name="homework10")
    assert main(["check", "--dry-run", *words]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())
