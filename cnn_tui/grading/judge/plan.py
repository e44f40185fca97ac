"""Which checks an exercise has, read from its hidden tests without running them.

Every function ``test_<id>`` is one check: the first line of its docstring is
the sentence that the learner reads, and the decorators ``points``, ``needs``,
``topic`` and ``visibility`` of ``cnn_tui.grading.testing`` hold literals.
"""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnn_tui.errors import LabFault
from cnn_tui.grading.isolation.source import parse_python
from cnn_tui.grading.records import CheckResult, Status, Visibility

PREFIX = "test_"


@dataclass(frozen=True)
class PlannedCheck:
    """One check before it has run; ``needs`` names checks that must pass first."""

    id: str
    description: str
    points: int = 1
    needs: tuple[str, ...] = ()
    topic: str = ""
    visibility: Visibility = "visible"


def read_plan(tests: Path) -> tuple[PlannedCheck, ...]:
    """The checks of a file of hidden tests, in order; raises LabFault where it does not parse."""
    try:
        module = parse_python(tests.read_text(encoding="utf-8"), str(tests))
    except SyntaxError as error:
        where = f"{tests}, line {error.lineno}"
        raise LabFault(f"The hidden tests cannot be read ({where}: {error.msg}).") from error
    return tuple(
        _planned(node)
        for node in module.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(PREFIX)
    )


def result(
    check: PlannedCheck,
    status: Status,
    message: str,
    seconds: float = 0.0,
    **details: Any,
) -> CheckResult:
    """What became of a planned check; ``details`` are further fields of its result."""
    return CheckResult(
        id=check.id,
        description=check.description,
        status=status,
        points=check.points if status == "passed" else 0,
        max_points=check.points,
        message=message,
        topic=check.topic,
        visibility=check.visibility,
        seconds=round(seconds, 3),
        **details,
    )


def _planned(function: ast.FunctionDef) -> PlannedCheck:
    marks = dict(_literal_call(decorator) for decorator in function.decorator_list)
    description = (ast.get_docstring(function) or function.name).splitlines()[0]
    return PlannedCheck(
        id=function.name.removeprefix(PREFIX),
        description=description,
        points=marks.get("points", (1,))[0],
        needs=marks.get("needs", ()),
        topic=marks.get("topic", ("",))[0],
        visibility=marks.get("visibility", ("visible",))[0],
    )


def _literal_call(decorator: ast.expr) -> tuple[str, tuple[Any, ...]]:
    match decorator:
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return name, tuple(ast.literal_eval(argument) for argument in arguments)
    return "", ()
