"""A configuration as the JSON document that a run keeps, and back.

Documents of older versions are read too; a newer one, or one that names a network which is
not installed here, is refused with an error of its own, so that lists can say which it is.
"""

from dataclasses import fields, replace
from typing import Any

from cnn_tui.data.catalogue import data_info
from cnn_tui.data.catalogue import parse as parse_data
from cnn_tui.data.records import FIRST_SPLIT_RULE, SPLIT_RULE, DataSpec
from cnn_tui.errors import UsageError, how_to_update
from cnn_tui.nets.specs import parse as parse_net
from cnn_tui.training.config import CONFIG_VERSION, TrainConfig, train_options
from cnn_tui.training.config_checks import checked


class NewerVersionError(UsageError):
    """A newer version of the lab wrote what was to be read."""


class NotInstalledError(UsageError):
    """A network or a data set of a run is not here, as when a package was uninstalled."""


def to_json(config: TrainConfig) -> dict[str, Any]:
    """``config`` as a JSON object, in which the network and the data set are texts."""
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    return values | {"net": str(config.net), "data": str(config.data)}


def from_json(document: Any) -> TrainConfig:
    """The configuration that ``to_json`` wrote.

    Raises NewerVersionError where a newer lab wrote it, NotInstalledError where its network
    or its data set is not here, UsageError where it is damaged.
    """
    if not isinstance(document, dict):
        raise UsageError("its configuration is not a JSON object")
    version = document.get("version")
    if isinstance(version, int) and version > CONFIG_VERSION:
        raise NewerVersionError(
            f"it was made by a newer cnn-lab (configuration version {version}, this one reads "
            f"up to {CONFIG_VERSION}); update with: {how_to_update()}"
        )
    known = {each.name for each in train_options()} & document.keys()
    try:
        net, data = parse_net(_text(document["net"])), parse_data(_text(document["data"]))
        config = TrainConfig(net, data, **{key: document[key] for key in known})
    except (KeyError, TypeError) as error:
        raise UsageError("its configuration lacks a value that every run has") from error
    except UsageError as error:
        raise NotInstalledError(
            f"{str(error).rstrip('.')} (install the package that adds it)"
        ) from error
    if isinstance(version, int):
        config = replace(config, version=version)
    return checked(replace(config, split_rule=_split_rule(document, data)))


def _split_rule(document: dict[str, Any], data: DataSpec) -> int:
    """How the run's data set is split: published ones alike by every rule.

    Runs of older versions do not say.
    """
    if not (data.is_folder or data_info(data).load):
        return SPLIT_RULE
    return SPLIT_RULE if document.get("split_rule") == SPLIT_RULE else FIRST_SPLIT_RULE


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
