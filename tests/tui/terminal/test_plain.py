"""Terminals that lack the lab's signs: every one is spelled out, and columns stay in line."""

import os
import re
import sys
import time
from pathlib import Path

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

import cnn_tui
from cnn_tui.bench.terminal import Terminal
from cnn_tui.render.draw.plot import STAR
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.draw.states import EXERCISE_MARKS, RUN_MARKS
from cnn_tui.render.pages.verdict import CHECKING, WAITING
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.screenshot import has_settled
from cnn_tui.tui.terminal.plain import FENCES, PlainSigns
from cnn_tui.tui.widgets.run_list import OVERLAID, PINNED
from cnn_tui.tui.widgets.topic_list import FOLDED, OPEN, READ, UNREAD
from cnn_tui.workspace import WORKSPACE_VARIABLE, Workspace
from tests.made_up_runs import make_run
from tests.subprocesses import starts_in_the_c_locale
from tests.tui.fake_engine import FakeEngine

pytestmark = pytest.mark.drawn

GROUND = Color(0, 0, 0)
SIGNS = "×→…≤─│╭╮▌•² ab-9漢"
SIZE = (24, 80)


def spelled(*texts: str, encoding: str = "ascii") -> str:
    segments = [Segment(text, Style(bold=bool(place % 2))) for place, text in enumerate(texts)]
    return "".join(each.text for each in PlainSigns(encoding).apply(segments, GROUND))


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("│ 4×4 map ▌│", "| 4x4 map #|"),
        ("│ x → y    │ z", "| x -> y   | z"),
        ("│ Loss …   │ z", "| Loss ... | z"),
        ("│Translation inv…│", "|Translation i...|"),
        ("│conv → bn → relu│", "|conv > bn > relu|"),
        ("  (now 1).   ⏎ again with lr 0.0063", " (now 1). Ent  again with lr 0.0063"),
        ("│ now ≤ 0.0063│", "|now <= 0.0063|"),
        ("│ now ≤ 0.0063 │", "| now <= 0.0063|"),
        ("╭─ a → b ──────╮", "+- a -> b -----+"),
        ("a ≤ b   3.5   4.0", "a <= b  3.5   4.0"),
        ("    x → y│", "   x -> y|"),
        ("10⁻⁵   1", "10^-5  1"),
        ("│ 2·3 → 6  │", "| 2*3 -> 6 |"),
        ("漢字 |", "??   |"),
        ("--lr…", "--..."),
    ],
)
def test_spells_a_line_in_as_many_cells(line: str, plain: str) -> None:
    assert spelled(line) == plain


@pytest.mark.parametrize(
    "signs",
    [
        {READ, OPEN, UNREAD, FOLDED, STAR},
        {*(sign for sign, _ in EXERCISE_MARKS.values()), CHECKING, WAITING, STAR},
        {*(sign for sign, _ in RUN_MARKS.values()), OVERLAID, PINNED, STAR},
    ],
    ids=["topics", "exercises", "runs"],
)
def test_tells_the_signs_of_a_list_apart(signs: set[str]) -> None:
    assert len({spelled_out(sign) for sign in signs}) == len(signs)


@pytest.mark.parametrize(
    ("shown", "plain"),
    [
        ("· to read", "- to read"),
        ("● open", "o open"),
        ("★ 20/50", "* 20/50"),
        ("H100 · ▶ 1 run", "H100 - > 1 run"),
        ("(4 + 2·0 − 1·(2 − 1)) / 2", "(4 + 2*0 - 1*(2 - 1)) / 2"),
        ("3·32·32 = 3,072", "3*32*32 = 3,072"),
        ("Ada Öz, né à Ωt", "Ada Oz, ne a ?t"),
    ],
)
def test_spells_a_mark_a_pause_and_a_product_in_both_front_ends(shown: str, plain: str) -> None:
    assert spelled_out(shown) == plain
    assert spelled(shown) == plain


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["lab-dark", "ansi-dark"])
async def test_marks_the_open_tab_with_brackets(workspace: Workspace, theme: str) -> None:
    app = LabApp(workspace=workspace, theme_name=theme)
    app.engine = FakeEngine()
    app.spell_plainly("ascii")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        assert "[4 Training]" in app.screen._compositor.render_strips()[0].text


def test_keeps_what_the_encoding_has() -> None:
    assert spelled("│ 4×4 · ─ ▌ é 2·3 │", encoding="iso8859-1") == "| 4×4 · - # é 2·3 |"


def test_keeps_the_style_of_each_part() -> None:
    line = [Segment("a → ", Style(bold=True)), Segment("b    ", Style(italic=True))]
    found = PlainSigns("ascii").apply(line, GROUND)
    assert [(each.text, each.style) for each in found] == [
        ("a -> ", Style(bold=True)),
        ("b   ", Style(italic=True)),
    ]


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(SIGNS, max_size=12), max_size=4), st.sampled_from(["ascii", "iso8859-1"]))
def test_never_moves_a_frame(texts: list[str], encoding: str) -> None:
    line = "".join(texts)
    plain = spelled(*texts, encoding=encoding)
    plain.encode(encoding)
    assert cell_len(plain) == cell_len(line)
    column = 0
    for sign in line:
        if sign in FENCES:
            assert plain[column] in "|+"
        column += cell_len(sign)


def test_has_a_spelling_for_every_sign_of_the_lab() -> None:
    folder = Path(cnn_tui.__file__).parent
    texts = [path.read_text() for kind in ("*.py", "*.md") for path in folder.rglob(kind)]
    used = {sign for sign in "".join(texts) if not sign.isascii()} - {"\ufffd"}
    assert {sign for sign in used if spelled_out(sign) == "?"} == set()


@pytest.mark.slow
async def test_draws_frames_and_signs_plainly(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end="finished")
    app = LabApp(workspace=workspace)
    app.engine = FakeEngine()
    app.spell_plainly("ascii")
    async with app.run_test(size=(100, 30)) as pilot:
        for number in ("1", "4"):
            await pilot.press(number)
            await has_settled(app)
            lines = [strip.text for strip in app.screen._compositor.render_strips()]
            assert all(line.isascii() and len(line) == 100 for line in lines)
            assert "|" in "".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "encoding"),
    [
        pytest.param({"LC_ALL": "C"}, "ascii", marks=starts_in_the_c_locale),
        ({"PYTHONIOENCODING": "iso8859-1"}, "iso8859-1"),
    ],
    ids=["C", "ISO-8859-1"],
)
def test_sends_no_sign_that_the_terminal_lacks(
    workspace: Workspace, tmp_path: Path, variables: dict[str, str], encoding: str
) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end="finished")
    space = {WORKSPACE_VARIABLE: str(workspace.root)}
    screen = pyte.Screen(SIZE[1], SIZE[0])
    stream = pyte.Stream(screen)
    command = [sys.executable, "-m", "cnn_tui"]
    with Terminal(command, tmp_path, {**space, **variables}, size=SIZE) as terminal:
        terminal.wait_for(["Help"], 60)
        for number in range(len(PANES), 0, -1):
            time.sleep(1)
            stream.feed(terminal._written.decode(encoding))
            terminal.press(str(number))
            terminal.wait_until(lambda: bool(terminal._written), 60)
            time.sleep(1)
            text = terminal._written.decode(encoding)
            assert encoding != "ascii" or text.isascii()
            assert "\\u" not in text
            stream.feed(text)
            shown = [line for line in screen.display if line.strip()]
            assert not re.search(r"[^? ]\?|\?[^? ]", " ".join(shown[:-1])), shown
            terminal.press("")


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "iso8859-1"])
def test_goes_on_when_a_key_is_no_text(tmp_path: Path, encoding: str) -> None:
    variables = {"PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "cnn_tui"]
    with Terminal(command, tmp_path, variables, size=SIZE) as terminal:
        terminal.wait_for(["Help"], 60)
        terminal.press("/")
        time.sleep(1)
        os.write(terminal._ours, b"caf\xe9")
        time.sleep(0.5)
        terminal.press("zebra")
        terminal.wait_for(["zebra"], 30)
