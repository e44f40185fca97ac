"""Values with which a network learns a data set, where the user gives none.

They depend on each other: a learning rate belongs to a network and an optimizer, a warm-up
to a schedule. Whatever the user gives wins, and what is left follows from it.
"""

from dataclasses import replace
from typing import Any

from cnn_tui.data.catalogue import data_info
from cnn_tui.data.catalogue import parse as parse_data
from cnn_tui.data.records import DataSpec
from cnn_tui.nets.specs import NetSpec, nearest_image_size, with_options
from cnn_tui.nets.specs import parse as parse_net
from cnn_tui.options import converted_all
from cnn_tui.training.config import TrainConfig, train_options
from cnn_tui.training.config_checks import SEE, checked
from cnn_tui.training.recipes import default_lr, fast_settings

DECIDING = ("recipe", "optimizer", "schedule", "batch_size")
"""Options on whose values the defaults of others depend."""


def default_config(net: str | NetSpec, data: str | DataSpec, **overrides: Any) -> TrainConfig:
    """A configuration that learns, with ``overrides`` (None: keep the default) on top.

    Raises UsageError for an unknown name, for a value that cannot be used, and for
    a recipe that is not made for the network or the data set.
    """
    asked = parse_net(net) if isinstance(net, str) else net
    spec = asked
    if not asked.is_own:
        spec = with_options(asked.info, {**asked.info.in_training, **asked.given})
    data = parse_data(data) if isinstance(data, str) else data
    given = {key: value for key, value in overrides.items() if value is not None}
    given = converted_all(train_options(), given, see=SEE)
    base = _default_recipe(spec, data)
    if given.get("recipe", base.recipe) == "fast":
        base = replace(base, **fast_settings(spec, data, given))
    elif given.get("optimizer", base.optimizer) == "sgd":
        rate = default_lr(spec, "sgd", given.get("batch_size", base.batch_size))
        base = replace(base, lr=rate)
    if given.get("schedule", base.schedule) != "onecycle":
        base = replace(base, warmup=0.0)
    return checked(replace(base, **given))


def usual_config(config: TrainConfig) -> TrainConfig:
    """The defaults of a run that trains the same network on the same data set in the same way."""
    deciding = {name: getattr(config, name) for name in DECIDING}
    return default_config(config.net, config.data, **deciding)


def default_image_size(net: NetSpec, side: int) -> int:
    """The size at which the network is shown images of this side, unless one is asked for.

    Their own, or the smallest larger one with which the network has something to work on.
    """
    return nearest_image_size(net, max(side, net.info.small_image_size))


def _default_recipe(net: NetSpec, data: DataSpec) -> TrainConfig:
    """Defaults with which the network learns the data set in its default epochs."""
    base = TrainConfig(net, data, epochs=10, batch_size=64, lr=default_lr(net, "adam", 64))
    if data.kind != "digits":
        augment = data_info(data).augment
        return replace(base, batch_size=128, augment=augment, weight_decay=1e-4)
    if net.is_own:  # whose size of images is found where it is built
        return replace(base, augment="crop")
    # Twice the digits' own side: their eight pixels are soon used up.
    side = default_image_size(net, 2 * (data_info(data).image_size or 0))
    digits = replace(base, image_size=side, augment="crop")
    return replace(digits, **converted_all(train_options(), net.info.digits_recipe))
