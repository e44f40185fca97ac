"""The command line as it is: its commands, what they take, and what they say of their JSON."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from typer.main import get_command

from cnn_tui.cli.app import build_app
from cnn_tui.cli.options import JSON_HELP

NUMBERS = {"N": "2", "X": "1", "WEIGHT": "0.5"}
"""What a user may say for the words in capitals that stand for a number."""


def every_command() -> dict[str, Any]:
    """Full name → command, in the order of the help page."""
    app = _app()
    return dict(_commands(app, app.make_context("cnn-lab", ["topics"])))


def document(command: Any) -> str | None:
    """What a command says of its JSON document; None where it has no ``--json``."""
    told = [each.help for each in command.params if "--json" in each.opts]
    return str(told[0]).removeprefix(JSON_HELP).strip(": .") if told else None


def parsed(line: str) -> tuple[Any, str]:
    """(the command that ``line`` names, its full name); raises what Typer does where it refuses.

    Only the line is read, and nothing is run.
    """
    words = [NUMBERS.get(word, word) for word in line.split()]
    command, name, context = _app(), "cnn-lab", None
    while True:
        context = command.make_context(name, words, parent=context)
        words = [*getattr(context, "_protected_args", ()), *context.args]
        if not words or not hasattr(command, "resolve_command"):
            return command, context.command_path
        name, command, words = command.resolve_command(context, words)


@cache
def _app() -> Any:
    return get_command(build_app())


def _commands(group: Any, context: Any) -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = command.make_context(name, [], parent=context, resilient_parsing=True)
        yield inner.command_path, command
        if hasattr(command, "list_commands"):
            yield from _commands(command, inner)
