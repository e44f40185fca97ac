"""The ``cnn-lab`` command: one file per noun, and no logic of its own.

Importing this package must stay cheap (no torch, no Textual, no Rich), because
every command pays for it.
"""

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnn_tui.errors import ExitCode, LabError, UsageError
from cnn_tui.workspace import has_home, name_the_user

if TYPE_CHECKING:
    from cnn_tui.cli.overview import OpenTUI

DEBUG_FLAG = "--debug"
COMPLETION_FLAG = "--install-completion"
COMPLETION_VARIABLE = "_CNN_LAB_COMPLETE"
"""How a shell asks for completions, of no words too."""


def main(arguments: Sequence[str] | None = None, *, open_tui: "OpenTUI | None" = None) -> int:
    """Run one command line; returns the exit code.

    ``open_tui`` is what ``cnn-lab`` without a command opens on a terminal.

    An error becomes its one sentence on stderr; ``--debug``, anywhere on the
    line, puts the traceback before it.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = DEBUG_FLAG in words
    words = [word for word in words if word != DEBUG_FLAG]
    name_the_user()
    try:
        code = _run(words, open_tui)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _leave_quietly()
    except SystemExit as stop:
        return _exit_code(stop)
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:
        if isinstance(error, OSError) and isinstance(error.__context__, KeyboardInterrupt):
            return _interrupted()  # a terminal that hangs up takes no last words either
        if debug:
            traceback.print_exc()
        sentence, code = _explain(error, words)
        if isinstance(error, LabError):
            sentence = _with_handles_and_steps(sentence, error, words)
        if code == ExitCode.UNUSABLE_INPUT:
            from cnn_tui.cli.redirection import takes_no_file

            sentence = takes_no_file(words, sentence) or sentence
        _tell(f"Error: {_shown(sentence)}")
        return code


def _tell(sentence: str) -> None:
    from cnn_tui.render.draw.spelling import make_plain

    make_plain(sys.stderr)
    print(sentence, file=sys.stderr)


def _interrupted() -> int:
    try:
        print("Interrupted.", file=sys.stderr)
        sys.stdout.flush()
    except OSError:  # the terminal is gone
        nobody = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nobody, stream.fileno())
    return ExitCode.INTERRUPTED


def _leave_quietly() -> int:
    """Whoever read the output, such as ``head``, has seen enough of it.

    The signal itself stays ignored: with its default action, a server or a
    learner's process that hangs up would end the lab without a word.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.NOT_PASSED


def _shown(sentence: str) -> str:
    """A sentence that quotes a file's name must not steer the terminal."""
    from cnn_tui.grading.text import clean

    return clean(sentence)


def _run(words: list[str], open_tui: "OpenTUI | None") -> int:
    try:
        return _run_command(words, open_tui)
    finally:
        _report_plugins()


def _report_plugins() -> None:
    """Say which plug-ins were left out, where some were looked for."""
    plugins = sys.modules.get("cnn_tui.plugins")
    for sentence in plugins.problems() if plugins else ():
        _tell(f"Warning: {_shown(sentence)}")


def _run_command(words: list[str], open_tui: "OpenTUI | None") -> int:
    # The ways in that should be fastest need no command line to be built.
    if not words and COMPLETION_VARIABLE not in os.environ:
        from cnn_tui.cli.overview import open_lab

        open_lab(open_tui, mouse=True, theme=None, low_bandwidth=False)
        return ExitCode.DONE
    from cnn_tui.cli.summaries import run_quickly

    if run_quickly(words):
        return ExitCode.DONE
    from cnn_tui.cli.app import build_app

    if COMPLETION_FLAG in words and not has_home():
        raise UsageError(
            f"{COMPLETION_FLAG} writes to your home folder, and none is known: set HOME."
        )
    # Nothing that a command line is made of is garbage; a command turns the collector on again.
    gc.disable()
    try:
        # Not standalone, Typer leaves the wording of a wrong option to _explain.
        code = build_app(words)(words, prog_name="cnn-lab", obj=open_tui, standalone_mode=False)
    finally:
        gc.enable()
    return code if isinstance(code, int) else ExitCode.DONE


def _with_handles_and_steps(sentence: str, error: LabError, words: Sequence[str]) -> str:
    """The sentence in the command line's own words: with options, and with what to do next."""
    if error.fields:
        sentence = _with_handles(sentence, error.fields, words)
    if not error.next_steps:
        return sentence
    from cnn_tui.render.draw.commands import with_steps

    return with_steps(sentence, error.next_steps)


def _with_handles(sentence: str, fields: Sequence[str], words: Sequence[str]) -> str:
    """The sentence, and in brackets the command's own words for what it is about: ``--lr``."""
    from cnn_tui.cli.app import spellings

    known = spellings(words)
    handles = [known[field] for field in fields if field in known and known[field] not in sentence]
    if not handles:
        return sentence
    bracket = f"({', '.join(handles)})"
    if sentence.endswith("?"):
        return f"{sentence} {bracket}"
    return f"{sentence.removesuffix('.')} {bracket}."


def _called(words: Sequence[str]) -> str:
    """``cnn-lab``, and the command that ``words`` name."""
    from cnn_tui.cli.app import COMMANDS

    known = [name for commands in COMMANDS.values() for name in commands]
    return " ".join(["cnn-lab", *[word for word in words if word in known][:1]])


def _exit_code(stop: SystemExit) -> int:
    if stop.code is None:
        return ExitCode.DONE
    return stop.code if isinstance(stop.code, int) else ExitCode.NOT_PASSED


def _explain(error: Exception, words: Sequence[str]) -> tuple[str, int]:
    """(the sentence, the exit code) for an error that ended a command."""
    if isinstance(error, LabError):
        return str(error), error.exit_code
    if hasattr(error, "format_message"):  # of Typer, whose own base class is private
        context = getattr(error, "ctx", None)
        command = _called(words) if context is None else context.command_path
        message = error.format_message()
        full_stop = "" if message.endswith((".", "?")) else "."
        return f"{message}{full_stop} See {command} --help.", ExitCode.UNUSABLE_INPUT
    if isinstance(error, OSError):
        where = f" ({os.fspath(error.filename)})" if error.filename else ""
        return f"the system refused: {error.strerror or error}{where}.", ExitCode.LAB_FAULT
    return (
        f"the lab itself failed ({type(error).__name__}: {error}). "
        "Run the same command with --debug and report what it prints.",
        ExitCode.LAB_FAULT,
    )
