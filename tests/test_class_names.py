"""A class name means one thing wherever it is read."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "cnn_tui"
STANDALONE = ("grading/exercises/starters/", "grading/exercises/solutions/", "nets/starters/")
"""Learners' files are read by themselves, and each defines what its own task needs."""


@pytest.mark.slow
def test_no_two_public_classes_share_a_name() -> None:
    modules = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        if not module.startswith(STANDALONE):
            for name in _public_types(ast.parse(path.read_bytes())):
                modules[name].append(module)
    shared = {name: where for name, where in modules.items() if len(where) > 1}
    assert shared == {}


def _public_types(tree: ast.Module) -> Iterator[str]:
    """The classes that a module defines, and its type aliases, which are spelled like classes."""
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name):
                names = [name]
            case ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case ast.Assign(targets=targets):
                names = [each.id for each in targets if isinstance(each, ast.Name)]
            case _:
                continue
        yield from (each for each in names if each[0].isupper() and not each.isupper())
