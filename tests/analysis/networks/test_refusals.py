"""Networks that torch refuses: the summary refuses them too, and names the layer."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.errors import UsageError
from tests.analysis.networks.random_layers import Call
from tests.analysis.networks.refused_networks import REFUSED, Refused

pytestmark = pytest.mark.filterwarnings("ignore")


def layer(refused: Refused) -> nn.Module:
    made = eval(refused.code, {"torch": torch, "nn": nn, "F": F})
    return nn.Sequential(made if isinstance(made, nn.Module) else Call(made))


def accepted(net: nn.Module, examples: Tensor) -> bool:
    try:
        net.eval()(examples)
    except Exception:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("refused", REFUSED, ids=lambda each: each.code[:60])
@pytest.mark.parametrize("has_numbers", [True, False], ids=["with numbers", "without"])
def test_refuse_what_torch_refuses(refused: Refused, has_numbers: bool) -> None:
    net = layer(refused)
    assert not accepted(net, torch.rand(2, *refused.sides))
    given = net if has_numbers else net.to("meta")
    with pytest.raises(UsageError, match=rf"layer 0.* failed: .*({refused.words})") as said:
        summarize_module(given, NetInputs.of(refused.sides), net_name="own", title="Own")
    assert "\n" not in str(said.value)
