"""The Pooling pane: every key changes what it says it changes."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from cnn_tui.analysis.pooling.named_inputs import InputMap
from cnn_tui.render.draw.blocks import GridBlock
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.pooling.frames import MapFrame
from cnn_tui.tui.panes.pooling.map_page import BlockPage
from cnn_tui.tui.panes.pooling.pane import PoolingPane
from cnn_tui.tui.panes.pooling.state import PoolingState
from cnn_tui.tui.widgets.key_line import KeyLine
from cnn_tui.workspace import Workspace
from tests.tui.fake_engine import LoadingEngine
from tests.tui.test_app import lab
from tests.tui.waiting import resize, wait_for

MORE_SIZES = ((60, 20), (100, 30), (120, 40), (200, 50))


async def open_pooling(pilot: Pilot[str], app: LabApp) -> None:
    await pilot.press("3")
    await shows(pilot, app, "max(1, 3, 5, 6) = 6")


async def shows(pilot: Pilot[str], app: LabApp, words: str) -> None:
    await wait_for(pilot, lambda: words in app.pane.shown_text())


async def press_and_see(pilot: Pilot[str], app: LabApp, steps: tuple[tuple[str, str], ...]) -> None:
    for key, words in steps:
        await pilot.press(key)
        await shows(pilot, app, words)


def frame(app: LabApp) -> tuple[str, str, str]:
    """What stands in the border of the frame with the map."""
    shown = app.query_one(MapFrame)
    return str(shown.title), str(shown.state), str(shown.keys)


def block(app: LabApp, page: str) -> GridBlock:
    content = app.query_one(f"#{page}", BlockPage).content
    assert isinstance(content, GridBlock)
    return content


def plain(app: LabApp, page: str) -> str:
    return "\n".join(line.plain for line in block(app, page).lines)


async def click_cell(pilot: Pilot[str], app: LabApp, name: str, cell: tuple[int, int]) -> None:
    """Click where the cell is seen."""
    shown = block(app, "pool-view")
    line, place = next(
        (line, place)
        for line in range(shown.height)
        for place in range(shown.width)
        if shown.cell_at(line, place) == (name, cell)
    )
    page = app.query_one("#pool-view", BlockPage)
    offset = (page.styles.padding.left + place, line - page.scroll_offset.y)
    await pilot.click(page, offset=offset)
    await pilot.pause()


@pytest.mark.slow
async def test_names_in_its_border_what_is_pooled_and_which_window_it_is(
    workspace: Workspace,
) -> None:
    async with lab(workspace, (100, 24)) as (app, pilot):
        await open_pooling(pilot, app)
        assert frame(app) == ("Max pooling", "chapter: a 4×4 map", "window 1 of 4  b backward")
        await press_and_see(pilot, app, (("down", "max(7, 2, 1, 4) = 7"), ("m", "Average")))
        assert frame(app) == ("Average pooling", "chapter: a 4×4 map", "window 3 of 4  b backward")
        await press_and_see(pilot, app, (("enter", "Input (2, 0) = 7"),))
        assert frame(app)[2] == "type a number  ⏎ set  Esc leave"


@pytest.mark.parametrize(
    "size", [(80, 24), *(pytest.param(size, marks=pytest.mark.slow) for size in MORE_SIZES)]
)
async def test_shows_grids_arithmetic_and_facts_whole_in_any_size(
    size: tuple[int, int], workspace: Workspace
) -> None:
    async with lab(workspace, size) as (app, pilot):
        await open_pooling(pilot, app)
        await pilot.pause()
        seen = f"{plain(app, 'pool-view')}\n{plain(app, 'pool-facts')}"
        for words in ("max(1, 3, 5, 6) = 6", "75 % fewer", "Keeps", "Gradient", "3 of 4 outputs"):
            assert words in seen
        for page in app.pane.query(BlockPage):
            if page.display and page.size.width:
                assert page.max_scroll_x == 0
                assert page.max_scroll_y == 0
                assert block(app, str(page.id)).width <= page.scrollable_content_region.width


@pytest.mark.slow
async def test_scrolls_no_map_sideways_once_the_terminal_is_narrower(workspace: Workspace) -> None:
    async with lab(workspace, (100, 30)) as (app, pilot):
        await open_pooling(pilot, app)
        await resize(pilot, (120, 40))  # other kinds of pooling stand beside the map from here on
        await pilot.pause()
        page = app.query_one("#pool-view", BlockPage)
        assert page.virtual_size.width == page.scrollable_content_region.width < 80


@pytest.mark.slow
async def test_scrolls_to_the_facts_of_a_map_that_takes_all_the_room(workspace: Workspace) -> None:
    async with lab(workspace, (60, 20)) as (app, pilot):
        await open_pooling(pilot, app)
        await press_and_see(pilot, app, (("i", "edges"), ("i", "checkerboard")))
        assert frame(app)[2] == "window 1 of 16  b backward  PgDn more"
        assert "Shift by 1" in plain(app, "pool-view")
        await pilot.press("pagedown")
        await pilot.pause()
        assert app.query_one("#pool-view", BlockPage).scroll_offset.y > 0


@pytest.mark.slow
async def test_sets_other_kinds_beside_it_where_there_is_room(workspace: Workspace) -> None:
    async with lab(workspace, (120, 40)) as (app, pilot):
        await open_pooling(pilot, app)
        await wait_for(pilot, lambda: "blur-pool" in plain(app, "pool-others"))
        assert "(1 + 3 + 5 + 6) / 4 = 3.75" in plain(app, "pool-others")
        await pilot.press("down")
        await pilot.pause()
        assert "(7 + 2 + 1 + 4) / 4 = 3.5" in plain(app, "pool-others")


async def test_moves_the_window_to_the_cell_that_is_clicked(workspace: Workspace) -> None:
    async with lab(workspace, (100, 24)) as (app, pilot):
        await open_pooling(pilot, app)
        await click_cell(pilot, app, "output", (1, 1))
        await shows(pilot, app, "max(8, 3, 6, 9) = 9")
        await click_cell(pilot, app, "input", (1, 2))
        await shows(pilot, app, "max(2, 4, 1, 2) = 4")
        await pilot.press("enter")
        await pilot.pause()
        await click_cell(pilot, app, "input", (3, 3))
        await shows(pilot, app, "Input (3, 3) = 9")


@pytest.mark.slow
async def test_changes_an_option_with_the_mouse(workspace: Workspace) -> None:
    async with lab(workspace, (100, 24)) as (app, pilot):
        await open_pooling(pilot, app)
        line = "kernel size ◂ 2×2 ▸      stride ◂ 2 ▸      padding ◂ 0 ▸"
        for sign, words in (
            (line.index("▸"), "kernel size 3×3"),
            (line.index("◂"), "kernel size 2×2"),
            (line.index("padding"), "padding 1"),
            (line.index("◂", line.index("stride")), "stride 1"),
        ):
            await pilot.click("#pool-settings", offset=(1 + sign, 0))
            await shows(pilot, app, words)


async def test_answers_before_torch_is_loaded(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("the engine was asked")

    monkeypatch.setattr("cnn_tui.engine.process.Engine.run", never)
    async with lab(workspace, (100, 24)) as (app, pilot):
        await open_pooling(pilot, app)
        steps = (("m", "Average pooling"), ("i", "edges"), ("t", "shifted 1 column"))
        await press_and_see(pilot, app, steps)


@pytest.mark.slow
async def test_shows_the_way_back_and_unpooling_with_one_key(workspace: Workspace) -> None:
    async with lab(workspace, (80, 24)) as (app, pilot):
        await open_pooling(pilot, app)
        await press_and_see(pilot, app, (("b", "(1, 1) gets 1, from this window only"),))
        assert frame(app)[0] == "Max pooling, backward"
        assert "b" in frame(app)[2] and "unpool" in frame(app)[2]
        await press_and_see(
            pilot,
            app,
            (
                ("right", "goes to (0, 3), its maximum"),
                ("b", "4 goes back to index 3"),
                ("d", "cannot give back 4 cells a side from 1, at most 3"),
                ("m", "1/4 of it to each"),
                ("escape", "(1 + 3 + 5 + 6) / 4"),
                ("b", "1/4 of it to each"),
                ("enter", "Gradient"),
                ("9", "9_"),
                ("enter", "edited"),
            ),
        )


def test_goes_from_view_to_view_as_the_kind_allows() -> None:
    state = PoolingState()
    views = [state.view]
    for _ in range(3):
        state = state.next_view()
        views.append(state.view)
    assert views == ["windows", "gradient", "unpooling", "windows"]
    unpooling = PoolingState(chosen_view="unpooling")
    assert unpooling.can_leave and unpooling.left().view == "windows"
    average = unpooling.next_kind()
    assert (average.view, average.next_view().view) == ("gradient", "windows")


@pytest.mark.slow
async def test_opens_a_digit_before_torch_is_loaded(workspace: Workspace) -> None:
    app = LabApp(workspace=workspace)
    app.engine = LoadingEngine()
    async with app.run_test(size=(100, 24)) as pilot:
        await open_pooling(pilot, app)
        await pilot.press("o")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.press(*"digit", "enter")
        await shows(pilot, app, "Input 8×8")
        assert frame(app)[1] == "digits#30 (3)"


@pytest.mark.slow
async def test_draws_a_large_map_in_the_room_there_is(workspace: Workspace) -> None:
    grid = tuple(tuple(float(7 * i * j % 17) for j in range(64)) for i in range(64))
    async with lab(workspace, (80, 24)) as (app, pilot):
        await open_pooling(pilot, app)
        pane = app.pane
        assert isinstance(pane, PoolingPane)
        pane.state = pane.state.opening("own.csv", InputMap("own.csv", "own.csv", grid))
        await pilot.press("right", "down")
        await pilot.pause()
        assert "window 34 of 1024" in frame(app)[2]
        drawn = block(app, "pool-view")
        assert drawn.width <= app.query_one("#pool-view", BlockPage).size.width
        assert any(grid.name == "input" and 2 in grid.rows.values() for grid in drawn.grids)


@pytest.mark.slow
async def test_answers_each_key(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        steps = (
            ("right", "max(2, 4, 1, 2) = 4"),
            ("down", "max(8, 3, 6, 9) = 9"),
            ("k", "max(2, 4, 1, 2) = 4"),
            ("left", "max(1, 3, 5, 6) = 6"),
            ("j", "max(7, 2, 1, 4) = 7"),
            ("d", "dilation 2"),
            ("c", "ceil mode"),
            ("m", "Average pooling"),
            ("right_square_bracket", "kernel size 3×3"),
            ("less_than_sign", "stride 1"),
            ("greater_than_sign", "stride 2"),
            ("p", "padding 1"),
            ("u", "padding not counted"),
            ("p", "padding 0"),
            ("left_square_bracket", "kernel size 2×2"),
            ("m", "Lp pooling"),
            ("n", "p 3"),
            ("i", "edges"),
        )
        await press_and_see(pilot, app, steps)


@pytest.mark.slow
async def test_pools_to_a_size_that_is_asked_for(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        steps = (
            ("m", "Average"),
            ("m", "Lp"),
            ("m", "Global max"),
            ("m", "Global average"),
            ("m", "Adaptive max"),
            ("right_square_bracket", "output size 3×3"),
        )
        await press_and_see(pilot, app, steps)
        await pilot.press("p")
        assert any(
            "takes no padding: m takes another kind" in note.message for note in app._notifications
        )


@pytest.mark.slow
async def test_says_why_a_window_cannot_grow(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        for size in (3, 4):
            await press_and_see(
                pilot, app, (("right_square_bracket", f"kernel size {size}×{size}"),)
            )
        await pilot.press("right_square_bracket")
        await pilot.pause()
        messages = [note.message for note in app._notifications]
        assert any("does not fit" in each and "[ makes the kernel" in each for each in messages)
        assert "kernel size 4×4" in app.pane.shown_text()


@pytest.mark.slow
async def test_edits_a_cell_in_place(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        await pilot.press("enter", "right", "2", "9", "backspace", "5")
        await shows(pilot, app, "Input (0, 1) = 3 → 25_")
        assert app.pane.info.title == "Pooling"
        await pilot.press("enter")
        await shows(pilot, app, "max(1, 25, 5, 6) = 25")
        await pilot.press("1", "n", "-")
        await shows(pilot, app, "→ 1-_")
        await pilot.press("enter")
        await pilot.pause()
        assert any("number" in note.message for note in app._notifications)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("2")
        await pilot.pause()
        assert app.pane.info.title == "Models"


@pytest.mark.slow
async def test_shifts_the_map_with_the_arrows(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        steps = (
            ("t", "shifted 1 column to the right"),
            ("down", "1 row down and 1 column to the right"),
        )
        await press_and_see(pilot, app, steps)
        assert "4/7 57 %" in app.pane.shown_text()
        await press_and_see(pilot, app, (("escape", "max(1, 3, 5, 6) = 6"),))


def footer(app: LabApp) -> str:
    return " ".join(app.query_one(KeyLine).render().plain.split())


@pytest.mark.slow
async def test_names_in_the_footer_what_the_keys_do_here(workspace: Workspace) -> None:
    async with lab(workspace, (120, 24)) as (app, pilot):
        await open_pooling(pilot, app)
        assert "←↑↓→ Window" in footer(app)
        assert "t Shift" in footer(app)
        await press_and_see(pilot, app, (("t", "shifted 1 column"),))
        assert "←↑↓→ Shift" in footer(app)
        assert "t Window" in footer(app)
        assert "Edit" not in footer(app)
        await press_and_see(pilot, app, (("t", "max(1, 3, 5, 6) = 6"), ("enter", "Input (0, 0)")))
        assert "←↑↓→ Cell Esc Back ⏎ Set q Quit" in footer(app)
        await pilot.press("escape", *"mmmmm")
        await shows(pilot, app, "Adaptive max")
        assert "[ ] Output" in footer(app)
        assert "[ ] Kernel" not in footer(app)


def problem(app: LabApp) -> str:
    """What a prompt says is wrong; nothing where none is open."""
    found = app.screen.query("#prompt-problem")
    return str(found.first(Static).content) if found else ""


async def test_opens_a_map_that_is_asked_for(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        for line, words in (("digits#0", "Input 8×8"), ("nowhere.csv", "Input 8×8")):
            await pilot.press("o")
            await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
            app.screen.query_one(Input).value = line
            await pilot.press("enter")
            await shows(pilot, app, words)
        await wait_for(pilot, lambda: "✗ nowhere.csv" in problem(app))
        assert app.screen.query_one(Input).value == "nowhere.csv"
        await pilot.press("escape")
        await pilot.pause()
        assert "Input 8×8" in app.pane.shown_text()
