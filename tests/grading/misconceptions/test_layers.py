"""The lab names the first layer of a network that deviates, where layers can be matched."""

import pytest

from tests.grading.conftest import Grade, reference
from tests.grading.mutants import MUTANTS

UP_TO = "Layer by layer make_block(8, False) is equal up to the "
CASES = {
    "a GELU between": "output of the first convolution, different at the input of the second "
    "convolution.",
    "a dilated convolution": "input of the second convolution, different at its output.",
    "a third convolution": "",
    "dropout in training": "",
}
"""Wrong solution of exercise 2 → what is said of its layers; nothing, where it would be untrue."""
OTHERS = {
    "skip with a slope below zero": "Layer by layer make_block(8, True) is equal up to the output "
    "of the second convolution, different after it.",
    "a third convolution": "One of its layers is used more than once in forward.",
    "a 5x5 convolution": "make_block(8, False) has a layer with a weight of shape (8, 8, 5, 5), "
    "where the task has one of shape (8, 8, 3, 3).",
    "norm in the block": "make_block(8, False) has 3 layers with weights: the task has 2.",
}
"""Wrong solution of exercise 2 → how the message of the first check that fails ends."""

CONSTANT = """

class Nothing(nn.Module):
    def forward(self, x):
        return 0 * x


made = lenet5


def lenet5():
    return nn.Sequential(made(), Nothing())
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_names_the_first_layer_that_deviates(grade: Grade, name: str) -> None:
    mutant = next(each for each in MUTANTS if (each.exercise, each.name) == ("exercise2", name))
    verdict = grade("exercise2", mutant.source, until_first_failure=True)
    _, found, said = verdict.not_passed[mutant.caught_by].partition(UP_TO)
    assert found + said == (UP_TO + CASES[name] if CASES[name] else "")


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_says_which_layers_a_network_has_instead(grade: Grade, name: str) -> None:
    mutant = next(each for each in MUTANTS if (each.exercise, each.name) == ("exercise2", name))
    verdict = grade("exercise2", mutant.source, until_first_failure=True)
    assert verdict.not_passed[mutant.caught_by].endswith(OTHERS[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "end"),
    [
        (
            "self.conv1(x)",
            "self.conv1(x.abs())",
            "What enters the first layer of make_block(8, False) is not its input as it came.",
        ),
        (
            "        out = self.conv2",
            "        x = x.detach()\n        out = self.conv2",
            "a plain block of 8 channels: no gradient reaches its input. Is x detached, or used "
            "under torch.no_grad()?",
        ),
        (
            "        return F.relu(out)\n",
            "        return F.relu(out).detach()\n",
            "a plain block of 8 channels: no gradient passes back from its output. Is a tensor "
            "detached in forward, turned into numbers, or computed under torch.no_grad()?",
        ),
        (
            "def make_block",
            "@__import__('functools').cache\ndef make_block",
            "make_block(8, False) returns the module of an earlier call again: each call makes a "
            "new one.",
        ),
    ],
    ids=["input changed", "input cut off", "output cut off", "block kept"],
)
def test_says_what_is_wrong_with_a_block(grade: Grade, old: str, new: str, end: str) -> None:
    source = reference("exercise2").replace(old, new)
    verdict = grade("exercise2", source, until_first_failure=True)
    assert verdict.not_passed["plain_block"].endswith(end)


@pytest.mark.slow
def test_blames_no_convolution_for_a_bias_that_it_may_lack(grade: Grade) -> None:
    mutant = next(
        each for each in MUTANTS if (each.exercise, each.name) == ("exercise3", "another epsilon")
    )
    verdict = grade("exercise3", mutant.source, until_first_failure=True)
    assert verdict.not_passed[mutant.caught_by].endswith(
        "Layer by layer make_net(True) is equal up to the input of the first batch norm, "
        "different at its output."
    )


@pytest.mark.slow
def test_says_that_a_network_returns_the_same_for_every_input(grade: Grade) -> None:
    verdict = grade("exercise5", reference("exercise5") + CONSTANT, until_first_failure=True)
    assert verdict.not_passed["lenet5"].endswith(" Its output is the same for every input.")
