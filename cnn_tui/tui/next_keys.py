"""What to do next, drawn as keys: the app's counterpart of ``render.draw.commands``.

A step that a sentence leads to is ``r resume it`` where its key acts on the open pane,
and ``4 r resume it`` from any other one. What no key does is left to a shell.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cnn_tui.errors import LabError
from cnn_tui.next_steps import Action, NextStep
from cnn_tui.options import text
from cnn_tui.render.draw.commands import command
from cnn_tui.render.draw.keys import BETWEEN, key_text
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.widgets.key_line import sign_of

ENTER = "⏎"


@dataclass(frozen=True)
class StepKey:
    """Which key of which pane does a step, and its words; ``{}`` is what the step is done to.

    ``binding`` is the id of the key; "" where opening the pane is all there is to do.
    """

    pane: str
    binding: str
    words: str


STEP_KEYS: Mapping[Action, StepKey] = {
    Action.LIST_TOPICS: StepKey("topics", "", "see the topics"),
    Action.READ_TOPIC: StepKey("topics", "topics.open", "read {}"),
    Action.LIST_DEMOS: StepKey("topics", "topics.run", "run a demo"),
    Action.RUN_DEMO: StepKey("topics", "topics.run", "run the demo {}"),
    Action.LIST_NETWORKS: StepKey("models", "", "see the networks"),
    Action.SUMMARIZE: StepKey("models", "models.open", "open {}"),
    Action.LIST_LAYERS: StepKey("models", "models.open", "see the layers of {}"),
    Action.TRAIN: StepKey("training", "training.new", "start a run"),
    Action.TRAIN_AGAIN: StepKey("training", "training.new", "run again"),
    Action.LIST_RUNS: StepKey("training", "", "see the runs"),
    Action.CURVES: StepKey("training", "", "see the curves of {}"),
    Action.ATTACH: StepKey("training", "", "follow {}"),
    Action.STOP: StepKey("training", "training.stop", "stop {}"),
    Action.RESUME: StepKey("training", "training.resume", "resume {}"),
    Action.DELETE_RUN: StepKey("training", "training.delete", "delete {}"),
    Action.START_QUEUE: StepKey("training", "training.resume", "start the queue"),
    Action.LIST_EXPERIMENTS: StepKey("training", "training.experiments", "see the experiments"),
    Action.RUN_EXPERIMENT: StepKey("training", "training.experiments", "run the experiment {}"),
    Action.CHECK: StepKey("exercises", "exercises.check", "check it"),
    Action.HINT: StepKey("exercises", "exercises.hint", "take a hint"),
    Action.SOLUTION: StepKey("exercises", "exercises.diff", "compare with the reference"),
    Action.RESET: StepKey("exercises", "exercises.reset", "restore the starter"),
    Action.ADD_MISSING: StepKey("exercises", "exercises.add_missing", "add what is missing"),
    Action.PROGRESS: StepKey("exercises", "", "see the exercises"),
}


def key_of(step: NextStep, here: str = "") -> str:
    """The keys to press for a step in the pane ``here``; "" where no key does it."""
    known = STEP_KEYS.get(step.action)
    if known is None:
        return ""
    keys = [] if known.pane == here else [_number(known.pane)]
    if known.binding:
        keys.append(_keys()[known.binding])
    return " ".join(keys)


def words_of(step: NextStep, target: str = "") -> str:
    """What a step does, in words; ``target`` names what it is done to better than the step does."""
    known = STEP_KEYS.get(step.action)
    if known is None:
        return f"In a shell: {command(step)}"
    changes = [f"{name.replace('_', ' ')} {text(value)}" for name, value in _changes(step)]
    words = known.words.format(target or step.target)
    return f"{words} with {', '.join(changes)}" if changes else words


def drawn_step(
    step: NextStep, here: str = "", *, key: str = "", target: str = "", is_first: bool = False
) -> Text:
    """A step as a key; ``key`` replaces its own where a page has a shorter way."""
    key = key or key_of(step, here)
    words = words_of(step, target)
    return key_text(key, words, is_first=is_first) if key else Text(words)


@dataclass(frozen=True, eq=False)
class KeyRow:
    """Keys beside each other; a line ends between two of them."""

    keys: Sequence[Text]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text()
        for each in self.keys:
            if line and line.cell_len + len(BETWEEN) + each.cell_len > options.max_width:
                yield line
                line = Text()
            line = Text.assemble(line, BETWEEN, each) if line else each
        yield line


def with_keys(sentence: str, steps: Iterable[NextStep], here: str = "") -> str:
    """The sentence, and which keys do something about it: ``... (4 r: resume it)``.

    What is open already is no step; what no key does comes last, as a sentence of its own.
    """
    known: list[NextStep] = []
    unknown: list[NextStep] = []
    for each in steps:
        (known if each.action in STEP_KEYS else unknown).append(each)
    keys = [f"{key}: {words_of(each)}" for each in known if (key := key_of(each, here))]
    in_shell = [words_of(each) for each in unknown]
    end = "." if keys and in_shell else ""
    return " ".join(filter(None, (sentence, ", ".join(keys) + end, *in_shell)))


def explained_in_keys(error: BaseException, here: str = "") -> str:
    """An error's one sentence with the keys that do something about it."""
    steps = error.next_steps if isinstance(error, LabError) else ()
    return with_keys(str(error), tuple(steps), here)


def _changes(step: NextStep) -> list[tuple[str, object]]:
    """What to change of a run that is trained again; the data set stays."""
    if step.action is not Action.TRAIN_AGAIN:
        return []
    return [(name, value) for name, value in step.settings.items() if name != "data"]


def _number(pane: str) -> str:
    """What opens the pane of that id."""
    return str([each.id for each in PANES].index(pane) + 1)


@cache
def _keys() -> Mapping[str, str]:
    """Every key that a step may name, by its id, as the footer spells it."""
    modules = [
        import_module(f"{_keys.__module__.rpartition('.')[0]}.panes.{pane.id}.keys")
        for pane in PANES
    ]
    bindings = [each for module in modules for each in module.KEYS]
    found = {each.id: sign_of(each) for each in bindings}
    opened = {f"{pane.id}.open": ENTER for pane in PANES}
    return {**opened, **{name: key for name, key in found.items() if name not in opened}}
