"""Where a value in a file of hidden tests came from: a submission, or the test itself.

Read from the test's syntax tree, along assignments, loops, fixtures and calls of the
test's own functions: the values themselves do not tell, as there is only one None.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import CodeType, FrameType, TracebackType
from typing import Any

from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.judge.bindings import (
    FUNCTIONS,
    AnyFunction,
    Binding,
    argument,
    bindings_of,
    calls,
    parameters,
)

FIXTURE = "submission"


@dataclass(frozen=True)
class Origin:
    """The call that a submission answered with a value, and whether that is the whole answer.

    ``asked`` is the function or the constant, as the learner reads it; "" where it is not known.
    """

    asked: str = ""
    is_whole: bool = True


@dataclass(frozen=True)
class TestStep:
    """A frame of the hidden tests in a traceback, and what it was doing."""

    __test__ = False

    frame: FrameType
    node: ast.AST
    function: AnyFunction | None


@dataclass(frozen=True)
class TestFile:
    """The syntax tree of a file of hidden tests."""

    __test__ = False

    name: str
    tree: ast.Module

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node that each node is a part of."""
        nodes = ast.walk(self.tree)
        return {child: node for node in nodes for child in ast.iter_child_nodes(node)}

    def steps(self, traceback: TracebackType | None) -> Iterator[TestStep]:
        """The frames of this file, the outermost first."""
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if code.co_filename == self.name:
                node = self._node_at(code, traceback.tb_lasti)
                yield TestStep(traceback.tb_frame, node, self.function_of(node))
            traceback = traceback.tb_next

    def function_of(self, node: ast.AST) -> AnyFunction | None:
        """The function that a node is in; None at the module's level."""
        while (above := self.parents.get(node)) is not None:
            if isinstance(above, FUNCTIONS):
                return above
            node = above
        return None

    def fixture(self, name: str) -> ast.FunctionDef | None:
        """The pytest fixture of that name that the file defines."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                marked = any("fixture" in ast.unparse(each) for each in node.decorator_list)
                return node if marked else None
        return None

    def bindings(self, function: AnyFunction, use: ast.Name) -> list[Binding]:
        """What the name has been given in a function, the last before its use first.

        Where a loop uses it before it is given anything, all; none, where it is another's.
        """
        found = [
            ((node.lineno, node.col_offset), binding)
            for node, binding in bindings_of(function, use.id)
            if self.function_of(node) is function
        ]
        found.sort(key=lambda each: each[0], reverse=True)
        own = [each for _, each in found if not each.is_added]
        if not own:
            return []
        return [each for place, each in found if place < (use.lineno, use.col_offset)] or own

    def _node_at(self, code: CodeType, instruction: int) -> ast.AST:
        """The smallest node around the place of an instruction."""
        line, last_line, column, last_column = list(code.co_positions())[instruction // 2]
        start, end = (line or 0, column or 0), (last_line or 0, last_column or 0)
        around = [each for each in ast.walk(self.tree) if _is_around(each, start, end)]
        return around[-1] if around else self.tree


@dataclass
class Origins:
    """Finds the origin of expressions at one step of a traceback."""

    file: TestFile
    steps: Sequence[TestStep]
    seen: set[tuple[str, int, int]] = field(default_factory=set)

    @property
    def frame(self) -> FrameType | None:
        """The frame that the expressions are of, where one is known."""
        return self.steps[-1].frame if self.steps else None

    def of(self, expression: ast.AST) -> Origin | None:
        """Where a value came from; None where it is the test's own."""
        match expression:
            case ast.Name(id=name):
                return self._of_name(name, expression)
            case ast.Lambda():
                return None
            case ast.Subscript(value=value):  # An item is whose the whole is, whatever its index.
                return self._of_a_part([value])
            case ast.IfExp(body=body, orelse=orelse):
                return self._of_a_part([body, orelse])
            case ast.Call(func=ast.Attribute(value=owner)) if self._is_submission(owner):
                return Origin(self._asked(expression))
            case ast.Call(args=args) if any(map(self._is_submission, args)):
                return Origin(is_whole=False)
            case ast.Call(func=called):
                return self._of_call(called, expression)
        return self._of_a_part(ast.iter_child_nodes(expression))

    def _of_call(self, called: ast.expr, call: ast.Call) -> Origin | None:
        """What an object of the submission answers, or what is made of its answer."""
        match call:
            case ast.Call(func=ast.Attribute(value=owner, attr="method"), args=[name, *_]):
                origin, suffix = self.of(owner), f".{self._text(name)}()"
            case ast.Call(func=ast.Attribute(value=owner, attr="attribute"), args=[name]):
                origin, suffix = self.of(owner), f".{self._text(name)}"
            case ast.Call(func=ast.Attribute()):
                return self._of_a_part(ast.iter_child_nodes(call))
            case _:
                origin, suffix = self.of(called), "(…)"
        if origin is not None and origin.is_whole:
            return Origin(f"{origin.asked}{suffix}")
        return self._of_a_part(ast.iter_child_nodes(call))

    def _of_a_part(self, parts: Iterable[ast.AST]) -> Origin | None:
        found = (self.of(each) for each in parts)
        return next((replace(each, is_whole=False) for each in found if each), None)

    def _asked(self, call: ast.Call) -> str:
        """``f()`` for ``submission.call("f", …)``, ``N`` for ``submission.attribute("N")``."""
        match call:
            case ast.Call(func=ast.Attribute(attr="call"), args=[first, *_]):
                name = self._text(first)
                return f"{name}()" if name else ""
            case ast.Call(func=ast.Attribute(attr="attribute"), args=[first, *_]):
                return self._text(first)
        return ""

    def _text(self, expression: ast.expr) -> str:
        value = self.value(expression)
        return value if isinstance(value, str) else ""

    def value(self, expression: ast.expr) -> Any:
        """What a constant or a variable stands for; Ellipsis where it is not known."""
        match expression:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name) if self.frame is not None:
                return self.frame.f_locals.get(name, ...)
        return ...

    def _is_submission(self, expression: ast.expr) -> bool:
        if not isinstance(expression, ast.Name):
            return False
        value = self.value(expression)
        return isinstance(value, LoadedSubmission) or (value is ... and expression.id == FIXTURE)

    def _of_name(self, name: str, use: ast.Name) -> Origin | None:
        key = (name, use.lineno, use.col_offset)
        if key in self.seen or self._is_submission(use):
            return None
        self.seen.add(key)
        function = self.file.function_of(use)
        while function is not None:
            bindings = self.file.bindings(function, use)
            if bindings:
                return self._of_bindings(bindings)
            if name in parameters(function):
                return self._of_parameter(function, name)
            function = self.file.function_of(function)
        return None

    def _of_bindings(self, bindings: Sequence[Binding]) -> Origin | None:
        for each in bindings:
            origin = self.of(each.value)
            if origin is not None:
                return replace(origin, is_whole=origin.is_whole and each.is_whole)
            if not each.is_added:
                break
        return None

    def _of_parameter(self, function: AnyFunction, name: str) -> Origin | None:
        """Where the argument came from that the function was called with."""
        before = [index for index, each in enumerate(self.steps) if each.function is not function]
        if not before:
            return self._of_fixture(name)
        caller = Origins(self.file, self.steps[: before[-1] + 1], self.seen)
        call = self.steps[before[-1]].node
        if not calls(call, function):
            return caller.of(call)
        given = argument(call, function, name)
        return caller.of(given) if given is not None else None

    def _of_fixture(self, name: str) -> Origin | None:
        function = self.file.fixture(name)
        if function is None:
            return None
        nodes = (each for each in ast.walk(function) if isinstance(each, ast.Return | ast.Yield))
        values = (each.value for each in nodes if each.value is not None)
        found = (Origins(self.file, (), self.seen).of(each) for each in values)
        return next((each for each in found if each), None)


def _is_around(node: ast.AST, start: tuple[int, int], end: tuple[int, int]) -> bool:
    if not isinstance(node, ast.expr | ast.stmt):
        return False
    last = (node.end_lineno or 0, node.end_col_offset or 0)
    return (node.lineno, node.col_offset) <= start and end <= last
