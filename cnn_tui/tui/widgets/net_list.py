"""The list of networks: filtered by what is typed, with marks for a comparison."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import wrap

from rich.text import Text
from textual.app import ComposeResult
from textual.events import Resize
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from cnn_tui.names import normalize
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.records import NetInfo
from cnn_tui.nets.specs import parse
from cnn_tui.render.draw.numbers import printable, short_count, year_text
from cnn_tui.render.draw.styles import ACCENT, FAILED, QUIET
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.tui.widgets.keyed_list import OPENS_PAGE, KeyedList

MARK = "●"
GONE = "✗ gone"
LEAST_ROOM = 23
"""Columns of a row."""
BESIDE_ROWS = 2
"""A blank column and the scroll bar."""
INDENT = "  "


class NetOptionList(
    KeyedList, OptionList, room="models", item="network", opens=OPENS_PAGE, shows_open=True
):
    """The rows of the list."""

    # Textual repaints the whole list for each step of the cursor: 2 KB on the wire.
    highlighted = reactive[int | None](None, repaint=False)

    def rewrite(self, prompts: Mapping[str, Text]) -> None:
        """Write rows again, and repaint from the first of them to the last."""
        places = sorted(map(self.get_option_index, prompts))
        if not places:
            return
        before = self._rows_of(places)
        total = len(self._lines)
        for target, prompt in prompts.items():
            self.get_option(target)._set_prompt(prompt)
        self._option_render_cache.clear()
        self._line_cache.clear()
        after = self._rows_of(places)
        if len(self._lines) == total:
            self.refresh_lines(before.start, max(before.stop, after.stop) - before.start)
        else:
            self.refresh()

    def _rows_of(self, places: Sequence[int]) -> range:
        first, last = places[0], places[-1]
        starts, heights = self._index_to_line, self._heights
        return range(starts.get(first, 0), starts.get(last, 0) + heights.get(last, 0))


class NetList(Frame):
    """Every network of the catalogue, oldest first, below the learner's own modules."""

    class Chosen(Message):
        """The cursor is on another network; ``entered`` where Enter was pressed on it."""

        def __init__(self, target: str, entered: bool) -> None:
            super().__init__()
            self.target = target
            self.entered = entered

    def __init__(self) -> None:
        keys = frame_keys(("slash", "filter"))
        super().__init__(title="Networks", keys=keys, id="net-list", classes="side")
        self.marked: list[str] = []
        self._own: list[str] = []
        self._gone: set[str] = set()
        self._unfolded: str | None = None
        self._room = LEAST_ROOM

    def compose(self) -> ComposeResult:
        """The filter, hidden until it is asked for, and the rows."""
        yield Input(placeholder="Name, family or year", id="net-filter", compact=True)
        yield NetOptionList(*self._rows(), id="net-options")

    def on_mount(self) -> None:
        """Count the rows."""
        self._count()

    def on_resize(self, event: Resize) -> None:
        """Put the years at the right edge."""
        room = max(LEAST_ROOM, self.size.width - BESIDE_ROWS)
        if room != self._room:
            self._room = room
            self._draw({option.id for option in self._options.options if option.id is not None})

    @property
    def target(self) -> str | None:
        """The network under the cursor."""
        option = self._options.highlighted_option
        return None if option is None else option.id

    @property
    def is_filtered(self) -> bool:
        """Whether the filter is open."""
        return self.query_one("#net-filter").display

    def focus_rows(self) -> None:
        """Put the cursor into the rows."""
        self._options.focus()

    def add_own(self, target: str) -> None:
        """List a module of the learner's at the top, with the cursor on it."""
        if target not in self._own:
            self._own.insert(0, target)
        self._show_all(cursor_on=target)

    def is_own(self, target: str) -> bool:
        """Whether it is in the list because the learner opened it."""
        return target in self._own

    def mark_gone(self, target: str, is_gone: bool) -> None:
        """Say in the row of the learner's own module whether its file is not there any more."""
        if self.is_own(target) and is_gone != (target in self._gone):
            self._gone ^= {target}
            self._draw({target})

    def drop_own(self) -> None:
        """Take the learner's own module under the cursor out of the list, for the one below."""
        target = self.target
        if target in self._own:
            below = [*self._own[self._own.index(target) + 1 :], all_nets()[0].name]
            self._own.remove(target)
            self._gone.discard(target)
            self.marked = [each for each in self.marked if each != target]
            self._show_all(cursor_on=below[0])

    def toggle_mark(self) -> list[str]:
        """Mark the network under the cursor, or take its mark away; returns what is marked."""
        target = self.target
        if target is None:
            return self.marked
        if target in self.marked:
            self.marked.remove(target)
        else:
            self.marked.append(target)
        self._draw({target})
        return self.marked

    def go_to(self, target: str) -> None:
        """Put the cursor on a network, whatever was filtered."""
        self._show_all(cursor_on=target)

    def ask_for_filter(self) -> None:
        """Show the filter and put the cursor into it."""
        field = self.query_one("#net-filter", Input)
        field.display = True
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep the rows whose name, family or year match."""
        event.stop()
        rows = self._options
        rows.clear_options()
        found = list(self._rows(event.value))
        rows.add_options(found or [Option(" No match: Esc", disabled=True)])
        if found:
            rows.highlighted = 0
        self._count()

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
        """Unfold the row under the cursor, and tell the pane which it is."""
        before, self._unfolded = self._unfolded, event.option_id
        self._draw({each for each in (before, event.option_id) if each is not None})
        self._options.scroll_to_highlight()
        self._tell(event, entered=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell the pane that the network is to be read."""
        self._tell(event, entered=True)

    @property
    def _options(self) -> NetOptionList:
        return self.query_one(NetOptionList)

    def _tell(self, event: OptionList.OptionMessage, entered: bool) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Chosen(event.option_id, entered))

    def _show_all(self, cursor_on: str | None) -> None:
        field = self.query_one("#net-filter", Input)
        with field.prevent(Input.Changed):
            field.value = ""
        field.display = False
        rows = self._options
        rows.clear_options()
        rows.add_options(self._rows())
        self._count()
        if cursor_on is not None:
            rows.highlighted = rows.get_option_index(cursor_on)

    def _count(self) -> None:
        every = len(self._own) + len(all_nets())
        listed = sum(option.id is not None for option in self._options.options)
        self.state = str(every) if listed == every else f"{listed} of {every}"

    def _draw(self, targets: Collection[str]) -> None:
        """Write rows again, those of them that are listed."""
        listed = {option.id for option in self._options.options}
        self._options.rewrite({each: self._prompt(each) for each in targets if each in listed})

    def _rows(self, wanted: str = "") -> Iterable[Option]:
        for target in self._own:
            if normalize(wanted) in normalize(target):
                yield Option(self._prompt(target), id=target)
        for net in all_nets():
            known = (net.name, net.title, net.family, year_text(net.year))
            if normalize(wanted) in normalize(" ".join(known)):
                yield Option(self._prompt(net.name), id=net.name)

    def _prompt(self, target: str) -> Text:
        net = _of_catalogue(target)
        if net is not None:
            title, right = net.title, year_text(net.year)
            below = f"{short_count(net.parameters, 3)}  {short_count(net.macs, 3)} MACs"
        else:
            title, right, below = _own_label(target)
        is_gone = target in self._gone
        right = GONE if is_gone else right
        mark = MARK if target in self.marked else " "
        *first, last = wrap(printable(title), self._room - len(right) - 2) or [""]
        row = Text("".join(f" {line}\n" for line in first) + f" {last}", no_wrap=True)
        spare = self._room - len(last) - len(right) - 2
        row.append(" " * (spare - 1)).append(mark, ACCENT)
        row.append(" " * (spare > 0) + right, FAILED if is_gone else QUIET)
        if below and (net is None or target == self._unfolded):
            for line in wrap(below, self._room - len(INDENT)):
                row.append(f"\n{INDENT}{line}", QUIET)
        return row


def _of_catalogue(target: str) -> NetInfo | None:
    return next((net for net in all_nets() if net.name == target), None)


def _own_label(target: str) -> tuple[str, str, str]:
    """The name of a module of the learner's own, or of a variant, and where it is from."""
    spec = parse(target)
    if not spec.is_own:
        options = target.partition(",")[2].replace(",", ", ")
        return spec.info.title, year_text(spec.info.year), options
    place = Path(spec.place).name if spec.is_file else spec.place
    return (spec.name, "", place) if spec.name else (place, "", "")
