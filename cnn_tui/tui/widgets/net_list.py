"""The list of networks: filtered by what is typed, with marks for a comparison."""

from collections.abc import Iterable

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from cnn_tui.names import normalise
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.records import NetInfo
from cnn_tui.render.draw.numbers import short_count
from cnn_tui.tui.widgets.keyed_list import OPENS_PAGE, KeyedList

MARK = "●"
NAME_WIDTH = 15
OWN_WIDTH = 22
"""Of a longer name of the learner's own, the end is shown."""


class NetOptionList(KeyedList, OptionList, room="models", item="network", opens=OPENS_PAGE):
    """The rows of the list."""


class NetList(Vertical):
    """Every network of the catalogue, oldest first, below the learner's own modules."""

    class Chosen(Message):
        """The cursor is on another network; ``entered`` where Enter was pressed on it."""

        def __init__(self, target: str, entered: bool) -> None:
            super().__init__()
            self.target = target
            self.entered = entered

    def __init__(self) -> None:
        super().__init__(id="net-list", classes="side")
        self.marked: list[str] = []
        self._own: list[str] = []

    def compose(self) -> ComposeResult:
        """The filter, hidden until it is asked for, and the rows."""
        yield Input(placeholder="filter", id="net-filter", compact=True)
        yield NetOptionList(*self._rows(), id="net-options")

    @property
    def target(self) -> str | None:
        """The network under the cursor."""
        option = self.query_one(NetOptionList).highlighted_option
        return None if option is None else option.id

    @property
    def is_filtered(self) -> bool:
        """Whether the filter is open."""
        return self.query_one("#net-filter").display

    def focus_rows(self) -> None:
        """Put the cursor into the rows."""
        self.query_one(NetOptionList).focus()

    def add_own(self, target: str) -> None:
        """List a module of the learner's at the top, with the cursor on it."""
        if target not in self._own:
            self._own.insert(0, target)
        self._show_all(cursor_on=target)

    def drop_own(self) -> None:
        """Take the learner's own module under the cursor out of the list."""
        target = self.target
        if target in self._own:
            self._own.remove(target)
            self.marked = [each for each in self.marked if each != target]
            self._show_all(cursor_on=all_nets()[0].name)

    def toggle_mark(self) -> list[str]:
        """Mark the network under the cursor, or take its mark away; returns what is marked."""
        target = self.target
        if target is None:
            return self.marked
        if target in self.marked:
            self.marked.remove(target)
        else:
            self.marked.append(target)
        self.query_one(NetOptionList).replace_option_prompt(target, self._prompt(target))
        return self.marked

    def ask_for_filter(self) -> None:
        """Show the filter and put the cursor into it."""
        field = self.query_one("#net-filter", Input)
        field.display = True
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep the rows whose name, family or year match."""
        event.stop()
        rows = self.query_one(NetOptionList)
        rows.clear_options()
        found = list(self._rows(event.value))
        rows.add_options(found or [Option("  no match: Esc", disabled=True)])
        if found:
            rows.highlighted = 0

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter leaves the filter for what it found."""
        event.stop()
        if not event.value:
            event.input.display = False
        self.focus_rows()

    def drop_filter(self) -> bool:
        """Show every row again; False where there was no filter."""
        if not self.is_filtered:
            return False
        self._show_all(cursor_on=self.target)
        self.focus_rows()
        return True

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell the pane where the cursor is."""
        self._tell(event, entered=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell the pane that the network is to be read."""
        self._tell(event, entered=True)

    def _tell(self, event: OptionList.OptionMessage, entered: bool) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Chosen(event.option_id, entered))

    def _show_all(self, cursor_on: str | None) -> None:
        field = self.query_one("#net-filter", Input)
        with field.prevent(Input.Changed):
            field.value = ""
        field.display = False
        rows = self.query_one(NetOptionList)
        rows.clear_options()
        rows.add_options(self._rows())
        if cursor_on is not None:
            rows.highlighted = rows.get_option_index(cursor_on)

    def _rows(self, wanted: str = "") -> Iterable[Option]:
        for target in self._own:
            if normalise(wanted) in normalise(target):
                yield Option(self._prompt(target), id=target)
        for net in all_nets():
            if normalise(wanted) in normalise(f"{net.name} {net.family} {net.year}"):
                yield Option(self._prompt(net.name), id=net.name)

    def _prompt(self, target: str) -> Text:
        mark = MARK if target in self.marked else " "
        net = _of_catalogue(target)
        if net is None:
            kept = target if len(target) <= OWN_WIDTH else f"…{target[1 - OWN_WIDTH :]}"
            return Text(f"{mark} {kept}", no_wrap=True)
        return Text.assemble(
            f"{mark} {net.name:<{NAME_WIDTH}}",
            (f"{short_count(net.parameters):>8}", "dim"),
            no_wrap=True,
        )


def _of_catalogue(target: str) -> NetInfo | None:
    return next((net for net in all_nets() if net.name == target), None)
