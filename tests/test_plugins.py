"""The lab finds what other installed packages add to it."""

import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from cnn_tui.plugins import entries, problems, records
from tests.installed_plugins import install, installed

GROUP = "cnn_lab.numbers"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of packages."""
    with installed(tmp_path):
        yield tmp_path


def test_loads_the_objects_and_modules_that_packages_name(folder: Path) -> None:
    install(folder, "seven", GROUP, "lab_seven:BOX.number", {"lab_seven.py": "class BOX: number=7"})
    install(folder, "odd", GROUP, "lab_odd", {"lab_odd.py": "ONE, THREE = 1, 3"})
    (odd_name, odd), seven = entries(GROUP)
    assert (odd_name, seven) == ("odd", ("seven", 7))
    assert isinstance(odd, ModuleType)
    assert problems() == ()


def test_finds_what_pythons_own_library_finds(folder: Path) -> None:
    install(folder, "seven", GROUP, "lab_numbers:SEVEN", {"lab_numbers.py": "SEVEN = 7"})
    (found,) = importlib.metadata.entry_points(group=GROUP)
    assert entries(GROUP) == ((found.name, found.load()),)


def test_takes_a_record_a_list_or_a_module_of_records(folder: Path) -> None:
    files = {"lab_some.py": "ONE, TWO, NAME = 1, 2, 'some'\nLIST = [3, 4, 'five']"}
    install(folder, "a", GROUP, "lab_some", files)
    install(folder, "b", GROUP, "lab_some:LIST", {})
    install(folder, "c", GROUP, "lab_some:TWO", {})
    assert records(GROUP, int) == (1, 2, 3, 4, 2)


def test_prefers_the_first_installation_of_a_package(folder: Path, tmp_path: Path) -> None:
    install(folder, "seven", GROUP, "lab_first:N", {"lab_first.py": "N = 7"})
    behind = tmp_path / "behind"
    install(behind, "seven", GROUP, "lab_second:N", {"lab_second.py": "N = 8"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.path", [str(folder), str(behind)])
        assert records(GROUP, int) == (7,)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import lab_missing", r"cannot be loaded \(ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)", r"cannot be loaded \(SystemExit: 3\)"),
        ("M = 1", r"cannot be loaded \(AttributeError: .*has no attribute 'N'\)"),
        ("N = 'seven'", r"lab_broken:N holds no int"),
        ("N = -7", r"it is negative"),
    ],
)
def test_leaves_out_a_broken_plug_in_and_says_why(
    folder: Path, source: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(folder, "broken", GROUP, "lab_broken:N", {"lab_broken.py": source})
    install(folder, "sound", GROUP, "lab_sound:N", {"lab_sound.py": "N = 7"})
    monkeypatch.delitem(sys.modules, "lab_broken", raising=False)
    for _ in range(2):
        assert records(GROUP, int, lambda n: "it is negative" if n < 0 else "") == (7,)
    (sentence,) = problems()
    assert (problems(GROUP), problems("cnn_lab.letters")) == ((sentence,), ())
    assert sentence.startswith("The plug-in broken of broken is left out: ")
    assert sentence.endswith(". Update or uninstall broken.")
    assert re.search(reason, sentence)


def test_imports_no_plug_in_before_it_is_asked_for(folder: Path) -> None:
    install(folder, "loud", GROUP, "lab_loud", {"lab_loud.py": "raise RuntimeError"})
    assert entries("cnn_lab.letters") == ()
    assert problems() == ()
