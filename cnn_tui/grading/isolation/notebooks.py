"""A notebook's code cells as one Python module, whose lines lead back to their cells.

A notebook is read as the plain JSON that it is, and nothing in it is run here.
What only Jupyter understands (``%matplotlib inline``, ``!pip install``) does
nothing in the module. Torch-free.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.grading.stand_ins.notebooks import CELL, HEADING
from cnn_tui.grading.text import shortened

SUFFIX = ".ipynb"
FORMAT = 4
SHOWN = 40
MAX_TRIES = 10
"""How often a cell is parsed again without the line that is not Python."""
PYTHON_CELLS = ("time", "timeit", "capture", "prun")
"""Magics of a cell that is Python all the same."""
MAGIC = re.compile(
    r"(?P<indent>\s*)(?:(?P<name>\w+)\s*=\s*[!%]|[!%?]|[\w.]+\?{1,2}\s*$|(?:pip3?|conda)\s+install\b)"
)
"""A line that means something to Jupyter only."""
FUTURE = re.compile(r"from\s+__future__\s+import\b.*")

Parse = Callable[[str], int | None]
"""Gives the line in which code is not Python, or None."""


def is_notebook(name: str) -> bool:
    """Whether a file of that name is a notebook."""
    return name.lower().endswith(SUFFIX)


def as_module(name: str, document: bytes, parse: Parse) -> bytes:
    """The code cells of a notebook, joined; raises UsageError, with one sentence, for no notebook.

    ``parse`` says where a cell is not Python.
    """
    cells = _code_cells(name, document)
    if not any(cell.strip() for cell in cells):
        raise UsageError(f"{name} holds no code: write your solution into its code cells.")
    lines, future = [], []
    for number, cell in enumerate(cells, start=1):
        lines.append(f"{CELL}{number}")
        for line in _python(cell, parse):
            if FUTURE.match(line):  # has to stand before all else, and may stand in any cell
                future.append(line)
            lines.append(f"# {line}" if FUTURE.match(line) else line)
    text = "\n".join([HEADING, *future, *lines, ""])
    return text.encode("utf-8", "surrogatepass")


def _code_cells(name: str, document: bytes) -> list[str]:
    try:
        notebook = json.loads(document)
    except (ValueError, RecursionError):
        raise _no_notebook(name) from None
    match notebook:
        case {"nbformat": 4, "cells": list(cells)}:
            _refuse_other_languages(name, notebook.get("metadata"))
            return [_source(name, cell) for cell in cells if _is_code(cell)]
        case {"nbformat": int(version)} if version != FORMAT:
            raise UsageError(
                f"{name} has the notebook format {shortened(str(version), SHOWN)}: "
                "open it in Jupyter and save it, which writes format 4."
            )
    raise _no_notebook(name)


def _no_notebook(name: str) -> UsageError:
    return UsageError(f"{name} is no notebook that can be read: save it in Jupyter again.")


def _refuse_other_languages(name: str, metadata: Any) -> None:
    match metadata:
        case {"language_info": {"name": str(language)}} | {
            "kernelspec": {"language": str(language)}
        }:
            if "python" not in language.lower():
                said = shortened(language, SHOWN)
                raise UsageError(f"{name} is a notebook in {said}: a check needs Python.")


def _is_code(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _source(name: str, cell: dict[str, Any]) -> str:
    match cell.get("source"):
        case str(source):
            return source.replace("\r\n", "\n")
        case list(lines) if all(isinstance(line, str) for line in lines):
            return "".join(lines).replace("\r\n", "\n")
    raise _no_notebook(name)


def _python(cell: str, parse: Parse) -> list[str]:
    """The lines of a cell, without what only Jupyter understands."""
    lines = cell.rstrip("\n").split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        rest = lines[first + 1 :]
        is_python = re.split(r"\W+", lines[first])[1] in PYTHON_CELLS
        kept = _python("\n".join(rest), parse) if is_python else [f"# {line}" for line in rest]
        return [*lines[:first], f"# {lines[first]}", *kept]
    for _ in range(MAX_TRIES):
        wrong = parse("\n".join(lines))
        if wrong is None or not 1 <= wrong <= len(lines) or not MAGIC.match(lines[wrong - 1]):
            return lines
        _silence(lines, wrong - 1)
    for place, line in enumerate(lines):
        if MAGIC.match(line):
            _silence(lines, place)
    return lines


def _silence(lines: list[str], place: int) -> None:
    """Have the line at ``place``, and those that it goes on in, do nothing."""
    line = lines[place]
    found = MAGIC.match(line)
    assert found is not None
    does = f"{found['name']} = None" if found["name"] else "pass"
    lines[place] = f"{found['indent']}{does}  # {line.strip()}"
    while line.endswith("\\") and place + 1 < len(lines):
        place += 1
        line = lines[place]
        lines[place] = f"# {line}"
