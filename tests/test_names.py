"""Every module of the lab that an import, a text, a command or a string names is there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
DOTTED = re.compile(r"\bcnn_tui(?:\.[A-Za-z_]\w*)+")
IMPORT = re.compile(r"\bfrom (cnn_tui[\w.]*) import (\w+(?: as \w+)?(?:, \w+(?: as \w+)?)*)")
TEXTS = ("README.md", ".ci/run", "pyproject.toml")
LOOSE = (
    *(f"cnn_tui/grading/exercises/{each}" for each in ("hidden_tests", "starters", "solutions")),
    "tests/grading/alternatives",
)
"""Folders of files that are read or run by themselves."""


def _sources() -> list[Path]:
    folders = ("cnn_tui", "tests")
    return [path for each in folders for path in sorted((PROJECT / each).rglob("*.py"))]


def _names_in(path: Path) -> Iterator[str]:
    """What a source names in its strings, and what it imports, at the top or in a function."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _named(node.value)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cnn_tui"):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _named(text: str) -> Iterator[str]:
    yield from DOTTED.findall(text)
    for package, names in IMPORT.findall(text):
        yield from (f"{package}.{each.split()[0]}" for each in names.split(", "))


@cache
def _leads_somewhere(name: str) -> bool:
    """Whether ``name`` is a module, or something that a module defines, imports or has in it."""
    parent, _, last = name.rpartition(".")
    if _is_module(name):
        return True
    if _is_module(parent):
        return last in _top_level(parent)
    return _leads_somewhere(parent) if parent.count(".") > 1 else False


@cache
def _is_module(name: str) -> bool:
    """Whether there is such a module or folder; none is imported: some bring torchvision."""
    return _file_of(name) is not None or _place_of(name).is_dir()


def _place_of(module: str) -> Path:
    return PROJECT.joinpath(*module.split("."))


def _file_of(module: str) -> Path | None:
    place = _place_of(module)
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((each for each in files if each.is_file()), None)


@cache
def _top_level(module: str) -> set[str]:
    path = _file_of(module)
    if path is None:
        return set()
    names = {"__file__"}
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {each.asname or each.name for each in node.names}
    return names


@pytest.mark.slow
def test_every_module_that_a_source_names_is_there() -> None:
    lost = [
        f"{path.relative_to(PROJECT)}: {name}"
        for path in _sources()
        for name in _names_in(path)
        if not _leads_somewhere(name)
    ]
    assert lost == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_module_that_a_text_names_is_there(name: str) -> None:
    path = PROJECT / name
    if not path.exists():
        pytest.skip(f"{name} is not part of this copy")
    assert [each for each in _named(path.read_text()) if not _leads_somewhere(each)] == []


@pytest.mark.parametrize("place", ["no_such", "training.loop.no_such", "a.b.c"])
def test_finds_a_name_that_leads_nowhere(place: str) -> None:
    name = f"cnn_tui.{place}"
    assert list(_named(f"see {name} there")) == [name]
    assert not _leads_somewhere(name)


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in _sources()} - {PROJECT / each for each in LOOSE}
    lost = [each for each in sorted(folders) if not (each / "__init__.py").exists()]
    assert lost == []
