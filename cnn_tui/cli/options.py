"""What several commands share: options, declared here or elsewhere, and a question."""

import functools
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from cnn_tui.errors import UsageError
from cnn_tui.grading.limits import MAX_SEED
from cnn_tui.options import Option, text
from cnn_tui.render.draw.commands import flag

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="The folder that holds exercises/ and runs/. [env: CNN_LAB_WORKSPACE]",
        show_default=False,
    ),
]
DataDirOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Where data sets are cached. [env: CNN_LAB_DATA]",
        show_default=False,
    ),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        min=0.1,
        max=86_400,
        help="Time for all checks of an exercise together, instead of its own.",
        show_default=False,
    ),
]
SandboxOption = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL",
        help="bwrap, landlock or limits, instead of the strongest that works here.",
        show_default=False,
    ),
]
TestsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Your own hidden tests: homework1.py there checks a file named homework1.py.",
        show_default=False,
    ),
]
HelpersOption = Annotated[
    bool,
    typer.Option(
        "--allow-helpers",
        help="Let a submission import other Python files and packages of its learner's folder.",
    ),
]
ExerciseOption = Annotated[
    list[str] | None,
    typer.Option(
        "--exercise",
        metavar="NAME",
        help="Only this exercise; may be given several times.",
        show_default=False,
    ),
]
"""Which exercises of a class a command is about."""
ClassSeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        max=MAX_SEED,
        help="The seed of everybody's inputs; drawn once if not given.",
        show_default=False,
    ),
]
JSON_HELP = "Print one JSON document and nothing else"
RUN_DOCUMENT = "run, net, data, state, epoch, epochs, test_accuracy, test_loss, images_per_second"
"""What a command that follows a run prints of it as JSON."""


def json_option(*documents: str) -> Any:
    """``--json``, with the fields of its document that a script may rely on.

    A document is ``field, field (field, field)``, with ``a list of`` before it where there are
    many; each but the first begins with when it is printed, ``with --which: ``, and with ``also``
    where it has the fields of the first too.
    """
    told = "; ".join(documents)
    return typer.Option("--json", help=f"{JSON_HELP}: {told}.")


def agrees(question: str) -> bool:
    """Whether the answer is yes; anything else, or the end of the input, is no."""
    from cnn_tui.render.draw.console import stderr

    stderr().print(f"{question} [y/N] ", end="", markup=False)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


Command = TypeVar("Command", bound=Callable[..., None])


Load = Callable[[], Sequence[Option]]
_declared: dict[Callable[..., Any], tuple[Load, str]] = {}


def takes(load: Load, *, before: str) -> Callable[[Command], Command]:
    """Let a command have one ``--option`` for each declaration, in the place of its ``**settings``.

    They stand before the parameter ``before``. ``load`` is called where the command itself
    is, as the help page of all commands should not pay for it.
    """

    def register(command: Command) -> Command:
        _declared[command] = (load, before)
        command.__signature__ = _signature(command, (), before)  # type: ignore[attr-defined]
        return command

    return register


def with_declared(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with the options that are declared for it, or as it is.

    Values arrive as they were typed, for ``converted`` to read, and None where nothing
    was given; an empty text is refused.
    """
    if command not in _declared:
        return command
    load, before = _declared[command]
    options = load()

    @functools.wraps(command)
    def called(**given: Any) -> None:
        for each in options:
            if given[each.name] == "":
                sentence = f"{each.heading} needs a value: {each.accepts}."
                raise UsageError(sentence, fields=(each.name,))
        command(**given)

    called.__signature__ = _signature(command, options, before)  # type: ignore[attr-defined]
    return called


def _signature(
    command: Callable[..., Any], options: Sequence[Option], before: str
) -> inspect.Signature:
    """The command's own parameters, with those of ``options`` before the one named ``before``."""
    signature = inspect.signature(command, eval_str=True)
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    at = [each.name for each in own].index(before)
    return signature.replace(parameters=[*own[:at], *map(_parameter, options), *own[at:]])


def described(option: Option) -> tuple[str, str]:
    """A row of a help page: ``--p <float>``, and what the option is, with its default."""
    default = "" if option.default is None else f" [default: {text(option.default)}]"
    return f"{flag(option.name)} <{option.kind}>", f"{option.summary}{default}"


def _parameter(option: Option) -> inspect.Parameter:
    written = flag(option.name)
    if option.kind == "bool":
        written = f"{written}/--no-{written[2:]}"
    metavar = None if option.kind == "bool" else option.metavar or f"<{option.kind}>"
    about = typer.Option(written, help=option.summary, metavar=metavar, show_default=False)
    return inspect.Parameter(
        option.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=None,
        annotation=Annotated[(bool if option.kind == "bool" else str) | None, about],
    )
