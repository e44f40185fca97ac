"""Starting the two processes of a check, and ending them; torch-free.

Host and judge import torch side by side, so a check waits for one import, not
for two. Neither can import from the learner's folder, and neither sees the
user's environment beyond what Python and torch need.
"""

import contextlib
import json
import os
import site
import socket
import struct
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Protocol

from cnn_tui.grading.sandbox import levels, visible_paths
from cnn_tui.grading.sandbox.folders import remove
from cnn_tui.processes import kill_descendants, kill_group

BOOTSTRAP = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from cnn_tui.grading.{module} import main; main()"
)
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "LD_PRELOAD")
FIXED_VARIABLES = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONUTF8": "1",
    # The submission's user has no entry in the password file, and some versions of torch ask for
    # the user's name when they are imported.
    "LOGNAME": "cnn-lab",
    # Neither process computes on more than one thread.
    "OPENBLAS_NUM_THREADS": "1",
    # A submission computes on the CPU: a GPU's drivers would not fit into its limits.
    "CUDA_VISIBLE_DEVICES": "",
    # Each allocator arena reserves 64 MiB of the address space that is limited.
    "MALLOC_ARENA_MAX": "2",
}
CPU_SECONDS_PER_SECOND = 2 * max(2, os.cpu_count() or 1)
"""The deadlines are the judge's, and threads side by side count once there; this only ends what
escapes from them, on every processor at once and on a busy machine."""
LENGTH = struct.Struct("!Q")
EXIT_SECONDS = 2.0


class HasDescriptor(Protocol):
    """A file or a socket."""

    def fileno(self) -> int:
        """The number of its descriptor."""


@dataclass(frozen=True)
class Job:
    """What the judge is asked: one submission of one exercise. Deadlines are in seconds.

    ``helpers`` are the helper files that it may import, by place; None where none are allowed.
    """

    name: str
    tests: str
    source: bytes
    seed: int
    load_seconds: float
    check_seconds: float
    total_seconds: float
    helpers: Mapping[str, bytes] | None = None

    def dumps(self) -> bytes:
        """The job as JSON."""
        coded = {name: _coded(each) for name, each in (self.helpers or {}).items()}
        helpers = None if self.helpers is None else coded
        document = asdict(self) | {"source": _coded(self.source), "helpers": helpers}
        return json.dumps(document).encode("ascii")

    @classmethod
    def loads(cls, document: bytes) -> "Job":
        """The job that ``dumps`` wrote."""
        fields = json.loads(document)
        helpers = fields["helpers"]
        if helpers is not None:
            helpers = {name: b64decode(each) for name, each in helpers.items()}
        return cls(**fields | {"source": b64decode(fields["source"]), "helpers": helpers})


def _coded(content: bytes) -> str:
    return b64encode(content).decode("ascii")


def send_job(channel: socket.socket, job: Job, control: socket.socket) -> None:
    """Give the judge a job, and the control socket of the host to use for it."""
    document = job.dumps()
    socket.send_fds(channel, [LENGTH.pack(len(document))], [control.fileno()])
    channel.sendall(document)


def receive_job(channel: socket.socket) -> tuple[Job, socket.socket] | None:
    """The next job that was sent, or None when no more will come."""
    prefix, descriptors, _, _ = socket.recv_fds(channel, LENGTH.size, 1)
    if not prefix:
        return None
    (length,) = LENGTH.unpack(prefix)
    document = channel.recv(length, socket.MSG_WAITALL)
    return Job.loads(document), socket.socket(fileno=descriptors[0])


@dataclass(frozen=True)
class Hosting:
    """A host that is ready, or will be: its orders come over ``control``.

    ``output`` carries what the learner's code prints; ``log`` holds what the
    host itself has to say.
    """

    process: subprocess.Popen[bytes]
    control: socket.socket
    output: IO[bytes]
    log: IO[bytes]


@dataclass(frozen=True)
class Judging:
    """A judge that is ready, or will be: ``results`` carries its lines, ``log`` its complaints."""

    process: subprocess.Popen[bytes]
    jobs: socket.socket
    results: IO[bytes]
    log: IO[bytes]


@contextmanager
def judging() -> Iterator[Judging]:
    """Start a judge; on leaving, nothing of it is left."""
    with contextlib.ExitStack() as stack:
        results, results_end = _pipe(stack)
        log = stack.enter_context(tempfile.TemporaryFile())
        jobs, jobs_end = socket.socketpair()
        with jobs_end, results_end:
            command = _command("judge.verdict", [jobs_end.fileno(), results_end.fileno()])
            process = stack.enter_context(
                _running(command, [jobs_end, results_end], log, {"HOME": "/"}, lifeline=True)
            )
        stack.enter_context(jobs)
        yield Judging(process, jobs, results, log)


@contextmanager
def hosting(sandbox: str | None = None, secrets: Sequence[Path] = ()) -> Iterator[Hosting]:
    """Start a host on the level ``sandbox``, the strongest that works if not given.

    ``secrets`` are hidden from it beside the lab's own hidden tests and
    solutions. On leaving, no process and no file of it is left.
    """
    level = levels.choose(sandbox)
    walls = None if level == levels.LIMITS else visible_paths.walls(secrets)
    with contextlib.ExitStack() as stack:
        output, output_end = _pipe(stack)
        log, settings = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(2))
        ours, theirs = socket.socketpair()
        folder, prefix = visible_paths.FOLDER, []
        if level == levels.BWRAP:
            assert walls is not None
            prefix = visible_paths.bubblewrap(walls)
        else:
            folder = tempfile.mkdtemp(prefix="cnn-lab-check-")
            stack.callback(remove, Path(folder))
            # A submission that runs as another user finds its own folder in it.
            Path(folder).chmod(0o711)
        with theirs, output_end:
            document = {
                "control": theirs.fileno(),
                "output": output_end.fileno(),
                "folder": folder,
                "walls": walls and asdict(walls),
            }
            settings.write(json.dumps(document).encode("ascii"))
            settings.seek(0)
            command = [*prefix, *_command("isolation.host", [settings.fileno()])]
            process = stack.enter_context(
                _running(command, [theirs, output_end, settings], log, {"HOME": folder})
            )
        stack.enter_context(ours)
        yield Hosting(process, ours, output, log)


def _command(module: str, arguments: Sequence[object]) -> list[str]:
    """The command that runs ``main`` of a module of this room."""
    code = BOOTSTRAP.format(module=module)
    words = [sys.executable, "-P", "-c", code, str(visible_paths.PACKAGE_PARENT)]
    return [*words, *map(str, arguments)]


def _pipe(stack: contextlib.ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    reading, writing = os.pipe()
    return (
        stack.enter_context(os.fdopen(reading, "rb", buffering=0)),
        stack.enter_context(os.fdopen(writing, "wb", buffering=0)),
    )


@contextmanager
def _running(
    command: Sequence[str],
    passed: Sequence[HasDescriptor],
    log: IO[bytes],
    variables: Mapping[str, str],
    *,
    lifeline: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command that inherits the descriptors ``passed``, until the context is left.

    With a ``lifeline``, its standard input closes when this process goes.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE if lifeline else subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        env={**_environment(), **variables},
        pass_fds=[each.fileno() for each in passed],
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    python = {"PYTHONPATH": _absolute_python_path()}
    if Path(site.getuserbase()).is_absolute():  # without a home it is ~/.local, word for word
        python["PYTHONUSERBASE"] = site.getuserbase()
    return {**kept, **FIXED_VARIABLES, **python}


def _absolute_python_path() -> str:
    """``PYTHONPATH`` without the entries that mean "wherever I am"."""
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all below it, by force where it does not go by itself."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(EXIT_SECONDS)
    except subprocess.TimeoutExpired:
        kill_descendants(process.pid)
        kill_group(process.pid)
        process.wait()
