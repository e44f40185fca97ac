"""Whose mistake it is that a hidden test broke: the test's own, or a submission's.

A test that calls ``.parameters()`` on the None that a function returned is right: the
function is not. Whatever the test did with values of its own is the test's mistake.
"""

import ast
import re
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnn_tui.grading.checks.testing import described
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject, ReturnedRecord
from cnn_tui.grading.isolation.submission_errors import UnsendableError
from cnn_tui.grading.judge.origins import Origin, Origins, TestFile
from cnn_tui.grading.text import one_line

OWN_CODE = str(Path(__file__).parents[2])
MISUSES = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, StopIteration),
    *(TypeError, ValueError, UnsendableError),
)
"""What Python and torch raise where a value is not of the kind that an operation needs."""
WRONG_CALL = re.compile(
    r"positional argument|required .*argument|unexpected keyword|multiple values for"
    r"|takes (no|exactly|at (least|most)) .*argument"
    r"|expected (at (least|most) )?\d+ arguments?, got"
)
"""A call with too many or too few arguments, whatever their values."""
A_FUNCTION = "a function"
OWN_TYPES = re.compile(f"{RemoteObject.__name__}|{ReturnedRecord.__name__}")
"""The judge's names for an object of the submission, which mean nothing to a learner."""
NOT_CALLABLE = "object is not callable"
ITEMS = "a collection of items"
MAX_NAME = 60
MAX_SAID = 200
CONTAINERS = (list, tuple, dict, set, frozenset)
"""An error may be about an item of theirs."""
UNKNOWN = ...
"""Stands for a value that only the operation which failed has seen."""


@dataclass(frozen=True)
class Use:
    """A part of the operation that failed, and what the test uses it as."""

    part: ast.expr
    as_what: str
    says_why: bool = False


@dataclass(frozen=True)
class Culprit:
    """A value of a submission that a test could not use."""

    use: Use
    origin: Origin
    value: Any


def misused_value(error: BaseException, tests: str, learner: LoadedSubmission) -> str:
    """What a submission returned that a test could not use; "" where the mistake is the test's."""
    if not isinstance(error, MISUSES) or WRONG_CALL.search(str(error)):
        return ""
    if not isinstance(error, UnsendableError) and _broke_in_the_lab(error, tests):
        return ""
    with suppress(OSError, SyntaxError):
        file = TestFile(tests, ast.parse(Path(tests).read_bytes()))
        culprit = next(_culprits(error, file, learner), None)
        return _sentence(culprit, error) if culprit else ""
    return ""


def _broke_in_the_lab(error: BaseException, tests: str) -> bool:
    """Whether it was one of the lab's functions that a test called in a wrong way."""
    frames = traceback.extract_tb(error.__traceback__)
    names = [frame.filename for frame in frames]
    inner = names[len(names) - names[::-1].index(tests) :] if tests in names else names
    return any(name.startswith(OWN_CODE) for name in inner)


def _culprits(error: BaseException, file: TestFile, learner: LoadedSubmission) -> Iterator[Culprit]:
    steps = list(file.steps(error.__traceback__))
    node = steps[-1].node if steps else file.tree
    last = Origin(learner.last_answer.asked)
    uses = list(_uses(node, file))
    origins = [Origins(file, steps).of(use.part) for use in uses]
    for use, origin in zip(uses, origins, strict=True):
        if NOT_CALLABLE in str(error) and use.as_what != A_FUNCTION:
            continue
        if isinstance(error, UnsendableError) and use.part is node:
            continue
        if origin is None:
            continue
        value = Origins(file, steps).value(use.part)
        if value is UNKNOWN and isinstance(node, ast.Attribute):
            value = getattr(error, "obj", UNKNOWN)
        elif value is UNKNOWN and origin == last and origins.count(last) == 1:
            value = learner.last_answer.value
        is_only_part = sum(each.as_what == use.as_what for each in uses) == 1
        if is_only_part or _may_be_about(error, value):
            yield Culprit(use, origin, value)


def _may_be_about(error: BaseException, value: Any) -> bool:
    """Whether it may be a value of this type that failed: Python and torch name the type."""
    if not isinstance(error, TypeError) or value is UNKNOWN or isinstance(value, CONTAINERS):
        return True
    return type(value).__name__.lower() in str(error).lower()


def _uses(node: ast.AST, file: TestFile) -> Iterator[Use]:
    """The parts of an operation, and what each must be for it."""
    match node:
        case ast.Attribute(value=value, attr=name):
            yield Use(value, f"an object with .{name}")
        case ast.Subscript(value=value, slice=item):
            yield Use(value, _item(item))
            yield Use(item, "an index or a key")
        case ast.Call():
            yield from _of_call(node)
        case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.AugAssign():
            parts = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
            yield from (Use(each, "a value to compute with", says_why=True) for each in parts)
        case ast.Tuple(elts=parts, ctx=ast.Store()) | ast.List(elts=parts, ctx=ast.Store()):
            yield from _unpacked(node, parts, file)
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            yield from (Use(value, "a dict") for key, value in pairs if key is None)
        case ast.For(iter=items):
            yield Use(items, ITEMS)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            yield Use(node.generators[0].iter, ITEMS)
        case ast.With(items=items):
            yield from (Use(each.context_expr, "a context manager") for each in items)
    match node, file.parents.get(node):  # Where newer Pythons say that a loop failed.
        case ast.expr(), ast.For(iter=items) | ast.comprehension(iter=items) if items is node:
            yield Use(node, ITEMS)
        case ast.Name(), _:
            yield Use(node, "a value of another kind", says_why=True)
        case ast.FormattedValue() | ast.JoinedStr() | ast.Constant(), _:
            yield from _written(node, file)


def _written(node: ast.AST, file: TestFile) -> Iterator[Use]:
    """The values of an f-string; Python 3.11 does not say which of its parts failed."""
    while isinstance(above := file.parents.get(node), ast.FormattedValue | ast.JoinedStr):
        node = above
    for each in ast.walk(node):
        if isinstance(each, ast.FormattedValue):
            yield Use(each.value, "a value to write as text", says_why=True)


def _item(item: ast.expr) -> str:
    match item:
        case ast.Constant(value=str(key)):
            return f"a dict with the key {one_line(repr(key), MAX_NAME)}"
        case ast.Constant(value=int(index)):
            return f"a collection with an item [{index}]"
    return ITEMS


def _of_call(call: ast.Call) -> Iterator[Use]:
    function = call.func
    if isinstance(function, ast.Attribute):
        yield Use(function.value, f"an object with .{function.attr}()", says_why=True)
    else:
        yield Use(function, A_FUNCTION)
    match call:
        case ast.Call(func=ast.Attribute(attr="call"), args=[ast.Constant(value=str(asked)), *_]):
            name = asked
        case _:
            name = ast.unparse(function).rpartition(".")[2]
    for part in (*call.args, *(each.value for each in call.keywords)):
        yield Use(part, f"an argument of {one_line(name, MAX_NAME)}()", says_why=True)


def _unpacked(node: ast.AST, parts: list[ast.expr], file: TestFile) -> Iterator[Use]:
    above = file.parents[node]
    many = any(isinstance(each, ast.Starred) for each in parts)
    number = len(parts) - many
    as_what = f"{'at least ' * many}{number} value{'s' * (number != 1)}"
    match above:
        case ast.Assign(value=value):
            yield Use(value, as_what)
        case ast.For(iter=items) | ast.comprehension(iter=items):
            yield Use(items, f"a collection whose items are {as_what} each")


def _sentence(culprit: Culprit, error: BaseException) -> str:
    use, value = culprit.use, culprit.value
    asked = one_line(culprit.origin.asked, MAX_NAME)
    is_constant = bool(asked) and not asked.endswith(")")
    as_what = f"{use.as_what} ({_reason(error)})" if use.says_why else use.as_what
    if culprit.origin.is_whole and value is not UNKNOWN:
        answer = f"{asked} is" if is_constant else f"{asked or 'Your code'} returned"
        return f"{answer} {described(value)}; the test uses it as {as_what}."
    answer = asked if is_constant else f"what {asked or 'your code'} returned"
    if value is UNKNOWN:
        part = "" if culprit.origin.is_whole else " a part of"
        return f"The test cannot use{part} {answer} as {as_what}."
    found = "None" if value is None else described(value)
    return f"In {answer}, the test found {found} where it needs {as_what}."


def _reason(error: BaseException) -> str:
    if isinstance(error, UnsendableError):
        return one_line(str(error.__cause__), MAX_SAID)
    message = OWN_TYPES.sub("object", str(error))
    return f"{type(error).__name__}: {one_line(message, MAX_SAID)}"
