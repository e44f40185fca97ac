"""What the rules suggest: changes of a run's settings, in words and as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cnn_tui.next_steps import Action, NextStep, SettingValue, step
from cnn_tui.training.advice.evidence import Run
from cnn_tui.training.config import MOST_EPOCHS, TrainConfig
from cnn_tui.training.recipes import default_lr
from cnn_tui.training.records import Advice

FAR_OFF = 5.0
"""A rate so many times above or below the usual one is far from it."""


@dataclass(frozen=True)
class Change:
    """What to try: in words, and as settings of a run."""

    words: str
    settings: Mapping[str, SettingValue]

    def __str__(self) -> str:
        return self.words

    def together_with(self, other: "Change") -> "Change":
        """Both at once."""
        return Change(f"{self} and {other}", {**self.settings, **other.settings})


CLIPPED = Change("gradient clipping at 1", {"clip_grad": 1.0})
MORE_DATA = "more training images or a smaller network"
"""Against overfitting, where every setting is in use."""


def advice(
    run: Run,
    rule: str,
    sentence: str,
    epoch: int | None = None,
    topic: str | None = None,
    *changes: Change,
) -> Advice:
    """What a rule says, with what to do next: train again with a change, read the topic."""
    net, data = str(run.config.net), str(run.config.data)
    again = [NextStep(Action.TRAIN_AGAIN, net, {"data": data, **c.settings}) for c in changes]
    reading = [step(Action.READ_TOPIC, topic)] if topic else []
    return Advice(rule, sentence, epoch, topic, (*again, *reading))


def any_of(changes: Iterable[Change]) -> str:
    """The changes as alternatives: ``a dropout of 0.5 or a patience of 3 epochs``."""
    return " or ".join(map(str, changes))


def usual_lr(config: TrainConfig) -> float:
    """A peak learning rate with which most networks of this kind learn."""
    return default_lr(config.net, config.optimizer, config.batch_size)


def lower_lr(config: TrainConfig) -> Change:
    """A tenth of the rate, or the usual one where even that would be far too much."""
    tenth, usual = config.lr / 10, usual_lr(config)
    lower = float(f"{usual if tenth > FAR_OFF * usual else tenth:.2g}")
    return Change(f"a learning rate of {lower:g} (now {config.lr:g})", {"lr": lower})


def faster(config: TrainConfig) -> Change:
    """The usual learning rate, for a run whose own is far below."""
    lr = usual_lr(config)
    return Change(f"a learning rate of {lr:g}", {"lr": lr})


def longer(config: TrainConfig) -> Change:
    """Twice the epochs."""
    epochs = min(2 * config.epochs, MOST_EPOCHS)
    return Change(f"{epochs} epochs", {"epochs": epochs})


def regularizers(config: TrainConfig) -> list[Change]:
    """The first two of the ways against overfitting that the run does not use yet."""
    ways = []
    if config.augment == "none":
        ways.append(Change("the augmentation crop", {"augment": "crop"}))
    if config.net.has_dropout and not config.dropout:
        ways.append(Change("a dropout of 0.5", {"dropout": 0.5}))
    if config.weight_decay == 0:
        ways.append(Change("a weight decay of 0.0001", {"weight_decay": 1e-4}))
    if config.patience is None:
        ways.append(Change("a patience of 3 epochs", {"patience": 3}))
    if not config.label_smoothing:
        ways.append(Change("a label smoothing of 0.1", {"label_smoothing": 0.1}))
    return ways[:2]
