"""``--json`` prints what ``--help`` says of it, for every command that has it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from cnn_tui.bench.records import BenchResult
from cnn_tui.chapter import predicted
from cnn_tui.chapter.questions import DemoPrediction
from cnn_tui.grading.classroom.similarity.records import SimilarityReport
from cnn_tui.grading.records import CheckReport
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.inspections import append
from cnn_tui.training.store.queue_entry import QueueEntry, enter
from cnn_tui.training.studies.records import StudyResult
from cnn_tui.workspace import Workspace
from tests.cli.commands import document, every_command
from tests.made_up_runs import make_run
from tests.subprocesses import cnn_lab
from tests.trained_runs import make_checkpoint
from tests.training.store.test_inspections import IMAGES, SNAPSHOT

LIST = "a list of "
TOKEN = re.compile(r"\w+|[()]")
QUICK = {
    ("topics", ""): "topics",
    ("topics", "with --search"): "topics --search pooling",
    ("topics", "with SLUG"): "topics vgg",
    ("topics", "with --scratch"): "topics resnet --scratch",
    ("topics", "with --code"): "topics resnet --code",
    ("topics", "with --glossary"): "topics --glossary stride",
    ("demo", ""): "demo",
    ("nets", ""): "nets",
    ("nets", "with --which"): "nets --which",
    ("data", ""): "data",
    ("train", "with --no-start"): "train lenet5 --no-start",
    ("runs", ""): "runs",
    ("runs diff", ""): "runs diff made-up another",
    ("curves", ""): "curves made-up",
    ("attach", ""): "attach made-up",
    ("stop", ""): "stop made-up",
    ("queue", ""): "queue",
    ("inspect", ""): "inspect made-up",
    ("log", ""): "log made-up",
    ("note", ""): "note made-up looks-good",
    ("experiment", "without NAME"): "experiment",
    ("hint", ""): "hint 1",
    ("hint", "with --all"): "hint 1 --all",
    ("solution", ""): "solution 1 --spoil",
    ("progress", ""): "progress",
    ("progress", "with --predictions"): "progress --predictions",
}
"""(Command, when) → a command line that prints this document."""
SLOW = {
    ("demo", "with NAME"): "demo dropout-mask",
    ("demo", "with --source"): "demo dropout-mask --source",
    ("nets", "with --measure"): "nets --measure",
    ("nets", "with NET"): "nets lenet5",
    ("nets", "with --source"): "nets lenet5 --source",
    ("summary", ""): "summary lenet5",
    ("summary", "with --costs"): "summary lenet5 --costs",
    ("summary", "with --source"): "summary lenet5 --source",
    ("compare", ""): "compare lenet5 alexnet",
    ("receptive-field", ""): "receptive-field lenet5",
    ("pool", ""): "pool",
    ("pool", "with --shift"): "pool --shift 0,1",
    ("pool", "with --backward"): "pool --backward",
    ("pool", "with --return-indices"): "pool --return-indices",
    ("pool", "with --unpool"): "pool --unpool",
    ("gradients", ""): "gradients --depths 2,4",
    ("activations", ""): "activations lenet5 conv1",
    ("data", "with NAME"): "data digits",
    ("data", "with prepare"): "data prepare digits",
    ("evaluate", ""): "evaluate mine",
    ("predict", ""): "predict mine",
    ("check", ""): "check 1",
    ("new-exercise", ""): "new-exercise homework1",
    ("train", "with --find-lr"): "train lenet5 --find-lr",
    ("doctor", ""): "doctor",
}
RECORDS: dict[tuple[str, str], Any] = {
    ("train", ""): RunStatus,
    ("resume", ""): RunStatus,
    ("sweep", ""): RunStatus,
    ("experiment", ""): StudyResult,
    ("grade", ""): CheckReport,
    ("similarity", ""): SimilarityReport,
    ("bench", ""): BenchResult,
}
"""What takes long to print: its record, which is printed as it is."""
BESIDE_THE_RECORD = {("grade", ""): {"learner": {}, "id": {}, "late": {}, "status": {}}}
Fields = dict[str, Any]
"""Name → the fields of this field, if it has any of its own."""


@dataclass(frozen=True)
class Document:
    """What a help text says of one document."""

    is_list: bool
    fields: Fields


def documents() -> dict[tuple[str, str], Document]:
    """(Command, when) → the document that its help describes."""
    found: dict[tuple[str, str], Document] = {}
    for path, command in every_command().items():
        name = path.removeprefix("cnn-lab ")
        for told in (document(command) or "").split("; "):
            when, _, what = told.rpartition(": ")
            if what:
                found[name, when] = _read(what, found.get((name, "")))
    return found


def _read(what: str, first: Document | None) -> Document:
    if what.startswith("also "):
        assert first is not None
        more = _fields(iter(TOKEN.findall(what.removeprefix("also "))))
        return Document(first.is_list, first.fields | more)
    is_list = what.startswith(LIST)
    return Document(is_list, _fields(iter(TOKEN.findall(what.removeprefix(LIST)))))


def _fields(tokens: Iterator[str]) -> Fields:
    found: Fields = {}
    for token in tokens:
        if token == ")":
            break
        if token == "(":
            found[list(found)[-1]] = _fields(tokens)
        else:
            found[token] = {}
    return found


DOCUMENTS = documents()


def lost(told: Fields, printed: Any) -> list[str]:
    """The fields of a help text that a document, or its first item, does not have."""
    one = printed[0] if isinstance(printed, list) else printed
    missing = sorted(told.keys() - one.keys())
    for name in told.keys() & one.keys():
        if told[name]:
            missing += [f"{name}.{each}" for each in lost(told[name], one[name])]
    return missing


def of_record(record: Any) -> Fields:
    """The fields of a record, and those of the records in it."""
    hints = get_type_hints(record)
    inner = {each.name: get_args(hints[each.name])[:1] for each in fields(record)}
    return {
        name: of_record(kinds[0]) if kinds and hasattr(kinds[0], "__dataclass_fields__") else {}
        for name, kinds in inner.items()
    }


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the starters, runs that have curves, and one that has weights."""
    from cnn_tui.grading.catalogue import starters
    from cnn_tui.workspace import create

    workspace: Workspace
    workspace, _ = create(tmp_path_factory.mktemp("space"), starters())
    made_up = make_run(workspace, "made-up")
    append(made_up.inspection_file, IMAGES)
    append(made_up.inspection_file, SNAPSHOT)
    make_run(workspace, "another", seed=1)
    make_checkpoint(workspace)
    enter(make_run(workspace, "waiting", end=None), QueueEntry("cpu", 1.0))
    predicted.remember(workspace, "vit-patches", DemoPrediction("196", "197", False))
    return workspace.root


def test_tries_every_document_that_a_help_text_describes() -> None:
    assert DOCUMENTS.keys() == QUICK.keys() | SLOW.keys() | RECORDS.keys()


@pytest.mark.parametrize("key", QUICK, ids=" ".join)
def test_prints_what_its_help_says(key: tuple[str, str], space: Path) -> None:
    check(DOCUMENTS[key], QUICK[key], space)


@pytest.mark.slow
@pytest.mark.parametrize("key", SLOW, ids=" ".join)
def test_prints_what_its_help_says_with_torch(key: tuple[str, str], space: Path) -> None:
    check(DOCUMENTS[key], SLOW[key], space)


@pytest.mark.parametrize("key", RECORDS, ids=" ".join)
def test_has_a_record_of_what_its_help_says(key: tuple[str, str]) -> None:
    printed = of_record(RECORDS[key]) | BESIDE_THE_RECORD.get(key, {})
    assert lost(DOCUMENTS[key].fields, printed) == []


def check(told: Document, line: str, space: Path) -> None:
    done = cnn_lab(*line.split(), "--json", cwd=space)
    printed = json.loads(done.stdout)
    assert isinstance(printed, list) == told.is_list
    assert lost(told.fields, printed) == []
