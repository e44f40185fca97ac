"""The frames of the Models pane: list, layers with their sketch, and source."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from rich.text import Text
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.strip import Strip

from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.render.draw.styles import STRONG
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.panes.models.net_frame import NetFrame
from cnn_tui.tui.panes.models.source_frame import SourceFrame
from cnn_tui.tui.widgets.frozen_page import FrozenPage
from cnn_tui.tui.widgets.net_list import NetList, NetOptionList
from cnn_tui.workspace import Workspace
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import wait_for

MORE_SIZES = ((60, 20), (120, 40))


class Deep(FakeEngine):
    """Its networks have thirty layers, of which no two are alike."""

    async def run(self, job: str, *, seconds: float = 0, **arguments: Any) -> Any:
        answer = await super().run(job, seconds=seconds, **arguments)
        if not isinstance(answer, NetSummary):
            return answer
        layers = tuple(
            replace(layer, parameters=number) for number, layer in enumerate(answer.modules)
        )
        return replace(answer, modules=layers)


@asynccontextmanager
async def models(
    workspace: Workspace, size: tuple[int, int]
) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace)
    app.engine = Deep()
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await wait_for(pilot, lambda: "conv29" in app.pane.shown_text())
        yield app, pilot


def rows(app: LabApp) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


def row_of(app: LabApp, words: str) -> int:
    return next(number for number, row in enumerate(rows(app)) if words in row)


def is_open(app: LabApp, kind: type[NetFrame] | type[SourceFrame] | type[NetList]) -> bool:
    return bool(app.query_one(kind).display)


async def test_draws_the_first_network_once_its_size_is_known(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    lay_out = FrozenPage._lay_out

    def noted(page: FrozenPage, width: int) -> list[Strip]:
        if page.content:
            drawn.append(width)
        return lay_out(page, width)

    monkeypatch.setattr(FrozenPage, "_lay_out", noted)
    async with models(workspace, (80, 24)) as (app, _):
        assert drawn == [app.query_one(NetFrame).page.scrollable_content_region.width]


@pytest.mark.slow
async def test_shows_what_a_network_holds_and_costs_below_its_name(workspace: Workspace) -> None:
    async with models(workspace, (100, 24)) as (app, pilot):
        await pilot.press("j", "j")
        await pilot.pause()
        title, numbers = rows(app)[row_of(app, "▌VGG-11") :][:2]
        assert title.startswith("│▌VGG-11") and "2014" in title[:26]
        assert numbers.startswith("│▌ 133 M  7.61 G MACs")
        assert "7.61 G" not in title


@pytest.mark.parametrize(
    "size", [(80, 24), *(pytest.param(size, marks=pytest.mark.slow) for size in MORE_SIZES)]
)
async def test_keeps_the_header_of_the_table_in_sight(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    async with models(workspace, size) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        before = row_of(app, "Layer")
        page = app.query_one(NetFrame).page
        page.scroll_to(y=page.virtual_size.height // 3, animate=False)
        await pilot.pause()
        assert 1 <= row_of(app, "Layer") <= before
        assert "Parameters" in rows(app)[row_of(app, "Layer")]
        assert "conv1 " not in "".join(rows(app))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "opened"),
    [((), ["layers"]), (("f",), ["field"]), (("s",), ["layers", "source"])],
)
async def test_emphasizes_the_keys_of_the_sides_that_are_open(
    workspace: Workspace, keys: tuple[str, ...], opened: list[str]
) -> None:
    def strong() -> list[str]:
        line = app.query_one(NetFrame).keys
        assert isinstance(line, Text)
        return [line.plain[at.start : at.end] for at in line.spans if at.style == STRONG]

    async with models(workspace, (120, 40)) as (app, pilot):
        await pilot.press(*keys)
        await wait_for(pilot, lambda: strong() == opened)


@pytest.mark.slow
async def test_lets_the_header_go_with_the_last_row(workspace: Workspace) -> None:
    async with models(workspace, (60, 20)) as (app, pilot):
        await pilot.press("enter", "end")
        await wait_for(pilot, lambda: "RF: side" in "".join(rows(app)))
        assert not any("Layer  " in row for row in rows(app))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "opened"),
    [
        ((60, 20), (False, False, True)),
        ((80, 24), (True, False, True)),
        ((120, 40), (False, True, True)),
    ],
)
async def test_opens_the_source_beside_the_layers_or_in_their_place(
    workspace: Workspace, size: tuple[int, int], opened: tuple[bool, bool, bool]
) -> None:
    async with models(workspace, size) as (app, pilot):
        frames = (NetList, NetFrame, SourceFrame)
        before = [is_open(app, each) for each in frames]
        await pilot.press("s")
        await wait_for(pilot, lambda: "class LeNet5(nn.Module)" in app.pane.shown_text())
        assert tuple(is_open(app, each) for each in frames) == opened
        await pilot.press("s")
        await wait_for(pilot, lambda: not is_open(app, SourceFrame))
        await pilot.press("s")
        await wait_for(pilot, lambda: is_open(app, SourceFrame))
        await pilot.press("escape")
        await wait_for(pilot, lambda: not is_open(app, SourceFrame))
        await pilot.press("escape")
        await wait_for(pilot, lambda: [is_open(app, each) for each in frames] == before)


@pytest.mark.slow
async def test_shows_the_source_beside_the_layers_of_a_wide_terminal(workspace: Workspace) -> None:
    async with models(workspace, (200, 50)) as (app, pilot):
        assert is_open(app, NetList) and is_open(app, NetFrame)
        await wait_for(pilot, lambda: "class LeNet5" in "".join(rows(app)))
        await pilot.press("j")
        await wait_for(pilot, lambda: "class AlexNet" in "".join(rows(app)))
        await pilot.press("s")
        await wait_for(pilot, lambda: not is_open(app, SourceFrame))


@pytest.mark.slow
async def test_opens_the_source_where_the_network_begins(workspace: Workspace) -> None:
    async with models(workspace, (80, 24)) as (app, pilot):
        await pilot.press("s")
        await wait_for(pilot, lambda: "class LeNet5" in "".join(rows(app)))
        assert row_of(app, "class LeNet5") == 2
        await pilot.press("home")
        await wait_for(pilot, lambda: "LeCun" in "".join(rows(app)))


@pytest.mark.slow
async def test_opens_a_network_by_a_click(workspace: Workspace) -> None:
    async with models(workspace, (100, 24)) as (app, pilot):
        await pilot.click(NetOptionList, offset=Offset(4, 4))
        await pilot.pause()
        assert app.query_one(NetList).target == "vgg13"
        assert app.query_one(NetFrame).page.has_focus


@pytest.mark.slow
async def test_opens_a_side_by_a_click_on_its_key(workspace: Workspace) -> None:
    async with models(workspace, (100, 24)) as (app, pilot):
        bottom = row_of(app, "f field")
        await pilot.click(offset=Offset(rows(app)[bottom].index("f field"), bottom))
        await wait_for(pilot, lambda: "receptive field" in rows(app)[1])


@pytest.mark.slow
async def test_fits_a_name_that_is_longer_than_the_list(workspace: Workspace) -> None:
    async with models(workspace, (100, 24)) as (app, pilot):
        app.query_one(NetList).add_own("some_package.of_networks:AFactoryWithAVeryLongName")
        await pilot.pause()
        listed = " ".join(row[1:24] for row in rows(app)[2:8])
        assert "AFactoryWithAVeryLong" in listed and "some_package" in listed
        assert "…" not in listed


@pytest.mark.slow
async def test_names_the_sides_of_a_network_and_the_device_in_a_narrow_terminal(
    workspace: Workspace,
) -> None:
    async with models(workspace, (80, 24)) as (app, pilot):
        await wait_for(pilot, lambda: "b costs  a maps  s source" in rows(app)[-2])
        await pilot.press("b")
        await wait_for(pilot, lambda: "lenet5" in rows(app)[1])
        assert "H100 SXM, fp32, batch 32" in rows(app)[1]
        await wait_for(pilot, lambda: "d Device" in rows(app)[-1])
