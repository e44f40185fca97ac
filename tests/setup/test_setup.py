"""The lab can be set up in every way that a learner may try, and by every kind of user.

Each way ends in the same use: open the app, grade an exercise, train, look
around. ``--no-deps`` and ``--no-build-isolation`` keep that offline.
"""

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uv

from cnn_tui.grading.catalogue import exercises, solution
from tests.grading.sandbox.hunt import lay
from tests.setup import installs
from tests.setup.installs import Lab
from tests.strangers import STRANGER, as_stranger, can_be_a_stranger

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NO_ENTRY = """
import pwd

def no_entry(uid):
    raise KeyError(f"getpwuid(): uid not found: {uid}")

pwd.getpwuid = no_entry
"""
"""For where the tests may not become another user: a password file without this one."""

WALLED = """
from cnn_tui.grading.sandbox import levels
print(*(each.name for each in levels.probe() if each.works and each.name != levels.LIMITS))
"""
READABLE = """
from cnn_tui.grading.sandbox import visible_paths
print(*visible_paths.walls(()).readable, sep="\\n")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the learner works; a home stands beside it."""
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("wheel")
    return installs.build_wheel(installs.clone(room / "clone"), room / "built")


@pytest.fixture
def installed(wheel: Path, tmp_path: Path, folder: Path) -> Lab:
    """The wheel in an environment of its own, used by whoever runs the tests."""
    home = installs.environment(tmp_path / "environment")
    installs.pip_install(home, wheel)
    return lab_in(home, folder)


@pytest.fixture
def open_again(tmp_path: Path) -> Iterator[None]:
    """Folders that a test has closed can be removed after it."""
    yield
    for path in (tmp_path, *tmp_path.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def lab_in(home: Path, folder: Path) -> Lab:
    return Lab(home, folder, variables={"HOME": str(folder.parent / "home")})


def is_usable(lab: Lab, imported_from: Path) -> None:
    """Use the lab once in every way that needs a part of it."""
    imported = lab.run(lab.python, "-c", "import cnn_tui; print(cnn_tui.__file__)").strip()
    assert Path(imported).is_relative_to(imported_from), imported
    lab.lab("init")
    reference = solution(exercises()[0]).read_bytes()
    (lab.folder / "exercises" / exercises()[0].file_name).write_bytes(reference)
    lab.opens_and_closes()
    assert "PASSED" in lab.lab("check", "exercise1")
    trained = lab.lab("train", "lenet5", "--data", "digits", "--epochs", "1")
    assert "Test accuracy" in trained
    assert "Data cache" in lab.lab("doctor")


def keeps_its_secrets(lab: Lab, *places: Path) -> None:
    """Whoever uses it: in each sandbox the reference passes, and a submission finds no secret.

    It looks into ``places``, and into all that it may read of them; what may be read of the
    system and of the libraries is the same for every install, and searched elsewhere.
    """
    users = [lab, a_stranger(lab)] if can_be_a_stranger() else [lab]
    for user in users:
        readable = [Path(line) for line in user.run(user.python, "-c", READABLE).splitlines()]
        own = [path for path in readable if any(path.is_relative_to(each) for each in places)]
        assert own
        tests, submission = lay(user.folder / str(len(user.prefix)), [*own, *places])
        for sandbox in user.run(user.python, "-c", WALLED).split():
            user.lab("check", "exercise1", "--sandbox", sandbox)
            user.lab("check", submission, "--tests", tests, "--sandbox", sandbox)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_from_a_clone(tmp_path: Path, folder: Path) -> None:
    home = installs.environment(tmp_path / "environment")
    before = names_in(installs.packages(home))
    clone = installs.clone(tmp_path / "clone")
    installs.pip_install(home, "-e", clone)
    gained = names_in(installs.packages(home)) - before
    assert {Path(name).suffix for name in gained} == {".pth", ".dist-info"}, gained
    lab = lab_in(home, folder)
    is_usable(lab, clone)
    keeps_its_secrets(lab, home, clone)


def test_from_the_wheel(installed: Lab, wheel: Path) -> None:
    is_usable(installed, installed.packages)
    keeps_its_secrets(installed, installed.home, wheel)


def test_from_the_source_distribution(tmp_path: Path, folder: Path) -> None:
    built = installs.build_sdist(installs.clone(tmp_path / "clone"), tmp_path / "built")
    home = installs.environment(tmp_path / "environment")
    installs.pip_install(home, built)
    lab = lab_in(home, folder)
    is_usable(lab, installs.packages(home))
    keeps_its_secrets(lab, home, built)


def test_with_uv(tmp_path: Path, folder: Path) -> None:
    clone, home = installs.clone(tmp_path / "clone"), tmp_path / "environment"
    command = (uv.find_uv_bin(), "--offline", "--quiet", "--cache-dir", tmp_path / "cache")
    installs.run(*command, "venv", "--python", sys.executable, home)
    installs.add_libraries(home)
    options = ("--no-deps", "--no-build-isolation", "--python", home)
    installs.run(*command, "pip", "install", *options, "-e", clone)
    lab = lab_in(home, folder)
    is_usable(lab, clone)
    keeps_its_secrets(lab, home, clone, tmp_path / "cache")


def test_in_a_path_with_spaces_and_signs_of_other_languages(tmp_path: Path) -> None:
    room = tmp_path / "Jörg's lab № 1"
    for name in ("home", "work"):
        (room / name).mkdir(parents=True)
    home = installs.environment(room / "environment")
    clone = installs.clone(room / "a clone")
    installs.pip_install(home, "-e", clone)
    is_usable(lab_in(home, room / "work"), clone)


def test_in_a_package_folder_that_the_user_cannot_write(installed: Lab, open_again: None) -> None:
    lab = of_an_ordinary_user(installed)
    for path in (installed.packages, *installed.packages.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    before = set(installed.packages.rglob("*"))
    is_usable(lab, lab.packages)
    assert set(installed.packages.rglob("*")) == before


def test_without_a_variable_for_the_home_folder(installed: Lab) -> None:
    is_usable(replace(installed, variables={}, unset=frozenset({"HOME"})), installed.packages)


def test_in_a_home_folder_that_the_user_cannot_write(installed: Lab, open_again: None) -> None:
    lab = of_an_ordinary_user(installed)
    home = Path(lab.variables["HOME"])
    home.chmod(0o555)
    is_usable(lab, lab.packages)
    assert "temporary" in lab.lab("data")
    assert not list(home.iterdir())


def test_by_a_user_without_an_entry_in_the_password_file(installed: Lab) -> None:
    names = frozenset({"HOME", "USER", "LOGNAME", "LNAME", "USERNAME"})
    lab = replace(installed, variables={}, unset=names)
    if can_be_a_stranger():
        lab = a_stranger(lab)
    else:
        (lab.packages / "sitecustomize.py").write_text(NO_ENTRY)
    is_usable(lab, lab.packages)
    assert "temporary" in lab.lab("data")


def of_an_ordinary_user(lab: Lab) -> Lab:
    """The same lab used by somebody whom closed folders stop, which they never do root."""
    if os.geteuid() != 0:
        return lab
    if not can_be_a_stranger():
        pytest.skip("root may write everywhere, and cannot become another user here")
    return a_stranger(lab)


def a_stranger(lab: Lab) -> Lab:
    """The same lab used by a user whom the password file does not know."""
    room = lab.folder.parent
    for path in (room, lab.folder, room / "home"):
        os.chown(path, STRANGER, STRANGER)
    needed = [Path(sys.base_prefix), Path(sys.prefix), room]
    return replace(lab, prefix=as_stranger(needed, cwd=lab.folder))
