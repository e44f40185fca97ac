"""Whose fault a failed check is: the functions of the task page that it judges."""

import ast
from functools import cache

from cnn_tui.grading.catalogue import exercise_named, starter
from cnn_tui.grading.records import CheckResult
from tests.grading.conftest import Verdict, reference

JUDGED: dict[str, dict[str, tuple[str, ...]]] = {
    "exercise1": {
        "max_pool": ("max_pool",),
        "max_pool_windows": ("max_pool",),
        "avg_pool": ("avg_pool",),
        "avg_pool_windows": ("avg_pool",),
        "difference": ("difference",),
        "peak_retention": ("peak_retention",),
        "noise_gain": ("noise_gain",),
        "agreement": ("agreement",),
        "better_pooling": ("better_pooling",),
    },
    "exercise2": {
        "zero_weights": ("make_block",),
        "plain_block": ("make_block",),
        "residual_block": ("make_block",),
        "jacobian": ("jacobian",),
        "stack": ("make_stack",),
        "same_start": ("make_stack",),
        "input_gradient_norm": ("input_gradient_norm",),
        "gradient_norms": ("gradient_norms",),
        "which_vanishes": ("factor_per_block", "which_vanishes"),
        "finding": ("gradient_norms",),
    },
    "exercise3": {
        "plain_net": ("make_net",),
        "norm_net_evaluates": ("make_net",),
        "norm_net_trains": ("make_net",),
        "running_statistics": ("make_net",),
        "gradients": ("make_net",),
        "faster": ("faster",),
        "history": ("train",),
        "training_mode": ("train",),
        "adam": ("train",),
        "comparison": ("make_net", "train"),
    },
    "exercise4": {
        "dropout_rests": ("dropout",),
        "dropout_chance": ("dropout",),
        "dropout_drops": ("dropout",),
        "net_evaluates": ("make_net",),
        "net_trains": ("make_net", "dropout"),  # the reference builds the network from it
        "accuracy": ("accuracy",),
        "best_p": ("gaps", "best_p"),
        "steps": ("train",),
        "train_drops": ("train",),
        "comparison": ("make_net", "train"),
    },
    "exercise5": {
        "lenet5": ("lenet5",),
        "vgg_style": ("vgg_style",),
        "resnet_style": ("resnet_style",),
        "count_parameters": ("count_parameters",),
        "epochs_to_converge": ("epochs_to_converge",),
        "compare": ("compare",),
        "accuracy": ("accuracy",),
        "history": ("train",),
        "steps": ("train",),
        "comparison": ("train", "lenet5", "vgg_style", "resnet_style"),
    },
}
"""Exercise → check → functions. A check fails only where one of its own functions is wrong."""


@cache
def functions(exercise: str) -> tuple[str, ...]:
    """The functions that the task page asks for."""
    source = starter(exercise_named(exercise)).read_text(encoding="utf-8")
    body = ast.parse(source).body
    return tuple(each.name for each in body if isinstance(each, ast.FunctionDef))


def unfairly_failed(exercise: str, broken: tuple[str, ...], verdict: Verdict) -> dict[str, str]:
    """The checks that failed though none of the functions that they judge is ``broken``."""
    return {
        check: result.message
        for check, result in verdict.results.items()
        if _is_failed(result) and not set(JUDGED[exercise][check]) & set(broken)
    }


def changed_functions(exercise: str, old: str) -> tuple[str, ...]:
    """The functions of the reference that a change of its text ``old`` breaks.

    Of a helper, those that use it.
    """
    source = reference(exercise)
    line = source[: source.index(old)].count("\n") + 1 + (len(old) - len(old.lstrip("\n")))
    return tuple(sorted(_users(exercise, _definition_at(source, line))))


def _is_failed(result: CheckResult) -> bool:
    return result.status == "failed"


def _definition_at(source: str, line: int) -> str:
    for node in ast.parse(source).body:
        if node.lineno <= line <= (node.end_lineno or 0):
            match node:
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    return name
                case ast.Assign(targets=[ast.Name(id=name)]):
                    return name
    raise AssertionError(f"line {line} of the reference defines nothing")


def _users(exercise: str, name: str) -> set[str]:
    if name in functions(exercise):
        return {name}
    users = {
        each.name
        for each in ast.parse(reference(exercise)).body
        if isinstance(each, ast.FunctionDef | ast.ClassDef)
        and each.name != name
        and any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(each))
    }
    return set().union(*(_users(exercise, each) for each in users))
