"""The core names options and next steps as values; how they are typed is the front ends' matter."""

import ast
import functools
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
import typer

from cnn_tui.cli import main
from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, NextStep, SettingValue, step, steps_from
from cnn_tui.render.draw.commands import command, explained, with_changes
from cnn_tui.training.defaults import default_config
from tests.cli.commands import every_command, parsed

PACKAGE = Path(__file__).parents[1] / "cnn_tui"
FRONT_ENDS = ("api/", "cli/", "tui/", "bench/", "__main__.py")
"""What has its own words for users; the benchmark measures command lines."""
LOOSE = (
    "grading/classroom/example.py",
    "grading/exercises/hidden_tests/",
    "grading/exercises/starters/",
    "grading/solutions/",
)
"""Files that are read or run by themselves."""
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
OF_OTHERS = {
    "doctor.py": "pip's",
    "grading/classroom/github_workflow.py": "those of the command that a workflow runs",
    "grading/judge/verdict.py": "pytest's",
    "grading/sandbox/visible_paths.py": "bwrap's",
    "training/process/launcher.py": "the worker's",
    "training/process/supervise.py": "torchrun's",
    "training/process/worker.py": "its own, and no user's",
    "render/draw/commands.py": "the one place that spells commands",
}
"""Files with options in their strings, and whose those are."""
KEY = re.compile(r"⏎|\b[Pp]ress (?!on\b)[A-Za-z?/]\b|\bEsc\b|\bctrl[+-](?!c\b)[a-z]\b")
OF_THE_APP = ("render/draw/spelling.py", "render/runs/page.py", "bench/gaps.py")
"""What only the app draws, the plain spelling of signs, and the keys that are measured."""
TARGETS = {Action.EXPLAIN: "pool"}
NO_TARGET = {
    Action.LIST_TOPICS: "",
    Action.LIST_TERMS: "",
    Action.LIST_DEMOS: "",
    Action.LIST_PREDICTIONS: "",
    Action.LIST_NETWORKS: "",
    Action.LIST_DATA: "",
    Action.LIST_RUNS: "",
    Action.START_QUEUE: "",
    Action.LIST_EXPERIMENTS: "",
    Action.PROGRESS: "",
    Action.DOCTOR: "",
    Action.LAB: "",
}


Step = tuple[str, dict[str, SettingValue]]
"""An action's name, and its settings as they stand there."""


@dataclass(frozen=True)
class Module:
    """What a module says, and the steps that it makes."""

    strings: tuple[str, ...]
    steps: tuple[Step, ...]


@functools.cache
def _modules() -> dict[str, Module]:
    """Every module of the package, read once."""
    paths = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
    return {name: _module(ast.parse(path.read_bytes())) for name, path in paths.items()}


def _module(tree: ast.Module) -> Module:
    nodes = list(ast.walk(tree))
    return Module(tuple(_told(nodes)), tuple(_steps_in(nodes)))


def _core() -> dict[str, Module]:
    return {
        name: module
        for name, module in _modules().items()
        if not name.startswith((*FRONT_ENDS, *LOOSE))
    }


def _told(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Every string of a module that is not there to be read in the source: no docstring."""
    notes = {
        id(node.value)
        for node in nodes
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.value


def _steps_in(nodes: Sequence[ast.AST]) -> Iterator[Step]:
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "step"
            and node.args
        ):
            action = node.args[0]
            if isinstance(action, ast.Attribute):
                values = {
                    each.arg: each.value.value
                    for each in node.keywords
                    if each.arg and isinstance(each.value, ast.Constant)
                }
                yield action.attr, values


@pytest.mark.slow
def test_no_sentence_of_the_core_spells_an_option_of_a_command() -> None:
    found = {
        f"{name}: {text}"
        for name, module in _core().items()
        if name not in OF_OTHERS
        for text in module.strings
        if OPTION.search(text)
    }
    assert found == set()


def test_no_sentence_of_the_core_spells_a_command() -> None:
    names = sorted({name.split()[1] for name in every_command()})
    spelled = re.compile(rf"\bcnn-lab (?:{'|'.join(names)})\b")
    found = {
        f"{name}: {text}"
        for name, module in _core().items()
        for text in module.strings
        if spelled.search(text)
    }
    assert found == set()


def test_no_sentence_outside_of_the_app_names_a_key() -> None:
    found = {
        f"{name}: {text}"
        for name, module in _modules().items()
        if not name.startswith("tui/") and name not in OF_THE_APP
        for text in module.strings
        if KEY.search(text)
    }
    assert found == set()


def _refuse_unknown(line: str) -> None:
    """Raise what the command line does where it cannot read ``line``."""
    with suppress(typer.Exit):  # a help page is printed as soon as it is asked for
        parsed(line.removeprefix("cnn-lab").strip())


def test_every_step_that_the_core_makes_is_a_command() -> None:
    made = [each for module in _core().values() for each in module.steps]
    assert len(made) > 40
    for name, settings in made:
        action = Action[name]
        target = NO_TARGET.get(action, TARGETS.get(action, "some-name"))
        _refuse_unknown(command(NextStep(action, target, settings)))


@pytest.mark.parametrize("action", Action)
def test_every_action_is_a_command(action: Action) -> None:
    target = NO_TARGET.get(action, TARGETS.get(action, "some-name"))
    line = command(step(action, target))
    assert shlex.split(line)[0] == "cnn-lab"
    _refuse_unknown(line)


def test_a_target_and_settings_survive_the_shell() -> None:
    again = step(Action.TRAIN_AGAIN, "my nets.py:Net", lr=1e-3, cuda_graphs=True, compile=False)
    assert shlex.split(command(again))[1:] == [
        *("train", "my nets.py:Net", "--lr", "0.001", "--cuda-graphs", "--no-compile")
    ]


def test_a_sentence_is_one_line_with_what_to_do_next() -> None:
    error = UsageError("There is no run named 'x'.", next_steps=(step(Action.LIST_RUNS),))
    assert str(error) == "There is no run named 'x'."
    assert explained(error) == "There is no run named 'x'. See: cnn-lab runs"


def test_a_suggestion_is_drawn_with_its_options() -> None:
    steps = (
        step(Action.TRAIN_AGAIN, "lenet5", data="digits", dropout=0.5),
        step(Action.TRAIN_AGAIN, "lenet5", data="digits", patience=3),
        step(Action.READ_TOPIC, "dropout-why"),
    )
    assert with_changes("Overfitting; try this or that.", steps) == (
        "Overfitting; try this or that (--dropout 0.5, or --patience 3)."
    )
    assert with_changes("Nothing to try.", steps[2:]) == "Nothing to try."


def test_steps_are_kept_as_json_and_unknown_ones_left_out() -> None:
    kept = (
        step(Action.RESUME, "a-run"),
        step(Action.TRAIN_AGAIN, "lenet5", lr=0.1, augment="crop"),
    )
    documents = json.loads(json.dumps([asdict(each) for each in kept]))
    assert steps_from(documents) == kept
    newer = {"action": "teleport", "target": "", "settings": {}}
    damaged = [None, {}, {"action": "resume", "target": 1, "settings": {}}, 7]
    assert steps_from([newer, *damaged, *documents]) == kept
    assert steps_from("resume") == ()


def test_the_command_line_adds_its_spelling_and_the_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "exercises").mkdir()
    assert main(["train", "lenet5", "--lr", "-1", "--workspace", str(tmp_path)]) == 2
    assert capsys.readouterr().err.rstrip().endswith("(--lr).")
    assert main(["train", "lenet", "--workspace", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.rstrip().endswith("See: cnn-lab nets")


@pytest.mark.slow
def test_a_settings_name_is_that_of_an_option_of_training() -> None:
    config = default_config("lenet5", "digits")
    fields = {
        name
        for module in _core().values()
        for action, values in module.steps
        if action in ("TRAIN", "TRAIN_AGAIN")
        for name in values
    }
    assert all(hasattr(config, name) for name in fields)
