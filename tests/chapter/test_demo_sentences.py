"""Whatever a demo's parameters are, its sentences say what its numbers show."""

import math
import re
from collections.abc import Iterator
from random import Random

import pytest

from cnn_tui.chapter.catalogue import demo_info, demos
from cnn_tui.chapter.run import run_demo
from cnn_tui.errors import UsageError
from cnn_tui.options import Option, OptionValue
from tests.chapter.question_checks import check_question
from tests.chapter.sentence_checks import CHECKS, Shown

SETS = 20
FAST = (
    "convolution",
    "max-and-average",
    "translation-invariance",
    "pooling-parameters",
    "dropout-mask",
)
FAST_SETS = 3
ONCE_FALSE = (
    ("training-step", {"lr": 1.0}),
    ("batchnorm-statistics", {"input_std": 0.01}),
    ("lenet5-tour", {"image_size": 16}),
    ("residual-gradient", {"batchnorm": True, "depth": 8}),
    ("vit-patches", {"patch_size": 224}),
    ("cifar10net", {"image_size": 33}),
    ("alexnet-tour", {"image_size": 64}),
)
CHEAP_ENOUGH = {
    "image": 358,
    "masks": 5000,
    "passes": 100,
    "depth": 24,
    "size": 64,
    "batch_size": 128,
    "batches": 60,
}
"""The largest values that are tried: more take longer and show nothing else."""
FEW_TRAININGS = {"predictions": {"epochs": 2, "seed": 1}}
EDGES = 0.2
"""The share of values that are a parameter's lowest or highest."""


def some_value(option: Option, random: Random, most: float = math.inf) -> OptionValue:
    """One that the option takes, of numbers none above ``most``."""
    if option.name == "image" and option.kind == "str":
        return random.choice(["digit", f"digits#{random.randrange(359)}"])
    if option.name == "run":
        return "none"
    if option.name == "data":
        return "digits"  # the only one that is there on every machine
    if option.name == "kernel" and random.random() < 0.5:
        return " ".join(random.choice(("-2", "-1", "0", "0.5", "1", "3", "2/7")) for _ in range(9))
    if option.choices:
        return random.choice(option.choices)
    if option.kind == "bool":
        return random.random() < 0.5
    assert option.low is not None and option.high is not None, option.name
    low, high = option.low, min(option.high, most, CHEAP_ENOUGH.get(option.name, math.inf))
    if random.random() < EDGES:
        value = random.choice((low, high))
    elif low > 0 and high > 50 * low:
        value = math.exp(random.uniform(math.log(low), math.log(high)))
    else:
        value = random.uniform(low, high)
    return round(value) if option.kind == "int" else float(f"{value:.4g}")


def results(name: str, count: int) -> Iterator[Shown]:
    """The demo at so many random parameter sets, of those that it takes."""
    random, info, most = Random(name), demo_info(name), FEW_TRAININGS.get(name, {})
    while count:
        given = {
            each.name: some_value(each, random, most.get(each.name, math.inf))
            for each in info.parameters
        }
        try:
            shown = run_demo(name, **given)
        except UsageError:
            continue
        count -= 1
        yield Shown(shown)


def holds(shown: Shown) -> None:
    """Run the demo's check; an error names the parameters."""
    assert not re.search(r"\b(?:nan|inf)\b", shown.said), shown.given
    try:
        CHECKS[shown.result.name](shown)
    except AssertionError as error:
        raise AssertionError(f"{shown.given}: {error}\n{shown.said}") from error
    check_question(shown.result)


def test_checks_every_demo_that_takes_parameters() -> None:
    assert CHECKS.keys() == {each.name for each in demos() if each.parameters}


@pytest.mark.parametrize("name", FAST)
def test_says_what_a_few_random_parameters_show(name: str) -> None:
    for shown in results(name, FAST_SETS):
        holds(shown)


@pytest.mark.parametrize(("name", "parameters"), ONCE_FALSE, ids=[name for name, _ in ONCE_FALSE])
def test_says_what_is_so_where_it_once_was_not(
    name: str, parameters: dict[str, OptionValue]
) -> None:
    holds(Shown(run_demo(name, **parameters)))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", CHECKS)
def test_says_what_twenty_random_parameter_sets_show(name: str) -> None:
    holds(Shown(run_demo(name)))
    for shown in results(name, SETS):
        holds(shown)


@pytest.mark.slow
def test_knows_that_without_dropout_all_passes_are_one_network() -> None:
    holds(Shown(run_demo("dropout-in-a-cnn", p=0, passes=5)))


def test_does_not_mirror_digits_unless_it_is_asked_to() -> None:
    shown = Shown(run_demo("augmentation"))
    assert {row[3] for row in shown.table()} == {"no"}
    assert shown.says("Digits are not mirrored")
    holds(shown.again(augment="crop+flip"))
