"""A run like another one takes what was chosen for it, and nothing that merely followed."""

from dataclasses import replace
from typing import Any

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.training.again import chosen_settings, config_like
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config


def begun(net: str, data: str, **settings: Any) -> TrainConfig:
    """The configuration of a run that has begun: what it leaves open is decided."""
    config = default_config(net, data, **settings)
    decided = {"device": "cpu", "precision": "fp32", "threads": 2, "placement": "device"}
    return replace(config, **decided, image_size=config.image_size or 32)


@pytest.mark.parametrize(
    "given",
    [{}, {"lr": 0.02}, {"optimizer": "sgd"}, {"optimizer": "sgd", "lr": 1.0, "batch_size": 32}],
)
@pytest.mark.parametrize(("net", "data"), [("lenet5", "digits"), ("cifar10net", "cifar10")])
def test_only_what_was_given_counts_as_chosen(net: str, data: str, given: dict[str, Any]) -> None:
    assert chosen_settings(default_config(net, data, **given)) == given


def test_what_follows_from_a_recipe_is_not_chosen() -> None:
    config = default_config("cifar10net", "cifar10", recipe="fast", epochs=50)
    assert chosen_settings(config) == {"recipe": "fast", "epochs": 50}


def test_without_changes_it_is_the_same_run() -> None:
    config = begun("lenet5,activation=relu", "digits", lr=0.02, patience=3)
    assert config_like(config) == config


def test_what_is_given_wins_and_what_follows_from_it_changes() -> None:
    config = default_config("lenet5", "digits", patience=3)
    found = config_like(config, optimizer="sgd", epochs=7)
    assert found == default_config("lenet5", "digits", patience=3, optimizer="sgd", epochs=7)
    assert found.lr != config.lr


def test_a_rate_that_was_chosen_stays_with_another_optimizer() -> None:
    config = default_config("lenet5", "digits", lr=0.02)
    assert config_like(config, optimizer="sgd").lr == 0.02


def test_another_network_takes_over_nothing_that_was_decided_for_the_first() -> None:
    config = begun("lenet5", "digits", weight_decay=0.01, seed=4)
    found = config_like(config, "cifar10net")
    assert found == default_config("cifar10net", "digits", weight_decay=0.01, seed=4)


def test_other_data_keep_the_device_and_not_the_size_of_images() -> None:
    config = begun("lenet5", "digits", image_size=40)
    found = config_like(config, data="mnist")
    assert (found.device, found.precision) == ("cpu", "fp32")
    assert found.image_size == default_config("lenet5", "mnist").image_size


def test_what_the_other_network_does_not_have_is_refused() -> None:
    config = default_config("cifar10net", "cifar10", recipe="fast")
    with pytest.raises(UsageError, match="recipe fast"):
        config_like(config, "lenet5")
