"""What stands in the border of a demo: the keys that act on it, and what it ran with."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from cnn_tui.chapter.catalogue import DemoInfo
from cnn_tui.options import text
from cnn_tui.tui.widgets.frame import frame_keys

if TYPE_CHECKING:
    from cnn_tui.chapter.records import DemoResult
    from cnn_tui.options import OptionValue

FIRST_KEYS = (("r", "run"), ("p", "change"))
"""Of a demo that has not run."""
READING_KEYS = (("r", "run again"), ("p", "change"))
SHIPPED_KEYS = (("r", "compute it here"), ("p", "change"))
"""Of a result that comes with the lab and was not computed on this machine."""
EDITING_KEYS = (("enter", "run"), ("↑↓", "field"), ("←→", "value"), ("escape", "done"))
TITLE_ROOM = 6
"""Columns of the frame's top border that are neither title nor state."""


def demo_keys(info: DemoInfo | None, result: "DemoResult | None", *, is_edited: bool) -> Text:
    """The keys of the form while it is edited, else those of the output."""
    known = READING_KEYS if result is None or not result.shipped else SHIPPED_KEYS
    reading = FIRST_KEYS if result is None else known
    has_form = info is not None and bool(info.parameters)
    shown = EDITING_KEYS if is_edited else reading
    return frame_keys(*(each for each in shown if has_form or each[0] != "p"))


def parameters_of(info: DemoInfo, result: "DemoResult", columns: int) -> str:
    """What a demo ran with: all of it where a border so wide has room, else what was changed."""
    room = columns - cell_len(info.name) - 2 * TITLE_ROOM
    given = result.parameters
    changed = {
        each.name: given[each.name]
        for each in info.parameters
        if given.get(each.name) != each.default
    }
    said = (_said(info, given), _said(info, changed) or "defaults")
    return next((each for each in said if cell_len(each) <= room), "")


def _said(info: DemoInfo, parameters: "Mapping[str, OptionValue]") -> str:
    titles = {each.name: each.title for each in info.parameters}
    return ", ".join(
        f"{titles.get(name, name)} {text(value)}" for name, value in parameters.items()
    )
