"""The README's pictures are there, are what the lab shows today, and load nothing."""

import re
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.readme_pictures import FOLDER, HOW_TO_TAKE, PICTURES

README = FOLDER.parents[1] / "README.md"


def test_opens_the_readme_and_shows_every_pane() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(\.github/pictures/(\w+)\.svg\)", README.read_text())
    assert shown == [picture.name for picture in PICTURES]
    assert {path.stem for path in FOLDER.iterdir()} == set(shown)
    first = README.read_text().index("![")
    assert "## " not in README.read_text()[:first]


@pytest.mark.slow
def test_shows_what_the_lab_shows_today(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.readme_pictures", str(tmp_path)]
    subprocess.run(command, check=True, cwd=FOLDER.parents[1], capture_output=True)
    for picture in PICTURES:
        name = f"{picture.name}.svg"
        now, kept = ((folder / name).read_text() for folder in (tmp_path, FOLDER))
        differing = list(unified_diff(_lines(kept), _lines(now), n=0))
        assert differing == [], f"{name} is stale: {HOW_TO_TAKE}"


def _lines(svg: str) -> list[str]:
    return svg.replace("><", ">\n<").splitlines()
