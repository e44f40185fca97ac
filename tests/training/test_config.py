import json
from dataclasses import replace

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.specs import parse, refuse_image_size
from cnn_tui.options import Option
from cnn_tui.training.config import CONFIG_VERSION, train_options
from cnn_tui.training.config_checks import checked
from cnn_tui.training.config_json import from_json, to_json
from cnn_tui.training.defaults import default_config, default_image_size


@pytest.mark.parametrize("net", [net.name for net in all_nets()])
@pytest.mark.parametrize("data", ["digits", "mnist", "cifar10", "folder:/pictures"])
def test_every_network_has_defaults_for_every_data_set(net: str, data: str) -> None:
    config = default_config(net, data)
    assert checked(config) == config
    assert (config.net.name, str(config.data)) == (net, data)


@pytest.mark.parametrize("net", [net.name for net in all_nets()])
@pytest.mark.parametrize("side", [1, 8, 28, 32, 100])
def test_every_network_is_shown_images_of_a_size_that_it_takes(net: str, side: int) -> None:
    spec = parse(net)
    size = default_image_size(spec, side)
    assert size >= side
    refuse_image_size(spec, size)


def test_a_network_keeps_the_options_it_is_asked_for() -> None:
    config = default_config("VGG-16, batch-norm=yes", "digits")
    assert str(config.net) == "vgg16,batch_norm=true"
    assert from_json(json.loads(json.dumps(to_json(config)))) == config


def test_googlenet_trains_with_its_auxiliary_heads_unless_told_otherwise() -> None:
    assert str(default_config("googlenet", "digits").net) == "googlenet,aux_logits=true"
    told = default_config("googlenet,aux_logits=false", "digits").net
    assert str(told) == "googlenet,aux_logits=false"


@pytest.mark.parametrize(
    ("net", "size", "sentence"),
    [
        ("vgg16", 31, "VGG-16 cannot take 31×31 .* smallest size that works is 32"),
        ("vit_b_16", 40, "nearest sizes that work are 32 and 48"),
        ("vit_b_16,patch_size=7", 40, "nearest sizes that work are 35 and 42"),
    ],
)
def test_an_impossible_image_size_names_one_that_works(net: str, size: int, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as error:
        default_config(net, "digits", image_size=size)
    assert error.value.fields == ("image_size",)


def test_digits_are_never_mirrored_and_pictures_are() -> None:
    augmented = {name: default_config("lenet5", name).augment for name in ("mnist", "cifar10")}
    assert augmented == {"mnist": "crop", "cifar10": "crop+flip"}


def test_given_values_win_and_names_are_forgiven() -> None:
    config = default_config("LeNet-5", "Digits", epochs=2, lr=None, optimizer="SGD")
    assert (str(config.net), str(config.data)) == ("lenet5", "digits")
    assert (config.epochs, config.optimizer) == (2, "sgd")
    assert config.lr == default_config("lenet5", "digits", optimizer="sgd").lr


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
        ("cutout", -1),
        ("cutout", 28),
        ("clip_grad", 0.0),
        ("clip_grad", float("inf")),
        ("patience", 0),
        ("patience", 1.5),
        ("compile", "perhaps"),
        ("deterministic", 1),
        ("train_images", 0),
        ("label_noise", 1.0),
        ("image_size", 15),
        ("image_size", 5000),
        ("seed", -1),
        ("threads", -1),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_option(option: str, value: object) -> None:
    with pytest.raises(UsageError) as error:
        default_config("lenet5", "digits", **{option: value})
    assert error.value.fields == (option,)


@pytest.mark.parametrize(
    "option", [option for option in train_options() if option.choices], ids=lambda each: each.name
)
def test_an_unknown_choice_names_what_it_is(option: Option) -> None:
    with pytest.raises(UsageError, match=f"no {option.title} named 'wrong'") as error:
        default_config("lenet5", "digits", **{option.name: "wrong"})
    assert error.value.fields == (option.name,)


def test_a_configuration_survives_json() -> None:
    config = default_config("cifar10net", "folder:/tmp/a b", dropout=0.3, seed=7)
    assert from_json(json.loads(json.dumps(to_json(config)))) == config


def test_a_newer_configuration_is_refused_with_a_sentence() -> None:
    newer = {**to_json(default_config("lenet5", "digits")), "version": CONFIG_VERSION + 1}
    with pytest.raises(UsageError, match="newer cnn-lab"):
        from_json(newer)


def test_an_older_configuration_is_read_with_the_defaults_of_what_came_since() -> None:
    config = default_config("lenet5", "digits", seed=3)
    since = {"cutout", "clip_grad", "patience", "compile", "deterministic"}
    since |= {"train_images", "label_noise", "judged"}
    older = {key: value for key, value in to_json(config).items() if key not in since}
    assert from_json({**older, "version": 1}) == replace(config, version=1)


@pytest.mark.parametrize("document", [None, [], {}, {"version": 1, "net": "lenet5"}])
def test_a_damaged_configuration_is_refused(document: object) -> None:
    with pytest.raises(UsageError):
        from_json(document)


def test_a_hand_edited_configuration_is_checked() -> None:
    config = default_config("lenet5", "digits")
    with pytest.raises(UsageError, match="Epochs must be"):
        from_json(to_json(replace(config, epochs=0)))


@pytest.mark.parametrize(
    ("net", "settings", "lr"),
    [
        ("cifar10net", {}, 2e-3),
        ("cifar10net", {"optimizer": "adamw"}, 2e-3),
        ("cifar10net", {"optimizer": "SGD"}, 0.1),
        ("cifar10net", {"optimizer": "sgd", "batch_size": 512}, 0.4),
        ("cifar10net", {"optimizer": "sgd", "lr": 0.03}, 0.03),
        ("vgg16", {}, 3e-4),
        ("vgg16", {"optimizer": "sgd"}, 0.01),
        ("vgg16,batch_norm=true", {"optimizer": "sgd"}, 0.1),
    ],
)
def test_the_default_rate_belongs_to_network_and_optimizer(
    net: str, settings: dict[str, object], lr: float
) -> None:
    assert default_config(net, "cifar10", **settings).lr == lr


@pytest.mark.parametrize(
    ("settings", "warmup"),
    [
        ({}, 0.3),
        ({"schedule": "onecycle"}, 0.3),
        ({"schedule": "constant"}, 0.0),
        ({"schedule": "step"}, 0.0),
        ({"schedule": "cosine"}, 0.0),
        ({"schedule": "cosine", "warmup": 0.1}, 0.1),
        ({"recipe": "fast"}, 0.25),
        ({"recipe": "fast", "schedule": "cosine"}, 0.0),
    ],
)
def test_only_one_cycle_warms_up_unasked(settings: dict[str, object], warmup: float) -> None:
    assert default_config("cifar10net", "cifar10", **settings).warmup == warmup


@pytest.mark.parametrize(
    ("option", "written", "meant"),
    [
        ("device", "gpu", "cuda"),
        ("device", "ROCm", "cuda"),
        ("device", "metal", "mps"),
        ("precision", "bfloat16", "bf16"),
        ("precision", "amp", "bf16"),
        ("precision", "float32", "fp32"),
        ("optimizer", "Adam W", "adamw"),
        ("schedule", "1-cycle", "onecycle"),
        ("placement", "gpu", "device"),
    ],
)
def test_what_others_call_it_leads_to_what_the_lab_calls_it(option, written, meant) -> None:
    with pytest.raises(UsageError, match=f"did you mean {meant}\\?") as refused:
        default_config("lenet5", "digits", **{option: written})
    assert refused.value.fields == (option,)
