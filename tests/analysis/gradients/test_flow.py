"""The lab measures what deep stacks let through of a gradient."""

import math

import pytest
import torch
from torch.nn import functional as F

from cnn_tui.analysis.gradients.flow import ARMS, gradient_flow
from cnn_tui.analysis.gradients.records import GradientFlow

DEPTHS = (2, 8, 32)


@pytest.fixture(scope="module")
def flows() -> dict[str, GradientFlow]:
    return {flow.label: flow for flow in gradient_flow(DEPTHS)}


def test_measures_plain_and_residual_stacks_with_and_without_batch_norm(flows) -> None:
    assert list(flows) == ["plain", "residual", "plain with BN", "residual with BN"]
    assert {flow.depths for flow in flows.values()} == {DEPTHS}


def test_finds_that_only_the_plain_stack_loses_its_gradient(flows) -> None:
    assert flows["plain"].norms[-1] < 1e-20
    assert 0.1 < flows["residual"].norms[-1] < 10
    assert flows["plain"].factor_per_block < 0.2
    assert flows["residual"].factor_per_block == pytest.approx(1, abs=0.02)


def test_finds_that_batch_norm_makes_the_plain_stack_explode_and_the_residual_one_grow(flows):
    plain, residual = flows["plain with BN"].norms, flows["residual with BN"].norms
    assert plain[-1] > 1000 * residual[-1] > 1000
    assert list(plain) == sorted(plain)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_finds_the_same_for_other_weights(seed: int) -> None:
    plain, residual, *_ = gradient_flow((16,), seed=seed)
    assert residual.norms[0] > 1e6 * plain.norms[0]


def test_gives_the_same_bits_again_and_leaves_the_callers_draws_alone(flows) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    again = gradient_flow(DEPTHS)
    assert {flow.label: flow for flow in again} == flows
    assert torch.equal(torch.rand(3), expected)
    assert gradient_flow((2,), seed=1) != gradient_flow((2,))


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: arm.label)
def test_agrees_with_a_stack_written_out_by_hand(arm) -> None:
    (flow,) = gradient_flow((2,), seed=3, channels=4, arms=[arm])
    torch.manual_seed(3)
    convolutions = [torch.nn.Conv2d(4, 4, 3, padding=1) for _ in range(4)]
    x = torch.randn(4, 4, 8, 8, dtype=torch.double, requires_grad=True)

    def normalized(y: torch.Tensor) -> torch.Tensor:
        if not arm.batch_norm:
            return y
        mean = y.mean((0, 2, 3), keepdim=True)
        variance = ((y - mean) ** 2).mean((0, 2, 3), keepdim=True)
        return (y - mean) / (variance + 1e-5).sqrt()

    def convolved(y: torch.Tensor, layer: torch.nn.Conv2d) -> torch.Tensor:
        return normalized(F.conv2d(y, layer.weight.double(), layer.bias.double(), padding=1))

    y = x
    for first, second in (convolutions[:2], convolutions[2:]):
        out = convolved(convolved(y, first).clamp(min=0), second)
        y = (out + y if arm.skip else out).clamp(min=0)
    upstream = torch.randn_like(y)
    (y * upstream / upstream.norm()).sum().backward()
    assert flow.norms[0] == pytest.approx(x.grad.norm().item(), rel=1e-9)


def test_draws_weights_as_he_proposed() -> None:
    plain, *_ = gradient_flow((32,), initialization="he")
    assert 1e-4 < plain.norms[0] < 1


@pytest.mark.parametrize(
    ("norms", "factor"),
    [((1.0, 0.25), 0.5), ((1.0, 0.0), None), ((0.0, 1.0), None), ((1.0, math.inf), None)],
)
def test_averages_the_factor_of_one_block(norms: tuple[float, ...], factor: float | None) -> None:
    assert GradientFlow("made up", (2, 4), norms).factor_per_block == factor


def test_has_no_factor_for_a_single_depth() -> None:
    assert GradientFlow("made up", (4,), (0.5,)).factor_per_block is None
