"""The options of the user's own network: what its signature takes, and texts as its types.

Without torch: the signature is that of the class or function, or what the file says of it.
"""

import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.names import shortened
from cnn_tui.nets.specs import NetSpec
from cnn_tui.options import WORDS

PASSED = ("num_classes", "in_channels", "image_size")
"""Parameters that the lab fills in where a network has them."""
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
NAMES_SHOWN = 8
NOTHING = ("none", "null")
SEVERAL = {"tuple", "list", "set", "dict", "Sequence", "Iterable", "Literal", "Any"}
"""Types whose values are written as Python writes them."""


def arguments(
    spec: NetSpec, signature: inspect.Signature | None, passed: Mapping[str, int | None]
) -> dict[str, Any]:
    """What the network is called with: ``passed`` where it has it, and the options given.

    ``signature`` is None where nobody knows it. Raises UsageError for an option that it does not
    have, a value of another type, and for a parameter that nobody gives.
    """
    given = {name: str(value) for name, value in spec.options}
    if signature is None:
        return {name: _literal(value) for name, value in given.items()}
    known = _named(signature)
    takes_any = any(each.kind is each.VAR_KEYWORD for each in signature.parameters.values())
    for name in given:
        if name not in known and not takes_any:
            raise _unknown(spec, name, known)
    found: dict[str, Any] = {
        name: value for name, value in passed.items() if name in known and value is not None
    }
    for name, text in given.items():
        found[name] = _typed(spec, name, text, known.get(name))
    missing = [each.name for each in known.values() if each.default is each.empty]
    _refuse_missing(spec, [name for name in missing if name not in found], signature)
    return found


def takes(signature: inspect.Signature | None, name: str) -> bool:
    """Whether the network has a parameter of that name."""
    return signature is not None and name in _named(signature)


def refuse_wrong(spec: NetSpec, tree: ast.Module) -> None:
    """Raise UsageError where a network's file has no such class or function, or no such option.

    What cannot be seen without running it is not refused.
    """
    if any(_is_star(node) for node in ast.walk(tree)):
        return
    if spec.name and spec.name not in (names := _defined(tree)):
        raise UsageError(
            f"There is no {spec.name} in {spec.label}{_instead(spec.name, tree, names)}",
            fields=("net",),
        )
    signature = _signature(spec.name, tree) if spec.name else None
    if signature is not None:
        arguments(spec, signature, dict.fromkeys(PASSED, 1))


def _named(signature: inspect.Signature) -> dict[str, inspect.Parameter]:
    positional = inspect.Parameter.POSITIONAL_ONLY
    return {
        name: each
        for name, each in signature.parameters.items()
        if each.kind not in (*VARIADIC, positional)
    }


def _unknown(spec: NetSpec, name: str, known: Mapping[str, inspect.Parameter]) -> UsageError:
    """A sentence that names the options that exist, the nearest first."""
    others = [each for each in known if each not in PASSED]
    if not others:
        return UsageError(
            f"{spec.title} takes no options: leave out {shortened(name)}, or give its signature "
            "such a parameter.",
            fields=("net",),
        )
    near = get_close_matches(name, others, n=1, cutoff=0.5)
    meant = f": did you mean {near[0]}?" if near else "."
    has = ", ".join(_described(known[each]) for each in others[:NAMES_SHOWN])
    return UsageError(
        f"{spec.title} has no option {shortened(name)}{meant} It has {has}.", fields=("net",)
    )


def _described(parameter: inspect.Parameter) -> str:
    if parameter.default is parameter.empty:
        return parameter.name
    return f"{parameter.name} ({shortened(repr(parameter.default))})"


def _refuse_missing(spec: NetSpec, names: Sequence[str], signature: inspect.Signature) -> None:
    positional = [
        each.name
        for each in signature.parameters.values()
        if each.kind is each.POSITIONAL_ONLY and each.default is each.empty
    ]
    if positional:
        raise UsageError(
            f"{spec.title} takes {', '.join(positional)} without a name: let it be given by name.",
            fields=("net",),
        )
    if names:
        example = f"{spec},{names[0]}=VALUE"
        raise UsageError(
            f"{spec.title} needs {', '.join(names)}: give {'it' if len(names) == 1 else 'them'} "
            f"as in {example}, or a default in the file.",
            fields=("net",),
        )


def _typed(spec: NetSpec, name: str, text: str, parameter: inspect.Parameter | None) -> Any:
    """The text as the type of the annotation, else as that of the default."""
    kinds = _kinds(parameter)
    if kinds & SEVERAL:
        return _literal(text)
    if "None" in kinds and text.strip().casefold() in NOTHING:
        return None
    for kind, convert in _CONVERT.items():
        if kind in kinds:
            with suppress(ValueError, KeyError):
                return convert(text.strip())
    if not kinds & _CONVERT.keys():
        return _literal(text)
    nouns = kinds - {"int"} if "float" in kinds else kinds
    wanted = " or ".join(_NOUNS[each] for each in _CONVERT if each in nouns)
    raise UsageError(
        f"{name} of {spec.title} must be {wanted}, not {shortened(repr(text))}.", fields=("net",)
    )


def _kinds(parameter: inspect.Parameter | None) -> set[str]:
    """The names of the types that it may have: those in its annotation, else its default's."""
    if parameter is None:
        return set()
    note, default = parameter.annotation, parameter.default
    if note is not parameter.empty:
        text = note if isinstance(note, str) else getattr(note, "__name__", str(note))
        text = str(note) if "|" in str(note) or "[" in str(note) else text
        found = set(re.findall(r"\w+", text))
        return found | ({"None"} if "Optional" in found else set())
    if default is parameter.empty or default is None:
        return set()
    kind = type(default).__name__
    return {"int", "float"} if kind == "int" else {kind}  # a default of 0 may mean 0.0


def _literal(text: str) -> Any:
    """A number, a switch, None or a tuple where it reads as one, else the text."""
    word = text.strip()
    if word.casefold() in ("true", "false"):
        return WORDS[word.casefold()]
    try:
        return ast.literal_eval(word)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return word


def _switch(text: str) -> bool:
    return WORDS[text.casefold()]


_CONVERT: dict[str, Callable[[str], Any]] = {
    "bool": _switch,
    "int": int,
    "float": float,
    "str": str,
}
_NOUNS = {"bool": "true or false", "int": "a whole number", "float": "a number", "str": "text"}


def _is_star(node: ast.AST) -> bool:
    """Whether it may define names that the file does not show."""
    if isinstance(node, ast.ImportFrom):
        return any(each.name == "*" for each in node.names)
    return isinstance(node, ast.Name) and node.id in ("globals", "exec", "vars")


def _defined(tree: ast.Module) -> set[str]:
    """Every name that the file may define outside of its functions and classes."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(each.asname or each.name).partition(".")[0] for each in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        waiting += ast.iter_child_nodes(node)
    return found


def _instead(name: str, tree: ast.Module, names: set[str]) -> str:
    """The rest of a sentence: the nearest name, or what the file defines."""
    near = get_close_matches(name, sorted(names), n=1, cutoff=0.6)
    if near:
        return f": did you mean {near[0]}?"
    made = [
        each.name
        for each in tree.body
        if isinstance(each, ast.ClassDef | ast.FunctionDef) and not each.name.startswith("_")
    ]
    if not made:
        return ", nor any class or function: define the network there."
    return f": it defines {', '.join(made[:NAMES_SHOWN])}."


def _signature(name: str, tree: ast.Module) -> inspect.Signature | None:
    """That of a class or function as the file writes it; None where it is not plain to see."""
    definitions = [each for each in tree.body if getattr(each, "name", "") == name]
    if len(definitions) != 1:
        return None
    node = definitions[0]
    if isinstance(node, ast.FunctionDef) and not node.decorator_list:
        return _of_function(node, skip=0)
    if not isinstance(node, ast.ClassDef) or node.decorator_list or node.keywords:
        return None
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            return None if each.decorator_list else _of_function(each, skip=1)
    return None


def _of_function(node: ast.FunctionDef, skip: int) -> inspect.Signature | None:
    kinds, given, made = inspect.Parameter, node.args, []
    ordered = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(ordered) - len(given.defaults))
    defaults += given.defaults
    for number, (each, default) in enumerate(zip(ordered, defaults, strict=True)):
        is_positional = number < len(given.posonlyargs)
        kind = kinds.POSITIONAL_ONLY if is_positional else kinds.POSITIONAL_OR_KEYWORD
        made.append(_parameter(each, kind, default))
    made = made[skip:]
    if given.vararg:
        made.append(_parameter(given.vararg, kinds.VAR_POSITIONAL, None))
    for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        made.append(_parameter(each, kinds.KEYWORD_ONLY, default))
    if given.kwarg:
        made.append(_parameter(given.kwarg, kinds.VAR_KEYWORD, None))
    try:
        return inspect.Signature(made)
    except ValueError:
        return None


def _parameter(node: ast.arg, kind: Any, default: ast.expr | None) -> inspect.Parameter:
    empty = inspect.Parameter.empty
    annotation = empty if node.annotation is None else ast.unparse(node.annotation)
    value: Any = empty
    if default is not None:
        value = _value(default)
    return inspect.Parameter(node.arg, kind, annotation=annotation, default=value)


def _value(node: ast.expr) -> Any:
    """What a default is; None where only running it would tell."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
