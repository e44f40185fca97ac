"""Exercises of a teacher's own: each is one file of private hidden tests.

``homework1.py`` of a folder of tests grades submissions named ``homework1.py``.
It is written with ``cnn_tui.grading.testing`` like the lab's own, stands for
itself (nothing beside it can be imported), and may say ``TITLE``,
``CHECK_SECONDS``, ``TOTAL_SECONDS`` and ``LOAD_SECONDS`` as literals. It is read
here without being run. Torch-free.
"""

import ast
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from cnn_tui.errors import UsageError
from cnn_tui.grading import catalogue
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import parse_python, read_source
from cnn_tui.grading.judge.plan import PREFIX, PlannedCheck, read_plan
from cnn_tui.grading.records import Visibility
from cnn_tui.names import match
from cnn_tui.workspace import Workspace, find, find_or_none

MARKS = ("points", "needs", "topic", "visibility")
PARAMETRIZE = ("pytest.mark.parametrize", "mark.parametrize")
EXAMPLES = {
    "TITLE": 'TITLE = "Homework 1"',
    "CHECK_SECONDS": "CHECK_SECONDS = 60",
    "TOTAL_SECONDS": "TOTAL_SECONDS = 300",
    "LOAD_SECONDS": "LOAD_SECONDS = 30",
}
"""How each setting of a file is written."""
LOCAL = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
"""What has names of its own."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def exercises_in(folder: Path) -> tuple[Exercise, ...]:
    """The exercises whose hidden tests ``folder`` holds, in the order of their names.

    Files whose names begin with ``_`` are no tests. Raises UsageError for a
    folder without tests, and as ``exercise_from`` does.
    """
    try:
        tests = sorted(path for path in folder.iterdir() if path.suffix == ".py")
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be read ({error.strerror}): name the folder of your hidden tests."
        ) from error
    found = tuple(exercise_from(path) for path in tests if NAME.match(path.name))
    if not found:
        raise UsageError(f"{folder} holds no hidden tests: put a file such as homework1.py there.")
    return found


def exercise_from(tests: Path) -> Exercise:
    """The exercise that a file of hidden tests grades.

    Raises UsageError, with one sentence, for tests that could not be run or
    would not say what they seem to say.
    """
    if not NAME.fullmatch(tests.stem):
        raise UsageError(f"{tests.name}: name it with letters, digits, - and _, like the exercise.")
    if tests.is_file() and not tests.read_bytes().strip():
        raise UsageError(f"{tests.name} is empty: write hidden tests in it.")
    module = parse_python(read_source(tests), str(tests))
    for node in module.body:
        _refuse_other_tests(tests.name, node)
    _refuse_pytest_raises(tests.name, module)
    for function in _tests(module):
        _refuse_bad_marks(tests.name, function)
    plan = read_plan(tests)
    _refuse_bad_plan(tests.name, plan)
    exercise = Exercise(
        name=tests.stem,
        title=tests.stem,
        task="",
        topic="",
        max_score=sum(check.points for check in plan),
        tests=tests.resolve(),
    )
    return replace(exercise, **_settings(tests.name, module))


def choose(
    exercises: Sequence[str],
    tests: Path | None = None,
    workspace: Path | None = None,
    *,
    any_name: bool = False,
) -> tuple[list[tuple[Exercise, Path]], Workspace | None]:
    """The exercises and their files, and the workspace that remembers how they stand, if any.

    With ``tests``, they are a teacher's, and with ``any_name``, ``exercises`` are files however
    they are named. Without names, all that there are. Raises UsageError.
    """
    if tests is not None:
        return (resolve_any_name if any_name else resolve)(exercises, tests), None
    if exercises:
        space = find_or_none(workspace)
        return [catalogue.resolve(each, space) for each in exercises], space
    own = find(workspace)
    return catalogue.in_workspace(own), own


def resolve(arguments: Sequence[str], folder: Path) -> list[tuple[Exercise, Path]]:
    """The exercise and the file that each argument means: ``homework1``, or a path to it.

    Without arguments, every exercise whose file is in the current folder.
    Raises UsageError for a name without tests, and where there is nothing to check.
    """
    exercises = exercises_in(folder)
    if arguments:
        return [
            (exercise_called(each, exercises), Path(each if _is_file(each) else f"{each}.py"))
            for each in arguments
        ]
    found = [(each, Path(each.file_name)) for each in exercises if Path(each.file_name).exists()]
    if not found:
        raise UsageError(f"There is no {exercises[0].file_name} here: name the file to check.")
    return found


def resolve_any_name(files: Sequence[str], folder: Path) -> list[tuple[Exercise, Path]]:
    """The exercise that each file is a solution of, whose name need not be the exercise's.

    Where ``folder`` has tests of several exercises, the name must begin with that of one.
    Raises UsageError.
    """
    if not files:
        raise UsageError("Name the file to run the tests on, such as solution.py.")
    exercises = exercises_in(folder)
    return [(_solved_by(Path(each), exercises, folder), Path(each)) for each in files]


def _solved_by(file: Path, exercises: Sequence[Exercise], folder: Path) -> Exercise:
    if len(exercises) == 1:
        return exercises[0]
    begun = [exercise for exercise in exercises if file.name.startswith(exercise.name)]
    if not begun:
        known = ", ".join(exercise.name for exercise in exercises)
        raise UsageError(
            f"{folder} has tests of {known}: begin the name of {file.name} with one of these."
        )
    return max(begun, key=lambda exercise: len(exercise.name))


def exercise_called(name: str, exercises: Sequence[Exercise]) -> Exercise:
    """The one of a teacher's exercises that a name or a file's name means; raises UsageError."""
    known = [exercise.name for exercise in exercises]
    wanted = Path(name).stem if _is_file(name) else Path(name).name
    found = match(wanted, known, "exercise", "the folder of tests")
    return next(exercise for exercise in exercises if exercise.name == found)


def _is_file(argument: str) -> bool:
    return argument.endswith(catalogue.SUFFIXES)


def _tests(module: ast.Module) -> list[ast.FunctionDef]:
    return [
        node
        for node in module.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(PREFIX)
    ]


def _refuse_other_tests(file: str, node: ast.stmt) -> None:
    """Refuse what pytest would take for a test and the plan would not."""
    if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
        raise UsageError(f"{file}: {node.name} is a class: write each hidden test as a function.")
    if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith(PREFIX):
        raise UsageError(f"{file}: {node.name} is async: write it as an ordinary function.")


def _refuse_pytest_raises(file: str, module: ast.Module) -> None:
    """Refuse ``pytest.raises``: what a submission raises is another exception here."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.raises":
            raise UsageError(
                f"{file}, line {node.lineno}: pytest.raises does not see what a submission raises: "
                'write with expect_raises(ValueError, "f(-1)"): instead.'
            )


def _refuse_bad_marks(file: str, function: ast.FunctionDef) -> None:
    where = f"{file}, line {function.lineno}: {function.name}"
    for decorator in function.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in MARKS:
                values = _literals(arguments)
                if values is None or not _is_right(name, values):
                    raise UsageError(
                        f"{where} is marked in a way that is not understood: write "
                        'points(2), needs("other_check"), topic("slug") or visibility("hidden"), '
                        "with literals."
                    )
            case ast.Call(func=function_called) if ast.unparse(function_called) in PARAMETRIZE:
                pass
            case _:
                raise UsageError(
                    f"{where} may be marked with points, needs, topic and visibility only, each "
                    "with literals, and with pytest.mark.parametrize."
                )


def _literals(arguments: Sequence[ast.expr]) -> list[Any] | None:
    try:
        return [ast.literal_eval(argument) for argument in arguments]
    except ValueError:
        return None


def _is_right(mark: str, values: Sequence[Any]) -> bool:
    if mark == "points":
        return len(values) == 1 and type(values[0]) is int and values[0] >= 0
    if mark == "visibility":
        return len(values) == 1 and values[0] in get_args(Visibility)
    return bool(values) and all(type(value) is str for value in values)


def _refuse_bad_plan(file: str, plan: Sequence[PlannedCheck]) -> None:
    if not plan:
        raise UsageError(f"{file} holds no test: write functions named {PREFIX}something.")
    earlier: set[str] = set()
    for check in plan:
        if check.id in earlier:
            raise UsageError(f"{file}: there are two tests named {PREFIX}{check.id}.")
        for needed in check.needs:
            if needed not in earlier:
                raise UsageError(
                    f"{file}: {PREFIX}{check.id} needs {needed!r}, but no test before it is "
                    f"named {PREFIX}{needed}."
                )
        earlier.add(check.id)
    if not sum(check.points for check in plan):
        raise UsageError(f"{file}: its tests are worth no points: give one points(1).")


def _settings(file: str, module: ast.Module) -> dict[str, Any]:
    """Fields of Exercise that the file sets by literals.

    Raises UsageError for a setting that is bound in a way that is not read here:
    to pass over it would grade by a deadline that the teacher did not write.
    """
    settings: dict[str, Any] = {}
    for statement in module.body:
        names, value = _assignment(statement)
        for name in names:
            settings[name.lower()] = _setting(file, name, _literals([value]) if value else None)
        if not names:
            _refuse_hidden_setting(file, statement)
    return settings


def _assignment(statement: ast.stmt) -> tuple[list[str], ast.expr | None]:
    """The settings that a statement does nothing but give a value to, and that value."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AnnAssign(target=target, value=value):
            targets = [target]
        case _:
            return [], None
    names = [each.id for each in targets if isinstance(each, ast.Name)]
    settings = [name for name in names if name in EXAMPLES]
    return (settings, value) if len(names) == len(targets) else ([], None)


def _refuse_hidden_setting(file: str, statement: ast.stmt) -> None:
    """Refuse a setting that a statement binds in another way, as ``if`` or unpacking does."""
    remaining: list[ast.AST] = [statement]
    while remaining:
        node = remaining.pop()
        if isinstance(node, LOCAL):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in EXAMPLES:
            raise UsageError(
                f"{file}, line {node.lineno}: {node.id} is set in a way that is not understood: "
                f"write it in a line of its own, such as {EXAMPLES[node.id]}."
            )
        remaining.extend(ast.iter_child_nodes(node))


def _setting(file: str, name: str, values: list[Any] | None) -> Any:
    value = values[0] if values else None
    if name == "TITLE":
        if isinstance(value, str) and value.strip():
            return value.strip()
        raise UsageError(f"{file}: TITLE must be a string.")
    if isinstance(value, int | float) and value is not True and 0 < value < math.inf:
        return float(value)
    raise UsageError(f"{file}: {name} must be a number of seconds above 0.")
