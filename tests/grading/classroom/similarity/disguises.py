"""What a learner may do to a copied solution, each as a function of its source."""

import ast
import re
from collections.abc import Callable

Disguise = Callable[[str], str]


def renamed(source: str) -> str:
    """Other names for all that is not given by the starter."""
    module = ast.parse(source)
    own = set()
    for node in ast.walk(module):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                own.add(name)
            case ast.Attribute(attr=name, ctx=ast.Store()):
                own.add(name)
    own -= {"self"}
    return re.sub(rf"\b({'|'.join(sorted(own))})\b", r"my_\1", source)


def reformatted(source: str) -> str:
    """Without comments and docstrings, and with the layout of ``ast.unparse``."""
    module = ast.parse(source)
    for node in ast.walk(module):
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant()), *rest])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant()), *rest])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant()), *rest])
            ):
                node.body = rest or [ast.Pass()]
    return ast.unparse(module)


def reordered(source: str) -> str:
    """Its functions and classes in the reverse order, behind all else."""
    module = ast.parse(source)
    is_definition = (ast.FunctionDef, ast.ClassDef)
    definitions = [each for each in module.body if isinstance(each, is_definition)]
    rest = [each for each in module.body if each not in definitions]
    module.body = [*rest, *reversed(definitions)]
    return ast.unparse(module)


def with_prints(source: str) -> str:
    """A print before every third statement of a function."""

    class Prints(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
            said = ast.parse("print('step', 1)").body
            node.body = [
                each
                for place, statement in enumerate(node.body)
                for each in ([*said, statement] if place % 3 == 1 else [statement])
            ]
            return node

    return ast.unparse(ast.fix_missing_locations(Prints().visit(ast.parse(source))))


DISGUISES: tuple[Disguise, ...] = (renamed, reformatted, reordered, with_prints)
