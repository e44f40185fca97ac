"""The lab tells apart what training may report wrongly, and names nothing in a right report."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest
import torch
from torch import Tensor

from cnn_tui.grading.checks.weights import draw, fill
from cnn_tui.grading.misconceptions import exercise3, exercise5
from cnn_tui.grading.misconceptions.exercise3_figures import (
    ACCURACY,
    COUNT,
    EPOCHS,
    FIGURES,
    LOSSES,
    MANY_EPOCHS,
    PAIRING,
    SIZES,
    SUBJECTS,
    WAYS,
    Figures,
    drawn_again,
    figures_by,
    mixed_up,
)
from cnn_tui.grading.misconceptions.exercise5 import JUDGED, chosen_right
from cnn_tui.grading.misconceptions.exercise5_reports import ACCURACIES
from cnn_tui.grading.misconceptions.modes import ModesProbe, ends
from cnn_tui.grading.misconceptions.probes import AskingProbe, all_alike, new_generator

LOSS_OF = torch.tensor([[1.0, 1.5, 2.5], [0.75, 2.0, 3.5], [1.25, 3.0, 4.0]])
"""The losses of three images, by label."""
OWN, IS_RIGHT = [1.0, 2.0, 4.0], [1.0, 1.0, 0.0]


def told(probe: Any, figures: Figures) -> list[str]:
    return [sentence for sentence, shows in probe.mistakes.items() if shows(figures)]


def epochs(values: list[float]) -> list[float]:
    return [values[at % len(values)] for at in range(MANY_EPOCHS)]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("sentence", WAYS)
def test_names_how_a_figure_is_made_of_batches(subject: str, sentence: str) -> None:
    losses, accuracies = (
        epochs(figures_by(WAYS[sentence], values) if is_wrong else [sum(values) / COUNT])
        for values, is_wrong in zip((OWN, IS_RIGHT), SUBJECTS[subject], strict=True)
    )
    figures = Figures(losses, accuracies, LOSS_OF, IS_RIGHT)
    assert told(FIGURES, figures) == [f"{subject} {sentence}"]


@pytest.mark.parametrize(
    ("losses", "begin"),
    [
        (mixed_up(LOSS_OF), "Images get each other's labels"),
        (drawn_again(LOSS_OF), "An epoch draws its images at random"),
        ([sum(OWN) / COUNT], ""),
        ([2.1, sum(OWN) / COUNT], ""),
    ],
    ids=["mixed up", "drawn again", "right", "something else"],
)
def test_names_images_that_are_not_those_of_an_epoch(losses: list[float], begin: str) -> None:
    figures = Figures(epochs(losses), epochs([sum(IS_RIGHT) / COUNT]), LOSS_OF, IS_RIGHT)
    assert [each[: len(begin)] for each in told(PAIRING, figures)] == [begin] * bool(begin)
    assert not told(FIGURES, figures)


STEPS = torch.linspace(3.0, 1.0, EPOCHS * len(SIZES) + 1).square()
SHARES = [0.5, 0.5, 0.125, 0.25, 0.25, 0.25, 0.25]
ASKED: tuple[tuple[AskingProbe, tuple[Any, ...]], ...] = (
    (LOSSES, (STEPS,)),
    (ACCURACY, (1.0,)),
    (ACCURACIES, (SHARES, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])),
    (exercise3.HISTORY, (torch.eye(10)[:7] * 3 - torch.eye(10)[1], torch.arange(7).clamp(max=4))),
    (exercise5.ACCURACY, (chosen_right(), torch.arange(JUDGED) % 2 == 0)),
)


@pytest.mark.parametrize(("probe", "inputs"), ASKED)
def test_tells_all_reports_apart(probe: AskingProbe, inputs: tuple[Any, ...]) -> None:
    _expect_different(
        {name: [each(*inputs)] for name, each in probe.mistakes.items()}
        | {"": [probe.right(*inputs)]}
    )


@pytest.mark.parametrize("probe", [exercise3.MODES, exercise5.MODES], ids=["plain", "residual"])
def test_tells_all_modes_of_training_apart(probe: ModesProbe) -> None:
    net, generator = probe.right(), new_generator()
    state = net.state_dict()
    net.load_state_dict(fill(state, draw(state, generator), generator))
    image: Tensor = torch.rand(1, *probe.image, generator=generator)
    modes = {"": lambda *_: True, **probe.mistakes}
    _expect_different({name: list(ends(net, image, mode)) for name, mode in modes.items()})


def _expect_different(answers: Mapping[str, Any]) -> None:
    for one, other in combinations(answers, 2):
        assert not all_alike(answers[one], answers[other]), (one, other)
