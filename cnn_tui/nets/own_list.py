"""The user's own networks in a workspace, told from its files without running them; torch-free."""

import ast
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.nets.own_files import parsed
from cnn_tui.workspace import Workspace

MOST_LISTED_FILES, MOST_LISTED_BYTES = 40, 1 << 16
"""What is looked at in a folder, so that the list is there at once."""
BASES = {"Module", "Sequential"}

_Definition = ast.ClassDef | ast.FunctionDef


def own_nets(workspace: Workspace) -> tuple[str, ...]:
    """The networks in a workspace as they are asked for, ``FILE.py:NAME``: own files first.

    Those are classes and factories that nothing else in their file is made of. A file that
    cannot be read or parsed has none.
    """
    folders = (workspace.root, workspace.scratch, workspace.exercises)
    return tuple(
        f"{path.relative_to(workspace.root).as_posix()}:{name}"
        for folder in folders
        for path in _files(folder)
        for name in _nets_in(path)
    )


def _files(folder: Path) -> list[Path]:
    try:
        files = (each for each in sorted(folder.glob("*.py")) if each.is_file())
        return [
            each
            for each in islice(files, MOST_LISTED_FILES)
            if each.stat().st_size <= MOST_LISTED_BYTES
        ]
    except OSError:
        return []


def _nets_in(path: Path) -> Iterator[str]:
    try:
        body = parsed(path).body
    except UsageError:
        return
    known = set(BASES)
    for node in body:
        if isinstance(node, ast.ClassDef) and known & _names(node.bases):
            known.add(node.name)
    definitions = [node for node in body if isinstance(node, _Definition)]
    for node in definitions:
        used = _names(each for each in definitions if each is not node)
        if _is_net(node, known) and node.name not in used and not node.name.startswith("_"):
            yield node.name


def _is_net(node: _Definition, known: set[str]) -> bool:
    if isinstance(node, ast.ClassDef):
        return node.name in known
    return node.returns is not None and bool(known & _names((node.returns,)))


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    """Every name in them; of ``nn.Module`` both parts."""
    inside = [each for node in nodes for each in ast.walk(node)]
    names = {each.id for each in inside if isinstance(each, ast.Name)}
    return names | {each.attr for each in inside if isinstance(each, ast.Attribute)}
