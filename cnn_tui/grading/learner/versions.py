"""An older file of a learner: which functions it lacks, and adding them; torch-free.

A starter says its version in a comment, and so does a file made from it. Both are
read as text: nothing of a learner's file is run here.
"""

import ast
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.files import write_atomically
from cnn_tui.grading.catalogue import starter
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import parse_python, read_regular_file, read_source
from cnn_tui.grading.learner import progress
from cnn_tui.grading.learner.reset import kept_aside
from cnn_tui.workspace import Workspace

VERSION = re.compile(r"^\ufeff?(# cnn-lab \w+, version (\d{1,4}))[ \t]*\r?$", re.MULTILINE)
FIRST_LINES = re.compile(r"^\ufeff?(?:#(?:!|[^\n]*coding[:=])[^\n]*\n)*")
"""What must stay above everything else: how a file is run, and how it is encoded."""


def version_of(source: str) -> int:
    """The version that the text of a starter, or of a file made from it, is of; 1 unless said."""
    found = VERSION.search(source)
    return int(found[2]) if found else 1


def is_of_today(workspace: Workspace, exercise: Exercise) -> bool:
    """Whether the learner's file is of the version that today's starter says, if it says one."""
    begun = starter(exercise).read_text(encoding="utf-8")
    try:
        source = read_regular_file(workspace.exercises / exercise.file_name)
    except UsageError:
        return False
    is_said = VERSION.search(begun) is not None
    return is_said and version_of(source.decode("utf-8", "replace")) >= version_of(begun)


def missing_functions(workspace: Workspace, exercise: Exercise) -> tuple[str, ...]:
    """The functions of today's starter that the learner's file of an older version lacks.

    None where the file is not older, missing, or no Python that can be read.
    """
    begun = starter(exercise).read_text(encoding="utf-8")
    path = workspace.exercises / exercise.file_name
    try:
        source = read_regular_file(path)
        if version_of(source.decode("utf-8")) >= version_of(begun):
            return ()
        return tuple(_lacking(parse_python(source, path.name), begun))
    except (UsageError, UnicodeDecodeError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def lacks_functions(exercise: Exercise, missing: Iterable[str]) -> str:
    """What to tell a learner whose older file lacks these functions."""
    version = version_of(starter(exercise).read_text(encoding="utf-8"))
    *others, last = missing
    named = f"{', '.join(others)} and {last}" if others else last
    return (
        f"{exercise.file_name} lacks {named} of version {version} of the exercise: "
        "adding what is missing leaves your code as it is, and keeps a backup."
    )


def add_missing(workspace: Workspace, exercise: Exercise) -> tuple[tuple[str, ...], Path | None]:
    """Write the starter's functions that the learner's file lacks above its experiments.

    Returns their names and where the file is kept as it was, None where nothing was missing.
    Raises UsageError for a file that is missing, that is no Python, or cannot be replaced.
    """
    path = workspace.exercises / exercise.file_name
    source = read_source(path)
    begun = starter(exercise).read_text(encoding="utf-8")
    lacking = _lacking(parse_python(source, path.name), begun)
    if not lacking:
        return (), None
    completed = _completed(source.decode("utf-8"), begun, lacking).encode()
    try:
        backup = kept_aside(path)
        write_atomically(path, lambda temporary: temporary.write_bytes(completed))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}): make room or give yourself the right "
            "to write to it and to its folder, and try again."
        ) from error
    with suppress(LabFault):  # the file is what was asked for
        progress.record_starters(workspace, [exercise])
    return tuple(lacking), backup


def what_was_added(exercise: Exercise, added: Sequence[str], backup: Path | None) -> str:
    """What to tell after ``add_missing``."""
    if backup is None:
        return f"{exercise.file_name} lacks no function."
    return f"{exercise.file_name} has {', '.join(added)} now. It is kept as it was: {backup.name}."


def _lacking(module: ast.Module, begun: str) -> dict[str, ast.FunctionDef]:
    """The functions of a starter whose names a module gives to nothing."""
    bound = _bound(module)
    if "*" in bound:
        return {}
    stubs = [each for each in ast.parse(begun).body if isinstance(each, ast.FunctionDef)]
    return {each.name: each for each in stubs if each.name not in bound}


def _bound(tree: ast.AST) -> set[str]:
    """Every name that is given to something anywhere below a node."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.alias(name=name, asname=other):
                names.add(other or name.partition(".")[0])
    return names


def _completed(source: str, begun: str, lacking: dict[str, ast.FunctionDef]) -> str:
    """The text of a file with the functions that it lacks, and today's version."""
    lines = source.replace("\r\n", "\n").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    place = _start_of_experiments(ast.parse("".join(lines).lstrip("\ufeff")), len(lines))
    while place and lines[place - 1].startswith("#"):  # what is said of them stays with them
        place -= 1
    added = [*_needed(source, begun, lacking.values()), *lacking.values()]
    stubs = "\n\n\n".join(_text_of(each, begun) for each in added)
    above = "".join(lines[:place]).rstrip("\n")
    text = f"{above}\n\n\n{stubs}\n" + (f"\n\n{''.join(lines[place:])}" if lines[place:] else "")
    text = _with_version(text, begun)
    return text.replace("\n", "\r\n") if "\r\n" in source else text


def _start_of_experiments(module: ast.Module, end: int) -> int:
    """The index of the line ``if __name__ == "__main__":``, ``end`` where there is none."""
    for node in module.body:
        if isinstance(node, ast.If) and any(
            isinstance(each, ast.Name) and each.id == "__name__" for each in ast.walk(node.test)
        ):
            return node.lineno - 1
    return end


def _needed(source: str, begun: str, stubs: Iterable[ast.FunctionDef]) -> list[ast.stmt]:
    """What the starter has above its functions that these use, and the file does not have."""
    used = {each.id for stub in stubs for each in ast.walk(stub) if isinstance(each, ast.Name)}
    used -= _bound(ast.parse(source.lstrip("\ufeff")))
    body = ast.parse(begun).body
    kinds = (ast.Import, ast.ImportFrom, ast.Assign)
    return [each for each in body if isinstance(each, kinds) and _bound(each) & used]


def _text_of(node: ast.stmt, source: str) -> str:
    return "\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno])


def _with_version(text: str, begun: str) -> str:
    """``text`` with the line that says the starter's version, in place of an older one."""
    line = VERSION.search(begun)
    if line is None:
        return text
    if older := VERSION.search(text):
        return text[: older.start(1)] + line[1] + text[older.end(1) :]
    start = FIRST_LINES.match(text)
    place = start.end() if start else 0
    return f"{text[:place]}{line[1]}\n{text[place:]}"
