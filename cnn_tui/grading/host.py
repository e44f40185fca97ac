"""The submission host: a process that imports torch once and forks for each submission.

The parent only imports; it never computes and never runs a learner's code. It
takes two orders from the judge on a control socket: ``start`` (with the socket
that the new child is to serve) and ``stop``. When the judge goes, so does it,
with everything below it.
"""

import gc
import os
import shutil
import socket
import sys
import tempfile
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import torch

from cnn_tui.grading.confine import Limits, adopt_orphans, confine, die_with_parent
from cnn_tui.grading.processes import kill_descendants, kill_group
from cnn_tui.grading.service import serve

START = b"start"
STOP = b"stop"
ORDER_BYTES = 16


@dataclass(frozen=True)
class Host:
    """What the host was given: its sockets, a private folder, and the limits of its children."""

    control: socket.socket
    output: int
    folder: Path
    limits: Limits


def main() -> None:
    """Serve the judge; arguments: control and output descriptors, the private folder, CPU limit."""
    control, output, folder, cpu_seconds = sys.argv[1:]
    host = Host(
        control=socket.socket(fileno=int(control)),
        output=int(output),
        folder=Path(folder),
        limits=Limits(cpu_seconds=int(cpu_seconds)),
    )
    adopt_orphans()
    # Children share the pages of what was imported for as long as nobody touches them.
    gc.freeze()
    try:
        _take_orders(host)
    finally:
        kill_descendants(os.getpid())
        shutil.rmtree(host.folder, ignore_errors=True)
        os._exit(0)


def _take_orders(host: Host) -> None:
    """Start and stop one submission at a time, until the judge hangs up."""
    while True:
        order, descriptors, _, _ = socket.recv_fds(host.control, ORDER_BYTES, 1)
        if order != START:
            return
        with tempfile.TemporaryDirectory(dir=host.folder, ignore_cleanup_errors=True) as folder:
            child = _fork(host, descriptors[0], folder)
            os.close(descriptors[0])
            _answer(host, child)
            order = host.control.recv(ORDER_BYTES)
            code = _stop(child)
        if order != STOP:
            return
        _answer(host, code)


def _answer(host: Host, number: int) -> None:
    host.control.sendall(str(number).encode().rjust(ORDER_BYTES))


def _fork(host: Host, channel: int, folder: str) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        _become_submission(host, channel, folder, parent)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _become_submission(host: Host, channel: int, folder: str, parent: int) -> None:
    os.setsid()
    die_with_parent(parent)
    host.control.close()
    sys.stdout, sys.stderr = _text_stream(1, host.output), _text_stream(2, host.output)
    os.close(host.output)
    os.chdir(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = tempfile.tempdir = folder
    sys.argv = [""]
    sys.dont_write_bytecode = True
    torch.set_num_threads(1)
    confine(host.limits)
    serve(socket.socket(fileno=channel))


def _text_stream(descriptor: int, target: int) -> TextIO:
    """A line-buffered stream on ``descriptor``, which now leads to ``target``."""
    os.dup2(target, descriptor)
    return open(descriptor, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _stop(child: int) -> int:
    """End a child with all that it started; returns its exit code, negative for a signal."""
    # A process that has already ended keeps the exit code that it ended with.
    kill_group(child)
    _, status = os.waitpid(child, 0)
    kill_descendants(os.getpid())
    _reap()
    return os.waitstatus_to_exitcode(status)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
