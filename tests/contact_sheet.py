"""Pictures of everything the app shows, to be looked at: ``python -m tests.contact_sheet DIR``.

Every pane in three sizes and three looks, and the pages, dialogs, empty states and errors in
one; PNGs too where ``rsvg-convert`` is installed. ``DIR/index.html`` shows them all.
Further words are names of scenes: only those are taken, in every size and look.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from html import escape
from itertools import product
from pathlib import Path

from tests.tui.stage import PANES, SCENES, Scene, staged, staged_workspace

SIZES = ((80, 24), (120, 40), (200, 50))
OTHERS_SIZE = (100, 30)
LOOKS = {"dark": "lab-dark", "light": "lab-light", "16": "ansi-dark"}
"""Name of a look → theme; 16 colors are the terminal's own."""
CONVERTER = "rsvg-convert"

Shot = tuple[Scene, tuple[int, int], str]


def shots(names: Iterable[str] = ()) -> Iterator[Shot]:
    """What is taken: a scene, a size and a look."""
    chosen = [SCENES[name] for name in names]
    yield from product(chosen or PANES, SIZES, LOOKS)
    if not chosen:
        others = [scene for scene in SCENES.values() if scene not in PANES]
        yield from ((scene, OTHERS_SIZE, "dark") for scene in others)


async def taken(scene: Scene, size: tuple[int, int], look: str) -> str:
    """One picture as an SVG."""
    with (
        tempfile.TemporaryDirectory() as folder,
        staged_workspace(Path(folder), scene.holds) as space,
    ):
        async with staged(scene, space, size, LOOKS[look]) as (app, _):
            return app.export_screenshot(title=f"{scene.name} {size[0]}×{size[1]} {look}")


def take_all(folder: Path, names: Iterable[str]) -> None:
    """Write every picture, and the page that shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for scene, size, look in shots(names):
        path = folder / f"{scene.name}-{size[0]}x{size[1]}-{look}.svg"
        path.write_text(asyncio.run(taken(scene, size, look)), encoding="utf-8")
        if shutil.which(CONVERTER):
            png = path.with_suffix(".png")
            subprocess.run([CONVERTER, str(path), "-o", str(png)], check=True)
        paths.append(path)
        print(f"Wrote {path}", flush=True)
    images = "\n".join(f'<img src="{escape(path.name)}" width="640">' for path in paths)
    (folder / "index.html").write_text(f"<!doctype html>\n{images}\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    take_all(Path(sys.argv[1]), sys.argv[2:])
