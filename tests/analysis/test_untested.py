"""A run without a test set: its test accuracy is null, and every view says why."""

import dataclasses
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from cnn_tui.analysis.evaluation import evaluate
from cnn_tui.analysis.predictions import predict, predict_all
from cnn_tui.cli import main
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import starters
from cnn_tui.render.runs.headline import run_headline
from cnn_tui.render.runs.live import result_line, show_live, started_line
from cnn_tui.render.runs.page import run_notes
from cnn_tui.render.runs.table import runs_table
from cnn_tui.training.advice.adviser import advise
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process.execute import execute
from cnn_tui.training.records import Event, Started
from cnn_tui.training.store.folder import RunFolder, create_run, read_header
from cnn_tui.training.store.listing import status
from cnn_tui.training.store.metrics import read_events
from cnn_tui.workspace import Workspace, create
from tests.data.preparation.test_layouts import halves, lay_out, picture


class Lab:
    def __init__(self, root: Path) -> None:
        self.space, _ = create(root / "lab", starters())
        self.pictures = lay_out(root / "pets", halves("train", "val"))
        self.run = self.trained("without", val_is_validation=True)

    def trained(self, name: str, **settings: object) -> RunFolder:
        config = default_config(
            "lenet5",
            f"folder:{self.pictures}",
            epochs=1,
            batch_size=10,
            device="cpu",
            threads=1,
            **settings,
        )
        run = create_run(self.space, config, name, self.space.root / "data")
        assert execute(run, lambda: False) == 0
        return run

    @property
    def events(self) -> list[Event]:
        return list(read_events(self.run.metrics_file))

    @property
    def config(self) -> TrainConfig:
        return read_header(self.run).config


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab(tmp_path_factory.mktemp("untested"))


def shown(renderable: object) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(renderable)
    return console.file.getvalue()


def test_the_run_ends_without_a_test_accuracy(lab: Lab) -> None:
    now = status(lab.run)
    assert (now.state, now.test_accuracy, now.test_loss) == ("finished", None, None)
    assert now.is_untested
    assert now.best_val_accuracy is not None
    noted = json.loads(lab.run.data_file.read_text())
    assert noted["counts"] == {"train": 20, "val": 20, "test": 0}


def test_with_val_as_the_test_set_there_is_one(lab: Lab) -> None:
    run = lab.trained("with")
    now = status(run)
    assert now.test_accuracy is not None
    assert not now.is_untested
    talk = Console(file=io.StringIO(), width=80)
    show_live([read_events(run.metrics_file)], talk, None)
    told = talk.file.getvalue()
    assert "val/ is the test set, and validation images are held out of train/" in told
    assert "It can be the validation set instead, and then there is no test set (--val-" in told


def test_every_view_of_the_run_says_so(lab: Lab) -> None:
    now, events = status(lab.run), lab.events
    started = next(each for each in events if isinstance(each, Started))
    assert "20 validation + no test images" in started_line(started)
    assert "there is no test set, so no test accuracy" in result_line(now)
    assert "Best validation accuracy" in result_line(now)
    assert "no test set" in shown(run_headline(now, events))
    notes = "\n".join(
        line.plain for note in run_notes(now, events, lab.config, 200) for line in note
    )
    assert (
        "of the validation images are right with the weights of epoch 1 (★), no test set" in notes
    )
    table = shown(runs_table([now])).splitlines()
    assert table[1].split()[-2] == "none"
    (said,) = [each for each in advise(lab.config, events) if each.rule == "untested"]
    assert said.sentence.startswith("There is no test set: validation accuracy has chosen")


def test_json_has_null(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--workspace", str(lab.space.root), "--json"]) == 0
    listed = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert listed["without"]["test_accuracy"] is None
    assert listed["without"]["settings"]["val_is_validation"] is True


def test_evaluate_refuses_the_test_and_judges_on_validation_images(lab: Lab) -> None:
    with pytest.raises(UsageError, match="it was trained without a test set") as error:
        evaluate(lab.space, "without")
    assert error.value.fields == ("split",)
    judged = evaluate(lab.space, "without", "val")
    assert (judged.images, judged.notes) == (20, ())
    either = evaluate(lab.space, "without", None)
    assert (either.split, either.images, either.accuracy) == ("val", 20, judged.accuracy)
    assert "There are no test images" in either.notes[0]
    assert judged.to_json()["test_accuracy"] is None


def test_the_command_judges_on_what_there_is(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", "without", "--workspace", str(lab.space.root), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert "There are no test images" in told["notes"][0]
    assert sum(each["images"] for each in told["per_class"]) == 20
    assert main([*words[:-1], "--split", "test"]) == 2
    assert "has no test images: it was trained without a test set" in capsys.readouterr().err


def test_predict_shows_validation_images_and_says_so(lab: Lab) -> None:
    seen = predict(lab.space, "without", count=3)
    assert all(each.picture.title.startswith("val/") for each in seen.images)
    assert "from the 20 validation images" in seen.notes[0]
    assert "There are no test images" in seen.notes[0]
    assert len(list(predict_all(lab.space, "without"))) == 20
    one = predict(lab.space, "without", [f"folder:{lab.pictures}#3"])
    assert one.images[0].picture.title.startswith("val/")


def test_a_resumed_run_keeps_its_data(lab: Lab) -> None:
    stops = iter([False] * 12)
    config = dataclasses.replace(lab.config, epochs=9, device="auto")
    run = create_run(lab.space, config, "long", lab.space.root / "data")
    assert execute(run, lambda: next(stops, True)) == 0
    assert status(run).state == "stopped"
    assert execute(run, lambda: False) == 0
    assert status(run).is_untested


def test_only_a_folder_can_have_its_own_validation_images(lab: Lab) -> None:
    with pytest.raises(UsageError, match="Only a folder of images can have a val/") as error:
        default_config("lenet5", "digits", val_is_validation=True)
    assert error.value.fields == ("val_is_validation",)
    for words in (["data", "prepare", "digits"], ["train", "lenet5"]):
        assert main([*words, "--val-is-validation"]) == 2


def test_a_folder_without_val_is_refused_before_a_run_is_made(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = lay_out(tmp_path / "pets", "cat dog")
    before = len(list(lab.space.runs.iterdir()))
    words = ["train", "lenet5", "--data", f"folder:{pictures}", "--val-is-validation"]
    assert main([*words, "--workspace", str(lab.space.root)]) == 2
    said = capsys.readouterr().err
    assert "has no folder val/" in said
    assert "--val-is-validation" in said
    assert len(list(lab.space.runs.iterdir())) == before


def test_an_older_run_is_judged_by_its_own_split(lab: Lab, tmp_path: Path) -> None:
    """A configuration of version 4 has no rule: its images are split as that version did."""
    pictures = lay_out(tmp_path / "pets", "cat dog")
    for number in range(3):
        picture(pictures / "owl" / f"{number}.png", 900 + number)
    config = default_config(
        "lenet5", f"folder:{pictures}", epochs=1, batch_size=10, device="cpu", threads=1
    )
    space = Workspace(lab.space.root)
    run = create_run(space, config, "older", tmp_path / "data")
    document = json.loads(run.config_file.read_text())
    del document["config"]["split_rule"], document["config"]["val_is_validation"]
    document["config"]["version"] = 4
    run.config_file.write_text(json.dumps(document))
    assert read_header(run).config.split_rule == 1
    assert execute(run, lambda: False) == 0
    assert read_header(run).config.split_rule == 1
    judged = evaluate(space, "older")
    new = create_run(space, config, "newer", tmp_path / "data")
    assert execute(new, lambda: False) == 0
    assert sum(evaluate(space, "newer", "val").confusion[2]) == 1
    assert sum(evaluate(space, "older", "val").confusion[2]) == 0  # no owl was held out
    run.data_file.unlink()
    assert evaluate(space, "older").loss == judged.loss
