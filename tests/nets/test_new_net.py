"""The network that a learner starts from."""

from pathlib import Path

import pytest
import torch

from cnn_tui.cli import main
from cnn_tui.nets.starters.small_net import Net
from tests.chapter.snippet_runs import snippet_run


def test_writes_a_network_that_the_lab_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-net", "tiny.py"]) == 0
    said = capsys.readouterr().err
    assert "cnn-lab summary tiny.py:Net" in said
    assert "cnn-lab train tiny.py:Net" in said
    written = (tmp_path / "tiny.py").read_text()
    assert "tiny.py:Net" in written
    assert "my_net" not in written
    names: dict[str, object] = {}
    exec(written, names)
    assert names["Net"](in_channels=3)(torch.zeros(2, 3, 9, 9)).shape == (2, 10)


@pytest.mark.parametrize("name", ["my-net.py", "my_net", "my_net.txt", "1.py", ".py"])
def test_names_what_a_file_must_be_called(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-net", name]) == 2
    assert "name a Python file" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("mine")
    assert main(["new-net", "mine.py"]) == 2
    assert "is left as it is" in capsys.readouterr().err
    assert (tmp_path / "mine.py").read_text() == "mine"
    assert main(["new-net", "nowhere/mine.py"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_is_the_network_of_the_topic() -> None:
    taught = snippet_run("own-network").names["Net"]
    for settings in ({}, {"num_classes": 3, "in_channels": 3, "width": 8}):
        torch.manual_seed(1)
        theirs = taught(**settings)
        torch.manual_seed(1)
        ours = Net(**settings)
        assert [*theirs.state_dict()] == [*ours.state_dict()]
        x = torch.randn(2, settings.get("in_channels", 1), 12, 12)
        assert torch.equal(theirs(x), ours(x))
