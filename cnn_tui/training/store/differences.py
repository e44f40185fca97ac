"""What tells runs apart that train the same network on the same data set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from cnn_tui.options import text
from cnn_tui.training.config import AUTO, TrainConfig, train_options
from cnn_tui.training.defaults import DECIDING, default_config
from cnn_tui.training.records import RunStatus

OF_THE_MACHINE = {
    *("threads", "placement", "tensorboard", "inspect", "checkpoint_seconds", "rdzv_endpoint"),
}
"""Options that change nothing of what a run learns."""
LEFT_OPEN = {("device", AUTO), ("precision", AUTO), ("image_size", None)}
"""What a run decides once it has begun; until then it differs from nothing."""
PHRASES = {"epochs": "{} epochs", "batch_size": "batch {}"}


@cache
def telling() -> tuple[str, ...]:
    """The options that may tell runs apart, the most important first."""
    return tuple(each.name for each in train_options() if each.name not in OF_THE_MACHINE)


def settings_of(config: TrainConfig) -> dict[str, object]:
    """The values of those options."""
    return {name: getattr(config, name) for name in telling()}


def differences(statuses: Iterable[RunStatus]) -> dict[str, tuple[str, ...]]:
    """What differs between the runs of one network and data set: ``("lr 0.01", "seed 3")``.

    A run shows what it does not leave at its default, or where that is nothing, the
    defaults that others have changed. One that is alone, or the same as all others, has no words.
    """
    groups: dict[tuple[str, str], list[RunStatus]] = {}
    for each in statuses:
        if each.settings:
            groups.setdefault((each.net, each.data), []).append(each)
    found: dict[str, tuple[str, ...]] = {}
    for (net, data), group in groups.items():
        differing = varying(group)
        for each in group:
            usual = _usual(net, data, each.settings) if differing else {}
            own = [name for name in differing if each.settings[name] != usual[name]]
            found[each.run] = tuple(setting_words(each.settings, name) for name in own or differing)
    return found


def varying(group: Sequence[RunStatus]) -> list[str]:
    """The options in which these runs differ, the most important first."""
    if len(group) == 1:
        return []
    known = [
        {name: value for name, value in each.settings.items() if (name, value) not in LEFT_OPEN}
        for each in group
    ]
    return [name for name in telling() if len({x[name] for x in known if name in x}) > 1]


@dataclass(frozen=True)
class Repeat:
    """Which configuration a run repeats, seed aside, and with which seed."""

    of: object
    seed: object


def repeat_of(status: RunStatus) -> Repeat | None:
    """What the run repeats; None for one that cannot be used."""
    if not status.settings:
        return None
    settings = {name: value for name, value in status.settings.items() if name != "seed"}
    return Repeat((status.net, status.data, tuple(settings.items())), status.settings.get("seed"))


def seed_groups(repeats: Sequence[Repeat | None]) -> list[list[int]]:
    """The runs by their numbers, those together that differ in their seed only, in order.

    Where two of them have the same seed, too, they are the same run twice, and each is alone.
    """
    groups: dict[object, list[int]] = {}
    for number, each in enumerate(repeats):
        groups.setdefault(number if each is None else each.of, []).append(number)
    found: list[list[int]] = []
    for group in groups.values():
        seeds = {each.seed for number in group if (each := repeats[number]) is not None}
        found += [group] if len(seeds) == len(group) else [[number] for number in group]
    return sorted(found)


def _usual(net: str, data: str, settings: Mapping[str, object]) -> dict[str, object]:
    """The defaults, and those of what decides about others (that is a choice, whatever it is)."""
    plain = settings_of(default_config(net, data))
    deciding = {name: settings[name] for name in DECIDING if name in settings}
    return settings_of(default_config(net, data, **deciding)) | {
        name: plain[name] for name in DECIDING
    }


def setting_words(settings: Mapping[str, object], name: str) -> str:
    """``lr 0.01``, ``batch 128``, ``1 epoch``, ``no compile``, ``default dropout``."""
    value, spelled = settings[name], name.replace("_", " ")
    if isinstance(value, bool):
        return spelled if value else f"no {spelled}"
    if value is None:
        return f"default {spelled}"
    if name == "epochs" and value == 1:
        return "1 epoch"
    return PHRASES.get(name, f"{spelled} {{}}").format(text(value))
