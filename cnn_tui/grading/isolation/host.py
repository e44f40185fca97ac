"""The submission host: a process that imports torch once and forks for each submission.

The parent only imports; it never computes and never runs a learner's code. It
takes two orders from the judge on a control socket: ``start`` (with what torch
imports late, the CPU seconds that the new child may use, and the socket that it is to
serve) and ``stop``. When the socket closes, it goes, with everything below it.
"""

import fcntl
import gc
import importlib
import io
import json
import os
import re
import select
import socket
import sys
import tempfile
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import torch

from cnn_tui.grading.isolation.hosted_submission import PrintedText
from cnn_tui.grading.isolation.service import serve
from cnn_tui.grading.sandbox.confine import (
    Limits,
    Walls,
    confine,
    hide_memory,
)
from cnn_tui.grading.sandbox.folders import is_overfull, remove
from cnn_tui.processes import adopt_orphans, die_with_parent, kill_descendants, kill_group

START = b"start"
STOP = b"stop"
ORDER_BYTES = 16
OVERFULL = 256
"""What ``stop`` answers where a child had written too much; exit codes are smaller."""
LOOK_SECONDS = 0.1
"""How often a child's folder is measured."""
LATE_IMPORTS = (
    (),
    # What backward from more than one number imports: 0.5 s.
    ("torch.fx.experimental.symbolic_shapes", "torch.nested._internal.nested_tensor"),
    # What the first optimizer imports, torch.func.grad, jacrev, checkpoint and torchvision: 2 s.
    ("torch._dynamo", "torch.nested._internal.nested_tensor"),
)
"""Groups of modules that torch imports at a first use: each is imported before a submission that
may use it is forked, so that no deadline pays for it and, where a host is kept, only one does."""
USES_OPTIMIZERS = re.compile(
    rb"\b(optim|func|jac\w*|hessian|[jv]jp|checkpoint|compile|torchvision)\b"
)
USES_GRADIENTS = re.compile(rb"\bautograd\b|\bgradcheck\b|\bbackward\(\s*[^)\s]")
CHANNEL = 3
"""The descriptor of the only thing that a child holds beside its three streams."""


@dataclass(frozen=True)
class Host:
    """What the host was given: its sockets, a private folder, and the walls of its children."""

    control: socket.socket
    output: int
    folder: Path
    walls: Walls | None


def main() -> None:
    """Serve the judge; the argument is the descriptor of the settings that ``launch`` wrote."""
    hide_memory()
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        settings = json.load(file)
    walls = settings["walls"]
    host = Host(
        control=socket.socket(fileno=settings["control"]),
        output=settings["output"],
        folder=Path(settings["folder"]),
        walls=walls and Walls(tuple(walls["readable"]), walls["uid"]),
    )
    adopt_orphans()
    # Children share the pages of what was imported for as long as nobody touches them.
    gc.freeze()
    try:
        _take_orders(host)
    finally:
        kill_descendants(os.getpid())
        # Within name spaces of its own it is a mount, and goes with them.
        with suppress(OSError):
            remove(host.folder)
        os._exit(0)


def late_imports_of(source: bytes) -> int:
    """The group of LATE_IMPORTS that a learner's file seems to need."""
    if USES_OPTIMIZERS.search(source):
        return 2
    return 1 if USES_GRADIENTS.search(source) else 0


def _take_orders(host: Host) -> None:
    """Start and stop one submission at a time, until the judge hangs up."""
    while True:
        order, descriptors, _, _ = socket.recv_fds(host.control, ORDER_BYTES, 1)
        word, *numbers = order.split()
        if word != START:
            return
        late_imports, cpu_seconds = map(int, numbers)
        _import_late(LATE_IMPORTS[late_imports])
        # The pipe is the same for all: what a child has set on it must not meet the next one.
        fcntl.fcntl(host.output, fcntl.F_SETFL, 0)
        folder = _private_folder(host)
        try:
            child = _fork(host, descriptors[0], folder, cpu_seconds)
            os.close(descriptors[0])
            _answer_started(host, child)
            overfull = _watch_folder(host, child, folder)
            order = host.control.recv(ORDER_BYTES)
            code = _stop(child)
        finally:
            remove(folder)
        if order != STOP:
            return
        _answer(host, OVERFULL if overfull else code)


def _private_folder(host: Host) -> Path:
    folder = Path(tempfile.mkdtemp(dir=host.folder))
    if host.walls is not None and host.walls.uid is not None:
        os.chown(folder, host.walls.uid, host.walls.uid)
    return folder


def _import_late(modules: tuple[str, ...]) -> None:
    if all(each in sys.modules for each in modules):
        return
    for module in modules:
        with suppress(ImportError):  # torch's own layout: a help, not a need
            importlib.import_module(module)
    gc.freeze()


def _answer(host: Host, number: int) -> None:
    host.control.sendall(_number(number))


def _answer_started(host: Host, child: int) -> None:
    """Say which child it is, and hand over a pidfd: the number means nothing elsewhere."""
    try:
        descriptor = os.pidfd_open(child)
    except (AttributeError, OSError):  # not on Linux, or an old one
        _answer(host, child)
        return
    socket.send_fds(host.control, [_number(child)], [descriptor])
    os.close(descriptor)


def _number(number: int) -> bytes:
    return str(number).encode().rjust(ORDER_BYTES)


def _watch_folder(host: Host, child: int, folder: Path) -> bool:
    """Wait for the next order; end a child that writes too much, and say so."""
    while not select.select([host.control], [], [], LOOK_SECONDS)[0]:
        if is_overfull(folder):
            kill_group(child)
            select.select([host.control], [], [])
            return True
    return False


def _fork(host: Host, channel: int, folder: Path, cpu_seconds: int) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        _become_submission(host, channel, str(folder), parent, cpu_seconds)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _become_submission(
    host: Host, channel: int, folder: str, parent: int, cpu_seconds: int
) -> None:
    os.setsid()
    sys.stdout, sys.stderr = _text_stream(1, host.output), _text_stream(2, host.output)
    os.dup2(channel, CHANNEL)
    os.closerange(CHANNEL + 1, os.sysconf("SC_OPEN_MAX"))
    os.chdir(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = tempfile.tempdir = folder
    sys.argv = [""]
    sys.dont_write_bytecode = True
    torch.set_num_threads(1)
    confine(Limits(cpu_seconds=cpu_seconds), host.walls, folder)
    die_with_parent(parent)
    serve(socket.socket(fileno=CHANNEL))


def _text_stream(descriptor: int, target: int) -> TextIO:
    """A line-buffered stream on ``descriptor``, which now leads to ``target``."""
    os.dup2(target, descriptor)
    raw = io.FileIO(descriptor, "w", closefd=False)
    stream = PrintedText(io.BufferedWriter(raw), "utf-8", "backslashreplace", line_buffering=True)
    stream.forget()
    return stream


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
