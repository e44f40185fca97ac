"""Inputs of any rank, type, name and number, held against what torch answers to them."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.input_tensors import with_numbers
from cnn_tui.analysis.networks.input_texts import parse_line
from cnn_tui.analysis.networks.modules import summarize_instance
from cnn_tui.analysis.networks.nested import first_tensor
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.errors import UsageError
from tests.analysis.networks import any_input as nets

TAKEN: list[tuple[type[nn.Module], str, int, int]] = [
    (nets.Perceptron, "12", 12 * 8 + 8 * 3, 2),
    (nets.Perceptron, "5,12", 5 * (12 * 8 + 8 * 3), 2),
    (nets.Perceptron, "12 batch 4", 4 * (12 * 8 + 8 * 3), 2),
    (nets.Perceptron, "12 no-batch", 12 * 8 + 8 * 3, 2),
    (nets.Signal, "2,25", 11 * 4 * 2 * 5 + 12, 2),
    (nets.Volume, "1,6,5,5", 36 * 4 * 27 + 4 * 36 * 3, 2),
    (nets.Two, "3,8,8 10", 36 * 4 * 27 + 80 + 32, 2),
    (nets.Two, "facts=10 image=3,8,8", 36 * 4 * 27 + 80 + 32, 2),
    (nets.FixedBatch, "3,4,4 batch 8", 8 * 48 * 3, 1),
    (nets.OneExample, "3,4,4 no-batch", 16 * 15, 1),
    (nets.OneValue, "4", 4, 1),
    (nets.Optional, "4 skip=3", 16, 1),
    (nets.Bytes, "3,8,8:uint8", 36 * 4 * 27, 1),
]
LOOKED_UP: list[tuple[type[nn.Module], str, int, int]] = [
    (nets.Tokens, "7:int64", 18, 1),
    (nets.Masked, "7:int64 mask=7:bool", 18, 1),
    (nets.Step, "3,8,8 scalar:int64", 64 * 4 * 27, 1),
    (nets.Magnitude, "8:complex64", 32, 1),
]
"""What torch loads a second of modules for."""


def taken(net: nn.Module, line: str, *, timed: bool = False) -> NetSummary:
    return summarize_instance(net, parse_line(line), timed=timed)


def answered(net: nn.Module, inputs: NetInputs) -> tuple[int, ...]:
    """The shape of what torch answers, without the batch where there is one."""
    with torch.no_grad():
        tensor = first_tensor(with_numbers(inputs).call(net.eval()))
    assert tensor is not None
    return tuple(tensor.shape[inputs.has_batch :])


@pytest.mark.parametrize(
    ("make", "line", "macs", "depth"),
    [*TAKEN, *(pytest.param(*each, marks=pytest.mark.slow) for each in LOOKED_UP)],
)
def test_agrees_with_torch(make: type[nn.Module], line: str, macs: int, depth: int) -> None:
    net, inputs = make(), parse_line(line)
    summary = taken(net, line)
    assert summary.output_shape == answered(net, inputs)
    assert (summary.total_macs, summary.depth) == (macs, depth)
    assert summary.total_parameters == sum(each.numel() for each in net.parameters())
    assert summary.given == inputs
    assert summary.input_shape == inputs.specs[0].shape
    document = summary.to_json()
    assert document["inputs"] == [each.to_json() for each in inputs.specs]
    assert document["batch"] == (inputs.batch or 1 if inputs.has_batch else None)


@pytest.mark.slow
def test_a_recurrent_network_is_as_deep_as_its_layers() -> None:
    net = nets.Recurrent()
    short, long = taken(net, "4:int64"), taken(net, "9:int64")
    assert short.depth == long.depth == 3
    assert short.output_shape == answered(net, parse_line("4:int64")) == (4, 20)
    assert short.total_macs == 4 * (4 * 5 * (6 + 5) + 4 * 5 * (5 + 5) + 5 * 20)


def test_only_images_signals_and_volumes_have_a_receptive_field() -> None:
    fields = {line: taken(make(), line).receptive_field for make, line, *_ in TAKEN}
    numbers = ("12", "5,12", "12 batch 4", "12 no-batch", "4", "4 skip=3")
    assert {line: field for line, field in fields.items() if field is None} == dict.fromkeys(
        numbers
    )
    assert (fields["2,25"], fields["1,6,5,5"], fields["3,8,8:uint8"]) == (5, 3, 3)
    rows = {row.name: row.receptive_field for row in taken(nets.Two(), "3,8,8 10").layers}
    assert (rows["conv"], rows["deep.0"]) == (3, None)


def test_a_field_without_a_batch_is_that_with_one() -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3)
    )
    with_batch, alone = taken(net, "3,32,32"), taken(net, "3,32,32 no-batch")
    assert with_batch.receptive_field == alone.receptive_field == 13
    shown = [[replace(row, activations=0) for row in each.layers] for each in (with_batch, alone)]
    assert shown[0] == shown[1]


@pytest.mark.slow
@pytest.mark.parametrize(("make", "line"), [(each[0], each[1]) for each in TAKEN[::3]])
def test_is_timed_on_the_same_inputs(make: type[nn.Module], line: str) -> None:
    assert taken(make(), line, timed=True).total_seconds


def test_says_what_the_counts_are_for() -> None:
    summary = taken(nets.FixedBatch(), "3,4,4 batch 8", timed=True)
    assert summary.given.amount == "a batch of 8"
    assert "passes of a batch of 8 on" in summary.note


@pytest.mark.parametrize(
    ("make", "assumed"),
    [
        (nets.Perceptron, "12"),
        (nets.Signal, "2,1024"),
        pytest.param(nets.Tokens, "16:int64", marks=pytest.mark.slow),
        (nets.Bytes, "3,32,32"),
    ],
)
def test_a_first_layer_tells_what_it_takes(make: type[nn.Module], assumed: str) -> None:
    summary = summarize_instance(make())
    assert summary.given == parse_line(assumed)
    assert "No input shape was given" in summary.note


@pytest.mark.parametrize(
    ("net", "sentence", "fields"),
    [
        (nets.Silent(3, 4, 3), "returns nothing (None): end it with return, as in return x.", ()),
        (
            nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2, padding=2)),
            "layer 1 failed: its padding of 2 is more than half of its 2×2 window.",
            (),
        ),
        (
            nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(7, 3)),
            "No input shape was given: give one, such as 3,32,32.",
            ("input_shape",),
        ),
        (
            nets.Listed(),
            "hidden is a Python list, which registers none of its layers, so the first layer may "
            "be one of them: use nn.ModuleList, or give the input shape.",
            ("input_shape",),
        ),
    ],
    ids=["silent", "padding", "another input", "a list"],
)
def test_asks_for_an_input_only_where_another_could_help(
    net: nn.Module, sentence: str, fields: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as caught:
        summarize_instance(net)
    assert str(caught.value).endswith(sentence)
    assert caught.value.fields == fields


def test_a_batch_alone_leaves_the_rest_to_the_first_layer() -> None:
    assert taken(nets.Perceptron(), "batch 3").given == parse_line("12 batch 3")


@pytest.mark.parametrize(
    ("make", "line", "sentence", "field"),
    [
        (nets.Two, "3,8,8", "takes 2 inputs (image and facts), and 1 was given", "input_shape"),
        (nets.Two, "", "takes 2 inputs (image and facts): give the shape of each", "input_shape"),
        (nets.Two, "3,8,8 10 5", "3 were given: leave out what is too many", "input_shape"),
        (nets.Two, "3,8,8 fact=10", "no parameter fact: did you mean facts?", "input_shape"),
        (nets.Two, "3,8,8 colour=10", "colour: it takes image and facts", "input_shape"),
        (nets.Two, "3,8,8 10 facts=10", "would get facts twice", "input_shape"),
        (nets.Masked, "7:int64", "mask by name only: give mask=SHAPE too", "input_shape"),
        (nets.Tokens, "7", "give them as int64, such as 7:int64", "input_shape"),
        (nets.Perceptron, "12:int64", "its weights are float32, but got int64", "input_shape"),
        (nets.Perceptron, "3,4", "it takes 12 features, but got 3×4: flatten it", "input_shape"),
        (nets.Signal, "25", "it slides over sequences (channels,length)", "input_shape"),
        (nets.Volume, "1,5,5", "volumes (channels,depth,height,width)", "input_shape"),
        (nets.FixedBatch, "3,4,4", "If its forward takes batches of 8 only", "batch"),
        (nets.FixedBatch, "3,3,3", "If its forward takes batches of 8 only", "batch"),
        (nets.OneExample, "3,4,4", "can be run without a batch", "no_batch"),
        (nets.Checked, "3,4,4", "can be run without a batch", "no_batch"),
        (nets.Told, "3,4,4", "can be run without a batch", "no_batch"),
        (nets.Two, "1,28,28", "give facts too, such as 1,28,28 or 16:int64", "input_shape"),
        (nets.Optional, "4", "It was not given skip: add skip=SHAPE", "input_shape"),
    ],
)
def test_says_what_to_give_instead(
    make: type[nn.Module], line: str, sentence: str, field: str
) -> None:
    with pytest.raises(UsageError) as caught:
        taken(make(), line)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.fields == (field,)


def test_an_error_without_a_text_is_named_once() -> None:
    with pytest.raises(UsageError, match=r"its forward failed: AssertionError \(any_input") as said:
        taken(nets.Checked(), "4,4,4")
    assert "without a batch" not in str(said.value)


@pytest.mark.slow
@pytest.mark.parametrize(("line", "noun"), [("2,25", "example"), ("2,25 batch 3", "batch of 3")])
def test_says_what_ran_where_numbers_were_needed(line: str, noun: str) -> None:
    assert f"on one random {noun}; another {noun} may" in taken(nets.Branching(), line).note


@pytest.mark.parametrize(
    "line", ["784", "1,28", "1,28,28 10", "x=1,28,28", "1,28,28:uint8", "1,28,28 no-batch"]
)
def test_a_network_of_the_catalogue_takes_images(line: str) -> None:
    with pytest.raises(UsageError) as caught:
        summarize("lenet5", parse_line(line))
    sentence = "LeNet-5 takes batches of images and nothing else: give channels,height,width, such"
    assert str(caught.value).startswith(sentence)


def test_counts_of_the_catalogue_are_for_the_batch() -> None:
    one = summarize("lenet5")
    four = summarize("lenet5", replace(NetInputs.of((1, 28, 28)), batch=4))
    assert (four.total_macs, four.batch) == (4 * one.total_macs, 4)
    assert four.receptive_field == one.receptive_field
