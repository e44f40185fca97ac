"""The dialog that offers the experiments: what each asks and costs, and those that are here."""

from collections.abc import Sequence
from typing import ClassVar

from rich.console import Group
from rich.padding import Padding
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cnn_tui.data.catalogue import all_data_sets
from cnn_tui.errors import LabError, UsageError, about_field
from cnn_tui.render.draw.styles import QUIET, STRONG
from cnn_tui.render.runs.experiment import cost
from cnn_tui.training.studies.catalogue import STUDIES, find_study, names
from cnn_tui.training.studies.plan import DEFAULT_DATA, DEFAULT_SEEDS, planned_by
from cnn_tui.training.studies.records import StudyOrder
from cnn_tui.tui.dialogs.choice import INDENT
from cnn_tui.tui.dialogs.dialog import cancel_key
from cnn_tui.tui.dialogs.form import FormScreen
from cnn_tui.tui.widgets.choice_fields import SearchField
from cnn_tui.tui.widgets.fields import TextField
from cnn_tui.tui.widgets.form_view import FieldGroup, FormView
from cnn_tui.tui.widgets.frame import Divider, Frame, frame_keys
from cnn_tui.tui.widgets.keyed_list import KeyedList


class StudyList(KeyedList, OptionList, room="study", item="experiment"):
    """The experiments."""


class ChooseStudyScreen(FormScreen[StudyOrder | None]):
    """Offers the four experiments and, below them, those that were asked for before."""

    FIRST: ClassVar[str] = "#study-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("study", "Back without an experiment"),
    ]

    def __init__(self, before: Sequence[StudyOrder], first: str = "") -> None:
        super().__init__()
        self._before = before
        self._first = first or STUDIES[0].name

    def compose(self) -> ComposeResult:
        """The experiments, and what may be changed of those that have not begun."""
        data = {info.name: info.title for info in all_data_sets()}
        fields = (
            SearchField("data", "Data set", data, DEFAULT_DATA),
            TextField("seeds", "Seeds", str(DEFAULT_SEEDS)),
            TextField("epochs", "Epochs", blank="the experiment's own"),
        )
        with Frame(
            id="choose-study",
            classes="dialog",
            title="Experiments",
            keys=frame_keys(("enter", "open or start"), ("tab", "fields"), ("escape", "cancel")),
        ):
            yield StudyList(
                *(Option(_offer(study.name), id=study.name) for study in STUDIES),
                *(Option(_again(order)) for order in self._before),
                id="study-list",
                classes="dialog-list",
            )
            yield Divider()
            yield FormView(FieldGroup(fields, is_wide=True), id="study-fields")
            yield Static("", id="form-about", markup=False)
            yield Static("", id="form-problem", classes="dialog-problem", markup=False)

    def opened(self) -> None:
        """The experiment that was asked for, else the first."""
        super().opened()
        self.query_one(StudyList).highlighted = names().index(self._first)

    def on_option_list_option_selected(self) -> None:
        """Answer with the experiment under the cursor."""
        self._answer()

    def on_form_view_submitted(self) -> None:
        """Enter in a field means the experiment under the cursor, too."""
        self._answer()

    def _answer(self) -> None:
        try:
            order = self._chosen()
            planned_by(order)
        except LabError as error:
            self.refuse(error)
            return
        self.dismiss(order)

    def _chosen(self) -> StudyOrder:
        place = self.query_one(StudyList).highlighted or 0
        if place >= len(STUDIES):
            return self._before[place - len(STUDIES)]
        data = self.field("data").value.strip()
        seeds, epochs = self._number("seeds", DEFAULT_SEEDS), self._number("epochs", None)
        return StudyOrder(STUDIES[place].name, data, seeds or 0, epochs)

    def _number(self, name: str, blank: int | None) -> int | None:
        typed = self.field(name).value.strip()
        try:
            return int(typed) if typed else blank
        except ValueError:
            with about_field(name):
                raise UsageError(
                    f"{name.capitalize()} must be a whole number, not {typed!r}."
                ) from None


def _offer(name: str) -> Group:
    study = find_study(name)
    arms = ", ".join(arm.label for arm in study.arms)
    return Group(
        Padding(Text(study.title, STRONG), (0, 1)),
        Padding(Text(study.question), (0, 1, 0, INDENT)),
        Padding(Text(f"{arms}: {cost(study, DEFAULT_SEEDS)}", QUIET), (0, 1, 0, INDENT)),
    )


def _again(order: StudyOrder) -> Padding:
    """An experiment that was asked for, and with which values."""
    epochs = "" if order.epochs is None else f", {order.epochs} epochs"
    device = "" if order.device is None else f", on {order.device}"
    seeds = "1 seed" if order.seeds == 1 else f"{order.seeds} seeds"
    line = Text.assemble(
        ("asked for before: ", QUIET),
        (order.name, STRONG),
        f" on {order.data}, {seeds}{epochs}{device}",
    )
    return Padding(line, (0, 1))
