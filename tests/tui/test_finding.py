"""What the palette finds, and by which other words."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from cnn_tui.chapter.glossary import glossary
from cnn_tui.names import best_first
from cnn_tui.training.studies.catalogue import STUDIES
from cnn_tui.tui.dialogs.palette import PaletteEntry, _spelled
from cnn_tui.tui.finding import ALSO, entries_elsewhere
from cnn_tui.tui.panes.catalogue import PANES
from tests.tui.keys import keys_by_id

WORDS_OF_THE_APP = {
    "auto-check": "Auto",
    "crosshair": "Read all curves off one step earlier; a click does it anywhere, Esc ends it",
    "overlay": "Mark",
    "average pooling": "Kind",
    "read off": "Read all curves off one step earlier; a click does it anywhere, Esc ends it",
    "contents": "Contents",
    "filter": "Filter",
}
"""What frames and topics call an action, and the name that it has in the palette."""


def entries() -> list[PaletteEntry]:
    app: Any = SimpleNamespace(pane=SimpleNamespace(info=PANES[0]), available_themes=())
    others = entries_elsewhere(app)
    app.pane.info = PANES[1]
    return [*others, *(each for each in entries_elsewhere(app) if each.kind == "topics")]


def test_has_other_words_only_for_keys_that_there_are() -> None:
    assert set(ALSO) <= set(keys_by_id())


def test_finds_an_entry_by_its_other_words() -> None:
    entry = PaletteEntry("everywhere", "Quit", lambda: None, also=ALSO["lab.quit"])
    assert best_first("exit", [entry], _spelled) == [entry]
    assert best_first("exit", [replace(entry, also="")], _spelled) == []


def test_finds_actions_by_what_the_app_calls_them_and_each_experiment() -> None:
    found = {word: best_first(word, entries(), _spelled) for word in WORDS_OF_THE_APP}
    assert {
        word: title
        for word, title in WORDS_OF_THE_APP.items()
        if title not in [each.title for each in found[word]]
    } == {}
    experiments = {each.title: each.keys for each in entries() if each.kind == "experiment"}
    assert experiments == {study.title: "4 e" for study in STUDIES}


def test_finds_the_terms_of_the_glossary_by_all_of_their_names() -> None:
    terms = [each for each in entries() if each.kind == "term"]
    assert [each.title for each in terms] == [each.name for each in glossary()]
    assert best_first("logit", terms, _spelled)[0].title == "logit"
    assert "global average pooling" in [each.title for each in best_first("gap", terms, _spelled)]
