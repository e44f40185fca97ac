"""The numbers of a training step in slow motion, and of a network's predictions."""

import inspect
import math

import pytest
import torch
from torch.nn import functional as F

from cnn_tui.analysis.evaluation import evaluate
from cnn_tui.chapter.demos import training_step as slow_motion
from cnn_tui.chapter.records import Say, Table, Tiles
from cnn_tui.chapter.run import run_demo
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import starters
from cnn_tui.nets.lenet5 import LeNet5
from cnn_tui.training.defaults import default_config
from cnn_tui.training.loop import epochs
from cnn_tui.training.process.execute import execute
from cnn_tui.training.store.folder import create_run
from cnn_tui.workspace import create


def said(result):
    return " ".join(each.text for each in result.blocks if isinstance(each, Say))


def test_quotes_the_training_loop_line_by_line():
    source = inspect.getsource(epochs.train_epoch)
    (lines, *_) = (each for each in run_demo("training-step").blocks if isinstance(each, Table))
    quoted = [row[0].removesuffix(", ...)") for row in lines.rows[:-1]]
    places = [source.index(line) for line in quoted]
    assert places == sorted(places)
    assert len(places) == 5


@pytest.mark.parametrize(("optimizer", "lr"), [("sgd", 0.1), ("adam", 0.001), ("adamw", 0.001)])
def test_lowers_the_loss_of_the_batch_by_about_what_the_gradient_promised(optimizer, lr):
    figures = run_demo("training-step", optimizer=optimizer, lr=lr).figures
    fall = figures["loss_before"] - figures["loss_after"]
    assert figures["loss_before"] == pytest.approx(math.log(10), abs=0.1)
    assert 0 < fall == pytest.approx(figures["promised"], rel=0.2)


def test_takes_the_step_that_plain_sgd_would_take():
    torch.manual_seed(3)
    net, images, labels = LeNet5(), torch.randn(8, 1, 28, 28), torch.arange(8)
    gradients = torch.autograd.grad(F.cross_entropy(net(images), labels), [*net.parameters()])
    step = slow_motion.take_step(net, images, labels, "sgd", 0.1)
    for move, gradient in zip(step.moves.values(), gradients, strict=True):
        torch.testing.assert_close(move, -0.1 * 1.9 * gradient, rtol=1e-4, atol=1e-7)


def test_finds_that_adams_first_step_is_the_learning_rate():
    _, layers, *_ = (
        each for each in run_demo("training-step", lr=0.01).blocks if isinstance(each, Table)
    )
    assert {row[-1] for row in layers.rows} == {"0.01"}


def test_shows_that_too_large_a_rate_makes_the_loss_worse():
    result = run_demo("training-step", lr=1.0)
    assert result.figures["loss_after"] > 100 * result.figures["loss_before"]
    assert "Take a smaller rate" in said(result)


def test_admits_that_the_smallest_steps_drown_in_rounding():
    assert "Take a larger rate" in said(run_demo("training-step", optimizer="sgd", lr=1e-6))


@pytest.mark.parametrize("parameters", [{"lr": 0}, {"lr": 2}, {"optimizer": "lion"}])
def test_refuses_a_step_that_cannot_be_taken(parameters):
    with pytest.raises(UsageError, match="of the demo training-step"):
        run_demo("training-step", **parameters)


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """A current folder without a workspace at or above it."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A workspace with one finished run, and a newer one that never began."""
    space, _ = create(tmp_path_factory.mktemp("trained"), starters())
    config = default_config("lenet5", "digits", epochs=1, batch_size=64, device="cpu")
    run = create_run(space, config, "quick")
    assert execute(run, lambda: False) == 0
    create_run(space, config, "newer")
    return space, run.run


@pytest.mark.slow
@pytest.mark.usefixtures("outside")
def test_trains_a_small_net_on_the_spot_where_there_is_no_run():
    result = run_demo("predictions")
    assert "trained on the spot, 3 epochs on 1,438 digits" in said(result)
    assert result.figures["accuracy_percent"] > 85
    assert result.figures["sure_right_percent"] > result.figures["sure_wrong_percent"] + 10
    assert result.figures["images"] == 359


@pytest.mark.usefixtures("outside")
def test_shows_wrong_and_right_answers_with_their_probabilities():
    result = run_demo("predictions", pictures=4)
    tiles = [each for each in result.blocks if isinstance(each, Tiles)]
    _, wrong, right = (each.rows for each in result.blocks if isinstance(each, Table))
    assert all(row[1] != row[2] for row in wrong)
    assert all(row[1] == row[2] and row[3] == row[4] for row in right)
    confidence = [float(row[3].removesuffix("%")) for row in wrong]
    assert confidence == sorted(confidence, reverse=True)
    assert len(wrong) == len(right) == 4
    assert [(each.picture.width, each.picture.height) for each in tiles] == [(24, 16), (24, 16)]


def test_judges_the_last_finished_run_as_the_lab_does(trained, monkeypatch):
    space, run = trained
    monkeypatch.chdir(space.root)
    last, named = run_demo("predictions"), run_demo("predictions", run="quick")
    judged = evaluate(space, run)
    assert f"The run {run}: lenet5 trained on digits, judged on all test images" in said(last)
    assert last.figures == named.figures
    assert last.figures["accuracy_percent"] == pytest.approx(100 * judged.accuracy)
    assert last.figures["most_confused"] == judged.confusions[0].count
    worst = judged.confusions[0]
    assert f"{worst.true} is taken for {worst.predicted}: {worst.count} of" in said(last)


def test_judges_only_as_many_images_as_a_second_allows(trained, monkeypatch):
    space, run = trained
    monkeypatch.chdir(space.root)
    monkeypatch.setattr("cnn_tui.chapter.demos.predictions.MACS_TO_SPEND", 30e6)
    result = run_demo("predictions", run=run)
    assert 20 < result.figures["images"] < 359
    assert f"the first {result.figures['images']} of 359 test images" in said(result)


def test_trains_a_small_net_beside_a_run_that_is_there(trained, monkeypatch):
    monkeypatch.chdir(trained[0].root)
    assert said(run_demo("predictions", run="None")).startswith("Without a run: a LeNet-5")


def test_says_which_run_there_is_not(trained, monkeypatch):
    monkeypatch.chdir(trained[0].root)
    with pytest.raises(UsageError, match="There is no run named 'slow'"):
        run_demo("predictions", run="slow")
    with pytest.raises(UsageError, match="has no checkpoint yet"):
        run_demo("predictions", run="newer")


@pytest.mark.usefixtures("outside")
def test_says_that_a_named_run_needs_a_workspace():
    with pytest.raises(UsageError, match="There is no workspace"):
        run_demo("predictions", run="quick")


def test_has_words_for_a_network_without_errors():
    from cnn_tui.chapter.demos.predictions import Answers, _about_errors

    labels = torch.arange(3)
    answers = Answers("", "", "x", ("a", "b", "c"), torch.zeros(3, 1, 2, 2), labels, torch.eye(3))
    assert _about_errors(answers, 0.0).startswith("No test image is mistaken")
