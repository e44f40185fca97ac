"""Submissions that try to pass without being right, or to do harm."""

from dataclasses import dataclass

from tests.grading.conftest import reference

ENDLESS = "did not finish within 1 s"


@dataclass(frozen=True)
class Attack:
    """A submission for exercise 1, and words of the true reason why it does not pass."""

    name: str
    source: str
    reason: str

    @property
    def takes_its_time(self) -> bool:
        """Whether it goes on until a deadline or a limit ends it."""
        return self.reason == ENDLESS or "without end" in self.name or "trickles" in self.name

    @property
    def check_seconds(self) -> float:
        """As much time as it needs, and no more where none is enough."""
        return 1 if self.reason == ENDLESS else 20


def _max_pool(body: str, head: str = "") -> str:
    """A submission that is right but for max_pool."""
    lines = "\n".join(f"    {line}" for line in body.strip("\n").split("\n"))
    return (
        f"{reference('exercise1')}\nimport os, sys, time\n{head}\n"
        f"def max_pool(x, kernel_size, stride):\n{lines}\n"
    )


def right_if(attempt: str) -> str:
    """A submission whose max_pool is right once ``attempt`` has worked."""
    return _max_pool(f"{attempt.strip()}\nreturn F.max_pool2d(x, kernel_size, stride)")


FORGE = """
from cnn_tui.grading.isolation import wire
import socket
for descriptor in range(3, 64):
    try:
        channel = socket.socket(fileno=os.dup(descriptor))
        for number in range(200):
            channel.send(wire.pack({"id": number, "value": torch.ones(2, 3, 4, 4)}))
    except OSError:
        pass
return x
"""

WRITE_TO_EVERY_DESCRIPTOR = """
for descriptor in range(3, 64):
    try:
        os.write(descriptor, %s)
    except OSError:
        pass
time.sleep(60)
"""

ALWAYS_EQUAL = """
class Equal:
    shape = (2, 3, 4, 4)
    dtype = torch.float32
    def __eq__(self, other): return True
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __bool__(self): return True
"""

EQUAL_TENSOR = """
class Equal(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if function.__name__ in ("allclose", "equal", "isclose", "eq", "__eq__"):
            return True
        return super().__torch_function__(function, types, args, kwargs or {})
"""

UNPRINTABLE = """
class Unprintable(Exception):
    def __str__(self): raise self
    __repr__ = __str__
"""

PATCHED = """
torch.allclose = torch.equal = lambda *args, **kwargs: True
torch.Tensor.__eq__ = lambda self, other: True
torch.isfinite = torch.Tensor.isfinite = lambda self: torch.tensor(True)
import pytest
pytest.skip = pytest.fail = lambda *args, **kwargs: None
"""

EXITS = {
    "os._exit(0)": "ended its own process (exit code 0)",
    "sys.exit(0)": "SystemExit",
    "os.kill(os.getpid(), 9)": "SIGKILL",
    "os.abort()": "SIGABRT",
    "import ctypes; ctypes.string_at(0)": "SIGSEGV",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "raise GeneratorExit": "GeneratorExit",
    "import pytest; pytest.skip('never mind')": "Skipped",
}

POISONED = """
class Poison:
    def __reduce__(self): return (os._exit, (0,))
"""

LOOKS_AROUND = """
import gc
frame = sys._getframe()
while frame is not None:
    for value in list(frame.f_locals.values()) + gc.get_objects():
        if type(value) is torch.Tensor and value.shape == (2, 3, 4, 4): return value
    frame = frame.f_back
raise LookupError("no answer lies about")
"""

FORGES_LATER = _max_pool(
    """
import threading
from cnn_tui.grading.isolation import wire
def forge():
    import socket
    channel = socket.socket(fileno=os.dup(3))
    for number in range(10_000):
        try: channel.send(wire.pack({"id": number, "value": torch.zeros(2, 3, 4, 4)}))
        except OSError: return
threading.Thread(target=forge, daemon=True).start()
return F.max_pool2d(x, kernel_size, stride)
"""
)

FOLDERS_WITHOUT_END = _max_pool("while True:\n    os.mkdir('d')\n    os.chdir('d')")

PACKS_LIES = """
from cnn_tui.grading.isolation import wire
wire.pack = lambda *args: b"CNL1" + bytes(12) + b"passed"
return x
"""

IN_A_CALL = (
    *(Attack(f"calls {code}", _max_pool(code), reason) for code, reason in EXITS.items()),
    Attack(
        "an object that equals everything", _max_pool("return Equal()", ALWAYS_EQUAL), "type Equal"
    ),
    Attack(
        "a tensor that equals everything",
        _max_pool("return torch.zeros(2, 3, 4, 4).as_subclass(Equal)", EQUAL_TENSOR),
        "96 of 96 values differ",
    ),
    Attack("not a number", _max_pool("return torch.full((2, 3, 4, 4), torch.nan)"), "not finite"),
    Attack("infinity", _max_pool("return torch.full((2, 3, 4, 4), torch.inf)"), "not finite"),
    Attack("no dimensions", _max_pool("return torch.tensor(1.0)"), "expected shape"),
    Attack("nothing in it", _max_pool("return torch.empty(0)"), "expected shape"),
    Attack("double precision", _max_pool("return F.max_pool2d(x, 2).double()"), "expected dtype"),
    Attack("complex numbers", _max_pool("return F.max_pool2d(x, 2) + 0j"), "complex64"),
    Attack("a sparse tensor", _max_pool("return F.max_pool2d(x, 2).to_sparse()"), "sparse"),
    Attack("a meta tensor", _max_pool("return torch.empty(2, 3, 4, 4, device='meta')"), "meta"),
    Attack("a generator", _max_pool("yield x"), "type generator"),
    Attack("a class", _max_pool("return torch.Tensor"), "type _TensorMeta"),
    Attack(
        "a list that holds itself", _max_pool("l = []; l.append(l); return l"), "nested too deeply"
    ),
    Attack("a huge integer", _max_pool("return 1 << 10**6"), "too large"),
    Attack("half a gigabyte", _max_pool("return torch.zeros(1 << 27)"), "256 MiB"),
    Attack(
        "thousands of objects",
        _max_pool("return [object() for _ in range(5000)]"),
        "a list of length 5000",
    ),
    Attack("a million parts", _max_pool("return [0] * 10**6"), "too many parts"),
    Attack("a huge message", _max_pool("raise ValueError('x' * 10**8)"), "ValueError: xxx"),
    Attack("an unprintable error", _max_pool("raise Unprintable", UNPRINTABLE), "cannot be shown"),
    Attack(
        "an error of escapes",
        _max_pool("raise ValueError('\\x1b[2J\\x1b]0;hi\\x07ok')"),
        "ValueError: ok",
    ),
    Attack("runaway recursion", _max_pool("return max_pool(x, 2, 2)"), "RecursionError"),
    Attack("too much memory", _max_pool("return bytearray(1 << 40)"), "MemoryError"),
    Attack("a huge tensor", _max_pool("return torch.zeros(1 << 40)"), "RuntimeError"),
    Attack("forged answers", _max_pool(FORGE), "cannot be read"),
    Attack(
        "noise in every descriptor",
        _max_pool(WRITE_TO_EVERY_DESCRIPTOR % "b'noise' * 100"),
        "cannot be read",
    ),
    Attack(
        "an answer announced too large",
        _max_pool(WRITE_TO_EVERY_DESCRIPTOR % r"b'CNL1\x7f\xff\xff\xff' + bytes(range(8))"),
        "larger than allowed",
    ),
    Attack(
        "an answer that trickles",
        _max_pool(WRITE_TO_EVERY_DESCRIPTOR % "b'CNL1'"),
        ENDLESS,
    ),
    Attack("a poisoned pickle", _max_pool("return Poison()", POISONED), "type Poison"),
    Attack(
        "raw bytes of a pickle",
        _max_pool("import pickle\nreturn pickle.dumps(torch.zeros(2))"),
        "a bytes of length",
    ),
    Attack("a search of memory", _max_pool(LOOKS_AROUND), "no answer lies about"),
    Attack("a wire that lies", _max_pool(PACKS_LIES), "cannot be read"),
    Attack(
        "an exit that comes later",
        _max_pool("import atexit\natexit.register(print, 'passed')\nsys.exit(0)"),
        "SystemExit",
    ),
    Attack(
        "threads without end",
        _max_pool(
            "import threading\n"
            "while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
        ),
        "max_pool",
    ),
    Attack(
        "shared memory without end",
        _max_pool("import mmap\nmaps = []\nwhile True: maps.append(mmap.mmap(-1, 1 << 28))"),
        "Cannot allocate memory",
    ),
    Attack(
        "memory without end",
        _max_pool("kept = []\nwhile True: kept.append(bytes(1 << 28))"),
        "MemoryError",
    ),
    Attack(
        "files without end",
        _max_pool("for number in range(10**9): open(str(number), 'w').close()"),
        "5000 files",
    ),
    Attack("folders without end", FOLDERS_WITHOUT_END, "5000 files"),
    Attack(
        "big files without end",
        _max_pool(
            "for number in range(10**9):\n"
            "    with open(str(number), 'wb') as f: f.write(bytes(10 << 20))"
        ),
        "max_pool",
    ),
    Attack(
        "small files without end, each unlinked",
        _max_pool(
            "kept = []\n"
            "while True:\n"
            "    kept.append(open('f', 'wb'))\n"
            "    os.unlink('f')\n"
            "    kept[-1].write(bytes(10 << 20))"
        ),
        # Where files cannot be unlinked, the first attempt ends it; elsewhere, the 64th.
        "Error",
    ),
    Attack(
        "files that are only mapped",
        _max_pool(
            "import mmap\n"
            "kept = []\n"
            "for number in range(10**9):\n"
            "    with open(str(number), 'w+b') as file:\n"
            "        file.truncate(10 << 20)\n"
            "        kept.append(mmap.mmap(file.fileno(), 0))\n"
            "    kept[-1].write(bytes(10 << 20))"
        ),
        # By who measures the folder, or where that is small by itself, by the kernel (SIGBUS).
        "was ended",
    ),
    Attack("patched comparisons", _max_pool("return x", PATCHED), "expected shape"),
    Attack("endless loop", _max_pool("while True: pass"), ENDLESS),
    Attack("endless loop in C", _max_pool("return sum(iter(int, 1))"), ENDLESS),
    Attack(
        "endless loop that ignores signals",
        _max_pool(
            "import signal\n"
            "for number in (1, 2, 3, 15): signal.signal(number, signal.SIG_IGN)\n"
            "while True: pass"
        ),
        ENDLESS,
    ),
    Attack(
        "endless regular expression",
        _max_pool("import re\nreturn re.match('(a*)*b', 'a' * 50)"),
        ENDLESS,
    ),
    Attack(
        "a disk full",
        _max_pool("with open('big', 'wb') as f:\n    while True: f.write(bytes(1 << 20))"),
        "File too large",
    ),
    Attack("closes its channel", _max_pool("os.closerange(3, 64)\nreturn x"), "max_pool"),
)

KILLS_THE_HOST = _max_pool("os.kill(os.getppid(), 9)\ntime.sleep(60)")

LEAVES_A_DAEMON = _max_pool(
    """
open("left-behind", "w").write("x")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for descriptor in range(3, 64):
            try: os.close(descriptor)
            except OSError: pass
        time.sleep(3600)
    os._exit(0)
os.wait()
return F.max_pool2d(x, kernel_size, stride)
"""
)

SPOILS_THE_PIPE = _max_pool("os.set_blocking(1, False)\nreturn x")

PRINTS_A_LOT = _max_pool(
    "for _ in range(200): print('x' * 5000)\nreturn F.max_pool2d(x, kernel_size, stride)"
)

PRINTS_LATE = _max_pool(
    """
import threading
def chatter():
    while True: os.write(1, b"from another learner\\n")
threading.Thread(target=chatter, daemon=True).start()
return F.max_pool2d(x, kernel_size, stride)
"""
)

FLOODS = _max_pool(
    """
print("the first line")
for _ in range(50): os.write(1, b"\\x1b[2Jnoise " * 100_000)
print("the last line")
return F.max_pool2d(x, kernel_size, stride)
"""
)

AT_IMPORT = (
    *(
        Attack(f"{code} at import", f"import os, sys\n{code}\n", reason)
        for code, reason in EXITS.items()
    ),
    Attack("fails at import", "import nothing_of_that_name\n", "ModuleNotFoundError"),
    Attack("divides by zero at import", "x = 1\ny = x / 0\n", "line 2: y = x / 0"),
    Attack("return outside of a function", "x = 1\nreturn x\n", "line 2"),
)
