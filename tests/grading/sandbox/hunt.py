"""A submission that hunts for the grader's secrets in every file that it can read.

``lay`` writes it, and the tests that judge it, for ``cnn-lab check --tests``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

import cnn_tui
from cnn_tui.grading.catalogue import exercises, hidden_tests, solution, starter
from cnn_tui.grading.sandbox.visible_paths import MODULES, ROOMS
from tests.grading.sandbox import searching

GRADING = Path(cnn_tui.__file__).parent / "grading"
TESTS = Path(__file__).parents[1]
OTHERS = tuple(f"grading/exercises/{each}" for each in ("hidden_tests", "solutions", "starters"))
"""Folders that hold no module of the lab's own."""


@dataclass(frozen=True)
class Secret:
    """A file that no submission may see, and what tells it from every starter.

    ``string`` is what is left of it where it is compiled.
    """

    path: Path
    line: bytes
    string: bytes


def secrets() -> list[Secret]:
    """Solutions, hidden tests, the modules that judge, and the answers that tests are made of."""
    of_learners = [find(each) for each in exercises() for find in (solution, hidden_tests)]
    judging = [path for path in sorted(GRADING.rglob("*.py")) if _judges(path)]
    answers = [*TESTS.glob("mutants/exercise*.py"), *TESTS.glob("alternatives/*.py")]
    open_to_all = "".join(starter(each).read_text() for each in exercises())
    return [_secret(path, open_to_all) for path in (*of_learners, *judging, *answers)]


def _judges(path: Path) -> bool:
    """Whether a module is for the checker alone."""
    folder = path.parent.relative_to(GRADING.parent).as_posix()
    is_shown = folder in ROOMS or path.stem in MODULES.get(folder, ())
    return not is_shown and path.stem != "__init__" and folder not in OTHERS


def _secret(path: Path, open_to_all: str) -> Secret:
    source = path.read_text()
    kinds = (map(str.strip, source.splitlines()), _strings(compile(source, path.name, "exec")))
    line, string = (
        max((each for each in kind if each not in open_to_all), key=len).encode() for kind in kinds
    )
    return Secret(path, line, string)


def _strings(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _strings(constant)


SUBMISSION = """
def hunt():
    read, found = search({roots!r}, {lines!r}, {strings!r})
    return [str(read), *found]
"""
JUDGMENT = '''
from cnn_tui.grading.testing import expect

TITLE = "A hunt for what is secret"
CHECK_SECONDS = 170
TOTAL_SECONDS = 170


def test_finds_nothing(submission, generator):
    """The submission reads files, and none of them is secret."""
    read, *found = submission.call("hunt")
    expect(int(read) > 100, f"only {read} files could be read: this proves nothing.")
    expect(not found, f"{len(found)} secret files could be read: {' '.join(found)[:900]}")
'''


def lay(folder: Path, roots: Iterable[Path | str]) -> tuple[Path, Path]:
    """The folder of tests, and the submission that looks below ``roots``."""
    hidden = secrets()
    source = Path(searching.__file__).read_text() + SUBMISSION.format(
        roots=list(map(str, roots)),
        lines={each.line for each in hidden},
        strings=[each.string for each in hidden],
    )
    tests, submission = folder / "judging" / "hunt.py", folder / "handed-in" / "hunt.py"
    for path, text in ((tests, JUDGMENT), (submission, source)):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return tests.parent, submission
