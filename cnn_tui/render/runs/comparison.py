"""Two runs side by side: what was set differently, and what came of it."""

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.options import OptionValue, text
from cnn_tui.render.draw.numbers import clock, percent, printable
from cnn_tui.render.draw.states import RUN_MARKS, state_word
from cnn_tui.render.draw.styles import QUIET, STRONG, TITLE
from cnn_tui.training.config import train_options
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.comparison import (
    DATA,
    NETWORK,
    OF_NETWORK,
    RunComparison,
)

NAMES = ("A", "B")
NOTHING = percent(None)
GAP = (0, 3, 0, 0)
BASELINES: tuple[tuple[str, Callable[[RunStatus], str]], ...] = (
    ("largest class, validation", lambda run: percent(run.uneven_val_baseline, digits=2)),
    ("largest class, test", lambda run: percent(_if_uneven(run, run.baseline_accuracy), digits=2)),
    ("balanced, test", lambda run: percent(_if_uneven(run, run.balanced_accuracy), digits=2)),
)
"""What accuracies are to be compared with, told where the classes of a run are uneven."""
RESULTS: tuple[tuple[str, Callable[[RunStatus], str]], ...] = (
    ("epochs trained", lambda run: f"{run.epoch}/{run.epochs}"),
    ("best validation accuracy", lambda run: percent(run.best_val_accuracy, digits=2)),
    *BASELINES[:1],
    ("test accuracy", lambda run: percent(run.test_accuracy, digits=2)),
    *BASELINES[1:],
    ("test loss", lambda run: "–" if run.test_loss is None else f"{run.test_loss:#.4g}"),
    ("time", lambda run: "–" if run.seconds is None else clock(run.seconds)),
)
"""What is told of both runs, whether it differs or not; of BASELINES what either run has."""


def comparison_view(comparison: RunComparison) -> RenderableType:
    """Which runs they are, their settings that differ, their data, and their results."""
    runs = zip(NAMES, comparison.runs, strict=True)
    heads = [_head(letter, run) for letter, run in runs]
    table = Table(box=None, pad_edge=False, header_style=TITLE, padding=GAP)
    table.add_column("", style=QUIET, no_wrap=True)
    for letter in NAMES:
        table.add_column(letter, overflow="fold")
    for each in comparison.settings:
        values = (Text(printable(_value(each.setting, value))) for value in each.values)
        table.add_row(_title(each.setting), *values)
    if not comparison.settings:
        table.add_row("settings", "the same", "the same")
    table.add_row()
    for title, told in RESULTS:
        results = [told(run) for run in comparison.runs]
        if (title, told) not in BASELINES or results != [NOTHING, NOTHING]:
            table.add_row(title, *(Text(each, STRONG) for each in results))
    return Group(*heads, Text(), table, Text(), Text(printable(comparison.data)))


def _head(letter: str, run: RunStatus) -> Text:
    """``A  20261129-105203-lenet5-digits-e9be (first), ✓ finished``."""
    mark, style = RUN_MARKS[run.state]
    name = f" ({run.name})" if run.name else ""
    return Text.assemble(
        (letter, TITLE), f"  {run.run}{name}, ", (f"{mark} {state_word(run)}", style)
    )


def _if_uneven(run: RunStatus, share: float | None) -> float | None:
    return share if run.is_uneven else None


def _value(setting: str, value: OptionValue | None) -> str:
    """A value; where none was given, what that means: ``all of them``."""
    blanks = {each.name: each.blank for each in train_options()}
    return blanks.get(setting, "") if value is None else text(value)


def _title(setting: str) -> str:
    """What a setting is called: ``learning rate``, ``the network's width``."""
    if setting.startswith(OF_NETWORK):
        return f"the network's {setting.removeprefix(OF_NETWORK).replace('_', ' ')}"
    titles = {each.name: each.title for each in train_options()}
    return (titles | {NETWORK: "network", DATA: "data set"})[setting]
