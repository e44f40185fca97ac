"""The lab judges a run as the run judged itself, and says what its network takes images for."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnn_tui.analysis.evaluation import evaluate
from cnn_tui.analysis.images import load_image
from cnn_tui.analysis.predictions import predict, predict_all
from cnn_tui.analysis.trained import load_trained
from cnn_tui.data.preparation import digits
from cnn_tui.engine.jobs import run_job
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import starters
from cnn_tui.training.defaults import default_config
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.process.execute import execute
from cnn_tui.training.records import Ended, EpochMetrics
from cnn_tui.training.store.folder import RunFolder, create_run
from cnn_tui.training.store.listing import find_run
from cnn_tui.training.store.locks import is_alive
from cnn_tui.training.store.metrics import read_events
from cnn_tui.workspace import Workspace, create
from tests.made_up_runs import alive
from tests.trained_runs import make_checkpoint


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with one run, ``quick``: LeNet-5, for two short epochs on the digits."""
    space, _ = create(tmp_path_factory.mktemp("trained"), starters())
    config = default_config(
        "lenet5", "digits", epochs=2, batch_size=32, label_smoothing=0.0, device="cpu"
    )
    run = create_run(space, config, "quick")
    assert execute(run, lambda: False) == 0
    return space


def told(workspace: Workspace) -> tuple[EpochMetrics, Ended]:
    """What the run said of its best epoch, and at its end."""
    events = read_events(find_run(workspace, "quick").metrics_file)
    epochs = [event for event in events if isinstance(event, EpochMetrics)]
    end = events[-1]
    assert isinstance(end, Ended)
    return max(epochs, key=lambda each: (each.val_accuracy, -each.val_loss)), end


def test_finds_what_the_run_itself_found(trained: Workspace) -> None:
    best, end = told(trained)
    test, val = (evaluate(trained, "quick", split) for split in ("test", "val"))
    assert test.accuracy == end.test_accuracy
    assert test.loss == pytest.approx(end.test_loss, rel=1e-5)
    assert val.accuracy == best.val_accuracy
    assert val.loss == pytest.approx(best.val_loss, rel=1e-5)
    assert (test.judged.state, test.judged.has_best) == ("finished", True)
    assert (test.judged.weights_epoch, test.judged.epochs) == (best.epoch, 2)
    assert test.images_per_second > 0


def test_counts_every_image_once(trained: Workspace) -> None:
    evaluation = evaluate(trained, "quick")
    labels = digits.prepared().test.labels
    assert [sum(row) for row in evaluation.confusion] == torch.bincount(labels).tolist()
    assert sum(evaluation.confusion[i][i] for i in range(10)) == evaluation.correct
    assert sum(each.correct for each in evaluation.per_class) == evaluation.correct
    assert sum(each.count for each in evaluation.confusions) == (
        evaluation.images - evaluation.correct
    )
    assert evaluation.confusions[0].count == max(each.count for each in evaluation.confusions)


def test_shows_its_most_confident_errors(trained: Workspace) -> None:
    few, many = (evaluate(trained, "quick", most_mistakes=most) for most in (3, 1000))
    assert few.mistakes == many.mistakes[:3]
    assert len(many.mistakes) == many.images - many.correct
    sure = [each.probability for each in many.mistakes]
    assert sure == sorted(sure, reverse=True)
    first = few.mistakes[0]
    (guessed,) = predict(trained, "quick", [f"digits#{first.index}"]).images
    assert (guessed.true, guessed.predicted) == (first.true, first.predicted)
    assert guessed.guesses[0].probability == pytest.approx(first.probability, rel=1e-4)
    assert guessed.picture == first.picture


def test_guesses_what_the_network_computes(trained: Workspace) -> None:
    network = load_trained(trained, "quick")
    with torch.no_grad():
        expected = network.net(network.prepare(load_image("digits#17")[1])).softmax(1)[0]
    (guessed,) = predict(trained, "quick", ["digits#17"]).images
    assert [guess.probability for guess in guessed.guesses] == pytest.approx(
        expected.topk(3).values.tolist(), rel=1e-4
    )
    assert guessed.predicted == str(int(expected.argmax()))
    assert guessed.true == str(int(digits.prepared().test.labels[17]))
    assert guessed.is_right == (guessed.true == guessed.predicted)


def test_draws_test_images_from_a_seed(trained: Workspace) -> None:
    one, again, other = (
        [each.picture.title for each in predict(trained, "quick", count=5, seed=seed).images]
        for seed in (1, 1, 2)
    )
    assert one == again != other
    assert len(set(one)) == 5


def test_finds_mistakes_among_the_test_images(trained: Workspace) -> None:
    evaluation = evaluate(trained, "quick", most_mistakes=1000)
    every = predict(trained, "quick", wrong=True, count=256).images
    assert {each.picture.title for each in every} == {
        each.picture.title for each in evaluation.mistakes
    }
    assert not any(each.is_right for each in every)
    assert predict(trained, "quick", wrong=True, count=2).images == every[:2]


def test_guesses_images_of_other_places(trained: Workspace, tmp_path: Path) -> None:
    picture = np.zeros((20, 30, 3), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "wide.png")
    for name in ("cat", "8"):
        (tmp_path / "tree" / "test" / name).mkdir(parents=True)
        (tmp_path / "tree" / "train" / name).mkdir(parents=True)
        Image.fromarray(picture).save(tmp_path / "tree" / "test" / name / "0.png")
        Image.fromarray(picture).save(tmp_path / "tree" / "train" / name / "0.png")
    folder = f"folder:{tmp_path}/tree"
    seen = predict(
        trained, "quick", [str(tmp_path / "wide.png"), f"{folder}#0", f"{folder}#1", "digit"]
    )
    assert [each.true for each in seen.images if each.is_right is None] == [None, None]
    assert sorted(each.true for each in seen.images if each.true) == ["3", "8"]
    assert any("(cat)" in each.picture.title for each in seen.images)
    assert "only the middle is used" in " ".join(seen.notes)


def test_judges_a_run_that_still_goes_on(workspace: Workspace) -> None:
    run, _ = make_checkpoint(workspace)
    with alive(run):
        assert is_alive(run)
        judged = evaluate(workspace, "mine").judged
    assert (judged.state, judged.has_best, judged.weights_epoch) == ("running", True, 1)


@pytest.mark.slow
def test_runs_on_the_cpu_what_was_trained_on_a_device_that_is_gone(workspace: Workspace) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    run, _ = make_checkpoint(workspace, "cifar10net", image_size=16)
    expected = evaluate(workspace, "mine")
    config = run.config_file.read_text()
    run.config_file.write_text(
        config.replace('"device": "auto"', '"device": "cuda"').replace(
            '"precision": "auto"', '"precision": "bf16"'
        )
    )
    assert evaluate(workspace, "mine").images == expected.images


def test_looks_for_the_data_set_where_it_is_told(workspace: Workspace, tmp_path: Path) -> None:
    run, _ = make_checkpoint(workspace)
    config = run.config_file.read_text()
    run.config_file.write_text(config.replace('"data": "digits"', '"data": "mnist"'))
    with pytest.raises(UsageError, match=rf"data set is needed .*{re.escape(str(tmp_path))}/moved"):
        evaluate(workspace, "mine", data_dir=tmp_path / "moved")


def test_says_that_memory_is_short(trained: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr("cnn_tui.analysis.evaluation._judge_all", full)
    with pytest.raises(UsageError, match="The cpu device has too little memory left"):
        evaluate(trained, "quick")


def damaged(run: RunFolder) -> None:
    Checkpoints(run.checkpoints).best.write_bytes(b"nonsense")


def missing(run: RunFolder) -> None:
    Checkpoints(run.checkpoints).best.unlink()


@pytest.mark.parametrize(
    ("harm", "sentence"), [(damaged, "cannot be read"), (missing, "has no checkpoint yet")]
)
def test_says_what_is_wrong_with_the_weights(
    workspace: Workspace, harm: object, sentence: str
) -> None:
    run, _ = make_checkpoint(workspace)
    harm(run)  # type: ignore[operator]
    for job in ("evaluate", "predict"):
        with pytest.raises(UsageError, match=sentence):
            run_job(job, {"run": "mine", "workspace": workspace.root})


@pytest.mark.parametrize(
    ("images", "choices", "sentence"),
    [
        (["digits#359"], {}, "digits has 359 test images"),
        (["digits#x"], {}, "is not the number of an image"),
        (["seven"], {}, "'seven' is no image"),
        (["gone.png"], {}, "does not exist"),
        (["digits#1"], {"wrong": True}, "name no images with it"),
        ([], {"count": 0}, "ask for 1 to 256"),
        (["digits#1"] * 257, {}, "ask for 1 to 256"),
    ],
)
def test_refuses_what_is_no_image(
    trained: Workspace, images: list[str], choices: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        predict(trained, "quick", images, **choices)  # type: ignore[arg-type]


def test_refuses_a_split_that_there_is_not(trained: Workspace) -> None:
    with pytest.raises(UsageError, match="The split is test or val, not 'train'"):
        evaluate(trained, "quick", "train")


def test_lists_every_test_image_with_what_it_was_taken_for(trained: Workspace) -> None:
    judged = evaluate(trained, "quick", most_mistakes=1000)
    listed = list(predict_all(trained, "quick"))
    assert len(listed) == judged.images
    assert sum(each.true == each.predicted for each in listed) == judged.correct
    wrong = {
        each.image: (each.true, each.predicted, pytest.approx(each.probability, abs=1e-5))
        for each in predict_all(trained, "quick", wrong=True)
    }
    assert wrong == {
        each.picture.title: (each.true, each.predicted, each.probability)
        for each in judged.mistakes
    }
    (named,) = predict_all(trained, "quick", ["digits#3"])
    assert named.image == "digits#3"
    assert named.probability == pytest.approx(listed[3].probability, abs=1e-5)
    assert (named.true, named.predicted) == (listed[3].true, listed[3].predicted)
