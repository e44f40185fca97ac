"""What a user can do next, as a record: the command line draws it as a command, the app as a key.

A sentence of the lab says in words what is wrong or what could be better; the
step beside it says what to do about it. No front end is named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SettingValue = bool | int | float | str


class Action(StrEnum):
    """What can be done; its value is what run stores and JSON documents call it."""

    EXPLAIN = "explain"
    """Show the options of something that the lab does, such as pool."""
    LIST_TOPICS = "list topics"
    LIST_TERMS = "list terms"
    READ_TOPIC = "read topic"
    LIST_DEMOS = "list demos"
    LIST_PREDICTIONS = "list predictions"
    RUN_DEMO = "run demo"
    LIST_NETWORKS = "list networks"
    SUMMARIZE = "summarize"
    LIST_LAYERS = "list layers"
    LIST_DATA = "list data"
    PREPARE_DATA = "prepare data"
    TRAIN = "train"
    TRAIN_AGAIN = "train again"
    LIST_RUNS = "list runs"
    CURVES = "curves"
    ATTACH = "attach"
    STOP = "stop"
    RESUME = "resume"
    DELETE_RUN = "delete run"
    START_QUEUE = "start queue"
    LIST_EXPERIMENTS = "list experiments"
    RUN_EXPERIMENT = "run experiment"
    CHECK = "check"
    HINT = "hint"
    SOLUTION = "solution"
    RESET = "reset"
    ADD_MISSING = "add missing"
    PROGRESS = "progress"
    INIT = "init"
    DOCTOR = "doctor"
    LAB = "lab"
    """Open the lab itself."""


PHRASES: Mapping[Action, str] = {
    Action.READ_TOPIC: "Read",
    Action.RUN_DEMO: "Run the demo",
    Action.SUMMARIZE: "Summarize it",
    Action.PREPARE_DATA: "Prepare it",
    Action.TRAIN: "Start a run",
    Action.TRAIN_AGAIN: "Train again",
    Action.CURVES: "Curves",
    Action.ATTACH: "Follow it",
    Action.STOP: "Stop it",
    Action.RESUME: "Resume it",
    Action.DELETE_RUN: "Delete it",
    Action.START_QUEUE: "Start it",
    Action.RUN_EXPERIMENT: "Run it",
    Action.CHECK: "Check it",
    Action.HINT: "Take a hint",
    Action.SOLUTION: "Compare with the reference",
    Action.RESET: "Restore the starter",
    Action.ADD_MISSING: "Add what is missing",
    Action.INIT: "Make a workspace",
    Action.LAB: "Open the lab",
}
"""How a sentence leads to an action; to the others with "See"."""


@dataclass(frozen=True)
class NextStep:
    """One thing to do next: ``action``, what it is done to, and with which settings.

    ``settings`` are options, by the names that their declarations give them.
    """

    action: Action
    target: str = ""
    settings: Mapping[str, SettingValue] = field(default_factory=dict, hash=False)

    @property
    def phrase(self) -> str:
        """What leads to it in a sentence: ``Resume it``."""
        return PHRASES.get(self.action, "See")


def step(action: Action, target: str = "", **settings: SettingValue) -> NextStep:
    """The step with its settings by name."""
    return NextStep(action, target, settings)


def steps_from(documents: Any) -> tuple[NextStep, ...]:
    """The steps that were kept as JSON objects; what this lab does not know is left out."""
    known = map(_from_json, documents if isinstance(documents, list) else ())
    return tuple(each for each in known if each is not None)


def _from_json(document: Any) -> NextStep | None:
    try:
        action, target = Action(document["action"]), document["target"]
        settings = dict(document["settings"])
    except (KeyError, TypeError, ValueError):
        return None
    if not all(isinstance(each, bool | int | float | str) for each in settings.values()):
        return None
    return NextStep(action, target, settings) if isinstance(target, str) else None
