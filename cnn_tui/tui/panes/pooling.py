"""The Pooling pane: a map, a window that walks over it, and what comes out."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.message import Message

from cnn_tui.analysis.pooling.inputs import INPUTS, InputMap, parse_cell, with_cell
from cnn_tui.analysis.pooling.operators import KINDS, check_settings, with_kind
from cnn_tui.analysis.pooling.records import (
    POOL_OPTIONS,
    GridPosition,
    PoolResult,
    PoolSettings,
    TranslationResult,
)
from cnn_tui.engine.process import Engine
from cnn_tui.errors import UsageError
from cnn_tui.render.draw.grids import Edit
from cnn_tui.render.pooling import heading, pool_view
from cnn_tui.render.translation import translation_view
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace

NORM_TYPES = (1.0, 2.0, 3.0, 4.0)
LARGEST_DILATION = 4
OF_NUMBERS = frozenset("0123456789.+-e")
LONGEST_NUMBER = 8
HEADING_LINES = 3
OTHER_MAPS = (
    "digit or digits#17, a picture such as photo.png or folder:PATH#17, a feature map that a "
    "run learned such as run:last:conv1:0, or a file of numbers such as map.csv"
)


@dataclass(frozen=True)
class Editing:
    """The input cell that is being edited, and what was typed so far."""

    row: int
    column: int
    typed: str = ""


class MapPage(Page):
    """The page with the grids; while a cell is edited, numbers go into the cell."""

    editing = False

    class Typed(Message):
        """A character that was typed, or ``backspace``."""

        def __init__(self, key: str | None) -> None:
            super().__init__()
            self.key = key

    def on_key(self, event: Key) -> None:
        """Keep what is typed into a cell from meaning anything else."""
        if self.editing and (event.is_printable or event.key == "backspace"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Typed(event.character if event.is_printable else event.key))


class PoolingPane(Pane):
    """Pooling, one window at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "change_kind", "kind", id="pooling.kind", tooltip="Max, average, Lp, …"),
        *(
            Binding(
                key,
                f"change('{field}', {step})",
                label,
                key_display=keys,
                show=step < 0,
                id=f"pooling.{label}-{'less' if step < 0 else 'more'}",
                tooltip=tooltip,
            )
            for field, label, keys, tooltip, pair in (
                (
                    "kernel_size",
                    "kernel",
                    "[ ]",
                    "Smaller or larger kernel_size; of adaptive kinds, output_size",
                    ("left_square_bracket", "right_square_bracket"),
                ),
                (
                    "stride",
                    "stride",
                    "< >",
                    "Smaller or larger stride",
                    ("less_than_sign", "greater_than_sign"),
                ),
            )
            for key, step in zip(pair, (-1, 1), strict=True)
        ),
        Binding(
            "p",
            "change_padding",
            "padding",
            id="pooling.padding",
            tooltip="More padding, then none again",
        ),
        Binding("i", "change_input", "input", id="pooling.input", tooltip="The next map"),
        Binding(
            "o",
            "ask_input",
            "open",
            id="pooling.open",
            tooltip="Open a map: a digit, an image, a run's feature map, a CSV file",
        ),
        Binding(
            "v",
            "ask_channel",
            show=False,
            id="pooling.channel",
            tooltip="Another channel of the opened image or feature map",
        ),
        Binding("enter", "edit", "edit", id="pooling.edit", tooltip="Edit a cell of the map"),
        Binding(
            "t",
            "toggle_shift",
            "shift",
            id="pooling.shift",
            tooltip="Shift the map with the arrows and compare the outputs; again for the window",
        ),
        Binding(
            "d", "change_dilation", show=False, id="pooling.dilation", tooltip="Dilation of max"
        ),
        Binding("c", "switch('ceil_mode')", show=False, id="pooling.ceil", tooltip="ceil_mode"),
        Binding(
            "u",
            "switch('count_include_pad')",
            show=False,
            id="pooling.count-pad",
            tooltip="Whether an average counts the padding",
        ),
        Binding("n", "change_norm", show=False, id="pooling.norm", tooltip="The p of Lp pooling"),
        *(
            Binding(
                keys,
                f"move({rows}, {columns})",
                show=False,
                priority=True,
                id=f"pooling.{name}",
                tooltip="Move the window, the map, or the cell that is edited",
            )
            for name, keys, rows, columns in (
                ("up", "up,k", -1, 0),
                ("down", "down,j", 1, 0),
                ("left", "left", 0, -1),
                ("right", "right", 0, 1),
            )
        ),
    ]

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._input: InputMap = INPUTS[0]
        self._settings = PoolSettings()
        self._result: PoolResult | None = None
        self._opened: str | None = None
        self._cursor: GridPosition = (0, 0)
        self._editing: Editing | None = None
        self._shift: GridPosition | None = None
        self._translation: TranslationResult | None = None

    def compose(self) -> ComposeResult:
        """One page."""
        yield MapPage(id="pool-view")

    def on_mount(self) -> None:
        """Pool the first map."""
        self._pool()

    def on_page_resized(self, message: Page.Resized) -> None:
        """Choose again how the grids are drawn."""
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going back means leaving the cell, or the shifted maps; moving is for this page only."""
        if action == "back":
            return self._editing is not None or self._shift is not None
        if action == "move":
            return self.app.focused is self.query_one(MapPage)
        return True

    def focus_first(self) -> None:
        """The page with the grids."""
        self.query_one(MapPage).focus()

    def shown(self) -> RenderableType:
        """Both grids and the arithmetic."""
        return self.query_one(MapPage).content

    def action_back(self) -> None:
        """Leave the cell as it was, or the shifted maps for the window."""
        if self._editing is not None:
            self._edit(None)
        else:
            self._show_shifted(None)

    def action_change_kind(self) -> None:
        """Go on to the next kind of pooling."""
        following = KINDS[(KINDS.index(self._settings.kind) + 1) % len(KINDS)]
        self._try(with_kind(self._settings, following))

    def action_change(self, field: str, step: int) -> None:
        """Make ``kernel_size`` or ``stride`` one larger or smaller; adaptive kinds: the output."""
        settings = self._settings
        if settings.kind.startswith("adaptive") and field == "kernel_size":
            rows, columns = settings.output_size
            larger = (max(1, rows + step), max(1, columns + step))
            self._try(replace(settings, output_size=larger))
            return
        if self._takes(field):
            value = max(1, getattr(settings, field) + step)
            changed = replace(settings, **{field: value})
            most = _most_padding(changed)
            self._try(replace(changed, padding=min(changed.padding, most)))

    def action_change_padding(self) -> None:
        """One more cell of padding, up to what the window allows; then none."""
        if self._takes("padding"):
            padding = (self._settings.padding + 1) % (_most_padding(self._settings) + 1)
            self._try(replace(self._settings, padding=padding))

    def action_change_dilation(self) -> None:
        """The next dilation, then none again."""
        if self._takes("dilation"):
            following = self._settings.dilation % LARGEST_DILATION + 1
            self._try(replace(self._settings, dilation=following))

    def action_change_norm(self) -> None:
        """The next p."""
        if self._takes("norm_type"):
            larger = (each for each in NORM_TYPES if each > self._settings.norm_type)
            self._try(replace(self._settings, norm_type=next(larger, NORM_TYPES[0])))

    def action_switch(self, field: str) -> None:
        """Switch ``ceil_mode`` or ``count_include_pad``."""
        if self._takes(field):
            switched: dict[str, Any] = {field: not getattr(self._settings, field)}
            self._try(replace(self._settings, **switched))

    def action_change_input(self) -> None:
        """Go on to the next named map."""
        place = INPUTS.index(self._input) if self._input in INPUTS else -1
        self._take(INPUTS[(place + 1) % len(INPUTS)])

    def action_ask_input(self) -> None:
        """Ask for a map that has no key."""

        def take(spec: str) -> None:
            if spec:
                self.start(self._open(spec), "open-map")

        self.ask(PromptScreen("Which map?", OTHER_MAPS), take)

    def action_ask_channel(self) -> None:
        """Ask which channel of the opened image or feature map to look at."""
        opened = self._opened
        if opened is None:
            self.say("Channels belong to an image or a run's layer: open one with o.")
            return

        def take(channel: str) -> None:
            if channel:
                self.start(self._open(opened, channel), "open-map")

        hint = "red, green, blue, gray, or a number"
        self.ask(PromptScreen("Which channel?", hint), take)

    def action_edit(self) -> None:
        """Begin to edit the first cell of the window, or put what was typed into the cell."""
        if self._result is None or self._shift is not None:
            return
        if self._editing is None:
            window = self._result.window(*self._cursor)
            self._edit(Editing(window.rows[0], window.columns[0]))
        elif self._editing.typed:
            self._put(self._editing)
        else:
            self._edit(None)

    def action_toggle_shift(self) -> None:
        """From the window to the shifted map and back."""
        self._editing = None
        shift = self._input.shift or (0, 1)
        self._show_shifted(shift if self._shift is None else None)

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cell that is edited, the map, or the window."""
        if self._result is None:
            return
        if self._editing is not None:
            place = (self._editing.row + rows, self._editing.column + columns)
            self._edit(Editing(*_inside(place, self._result.input_size)))
        elif self._shift is not None:
            height, width = self._result.input_size
            down, right = self._shift
            self._show_shifted(
                (
                    min(max(down + rows, 1 - height), height - 1),
                    min(max(right + columns, 1 - width), width - 1),
                )
            )
        else:
            row, column = self._cursor
            self._cursor = _inside((row + rows, column + columns), self._result.output_size)
            self._draw()

    def on_map_page_typed(self, message: MapPage.Typed) -> None:
        """A key for the cell that is edited."""
        if self._editing is None:
            return
        typed = self._editing.typed
        if message.key == "backspace":
            self._edit(replace(self._editing, typed=typed[:-1]))
        elif message.key in OF_NUMBERS and len(typed) < LONGEST_NUMBER:
            self._edit(replace(self._editing, typed=typed + message.key))

    def _takes(self, field: str) -> bool:
        if field in POOL_OPTIONS[self._settings.kind]:
            return True
        self.say(f"{self._settings.kind} pooling takes no {field}.")
        return False

    def _try(self, settings: PoolSettings) -> None:
        try:
            check_settings(self._input.grid, settings)
        except UsageError as error:
            self.say(str(error))
            return
        self._settings = settings
        self._pool()

    def _take(self, chosen: InputMap) -> None:
        try:
            check_settings(chosen.grid, self._settings)
        except UsageError:
            self._settings = PoolSettings(kind=self._settings.kind)
        self._input = chosen
        self._pool()

    async def _open(self, spec: str, channel: str | None = None) -> None:
        root = None if self.workspace is None else self.workspace.root
        chosen: dict[str, Any] = {"spec": spec, "channel": channel, "workspace": root}
        opened = await self.engine.run("pool_input", **chosen)
        self._opened = spec
        self._take(opened)

    def _put(self, editing: Editing) -> None:
        try:
            value = parse_cell(editing.typed)
        except UsageError as error:
            self.say(str(error))
            return
        grid = with_cell(self._input.grid, editing.row, editing.column, value)
        title = self._input.title.removesuffix(", edited")
        self._input = InputMap(self._input.name, f"{title}, edited", grid)
        self._edit(replace(editing, typed=""))
        self._pool()

    def _edit(self, editing: Editing | None) -> None:
        self._editing = editing
        self.query_one(MapPage).editing = editing is not None
        self.refresh_bindings()
        self._draw()

    def _show_shifted(self, shift: GridPosition | None) -> None:
        self._shift = shift
        self.query_one(MapPage).editing = False
        self.refresh_bindings()
        self._pool()

    def _pool(self) -> None:
        self.start(self._compute(), "pool", page="pool-view")

    async def _compute(self) -> None:
        question: dict[str, Any] = {"grid": self._input.grid, "settings": self._settings}
        if self._shift is None:
            self._result = await self.engine.run("pool", **question)
            height, width = self._result.output_size
            self._cursor = _inside(self._cursor, (height, width))
        else:
            self._translation = await self.engine.run("translate", **question, shift=self._shift)
            self._result = self._translation.before
        self._draw()

    def _draw(self) -> None:
        page = self.query_one(MapPage)
        if self._result is None:
            page.show(Text("Loading torch …", style="dim"))
            return
        region = page.scrollable_content_region
        top = heading(self._input.name, self._input.title, self._result.settings)
        if self._shift is not None and self._translation is not None:
            body = translation_view(self._translation, width=region.width)
        else:
            height = region.height - HEADING_LINES
            edited = self._edit_mark()
            body = pool_view(
                self._result, self._cursor, width=region.width, height=height, edited=edited
            )
        page.show(Group(top, Text(), body), from_top=False)

    def _edit_mark(self) -> Edit | None:
        if self._editing is None:
            return None
        return Edit(self._editing.row, self._editing.column, self._editing.typed or None)


def _most_padding(settings: PoolSettings) -> int:
    return settings.kernel_size // 2


def _inside(place: GridPosition, size: tuple[int, int]) -> GridPosition:
    """The nearest cell to ``place`` in a grid of that size."""
    (row, column), (height, width) = place, size
    return min(max(row, 0), height - 1), min(max(column, 0), width - 1)
