"""What finds cut text and broken boxes finds them, and nothing else."""

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tests.tui.cuts import cuts_on, largest_blank

pytestmark = pytest.mark.drawn

BOX = "┌─────┐\n│ one │\n└─────┘"


class Page(App[None]):
    """One text in a box of so many columns, as the only pane of an app."""

    CSS = "#box { height: 6; border: round white; } #text { width: auto; }"

    def __init__(self, text: str, columns: int, source: str = "") -> None:
        super().__init__()
        self._text, self._columns, self.source = text, columns, source or text

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.styles.width = self._columns
            yield Static(self._text, id="text", markup=False)


async def kinds(page: Page) -> set[str]:
    async with page.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        return {cut.kind for cut in cuts_on(page.screen, page.query_one("#box"), page.source)}


@pytest.mark.parametrize("text", ["a few words", BOX, "waiting …"])
async def test_finds_nothing_where_all_is_there(text: str) -> None:
    assert await kinds(Page(text, 20)) == set()


async def test_finds_text_that_its_container_cuts() -> None:
    assert "beyond its container" in await kinds(Page("more words than fit in a box", 12))
    assert "below its container" in await kinds(Page("one\ntwo\nthree\nfour\nfive\nsix", 12))


async def test_finds_a_box_without_its_right_side() -> None:
    assert "open box" in await kinds(Page("┌───────────\n│ one", 20))


async def test_finds_shortened_text_unless_it_was_written_so() -> None:
    assert await kinds(Page("Translation inv…", 20, "Translation invariance")) == {"shortened"}


def test_measures_the_largest_empty_rectangle() -> None:
    assert largest_blank(["ab  ", "a   ", "    ", "abcd"]) == 6
    assert largest_blank(["    ", "    "]) == 8
    assert largest_blank(["ab"]) == 0
