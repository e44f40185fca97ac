"""Starting the two processes of a check, and ending them; torch-free.

Host and judge import torch side by side, so a check waits for one import, not
for two. Neither can import from the learner's folder, and neither sees the
user's environment beyond what Python and torch need.
"""

import contextlib
import json
import math
import os
import shutil
import site
import socket
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from cnn_tui.grading.processes import kill_descendants, kill_group

PACKAGE_PARENT = Path(__file__).parents[2]
BOOTSTRAP = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from cnn_tui.grading.{module} import main; main()"
)
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "LD_PRELOAD")
FIXED_VARIABLES = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONUTF8": "1",
    # Neither process computes on more than one thread.
    "OPENBLAS_NUM_THREADS": "1",
    # A submission computes on the CPU: a GPU's drivers would not fit into its limits.
    "CUDA_VISIBLE_DEVICES": "",
    # Each allocator arena reserves 64 MiB of the address space that is limited.
    "MALLOC_ARENA_MAX": "2",
}
ROOT = Path("/")
CPU_SECONDS_PER_SECOND = 2
"""The deadlines are by the clock; this only ends what escapes from them."""
EXIT_SECONDS = 2.0


@dataclass(frozen=True)
class Job:
    """What the judge is asked: one submission of one exercise. Deadlines are in seconds."""

    name: str
    tests: str
    source: bytes
    seed: int
    load_seconds: float
    check_seconds: float
    total_seconds: float

    def dumps(self) -> bytes:
        """The job as JSON."""
        document = asdict(self) | {"source": b64encode(self.source).decode("ascii")}
        return json.dumps(document).encode("ascii")

    @classmethod
    def loads(cls, document: bytes) -> "Job":
        """The job that ``dumps`` wrote."""
        fields = json.loads(document)
        return cls(**fields | {"source": b64decode(fields["source"])})


@dataclass(frozen=True)
class Hosting:
    """A host that is ready, or will be: its orders come over ``control``.

    ``output`` carries what the learner's code prints; ``log`` holds what the
    host itself has to say.
    """

    control: socket.socket
    output: IO[bytes]
    log: IO[bytes]


@dataclass(frozen=True)
class Judging:
    """A check under way: ``results`` carries the judge's JSON lines, ``log`` its complaints."""

    host: Hosting
    results: IO[bytes]
    log: IO[bytes]


@contextmanager
def judging(job: Job) -> Iterator[Judging]:
    """Start host and judge for ``job``; on leaving, nothing of them is left."""
    with contextlib.ExitStack() as stack:
        # The host first: it has more to do before it can be asked.
        cpu_seconds = math.ceil(CPU_SECONDS_PER_SECOND * job.total_seconds)
        host = stack.enter_context(hosting(cpu_seconds))
        results, results_end = _pipe(stack)
        log, order = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(2))
        order.write(job.dumps())
        order.seek(0)
        descriptors = [each.fileno() for each in (host.control, results_end, order)]
        stack.enter_context(_running("judge", descriptors, [], ROOT, log, lifeline=True))
        # Only the judge holds them now, so that its end is seen at the other end.
        host.control.close()
        results_end.close()
        yield Judging(host, results, log)


@contextmanager
def hosting(cpu_seconds: int) -> Iterator[Hosting]:
    """Start a host, whose submissions may each use ``cpu_seconds``."""
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="cnn-lab-check-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        output, output_end = _pipe(stack)
        log = stack.enter_context(tempfile.TemporaryFile())
        ours, theirs = socket.socketpair()
        with theirs, output_end:
            descriptors = [theirs.fileno(), output_end.fileno()]
            stack.enter_context(_running("host", descriptors, [folder, cpu_seconds], folder, log))
        stack.enter_context(ours)
        yield Hosting(ours, output, log)


def _pipe(stack: contextlib.ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    reading, writing = os.pipe()
    return (
        stack.enter_context(os.fdopen(reading, "rb", buffering=0)),
        stack.enter_context(os.fdopen(writing, "wb", buffering=0)),
    )


@contextmanager
def _running(
    module: str,
    descriptors: Sequence[int],
    arguments: Sequence[object],
    folder: Path,
    log: IO[bytes],
    *,
    lifeline: bool = False,
) -> Iterator[None]:
    """Run ``main`` of a module of this room in ``folder``, until the context is left.

    With a ``lifeline``, its standard input closes when this process goes.
    """
    command = [sys.executable, "-P", "-c", BOOTSTRAP.format(module=module), str(PACKAGE_PARENT)]
    process = subprocess.Popen(
        [*command, *map(str, descriptors), *map(str, arguments)],
        stdin=subprocess.PIPE if lifeline else subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=folder,
        env=_environment(folder),
        pass_fds=descriptors,
        start_new_session=True,
    )
    try:
        yield
    finally:
        _end(process)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    private = {
        "HOME": str(folder),
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONPATH": _absolute_python_path(),
    }
    return {**kept, **FIXED_VARIABLES, **private}


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
