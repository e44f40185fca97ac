"""The lab compares where rounding decides nothing."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tui.grading.adam import train_by_adam
from cnn_tui.grading.steady import MAX_DRAWS, steady

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
