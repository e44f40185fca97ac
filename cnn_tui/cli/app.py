"""The command line, put together: which commands there are, and in which groups."""

import gc
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cnn_tui.cli.options import WorkspaceOption, described, with_declared
from cnn_tui.cli.overview import open_lab, write_screenshot
from cnn_tui.errors import UsageError
from cnn_tui.render.draw.commands import flag
from cnn_tui.workspace import WORKSPACE_VARIABLE

COMMANDS: dict[str, dict[str, str]] = {
    "Look inside": {
        "topics": "topics:topics",
        "demo": "demo:demo",
        "nets": "nets:nets",
        "summary": "nets:summary",
        "compare": "nets:compare",
        "receptive-field": "nets:receptive_field",
        "pool": "pool:pool",
        "gradients": "gradients:gradients",
        "activations": "activations:activations",
        "new-net": "new_net:new_net",
    },
    "Train": {
        "data": "data:data",
        "train": "train:train",
        "runs": "runs:runs",
        "curves": "curves:curves",
        "attach": "runs:attach",
        "stop": "runs:stop",
        "resume": "runs:resume",
        "queue": "runs:queue",
        "log": "log:log",
        "note": "log:note",
        "evaluate": "evaluate:evaluate",
        "predict": "predict:predict",
        "inspect": "inspect:inspect",
        "experiment": "experiment:experiment",
        "sweep": "sweep:sweep",
    },
    "Exercises": {
        "check": "check:check",
        "hint": "learn:hint",
        "solution": "learn:solution",
        "reset": "learn:reset",
        "progress": "learn:progress",
        "grade": "grade:grade",
        "similarity": "similarity:similarity",
        "new-exercise": "new_exercise:new_exercise",
        "gradescope-zip": "gradescope:gradescope_zip",
        "github-workflow": "github:github_workflow",
    },
    "Set up": {"init": "setup:init", "doctor": "setup:doctor", "bench": "bench:bench"},
}
"""Group → command → ``module:function`` in this package."""

SUBCOMMANDS: dict[str, dict[str, str]] = {
    "runs": {"diff": "runs:diff", "export": "runs:export", "delete": "runs:delete"}
}
"""Command → its own commands; without one of them, the command itself is called."""

PICTURE_SIZE = "120x40"

FREE_FORM = {"demo"}
"""Commands whose options depend on their argument, so that they read the rest themselves."""
FREE_FORM_SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}


class FreeFormCommand(TyperCommand):
    """A demo's command, whose help page has the parameters of the demo that is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep the words for the help page, which is made before anything else is read."""
        ctx.meta[__name__] = tuple(args)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The command's own options, then the demo's parameters."""
        super().format_options(ctx, formatter)
        named = [word for word in ctx.meta.get(__name__, ()) if not word.startswith("-")]
        if named:
            from cnn_tui.chapter.catalogue import demo_info

            info = demo_info(named[0])
            with formatter.section(f"Parameters of {info.name}"):
                formatter.write_dl([described(each) for each in info.parameters])


class GroupedCommands(TyperGroup):
    """Shows the commands of the help page in their groups and in their order."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command, in the order of COMMANDS."""
        return [name for commands in COMMANDS.values() for name in commands]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """One section per group."""
        for group, commands in COMMANDS.items():
            rows = []
            for name in commands:
                command = self.get_command(ctx, name)
                if command is not None:
                    rows.append((name, command.get_short_help_str(limit=62)))
            with formatter.section(group):
                formatter.write_dl(rows)


def build_app(words: Sequence[str] = ()) -> typer.Typer:
    """The whole command line, ready to be called.

    Where it is known to be called with ``words``, only what they name has its declared options.
    """
    app = typer.Typer(
        name="cnn-lab",
        cls=GroupedCommands,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback(invoke_without_command=True)(lab)
    for commands in COMMANDS.values():
        for name, where in commands.items():
            if name in SUBCOMMANDS:
                app.add_typer(_with_subcommands(name, where), name=name)
                continue
            is_free = name in FREE_FORM
            app.command(
                name,
                cls=FreeFormCommand if is_free else None,
                context_settings=FREE_FORM_SETTINGS if is_free else None,
            )(with_declared(_function(where)) if not words or name in words else _function(where))
    return app


def spellings(words: Sequence[str]) -> dict[str, str]:
    """How the command that ``words`` call writes each of its options: ``lr`` → ``--lr``."""
    command: Any = typer.main.get_command(build_app(words))
    for word in words:
        command = getattr(command, "commands", {}).get(word, command)
    options = (each for each in command.params if each.param_type_name == "option")
    known = {each.name: each.opts[0] for each in options}
    return known | _of_demo(words[1]) if words[:1] == ["demo"] and words[1:] else known


def _of_demo(name: str) -> dict[str, str]:
    from cnn_tui.chapter.catalogue import demo_info

    try:
        return {each.name: flag(each.name) for each in demo_info(name).parameters}
    except UsageError:  # whose sentence is about the demo itself
        return {}


def lab(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    no_mouse: Annotated[
        bool, typer.Option("--no-mouse", help="Leave the mouse to the terminal.")
    ] = False,
    theme: Annotated[
        str | None, typer.Option("--theme", help="Colors of the lab, such as lab-light.")
    ] = None,
    low_bandwidth: Annotated[
        bool, typer.Option("--low-bandwidth", help="Redraw live curves rarely, for slow links.")
    ] = False,
    screenshot: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--screenshot",
            metavar="PANE FILE.svg",
            help="Write a picture of a pane, named or 1 to 5, and exit; needs no terminal.",
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="COLUMNSxROWS",
            help="Size of the picture, 120x40 if not given.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; works anywhere.")
    ] = False,
) -> None:
    """A terminal lab for learning convolutional networks hands-on.

    Without a command it opens the lab: topics with runnable demos, networks
    layer by layer, pooling as number grids, live training, and exercises that
    are checked against hidden tests.
    """
    gc.enable()
    if workspace is not None:  # holds for whatever is opened or called after it
        os.environ[WORKSPACE_VARIABLE] = str(workspace)
    if version:
        from cnn_tui import __version__

        typer.echo(f"cnn-lab {__version__}")
        raise typer.Exit
    if theme is not None and ctx.obj is not None:
        ctx.obj.expect_theme(theme)
    if size is not None and screenshot is None:
        raise UsageError("A size is for --screenshot: the lab takes its terminal's.")
    if screenshot is not None and ctx.invoked_subcommand is not None:
        raise UsageError(f"A picture is of the lab: call {ctx.invoked_subcommand} by itself.")
    if screenshot is not None:
        write_screenshot(ctx.obj, *screenshot, size=size or PICTURE_SIZE, theme=theme)
    elif ctx.invoked_subcommand is None:
        open_lab(ctx.obj, mouse=not no_mouse, theme=theme, low_bandwidth=low_bandwidth)


def _with_subcommands(name: str, where: str) -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None)
    app.callback(invoke_without_command=True)(_function(where))
    for word, subcommand in SUBCOMMANDS[name].items():
        app.command(word)(_function(subcommand))
    return app


def _function(where: str) -> Callable[..., Any]:
    module, _, name = where.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"cnn_tui.cli.{module}"), name)
    return function
