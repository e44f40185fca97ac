"""A class of made-up learners, whose verdicts are known: right, wrong and hostile ones.

The right ones are the references, written otherwise; the wrong ones have one
function wrong; a tenth is out to break the grading or to cheat it.
"""

import ast
import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

from cnn_tui.grading.catalogue import exercise_named, solution, starter

ExpectedVerdict = str
HOME = "exercise1"
TURNS = ("exercise1", "exercise2") * 7 + ("exercise3",)
"""Mostly the cheap exercises."""

WRONG = {
    "exercise1": (
        "def max_pool(x, kernel_size, stride):\n    return x[..., ::stride, ::stride]\n",
        "def avg_pool(x, kernel_size, stride):\n    return max_pool(x, kernel_size, stride)\n",
        "def peak_retention(x, pooled):\n    return 1.0\n",
        'def better_pooling(x, wanted, kernel_size, stride):\n    return "max"\n',
    ),
    "exercise2": (
        "def input_gradient_norm(*args, **kwargs):\n    return 1.0\n",
        "def gradient_norms(*args, **kwargs):\n    return {}\n",
        "def which_vanishes(*args, **kwargs):\n    return None\n",
    ),
    "exercise3": (
        "def train(*args, **kwargs):\n    return [(0.0, 1.0)] * 3\n",
        "def make_net(*args, **kwargs):\n    return nn.Flatten()\n",
    ),
}
"""What is appended to a reference, so that it fails."""

IN_A_CALL = (
    "os._exit(0)",
    "while True: pass",
    "sys.exit(0)",
    "os.kill(os.getppid(), 9); time.sleep(60)",
    "while True: os.fork()",
    "open('big', 'wb').write(bytes(1 << 31))",
    "raise KeyboardInterrupt",
    "return Equal()",
    "os.closerange(3, 64); return x",
    "while True: print('noise' * 10_000)",
    "[os.write(fd, b'CNL1' + bytes(12)) for fd in range(3, 64) if _is_open(fd)]; time.sleep(60)",
    "import ctypes; ctypes.string_at(0)",
    "return bytearray(1 << 40)",
)
"""Bodies of max_pool that cheat, hang or do harm."""

HEAD = """
import os, sys, time

class Equal:
    shape = (2, 3, 4, 4)
    dtype = torch.float32
    def __eq__(self, other): return True
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self

def _is_open(fd):
    try: os.fstat(fd)
    except OSError: return False
    return True

def max_pool(x, kernel_size, stride):
    """


def write_class(folder: Path, learners: int, hostile: int) -> dict[str, ExpectedVerdict]:
    """Write the work of ``learners`` into ``folder``, so many of them hostile.

    Returns learner → right verdict.
    """
    verdicts: dict[str, ExpectedVerdict] = {}
    for number, (write, verdict) in enumerate(islice(_hostile(), hostile)):
        learner = f"mallory{number:03}"
        write(folder, learner)
        verdicts[learner] = verdict
    for number, (exercise, source, verdict) in enumerate(islice(_honest(), learners - hostile)):
        learner = f"learner{number:03}"
        place = folder / learner
        place.mkdir()
        (place / f"{exercise}.py").write_bytes(source)
        verdicts[learner] = verdict
    return verdicts


def _honest() -> Iterator[tuple[str, bytes, ExpectedVerdict]]:
    """(exercise, source, verdict) without end: three right ones, then one wrong, and so on."""
    wrong = {exercise: cycle([*tails, ""]) for exercise, tails in WRONG.items()}
    rewritings = cycle((_as_it_is, _without_comments, _with_other_names, _from_windows))
    for number, exercise in enumerate(cycle(TURNS)):
        source = solution(exercise_named(exercise)).read_text(encoding="utf-8")
        rewritten = next(rewritings)(source)
        if number % 4 != 1:
            yield exercise, rewritten.encode(), "passed"
            continue
        tail = next(wrong[exercise])
        pristine = starter(exercise_named(exercise)).read_bytes()
        yield exercise, f"{source}\n\n{tail}".encode() if tail else pristine, "not passed"


def _as_it_is(source: str) -> str:
    return source


def _without_comments(source: str) -> str:
    return ast.unparse(ast.parse(source))


def _from_windows(source: str) -> str:
    return "\ufeff" + source.replace("\n", "\r\n")


def _with_other_names(source: str) -> str:
    """Every local variable by another name."""
    tree = ast.parse(source)
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            nodes = list(ast.walk(function))
            inner = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
            arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
            stored = {
                node.id
                for node in nodes
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            for node in nodes:
                if isinstance(node, ast.Name) and node.id in stored - arguments - inner:
                    node.id = f"my_{node.id}"
    return ast.unparse(tree)


Write = Callable[[Path, str], object]


def _hostile() -> Iterator[tuple[Write, ExpectedVerdict]]:
    """Without end: a hostile file, a hostile archive, and so on."""
    right = solution(exercise_named(HOME)).read_text(encoding="utf-8")
    files = cycle(f"{right}{HEAD}{body}\n" for body in IN_A_CALL)
    archives = cycle((_outside, _bomb, _cut_off, _link, _huge_file, _endless_tar))
    while True:
        yield _file(next(files)), "not passed"
        yield next(archives), "unusable"
        yield _file(next(files)), "not passed"


def _file(source: str) -> Write:
    return lambda folder, learner: (folder / f"{learner}_{HOME}.py").write_text(source)


def _outside(folder: Path, learner: str) -> None:
    with zipfile.ZipFile(folder / f"{learner}.zip", "w") as archive:
        archive.writestr(f"../../{HOME}.py", "x = 1\n")


def _bomb(folder: Path, learner: str) -> None:
    with zipfile.ZipFile(folder / f"{learner}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{HOME}.py", bytes(64 << 20))


def _cut_off(folder: Path, learner: str) -> None:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        archive.add(solution(exercise_named(HOME)), f"{HOME}.py")
    (folder / f"{learner}.tar.gz").write_bytes(whole.getvalue()[:-40])


def _link(folder: Path, learner: str) -> None:
    with tarfile.open(folder / f"{learner}.tar", "w") as archive:
        link = tarfile.TarInfo(f"{HOME}.py")
        link.type, link.linkname = tarfile.SYMTYPE, str(solution(exercise_named(HOME)))
        archive.addfile(link)


def _huge_file(folder: Path, learner: str) -> None:
    (folder / f"{learner}_{HOME}.py").write_bytes(b"#" * (2 << 20))


def _endless_tar(folder: Path, learner: str) -> None:
    with tarfile.open(folder / f"{learner}.tar.gz", "w:gz", compresslevel=1) as archive:
        filler = tarfile.TarInfo("filler")
        filler.size = 600 << 20
        archive.addfile(filler, _Zeros())


class _Zeros(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        return bytes(max(size, 0))
