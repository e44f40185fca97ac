import math
from itertools import pairwise

import pytest
import torch
from torch import nn

from cnn_tui.data.dataset import DataSet
from cnn_tui.nets.build import build
from cnn_tui.training.device.setup import make_net
from cnn_tui.training.loop.optimizers import (
    MOMENTUM,
    clip_gradients,
    gradient_norm,
    lr_at,
    make_optimizer,
    set_lr,
)
from tests.training.conftest import made_up_data, small_config


def rates(total: int = 100, **settings: object) -> list[float]:
    config = small_config(lr=0.1, **settings)
    return [lr_at(config, step, total) for step in range(total)]


def test_a_constant_rate_stays() -> None:
    assert rates(schedule="constant", warmup=0.0) == [0.1] * 100


def test_warm_up_climbs_to_the_peak() -> None:
    climbing = rates(schedule="constant", warmup=0.2)
    assert climbing[0] == pytest.approx(0.005)
    assert climbing[19:] == pytest.approx([0.1] * 81)
    assert climbing[:20] == sorted(climbing[:20])


def test_the_step_schedule_falls_by_ten_at_half_and_three_quarters() -> None:
    falling = rates(schedule="step", warmup=0.0)
    assert falling == pytest.approx([0.1] * 50 + [0.01] * 25 + [0.001] * 25)


@pytest.mark.parametrize("schedule", ["cosine", "onecycle"])
def test_cosine_and_one_cycle_end_near_zero(schedule: str) -> None:
    curve = rates(schedule=schedule, warmup=0.3)
    assert max(curve) == pytest.approx(0.1)
    assert curve.index(max(curve)) in (29, 30)
    assert curve[-1] < 0.001
    assert curve[30:] == sorted(curve[30:], reverse=True)


def test_one_cycle_starts_at_a_part_of_its_peak() -> None:
    assert rates(schedule="onecycle", warmup=0.3)[0] > 0.1 / 25


def test_one_cycle_differs_from_torchs_in_its_rise_and_its_momentum_alone() -> None:
    sgd = torch.optim.SGD([nn.Parameter(torch.zeros(1))], momentum=0.9)
    torchs = torch.optim.lr_scheduler.OneCycleLR(sgd, max_lr=0.1, total_steps=100)
    theirs, momenta = [], []
    for _ in range(99):
        theirs.append(sgd.param_groups[0]["lr"])
        momenta.append(sgd.param_groups[0]["momentum"])
        sgd.step()
        torchs.step()
    ours = rates(schedule="onecycle", warmup=0.3)
    assert theirs[0] == pytest.approx(0.1 / 25)
    assert [later - one for one, later in pairwise(ours[:30])] == pytest.approx([0.0032] * 29)
    as_cosine = [0.1 * (1 - 0.48 * (1 + math.cos(math.pi * step / 29))) for step in range(30)]
    assert theirs[:30] == pytest.approx(as_cosine)
    assert theirs[30:] == pytest.approx(ours[30:99], abs=0.003)
    assert (max(momenta), min(momenta)) == pytest.approx((0.95, 0.85))
    optimizer = make_optimizer(build("lenet5"), small_config(optimizer="sgd"))
    set_lr(optimizer, ours[0])
    assert {group["momentum"] for group in optimizer.param_groups} == {MOMENTUM}


def test_a_run_of_one_step_has_a_rate() -> None:
    for schedule in ("constant", "step", "cosine", "onecycle"):
        assert lr_at(small_config(lr=0.1, schedule=schedule), 0, 1) > 0


def test_weight_decay_spares_norms_and_biases() -> None:
    net = build("cifar10net")
    optimizer = make_optimizer(net, small_config(weight_decay=0.01))
    decayed, spared = optimizer.param_groups
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.01, 0.0)
    weights = {name for name, value in net.named_parameters() if value.ndim > 1}
    assert len(decayed["params"]) == len(weights) == 7
    assert all(value.ndim == 1 for value in spared["params"])


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_every_optimizer_goes_down(name: str) -> None:
    net = torch.nn.Linear(3, 1)
    optimizer = make_optimizer(net, small_config(optimizer=name))
    set_lr(optimizer, 0.05)
    x = torch.ones(8, 3)
    first = last = float("inf")
    for index in range(20):
        loss = (net(x) - 2).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        first = loss.item() if index == 0 else first
        last = loss.item()
    assert last < first


def test_the_seed_alone_decides_the_first_weights() -> None:
    data: DataSet = made_up_data()
    torch.manual_seed(1)
    one = make_net(small_config(seed=5), data).state_dict()
    torch.manual_seed(2)
    same = make_net(small_config(seed=5), data).state_dict()
    other = make_net(small_config(seed=6), data).state_dict()
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["conv1.weight"], other["conv1.weight"])


@pytest.mark.parametrize(("limit", "left"), [(2.0, 2.0), (100.0, 5.0)])
def test_only_gradients_beyond_the_limit_are_shortened(limit: float, left: float) -> None:
    net = nn.Linear(2, 1)
    net.weight.grad = torch.tensor([[3.0, 0.0]])
    net.bias.grad = torch.tensor([-4.0])
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    assert clip_gradients(optimizer, limit).item() == 5.0
    assert gradient_norm(optimizer).item() == pytest.approx(left)
