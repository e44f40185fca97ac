"""Submissions that reach for what is not theirs, and are right only if they get it."""

from dataclasses import dataclass
from pathlib import Path

from tests.grading.attacks import right_if

DENIED = ("PermissionError", "FileNotFoundError", "OSError")
READS, WRITES, NETWORK, STARTS, ENDS = (
    "read whatever you may read, the hidden tests and the solution among them",
    "write to whatever you may write to",
    "reach the network",
    "start programs, and leave some of them behind",
    "end the lab's own processes",
)


@dataclass(frozen=True)
class Intrusion:
    """What max_pool tries before it answers rightly; ``gap`` is what lets it on the weakest level.

    ``{tests}`` stands for a file of the grader's, ``{outside}`` for a folder
    and ``{port}`` for a server outside of the sandbox; a path is put in as the
    literal of a string.
    """

    name: str
    attempt: str
    gap: str
    reasons: tuple[str, ...] = DENIED

    def source(self, **places: object) -> str:
        """The submission, for places that are known only when it runs."""
        attempt = self.attempt
        for name, place in places.items():
            literal = repr(str(place)) if isinstance(place, Path) else str(place)
            attempt = attempt.replace(f"{{{name}}}", literal)
        return right_if(attempt)


SYSCALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(%s) < 0: raise OSError(ctypes.get_errno(), "syscall")
"""


def _syscall(name: str, arguments: str, gap: str) -> Intrusion:
    return Intrusion(f"calls {name}", SYSCALL % arguments, gap)


INTRUSIONS = (
    Intrusion("reads hidden tests", "open({tests}).read()", READS),
    Intrusion("reads the solution", "exec(open({solution}).read())", READS),
    Intrusion("looks for the solution", "os.listdir(os.path.dirname({solution}))", READS),
    Intrusion("reads the user's files", "open('/etc/passwd').read()", READS),
    Intrusion("reads beside the file", "os.listdir({outside})", READS),
    Intrusion("reads through a link", "os.symlink({solution}, 's'); open('s').read()", READS),
    Intrusion(
        "reads through its own process", "open('/proc/self/root' + {solution}).read()", READS
    ),
    Intrusion(
        "reads the environment of its parent", "open(f'/proc/{os.getppid()}/environ').read()", READS
    ),
    Intrusion(
        "reads the memory of its parent", "open(f'/proc/{os.getppid()}/mem', 'rb').seek(0)", READS
    ),
    Intrusion("traces its parent", SYSCALL % "101, 16, os.getppid(), 0, 0", READS),
    Intrusion("writes results", "open({outside} + '/results.json', 'w').write('passed')", WRITES),
    Intrusion("writes to the tests", "open({tests}, 'a').close()", WRITES),
    Intrusion("changes rights", "os.chmod({outside}, 0o777)", WRITES),
    Intrusion("changes times", "os.utime({tests})", WRITES),
    Intrusion("hides a file by unlinking it", "open('f', 'w').close(); os.unlink('f')", WRITES),
    Intrusion(
        "hides a file by replacing it",
        "for name in 'ab': open(name, 'w').close()\nos.replace('a', 'b')",
        WRITES,
    ),
    Intrusion(
        "hides a file that has no name", "os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o600)", WRITES
    ),
    _syscall("openat2", "437, -100, b'.', ctypes.create_string_buffer(24), 24", WRITES),
    Intrusion("reads how this process is mounted", "open('/proc/self/mountinfo').read()", READS),
    Intrusion("reads who is on the network", "open('/proc/self/net/tcp').read()", READS),
    Intrusion("reads its control group", "open('/proc/self/cgroup').read()", READS),
    Intrusion("reads what started it", "open('/proc/thread-self/environ').read()", READS),
    Intrusion("leaves shared memory behind", "open('/dev/shm/cnn-lab-attack', 'w')", WRITES),
    _syscall("memfd_create", "319, b'x', 0", WRITES),
    _syscall("shmget", "29, 0, 4096, 0o1600", WRITES),
    _syscall("shmat", "30, 0, 0, 0", WRITES),
    _syscall("msgrcv", "70, 0, 0, 0, 0, 0", READS),
    Intrusion(
        "watches another folder",
        SYSCALL % "254, libc.syscall(294, 0), os.fsencode({outside}), 0x100",
        READS,
    ),
    Intrusion(
        "sends to a named socket",
        "import socket\nsocket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
        NETWORK,
    ),
    Intrusion(
        "calls a server",
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=5)",
        NETWORK,
    ),
    Intrusion("waits for calls", "import socket\nsocket.create_server(('127.0.0.1', 0))", NETWORK),
    Intrusion("forks", "os.fork() or os._exit(0)", STARTS),
    Intrusion("runs a program", "import subprocess; subprocess.run(['true'])", STARTS),
    Intrusion(
        "becomes a program", "os.execv(sys.executable, [sys.executable, '-c', 'pass'])", STARTS
    ),
    Intrusion(
        "works in another process",
        "import multiprocessing as m; p = m.Process(target=print); p.start(); p.join()",
        STARTS,
    ),
    Intrusion("asks for its parent's end", "os.kill(os.getppid(), 0)", ENDS),
    Intrusion("asks for everybody's end", "os.kill(-1, 0)", ENDS),
    Intrusion("limits its parent", "import resource as r; r.prlimit(1, r.RLIMIT_CPU)", ENDS),
    Intrusion(
        "has the kernel signal its parent",
        "import fcntl; fcntl.fcntl(1, fcntl.F_SETOWN, os.getppid())",
        ENDS,
    ),
)

ROOTLIKE = (
    _syscall("unshare", "272, 0x10000000", STARTS),
    _syscall("mount", "165, b'x', b'/mnt', b'tmpfs', 0, 0", WRITES),
    _syscall("bpf", "321, 5, 0, 0", READS),
    _syscall("io_uring_setup", "425, 1, ctypes.create_string_buffer(256)", NETWORK),
    _syscall("perf_event_open", "298, ctypes.create_string_buffer(256), 0, -1, -1, 0", READS),
    _syscall("a call of another interface", "0x40000000 + 57", STARTS),
    _syscall("a call of the future", "500", STARTS),
    Intrusion("becomes root again", "os.setuid(0)", WRITES),
)
"""What an ordinary process may not be able to do anyway, by x86-64's numbers."""
