"""A run like another one: the settings that were chosen for it, with others on top."""

from typing import Any

from cnn_tui.data.catalogue import parse as parse_data
from cnn_tui.data.records import DataSpec
from cnn_tui.nets.specs import NetSpec
from cnn_tui.nets.specs import parse as parse_net
from cnn_tui.training.config import TrainConfig, train_options
from cnn_tui.training.defaults import DECIDING, default_config, usual_config

OF_THE_NETWORK = ("device", "precision", "threads", "placement")
"""Settings that a run decides for its network where they are left open."""
OF_NETWORK_AND_DATA = ("image_size",)
"""The same for its network and its data set."""
TIED = (*OF_THE_NETWORK, *OF_NETWORK_AND_DATA)


def chosen_settings(config: TrainConfig) -> dict[str, Any]:
    """What is not as it would be by itself for this network and data set, by name.

    Settings that decide about others are compared with those of the recipe, the others with
    the defaults that follow from them.
    """
    plain = default_config(config.net, config.data, recipe=config.recipe)
    usual = usual_config(config)
    recipe = TrainConfig.recipe
    found = {} if config.recipe == recipe else {"recipe": config.recipe}
    for name in (each.name for each in train_options() if each.name != "recipe"):
        value = getattr(config, name)
        if value != getattr(plain if name in DECIDING else usual, name):
            found[name] = value
    return found


def tied_settings(config: TrainConfig, net: NetSpec, data: DataSpec) -> dict[str, Any]:
    """What the run of ``config`` has decided, and another run of ``net`` on ``data`` takes over.

    What was decided for a network or a data set holds for no other one.
    """
    names: tuple[str, ...] = ()
    if net == config.net:
        names = TIED if data == config.data else OF_THE_NETWORK
    return {name: getattr(config, name) for name in names}


def config_like(
    config: TrainConfig,
    net: str | NetSpec | None = None,
    data: str | DataSpec | None = None,
    **overrides: Any,
) -> TrainConfig:
    """The settings that were chosen for ``config``, for its network and data set or others.

    ``overrides`` (None: as it was) win. Raises UsageError as ``default_config`` does, also for a
    setting that the other network does not have.
    """
    spec = config.net if net is None else parse_net(net) if isinstance(net, str) else net
    source = config.data if data is None else parse_data(data) if isinstance(data, str) else data
    chosen = chosen_settings(config)
    tied = tied_settings(config, spec, source)
    settings = {name: value for name, value in chosen.items() if name not in TIED or name in tied}
    given = {name: value for name, value in overrides.items() if value is not None}
    return default_config(spec, source, **settings | given)
