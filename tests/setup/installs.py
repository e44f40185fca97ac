"""Installs of the lab for tests: a clone, environments that lack only the lab, and their users.

An environment sees the libraries of the one that runs the tests through a
``.pth`` file. Python does not follow the ``.pth`` files behind that one, so that
an editable install of the lab among those libraries stays out of sight.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyte

from cnn_tui.bench.terminal import Terminal

PROJECT = Path(__file__).parents[2]
LIBRARIES = Path(sysconfig.get_path("purelib"))
OFFLINE = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
SECONDS = 300
ROWS, COLUMNS = 24, 80
NOT_INHERITED = ("PYTHON", "CNN_LAB_", "XDG_", "VIRTUAL_ENV", "PYTEST_", "COV_", "NO_COLOR")
"""What the variables of whoever runs the tests begin with that an install must not see."""


@dataclass(frozen=True)
class Lab:
    """An environment with the lab in it, and the person who uses it from ``folder``.

    ``prefix`` are the words before each command that make it that person's.
    """

    home: Path
    folder: Path
    prefix: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    unset: frozenset[str] = frozenset()

    @property
    def python(self) -> Path:
        return self.home / "bin" / "python"

    @property
    def command(self) -> Path:
        return self.home / "bin" / "cnn-lab"

    @property
    def packages(self) -> Path:
        return packages(self.home)

    def environment(self) -> dict[str, str]:
        inherited = clean_environment()
        kept = {name: value for name, value in inherited.items() if name not in self.unset}
        return {**kept, **self.variables}

    def run(self, *words: str | Path, code: int = 0) -> str:
        """Run one command of this environment; returns its output, on which code must follow."""
        done = subprocess.run(
            [*self.prefix, *map(str, words)],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment(),
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def lab(self, *words: str | Path, code: int = 0) -> str:
        """Run ``cnn-lab`` with these words."""
        return self.run(self.command, *words, code=code)

    def opens_and_closes(self) -> None:
        """Open the app in a terminal, wait for its first page, and leave it with ``q``."""
        with Screen([*self.prefix, str(self.command)], self.folder, self.environment()) as screen:
            screen.shows("Topics", "Exercises")
            screen.press("q")
            assert screen.exit_code(SECONDS) == 0, screen.text()


class Screen(Terminal):
    """A program in a terminal of 80×24 cells, and what that shows."""

    def __init__(self, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        super().__init__(command, folder, inherited=variables, size=(ROWS, COLUMNS))

    def take(self, new: bytes) -> None:
        super().take(new)
        self._stream.feed(new.replace(b"\x1b[>", b"\x1b[?"))  # pyte knows fewer modes than Textual

    def shows(self, *words: str) -> None:
        """Wait until all words are on the screen."""
        self.wait_until(lambda: all(word in self.text() for word in words), SECONDS)

    def text(self) -> str:
        return "\n".join(self._screen.display)


def clone(target: Path) -> Path:
    """A copy of what a source distribution holds, as a clone of the project has it."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    included = settings["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    target.mkdir(parents=True)
    for name in (each.strip("/") for each in included):
        source = PROJECT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
            shutil.copytree(source, target / name, ignore=ignored)
        else:
            shutil.copy(source, target / name)
    return target


def environment(home: Path) -> Path:
    """A virtual environment in ``home`` that lacks nothing but the lab."""
    venv.create(home, symlinks=True)
    add_libraries(home)
    return home


def add_libraries(home: Path) -> None:
    """Let an environment see the libraries of the one that runs the tests."""
    (packages(home) / "libraries.pth").write_text(f"{LIBRARIES}\n", encoding="utf-8")


def packages(home: Path) -> Path:
    """The folder of an environment's packages."""
    (found,) = home.glob("lib/python*/site-packages")
    return found


def pip_install(home: Path, *what: str | Path) -> None:
    """Install into an environment with pip, from what is on this machine."""
    run(
        sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install", *OFFLINE, *what
    )


def build_wheel(source: Path, folder: Path) -> Path:
    """The wheel of a clone."""
    run(sys.executable, "-m", "pip", "wheel", *OFFLINE, "-w", folder, source)
    (built,) = folder.glob("cnn_lab-*.whl")
    return built


def build_sdist(source: Path, folder: Path) -> Path:
    """The source distribution of a clone."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=source)
    (built,) = folder.glob("cnn_lab-*.tar.gz")
    return built


def run(*words: str | Path, cwd: Path | None = None, **variables: str) -> None:
    """Run one command of whoever sets the lab up."""
    done = subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**clean_environment(), **variables},
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def clean_environment() -> dict[str, str]:
    """The variables of whoever runs the tests without those that would change an install."""
    items = os.environ.items()
    return {name: value for name, value in items if not name.startswith(NOT_INHERITED)}
