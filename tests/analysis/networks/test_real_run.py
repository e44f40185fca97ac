"""The run with numbers that confirms a summary, or refuses the network."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnn_tui.analysis.networks import real_run
from cnn_tui.analysis.networks.input_specs import InputSpec, NetInputs
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.summary import summarize, summarize_module
from cnn_tui.errors import UsageError
from tests.analysis.networks.random_layers import Call


def own(net: nn.Module, inputs: NetInputs | tuple[int, ...] = (3, 8, 8), **how: Any) -> NetSummary:
    return summarize_module(net, inputs, net_name="own", title="Own", **how)


def test_says_that_it_ran() -> None:
    summary = own(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    assert summary.real_run == "on the CPU, with a batch of 2"
    assert summary.to_json()["real_run"] == summary.real_run


def test_runs_no_more_than_once() -> None:
    batches: list[int] = []

    def note(x: Tensor) -> Tensor:
        if not x.is_meta:
            batches.append(len(x))
        return x

    own(nn.Sequential(nn.Conv2d(3, 4, 3), Call(note)))
    assert batches == [2]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (NetInputs((InputSpec((4,)),), batch=3), "on the CPU, with a batch of 3"),
        (NetInputs((InputSpec((4,)),), has_batch=False), "on the CPU, with one example"),
    ],
)
def test_runs_on_the_batch_that_is_asked_for(inputs: NetInputs, said: str) -> None:
    assert own(nn.Linear(4, 2), inputs).real_run == said


def test_refuses_what_folds_a_batch_and_says_what_to_do() -> None:
    net = nn.Sequential(Call(lambda x: x.view(1, -1)), nn.Linear(192, 2))
    sentence = (
        r"takes one example of 3×8×8, but no batch of 2: layer 1, given 384, .*x.flatten\(1\)"
    )
    with pytest.raises(UsageError, match=sentence):
        own(net)
    fixed = NetInputs((InputSpec((3, 8, 8)),), batch=1)
    assert own(net, fixed).output_shape == (2,)


def test_says_how_a_batch_came_out_that_is_no_longer_one() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 1), Call(lambda x: x.view(1, -1)))
    assert own(net).real_run.endswith("which came out as 1×512")


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        (lambda x: x.view(-1, 2), "which came out as 192×2"),
        (lambda x: x.reshape(-1, 2), "which came out as 192×2"),
        (lambda x: x.sum((0, 3))[:2], "which came out as 2×8"),
        (
            lambda x: x.reshape(4, 8, -1).mean(-1),
            "which came out as 4×8; if its forward takes batches of 4 only, give it such a batch",
        ),
        (lambda x: x.squeeze(), "with a batch of 2"),
    ],
)
def test_no_side_that_is_2_by_chance_counts_as_the_batch(
    forward: Callable[[Tensor], Tensor], said: str
) -> None:
    assert own(Call(forward)).real_run.endswith(said)


def test_takes_a_batch_that_moves_to_another_dimension() -> None:
    net = nn.Sequential(nn.Linear(4, 4), Call(lambda x: x.transpose(0, 1)), nn.Linear(4, 2))
    summary = own(net, (5, 4))
    assert summary.real_run == "on the CPU, with a batch of 2"
    assert summary.note == ""


def test_believes_the_numbers_where_the_shapes_differ() -> None:
    """Such as a forward that asks where it runs."""
    net = nn.Sequential(nn.Conv2d(3, 4, 1), Call(lambda x: x if x.is_meta else x[:, :, :4]))
    summary = own(net)
    assert summary.output_shape == (4, 4, 8)
    assert "needs real numbers" in summary.note


@pytest.mark.parametrize(
    ("net", "shape", "said"),
    [
        (lambda: nn.Conv2d(512, 512, 3), (512, 128, 128), "none: it would take about 3.8 s and"),
        (lambda: nn.ReLU(), (4, 3000, 3000), "none: it would take about 0.4 s and 1.2 GB"),
    ],
)
def test_does_not_run_what_takes_much(
    net: Callable[[], nn.Module], shape: tuple[int, ...], said: str
) -> None:
    with torch.device("meta"):
        bare = net()
    summary = own(bare, shape, rebuild=lambda: pytest.fail("it was built"))
    assert summary.real_run.startswith(said)


def test_does_not_run_a_network_without_numbers() -> None:
    assert own(nn.Linear(8, 2).to("meta")).real_run == "none: the network was given without numbers"


def test_needs_no_run_of_the_labs_own_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_run, "run", lambda *_: pytest.fail("it ran"))
    assert summarize("lenet5", (1, 32, 32)).real_run.startswith("none needed")


@pytest.mark.parametrize(
    "message",
    [
        "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory",
        "\"baddbmm\" not implemented for 'Half'",
    ],
)
def test_refuses_nothing_for_what_the_cpu_lacks(message: str) -> None:
    def fail(x: Tensor) -> Tensor:
        if not x.is_meta:
            raise RuntimeError(message)
        return x

    summary = own(nn.Sequential(nn.Conv2d(3, 4, 1), Call(fail)))
    assert summary.real_run.startswith("none: the CPU could not do it (")


def test_leaves_the_callers_random_numbers_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    bare = nn.Linear(8, 2).to("meta")
    torch.manual_seed(3)
    own(bare, rebuild=lambda: nn.Linear(8, 2))
    assert torch.equal(torch.rand(2), expected)
