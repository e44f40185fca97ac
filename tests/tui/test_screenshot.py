"""Pictures of the panes, without a terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.tui.screenshot import take_screenshot
from cnn_tui.tui.themes import DARK, LIGHT
from cnn_tui.workspace import WORKSPACE_VARIABLE, Workspace
from tests.made_up_runs import make_run
from tests.tui.fake_engine import FakeEngine

pytestmark = pytest.mark.drawn


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    monkeypatch.setattr("cnn_tui.tui.app.Engine", FakeEngine)
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(workspace.root))
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end="finished")


@pytest.mark.parametrize("pane", ["4", pytest.param("training", marks=pytest.mark.slow)])
def test_writes_what_a_pane_shows_once_it_is_there(tmp_path: Path, pane: str) -> None:
    path = tmp_path / "a picture.svg"
    take_screenshot(pane, path, size="100x30", theme=None)
    text = path.read_text(encoding="utf-8")
    assert ">4 Training<" in text and ">Accuracy" in text  # a heading of the curves
    assert "loading" not in text
    assert [each.name for each in tmp_path.glob("*.svg")] == [path.name]


@pytest.mark.slow
def test_takes_the_theme_and_the_size(tmp_path: Path) -> None:
    path = tmp_path / "light.svg"
    take_screenshot("Topics", path, size="60×20", theme="lab-light")
    text = path.read_text(encoding="utf-8")
    assert LIGHT.accent in text and DARK.accent not in text
    assert f'width="{60 * 12 + 24}"' in text


@pytest.mark.parametrize(
    ("pane", "name", "size", "theme", "sentence"),
    [
        ("6", "x.svg", "80x24", None, "There is no pane named '6'"),
        ("trainng", "x.svg", "80x24", None, "did you mean Training?"),
        ("4", "x.png", "80x24", None, "A picture is an SVG file: name it x.svg."),
        ("4", "no/x.svg", "80x24", None, "cannot be written (No such file or directory)"),
        ("4", "x.svg", "80x24", "", "There is no theme named ''"),
        ("4", "x.svg", "80", None, "'80' is no size"),
        ("4", "x.svg", "59x20", None, "A picture has between 60x20"),
        ("4", "x.svg", "80x24", "lab-lihgt", "There is no theme named 'lab-lihgt'"),
    ],
)
def test_refuses_what_it_cannot_show_in_one_sentence(
    tmp_path: Path, pane: str, name: str, size: str, theme: str | None, sentence: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        take_screenshot(pane, tmp_path / name, size=size, theme=theme)
    assert sentence in str(refusal.value)
    assert not (tmp_path / name).exists()


def test_refuses_before_it_opens_anything_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken.svg").mkdir()
    for path in (Path("/proc/x.svg"), tmp_path / "taken.svg"):
        with pytest.raises(UsageError, match=path.name) as refusal:
            take_screenshot("4", path, size="80x24", theme=None)
        assert refusal.value.fields == ("screenshot",)


@pytest.mark.slow
def test_needs_no_terminal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cnn_tui", "--screenshot", "1", "one.svg", "--size", "80x24"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Wrote one.svg\n"
    assert (tmp_path / "one.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--size", "80x24"], "A size is for --screenshot"),
        (["--screenshot", "4", "x.svg", "runs"], "A picture is of the lab"),
        (["--screenshot", "4"], "requires 2 arguments"),
        (["--theme", "lab-drak"], "did you mean lab-dark?"),
    ],
)
def test_refuses_wrong_words(words: list[str], sentence: str) -> None:
    command = [sys.executable, "-m", "cnn_tui", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr and done.stderr.count("\n") == 1
