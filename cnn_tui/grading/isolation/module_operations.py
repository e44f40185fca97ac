"""What the judge asks of a submission's module: load it, call a function, what it printed."""

import json
import linecache
import random
import sys
from collections.abc import Callable
from types import ModuleType

import numpy
import torch
from torch import Tensor

from cnn_tui.errors import LabError
from cnn_tui.grading.isolation.helper_modules import file_name_of, serve_helpers
from cnn_tui.grading.isolation.hosted_submission import HostedSubmission, Request
from cnn_tui.grading.isolation.untrusted_records import flat, rebuilt
from cnn_tui.grading.stand_ins.showing import names_in_notebooks


class MissingError(Exception):
    """The learner's module has no function of that name."""


def _load(session: HostedSubmission, request: Request) -> None:
    name, source = request["name"], request["source"]
    file_name = f"{name}.py"
    session.module = ModuleType(name)
    session.module.__file__ = file_name
    session.module.__dict__.update(names_in_notebooks(source))
    # A file named like a module that Python knows must not take its place.
    sys.modules.setdefault(name, session.module)
    lines = source.decode("utf-8").splitlines(keepends=True)
    linecache.cache[file_name] = (len(source), None, lines, file_name)
    session.helper_files = tuple(map(file_name_of, request["helpers"]))
    serve_helpers(request["helpers"])
    exec(compile(source, file_name, "exec", dont_inherit=True), session.module.__dict__)


def _seed(session: HostedSubmission, request: Request) -> None:
    for seed in (random.seed, numpy.random.seed, torch.manual_seed):
        seed(request["seed"])


def _call(session: HostedSubmission, request: Request) -> object:
    session.arguments = session.real(list(request["args"])), session.real(request["kwargs"])
    return _call_again(session, request)


def _call_again(session: HostedSubmission, request: Request) -> object:
    """Call with the very objects that the last call was given."""
    function = getattr(session.module, request["function"], None)
    if not callable(function):
        raise MissingError
    args, kwargs = session.arguments
    if session.printed is not None:
        session.printed.forget()
    return function(*args, **kwargs)


def _output(session: HostedSubmission, request: Request) -> object:
    return "" if session.printed is None else "".join(session.printed.printed)


def _constant(session: HostedSubmission, request: Request) -> object:
    """A value of the learner's module."""
    if not hasattr(session.module, request["name"]):
        raise MissingError
    return getattr(session.module, request["name"])


def _arguments(session: HostedSubmission, request: Request) -> object:
    args, kwargs = session.arguments
    return [each for each in (*args, *kwargs.values()) if isinstance(each, Tensor)]


def _summarize(session: HostedSubmission, request: Request) -> dict[str, object]:
    # Only here: no check needs it, and each waits for what this module imports.
    from cnn_tui.analysis.networks.input_specs import NetInputs
    from cnn_tui.analysis.networks.modules import summarize_named
    from cnn_tui.nets.specs import NetSpec

    options = tuple((str(option), str(value)) for option, value in request["options"])
    target = NetSpec(request["name"], options, request["place"])
    try:
        given = request["inputs"]
        inputs = None if given is None else rebuilt(NetInputs, given)
        summary = summarize_named(session.module, target, inputs, memory=bool(request["memory"]))
    except LabError as error:
        return {"sentence": str(error), "fields": list(error.fields)}
    return {"summary": json.dumps(flat(summary)).encode()}


def _release(session: HostedSubmission, request: Request) -> None:
    session.objects.clear()
    session.arguments = [], {}


MODULE_OPERATIONS: dict[str, Callable[[HostedSubmission, Request], object]] = {
    "load": _load,
    "seed": _seed,
    "call": _call,
    "call_again": _call_again,
    "arguments": _arguments,
    "output": _output,
    "constant": _constant,
    "summarize": _summarize,
    "release": _release,
}
