"""One run from its configuration to its last event, whatever happens on the way."""

import sys
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from cnn_tui.data.dataset import DataSet
from cnn_tui.data.preparation import prepare
from cnn_tui.data.records import DataFacts, PreparationStep, Remark
from cnn_tui.errors import UsageError
from cnn_tui.nets.own_files import kept_files
from cnn_tui.training.config import CONFIG_VERSION, TrainConfig
from cnn_tui.training.config_json import to_json
from cnn_tui.training.device.gpu import stated_precision
from cnn_tui.training.device.own_net import say_nothing
from cnn_tui.training.device.selection import device_named, passed_over
from cnn_tui.training.device.setup import (
    decide,
    learned_from,
    loses_memory_in_channels_last,
    slow_precision,
)
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.loop.compiling import compile_steps
from cnn_tui.training.loop.counters import RunCounters
from cnn_tui.training.loop.epochs import train
from cnn_tui.training.loop.graphs import capture_steps
from cnn_tui.training.loop.inspector import Inspector
from cnn_tui.training.loop.ranks import Ranks, never, take_device
from cnn_tui.training.loop.recorder import Recorder, Silence
from cnn_tui.training.loop.session import Stopped, TrainingSession, announce, open_session
from cnn_tui.training.process.failures import failure, is_full, names_its_cause
from cnn_tui.training.process.not_resumed import as_before, has_come_far
from cnn_tui.training.process.own_data import refuse_other_data
from cnn_tui.training.process.reasons import leave_word
from cnn_tui.training.process.run_log import RunLog
from cnn_tui.training.records import NO_CUDA_GRAPHS, Event, Note, Preparing, Reason
from cnn_tui.training.store.data_record import keep_files, record_of, write_data_record
from cnn_tui.training.store.folder import RunFolder, RunHeader, read_header, write_header
from cnn_tui.training.store.listing import LOGGED_ERROR
from cnn_tui.training.store.metrics import MetricsWriter, RunEvents, last_event, read_events
from cnn_tui.training.store.source import changed_source
from cnn_tui.training.store.tensorboard import EventFiles

PREPARING_SECONDS = 0.25
"""How often the reading of files is told."""

NAMED_FILES = 3
"""Skipped files that are named in the metrics; the log names them all."""

SAME_DRAWS_SINCE = 3
"""The version of configurations from which on chance decides the same for the same seed."""

OTHER_DRAWS = (
    "This run began with an older cnn-lab, which augmented images by other draws: from here on "
    "it trains on other batches than it would have then; repeat it from its start to compare."
)

UNKNOWN_DATA = (
    "This run began with an older cnn-lab, which did not note its images: only their number "
    "could be compared."
)

NOT_CHANNELS_LAST = (
    "images and weights channels first: torch loses memory in channels last where several "
    "threads train a strided 1×1 convolution of so few channels"
)

LOCAL_OPTIONS = {
    *("threads", "placement", "nproc", "rdzv_endpoint"),
    *("tensorboard", "inspect", "checkpoint_seconds", "version"),
}
"""What may differ between the hosts that train one network together."""


def execute(
    run: RunFolder,
    should_stop: Callable[[], bool],
    ranks: Ranks | None = None,
    checkpoint_asked: Callable[[], bool] = never,
) -> int:
    """Train ``run``, or go on with it; returns 0, or 1 where it failed.

    ``checkpoint_asked`` tells whether one was asked for since the last time.
    ``ranks`` are the processes that do so together; without it this one is alone.
    Raises UsageError where its configuration cannot be read, OSError where its
    folder cannot be written to.
    """
    ranks = ranks or Ranks(should_stop, checkpoint_asked)
    header = read_header(run)
    before = last_event(run.metrics_file)
    writer = MetricsWriter(run.metrics_file) if ranks.writes else Silence()
    recorder = Recorder(writer, header.config.epochs, _told_progress(before))
    if ranks.writes:
        told = RunEvents(read_events(run.metrics_file) if before is not None else ())
        recorder.observers.append(RunLog(header.config, told))
    if header.config.tensorboard and ranks.writes:
        complain = partial(_note, recorder)
        recorder.observers.append(EventFiles(run.event_files, run.metrics_file, complain))
    try:
        with _source_of(header.config):
            _train(run, header, recorder, ranks, resumed=before is not None)
        return 0
    except Stopped:
        recorder.end("stopped", f"Stopped on request after step {recorder.progress.step:,}.")
        return 0
    except Exception as error:
        reason = failure(error, run, header.config)
        if not ranks.writes and names_its_cause(error):
            with suppress(OSError):
                leave_word(run.failure_file, reason)
        _fail(recorder, error, reason, before)
        return 1
    finally:
        writer.close()


def _source_of(config: TrainConfig) -> AbstractContextManager[None]:
    """Let the user's own network import what was copied with it, as long as it trains."""
    if not config.net.is_own:
        return nullcontext()
    from cnn_tui.nets.own import importable

    return importable(config.net)


def _fail(recorder: Recorder, error: Exception, reason: Reason, before: Event | None) -> None:
    """Tell why, in the metrics and in the log; a full disk may take only one of them, or neither.

    A run that was not resumed stands as it did ``before``. The sentence comes last in the log,
    where whoever misses it in the metrics looks.
    """
    refused = isinstance(error, UsageError)
    with suppress(OSError):
        if before is not None and has_come_far(before) and not recorder.has_begun:
            recorder.write(as_before(before, reason, refused=refused))
        else:
            recorder.fail(reason, refused=refused)
    with suppress(OSError):
        if not is_full(error):
            traceback.print_exc()
        print(f"{LOGGED_ERROR}{reason.sentence}", file=sys.stderr, flush=True)


def _train(
    run: RunFolder,
    header: RunHeader,
    recorder: Recorder,
    ranks: Ranks,
    *,
    resumed: bool,
) -> None:
    whole = _load_in_turn(header, recorder, ranks)
    facts = _settle_data(run, whole, recorder, ranks)
    data = learned_from(header.config, whole)
    take_device(ranks, header.config.device)
    began_with = header.config.version
    if ranks.writes and (sentence := passed_over(header.config.device)):
        _note(recorder, sentence)
    config = decide(
        header.config,
        data,
        processes=ranks.local_size,
        tell=partial(_note, recorder) if ranks.writes and not resumed else say_nothing,
    )
    config = replace(config, version=CONFIG_VERSION)
    if ranks.writes and (sentence := slow_precision(config)):
        _note(recorder, sentence)
    ranks.refuse_differences(_what_is_trained(config, data))
    if ranks.writes:
        write_header(run, replace(header, config=config))
        print(_headline(config, ranks), flush=True)
    ranks.spread(run.checkpoints)
    checkpoints = Checkpoints(run.checkpoints, ranks.writes, facts)
    session = open_session(config, data, recorder, checkpoints, ranks.should_stop, ranks)
    if ranks.writes and loses_memory_in_channels_last(config, session.net):
        print(NOT_CHANNELS_LAST, flush=True)
    announce(session, data, resumed=resumed)
    augments = config.augment != "none" or config.cutout > 0
    if resumed and ranks.writes and (sentence := changed_source(run, config.net)):
        _note(recorder, sentence)
    if session.progress.step and began_with < SAME_DRAWS_SINCE and augments:
        _note(recorder, OTHER_DRAWS)
    if ranks.writes:
        _tell_skipped(data, recorder)
    header = replace(header, config=config)
    if config.compile:
        header = _compile(run, header, session)
    if config.cuda_graphs:
        _capture(run, header, session)
    if ranks.writes and config.inspect != 0:
        session.inspector = Inspector(session, data, run.inspection_file)
    train(session)


def _load_in_turn(header: RunHeader, recorder: Recorder, ranks: Ranks) -> DataSet:
    """The data set, which the first process of each host prepares while the others wait."""
    data = None
    if ranks.local_rank == 0:
        with suppress(Stopped):
            data = _load_data(header, recorder, ranks.wish)
    ranks.wait()
    if ranks.should_stop():
        raise Stopped
    return data or _load_data(header, recorder, ranks.should_stop)


def _settle_data(
    run: RunFolder, data: DataSet, recorder: Recorder, ranks: Ranks
) -> DataFacts | None:
    """Note what a run begins with, or see that it goes on with that; None: nobody knows."""
    begun = Checkpoints(run.checkpoints).last.exists()
    if begun and run.data_file.exists():
        refuse_other_data(run, data)
        if ranks.writes:
            keep_files(run, *record_of(data))  # a run that was copied may have lost its list
    elif begun:
        if ranks.writes and data.train.files:
            _note(recorder, UNKNOWN_DATA)
        return None
    elif ranks.writes:
        write_data_record(run, *record_of(data))
    return data.facts


def _headline(config: TrainConfig, ranks: Ranks) -> str:
    several = f", {ranks.size} processes" if ranks.size > 1 else ""
    threads = f"{config.threads} thread{'' if config.threads == 1 else 's'}"
    where = f", images on the {config.placement}" if config.device != "cpu" else ""
    return (
        f"{config.net} on {config.data}: {config.image_size}×{config.image_size} pixels, "
        f"{device_named(config.device).option}{several}, {stated_precision(config)}, "
        f"{threads}{where}"
    )


def _what_is_trained(config: TrainConfig, data: DataSet) -> dict[str, Any]:
    """What must be the same in all processes, by the name of the option that decides it."""
    facts = {name: value for name, value in to_json(config).items() if name not in LOCAL_OPTIONS}
    if config.data.is_folder:
        facts["data"] = "a folder"  # which may lie elsewhere on another host
    if config.net.kept is not None and (kept := kept_files(config.net.kept)) is not None:
        facts["net"] = f"{config.net.name} of {kept.digest} with {config.net.options}"
    facts["the images of the data set"] = data.fingerprint
    return facts


def _note(recorder: Recorder, message: str) -> None:
    recorder.tell(Note, message=message)


def _compile(run: RunFolder, header: RunHeader, session: TrainingSession) -> RunHeader:
    """Compile the network where that works; returns what the run's header says now."""
    session.recorder.tell(Note, message="Compiling the network, which may take a minute.")
    started = time.monotonic()
    shared = session.ranks.size > 1
    reason = "several processes share every batch" if shared else compile_steps(session)
    if reason is None:
        seconds = time.monotonic() - started
        session.recorder.tell(Note, message=f"The network was compiled in {seconds:.0f} seconds.")
        return header
    session.recorder.tell(
        Note, message=f"torch.compile does not work here ({reason}): training goes on without it."
    )
    return _rewritten(run, session, header, replace(header.config, compile=False))


def _capture(run: RunFolder, header: RunHeader, session: TrainingSession) -> None:
    reason = capture_steps(session)
    if reason is None:
        session.recorder.tell(Note, message="Every step of a whole batch replays CUDA graphs.")
        return
    session.recorder.tell(
        Note, message=f"{NO_CUDA_GRAPHS} ({reason}): training goes on without them."
    )
    _rewritten(run, session, header, replace(header.config, cuda_graphs=False))


def _rewritten(
    run: RunFolder, session: TrainingSession, header: RunHeader, config: TrainConfig
) -> RunHeader:
    """Write down what works here, so that the run goes on as it began, whatever changes."""
    header = replace(header, config=config)
    if session.ranks.writes:
        write_header(run, header)
    return header


def _load_data(header: RunHeader, recorder: Recorder, should_stop: Callable[[], bool]) -> DataSet:
    told = 0.0

    def progress(what: PreparationStep | Remark) -> None:
        nonlocal told
        if should_stop():
            raise Stopped
        if isinstance(what, Remark):
            recorder.tell(Note, message=what.message, next_steps=what.next_steps)
        elif time.monotonic() - told > PREPARING_SECONDS or what.done == what.total:
            told = time.monotonic()
            recorder.tell(Preparing, **asdict(what))

    config = header.config
    whole = prepare.load(
        config.data,
        header.data_dir,
        image_size=config.image_size,
        val_fraction=config.val_fraction,
        val_is_validation=config.val_is_validation,
        rule=config.split_rule,
        download=True,
        progress=progress,
    )
    if should_stop():
        raise Stopped
    return whole


def _tell_skipped(data: DataSet, recorder: Recorder) -> None:
    if not data.skipped:
        return
    for file in data.skipped:
        print(f"skipped {file.path}: {file.reason}", flush=True)
    named = ", ".join(f"{file.path} ({file.reason})" for file in data.skipped[:NAMED_FILES])
    more = ", …" if len(data.skipped) > NAMED_FILES else ""
    count = len(data.skipped)
    files = "1 unreadable file was" if count == 1 else f"{count:,} unreadable files were"
    recorder.tell(Note, message=f"{files} skipped: {named}{more}.")


def _told_progress(event: Event | None) -> RunCounters:
    if event is None:
        return RunCounters()
    return RunCounters(
        epoch=event.epoch,
        step=event.step,
        best_val_accuracy=event.best_val_accuracy,
        seconds=event.trained_seconds or 0.0,
    )
