"""Nothing is cut off, in any size: pages, dialogs, diagrams, footers, empty states and errors.

Every scene is looked at in all sizes by the slow tests, and what is longer than a scene in three.
"""

from pathlib import Path

import pytest

from cnn_tui.chapter.catalogue import topics
from tests.tui.cuts import cuts
from tests.tui.stage import PANES, SCENES, at_size, staged, staged_workspace

SIZES = ((60, 20), (80, 24), (100, 30), (120, 40), (200, 50))
IN_BETWEEN = ((100, 30), (200, 50))
"""Sizes in which a page looks much as in the next smaller one."""


in_every_size = pytest.mark.parametrize(
    "size",
    [
        pytest.param(
            size,
            id="x".join(map(str, size)),
            marks=pytest.mark.exhaustive if size in IN_BETWEEN else pytest.mark.slow,
        )
        for size in SIZES
    ],
)
"""Runs a test in all sizes: it is slow, and exhaustive in those in between."""


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
async def test_cuts_nothing_off(tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    found: list[str] = []
    with staged_workspace(tmp_path, scene.holds) as space:
        async with staged(scene, space, SIZES[3]) as (app, pilot):
            for size in SIZES:
                await at_size(app, pilot, size)
                found += [f"{size[0]}x{size[1]}: {cut}" for cut in cuts(app)]
    assert not found, "\n".join(found)


@in_every_size
@pytest.mark.parametrize("name", [scene.name for scene in PANES])
async def test_cuts_nothing_off_from_the_start(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    scene = SCENES[name]
    with staged_workspace(tmp_path, scene.holds) as space:
        async with staged(scene, space, size) as (app, _):
            assert not cuts(app), "\n".join(map(str, cuts(app)))


@in_every_size
async def test_shows_every_topic_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    found: dict[str, str] = {}
    with staged_workspace(tmp_path) as space:
        async with staged(SCENES["topics-read"], space, size) as (app, pilot):
            for topic in topics():
                text = app.query_one("#topic-text")
                while True:
                    found |= {str(cut): topic.slug for cut in cuts(app)}
                    before = text.scroll_offset
                    await pilot.press("pagedown")
                    await pilot.pause()
                    if text.scroll_offset == before:
                        break
                await pilot.press("greater_than_sign")
                await pilot.pause()
    assert not found, "\n".join(f"{slug}: {cut}" for cut, slug in found.items())
