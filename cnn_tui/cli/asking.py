"""Questions before something is lost."""

import sys


def agrees(question: str) -> bool:
    """Whether the answer is yes; anything else, or the end of the input, is no."""
    from cnn_tui.render.draw.console import stderr

    stderr().print(f"{question} [y/N] ", end="", markup=False)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
