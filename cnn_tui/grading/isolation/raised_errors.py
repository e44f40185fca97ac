"""An exception of the learner's code as plain data: its type, its message, and where it was."""

import traceback
from collections.abc import Collection

MAX_MESSAGE = 2000
MAX_LINES = 20


def described_error(
    error: BaseException, module: str, helper_files: Collection[str]
) -> list[object]:
    """Its type, its message, the lines of the learner's file that led to it, and its bases."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [each.lineno for each in frames if each.filename == f"{module}.py"]
    message = _message(error)
    if isinstance(error, SyntaxError) and error.filename in helper_files:
        message = error.msg
    elif isinstance(error, SyntaxError):
        lines.append(error.lineno)
    bases = [each.__name__ for each in type(error).__mro__][:MAX_LINES]
    return [type(error).__name__, message, lines[-MAX_LINES:], bases]


def place_in_helpers(
    error: BaseException, module: str, helper_files: Collection[str]
) -> list[object]:
    """[file, line] of what was raised last in the learner's code, where that is a helper file."""
    if isinstance(error, SyntaxError) and error.filename in helper_files:
        return [error.filename, error.lineno]
    own = (f"{module}.py", *helper_files)
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename in own]
    if frames and frames[-1].filename in helper_files:
        return [frames[-1].filename, frames[-1].lineno]
    return []


def _message(error: BaseException) -> str:
    try:
        return str(error)[:MAX_MESSAGE]
    except BaseException:
        return "(its message cannot be shown)"
