"""What the palette finds, and by which other words."""

from dataclasses import replace

from cnn_tui.names import best_first
from cnn_tui.tui.dialogs.palette import PaletteEntry, _spelled
from cnn_tui.tui.finding import ALSO
from tests.tui.keys import keys_by_id


def test_has_other_words_only_for_keys_that_there_are() -> None:
    assert set(ALSO) <= set(keys_by_id())


def test_finds_an_entry_by_its_other_words() -> None:
    entry = PaletteEntry("everywhere", "Quit", lambda: None, also=ALSO["lab.quit"])
    assert best_first("exit", [entry], _spelled) == [entry]
    assert best_first("exit", [replace(entry, also="")], _spelled) == []
