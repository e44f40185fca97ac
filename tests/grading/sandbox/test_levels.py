"""The lab climbs to the best sandbox that works, and says what each one is worth."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import cnn_tui
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises, hidden_tests, solution
from cnn_tui.grading.sandbox import levels, visible_paths
from tests import strangers

TELL = (
    "from cnn_tui.grading.sandbox import levels; "
    "print(*(level.name for level in levels.probe() if level.works))"
)


def test_takes_the_best_level_that_works() -> None:
    works = [level.name for level in levels.probe() if level.works]
    assert levels.choose() == works[0]
    assert [levels.choose(name) for name in works] == works
    assert works[-1] == "limits"


def test_says_why_a_level_does_not_work_and_what_would_help(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    levels._state.cache_clear()
    try:
        bwrap = levels.probe()[0]
        assert (bwrap.name, bwrap.works) == ("bwrap", False)
        assert bwrap.reason and bwrap.remedy
        with pytest.raises(UsageError, match="does not work here: bwrap is not installed"):
            levels.choose("bwrap")
    finally:
        levels._state.cache_clear()


@pytest.mark.parametrize(
    ("reason", "about_name_spaces"),
    [("bwrap: No permissions to create new namespace", True), ("seccomp is missing", False)],
)
def test_speaks_of_name_spaces_only_where_bubblewrap_itself_failed(
    monkeypatch: pytest.MonkeyPatch, reason: str, about_name_spaces: bool
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(levels, "_tried", lambda name: reason)
    levels._state.cache_clear()
    try:
        remedy = levels.probe()[0].remedy
    finally:
        levels._state.cache_clear()
    assert remedy
    assert ("name spaces" in remedy) == about_name_spaces


def test_hides_tests_and_solutions_and_leaves_python() -> None:
    readable = [Path(each) for each in visible_paths.walls(()).readable]
    assert any(Path(os.__file__).resolve().is_relative_to(each) for each in readable)
    assert any(Path(pytest.__file__).resolve().is_relative_to(each) for each in readable)
    assert any(Path(cnn_tui.__file__).resolve().is_relative_to(each) for each in readable)
    secret = [find(each) for each in exercises() for find in (hidden_tests, solution)]
    for path in (*secret, Path(__file__), Path("/etc/passwd"), Path.home()):
        assert not any(path.resolve().is_relative_to(each) for each in readable), path


def test_hides_a_teachers_own_tests_wherever_they_lie(tmp_path: Path) -> None:
    package = Path(pytest.__file__).parent
    readable = [Path(each) for each in visible_paths.walls([package]).readable]
    assert not any(package.is_relative_to(each) for each in readable)
    assert any((package.parent / "torch").is_relative_to(each) for each in readable)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
needs_linux_tools = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in strangers.TOOLS),
    reason=f"needs {', '.join(strangers.TOOLS)}",
)


def as_stranger(command: list[str], *, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command as an ordinary user, who can enter the folders that Python lies in."""
    needed = [Path(sys.base_prefix), Path(sys.prefix), Path(cnn_tui.__file__).parents[1]]
    words = [*strangers.as_stranger(needed, before=before), *command]
    clean = {"PATH": os.environ["PATH"], "HOME": "/", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        words, capture_output=True, text=True, timeout=120, env=clean, check=False
    )


WITHOUT_NAME_SPACES = (
    # An ordinary user may forbid further name spaces to those within one of their own.
    "exec unshare --user --map-root-user sh -c "
    '"echo 0 > /proc/sys/user/max_user_namespaces; exec \\"\\$@\\"" sh "$@";'
)


@pytest.mark.slow
@needs_root
@needs_linux_tools
@pytest.mark.parametrize(
    "before",
    ["", WITHOUT_NAME_SPACES],
    ids=["with name spaces", "without name spaces"],
)
def test_confines_the_submissions_of_an_ordinary_user(before: str) -> None:
    tell = as_stranger([sys.executable, "-c", TELL], before=before)
    if "Permission denied" in tell.stderr or "Operation not permitted" in tell.stderr:
        pytest.skip(f"this machine gives nobody such a place: {tell.stderr}")
    assert tell.returncode == 0, tell.stderr
    *walled, weakest = tell.stdout.split()
    assert weakest == levels.LIMITS
    assert not (before and levels.BWRAP in walled)
    source = solution(exercises()[0]).read_text()
    source += (
        "\n\ndef _try(path):\n    try:\n        open(path).close()\n"
        "    except OSError as error:\n        print(type(error).__name__)\n"
        f"_try({str(hidden_tests(exercises()[0]))!r})\nimport os\nprint(os.getuid() != 0)\n"
    )
    code = (
        "import sys, pathlib, tempfile\n"
        "from cnn_tui.grading.catalogue import exercises\n"
        "from cnn_tui.grading.checker import check\n"
        "path = pathlib.Path(tempfile.mkdtemp(), 'exercise1.py')\n"
        "path.write_text(sys.argv[1])\n"
        "for name in sys.argv[2:]:\n"
        "    report = check(exercises()[0], path, seed=1, sandbox=name)\n"
        "    print(report.sandbox, report.passed, report.output.split(), report.unusable)\n"
    )
    done = as_stranger([sys.executable, "-c", code, source, *walled], before=before)
    assert done.returncode == 0, done.stderr
    denied = {levels.BWRAP: "FileNotFoundError", levels.LANDLOCK: "PermissionError"}
    told = done.stdout.splitlines()
    assert len(told) == len(walled)
    for name, line in zip(walled, told, strict=True):
        assert line.startswith(f"{name} True ['{denied[name]}', "), done.stdout


@pytest.mark.slow
def test_takes_the_best_level_from_an_environment_in_a_folder_of_packages(tmp_path: Path) -> None:
    """As of a learner who has installed a project of theirs, with its .venv in it, to be edited."""
    work = tmp_path / "work"
    venv.create(work / ".venv", symlinks=True)
    python = work / ".venv" / "bin" / "python"
    (packages,) = work.glob(".venv/lib/python*/site-packages")
    project = Path(cnn_tui.__file__).parents[1]
    places = (sysconfig.get_path("purelib"), str(project), str(work))
    (packages / "work.pth").write_text("\n".join(places))
    told = subprocess.run([python, "-c", TELL], capture_output=True, text=True, check=True)
    assert told.stdout.split() == [level.name for level in levels.probe() if level.works]
