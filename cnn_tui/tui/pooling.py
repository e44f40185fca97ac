"""The Pooling pane: a map, a window that walks over it, and what comes out."""

from dataclasses import replace
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from cnn_tui.analysis.inputs import INPUTS, InputMap
from cnn_tui.analysis.pooling import KINDS, check_settings
from cnn_tui.analysis.records import PoolResult, PoolSettings
from cnn_tui.engine.process import Engine
from cnn_tui.errors import UsageError
from cnn_tui.render.pooling import pool_view
from cnn_tui.tui.pane import Pane
from cnn_tui.tui.panes import PaneInfo
from cnn_tui.tui.scroller import Page
from cnn_tui.workspace import Workspace


class PoolingPane(Pane):
    """Pooling, one window at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "change_kind", "max/avg", id="pooling.kind", tooltip="Max or average"),
        Binding(
            "left_square_bracket",
            "change('kernel_size', -1)",
            "kernel",
            key_display="[ ]",
            id="pooling.kernel-less",
            tooltip="Smaller or larger kernel_size",
        ),
        Binding(
            "right_square_bracket",
            "change('kernel_size', 1)",
            show=False,
            id="pooling.kernel-more",
            tooltip="Smaller or larger kernel_size",
        ),
        Binding(
            "less_than_sign",
            "change('stride', -1)",
            "stride",
            key_display="< >",
            id="pooling.stride-less",
            tooltip="Smaller or larger stride",
        ),
        Binding(
            "greater_than_sign",
            "change('stride', 1)",
            show=False,
            id="pooling.stride-more",
            tooltip="Smaller or larger stride",
        ),
        Binding(
            "p",
            "change_padding",
            "padding",
            id="pooling.padding",
            tooltip="More padding, then none again",
        ),
        Binding("i", "change_input", "input", id="pooling.input", tooltip="The next map"),
        *(
            Binding(
                keys,
                f"move({rows}, {columns})",
                show=False,
                priority=True,
                id=f"pooling.{name}",
                tooltip="Move the window",
            )
            for name, keys, rows, columns in (
                ("up", "up,k", -1, 0),
                ("down", "down,j", 1, 0),
                ("left", "left", 0, -1),
                ("right", "right", 0, 1),
            )
        ),
    ]

    cursor: reactive[tuple[int, int]] = reactive((0, 0))

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._input: InputMap = INPUTS[0]
        self._settings = PoolSettings()
        self._result: PoolResult | None = None

    def compose(self) -> ComposeResult:
        """One page."""
        yield Page(id="pool-view")

    def on_mount(self) -> None:
        """Pool the first map."""
        self._pool()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is no list to go back to."""
        return action != "back"

    def focus_first(self) -> None:
        """The page with the grids."""
        self.query_one("#pool-view").focus()

    def shown(self) -> RenderableType:
        """Both grids and the arithmetic."""
        return self.query_one("#pool-view", Page).content

    def action_change_kind(self) -> None:
        """Max becomes average, average becomes max."""
        following = (KINDS.index(self._settings.kind) + 1) % len(KINDS)
        self._try(replace(self._settings, kind=KINDS[following]))

    def action_change(self, field: str, step: int) -> None:
        """Make ``kernel_size`` or ``stride`` one larger or smaller."""
        value = max(1, getattr(self._settings, field) + step)
        changed = replace(self._settings, **{field: value})
        most = changed.kernel_size // 2
        self._try(replace(changed, padding=min(changed.padding, most)))

    def action_change_padding(self) -> None:
        """One more cell of padding, up to half of kernel_size; then none."""
        padding = (self._settings.padding + 1) % (self._settings.kernel_size // 2 + 1)
        self._try(replace(self._settings, padding=padding))

    def action_change_input(self) -> None:
        """Go on to the next map."""
        following = INPUTS[(INPUTS.index(self._input) + 1) % len(INPUTS)]
        try:
            check_settings(following.grid, self._settings)
        except UsageError:
            self._settings = PoolSettings(kind=self._settings.kind)
        self._input = following
        self._pool()

    def action_move(self, rows: int, columns: int) -> None:
        """Move to a neighbouring output cell."""
        if self._result is not None:
            height, width = self._result.output_size
            row, column = self.cursor
            self.cursor = (
                min(max(row + rows, 0), height - 1),
                min(max(column + columns, 0), width - 1),
            )

    def watch_cursor(self) -> None:
        """Mark the other window."""
        self._draw()

    def _try(self, settings: PoolSettings) -> None:
        try:
            check_settings(self._input.grid, settings)
        except UsageError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        self._settings = settings
        self._pool()

    def _pool(self) -> None:
        self.start(self._compute(), "pool", page="pool-view")

    async def _compute(self) -> None:
        self._result = await self.engine.run("pool", grid=self._input.grid, settings=self._settings)
        height, width = self._result.output_size
        row, column = self.cursor
        self.set_reactive(PoolingPane.cursor, (min(row, height - 1), min(column, width - 1)))
        self._draw()

    def _draw(self) -> None:
        page = self.query_one("#pool-view", Page)
        if self._result is None:
            page.show(Text("Loading torch …", style="dim"))
            return
        settings = self._result.settings
        heading = Text.assemble(
            (f"{settings.kind} pooling", "bold"),
            f"   kernel_size {settings.kernel_size}   stride {settings.stride}   "
            f"padding {settings.padding}\n",
            (f"{self._input.name}: {self._input.title}\n", "dim"),
        )
        page.show(Group(heading, pool_view(self._result, self.cursor)), from_top=False)
