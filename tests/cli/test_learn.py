"""``cnn-lab hint``, ``solution``, ``reset`` and ``progress``."""

import json
import os
import pty
import re
import sys
from pathlib import Path

import pytest

from cnn_tui.cli import main
from cnn_tui.grading.catalogue import exercises, solution, starter
from cnn_tui.grading.learner import progress
from cnn_tui.workspace import Workspace
from tests.grading.learner.test_progress import report
from tests.subprocesses import cnn_lab

FIRST, SECOND = exercises()[:2]
TEXTS = ("Look at one window.", "Which value is left of it?", "Take them all at once.")


class Lab:
    """One command in this process, called from a workspace."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = main(words)
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def lab(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> Lab:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(workspace.root)
    for exercise in (FIRST, SECOND):
        monkeypatch.setitem(vars(exercise), "hints", TEXTS)
    return Lab(capsys)


@pytest.fixture
def path(workspace: Workspace) -> Path:
    """The learner's file of the first exercise, with work in it."""
    path = workspace.exercises / FIRST.file_name
    path.write_text("# hours of work\n")
    return path


def test_hints_come_one_at_a_time_and_then_all_together(lab: Lab) -> None:
    pages = [lab("hint") for _ in range(4)]
    assert [(code, said) for code, _, said in pages] == [(0, "")] * 4
    held = [[text in page for text in TEXTS] for _, page, _ in pages]
    assert held[:3] == [[True, False, False], [False, True, False], [False, False, True]]
    assert held[3] == [True, True, True]
    assert "Hint 1 of 3" in pages[0][1]
    assert f"Next: cnn-lab check {FIRST.name}, or cnn-lab hint {FIRST.name}" in pages[0][1]


def test_hints_are_told_as_data_and_read_again_without_taking_one(
    lab: Lab, workspace: Workspace
) -> None:
    assert lab("hint", "2", "--all", "--json") == (0, "[]\n", "")
    assert "No hint was taken yet" in lab("hint", "2", "--all")[1]
    taken = json.loads(lab("hint", "2", "--json")[1])
    assert taken == {"exercise": SECOND.name, "number": 1, "total": 3, "text": TEXTS[0]}
    again = lab("hint", f"exercises/{SECOND.file_name}", "--all", "--json")
    assert json.loads(again[1]) == [taken]
    assert progress.load(workspace)[SECOND.name].hints_seen == 1


def test_the_solution_waits_for_a_pass_or_a_word(
    lab: Lab, workspace: Workspace, path: Path
) -> None:
    code, out, said = lab("solution", "1")
    assert (code, out) == (1, "")
    assert f"You have not passed {FIRST.name} yet" in said
    spoiled = lab("solution", "1", "--spoil")
    assert spoiled[0] == 0
    progress.record(workspace, report(workspace, FIRST.name, score=10))
    assert lab("solution", "1") == spoiled
    done = cnn_lab("solution", "1", cwd=workspace.root)
    assert done.stdout == spoiled[1]
    first, *_ = solution(FIRST).read_text().split("\n")
    assert done.stdout.split("\n")[:2] == [
        f"--- {FIRST.file_name} (yours)",
        f"+++ {FIRST.file_name} (reference)",
    ]
    assert "\n-# hours of work\n" in done.stdout
    assert f"\n+{first}\n" in done.stdout


def test_the_solution_is_told_as_data(lab: Lab, path: Path) -> None:
    path.write_bytes(solution(FIRST).read_bytes())
    code, out, said = lab("solution", "1", "--spoil")
    assert (code, out, "is the reference, line for line" in said) == (0, "", True)
    assert json.loads(lab("solution", "1", "--spoil", "--json")[1]) == {
        "exercise": FIRST.name,
        "path": str(path),
        "passed": False,
        "diff": "",
        "reference": path.read_text(),
    }


@pytest.mark.slow
def test_the_solution_is_colored_on_a_terminal(workspace: Workspace, path: Path) -> None:
    shown, code = on_a_terminal(["solution", "1", "--spoil"], workspace)
    assert code == 0
    assert b"\x1b[31m-# hours of work\x1b[0m" in shown
    assert b"\x1b[32m+" in shown


def test_a_reset_in_a_script_needs_a_word_and_keeps_a_backup(
    workspace: Workspace, path: Path
) -> None:
    refused = cnn_lab("reset", "1", cwd=workspace.root)
    assert refused.returncode == 2
    assert "say --yes" in refused.stderr
    assert path.read_text() == "# hours of work\n"
    done = cnn_lab("reset", "1", "--yes", cwd=workspace.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert path.read_bytes() == starter(FIRST).read_bytes()
    (backup,) = path.parent.glob("*backup*")
    assert f"What you had is kept in {backup}\n" in done.stderr
    assert backup.read_text() == "# hours of work\n"


def test_a_reset_asks_nothing_where_nothing_is_lost(lab: Lab, path: Path) -> None:
    path.write_bytes(starter(FIRST).read_bytes())
    code, _, said = lab("reset", "1")
    assert (code, "is the starter already" in said) == (0, True)
    path.unlink()
    code, _, said = lab("reset", "1")
    assert (code, "is the starter now" in said) == (0, True)
    assert path.read_bytes() == starter(FIRST).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "code"), [(b"n\n", 1), (b"\x03", 130), (b"y\n", 0)])
def test_on_a_terminal_a_reset_is_a_question(
    typed: bytes, code: int, workspace: Workspace, path: Path
) -> None:
    shown, ended = on_a_terminal(["reset", "1"], workspace, typed)
    assert ended == code, shown
    assert (path.read_text() == "# hours of work\n") == (code != 0)
    assert len(list(path.parent.glob("*backup*"))) == (code == 0)


def test_progress_shows_every_exercise_and_the_next_step(lab: Lab, workspace: Workspace) -> None:
    progress.record(workspace, report(workspace, FIRST.name, score=10))
    progress.record(workspace, report(workspace, SECOND.name, score=4))
    progress.record_hint(workspace, SECOND, 3)
    code, page, said = lab("progress")
    assert (code, said) == (0, "")
    assert f"1 of {len(exercises())} exercises passed" in page
    assert re.search(rf"^1 {FIRST.title} +✓ passed +10/10 +1 +0/3 ", page, re.MULTILINE)
    assert re.search(rf"^2 {SECOND.title} +✗ not passed +4/10 +1 +1/3 ", page, re.MULTILINE)
    assert f"Next: cnn-lab hint {SECOND.name}" in page
    table = json.loads(lab("progress", "--json")[1])
    assert [each["exercise"] for each in table] == [each.name for each in exercises()]
    fields = ("state", "best_score", "max_score", "attempts", "hints_seen", "starter_changed")
    assert [table[1][field] for field in fields] == ["not passed", 4, 10, 1, 1, False]


@pytest.mark.slow
def test_progress_says_what_it_cannot_read(workspace: Workspace) -> None:
    workspace.state.mkdir()
    workspace.progress_file.write_text('{"version": 99}')
    done = cnn_lab("progress", "--json", cwd=workspace.root)
    assert done.returncode == 0
    assert "written by a newer cnn-lab" in done.stderr
    assert {each["attempts"] for each in json.loads(done.stdout)} == {0}


def test_init_remembers_the_starters_that_it_wrote(tmp_path: Path) -> None:
    assert cnn_lab("init", cwd=tmp_path).returncode == 0
    space = Workspace(tmp_path)
    starters = {name: each.starter for name, each in progress.load(space).items()}
    assert starters == {each.name: progress.starter_digest(each.name) for each in exercises()}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["hint", "exercise7"], "no exercise named 'exercise7'"),
        (["solution"], "Missing argument 'EXERCISE'"),
        (["solution", "elsewhere/exercise1.py"], "is not in the workspace"),
        (["reset", "elsewhere/exercise1.py", "--yes"], "is not in the workspace"),
    ],
)
def test_wrong_use_gets_a_sentence(lab: Lab, words: list[str], sentence: str) -> None:
    code, out, said = lab(*words)
    assert (code, out) == (2, "")
    assert sentence in said


def on_a_terminal(
    words: list[str], space: Workspace, typed: bytes = b"", asked: bytes = b"[y/N]"
) -> tuple[bytes, int]:
    """What a command shows on a terminal, where its question is answered, and its exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(space.root)
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
        os.execve(sys.executable, [sys.executable, "-m", "cnn_tui", *words], environment)
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 65_536)
        except OSError:  # the other end is closed
            break
        if typed and asked in shown:
            os.write(terminal, typed)
            typed = b""
    os.close(terminal)
    return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
