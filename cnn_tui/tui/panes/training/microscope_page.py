"""The page with the inside of a run's network: live, or at an epoch that one has moved to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize

from cnn_tui.engine.threads import in_background
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.render.runs.inspected_layer import layer_view
from cnn_tui.render.runs.inspection import (
    NOTHING_RECORDED,
    QUANTITIES,
    LayerQuantity,
    inspection_view,
)
from cnn_tui.training.inspection_advice import advise_inside
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.inspection_records import Inspection, Inspections
from cnn_tui.training.store.inspections import InspectionReader
from cnn_tui.tui.background import every, start
from cnn_tui.tui.next_keys import with_keys
from cnn_tui.tui.widgets.page import Page

LOOK_SECONDS, LOOK_SECONDS_LOW_BANDWIDTH = 1.0, 3.0
FEWEST_LAYERS = 4
"""Else they take half of the lines: the other half is for the images."""
WIDE, FEW_FILTERS, MANY_FILTERS = 100, 8, 16
"""Where all images are in sight, few filters beside them: a page of pictures is at most 60 KB."""
NOTHING_YET = "Nothing is recorded yet: the first snapshot is taken when the first epoch ends."
OFF = "This run records nothing of its network's inside: its inspection is set to 0."
FIRST, LAST = "This is the first snapshot.", "This is the last snapshot."


@dataclass(frozen=True, eq=False)
class Inside:
    """What is drawn: a snapshot among all of them, or one layer over all of them.

    It is drawn where it is laid out, which is beside the event loop, in the room there is.
    """

    inspections: Inspections
    shown: Inspection
    quantity: LayerQuantity
    marked: int
    rows: int
    is_of_layer: bool

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        if self.is_of_layer:
            name = self.shown.layers[self.marked].name
            yield layer_view(self.inspections, name, self.quantity, width=width)
            return
        yield inspection_view(
            self.inspections,
            self.shown,
            self.quantity,
            width=width,
            rows=self.rows,
            marked=self.marked,
            sentences=[
                with_keys(each.sentence, each.next_steps)
                for each in advise_inside(self.inspections)
            ],
            most_filters=FEW_FILTERS if width >= WIDE else MANY_FILTERS,
        )


class MicroscopePage(Page):
    """Reads what a run records of its network's inside, and goes on while the run is running.

    It shows the last snapshot until one moves to another.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "up", "layer(-1)", show=False, id="microscope.layer-up", tooltip="Mark the layer above"
        ),
        Binding(
            "down",
            "layer(1)",
            show=False,
            id="microscope.layer-down",
            tooltip="Mark the layer below",
        ),
        Binding(
            "enter",
            "details",
            show=False,
            key_display="⏎",
            id="microscope.details",
            tooltip="The marked layer's numbers over all snapshots, or all layers again",
        ),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._reader: InspectionReader | None = None
        self._is_looking = False
        self._is_running = False
        self._is_off = False
        self._step: int | None = None
        self._quantity = next(iter(QUANTITIES))
        self._marked = 0
        self.is_of_layer = False

    def on_mount(self) -> None:
        """Look at a steady pace."""
        slow = getattr(self.app, "low_bandwidth", False)
        every(self, LOOK_SECONDS_LOW_BANDWIDTH if slow else LOOK_SECONDS, self._look_soon)

    def open(self, run: RunFolder, *, is_running: bool, is_off: bool) -> None:
        """Read what a run has recorded, and show the last of it."""
        self._reader = InspectionReader(run.inspection_file)
        self._step, self._marked, self.is_of_layer = None, 0, False
        self._is_running, self._is_off = is_running, is_off
        self.show(Text("Reading what the run has recorded …", QUIET))
        start(self, self._look(self._reader, is_first=True), "inspection", self._say)

    def stands(self, *, is_running: bool) -> None:
        """Whether more is to come; where nothing is any more, the rest is read."""
        ended = self._is_running and not is_running
        if ended:
            self._look_soon()
        self._is_running = is_running

    def leave(self) -> None:
        """Look no longer."""
        self._reader, self.is_of_layer = None, False
        self.workers.cancel_group(self, "inspection")

    def move(self, by: int) -> str:
        """Show an earlier or a later snapshot; returns why not, where there is none."""
        snapshots, shown = self._snapshots, self._shown
        if shown is None:
            return self._nothing()
        at = snapshots.index(shown) + by
        if not 0 <= at < len(snapshots):
            return FIRST if at < 0 else LAST
        # At the end, the newest snapshot is shown from then on.
        self._step = None if at == len(snapshots) - 1 else snapshots[at].step
        self._draw()
        return ""

    def next_quantity(self) -> None:
        """Show another quantity of the layers."""
        names = list(QUANTITIES)
        self._quantity = names[(names.index(self._quantity) + 1) % len(names)]
        self._draw()

    def action_layer(self, by: int) -> None:
        """Mark another layer; where all is marked that there is, scroll."""
        shown = self._shown
        if shown is None:
            return
        marked = min(max(0, self._marked + by), len(shown.layers) - 1)
        if marked == self._marked or (by < 0 and self.scroll_offset.y and not self.is_of_layer):
            self.scroll_relative(y=by, animate=False)
            return
        self._marked = marked
        self._draw()

    def action_details(self) -> None:
        """Show the marked layer over all snapshots, or all layers again."""
        if self._shown is not None:
            self.is_of_layer = not self.is_of_layer
            self.scroll_home(animate=False)
            self._draw()

    def on_resize(self, event: Resize) -> None:
        """Show as many layers as there is room for now."""
        super().on_resize(event)
        if self._shown is not None:
            self._draw()

    @property
    def _snapshots(self) -> Sequence[Inspection]:
        return () if self._reader is None else self._reader.inspections.snapshots

    @property
    def _shown(self) -> Inspection | None:
        """The snapshot that one has moved to, else the last one."""
        snapshots = self._snapshots
        moved = (each for each in snapshots if each.step == self._step)
        return next(moved, snapshots[-1] if snapshots else None)

    def _look_soon(self) -> None:
        # What is drawn below a dialog would draw the dialog again, too.
        is_seen = self.display and self.is_attached and self.screen.is_active
        if self._reader is not None and self._is_running and is_seen and not self._is_looking:
            start(self, self._look(self._reader), "inspection", self._say)

    async def _look(self, reader: InspectionReader, *, is_first: bool = False) -> None:
        self._is_looking = True
        try:
            is_new = await in_background(reader.poll)
        finally:
            self._is_looking = False
        if reader is self._reader and (is_new or is_first):
            self._draw()

    def _draw(self) -> None:
        shown = self._shown
        if shown is None or self._reader is None:
            self.show(Text(self._nothing()))
            return
        self._marked = min(self._marked, len(shown.layers) - 1)
        rows = max(FEWEST_LAYERS, self.size.height // 2)
        inside = Inside(
            self._reader.inspections,
            shown,
            QUANTITIES[self._quantity],
            self._marked,
            rows,
            self.is_of_layer,
        )
        self.show(inside, from_top=False, long=True)

    def _nothing(self) -> str:
        """Why there is nothing to see."""
        if self._is_off:
            return OFF
        return NOTHING_YET if self._is_running else NOTHING_RECORDED
