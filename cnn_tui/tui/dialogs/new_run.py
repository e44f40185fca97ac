"""The form of a new run: sane defaults for the chosen network and data set."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Select, Static

from cnn_tui.data.catalogue import DATA_SETS
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError, UsageError
from cnn_tui.nets.catalogue import NETS, NetOption, net_info
from cnn_tui.render.draw.numbers import gibibytes
from cnn_tui.training.config import (
    AUGMENTATIONS,
    DEVICES,
    OPTIMIZERS,
    PLACEMENTS,
    PRECISIONS,
    RECIPES,
    SCHEDULES,
    TrainConfig,
    default_config,
)
from cnn_tui.training.process.launcher import refuse_unmeetable
from cnn_tui.training.records import Device
from cnn_tui.tui.background import start
from cnn_tui.tui.dialogs.dialog import Dialog

FIRST_NET, FIRST_DATA = "lenet5", "digits"
NAMES = [info.name for info in DATA_SETS]
KNOWN_DATA = SuggestFromList(NAMES, case_sensitive=False)
HINT = "tab moves, ctrl-s or enter starts, esc cancels"
OFF, ON = "off", "on"


def is_on(text: str) -> bool:
    """What a switch of the form says."""
    return text == ON


@dataclass(frozen=True)
class Field:
    """One value of the configuration as the form asks for it.

    ``choices`` make it a list to choose from; ``blank`` says what leaving it
    empty means, where that is allowed.
    """

    name: str
    label: str
    kind: Callable[[str], int | float | str | bool]
    choices: tuple[str, ...] = ()
    blank: str = ""


SECTIONS: Mapping[str, tuple[Field, ...]] = {
    "": (
        Field("recipe", "Recipe", str, RECIPES),
        Field("epochs", "Epochs", int),
        Field("batch_size", "Batch size", int),
        Field("lr", "Learning rate", float),
        Field("optimizer", "Optimizer", str, OPTIMIZERS),
        Field("schedule", "Schedule", str, SCHEDULES),
        Field("device", "Device", str, DEVICES),
        Field("seed", "Seed", int),
    ),
    "Against overfitting": (
        Field("augment", "Augmentation", str, AUGMENTATIONS),
        Field("cutout", "Cutout", int),
        Field("weight_decay", "Weight decay", float),
        Field("label_smoothing", "Label smoothing", float),
        Field("dropout", "Dropout", float, blank="the network's own"),
        Field("patience", "Patience", int, blank="all epochs"),
    ),
    "Speed and detail": (
        Field("warmup", "Warm-up", float),
        Field("clip_grad", "Clip gradients", float, blank="not at all"),
        Field("image_size", "Image size", int, blank="what suits both"),
        Field("val_fraction", "Validation part", float),
        Field("precision", "Precision", str, PRECISIONS),
        Field("placement", "Images lie on", str, PLACEMENTS),
        Field("threads", "CPU threads", int),
        Field("nproc", "Processes", int),
        Field("compile", "Compile", is_on, (OFF, ON)),
        Field("cuda_graphs", "CUDA graphs", is_on, (OFF, ON)),
        Field("deterministic", "Deterministic", is_on, (OFF, ON)),
        Field("tensorboard", "TensorBoard", is_on, (OFF, ON)),
    ),
}
"""Heading → its fields, the ones that matter most first."""
FIELDS = tuple(field for fields in SECTIONS.values() for field in fields)


class NewRunScreen(Dialog[TrainConfig | None]):
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

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._filled_in: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """The values, a section each, above what is said about them."""
        with Vertical(id="new-run"):
            yield Static("New run", classes="form-title")
            with VerticalScroll(id="new-run-values", can_focus=False):
                yield from _choices_of_net_and_data()
                for heading, fields in SECTIONS.items():
                    if heading:
                        yield Static(heading, classes="form-heading")
                    with Grid(classes="new-run-fields"):
                        for field in fields:
                            yield Label(field.label)
                            yield _widget(field)
            yield Static("", id="new-run-device", markup=False)
            yield Static("", id="new-run-problem", markup=False)
            with Horizontal(id="new-run-buttons"):
                yield Button("Start", id="start", variant="primary", compact=True)
                yield Button("Cancel", id="cancel", compact=True)
                yield Static(HINT, classes="form-hint", markup=False)

    def on_mount(self) -> None:
        """Fill in the defaults of the first network, and look which devices there are."""
        self._fill_in()
        self.query_one("#net").focus()
        start(self, self._show_devices(), "devices", self._say_of_devices)

    def on_select_changed(self, event: Select.Changed) -> None:
        """Another network or recipe: other defaults."""
        if event.select.id == "net":
            self.query_one("#options", Input).value = ""  # those of another network
        if event.select.id in ("net", "recipe"):
            self._fill_in()

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Another data set, or another form of the network: other defaults."""
        if event.input.id in ("data", "options"):
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
            config = default_config(self._net, self._data, **self._settings())
        except LabError as error:
            self._complain(str(error))
            return
        start(self, self._leave_with(config), "check-data", self._complain)

    async def _leave_with(self, config: TrainConfig) -> None:
        self._complain(f"Looking for {config.data} …")
        await in_background(refuse_unmeetable, config)
        self.dismiss(config)

    async def _show_devices(self) -> None:
        devices = await self._engine.run("devices")
        self._say_of_devices(_devices_line(devices))

    def _say_of_devices(self, sentence: str) -> None:
        self.query_one("#new-run-device", Static).update(sentence)

    @property
    def _net(self) -> str:
        name = str(self.query_one("#net", Select).value)
        options = self.query_one("#options", Input).value.strip().strip(",")
        return f"{name},{options}" if options else name

    @property
    def _data(self) -> str:
        return self.query_one("#data", Input).value.strip()

    def _fill_in(self) -> None:
        """Put in the defaults, but for what was changed by hand."""
        options = self.query_one("#options", Input)
        known = net_info(str(self.query_one("#net", Select).value)).options
        options.placeholder = ", ".join(map(_example, known)) or "it has none"
        try:
            config = default_config(self._net, self._data, recipe=self._value("recipe"))
        except LabError as error:
            self._complain(str(error))
            return
        self._complain("")
        for field in FIELDS:
            if self._value(field.name) == self._filled_in.get(field.name, self._value(field.name)):
                self._put(field, getattr(config, field.name))

    def _put(self, field: Field, value: Any) -> None:
        widget = self.query_one(f"#{field.name}")
        if isinstance(widget, Select):
            widget.value = (OFF, ON)[value] if isinstance(value, bool) else value
        elif isinstance(widget, Input):
            widget.value = "" if value is None else f"{value:g}"
        self._filled_in[field.name] = self._value(field.name)

    def _value(self, name: str) -> str:
        """What the form says."""
        widget = self.query_one(f"#{name}")
        assert isinstance(widget, Select | Input)
        return str(widget.value)

    def _settings(self) -> dict[str, Any]:
        """Every value of the form; raises UsageError for what is no number."""
        return {field.name: _read(field, self._value(field.name)) for field in FIELDS}

    def _complain(self, sentence: str) -> None:
        self.query_one("#new-run-problem", Static).update(sentence)


def _choices_of_net_and_data() -> Iterator[Widget]:
    yield Grid(
        Label("Network"),
        Select(
            [(net.title, net.name) for net in NETS],
            value=FIRST_NET,
            allow_blank=False,
            id="net",
            compact=True,
        ),
        Label("its options"),
        Input(id="options", compact=True),
        Label("Data set"),
        Input(
            FIRST_DATA,
            id="data",
            compact=True,
            suggester=KNOWN_DATA,
            tooltip=f"{', '.join(NAMES)}; → completes",
        ),
        id="new-run-what",
        classes="new-run-fields",
    )


def _example(option: NetOption) -> str:
    """What could be written to choose something other than the default."""
    others = (each for each in option.choices if each != option.default)
    value = "true" if option.kind == "bool" else next(others, option.default)
    return f"{option.name}={value}"


def _widget(field: Field) -> Widget:
    if field.choices:
        options = [(choice, choice) for choice in field.choices]
        return Select(
            options, value=field.choices[0], allow_blank=False, id=field.name, compact=True
        )
    return Input(
        id=field.name,
        compact=True,
        type="integer" if field.kind is int else "number",
        placeholder=field.blank,
    )


def _read(field: Field, text: str) -> int | float | str | bool | None:
    if not text.strip() and field.blank:
        return None
    try:
        return field.kind(text)
    except ValueError:
        raise UsageError(f"{field.label} must be a number, not {text!r}.") from None


def _devices_line(devices: tuple[Device, ...]) -> str:
    """What ``auto`` will take, and what else there is."""
    first, *others = (
        f"{each.kind}: {each.name}, {gibibytes(each.free)} of {gibibytes(each.total)} free"
        for each in devices
    )
    return "\n".join([f"Device auto means {first}", *others])
