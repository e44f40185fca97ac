"""Networks in notebooks: by name, by record, by file, and as modules that were built already."""

from pathlib import Path

import pytest
import torch
from torch import nn

import cnn_tui as lab
from cnn_tui.api.inputs import GivenInputs
from cnn_tui.engine import jobs
from cnn_tui.errors import UsageError


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4 * 14 * 14, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.norm(self.conv(x)).flatten(1))


class WithFacts(Small):
    def forward(self, x: torch.Tensor, facts: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + facts.sum()


class Branches(Small):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) if float(x.sum()) > 0 else self.conv(x)


def test_a_summary_is_the_record_of_the_command() -> None:
    seen = lab.summary("vgg11,batch_norm=true", input_shape=[3, 64, 64])
    record = jobs.summarize("vgg11,batch_norm=true", (3, 64, 64))
    assert seen.to_json() == record.to_json()
    assert seen.net == "vgg11,batch_norm=true"
    assert lab.receptive_field("vgg11").to_json() == jobs.summarize("vgg11").receptive_field_json()


def test_what_list_nets_gives_can_be_built_and_inspected() -> None:
    nets = lab.list_nets()
    assert len(nets) == len(nets.names) == len(list(nets))
    assert [net.name for net in nets[:2]] == ["lenet5", "alexnet"]
    assert lab.summary(nets["LeNet-5"]).total_parameters == nets[0].parameters
    assert sum(each.numel() for each in lab.build(nets[0]).parameters()) == nets[0].parameters


def test_a_module_is_inspected_and_left_as_it_is() -> None:
    net = Small()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    for timed in (False, True):
        seen = lab.summary(net, time=timed)
        assert seen.net == seen.title == "Small"
        assert seen.input_shape == (3, 16, 16)
        assert seen.total_parameters == sum(each.numel() for each in net.parameters())
        assert (seen.total_seconds is not None) == timed
    assert net.training and net.norm.training
    after = net.state_dict()
    assert all(after[name].equal(value) for name, value in before.items())


def test_a_module_that_needs_numbers_runs_in_a_copy() -> None:
    net = Branches()
    seen = lab.summary(net, input_shape=(3, 16, 16))
    assert seen.output_shape == (2,)
    assert seen.note.startswith("Its forward needs real numbers")
    assert net.training


def test_a_module_on_the_meta_device_stays_in_training_mode() -> None:
    with torch.device("meta"):
        net = Small()
    assert lab.summary(net).total_macs == lab.summary(Small()).total_macs
    assert net.training


def test_compares_names_modules_and_files(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("from tests.api.test_networks import Small\n")
    seen = lab.compare("cifar10net", Small(), f"{file}:Small", input_shape=(3, 16, 16))
    assert seen.nets == ("cifar10net", "Small", f"{file}:Small")
    assert seen[1].total_macs == seen[2].total_macs
    assert [each["net"] for each in seen.to_json()] == list(seen.nets)


@pytest.mark.parametrize(
    "given",
    [
        ["3,16,16", "4"],
        [(3, 16, 16), 4],
        {"x": (3, 16, 16), "facts": "4:float32"},
        {"facts": [4], "x": "3,16,16"},
    ],
)
def test_inputs_are_texts_shapes_lists_and_mappings(given: GivenInputs) -> None:
    seen = lab.summary(WithFacts(), input=given, batch=2)
    assert {spec.shape for spec in seen.inputs} == {(3, 16, 16), (4,)}
    assert (seen.batch, seen.output_shape) == (2, (2,))


def test_an_input_alone_needs_no_list() -> None:
    alone = (784, "784", (784,), ["784"])
    net = torch.nn.Linear(784, 3)
    assert {lab.summary(net, input=each).input_shape for each in alone} == {(784,)}
    assert lab.summary(net, input=784, no_batch=True).batch is None
    assert lab.receptive_field("lenet5", input=(1, 32, 32)).input_shape == (1, 32, 32)
    assert lab.compare("lenet5", "cifar10net", input="3,32,32")[0].input_shape == (3, 32, 32)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: lab.summary("lenet6"), "did you mean lenet5"),
        (lambda: lab.summary(3), "not 3"),  # type: ignore[arg-type]
        (lambda: lab.summary("lenet5", input_shape=(1, 28)), "channels,height,width"),
        (lambda: lab.summary("lenet5", input_shape="1,28,28"), "such as"),
        (lambda: lab.summary(Small(), input_shape=(1, 16, 16)), "Small cannot take"),
        (lambda: lab.summary("lenet5", input=(1, 0, 28)), "sides from 1"),
        (lambda: lab.summary("lenet5", input=(1, 2.5)), "not \\(1, 2.5\\)"),  # type: ignore[arg-type]
        (lambda: lab.summary("lenet5", input=3, input_shape=(1, 28, 28)), "give one of them"),
        (lambda: lab.compare("lenet5"), "two networks or more"),
        (lambda: lab.build("alexnet", batch_norm=True), "no option of AlexNet"),
    ],
)
def test_one_sentence_says_what_is_wrong(call: "object", sentence: str) -> None:
    with pytest.raises(lab.LabError, match=sentence) as caught:
        call()  # type: ignore[operator]
    assert isinstance(caught.value, UsageError)


def test_a_summary_has_its_costs_on_a_device() -> None:
    priced = lab.summary("lenet5").costs("a100", precision="bf16", batch_size=64)
    assert (priced.device.name, priced.batch_size) == ("A100 80GB SXM", 64)
    assert "A100 80GB SXM" in str(priced)
    assert priced.to_json()["seconds"] == priced.seconds > 0
