"""The dialog that offers the studies: what each asks and costs, and those that are here."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, Vertical
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from cnn_tui.errors import LabError, UsageError
from cnn_tui.render.draw.commands import explained
from cnn_tui.render.runs.experiment import cost
from cnn_tui.training.studies.catalogue import STUDIES, find_study
from cnn_tui.training.studies.plan import DEFAULT_DATA, DEFAULT_SEEDS, planned_by
from cnn_tui.training.studies.records import StudyOrder
from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key
from cnn_tui.tui.widgets.keyed_list import KeyedList

HINT = "enter opens it, or starts it; tab goes to the fields, esc cancels"


class StudyList(KeyedList, OptionList, room="study", item="study"):
    """The studies."""


class ChooseStudyScreen(Dialog[StudyOrder | None]):
    """Offers the four studies and, below them, those that were asked for before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("study", "Back without a study"),
    ]

    def __init__(self, before: Sequence[StudyOrder]) -> None:
        super().__init__()
        self._before = before

    def compose(self) -> ComposeResult:
        """The studies, and what may be changed of those that are not begun."""
        with Vertical(id="choose-study"):
            yield Static("Experiments", classes="form-title")
            yield StudyList(
                *(Option(_offer(study.name), id=study.name) for study in STUDIES),
                *(Option(_again(order)) for order in self._before),
                id="study-list",
            )
            with Grid(id="study-fields", classes="new-run-fields"):
                yield Label("Data set")
                yield Input(DEFAULT_DATA, id="study-data", compact=True)
                yield Label("Seeds")
                yield Input(str(DEFAULT_SEEDS), id="study-seeds", compact=True, type="integer")
                yield Label("Epochs")
                yield Input(
                    id="study-epochs", compact=True, type="integer", placeholder="the study's own"
                )
            yield Static("", id="study-problem", markup=False)
            yield Static(HINT, classes="form-hint", markup=False)

    def on_mount(self) -> None:
        """The first study."""
        self.query_one(StudyList).highlighted = 0
        self.query_one(StudyList).focus()

    def on_option_list_option_selected(self) -> None:
        """Answer with the study under the cursor."""
        self._answer()

    def on_input_submitted(self) -> None:
        """Enter in a field means the study under the cursor, too."""
        self._answer()

    def _answer(self) -> None:
        try:
            order = self._chosen()
            planned_by(order)
        except LabError as error:
            self.query_one("#study-problem", Static).update(explained(error))
            return
        self.dismiss(order)

    def _chosen(self) -> StudyOrder:
        place = self.query_one(StudyList).highlighted or 0
        if place >= len(STUDIES):
            return self._before[place - len(STUDIES)]
        data = self.query_one("#study-data", Input).value.strip()
        epochs = self._number("epochs", None)
        return StudyOrder(
            STUDIES[place].name, data, self._number("seeds", DEFAULT_SEEDS) or 0, epochs
        )

    def _number(self, field: str, blank: int | None) -> int | None:
        text = self.query_one(f"#study-{field}", Input).value.strip()
        try:
            return int(text) if text else blank
        except ValueError:
            raise UsageError(
                f"{field.capitalize()} must be a whole number, not {text!r}."
            ) from None


def _offer(name: str) -> Text:
    study = find_study(name)
    arms = ", ".join(arm.label for arm in study.arms)
    return Text.assemble(
        (study.title, "bold"),
        f"\n  {study.question}\n  ",
        (f"{arms}: {cost(study, DEFAULT_SEEDS)}", "dim"),
    )


def _again(order: StudyOrder) -> Text:
    """A study that was asked for: what it was told."""
    epochs = "" if order.epochs is None else f", {order.epochs} epochs"
    device = "" if order.device is None else f", on {order.device}"
    seeds = "1 seed" if order.seeds == 1 else f"{order.seeds} seeds"
    return Text.assemble(
        "asked for before: ", (order.name, "bold"), f" on {order.data}, {seeds}{epochs}{device}"
    )
