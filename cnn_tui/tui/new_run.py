"""The form of a new run: sane defaults for the chosen network and data set."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Label, Select, Static

from cnn_tui.data.available import refuse_unusable
from cnn_tui.data.catalogue import DATA_SETS, parse
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError, UsageError
from cnn_tui.nets.catalogue import NETS
from cnn_tui.training.config import OPTIMIZERS, TrainConfig, default_config
from cnn_tui.workspace import data_dir

NUMBERS: dict[str, tuple[str, type[int] | type[float]]] = {
    "epochs": ("Epochs", int),
    "batch_size": ("Batch size", int),
    "lr": ("Learning rate", float),
    "seed": ("Seed", int),
}
"""Field of the configuration → its label and its type."""
FIRST_NET, FIRST_DATA = "lenet5", "digits"
NAMES = [info.name for info in DATA_SETS]
KNOWN_DATA = SuggestFromList(NAMES, case_sensitive=False)
HINT = f"Data: {', '.join(NAMES)}\ntab moves, → completes, ctrl-s starts, esc cancels"


class NewRunScreen(ModalScreen[TrainConfig | None]):
    """Asks for a configuration; answers with it, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "dismiss(None)",
            "Cancel",
            key_display="Esc",
            id="new-run.cancel",
            tooltip="Back without a run",
        ),
        Binding("ctrl+s", "begin", "Start", id="new-run.start", tooltip="Start the run"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._filled_in_for = ""

    def compose(self) -> ComposeResult:
        """Lay out one row per value."""
        with VerticalScroll(id="new-run"):
            yield Static("New run", classes="form-title")
            with Grid(id="new-run-fields"):
                yield Label("Network")
                yield Select(
                    [(net.title, net.name) for net in NETS],
                    value=FIRST_NET,
                    allow_blank=False,
                    id="net",
                    compact=True,
                )
                yield Label("Data set")
                yield Input(FIRST_DATA, id="data", compact=True, suggester=KNOWN_DATA)
                yield Label("Optimizer")
                yield Select(
                    [(name, name) for name in OPTIMIZERS],
                    value=OPTIMIZERS[0],
                    allow_blank=False,
                    id="optimizer",
                    compact=True,
                )
                for name, (label, kind) in NUMBERS.items():
                    yield Label(label)
                    yield Input(id=name, compact=True, type="integer" if kind is int else "number")
            yield Static("", id="new-run-problem", markup=False)
            with Horizontal(id="new-run-buttons"):
                yield Button("Start", id="start", variant="primary", compact=True)
                yield Button("Cancel", id="cancel", compact=True)
            yield Static(HINT, classes="form-hint", markup=False)

    def on_mount(self) -> None:
        """Fill in the defaults of the first network."""
        self._fill_in()
        self.query_one("#net").focus()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Another network: other defaults."""
        if event.select.id == "net":
            self._fill_in()

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Another data set: other defaults."""
        if event.input.id == "data" and self._data != self._filled_in_for:
            self._fill_in()

    def on_input_submitted(self) -> None:
        """Enter in a field starts the run."""
        self.action_begin()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start or cancel."""
        if event.button.id == "start":
            self.action_begin()
        else:
            self.dismiss(None)

    def action_begin(self) -> None:
        """Answer with the configuration, or say what is wrong with it."""
        try:
            config = default_config(
                self._net, self._data, optimizer=self._optimizer, **self._numbers()
            )
        except LabError as error:
            self._complain(str(error))
            return
        self.run_worker(self._leave_with(config), group="check-data", exclusive=True)

    async def _leave_with(self, config: TrainConfig) -> None:
        self._complain(f"Looking for {config.data} …")
        try:
            await in_background(refuse_unusable, parse(config.data), data_dir())
        except LabError as error:
            self._complain(str(error))
            return
        self.dismiss(config)

    @property
    def _net(self) -> str:
        return str(self.query_one("#net", Select).value)

    @property
    def _data(self) -> str:
        return self.query_one("#data", Input).value.strip()

    @property
    def _optimizer(self) -> str:
        return str(self.query_one("#optimizer", Select).value)

    def _fill_in(self) -> None:
        self._filled_in_for = self._data
        try:
            config = default_config(self._net, self._data)
        except LabError as error:
            self._complain(str(error))
            return
        self._complain("")
        self.query_one("#optimizer", Select).value = config.optimizer
        for name in NUMBERS:
            self.query_one(f"#{name}", Input).value = f"{getattr(config, name):g}"

    def _numbers(self) -> dict[str, int | float]:
        values: dict[str, int | float] = {}
        for name, (label, kind) in NUMBERS.items():
            text = self.query_one(f"#{name}", Input).value
            try:
                values[name] = kind(text)
            except ValueError:
                raise UsageError(f"{label} must be a number, not {text!r}.") from None
        return values

    def _complain(self, sentence: str) -> None:
        self.query_one("#new-run-problem", Static).update(sentence)
