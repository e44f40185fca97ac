"""The pictures of the README: ``.github/pictures/*.svg``, one at its top and one for each pane.

``python -m tests.readme_pictures`` takes them again, ``python -m tests.readme_pictures DIR``
into another folder.
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.tui.stage import SCENES, staged, staged_workspace

FOLDER = Path(__file__).parents[1] / ".github" / "pictures"
HOW_TO_TAKE = "python -m tests.readme_pictures"


@dataclass(frozen=True)
class Picture:
    """One file: a scene, and the columns and rows of the terminal that shows it."""

    name: str
    scene: str
    size: tuple[int, int] = (100, 28)


PICTURES = (
    Picture("lab", "training", (120, 34)),
    Picture("topics", "topics-demo"),
    Picture("models", "models"),
    Picture("pooling", "pooling"),
    Picture("training", "training-overlay"),
    Picture("exercises", "exercises-failed"),
)


async def taken(picture: Picture) -> str:
    """The picture as an SVG."""
    scene = SCENES[picture.scene]
    with (
        tempfile.TemporaryDirectory() as folder,
        staged_workspace(Path(folder), scene.holds) as space,
    ):
        async with staged(scene, space, picture.size) as (app, _):
            return app.export_screenshot()


def take_all(folder: Path) -> None:
    """Write every picture to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        path = folder / f"{picture.name}.svg"
        path.write_text(asyncio.run(taken(picture)), encoding="utf-8")
        print(f"Wrote {path}")


if __name__ == "__main__":
    take_all(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
