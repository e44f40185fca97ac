"""What is drawn can be read in every theme, selected rows included; in 16 colors by its signs."""

from pathlib import Path

import pytest
from textual.theme import BUILTIN_THEMES

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.screenshot import has_settled
from tests.tui.contrasts import unreadable
from tests.tui.stage import EMPTY, PANES, SCENES, staged, staged_workspace
from tests.turns import slow_by_turns

OWN = ("lab-dark", "lab-light", "lab-contrast")
TEXTUALS = sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi)
ANSI = sorted(name for name, theme in BUILTIN_THEMES.items() if theme.ansi)
SIZE = (120, 40)
SHARE = 2
"""One of so many pages and dialogs is among the slow tests of a commit, beside every pane."""
LOOKED_AT = [
    pytest.param(
        scene.name, marks=pytest.mark.slow if scene in PANES else slow_by_turns(place, SHARE)
    )
    for place, scene in enumerate(scene for scene in SCENES.values() if scene not in EMPTY)
]


async def in_themes(app: LabApp, names: tuple[str, ...] | list[str]) -> list[str]:
    """What cannot be read in each of these themes."""
    found = []
    for name in names:
        app.theme = name
        await has_settled(app)
        found += [f"{name}: {each}" for each in unreadable(app.screen)]
    return found


@pytest.mark.parametrize("name", LOOKED_AT)
async def test_reads_in_the_themes_of_the_lab(tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    with staged_workspace(tmp_path, scene.holds) as space:
        async with staged(scene, space, SIZE) as (app, _):
            found = await in_themes(app, OWN)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", [scene.name for scene in PANES])
async def test_reads_in_the_themes_of_textual(tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    with staged_workspace(tmp_path, scene.holds) as space:
        async with staged(scene, space, SIZE) as (app, _):
            found = await in_themes(app, TEXTUALS)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ANSI)
@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("topics", "✓▌"),
        ("models", "▌"),
        ("pooling", "─"),
        ("training", "▶!✗▌"),
        ("exercises", "!✗▌"),
        ("exercises-failed", "✓✗"),
    ],
)
async def test_says_it_in_signs_where_colors_are_the_terminals(
    tmp_path: Path, name: str, signs: str, theme: str
) -> None:
    scene = SCENES[name]
    with staged_workspace(tmp_path, scene.holds) as space:
        async with staged(scene, space, SIZE, theme) as (app, _):
            below_header = [strip.text for strip in app.screen._compositor.render_strips()[1:]]
    assert set(signs) <= set("".join(below_header))


@pytest.mark.slow
async def test_dims_no_sign_key_or_number_with_the_words_beside_it(tmp_path: Path) -> None:
    scene = SCENES["exercises-failed"]
    with staged_workspace(tmp_path) as space:
        async with staged(scene, space, SIZE, "ansi-dark") as (app, _):
            rows = app.screen._compositor.render_strips()
    looks = {part.text.strip(): part.style for row in rows for part in row if part.style}
    bright = ("▶ 1 run 65 %", "★", "a", "0.909", "▐1.364▌")
    assert [text for text in bright if looks[text].dim] == []
    assert all(looks[text].dim for text in ("auto-check: off", "sandbox bwrap · seed 42"))
    assert looks["2 Models"].color != looks["cnn-lab"].color
