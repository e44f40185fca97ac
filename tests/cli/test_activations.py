"""``cnn-lab activations``."""

import json

import pytest

from cnn_tui.cli.activations import activations
from cnn_tui.workspace import Workspace
from tests.subprocesses import cnn_lab
from tests.trained_runs import make_checkpoint


def test_shows_the_maps_of_a_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_checkpoint(workspace)
    monkeypatch.setenv("COLUMNS", "80")
    activations("run:last", "conv1", image="digits#17", workspace=workspace.root)
    shown = capsys.readouterr().out
    assert "Image: digits#17" in shown
    assert "conv1  Conv2d, output 6×24²" in shown
    assert shown.count("#") >= 6
    assert max(map(len, shown.splitlines())) <= 80
    assert "\x1b" not in shown


def test_prints_numbers_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    activations("cifar10net", "block1.1", maps=2, image_size=8, json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["layer"] == "block1.1"
    assert [each["channel"] for each in document["maps"]] == [0, 1]
    labels = [each["label"].split()[0] for each in document["histograms"]]
    assert labels == ["Input", "Output", "Output"]
    assert {"name": "fc", "type": "Linear", "output_shape": [10]} in document["layers"]


@pytest.mark.slow
def test_answers_wrong_use_with_a_sentence(workspace: Workspace) -> None:
    for words, sentence in (
        (["lenet6"], "did you mean lenet5?"),
        (["run:last"], "There are no runs"),
    ):
        done = cnn_lab("activations", *words, cwd=workspace.root)
        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
