"""What a function of a hidden test gives its names: by assignments, loops, and calls of it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Binding:
    """What a name is given somewhere: a value, one of its items, or one more value to hold."""

    value: ast.expr
    is_whole: bool
    is_added: bool = False


def bindings_of(function: AnyFunction, name: str) -> Iterator[tuple[ast.expr | ast.stmt, Binding]]:
    """Each place in a function that gives the name something."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                found = [(target, value, True) for target in targets]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                found = [(target, value, True)]
            case ast.NamedExpr(target=target, value=value):
                found = [(target, value, True)]
            case ast.For(target=target, iter=value):
                found = [(target, value, False)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                found = [(each.target, each.iter, False) for each in node.generators]
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                found = [(target, value, False)]
            case ast.AugAssign(target=ast.Name(id=other), value=value) if other == name:
                yield node, Binding(value, is_whole=False, is_added=True)
                continue
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=other))) as value
            ) if other == name:
                yield node, Binding(value, is_whole=False, is_added=True)
                continue
            case _:
                continue
        for target, value, is_whole in found:
            place = node if isinstance(node, ast.expr | ast.stmt) else target
            yield from ((place, each) for each in _given(target, name, value, is_whole))


def parameters(function: AnyFunction) -> list[str]:
    """The names of what a function takes."""
    args = function.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return [each.arg for each in (*named, args.vararg, args.kwarg) if each is not None]


def calls(node: ast.AST, function: AnyFunction) -> TypeGuard[ast.Call]:
    """Whether a node calls the function by its name."""
    match node, function:
        case ast.Call(func=ast.Name(id=name)), ast.FunctionDef(name=own):
            return name == own
    return False


def argument(call: ast.Call, function: AnyFunction, name: str) -> ast.expr | None:
    """What a call gives a parameter; None where that is its default."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    given = dict(zip(parameters(function), call.args, strict=False))
    return given.get(name)


def _given(target: ast.expr, name: str, value: ast.expr, is_whole: bool) -> Iterator[Binding]:
    """What the name is given where ``value`` is assigned to ``target``."""
    match target:
        case ast.Name(id=other) if other == name:
            yield Binding(value, is_whole)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            parts = value.elts if is_whole and isinstance(value, ast.Tuple) else []
            is_pairwise = len(parts) == len(targets) and not _has_star([*parts, *targets])
            for each, part in zip(
                targets, parts if is_pairwise else [value] * len(targets), strict=True
            ):
                yield from _given(each, name, part, is_whole=is_pairwise)
        case ast.Starred(value=inner):
            yield from _given(inner, name, value, is_whole=False)
        case ast.Subscript(value=ast.Name(id=other)) | ast.Attribute(value=ast.Name(id=other)) if (
            other == name
        ):
            yield Binding(value, is_whole=False, is_added=True)


def _has_star(parts: list[ast.expr]) -> bool:
    return any(isinstance(each, ast.Starred) for each in parts)
