"""How commands are spelled: the one place that writes a next step as ``cnn-lab resume RUN``.

Imports nothing heavy, so that an error's one sentence can use it too.
"""

import shlex
from collections.abc import Iterable, Mapping

from cnn_tui.errors import LabError
from cnn_tui.next_steps import Action, NextStep, SettingValue
from cnn_tui.options import text

PROGRAM = "cnn-lab"
WORDS: Mapping[Action, str] = {
    Action.LIST_TOPICS: "topics",
    Action.LIST_TERMS: "topics --glossary",
    Action.LIST_PREDICTIONS: "progress --predictions",
    Action.READ_TOPIC: "topics",
    Action.LIST_DEMOS: "demo",
    Action.RUN_DEMO: "demo",
    Action.LIST_NETWORKS: "nets",
    Action.SUMMARIZE: "summary",
    Action.LIST_LAYERS: "activations",
    Action.LIST_DATA: "data",
    Action.PREPARE_DATA: "data prepare",
    Action.TRAIN: "train",
    Action.TRAIN_AGAIN: "train",
    Action.LIST_RUNS: "runs",
    Action.CURVES: "curves",
    Action.ATTACH: "attach",
    Action.STOP: "stop",
    Action.RESUME: "resume",
    Action.DELETE_RUN: "runs delete",
    Action.START_QUEUE: "queue --start",
    Action.LIST_EXPERIMENTS: "experiment",
    Action.RUN_EXPERIMENT: "experiment",
    Action.CHECK: "check",
    Action.HINT: "hint",
    Action.SOLUTION: "solution",
    Action.RESET: "reset",
    Action.ADD_MISSING: "reset --add-missing",
    Action.PROGRESS: "progress",
    Action.INIT: "init",
    Action.DOCTOR: "doctor",
    Action.LAB: "",
}


def command(step: NextStep) -> str:
    """The step as a command line: ``cnn-lab train lenet5 --lr 0.001``."""
    if step.action is Action.EXPLAIN:
        return " ".join(filter(None, (PROGRAM, step.target, "--help")))
    target = shlex.quote(step.target) if step.target else ""
    return " ".join(filter(None, (PROGRAM, WORDS[step.action], target, _options(step.settings))))


def flag(name: str) -> str:
    """How an option is written on the command line: ``--batch-size``."""
    return "--" + name.replace("_", "-")


def with_steps(sentence: str, steps: Iterable[NextStep]) -> str:
    """The sentence, and what can be done: ``There is no run named 'x'. See: cnn-lab runs``."""
    drawn = ", or ".join(map(with_phrase, steps))
    return f"{sentence} {drawn}" if drawn else sentence


def with_phrase(step: NextStep) -> str:
    """The command and what it does: ``Resume it: cnn-lab resume RUN``."""
    return f"{step.phrase}: {command(step)}"


def explained(error: BaseException) -> str:
    """An error's one sentence with what can be done about it."""
    return with_steps(str(error), error.next_steps if isinstance(error, LabError) else ())


def with_changes(sentence: str, steps: Iterable[NextStep]) -> str:
    """The sentence, and in brackets the options with which to train again: ``(--lr 0.001)``."""
    again = [each.settings for each in steps if each.action is Action.TRAIN_AGAIN]
    changes = [{name: each[name] for name in each if name != "data"} for each in again]
    drawn = ", or ".join(map(_options, changes))
    return f"{sentence.removesuffix('.')} ({drawn})." if drawn else sentence


def _options(settings: Mapping[str, SettingValue]) -> str:
    """``--lr 0.001 --clip-grad 1``."""
    return " ".join(_setting(name, value) for name, value in settings.items())


def _setting(name: str, value: SettingValue) -> str:
    if isinstance(value, bool):
        return flag(name) if value else flag(f"no_{name}")
    return f"{flag(name)} {shlex.quote(text(value))}"
