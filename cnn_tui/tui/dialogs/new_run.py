"""The form of a new run: sane defaults for the chosen network and data set."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Select, Static

from cnn_tui.data.catalogue import all_data_sets
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.nets.catalogue import all_nets, net_info
from cnn_tui.options import Option, text
from cnn_tui.render.draw.commands import explained
from cnn_tui.render.draw.numbers import gibibytes
from cnn_tui.training.config import TrainConfig, default_config, train_options
from cnn_tui.training.process.launcher import validate_resources
from cnn_tui.training.records import Device
from cnn_tui.training.store.folder import refuse_name
from cnn_tui.tui.background import start
from cnn_tui.tui.dialogs.dialog import Dialog
from cnn_tui.workspace import Workspace

FIRST_NET, FIRST_DATA = "lenet5", "digits"
HINT = "tab moves, ctrl-s or enter starts, esc cancels"
OFF_ON = ("off", "on")
INPUT_TYPES: dict[str, Literal["integer", "number", "text"]] = {
    "int": "integer",
    "float": "number",
    "str": "text",
}

NOT_IN_FORM = {
    "nnodes": "the command is given on every host, and the form runs on one",
    "rdzv_endpoint": "only several hosts need a place to meet",
}
"""Options of a run that only the command line has, and why."""


def form_options() -> tuple[Option, ...]:
    """The options that the form asks for, in its order."""
    return tuple(each for each in train_options() if each.name not in NOT_IN_FORM)


@dataclass(frozen=True)
class RunRequest:
    """What the form answers: the configuration of the run, and its name, if it has one."""

    config: TrainConfig
    name: str | None


class NewRunScreen(Dialog[RunRequest | None]):
    """Asks for a run; answers with it, or with None."""

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

    def __init__(self, engine: Engine, workspace: Workspace) -> None:
        super().__init__()
        self._engine = engine
        self._workspace = workspace
        self._filled_in: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """The values, a section each, above what is said about them."""
        with Vertical(id="new-run"):
            yield Static("New run", classes="form-title")
            with VerticalScroll(id="new-run-values", can_focus=False):
                yield from _choices_of_net_and_data()
                for heading, options in groupby(form_options(), lambda each: each.group):
                    if heading:
                        yield Static(heading, classes="form-heading")
                    with Grid(classes="new-run-fields"):
                        for option in options:
                            yield Label(option.heading)
                            yield _widget(option)
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
        name = self._value("name").strip() or None
        try:
            config = default_config(self._net, self._data, **self._settings())
        except LabError as error:
            self._refuse(error)
            return
        start(self, self._leave_with(RunRequest(config, name)), "check-data", self._complain)

    async def _leave_with(self, request: RunRequest) -> None:
        self._complain(f"Looking for {request.config.data} …")
        try:
            await in_background(_validate, self._workspace, request)
        except LabError as error:
            self._refuse(error)
        else:
            self.dismiss(request)

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
        examples = ", ".join(map(_example, known))
        options.placeholder = f"such as {examples}" if examples else "it has none"
        try:
            config = default_config(self._net, self._data, recipe=self._value("recipe"))
        except LabError as error:
            self._complain(explained(error))
            return
        self._complain("")
        for each in form_options():
            if self._value(each.name) == self._filled_in.get(each.name, self._value(each.name)):
                self._put(each.name, getattr(config, each.name))

    def _put(self, name: str, value: Any) -> None:
        widget = self.query_one(f"#{name}")
        if isinstance(widget, Select):
            widget.value = OFF_ON[value] if isinstance(value, bool) else value
        elif isinstance(widget, Input):
            widget.value = text(value)
        self._filled_in[name] = self._value(name)

    def _value(self, name: str) -> str:
        """What the form says."""
        widget = self.query_one(f"#{name}")
        assert isinstance(widget, Select | Input)
        return str(widget.value)

    def _settings(self) -> dict[str, str]:
        """Every value of the form, as it stands there."""
        return {each.name: self._value(each.name) for each in form_options()}

    def _refuse(self, error: LabError) -> None:
        """Say what is wrong, with the cursor in the field that it is about."""
        self._complain(explained(error))
        for field in error.fields[:1]:
            # The network itself is chosen from a list: what can be wrong are its options.
            for widget in self.query("#options" if field == "net" else f"#{field}"):
                widget.focus()

    def _complain(self, sentence: str) -> None:
        self.query_one("#new-run-problem", Static).update(sentence)


def _validate(workspace: Workspace, request: RunRequest) -> None:
    """Raise UsageError where the run could not begin: its name is taken, its data missing."""
    if request.name is not None:
        refuse_name(workspace, request.name)
    validate_resources(request.config)


def _choices_of_net_and_data() -> Iterator[Widget]:
    names = [info.name for info in all_data_sets()]
    yield Grid(
        Label("Network"),
        Select(
            [(net.title, net.name) for net in all_nets()],
            value=FIRST_NET,
            allow_blank=False,
            id="net",
            compact=True,
        ),
        Label("Options"),
        Input(id="options", compact=True),
        Label("Data set"),
        Input(
            FIRST_DATA,
            id="data",
            compact=True,
            suggester=SuggestFromList(names, case_sensitive=False),
            tooltip=f"{', '.join(names)}; → completes",
        ),
        Label("Name"),
        Input(id="name", compact=True, placeholder="none", tooltip="What you want to call the run"),
        id="new-run-what",
        classes="new-run-fields",
    )


def _example(option: Option) -> str:
    """What could be written to choose something other than the default."""
    others = (each for each in option.choices if each != option.default)
    value = "true" if option.kind == "bool" else next(others, text(option.default))
    return f"{option.name}={value}"


def _widget(option: Option) -> Widget:
    choices = OFF_ON if option.kind == "bool" else option.choices
    if choices:
        return Select(
            [(choice, choice) for choice in choices],
            value=choices[0],
            allow_blank=False,
            id=option.name,
            compact=True,
            tooltip=option.summary,
        )
    return Input(
        id=option.name,
        compact=True,
        type=INPUT_TYPES[option.kind],
        placeholder=option.blank,
        tooltip=option.summary,
    )


def _devices_line(devices: tuple[Device, ...]) -> str:
    """What ``auto`` will take, and what else there is."""
    first, *others = (
        f"{each.kind}: {each.name}, {gibibytes(each.free)} of {gibibytes(each.total)} free"
        for each in devices
    )
    return "\n".join([f"Device auto means {first}", *others])
