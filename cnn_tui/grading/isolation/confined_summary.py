"""Taking a network of the learner's own file apart, without running the file here.

The file runs in a submission host, as in a check. What comes back is the
learner's own word about the learner's own network: a hint, whose every value is
checked for its type and bounds before anything is made of it. Torch-free at import.
"""

import json
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.input_texts import parse_inputs, text_of
from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.networks.work_records import WorkKind
from cnn_tui.analysis.records import GLOBAL, UNKNOWN
from cnn_tui.errors import UsageError
from cnn_tui.grading.isolation.launch import hosting
from cnn_tui.grading.isolation.source import read_source
from cnn_tui.grading.isolation.untrusted_records import MAX_ITEMS, ForgedError, flat, rebuilt
from cnn_tui.grading.sandbox import levels
from cnn_tui.grading.text import one_line
from cnn_tui.nets.specs import NetSpec
from cnn_tui.options import OptionValue

if TYPE_CHECKING:
    from cnn_tui.grading.isolation.client import LoadedSubmission

LOAD_SECONDS = 20.0
SUMMARY_SECONDS = 20.0
SEED = 0
MAX_REPLY_BYTES = 8 << 20
MAX_NESTING = 200
"""Modules within modules: a row is indented by as many steps."""
MAX_SENTENCE = 600
MAX_NOTES = 1000
NAME = re.compile(r"[a-z0-9-]{1,60}")
"""What names a kind of note, and a topic."""
OPTIONS = ("input_shape", "batch", "no_batch")
"""What a sentence may be about."""
READ_BYTES = 1 << 16
MISSING_NEIGHBOR = re.compile(r"No module named '(\w+)|attempted relative import")


def summarize_file(
    path: Path,
    name: str = "",
    inputs: NetInputs | Sequence[int] | None = None,
    *,
    memory: bool = False,
    options: Sequence[tuple[str, OptionValue]] = (),
) -> NetSummary:
    """Take the network ``name`` of the file at ``path`` apart, in a confined process.

    ``name`` may be left out where the file defines one network; ``inputs`` are all that
    it is given, or (channels, height, width), guessed from the first layer if not given.
    ``memory`` also finds out what its activations take; ``options`` are those of the network.
    It cannot import what lies beside it. Raises UsageError for whatever the file
    does wrong, and LabFault where the lab itself failed.
    """
    source = read_source(path)
    with _loaded(path, source) as submission:
        reply = submission.operate(
            f"{name or 'The network'} in {path.name}, while it is taken apart,",
            "summarize",
            place=str(path),
            name=name,
            inputs=None if inputs is None else flat(NetInputs.of(inputs)),
            memory=memory,
            options=[[option, str(value)] for option, value in options],
        )
    summary = _summary(path, reply)
    own_name = summary.net.partition(",")[0].rpartition(":")[2]
    apart = f"The file ran in a process of its own (sandbox: {levels.choose()})."
    note = f"{summary.note} {apart}".strip()
    spec = NetSpec(name or own_name, tuple(options), str(path))
    return replace(summary, net=str(spec), note=note)


@contextmanager
def _loaded(path: Path, source: bytes) -> "Iterator[LoadedSubmission]":
    """The file, loaded in a process of its own that has its deadline set."""
    with hosting() as host:
        # Only now: torch loads here while it loads in the host.
        from cnn_tui.grading.isolation.client import LoadedSubmission
        from cnn_tui.grading.isolation.host_control import HostControl
        from cnn_tui.grading.isolation.submission_errors import SubmissionError

        _discard(host.output.fileno())
        submission = LoadedSubmission(
            HostControl(host.control),
            path.stem,
            source,
            SEED,
            total_seconds=LOAD_SECONDS + SUMMARY_SECONDS,
            is_check=False,
        )
        try:
            submission.open()
            submission.load(LOAD_SECONDS)
            submission.begin("summary", SUMMARY_SECONDS, LOAD_SECONDS)
            yield submission
        except SubmissionError as error:
            said = str(error).rstrip(".")
            raise UsageError(f"{said}.{_about_neighbors(path, said)}") from error
        finally:
            submission.close()


def _discard(descriptor: int) -> None:
    """Read what the file prints, so that a full pipe never stops it, until all writers end."""

    def read(own: int) -> None:
        with os.fdopen(own, "rb", buffering=0) as printed:
            while printed.read(READ_BYTES):
                continue

    threading.Thread(target=read, args=(os.dup(descriptor),), daemon=True).start()


def _about_neighbors(path: Path, sentence: str) -> str:
    """What to do where the file wanted to import what lies beside it."""
    found = MISSING_NEIGHBOR.search(sentence)
    if found is None:
        return ""
    if found[1] and not _is_near(path, found[1]):
        return ""
    return (
        " A file of the workspace runs by itself and sees no file beside it: put the network "
        "into one file, or name it as a module (package.module:Name), which runs unconfined."
    )


def _is_near(path: Path, module: str) -> bool:
    """Whether a module of that name lies beside the file, or beside its folder."""
    folders = path.absolute().parents[:2]
    return any((each / name).exists() for each in folders for name in (module, f"{module}.py"))


def _summary(path: Path, reply: Any) -> NetSummary:
    match reply:
        case {"sentence": str(sentence), **more}:
            named = more.get("fields")
            about = [each for each in OPTIONS if isinstance(named, list) and each in named]
            raise UsageError(one_line(sentence, MAX_SENTENCE), fields=tuple(about))
        case {"summary": bytes(document)} if len(document) <= MAX_REPLY_BYTES:
            try:
                summary = rebuilt(NetSummary, json.loads(document))
            except (ForgedError, ValueError, RecursionError):
                pass
            else:
                if _hangs_together(summary):
                    return summary
    raise UsageError(
        f"What came back about {path.name} is no summary of up to {MAX_ITEMS:,} modules: "
        "a smaller network may do, or one that leaves the lab's own code alone."
    )


def _hangs_together(summary: NetSummary) -> bool:
    """Whether it keeps to what front ends take for granted when they draw a summary."""
    return (
        _is_given(summary)
        and _is_field(summary.receptive_field)
        and summary.total_seconds is None
        and all(map(_is_row, summary.modules))
        and _are_kinds([each.kind for each in summary.kinds])
        and len(summary.notes) <= MAX_NOTES
        and all(NAME.fullmatch(name) for each in summary.notes for name in (each.kind, each.topic))
    )


def _is_given(summary: NetSummary) -> bool:
    """Whether there are inputs, the first of the shape that the summary names, all possible."""
    if not summary.inputs or summary.inputs[0].shape != summary.input_shape:
        return False
    try:
        parse_inputs([text_of(each) for each in summary.inputs], batch=summary.batch)
    except UsageError:
        return False
    return True


def _is_row(module: LayerSummary) -> bool:
    kernel_size, stride, _, dilation = module.window or (1, 1, 0, 1)
    return (
        module.depth <= MAX_NESTING
        and min(kernel_size, stride, dilation) > 0
        and _is_field(module.receptive_field)
        and module.seconds is None
        and module.estimate is None
    )


def _are_kinds(kinds: Sequence[str]) -> bool:
    """Whether each is one that there is, and stands there once."""
    return set(kinds) <= {each.value for each in WorkKind} and len(set(kinds)) == len(kinds)


def _is_field(value: int | str | None) -> bool:
    return not isinstance(value, str) or value in (GLOBAL, UNKNOWN)
