"""How a run was set up, in a line: what was chosen for it first, then what it is by default."""

from collections.abc import Sequence

from rich.text import Text

from cnn_tui.render.draw.styles import QUIET
from cnn_tui.training.again import TIED, chosen_settings
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import usual_config
from cnn_tui.training.store.differences import setting_words

OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
BETWEEN = " · "
STEP = ("optimizer", "lr")
"""Settings that are told together: ``SGD lr 0.1``."""


def settings_line(config: TrainConfig, more: Sequence[str] = (), width: int | None = None) -> Text:
    """``Adam lr 0.02 · 3 epochs · batch 8 · seed 0 · crop``, and what ``more`` is to be told.

    What was not chosen is quiet. What does not fit is left out, from the end.
    """
    chosen, usual = _chosen(config), _usual(config)
    rest = [words for name, words in usual.items() if name not in chosen]
    told = [(words, "") for words in chosen.values()]
    told += [(words, QUIET) for words in (*rest, *more)]
    while len(told) > 1 and width is not None and _joined(told).cell_len > width:
        told.pop()
    return _joined(told)


def _chosen(config: TrainConfig) -> dict[str, str]:
    """What is not as it would be by itself, by name, in words."""
    names = [name for name in chosen_settings(config) if name not in TIED]
    usual_size = usual_config(config).image_size
    if usual_size is not None and usual_size != config.image_size:
        names.append("image_size")
    found = {"lr": _step(config)} if not {*STEP}.isdisjoint(names) else {}
    others = (name for name in names if name not in STEP)
    return found | {name: setting_words({name: getattr(config, name)}, name) for name in others}


def _usual(config: TrainConfig) -> dict[str, str]:
    """What is told of every run, by name, in words."""
    found = {
        "lr": _step(config),
        "batch_size": f"batch {config.batch_size}",
        "seed": f"seed {config.seed}",
    }
    if config.dropout is not None:
        found["dropout"] = f"dropout {config.dropout:g}"
    if config.augment != "none":
        found["augment"] = config.augment
    return found


def _step(config: TrainConfig) -> str:
    return f"{OPTIMIZERS.get(config.optimizer, config.optimizer)} lr {config.lr:g}"


def _joined(told: Sequence[tuple[str, str]]) -> Text:
    return Text(BETWEEN, QUIET).join(Text(words, style) for words, style in told)
