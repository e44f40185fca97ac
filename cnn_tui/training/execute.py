"""One run from its configuration to its last event, whatever happens on the way."""

import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace

from cnn_tui.data import prepare
from cnn_tui.data.catalogue import parse
from cnn_tui.data.dataset import DataSet
from cnn_tui.data.records import Remark, Step
from cnn_tui.training.checkpoints import Checkpoints
from cnn_tui.training.compiling import compile_steps
from cnn_tui.training.failures import failure
from cnn_tui.training.loop import train
from cnn_tui.training.metrics import MetricsWriter, last_event
from cnn_tui.training.progress import Progress
from cnn_tui.training.recorder import Recorder
from cnn_tui.training.records import Event, Note, Preparing
from cnn_tui.training.runs import RunFolder, RunHeader, read_header, write_header
from cnn_tui.training.session import Session, Stopped, announce, open_session
from cnn_tui.training.setup import decide

PREPARING_SECONDS = 0.25
"""How often the reading of files is told."""

NAMED_FILES = 3
"""Skipped files that are named in the metrics; the log names them all."""


def execute(run: RunFolder, should_stop: Callable[[], bool]) -> int:
    """Train ``run``, or go on with it; returns 0, or 1 where it failed.

    Raises UsageError where its configuration cannot be read, OSError where its
    folder cannot be written to.
    """
    header = read_header(run)
    before = last_event(run.metrics_file)
    writer = MetricsWriter(run.metrics_file)
    recorder = Recorder(writer, header.config.epochs, _told_progress(before))
    try:
        _train(run, header, recorder, should_stop, resumed=before is not None)
        return 0
    except Stopped:
        recorder.end("stopped", f"Stopped on request after step {recorder.progress.step:,}.")
        return 0
    except Exception as error:
        traceback.print_exc()
        recorder.end("failed", failure(error, run, header.config))
        return 1
    finally:
        writer.close()


def _train(
    run: RunFolder,
    header: RunHeader,
    recorder: Recorder,
    should_stop: Callable[[], bool],
    *,
    resumed: bool,
) -> None:
    data = _load_data(header, recorder, should_stop)
    config = decide(header.config, data)
    write_header(run, replace(header, config=config))
    print(
        f"{config.net} on {config.data}: {config.image_size}×{config.image_size} pixels, "
        f"{config.device}, {config.precision}, {config.threads} thread(s)",
        flush=True,
    )
    session = open_session(config, data, recorder, Checkpoints(run.checkpoints), should_stop)
    announce(session, data, resumed=resumed)
    _tell_skipped(data, recorder)
    if config.compile:
        _compile(run, replace(header, config=config), session)
    train(session)


def _compile(run: RunFolder, header: RunHeader, session: Session) -> None:
    session.recorder.tell(Note, message="Compiling the network, which may take a minute.")
    started = time.monotonic()
    reason = compile_steps(session)
    if reason is None:
        seconds = time.monotonic() - started
        session.recorder.tell(Note, message=f"The network was compiled in {seconds:.0f} seconds.")
        return
    # Written down, so that the run goes on as it began, whatever is installed meanwhile.
    write_header(run, replace(header, config=replace(header.config, compile=False)))
    session.recorder.tell(
        Note, message=f"torch.compile does not work here ({reason}): training goes on without it."
    )


def _load_data(header: RunHeader, recorder: Recorder, should_stop: Callable[[], bool]) -> DataSet:
    told = 0.0

    def progress(what: Step | Remark) -> None:
        nonlocal told
        if should_stop():
            raise Stopped
        if isinstance(what, Remark):
            recorder.tell(Note, message=what.message)
        elif time.monotonic() - told > PREPARING_SECONDS or what.done == what.total:
            told = time.monotonic()
            recorder.tell(Preparing, **asdict(what))

    config = header.config
    data = prepare.load(
        parse(config.data),
        header.data_dir,
        image_size=config.image_size,
        val_fraction=config.val_fraction,
        download=True,
        progress=progress,
    )
    if should_stop():
        raise Stopped
    return data


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


def _told_progress(event: Event | None) -> Progress:
    if event is None:
        return Progress()
    return Progress(epoch=event.epoch, step=event.step, best_val_accuracy=event.best_val_accuracy)
