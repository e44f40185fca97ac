"""The form of a new run: sane defaults for the chosen network and data set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from cnn_tui.data.catalogue import all_data_sets
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.names import normalize
from cnn_tui.nets.catalogue import all_nets, net_info
from cnn_tui.options import Option, text
from cnn_tui.render.draw.numbers import gibibytes
from cnn_tui.training.again import TIED, tied_settings
from cnn_tui.training.config import TrainConfig, train_options
from cnn_tui.training.defaults import DECIDING, default_config, usual_config
from cnn_tui.training.process.requirements import validate_resources
from cnn_tui.training.records import Device
from cnn_tui.training.store.folder import refuse_name
from cnn_tui.tui.background import start
from cnn_tui.tui.dialogs.dialog import cancel_key
from cnn_tui.tui.dialogs.form import StartForm, start_key
from cnn_tui.tui.widgets.choice_fields import ChoiceField, SearchField
from cnn_tui.tui.widgets.fields import OFF_ON, Field, TextField
from cnn_tui.tui.widgets.form_view import FieldGroup, FormView
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.workspace import Workspace

FIRST_NET, FIRST_DATA = "lenet5", "digits"

NOW, QUEUED = "now", "queued"
"""When a run starts."""

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
    """What the form answers: the configuration of the run, and its name, if it has one.

    ``changed`` names the settings of it that a request to the form is about; ``is_queued``
    says that it waits for the runs before it.
    """

    config: TrainConfig
    name: str | None = None
    changed: tuple[str, ...] = ()
    is_queued: bool = False


class NewRunScreen(StartForm[RunRequest | None]):
    """Asks for a run; answers with it, or with None.

    ``request`` fills the form in: with the configuration of a run, and a change of it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("new-run", "Back without a run"),
        start_key("new-run", "Start the run"),
    ]
    DISCARDS: ClassVar[str] = "The form has changes that were not started. Discard them?"

    def __init__(
        self, engine: Engine, workspace: Workspace, request: RunRequest | None = None
    ) -> None:
        super().__init__()
        self._engine = engine
        self._workspace = workspace
        self._request = request
        self._filled_in: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """The values, a section each, above what is said about them."""
        with Frame(
            id="new-run",
            classes="dialog",
            title="New run",
            keys=frame_keys(("tab", "next field"), ("ctrl+s", "start"), ("escape", "cancel")),
        ):
            yield FormView(*self._sections(), id="new-run-values")
            yield Static("", id="form-about", markup=False)
            yield Static("", id="new-run-device", markup=False)
            yield Static("", id="form-problem", classes="dialog-problem", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Start", id="start", compact=True)

    def opened(self) -> None:
        """Fill in the defaults of the first network, and look which devices there are."""
        if self._request is not None:
            self._take(self._request.config)
        self._fill_in()
        super().opened()
        self._point_out(() if self._request is None else self._request.changed)
        start(self, self._show_devices(), "devices", self._say_of_devices)

    def on_form_view_changed(self, message: FormView.Changed) -> None:
        """Another recipe, optimizer or schedule: other defaults."""
        if isinstance(message.field, ChoiceField) and message.field.name in DECIDING:
            self._fill_in()

    def on_form_view_left(self, message: FormView.Left) -> None:
        """Another network, data set or batch size: other defaults."""
        if message.field.name in ("net", "data", "options", *DECIDING):
            self._fill_in()

    def action_begin(self) -> None:
        """Answer with the configuration, or say what is wrong with it."""
        for field in self.form.fields.values():
            if isinstance(field, SearchField) and not field.accept_if_clear():
                self.form.go_to(field.name)
                return
        self._fill_in()
        name = self.field("name").value.strip() or None
        try:
            config = default_config(self._net, self._data, **self._settings())
        except LabError as error:
            self.refuse(error)
            return
        request = RunRequest(config, name, is_queued=self.field("begin").value == QUEUED)
        start(self, self._leave_with(request), "check-data", self.say)

    def field_of(self, name: str) -> str:
        """What is wrong with a network that is known are its options."""
        return "options" if name == "net" and self._knows_net() else name

    async def _leave_with(self, request: RunRequest) -> None:
        self.say(f"Looking for {request.config.data} …")
        try:
            await in_background(_validate, self._workspace, request)
        except LabError as error:
            self.refuse(error)
        else:
            self.dismiss(request)

    async def _show_devices(self) -> None:
        devices = await self._engine.run("devices")
        self._say_of_devices(_devices_line(devices))
        field = self.field("device")
        if isinstance(field, ChoiceField):
            more = (each.option for each in devices if each.option not in field.choices)
            field.choices = (*field.choices, *sorted(more))

    def _say_of_devices(self, sentence: str) -> None:
        self.query_one("#new-run-device", Static).update(sentence)

    @property
    def _net(self) -> str:
        name = self.field("net").value.strip()
        options = self.field("options").value.strip().strip(",")
        return f"{name},{options}" if options else name

    @property
    def _data(self) -> str:
        return self.field("data").value.strip()

    def _knows_net(self) -> bool:
        wanted = normalize(self.field("net").value)
        return any(normalize(net.name) == wanted for net in all_nets())

    def _sections(self) -> Iterator[FieldGroup]:
        yield FieldGroup(self._what(), is_wide=True)
        for heading, options in groupby(form_options(), lambda each: each.group):
            yield FieldGroup(tuple(map(_field, options)), heading)

    def _what(self) -> tuple[Field, ...]:
        nets = {net.name: net.title for net in all_nets()}
        data = {info.name: info.title for info in all_data_sets()}
        return (
            SearchField(
                "net",
                "Network",
                nets,
                FIRST_NET,
                "Type a part of its name; or FILE.py:NAME for a network of your own.",
            ),
            TextField("options", "Options", "", "Options of the network: NAME=VALUE, …"),
            SearchField(
                "data",
                "Data set",
                data,
                FIRST_DATA,
                "Type a part of its name; or folder:PATH for images of your own.",
            ),
            TextField("name", "Name", "", "What you want to call the run.", blank="none"),
            ChoiceField(
                "begin",
                "Start",
                (NOW, QUEUED),
                about="A queued run starts once those before it on the device have ended.",
            ),
        )

    def _take(self, config: TrainConfig) -> None:
        """Put in the values of a configuration, as if they had been typed."""
        name, _, options = str(config.net).partition(",")
        self.put("net", name)
        self.put("options", options)
        self.put("data", str(config.data))
        plain = default_config(config.net, config.data, recipe=config.recipe)
        defaults = usual_config(config)
        for each in form_options():
            self.put(each.name, _shown(getattr(config, each.name)))
            usual = plain if each.name in DECIDING else config if each.name in TIED else defaults
            self._filled_in[each.name] = _shown(getattr(usual, each.name))

    def _point_out(self, changed: Sequence[str]) -> None:
        """Say which settings are suggested, and go to the first of them."""
        fields = [self.field(name) for name in changed if name in self.form.fields]
        if fields:
            suggested = ", ".join(f"{each.title.lower()} {each.value}" for each in fields)
            self.query_one("#new-run", Frame).title = f"New run with {suggested}"
            self.form.go_to(fields[0].name)

    def _fill_in(self) -> None:
        """Put in the defaults, but for what was changed by hand."""
        self._show_options_of_net()
        try:
            config = default_config(self._net, self._data, **self._deciding())
        except LabError as error:
            self.mark(error)  # the cursor is elsewhere by now, and stays there
            return
        self.say("")
        if self._request is not None:
            config = replace(config, **tied_settings(self._request.config, config.net, config.data))
        for each in form_options():
            value = self.field(each.name).value
            if value == self._filled_in.get(each.name, value):
                default = _shown(getattr(config, each.name))
                self._filled_in[each.name] = default
                self.put(each.name, default)
        self.form.redraw()

    def _deciding(self) -> dict[str, str]:
        """What was changed by hand of that on which the defaults of others depend."""
        values = {name: self.field(name).value for name in DECIDING}
        return {
            name: value
            for name, value in values.items()
            if name == "recipe" or value != self._filled_in.get(name, value)
        }

    def _show_options_of_net(self) -> None:
        options = self.field("options")
        assert isinstance(options, TextField)
        known = net_info(self.field("net").value).options if self._knows_net() else ()
        examples = ", ".join(map(_example, known))
        options.blank = f"such as {examples}" if examples else "none"

    def _settings(self) -> dict[str, str]:
        """Every value of the form, as it stands there."""
        return {each.name: self.field(each.name).value for each in form_options()}


def _validate(workspace: Workspace, request: RunRequest) -> None:
    """Raise UsageError where the run could not begin: its name is taken, its data missing."""
    if request.name is not None:
        refuse_name(workspace, request.name)
    validate_resources(request.config)


def _example(option: Option) -> str:
    """What could be written to choose something other than the default."""
    others = (each for each in option.choices if each != option.default)
    value = "true" if option.kind == "bool" else next(others, text(option.default))
    return f"{option.name}={value}"


def _field(option: Option) -> Field:
    choices = OFF_ON if option.kind == "bool" else option.choices
    if choices:
        return ChoiceField(option.name, option.heading, choices, about=option.summary)
    about = option.summary
    return TextField(option.name, option.heading, "", about, blank=option.blank)


def _shown(value: object) -> str:
    """A value as the form writes it."""
    return OFF_ON[value] if isinstance(value, bool) else text(value)


def _room(device: Device) -> str:
    """How much memory is free on a device, or why nothing can be computed there."""
    return device.weak or f"{gibibytes(device.free)} of {gibibytes(device.total)} free"


def _devices_line(devices: tuple[Device, ...]) -> str:
    """What ``auto`` will take, and what else there is."""
    first, *others = (f"{each.option}: {each.name}, {_room(each)}" for each in devices)
    return "\n".join([f"Device auto means {first}", *others])
