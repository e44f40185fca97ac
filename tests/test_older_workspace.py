"""A workspace that version 0.1.0 wrote is read, resumed and evaluated as before."""

import json
import shutil
from pathlib import Path

import pytest

from cnn_tui.data.records import SPLIT_RULE
from cnn_tui.training.config import CONFIG_VERSION
from tests.subprocesses import cnn_lab

WRITTEN_BY_0_1_0 = Path(__file__).parent / "workspace_0_1_0"
FINISHED = "20261129-105203-simpleresnet-digits-e9be"
STOPPED = "20261129-105254-cifar10net-digits-1bc6"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    workspace = tmp_path / "workspace"
    shutil.copytree(WRITTEN_BY_0_1_0, workspace)
    (workspace / "exercises").mkdir()
    return workspace


def answer(workspace: Path, *words: str) -> object:
    done = cnn_lab(*words, "--json", "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_lists_the_runs_with_their_networks_and_data_as_text(older: Path) -> None:
    runs = answer(older, "runs")
    assert [(each["run"], each["net"], each["data"], each["state"]) for each in runs] == [
        (STOPPED, "cifar10net,width=1", "digits", "stopped"),
        (FINISHED, "simpleresnet,width=1,blocks=1", "digits", "finished"),
    ]
    assert [(each["epoch"], each["epochs"]) for each in runs] == [(2, 8), (3, 3)]


def test_plots_both_runs_over_each_other(older: Path) -> None:
    shown = cnn_lab("curves", "finished", "stopped", "--once", "--workspace", older)
    assert shown.returncode == 0, shown.stderr
    assert FINISHED in shown.stdout
    assert STOPPED in shown.stdout


@pytest.mark.slow
def test_evaluates_the_finished_run_to_the_accuracy_that_it_wrote_down(older: Path) -> None:
    told = [json.loads(line) for line in (older / "runs" / FINISHED / "metrics.jsonl").open()]
    evaluated = answer(older, "evaluate", "finished")
    assert evaluated["accuracy"] == pytest.approx(told[-1]["test_accuracy"], abs=1e-9)
    assert evaluated["loss"] == pytest.approx(told[-1]["test_loss"], rel=1e-4)


@pytest.mark.slow
def test_resumes_the_stopped_run_to_its_end(older: Path) -> None:
    before = json.loads((older / "runs" / STOPPED / "config.json").read_text())
    resumed = answer(older, "resume", "stopped")
    assert (resumed["state"], resumed["epoch"]) == ("finished", 8)
    after = json.loads((older / "runs" / STOPPED / "config.json").read_text())
    assert after["config"]["net"] == before["config"]["net"]
    assert after["config"]["data"] == before["config"]["data"]
    since = {
        "version": CONFIG_VERSION,
        "split_rule": SPLIT_RULE,
        "val_is_validation": False,
        "accumulate": 1,
        "ema": None,
        "mixup": 0.0,
        "inspect": None,
    }
    assert after["config"] == {**before["config"], **since}


def test_names_what_an_older_exercise_lacks_and_adds_it(older: Path) -> None:
    path = older / "exercises" / "exercise1.py"
    path.write_text('def max_pool(x, kernel_size, stride):\n    return "mine"\n')
    (first, *_) = answer(older, "progress")
    assert first["state"] == "passed"
    assert first["missing"][-2:] == ["agreement", "better_pooling"]
    told = cnn_lab("hint", "1", "--workspace", older)
    assert "better_pooling of version 2 of the exercise" in told.stderr
    assert "Add what is missing: cnn-lab reset --add-missing exercise1" in told.stderr
    assert cnn_lab("reset", "1", "--add-missing", "--workspace", older).returncode == 0
    assert 'return "mine"' in path.read_text()
    assert answer(older, "progress")[0]["missing"] == []
    assert not cnn_lab("hint", "1", "--workspace", older).stderr


def test_keeps_what_the_learner_has_passed(older: Path) -> None:
    states = {each["exercise"]: each["state"] for each in answer(older, "progress")}
    assert states["exercise1"] == "passed"
    assert states["exercise2"] != "passed"
