"""How a module tells that it was made from the code cells of a notebook; torch-free."""

HEADING = "# The code cells of a notebook, joined by cnn-lab"
"""The first line of such a module."""
CELL = "# ─── code cell "
"""What the line before each cell begins with; the cell's number follows."""
EXPORTED = b"get_ipython()."
"""What magics become where a notebook is exported as a script."""


def is_joined(source: bytes) -> bool:
    """Whether a module was joined from a notebook."""
    return source.startswith(HEADING.encode())


def place_of(source: bytes, number: int) -> str:
    """``line 12``, or of a module that was joined from a notebook ``code cell 3, line 2``."""
    if is_joined(source):
        lines = source.decode("utf-8", errors="replace").split("\n")[:number]
        for above, line in enumerate(reversed(lines)):
            cell = line.removeprefix(CELL)
            if cell != line and cell.isdecimal():
                return f"code cell {cell}, line {above}"
    return f"line {number}"
