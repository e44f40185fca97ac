"""An older file of a learner: which functions it lacks, and adding them; torch-free.

A starter says its version in a comment, and so does a file made from it. Both are
read as text: nothing of a learner's file is run here.
"""

import ast
import io
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.files import write_atomically
from cnn_tui.grading.catalogue import exercises, starter
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import (
    module_in,
    parse_python,
    read_regular_file,
    read_source,
    refuse_unusable,
)
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


def is_current(workspace: Workspace, exercise: Exercise) -> bool:
    """Whether the learner's file is of the version that today's starter says, if it says one."""
    begun = starter(exercise).read_text(encoding="utf-8")
    try:
        source = read_regular_file(workspace.exercises / exercise.file_name)
    except UsageError:
        return False
    is_said = VERSION.search(begun) is not None
    return is_said and version_of(source.decode("utf-8", "replace")) >= version_of(begun)


def missing_functions(path: Path, exercise: Exercise) -> tuple[str, ...]:
    """The functions of today's starter that a file of an older version lacks.

    None where the file is not older, missing, or nothing that can be completed.
    """
    begun = starter(exercise).read_text(encoding="utf-8")
    try:
        source = module_in(path.name, read_regular_file(path))
        refuse_unusable(path.name, source)
        if version_of(source.decode("utf-8")) >= version_of(begun):
            return ()
        return tuple(_lacking(parse_python(source, path.name), begun))
    except (UsageError, UnicodeDecodeError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def older_submission(path: Path, exercise: Exercise) -> str:
    """What a report says of an older file that is in nobody's workspace; "" of any other."""
    if exercise.tests is not None and exercise not in exercises():
        return ""  # a teacher's own
    missing = missing_functions(path, exercise)
    begun = starter(exercise).read_text(encoding="utf-8")
    if not missing or len(missing) == len(_functions(begun)):
        return ""  # without any of them, it was not made from an older starter
    version = version_of(begun)
    return (
        f"{path.name} was begun before version {version} of the exercise, and lacks "
        f"{_listed(missing)}: today's starter has them."
    )


def lacks_functions(exercise: Exercise, missing: Iterable[str]) -> str:
    """What to tell a learner whose older file lacks these functions."""
    version = version_of(starter(exercise).read_text(encoding="utf-8"))
    return (
        f"{exercise.file_name} lacks {_listed(missing)} of version {version} of the exercise: "
        "adding what is missing leaves your code as it is, and keeps a backup."
    )


def add_missing(workspace: Workspace, exercise: Exercise) -> tuple[tuple[str, ...], Path | None]:
    """Write the starter's functions that the learner's file lacks above its experiments.

    Returns their names and where the file is kept as it was, None where nothing was missing.
    Raises UsageError for a file that is missing, that is no Python, or cannot be replaced, and
    for one in which they cannot be added without touching the rest.
    """
    path = workspace.exercises / exercise.file_name
    source = read_source(path)
    begun = starter(exercise).read_text(encoding="utf-8")
    module = parse_python(source, path.name)
    if "*" in set(_names(module.body)):
        raise UsageError(
            f"{exercise.file_name} imports * from a module, so nobody can say which functions it "
            "lacks: import them by name, and try again."
        )
    lacking = _lacking(module, begun)
    if not lacking:
        return (), None
    completed = _completed(source.decode("utf-8"), module, begun, lacking)
    _refuse_changed(exercise, module, completed)
    try:
        backup = kept_aside(path)
        write_atomically(path, lambda temporary: _write_as(path, temporary, completed.encode()))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}): make room, or make the file and its "
            "folder writable, and try again."
        ) from error
    with suppress(LabFault):  # the file is what was asked for
        progress.record_starters(workspace, [exercise])
    return tuple(lacking), backup


def what_was_added(exercise: Exercise, added: Sequence[str], backup: Path | None) -> str:
    """What to tell after ``add_missing``."""
    if backup is None:
        return f"{exercise.file_name} lacks no function."
    return f"Added {_listed(added)} to {exercise.file_name}. Your file before: {backup.name}."


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _write_as(path: Path, temporary: Path, content: bytes) -> None:
    """Write with the permissions that the file has: it may be private, or a program."""
    temporary.write_bytes(content)
    shutil.copymode(path, temporary)


def _refuse_changed(exercise: Exercise, before: ast.Module, completed: str) -> None:
    """Refuse a text that is not the file's statements with others in one place among them."""
    try:
        after = parse_python(completed.encode(), exercise.file_name)
    except (SyntaxError, ValueError):
        after = ast.Module([], [])
    old, new = (list(map(ast.dump, module.body)) for module in (before, after))
    added = len(new) - len(old)
    if not any(new[:at] + new[at + added :] == old for at in range(len(old) + 1)):
        raise UsageError(
            f"Nothing can be added to {exercise.file_name} without changing your code: copy what "
            "is missing out of the starter by hand."
        )


def _lacking(module: ast.Module, begun: str) -> dict[str, ast.FunctionDef]:
    """The functions of a starter whose names a module gives to nothing."""
    bound = set(_names(each for each in module.body if not _is_experiments(each)))
    if "*" in bound:
        return {}
    return {each.name: each for each in _functions(begun) if each.name not in bound}


def _functions(begun: str) -> list[ast.FunctionDef]:
    return [each for each in _parsed(begun).body if isinstance(each, ast.FunctionDef)]


def _names(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """The names that statements give to something for the whole module: none within functions."""
    for statement in statements:
        nodes: list[ast.AST] = [statement]
        while nodes:
            node = nodes.pop()
            match node:
                case (
                    ast.FunctionDef(name=name)
                    | ast.AsyncFunctionDef(name=name)
                    | ast.ClassDef(name=name)
                ):
                    yield name
                    continue
                case ast.Lambda():
                    continue
                case ast.Name(id=name, ctx=ast.Store()):
                    yield name
                case ast.alias(name=name, asname=other):
                    yield other or name.partition(".")[0]
            nodes += ast.iter_child_nodes(node)


def _completed(
    source: str, module: ast.Module, begun: str, lacking: dict[str, ast.FunctionDef]
) -> str:
    """The text of a file with the functions that it lacks, and today's version.

    They end in the line ends of the file's first line; all other lines stay as they are.
    """
    lines = list(io.StringIO(source, newline=""))  # the lines that Python counts
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    if not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    place, above = _place(module, lines)
    added = [*_needed(above, begun, lacking.values()), *lacking.values()]
    stubs = "\n\n\n".join(_text_of(each, begun) for each in added)
    before = "".join(lines[:place]).rstrip("\r\n")
    below = "".join(lines[place:])
    inserted = f"\n\n\n{stubs}\n" + "\n\n" * bool(below)
    return _with_version(f"{before}{_ending(inserted, end)}{below}", begun, end)


def _ending(text: str, end: str) -> str:
    return text.replace("\n", end)


def _place(module: ast.Module, lines: Sequence[str]) -> tuple[int, list[ast.stmt]]:
    """The index of the line above which to add, and the statements before it.

    It is that of the experiments with what is said of them; the end where there are none.
    """
    at = next((i for i, each in enumerate(module.body) if _is_experiments(each)), len(module.body))
    above = module.body[:at]
    if at == len(module.body):
        return len(lines), above
    place = module.body[at].lineno - 1
    least = above[-1].end_lineno or 0 if above else 0
    while place > least and lines[place - 1].startswith("#"):
        place -= 1
    return place, above


def _is_experiments(statement: ast.stmt) -> bool:
    """Whether it is ``if __name__ == "__main__":``."""
    return isinstance(statement, ast.If) and any(
        isinstance(each, ast.Name) and each.id == "__name__" for each in ast.walk(statement.test)
    )


def _needed(
    above: Iterable[ast.stmt], begun: str, stubs: Iterable[ast.FunctionDef]
) -> list[ast.stmt]:
    """What the starter has above its functions that these use, and the file has not yet there."""
    used = {each.id for stub in stubs for each in ast.walk(stub) if isinstance(each, ast.Name)}
    used -= set(_names(above))
    kinds = (ast.Import, ast.ImportFrom, ast.Assign)
    body = _parsed(begun).body
    return [each for each in body if isinstance(each, kinds) and set(_names([each])) & used]


def _parsed(begun: str) -> ast.Module:
    return parse_python(begun.encode(), "starter")


def _text_of(node: ast.stmt, source: str) -> str:
    return "\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno])


def _with_version(text: str, begun: str, end: str) -> str:
    """``text`` with the line that says the starter's version, in place of an older one."""
    line = VERSION.search(begun)
    if line is None:
        return text
    if older := VERSION.search(text):
        return text[: older.start(1)] + line[1] + text[older.end(1) :]
    start = FIRST_LINES.match(text)
    place = start.end() if start else 0
    return f"{text[:place]}{line[1]}{end}{text[place:]}"
