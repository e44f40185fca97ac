"""What is said of a network's inside: of each broken one its fault, of a sound one nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cnn_tui.chapter.catalogue import topic
from cnn_tui.training.inspection_advice import advise_inside
from cnn_tui.training.store.inspection_records import Inspection, Inspections, LayerInspection

SOUND = tuple(
    LayerInspection(name, kind, 2.0, 0.5, 0.004, is_matrix, 0.1, 1.0, dead, gap, ratio)
    for name, kind, is_matrix, dead, gap, ratio in (
        ("conv1", "Conv2d", True, 0.0, None, None),
        ("bn1", "BatchNorm2d", False, 0.05, 0.1, 1.05),
        ("conv2", "Conv2d", True, 0.1, None, None),
        ("fc", "Linear", True, None, None, None),
    )
)
Change = Callable[[LayerInspection], LayerInspection]


def inspected(change: Change, name: str, images: int = 600, rate: float = 0.9) -> Inspections:
    layers = tuple(change(each) if each.name == name else each for each in SOUND)
    epochs = (1, 2, 3)
    return Inspections(
        tuple(Inspection(10 * each, each, rate, images, layers) for each in epochs), None
    )


def rules(found: Inspections) -> list[str]:
    return [each.rule for each in advise_inside(found)]


def test_says_nothing_of_a_sound_network() -> None:
    assert advise_inside(inspected(lambda each: each, "conv1")) == ()
    assert advise_inside(Inspections()) == ()


@pytest.mark.parametrize(
    ("rule", "name", "change"),
    [
        ("dead-channels", "conv2", lambda each: replace(each, dead=0.4)),
        ("vanishing-inside", "conv1", lambda each: replace(each, gradient_norm=1e-6)),
        ("exploding-inside", "conv1", lambda each: replace(each, gradient_norm=1e5)),
        ("large-updates", "conv2", lambda each: replace(each, update_norm=1.5)),
        ("small-updates", "fc", lambda each: replace(each, update_norm=1e-7)),
        ("batch-norm-behind", "bn1", lambda each: replace(each, mean_gap=0.8)),
        ("batch-norm-behind", "bn1", lambda each: replace(each, std_ratio=0.3)),
        ("inside-not-finite", "fc", lambda each: replace(each, weight_norm=float("nan"))),
    ],
)
def test_names_the_layer_that_is_at_fault(rule: str, name: str, change: Change) -> None:
    (said,) = advise_inside(inspected(change, name))
    assert said.rule == rule
    assert name in said.sentence
    assert said.topic is not None
    assert topic(said.topic).title


def test_is_silent_where_it_cannot_know() -> None:
    dead: Change = lambda each: replace(each, dead=0.9)  # noqa: E731
    assert rules(inspected(dead, "conv2", images=511)) == []
    large: Change = lambda each: replace(each, update_norm=1.9)  # noqa: E731
    assert rules(inspected(large, "conv2", rate=0.4)) == []
    assert rules(inspected(large, "bn1")) == []
