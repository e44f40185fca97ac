"""Looking inside a network while it learns: what is recorded, and that nothing else changes."""

import math
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from cnn_tui.training.inspection_advice import advise_inside
from cnn_tui.training.loop.activation_statistics import ActivationStatistics, by_channel, over_all
from cnn_tui.training.loop.epochs import train
from cnn_tui.training.loop.inspector import MOST_SNAPSHOTS, Inspector
from cnn_tui.training.loop.session import Stopped, TrainingSession
from cnn_tui.training.store.inspection_records import Inspections
from cnn_tui.training.store.inspections import read_inspections
from tests.training.conftest import Here, made_up_data, small_config


def trained(folder: Path, *, inspected: bool = True, **settings: Any) -> TrainingSession:
    """A run of 40 images in batches of 8, five steps an epoch, with snapshots or without."""
    folder.mkdir()
    channels = 3 if settings.get("net") in ("cifar10net", "simpleresnet") else 1
    size = 32 if channels == 3 else 16
    config = small_config(**{"image_size": size, **settings})
    here = Here(folder, made_up_data(channels=channels, size=size), config)
    session = here.open()
    if inspected:
        session.inspector = Inspector(session, here.data, folder / "inspection.jsonl")
    train(session)
    return session


def recorded(folder: Path) -> Inspections:
    return read_inspections(folder / "inspection.jsonl")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"inspect": 2, "optimizer": "sgd", "clip_grad": 0.5},
        pytest.param({"net": "cifar10net", "epochs": 2, "inspect": 1}, marks=pytest.mark.slow),
        pytest.param({"net": "simpleresnet", "epochs": 2}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_changes_no_bit_of_what_is_learned(tmp_path: Path, settings: dict[str, Any]) -> None:
    watched = trained(tmp_path / "watched", **settings).net.state_dict()
    plain = trained(tmp_path / "plain", inspected=False, **settings).net.state_dict()
    assert all(torch.equal(watched[name], plain[name]) for name in plain)
    assert recorded(tmp_path / "watched").snapshots


def test_records_each_epoch_layer_by_layer(tmp_path: Path) -> None:
    session = trained(tmp_path / "run")
    found = recorded(tmp_path / "run")
    assert [(each.epoch, each.step) for each in found.snapshots] == [(1, 5), (2, 10), (3, 15)]
    last = found.snapshots[-1]
    assert [each.name for each in last.layers] == ["conv1", "conv2", "fc1", "fc2", "fc3"]
    for layer in last.layers:
        module = session.net.get_submodule(layer.name)
        norm = math.hypot(*(float(each.detach().norm()) for each in module.parameters()))
        assert layer.weight_norm == pytest.approx(norm, rel=1e-5)
        assert layer.gradient_norm > 0
        assert 0 < layer.update_norm < layer.weight_norm
        assert layer.std is not None and layer.std > 0
    assert [each.dead is None for each in last.layers] == [False] * 4 + [True]
    assert last.images == 4
    rate = session.optimizer.param_groups[0]["lr"]
    assert last.rate_part == pytest.approx(rate / session.config.lr)


def test_tells_the_update_and_the_gradient_of_the_very_step(tmp_path: Path) -> None:
    session = trained(
        tmp_path / "run",
        optimizer="sgd",
        schedule="constant",
        weight_decay=0.0,
        epochs=1,
        inspect=1,
        lr=0.1,
    )
    first = recorded(tmp_path / "run").snapshots[0]
    assert first.step == 1
    # With Nesterov's momentum the first step goes 1.9 times as far as the gradient.
    for layer in first.layers:
        assert layer.update_norm == pytest.approx(0.1 * 1.9 * layer.gradient_norm, rel=1e-3)
    assert session.config.lr == 0.1


def test_shows_filters_and_what_is_said_of_fixed_images(tmp_path: Path) -> None:
    trained(tmp_path / "run")
    found = recorded(tmp_path / "run")
    assert found.images is not None
    assert found.images.pictures.count == len(found.images.labels) == 4
    assert found.images.labels == (0, 1, 0, 1)
    assert found.images.classes == ("dark", "light")
    for snapshot in found.snapshots:
        assert len(snapshot.predictions) == 4
        assert all(sum(each.probabilities) == pytest.approx(1) for each in snapshot.predictions)
        filters = snapshot.filters
        assert filters is not None
        assert (filters.count, filters.channels, filters.height, filters.width) == (6, 1, 5, 5)
        assert max(filters.pixels) in (254, 255) or min(filters.pixels) == 0
        assert snapshot.maps is not None
        assert snapshot.maps.count == 4


def test_a_network_whose_weights_are_no_numbers_is_recorded_too(tmp_path: Path) -> None:
    session = trained(tmp_path / "run", epochs=1)
    assert session.inspector is not None
    with torch.no_grad():
        session.net.get_parameter("fc3.weight").fill_(math.nan)
    session.inspector.before_update()
    session.inspector.after_update(session)
    session.inspector.end_epoch(session)
    last = recorded(tmp_path / "run").snapshots[-1]
    assert math.isnan(last.layers[-1].weight_norm)
    assert last.predictions == ()
    assert [each.rule for each in advise_inside(recorded(tmp_path / "run"))] == [
        "inside-not-finite"
    ]


def test_a_resumed_run_goes_on_recording_and_to_the_same_bits(tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole").net.state_dict()
    folder = tmp_path / "part"
    folder.mkdir()
    here = Here(folder, made_up_data(), small_config(image_size=16))
    steps = count()
    for should_stop in (lambda: next(steps) >= 7, lambda: False):
        session = here.open(should_stop)
        session.inspector = Inspector(session, here.data, folder / "inspection.jsonl")
        with suppress(Stopped):
            train(session)
    assert all(torch.equal(whole[name], each) for name, each in session.net.state_dict().items())
    assert [each.epoch for each in recorded(folder).snapshots] == [1, 2, 3]


@pytest.mark.slow
def test_a_run_of_many_epochs_keeps_a_bounded_number(tmp_path: Path) -> None:
    trained(tmp_path / "run", epochs=2 * MOST_SNAPSHOTS + 1, inspect=1)
    found = recorded(tmp_path / "run").snapshots
    assert MOST_SNAPSHOTS / 4 < len(found) <= 2 * MOST_SNAPSHOTS + 2
    assert found[-1].epoch == 2 * MOST_SNAPSHOTS + 1


class Known(nn.Module):
    """A convolution whose second channel is dead, and a norm whose averages never moved."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 1)
        self.norm = nn.BatchNorm2d(3)
        with torch.no_grad():
            self.conv.weight.copy_(torch.tensor([1.0, -1.0, 2.0]).view(3, 1, 1, 1))
            self.conv.bias.zero_()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(torch.relu(self.conv(x)))


def test_adds_up_what_the_activations_are_over_batches_of_any_size() -> None:
    net = Known().eval()
    images = torch.rand(30, 1, 4, 4) + 0.1
    statistics = ActivationStatistics([net.conv, net.norm])
    with torch.inference_mode(), statistics.watching(net):
        for batch in images.split([7, 7, 16]):
            net(batch)
    with torch.no_grad():
        outputs = net.conv(images)
    mean, std = over_all(statistics.sums[0])
    assert float(mean) == pytest.approx(float(outputs.mean()), rel=1e-4)
    assert float(std) == pytest.approx(float(outputs.std(correction=0)), rel=1e-4)
    assert statistics.sums[0].alive.tolist() == [True, False, True]
    means, stds = by_channel(statistics.sums[1])
    given = torch.relu(outputs)
    assert torch.allclose(means, given.mean((0, 2, 3)), rtol=1e-4)
    assert torch.allclose(stds, given.std((0, 2, 3), correction=0), rtol=1e-4, atol=1e-6)
    assert statistics.images == 30
    assert not net._forward_pre_hooks and not net.conv._forward_hooks
