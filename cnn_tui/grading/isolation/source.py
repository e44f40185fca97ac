"""Reading a learner's file, a module or a notebook: as bytes, once, every kind of bad file named.

Only these bytes go on to the checker; nothing that lies beside the file does.
"""

import ast
import os
import stat
import threading
import warnings
from hashlib import sha256
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading.isolation.notebooks import as_module, is_notebook
from cnn_tui.grading.stand_ins.notebooks import place_of
from cnn_tui.grading.text import one_line, shortened
from cnn_tui.next_steps import Action, step
from cnn_tui.workspace import EXERCISES

MAX_SOURCE_BYTES = 1 << 20
MAX_NOTEBOOK_BYTES = 8 << 20
"""Of a notebook with the pictures that it has drawn; its code may be as large as a module."""
SHOWN_LINE = 80
UNREADABLE = "unreadable"
"""Stands for the digest of a file that is missing, or that nobody reads."""

_PARSING = threading.Lock()


class SourceError(UsageError):
    """A file that is not Python, and the line where that shows."""

    def __init__(self, sentence: str, line: int | None) -> None:
        super().__init__(sentence)
        self.lines = (line,) if line else ()


def read_source(path: Path) -> bytes:
    """The bytes of a Python file that parses.

    Raises UsageError, with one sentence, for a file that is missing, not a
    regular file, too large, empty, not UTF-8, or not Python.
    """
    source = read_regular_file(path)
    refuse_unusable(path.name, source)
    return source


def size_limit(name: str) -> int:
    """How many bytes a file of that name may have."""
    return MAX_NOTEBOOK_BYTES if is_notebook(name) else MAX_SOURCE_BYTES


def too_large(shown: str) -> UsageError:
    """What is wrong with a file of that name that has more bytes than it may."""
    if is_notebook(shown):
        return UsageError(f"{shown} is larger than 8 MiB: clear the outputs of its cells.")
    return UsageError(f"{shown} is larger than 1 MiB: an exercise is a small Python file.")


def module_in(name: str, content: bytes) -> bytes:
    """The module that a file holds: itself, or the code cells of a notebook.

    Raises UsageError, with one sentence, for what is no notebook.
    """
    if not is_notebook(name):
        return content
    module = as_module(name, content, _line_of_error)
    if len(module) > MAX_SOURCE_BYTES:
        raise UsageError(f"The code of {name} is larger than 1 MiB: an exercise needs less.")
    return module


def _line_of_error(source: str) -> int | None:
    """The line in which a module is not Python, None where it is, or cannot be parsed at all."""
    try:
        parse_python(source, "<cell>")
    except SyntaxError as error:
        return error.lineno
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def refuse_unusable(name: str, source: bytes) -> None:
    """Raises UsageError, with one sentence, for what is empty, not UTF-8, or not Python."""
    _refuse_unreadable(name, source)
    _refuse_unparsable(name, source)


def digest(source: bytes) -> str:
    """What tells a source from every other one: its SHA-256."""
    return sha256(source).hexdigest()


def digest_of_file(path: Path) -> str:
    """The same of what a file holds, UNREADABLE where that is nothing to read."""
    try:
        return digest(read_regular_file(path))
    except UsageError:
        return UNREADABLE


def read_regular_file(path: Path) -> bytes:
    """The bytes of a file, whatever they are.

    Raises UsageError, with one sentence, for a file that is missing, not a
    regular file, or too large.
    """
    # O_NONBLOCK: opening a FIFO must not wait for a writer.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _missing(path) from None
    except (OSError, ValueError) as error:
        if path.is_symlink():
            raise UsageError(f"{path} is a symbolic link: check the file it points to.") from None
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path} cannot be opened ({reason}).") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError(f"{path} is not a regular file: name a Python file.")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            source = file.read(size_limit(path.name) + 1)
    finally:
        os.close(descriptor)
    if len(source) > size_limit(path.name):
        raise too_large(str(path))
    return source


def _missing(path: Path) -> UsageError:
    if path.parent.name == EXERCISES:  # making the workspace again brings its starter
        again = step(Action.INIT, str(path.parent.parent))
        return UsageError(f"There is no file {path}.", next_steps=(again,))
    return UsageError(f"There is no file {path}: check its path.")


def _refuse_unreadable(name: str, source: bytes) -> None:
    if not source.strip():
        raise UsageError(f"{name} is empty: restore its starter, or write your solution into it.")
    if b"\0" in source:
        raise UsageError(f"{name} holds a NUL byte: save it as plain text in UTF-8.")
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        sentence = f"{name} is not UTF-8 text (line {line}): save it as UTF-8."
        raise SourceError(sentence, line) from error


def parse_python(source: bytes | str, name: str) -> ast.Module:
    """``ast.parse`` for threads, without the warnings of what it parses; raises what that raises.

    CPython counts the depth of the tree in one place for all threads, and does not count back
    where one fails (gh-106905), so that two at once can end in a SystemError.
    """
    with _PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, filename=name)


def _refuse_unparsable(name: str, source: bytes) -> None:
    try:
        parse_python(source, name)
    except SyntaxError as error:
        sentence = syntax_sentence(name, source, error.lineno, error.msg)
        raise SourceError(sentence, error.lineno) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"{name} cannot be parsed: its code is nested too deeply.") from error


def syntax_sentence(name: str, source: bytes, line: int | None, message: str) -> str:
    """What is wrong with a file that does not parse, with the line shown."""
    shown = source_line(source, line)
    where = "" if line is None else f" in {place_of(source, line)}"
    return f"{name} has a syntax error{where}: {one_line(message, SHOWN_LINE)}" + (
        f", at: {shown}" if shown else "."
    )


def source_line(source: bytes, number: int | None) -> str:
    """Line ``number``, counted from 1, stripped and made safe to show; "" where there is none."""
    lines = source.decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")
    if number is None or not 1 <= number <= len(lines):
        return ""
    return shortened(lines[number - 1], SHOWN_LINE)
