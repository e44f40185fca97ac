"""Where a job looks for the network that it is asked to take apart."""

from pathlib import Path

import pytest

from cnn_tui.analysis.networks import modules
from cnn_tui.engine import jobs
from cnn_tui.errors import UsageError
from cnn_tui.grading.isolation import confined_summary
from cnn_tui.workspace import Workspace

NET = "from torch import nn\nnet = nn.Sequential(nn.Conv2d(3, 4, 3))\n"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What was asked of the confined process and of the plain import, which do nothing here."""
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(
        confined_summary,
        "summarize_file",
        lambda *words, memory, options: calls.append(("host", *words, *options)),
    )
    monkeypatch.setattr(
        modules,
        "summarize_target",
        lambda place, shape, *, timed, memory: calls.append(("here", str(place), shape)),
    )
    return calls


def test_takes_a_network_of_the_catalogue_apart_with_its_options() -> None:
    plain, normed = jobs.summarize("vgg11"), jobs.summarize("vgg11,batch_norm=true", (3, 64, 64))
    assert plain.total_parameters == 132_863_336
    assert normed.input_shape == (3, 64, 64)
    assert "BatchNorm2d" in {layer.type for layer in normed.layers}


def test_confines_a_file_of_the_workspace(
    workspace: Workspace, asked: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = workspace.exercises / "own.py"
    own.write_text(NET, encoding="utf-8")
    (workspace.root / "link.py").symlink_to("/dev/null")
    jobs.summarize(f"{own}:net")
    jobs.summarize(f"{workspace.root}/link.py")
    monkeypatch.chdir(workspace.exercises)
    jobs.summarize("own.py:net,width=3", (3, 8, 8))
    assert asked == [
        ("host", own, "net", None),
        ("host", workspace.root / "link.py", "", None),
        ("host", Path("own.py"), "net", (3, 8, 8), ("width", "3")),
    ]


def test_measures_no_time_in_the_confined_process(
    workspace: Workspace, asked: list[tuple[object, ...]]
) -> None:
    own = workspace.exercises / "own.py"
    own.write_text(NET, encoding="utf-8")
    with pytest.raises(UsageError, match=r"own.py lies in a workspace .* time is not measured"):
        jobs.summarize(f"{own}:net", timed=True)
    assert not asked


def test_confines_a_file_of_the_workspace_that_a_link_leads_to(
    workspace: Workspace, asked: list[tuple[object, ...]], tmp_path: Path
) -> None:
    own = workspace.exercises / "own.py"
    own.write_text(NET, encoding="utf-8")
    link = tmp_path / "link.py"
    link.symlink_to(own)
    jobs.summarize(f"{link}:net")
    assert asked == [("host", link, "net", None)]


def test_confines_a_file_of_a_workspace_wherever_it_is_named_from(
    workspace: Workspace,
    asked: list[tuple[object, ...]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for folder in (workspace.exercises, shelf):
        (folder / "own.py").write_text(NET, encoding="utf-8")
    (workspace.root / "linked").symlink_to(shelf)
    monkeypatch.chdir(shelf)
    named = [workspace.exercises / "own.py", workspace.root / "linked" / "own.py"]
    for own in named:
        jobs.summarize(f"{own}:net")
    assert asked == [("host", own, "net", None) for own in named]


def test_imports_any_other_file_and_every_module(
    workspace: Workspace, asked: list[tuple[object, ...]], tmp_path: Path
) -> None:
    outside = tmp_path / "own.py"
    outside.write_text(NET, encoding="utf-8")
    jobs.summarize(f"{outside}:net")
    jobs.summarize("exercises.own:net", (3, 8, 8))
    assert asked == [
        ("here", f"{outside}:net", None),
        ("here", "exercises.own:net", (3, 8, 8)),
    ]


def test_needs_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(NET, encoding="utf-8")
    assert jobs.summarize("own.py:net").total_parameters == 112
