"""Pages of text: laid out for their width, also where that changes meanwhile."""

from rich.console import Console, ConsoleOptions, RenderResult
from textual.app import App, ComposeResult

from cnn_tui.tui.widgets.page import Page
from tests.tui.waiting import wait_for


class Paged(App[None]):
    """One page."""

    def compose(self) -> ComposeResult:
        yield Page(id="page")


class Measured:
    """Remembers in how many columns it was drawn."""

    def __init__(self) -> None:
        self.widths: list[int] = []

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.widths.append(options.max_width)
        yield "text"


async def test_lays_long_content_out_whose_page_is_hidden_meanwhile() -> None:
    app = Paged()
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        page, content = app.query_one(Page), Measured()
        page.show(content, long=True)
        page.display = False
        app.screen._refresh_layout()
        await wait_for(pilot, lambda: content.widths)
        assert content.widths == [40]


async def test_keeps_a_blank_column_between_the_text_and_the_bar() -> None:
    app = Paged()
    async with app.run_test(size=(24, 6)) as pilot:
        page = app.query_one(Page)
        page.styles.scrollbar_size_vertical = 2
        page.show("\n".join(["x" * 22] * 100))
        await pilot.pause()
        columns = list(app.screen._compositor.render_strips()[0])
        cells = [(sign, part.style) for part in columns for sign in part.text]
        assert [sign for sign, _ in cells] == [*"x" * 22, " ", " "]
        assert cells[-1][1] != cells[-2][1]  # of a bar, the last column only has the color
