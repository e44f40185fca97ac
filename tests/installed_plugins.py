"""Packages that add something to the lab, installed as pip would into a folder of their own."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from cnn_tui import plugins
from cnn_tui.data.catalogue import all_data_sets
from cnn_tui.grading.catalogue import exercises
from cnn_tui.nets.catalogue import all_nets


def install(folder: Path, package: str, group: str, target: str, files: Mapping[str, str]) -> None:
    """Put ``files`` and the metadata of ``package`` into ``folder``, for Python's search path.

    Its one entry point of ``group`` is called like the package, and names ``target``.
    """
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    metadata = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        f"[console_scripts]\ntool = {package}:main\n\n[{group}]\n{package} = {target}\n"
    )
    forget()  # an app of an earlier test may have looked meanwhile, on a thread of its own


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Have the packages of ``folder`` found in this process, as if it had just been started.

    At the end nothing of them is left: the next test may have a package of the same name.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        forget()
        yield
    forget()
    for name, module in [*sys.modules.items()]:
        if folder in Path(getattr(module, "__file__", None) or "").parents:
            del sys.modules[name]


def forget() -> None:
    """Look for what packages add again."""
    plugins.forget()
    for cached in (exercises, all_nets, all_data_sets):
        cached.cache_clear()


def install_exercise(folder: Path, name: str, *, record: str = "", tests: str = "") -> None:
    """An installed package of one exercise: write ``answer``, which gives 42.

    ``record`` is added to the arguments of its record, and so may replace some.
    """
    files = {
        "__init__.py": RECORD.format(name=name, record=record),
        "starter.py": '"""Write answer()."""\n\n\ndef answer():\n    raise NotImplementedError\n',
        "grading/tests.py": tests or TESTS,
        "grading/reference.py": REFERENCE,
    }
    install(
        folder,
        f"lab-{name}",
        "cnn_lab.exercises",
        f"lab_{name}:EXERCISE",
        {f"lab_{name}/{place}": text for place, text in files.items()},
    )


RECORD = """
from pathlib import Path

from cnn_tui.grading.exercises import Exercise

HERE = Path(__file__).parent
FIELDS = dict(
    name="{name}",
    title="The answer",
    task="Give the answer.",
    hints=("It is a number.", "It is even."),
    max_score=3,
    starter=HERE / "starter.py",
    tests=HERE / "grading" / "tests.py",
    reference=HERE / "grading" / "reference.py",
)
EXERCISE = Exercise(**FIELDS | dict({record}))
"""
TESTS = '''
from cnn_tui.grading.testing import expect, points

RIGHT = 42  # not for learners


@points(3)
def test_answers(submission, generator):
    """It gives the answer."""
    expect(submission.call("answer") == RIGHT, "This is not the answer.")
'''
REFERENCE = """
def answer():
    return 42  # not for learners
"""
