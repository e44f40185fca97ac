"""cnn-lab: a terminal lab for learning convolutional networks hands-on.

In a notebook or a script, ``import cnn_tui as lab`` offers the names of ``__all__``; what
they need is imported when they are used.

Each sub-package is a room with one job. Dependencies point one way:
``tui, cli, api → render → engine, bench, doctor → chapter, grading → analysis → training →
nets, data → option_steps → options → workspace, names, plugins, state_file → files, processes →
errors → next_steps``.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnn_tui.api.exercises import check, demo
    from cnn_tui.api.networks import build, compare, list_nets, receptive_field, summary
    from cnn_tui.api.pooling import pool
    from cnn_tui.api.runs import runs
    from cnn_tui.api.training import evaluate, load, predict, train
    from cnn_tui.errors import LabError

__version__ = "0.2.0"

__all__ = [
    "LabError",
    "__version__",
    "build",
    "check",
    "compare",
    "demo",
    "evaluate",
    "list_nets",
    "load",
    "pool",
    "predict",
    "receptive_field",
    "runs",
    "summary",
    "train",
]

_PLACES = {
    "api.exercises": ("check", "demo"),
    "api.networks": ("build", "compare", "list_nets", "receptive_field", "summary"),
    "api.pooling": ("pool",),
    "api.runs": ("runs",),
    "api.training": ("evaluate", "load", "predict", "train"),
    "errors": ("LabError",),
}
"""Module → what it defines of ``__all__``. None of the names may be that of a module here, which
would take its place once it is imported."""


if not TYPE_CHECKING:  # for type checkers, only the names above are there

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        for place, names in _PLACES.items():
            if name in names:
                return getattr(import_module(f"{__name__}.{place}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
