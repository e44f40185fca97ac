"""One run from its configuration to its last event, whatever happens on the way."""

import errno
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace

import torch

from cnn_tui.data import prepare
from cnn_tui.data.catalogue import parse
from cnn_tui.data.dataset import DataSet
from cnn_tui.data.records import Remark, Step
from cnn_tui.errors import LabError
from cnn_tui.training.checkpoints import Checkpoints
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.loop import train
from cnn_tui.training.metrics import MetricsWriter, last_event
from cnn_tui.training.progress import Progress
from cnn_tui.training.recorder import Recorder
from cnn_tui.training.records import Event, Note, Preparing
from cnn_tui.training.runs import RunFolder, RunHeader, read_header, write_header
from cnn_tui.training.session import Stopped, announce, open_session
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


def failure(error: Exception, run: RunFolder, config: TrainConfig) -> str:
    """The sentence that tells what went wrong and what to change."""
    if isinstance(error, LabError):
        return str(error)
    if _is_out_of_memory(error):
        return (
            f"There is not enough memory for batches of {config.batch_size} images: "
            "train again with a smaller --batch-size or --image-size."
        )
    if "more than 1 value per channel" in str(error):
        return (
            f"Batch norm cannot train on batches of {config.batch_size} here, where one value "
            "per channel is left: train again with a larger --batch-size or --image-size."
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk that holds {run.path} is full: free some space, "
            f"then go on with cnn-lab resume {run.run}"
        )
    return f"The lab itself failed ({type(error).__name__}: {error}); see {run.log_file}."


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
    train(session)


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


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    # The CPU allocator raises a plain RuntimeError.
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
