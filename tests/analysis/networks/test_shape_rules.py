"""The shapes of a run without numbers, held to what torch does with numbers on the CPU."""

from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from torch import Tensor, nn

from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.input_tensors import without_numbers
from cnn_tui.analysis.networks.nested import first_tensor
from cnn_tui.analysis.networks.trace import OperatorTrace
from tests.analysis.networks.random_layers import KINDS, Case

Verdict = tuple[Any, ...] | None
"""The output's shape and type of numbers, None where the case is refused."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_agree_with_torch_about_random_calls(kind: str) -> None:
    compared = _hold_to_torch(KINDS[kind], examples=120)
    assert min(compared[True], compared[False]) >= 15, compared
    assert compared.total() >= 100, compared


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["convolution 2d", "norm"])
def test_agree_with_torch_about_some_random_calls(kind: str) -> None:
    compared = _hold_to_torch(KINDS[kind], examples=20)
    assert min(compared[True], compared[False]) >= 2, compared


def _hold_to_torch(cases: Any, examples: int) -> Counter[bool]:
    """How many cases torch accepts (True) and refuses (False), of those that were compared."""
    compared = Counter[bool]()

    @settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def hold(case: Case) -> None:
        try:
            net = case.net()
        except (ValueError, AssertionError):  # no layer can be made like that
            return
        said = _by_torch(net, case)
        if said is None or 0 not in said:  # what torch makes of nothing differs from call to call
            assert _by_rule(net, case) == said
            compared[said is not None] += 1

    hold()
    return compared


def _by_torch(net: nn.Module, case: Case) -> Verdict:
    try:
        with torch.inference_mode():
            return _described(net(torch.rand(1, *case.image)))
    except (RuntimeError, ValueError, IndexError, AssertionError, TypeError):
        return None


def _by_rule(net: nn.Module, case: Case) -> Verdict:
    try:
        image = without_numbers(NetInputs.of(case.image))
        return _described(OperatorTrace(net.to("meta"), image).run())
    except Exception:
        return None


def _described(output: Any) -> Verdict:
    tensor = first_tensor(output)
    assert isinstance(tensor, Tensor)
    return *tensor.shape, tensor.dtype
