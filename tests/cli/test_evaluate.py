"""``cnn-lab evaluate`` and ``cnn-lab predict``."""

import csv
import json
from pathlib import Path

import pytest

from cnn_tui.cli.evaluate import evaluate
from cnn_tui.cli.predict import predict
from cnn_tui.errors import UsageError
from cnn_tui.training.defaults import default_config
from cnn_tui.training.store.folder import create_run
from cnn_tui.workspace import Workspace
from tests.subprocesses import cnn_lab
from tests.trained_runs import make_checkpoint


@pytest.fixture
def mine(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a workspace with one run, ``mine``, of random weights."""
    make_checkpoint(workspace)
    monkeypatch.setenv("COLUMNS", "80")
    return workspace.root


def test_prints_an_evaluation_as_json(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evaluate("mine", json=True, workspace=mine)
    document = json.loads(capsys.readouterr().out)
    assert {"run", "state", "epochs", "images_per_second", "mistakes"} <= document.keys()
    assert document["test_accuracy"] == document["accuracy"]
    assert document["test_loss"] > 1
    assert len(document["per_class"]) == len(document["confusion"]) == 10
    assert sum(map(sum, document["confusion"])) == document["images"] == 359
    evaluate("mine", split="val", json=True, workspace=mine)
    document = json.loads(capsys.readouterr().out)
    assert document["test_accuracy"] is None
    assert 0 <= document["accuracy"] <= 1


def test_shows_an_evaluation(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evaluate("mine", workspace=mine)
    shown = capsys.readouterr().out
    for part in ("Test accuracy", "Confusion matrix", "Most confident mistakes", "✗ digits#"):
        assert part in shown
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_shows_predictions_and_writes_them(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    predict("mine", ["digits#0", "digit"], png=mine / "sheet.png", workspace=mine)
    done = capsys.readouterr()
    assert done.out.count("true ") == 2
    assert "Written:" in done.err
    assert (mine / "sheet.png").read_bytes().startswith(b"\x89PNG")
    predict("mine", wrong=True, count=2, json=True, workspace=mine)
    document = json.loads(capsys.readouterr().out)
    assert [each["right"] for each in document["images"]] == [False, False]
    assert len(document["images"][0]["guesses"]) == 3


def test_answers_wrong_use_with_a_sentence(workspace: Workspace) -> None:
    create_run(workspace, default_config("lenet5", "digits"), "fresh")
    for words, sentence in (
        (["evaluate", "other"], "no run named 'other'"),
        (["predict", "fresh", "--png", "sheet.jpg"], "ends in .png"),
        (["predict", "fresh", "--count", "0"], "--count"),
    ):
        done = cnn_lab(*words, cwd=workspace.root)
        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
        assert not done.stdout


def test_prints_predictions_as_a_table(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    predict("mine", csv=True, workspace=mine)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert list(rows[0]) == ["image", "true", "predicted", "probability"]
    assert [row["image"] for row in rows] == [f"digits#{number}" for number in range(359)]
    assert all(0.1 <= float(row["probability"]) <= 1 for row in rows)
    predict("mine", ["digits#2"], csv=True, workspace=mine)
    (one,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert (one["true"], one["predicted"]) == (rows[2]["true"], rows[2]["predicted"])
    for other in ({"json": True}, {"count": 3}, {"png": mine / "sheet.png"}):
        with pytest.raises(UsageError, match="--csv prints all images as a table"):
            predict("mine", csv=True, workspace=mine, **other)
