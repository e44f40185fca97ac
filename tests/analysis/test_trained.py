"""The lab opens the network of a run as it was trained."""

import pytest
import torch
from torch import nn

from cnn_tui.analysis.trained import Preparation, load_trained
from cnn_tui.data.loading.loader import Loader
from cnn_tui.data.preparation import digits
from cnn_tui.errors import UsageError
from cnn_tui.training.defaults import default_config
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.loop.counters import RunCounters
from cnn_tui.training.store.folder import create_run
from cnn_tui.workspace import Workspace
from tests.trained_runs import make_checkpoint

HALVES = Preparation(1, 4, (0.5,), (0.5,))


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    left, right = one.state_dict(), other.state_dict()
    return left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)


@pytest.mark.parametrize("name", ["last", "mine"])
def test_rebuilds_the_very_same_network(workspace: Workspace, name: str) -> None:
    run, net = make_checkpoint(workspace, dropout=None)
    trained = load_trained(workspace, name)
    assert trained.run == run.run
    assert same_weights(trained.net, net)
    assert not trained.net.training
    assert trained.classes == tuple("0123456789")


def test_keeps_the_dropout_that_was_asked_for(workspace: Workspace) -> None:
    make_checkpoint(workspace, "cifar10net", dropout=0.25)
    assert load_trained(workspace, "last").net.dropout.p == 0.25


def test_prepares_images_as_training_did(workspace: Workspace) -> None:
    make_checkpoint(workspace)
    trained = load_trained(workspace, "last")
    test = digits.prepared().test
    loader = Loader(
        test,
        mean=trained.facts.mean,
        std=trained.facts.std,
        batch_size=5,
        image_size=28,
        device=torch.device("cpu"),
    )
    expected, _ = next(loader.in_order())
    assert torch.equal(trained.preparation(test.images[:5]), expected)
    assert torch.equal(trained.prepare(test.images[2]), expected[2:3])


def test_takes_the_last_weights_where_there_are_no_best_ones(workspace: Workspace) -> None:
    run, net = make_checkpoint(workspace)
    checkpoints = Checkpoints(run.checkpoints)
    checkpoints.best.unlink()
    checkpoints.save_last(net, torch.optim.SGD(net.parameters(), lr=0.1), RunCounters())
    assert same_weights(load_trained(workspace, "last").net, net)


def test_looks_on_the_cpu_at_what_was_trained_elsewhere(workspace: Workspace) -> None:
    run, _ = make_checkpoint(workspace)
    config = run.config_file.read_text()
    run.config_file.write_text(config.replace('"device": "auto"', '"device": "cuda"'))
    assert load_trained(workspace, "last").config.device == "cpu"


def test_says_what_is_wrong_with_a_run_that_cannot_be_opened(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="There are no runs"):
        load_trained(workspace, "last")
    create_run(workspace, default_config("lenet5", "digits"), "fresh")
    with pytest.raises(UsageError, match="has no checkpoint yet: let it train"):
        load_trained(workspace, "fresh")
    with pytest.raises(UsageError, match="no run named 'other'"):
        load_trained(workspace, "other")


def test_says_that_it_needs_the_data_set_of_the_run(workspace: Workspace) -> None:
    run, _ = make_checkpoint(workspace)
    config = run.config_file.read_text()
    run.config_file.write_text(config.replace('"digits"', f'"folder:{workspace.root}/gone"'))
    with pytest.raises(UsageError, match=r"The run's data set is needed .* does not exist"):
        load_trained(workspace, "last")


def test_refuses_damaged_and_foreign_weights(workspace: Workspace) -> None:
    run, net = make_checkpoint(workspace)
    best = Checkpoints(run.checkpoints).best
    content = best.read_bytes()
    for damaged in (b"", content[:200], content[:-9], b"\x80\x04." + content):
        best.write_bytes(damaged)
        with pytest.raises(UsageError, match="cannot be read"):
            load_trained(workspace, "last")
    Checkpoints(run.checkpoints).save_best(nn.Sequential(net, nn.Linear(1, 1)), 1)
    with pytest.raises(UsageError, match="do not fit its network") as refusal:
        load_trained(workspace, "last")
    assert "\n" not in str(refusal.value)
    best.unlink()
    best.mkdir()
    with pytest.raises(UsageError, match="has no checkpoint"):
        load_trained(workspace, "last")


def test_turns_gray_into_color_and_color_into_gray() -> None:
    red = torch.zeros(1, 3, 4, 4, dtype=torch.uint8)
    red[:, 0] = 255
    assert HALVES(red).unique().item() == pytest.approx(2 * round(0.299 * 255) / 255 - 1)
    gray = torch.full((1, 1, 4, 4), 51, dtype=torch.uint8)
    in_color = Preparation(3, 4, (0.0, 0.1, 0.2), (1.0, 1.0, 2.0))(gray)
    assert in_color.mean((0, 2, 3)).tolist() == pytest.approx([0.2, 0.1, 0.0], abs=1e-6)


def test_crops_the_middle_of_what_is_not_square() -> None:
    wide = torch.zeros(1, 1, 4, 10, dtype=torch.uint8)
    wide[..., 3:7] = 255
    assert HALVES(wide).unique().item() == 1
    assert HALVES(wide.transpose(2, 3)).unique().item() == 1
