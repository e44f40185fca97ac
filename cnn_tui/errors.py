"""The LabError family and the exit codes.

Every error that a user can cause or meet is a LabError whose message is one
sentence: what is wrong, where, and what to do next. Front ends show that
sentence; only ``--debug`` shows a traceback.
"""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

from cnn_tui.next_steps import NextStep


class ExitCode(IntEnum):
    """What ``cnn-lab`` tells the shell."""

    DONE = 0
    NOT_PASSED = 1
    UNUSABLE_INPUT = 2
    LAB_FAULT = 3
    INTERRUPTED = 130


class LabError(Exception):
    """One sentence for the user, and the exit code that goes with it.

    ``fields`` name the options that the sentence is about, as the declarations in
    ``cnn_tui.options`` do; each front end adds its own handle: ``--lr``, the field
    of a form. ``next_steps`` are what can be done about it, most useful first: a
    command, or a key.
    """

    exit_code = ExitCode.LAB_FAULT

    def __init__(
        self,
        sentence: str = "",
        *,
        fields: tuple[str, ...] = (),
        next_steps: tuple[NextStep, ...] = (),
    ) -> None:
        super().__init__(sentence)
        self.fields = fields
        self.next_steps = next_steps


class UsageError(LabError):
    """Wrong use, or input that cannot be used."""

    exit_code = ExitCode.UNUSABLE_INPUT


class RunError(LabError):
    """A training run, a demo or a check that did its work and failed."""

    exit_code = ExitCode.NOT_PASSED


class LabFault(LabError):  # noqa: N818 - a fault of the lab's own, not of its user
    """The lab itself failed: a process died, a file of its own is damaged."""


@contextmanager
def about_field(name: str) -> Iterator[None]:
    """Every LabError from here is about the option ``name``, whatever it was about before."""
    try:
        yield
    except LabError as error:
        error.fields = (name,)
        raise


def how_to_update() -> str:
    """What updates this copy of the lab: a command, where its clone is known."""
    clone = _clone()
    if clone is None:
        return "git pull, then python3 -m pip install -e ., in your clone of cnn-lab"
    where = shlex.quote(str(clone))
    return f"git -C {where} pull && python3 -m pip install -e {where}"


def _clone() -> Path | None:
    """The clone that this package lies in, or was installed from; None where nobody can tell."""
    import json  # would slow every command
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import unquote, urlsplit

    around = Path(__file__).parents[1]
    if (around / ".git").exists():
        return around
    try:
        origin = json.loads(distribution("cnn-lab").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return None
    url = urlsplit(origin.get("url", ""))
    clone = Path(unquote(url.path))
    return clone if url.scheme == "file" and (clone / ".git").exists() else None
