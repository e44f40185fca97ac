"""What a sweep came to, on the plain terminal: its runs side by side, the best one first."""

from collections.abc import Sequence

from rich.console import RenderableType

from cnn_tui.next_steps import Action, step
from cnn_tui.options import text
from cnn_tui.render.draw.columns import LONGEST_NAME, ColumnTable, names, numbers
from cnn_tui.render.draw.commands import with_steps
from cnn_tui.render.draw.numbers import clock, percent
from cnn_tui.render.draw.states import RUN_MARKS, state_word
from cnn_tui.render.draw.styles import STRONG
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import varying

NONE = "–"


def sweep_table(statuses: Sequence[RunStatus]) -> RenderableType:
    """One row per run, as given: what differs between them first, then the results."""
    titles = varying(statuses)
    nets = {each.net for each in statuses}
    told = [names("Network", 0, [each.net for each in statuses], at_least=12)] * (len(nets) > 1)
    told += [
        numbers(title.replace("_", " "), 0, [_value(each, title) for each in statuses])
        for title in titles
    ]
    return ColumnTable(
        [
            *told,
            numbers("Val %", 0, [_accuracy(each.best_val_accuracy) for each in statuses]),
            numbers("Test %", 1, [_accuracy(each.test_accuracy) for each in statuses]),
            names("State", 2, [_state(each) for each in statuses], at_least=8),
            numbers("Epoch", 3, [f"{each.epoch}/{each.epochs}" for each in statuses]),
            numbers("Time", 4, [_time(each) for each in statuses]),
            names("Run", 5, [each.run for each in statuses], at_least=LONGEST_NAME),
        ],
        [STRONG if number == 0 else "" for number in range(len(statuses))],
    )


def best_words(statuses: Sequence[RunStatus]) -> str:
    """Which run of a sweep is best so far, and how to train on with its settings."""
    best = next((each for each in statuses if each.best_val_accuracy is not None), None)
    if best is None:
        return with_steps("No run has a result yet.", (step(Action.LIST_RUNS),))
    unfinished = sum(each.state in ("queued", "running", "stopped") for each in statuses)
    so_far = f" so far, with {unfinished} of {len(statuses)} unfinished" if unfinished else ""
    said = (
        f"Best on the validation images{so_far}: {best.run} "
        f"({percent(best.best_val_accuracy)}). Judge by several seeds before you believe in a "
        "small difference."
    )
    return with_steps(said, (step(Action.CURVES, best.run),))


def queued_sweep(statuses: Sequence[RunStatus]) -> str:
    """How many runs of a sweep wait now, and how to see them."""
    if not statuses:
        return "Every run of this sweep has been trained, or is queued already."
    runs = "1 run is" if len(statuses) == 1 else f"{len(statuses)} runs are"
    return with_steps(f"{runs} queued.", (step(Action.LIST_RUNS),))


def _value(status: RunStatus, name: str) -> str:
    return text(status.settings.get(name)) or NONE


def _accuracy(accuracy: float | None) -> str:
    return NONE if accuracy is None else percent(accuracy).removesuffix(" %")


def _state(status: RunStatus) -> str:
    return f"{RUN_MARKS[status.state][0]} {state_word(status)}"


def _time(status: RunStatus) -> str:
    return NONE if status.seconds is None else clock(status.seconds)
