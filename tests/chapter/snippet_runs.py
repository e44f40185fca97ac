"""The code of a topic, executed as a learner's scratch file would be."""

import io
from contextlib import redirect_stdout
from functools import cache
from typing import Any, NamedTuple

import torch

from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.snippets import program


class SnippetRun(NamedTuple):
    """What the code of a topic has defined, and what it has printed."""

    names: dict[str, Any]
    printed: str


@cache
def snippet_run(slug: str) -> SnippetRun:
    """Run a topic's program once, with random numbers that start from 0; others keep theirs."""
    names: dict[str, Any] = {"__name__": "__main__"}
    printed = io.StringIO()
    with redirect_stdout(printed), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        exec(compile(program(topic(slug)), f"{slug}.py", "exec"), names)
    return SnippetRun(names, printed.getvalue())
