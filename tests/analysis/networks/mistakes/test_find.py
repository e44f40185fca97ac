"""Every mistake is named in a network that has it, and in none that only looks like it."""

import copy
import re
from collections.abc import Iterable

import pytest
import torch
from torch import Tensor, nn

from cnn_tui.analysis.networks.modules import summarize_instance
from cnn_tui.analysis.networks.records import NetNote
from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.chapter.catalogue import topics
from tests.analysis.networks.mistakes.cases import (
    RIGHT,
    SLOW,
    SLOW_RIGHT,
    WRONG,
    Branch,
    Folds,
    FrozenUnused,
    Net,
    Unused,
)

SHAPE = (3, 8, 8)
CASES = [(kind, net) for kind, nets in WRONG.items() for net in nets]
KINDS = [pytest.param(SLOW, marks=pytest.mark.slow), *(each for each in WRONG if each != SLOW)]


def notes_of(kind: type[nn.Module]) -> tuple[NetNote, ...]:
    with torch.device("meta"):
        net = kind()
    return summarize_module(net, SHAPE, net_name="own", title="Own").notes


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "net"), CASES, ids=lambda each: getattr(each, "__name__", each))
def test_names_the_mistake_and_nothing_else(kind: str, net: type[nn.Module]) -> None:
    assert [note.kind for note in notes_of(net)] == [kind]


def test_says_nothing_about_networks_that_only_look_like_it() -> None:
    assert wrongly_named(RIGHT) == {}


@pytest.mark.slow
def test_says_nothing_about_others_that_take_longer() -> None:
    assert wrongly_named(SLOW_RIGHT) == {}


def wrongly_named(nets: Iterable[type[nn.Module]]) -> dict[str, tuple[NetNote, ...]]:
    return {net.__name__: notes for net in nets if (notes := notes_of(net))}


def test_leads_to_topics_that_there_are() -> None:
    known = {topic.slug for topic in topics()}
    quick = [nets[0] for kind, nets in WRONG.items() if kind != SLOW]
    assert {note.topic for net in quick for note in notes_of(net)} <= known


MESSAGES = {
    ("unregistered", "blocks"): "the 584 parameters in it, so no optimizer trains them.*ModuleList",
    ("made-in-forward", ""): r"Linear\(in_features=128, .* is made in forward: each call makes new",
    ("dropout-in-eval", "dropout"): "dropout in forward also drops in evaluation",
    ("folded-batch", "view"): "8×4×4, 128 numbers for each image, .* give fc 128 input features",
    ("final-softmax", "softmax"): "The last operation is softmax in forward. .* wants logits",
    ("softmax-dim", "softmax"): "dim 0, the images of the batch",
    ("final-sigmoid", "sigmoid"): "nn.BCEWithLogitsLoss",
    ("final-relu", "relu"): "the last layer, fc, and sets every negative score to 0",
    ("final-dropout", "drop"): r"dropout \(drop\) follows the last layer",
    ("class-numbers", "argmax"): "Return the logits",
    ("bias-before-batch-norm", "conv2"): "bn subtracts .* bias=False; that saves 8 parameters",
    ("repeated-relu", "act"): r"act changes nothing: a ReLU \(relu in forward\)",
    ("repeated-linear", "fc.1"): "fc.0 and fc.1 follow each other without an activation",
    ("nothing-to-pool", "adaptive_avg_pool2d"): "1×1 already. max_pool2d in forward has pooled "
    "the whole map before, with one window: remove one of them",
    ("dead-branch", "side"): "What side computes is not part of the output, so that 72 parameters",
    ("unused-layer", "side"): "forward never uses side: 72 parameters learn nothing",
}


@pytest.mark.parametrize("kind", KINDS)
def test_names_the_layer_and_what_to_do(kind: str) -> None:
    (note,) = notes_of(WRONG[kind][0])
    assert note.kind == kind
    assert re.search(MESSAGES[kind, note.layer], note.message)


def test_two_classes_with_one_output_are_told_apart() -> None:
    several, two = (notes_of(net)[0].message for net in WRONG["final-sigmoid"])
    assert "nn.BCELoss wants it" in two
    assert "nn.BCELoss wants it" not in several


def test_counts_what_has_the_same_mistake() -> None:
    blocks = [nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.ReLU()) for _ in range(3)]
    (note,) = summarize_instance(nn.Sequential(*blocks), SHAPE).notes
    assert note.layer == "0.0"
    assert "saves 9 parameters, with the same in 2 more." in note.message


def test_counts_the_places_that_have_the_same_mistake() -> None:
    relus = [nn.Conv2d(3, 3, 1), *(nn.ReLU() for _ in range(3)), nn.Conv2d(3, 3, 1)]
    (note,) = summarize_instance(nn.Sequential(*relus), SHAPE).notes
    assert note.kind == "repeated-relu"
    assert note.message.endswith(" The same happens in 1 more place.")


def test_names_the_cause_of_a_map_with_nothing_to_pool() -> None:
    strides = (nn.Conv2d(3, 3, 3, stride=2, padding=1) for _ in range(3))
    causes = {
        "The input is too small for so many strides": nn.Sequential(*strides),
        "layer 0 has pooled it before": nn.AdaptiveAvgPool2d(1),
        "layer 0 has pooled the whole map before, with one window": nn.MaxPool2d(8),
    }
    for cause, layers in causes.items():
        net = nn.Sequential(layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4))
        (note,) = summarize_instance(net, SHAPE).notes
        assert (note.kind, note.layer) == ("nothing-to-pool", "1")
        assert f"1×1 already. {cause}" in note.message


class LooksAtNumbers(Net):
    def forward(self, x: Tensor) -> Tensor:
        scores = self.scores(x)
        return scores.softmax(1) if float(scores.sum()) != 0.5 else scores


def test_reads_a_run_with_numbers_too_and_leaves_the_network_as_it_was() -> None:
    net = LooksAtNumbers()
    before = copy.deepcopy(net.state_dict())
    (note,) = summarize_instance(net, SHAPE).notes
    assert note.kind == "final-softmax"
    assert net.training
    assert all(torch.equal(each, before[name]) for name, each in net.state_dict().items())


class SideForSomeImages(Branch):
    def features(self, x: Tensor) -> Tensor:
        x = Net.features(self, x)
        return self.side(x) if x.mean((0, 1, 2, 3)).item() > 1e9 else x


def test_calls_no_layer_unused_that_another_image_may_reach() -> None:
    summary = summarize_instance(SideForSomeImages(), SHAPE)
    assert summary.notes == ()
    assert "another image may take another path" in summary.note
    assert "72 of the parameters took no part in this forward: side.weight" in summary.note


def test_leaves_to_a_mistake_what_follows_from_it() -> None:
    folded, unused, frozen = (
        summarize_instance(net(), SHAPE) for net in (Folds, Unused, FrozenUnused)
    )
    assert ([note.kind for note in folded.notes], folded.note) == (["folded-batch"], "")
    assert ([note.kind for note in unused.notes], unused.note) == (["unused-layer"], "")
    assert (frozen.notes, frozen.note) == (
        (),
        "72 of the parameters took no part in this forward: side.weight, side.bias.",
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_says_what_of_a_quantized_network_is_not_counted() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 10))
    packed = torch.ao.quantization.quantize_dynamic(net, {nn.Linear}, dtype=torch.qint8)
    (note,) = summarize_instance(packed, SHAPE).notes
    assert (note.kind, note.layer) == ("quantized", "1")
    assert "layer 1 is quantized: 1,920 weights" in note.message


def test_is_part_of_the_document() -> None:
    summary = summarize_instance(nn.Sequential(nn.Flatten(), nn.Linear(192, 10), nn.ReLU()), SHAPE)
    (note,) = summary.to_json()["notes"]
    assert (note["kind"], note["layer"], note["topic"]) == ("final-relu", "2", "predictions")
    assert note["message"] == summary.notes[0].message
