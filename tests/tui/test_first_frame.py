"""What is seen first is the lab, whole and at once, and little is imported for it."""

from typing import Any

import pytest
from textual.strip import Strip

from cnn_tui.chapter.catalogue import topics
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.lab_screen import COMPACT_BELOW
from cnn_tui.tui.panes.topics.topic_body import TextFrame
from cnn_tui.tui.panes.topics.topic_text import TopicText
from cnn_tui.workspace import Workspace
from tests.subprocesses import run_python

pytestmark = pytest.mark.drawn

SIZES = [(60, 20), (80, 24), (119, 30), (120, 40), (160, 45), (240, 60)]
LATER = (
    *("markdown_it", "pygments", "rich.markdown", "numpy", "PIL", "torch"),
    *("cnn_tui.analysis.records", "cnn_tui.analysis.networks.records"),
    *("cnn_tui.analysis.pooling.records", "cnn_tui.chapter.search", "cnn_tui.data.records"),
    *(
        "cnn_tui.tui.panes.models",
        "cnn_tui.tui.panes.training",
        "cnn_tui.tui.dialogs.search",
        "cnn_tui.tui.dialogs.choice",
    ),
)


class FirstFrame(LabApp):
    """The lab, with all that its first frame draws."""

    frame: list[Strip] | None = None

    def _display(self, screen: Any, renderable: Any) -> None:
        if renderable is not None and self.frame is None:
            self.frame = screen._compositor.render_strips()
        super()._display(screen, renderable)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_draws_the_topic_in_the_first_frame_and_lays_it_out_once(
    size: tuple[int, int], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    widths = []
    lay_out = TopicText._lay_out

    def counting(text: TopicText, width: int) -> list[Strip]:
        widths.append(width)
        return lay_out(text, width)

    monkeypatch.setattr(TopicText, "_lay_out", counting)
    app = FirstFrame(workspace=workspace)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert app.frame is not None
        assert "1 Topics" in app.frame[0].text
        assert "Help" in app.frame[-1].text
        assert "Chapter" in app.frame[1].text
        if size[0] < COMPACT_BELOW:  # the list alone
            assert topics()[0].title in app.frame[3].text
            return
        text = [strip.crop(app.query_one(TextFrame).region.x) for strip in app.frame]
        assert topics()[0].title in text[1].text
        for word in topics()[0].text.split()[:1]:
            segments = [each for strip in text for each in strip if word in each.text]
            assert segments, word
            assert all(each.style and each.style.color != each.style.bgcolor for each in segments)
        assert len(widths) == 1, widths


@pytest.mark.slow
def test_imports_little_for_it() -> None:
    code = (
        "import sys; from cnn_tui.tui.app import LabApp; "
        "from cnn_tui.tui.panes.catalogue import PANES; "
        f"PANES[0].load(); print([name for name in {LATER} if name in sys.modules])"
    )
    assert run_python(code).stdout == "[]\n"


ONCE = """
import asyncio
from collections import Counter
from textual.css import stylesheet
from cnn_tui.tui.app import LabApp

parsed, parse = Counter(), stylesheet.parse

def counting(scope, css, read_from, **settings):
    parsed[read_from[0]] += 1
    return parse(scope, css, read_from, **settings)

async def open_the_lab():
    stylesheet.parse = counting
    async with LabApp(theme_name="lab-light").run_test() as pilot:
        await pilot.pause()
    print({times for path, times in parsed.items() if path.endswith(".tcss")})

asyncio.run(open_the_lab())
"""


@pytest.mark.slow
def test_reads_each_style_sheet_once_for_it() -> None:
    assert run_python(ONCE).stdout == "{1}\n"
