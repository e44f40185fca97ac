import json
from dataclasses import replace

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import NETS
from cnn_tui.training.config import (
    CONFIG_VERSION,
    checked,
    default_config,
    from_json,
    to_json,
)


@pytest.mark.parametrize("net", [net.name for net in NETS])
@pytest.mark.parametrize("data", ["digits", "folder:/pictures"])
def test_every_network_has_defaults_for_every_data_set(net: str, data: str) -> None:
    config = default_config(net, data)
    assert checked(config) == config
    assert (config.net, config.data) == (net, data)


def test_given_values_win_and_names_are_forgiven() -> None:
    config = default_config("LeNet-5", "Digits", epochs=2, lr=None, optimizer="SGD")
    assert (config.net, config.data) == ("lenet5", "digits")
    assert (config.epochs, config.optimizer) == (2, "sgd")
    assert config.lr == default_config("lenet5", "digits").lr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("batch_size", 0),
        ("batch_size", -4),
        ("lr", 0),
        ("lr", -1.0),
        ("lr", float("nan")),
        ("lr", float("inf")),
        ("lr", "fast"),
        ("warmup", 1.0),
        ("weight_decay", -1e-4),
        ("label_smoothing", 1.0),
        ("dropout", 1.0),
        ("val_fraction", 0.0),
        ("image_size", 15),
        ("image_size", 5000),
        ("seed", -1),
        ("threads", -1),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_option(option: str, value: object) -> None:
    with pytest.raises(UsageError, match="--" + option.replace("_", "-")):
        default_config("lenet5", "digits", **{option: value})


@pytest.mark.parametrize("option", ["optimizer", "schedule", "device", "precision", "augment"])
def test_an_unknown_choice_names_what_it_is(option: str) -> None:
    with pytest.raises(UsageError, match=f"no {option} named 'wrong'"):
        default_config("lenet5", "digits", **{option: "wrong"})


def test_a_configuration_survives_json() -> None:
    config = default_config("cifar10net", "folder:/tmp/a b", dropout=0.3, seed=7)
    assert from_json(json.loads(json.dumps(to_json(config)))) == config


def test_a_newer_configuration_is_refused_with_a_sentence() -> None:
    newer = {**to_json(default_config("lenet5", "digits")), "version": CONFIG_VERSION + 1}
    with pytest.raises(UsageError, match="newer cnn-lab"):
        from_json(newer)


@pytest.mark.parametrize("document", [None, [], {}, {"version": 1, "net": "lenet5"}])
def test_a_damaged_configuration_is_refused(document: object) -> None:
    with pytest.raises(UsageError):
        from_json(document)


def test_a_hand_edited_configuration_is_checked() -> None:
    config = default_config("lenet5", "digits")
    with pytest.raises(UsageError, match="--epochs"):
        from_json(to_json(replace(config, epochs=0)))
