"""The lab compares where rounding decides nothing."""

from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tui.grading.checks.adam import train_by_adam
from cnn_tui.grading.checks.stability import MAX_DRAWS, steady

ON_THE_VERGE, CLEAR = torch.tensor([[1.0, 1.0 + 1e-7]]), torch.tensor([[1.0, 2.0]])


def test_draws_anew_where_a_relu_is_on_the_verge_of_0() -> None:
    drawn, wanted = _steady_gradient(iter([ON_THE_VERGE, CLEAR]))
    assert drawn is CLEAR
    assert torch.equal(wanted["gradient"], torch.tensor([[-1.0, 1.0]]))


def test_makes_do_with_the_last_draw_if_none_is_steady() -> None:
    drawn, _ = _steady_gradient(iter([ON_THE_VERGE] * MAX_DRAWS))
    assert drawn is ON_THE_VERGE


def test_lets_an_outcome_train_the_network_and_keeps_it_as_it_is() -> None:
    net = _difference()

    def trained(copy: nn.Module, images: Tensor) -> dict[str, Tensor]:
        train_by_adam(copy, [(images, torch.tensor([0]))], 0.5)
        return {"weight": next(copy.parameters()).detach().clone()}

    _, wanted = steady(lambda: CLEAR, trained, net, torch.Generator().manual_seed(1))
    assert not torch.equal(wanted["weight"], net.weight)
    assert torch.equal(net.weight, _difference().weight)


def test_takes_back_values_buffers_modes_and_gradients_also_after_an_error() -> None:
    net = nn.Sequential(_difference(), nn.BatchNorm1d(2)).eval()
    before = {key: each.clone() for key, each in net.state_dict().items()}
    seen = []

    def outcome(copy: nn.Module, images: Tensor) -> dict[str, Tensor]:
        seen.append(copy[1].running_mean.clone())
        assert not copy.training
        assert all(each.grad is None for each in copy.parameters())
        copy.train()(torch.cat([images, 2 * images])).sum().backward()
        if len(seen) == 5:
            raise ValueError("stop")
        return {"one": torch.ones(1)}

    with pytest.raises(ValueError, match="stop"):
        steady(lambda: CLEAR, outcome, net, torch.Generator().manual_seed(1))
    assert len(seen) == 5
    assert all(torch.equal(each, before["1.running_mean"]) for each in seen)
    assert not any(module.training for module in net.modules())
    assert all(torch.equal(each, before[key]) for key, each in net.state_dict().items())
    assert all(each.grad is None for each in net.parameters())


def _steady_gradient(draws: Iterator[Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    def gradient(net: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        leaf = inputs.clone().requires_grad_()
        return {"gradient": torch.autograd.grad(F.relu(net(leaf)[:, 0]).sum(), leaf)[0]}

    generator = torch.Generator().manual_seed(0)
    drawn, wanted = steady(lambda: next(draws), gradient, _difference(), generator)
    return drawn, dict(wanted)


def _difference() -> nn.Linear:
    """The second of two inputs minus the first, and the first minus the second."""
    net = nn.Linear(2, 2, bias=False)
    net.load_state_dict({"weight": torch.tensor([[-1.0, 1.0], [1.0, -1.0]])})
    return net
