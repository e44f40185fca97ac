"""Workers that die, or meet a full disk, at a chosen call: one process, ``python -m`` this.

It imports torch once, and every worker is a fork of it. A request is one line of
JSON: ``run`` (its folder), ``call`` and ``number`` (it happens at the number-th call
of that name, from 0; without them never), ``half`` (half of that call is done first)
and ``fault``: "kill", "term" (it is asked to stop, twice), "full" (that call finds no
space) or "full for good" (nor do those that come after it). ``largest_file`` is the
most bytes that the system lets it write to one, ``kill_after`` the seconds that it
lives. The answer says how the worker ended,
and how often it made each call if it lived.
"""

import errno
import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch._dynamo  # noqa: F401 - the first optimizer of every worker would import it anew

from cnn_tui.data import tensorfile
from cnn_tui.data.preparation import decode
from cnn_tui.training.loop import bookkeeping, epochs
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.process import execute, worker
from cnn_tui.training.store.folder import RunFolder

Half = Callable[..., object]
TAKES_SPACE = ("write", "write_text", "write_bytes", "save_file", "write_parts", "save_best")


class Fate:
    """Counts the calls that change files, and strikes at one of them."""

    def __init__(self, call: str = "", number: int = 0, half: bool = False, fault: str = "kill"):
        self.call, self.number, self.half, self.fault = call, number, half, fault
        self.calls: Counter[str] = Counter()
        self.full = False

    def watch(self, owner: Any, name: str, half: Half | None = None) -> None:
        """Let every call of ``owner.name`` be one at which it may happen."""
        whole = getattr(owner, name)

        def call(*args: Any, **options: Any) -> Any:
            struck = (name, self.calls[name]) == (self.call, self.number)
            self.calls[name] += 1
            if struck and self.half and half is not None:
                half(whole, *args, **options)
            if struck and self.fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if struck and self.fault == "term":
                os.kill(os.getpid(), signal.SIGTERM)
                os.kill(os.getpid(), signal.SIGTERM)
                return whole(*args, **options)
            if struck or (self.full and name in TAKES_SPACE):
                self.full = self.fault == "full for good"
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return whole(*args, **options)

        setattr(owner, name, call)


def half_write(write: Half, file: int, data: bytes) -> None:
    write(file, data[: len(data) // 2])


def half_text(write: Half, path: Path, text: str) -> None:
    write(path, text[: len(text) // 2])


def half_bytes(write: Half, path: Path, data: memoryview) -> None:
    write(path, data[: len(data) // 2])


def half_save_file(save: Half, tensors: object, path: Path, **options: object) -> None:
    save(tensors, path, **options)
    os.truncate(path, path.stat().st_size // 2)


def half_parts(write: Half, path: Path, *parts: object) -> None:
    write(path, *parts)
    os.truncate(path, path.stat().st_size // 2)


def work(request: dict[str, Any], answer: int) -> int:
    """Be one worker that tells, and keeps a checkpoint, after every step."""
    os.setsid()
    run = RunFolder(Path(request["run"]))
    log = os.open(run.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    epochs.FLUSH_SECONDS = 0.0
    bookkeeping.SHORTEST_READING = 0.0
    bookkeeping.CHECKPOINT_SHARE = 0
    execute.PREPARING_SECONDS = 0.0
    decode.CHUNK_BYTES = 1
    fate = Fate(**request["fate"])
    if "largest_file" in request:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["largest_file"],) * 2)
    fate.watch(os, "write", half_write)
    for name in ("fsync", "replace", "unlink", "ftruncate"):
        fate.watch(os, name)
    fate.watch(Path, "write_text", half_text)
    fate.watch(Checkpoints, "save_best")
    fate.watch(Path, "write_bytes", half_bytes)
    fate.watch(tensorfile, "save_file", half_save_file)
    fate.watch(tensorfile, "write_parts", half_parts)
    code = worker.main([str(run.path)])
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(answer, "w") as file:
        json.dump(fate.calls, file)
    return code


def main() -> None:
    """Answer requests until there are no more."""
    for line in sys.stdin:
        request = json.loads(line)
        back, answer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(back)
            os._exit(work(request, answer))
        os.close(answer)
        if "kill_after" in request:
            time.sleep(request["kill_after"])
            os.kill(child, signal.SIGKILL)
        with os.fdopen(back) as file:
            calls = json.loads(file.read() or "null")
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps({"code": code, "calls": calls}), flush=True)


if __name__ == "__main__":
    main()
