"""The lab gives a submission a process of its own, with no more than it needs."""

import pytest

from cnn_tui.grading.isolation.host import late_imports_of
from tests.grading.conftest import Grade, reference

FACTS = """
import json, os, resource, sys, tempfile
MIB = 1 << 20
def limit(name):
    return resource.getrlimit(getattr(resource, "RLIMIT_" + name))
assert limit("CORE") == (0, 0)
assert limit("CPU") == (600, 600)
assert limit("FSIZE") == (16 * MIB, 16 * MIB)
assert limit("NOFILE")[1] <= 64
if sys.platform == "linux":
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    assert used < limit("AS")[1] <= used + 3072 * MIB
assert os.getsid(0) == os.getpid()
assert os.read(0, 10) == b""
assert os.listdir(".") == []
assert tempfile.gettempdir() == os.environ["HOME"] == os.getcwd()
assert "A_SECRET" not in os.environ
assert "" not in sys.path and os.getcwd() not in sys.path
assert __name__ == "exercise1"
assert sys.modules[__name__].max_pool is max_pool
open("a file", "w").write("of its own")
"""


def test_confines_a_submission(grade: Grade) -> None:
    verdict = grade("exercise1", reference("exercise1") + FACTS)
    assert verdict.passed, (verdict.unusable, verdict.not_passed)


def test_gives_every_submission_an_empty_folder(grade: Grade) -> None:
    for _ in range(2):
        assert grade("exercise1", reference("exercise1") + FACTS).passed


def test_goes_on_with_a_fresh_process_after_one_was_stopped(grade: Grade) -> None:
    source = reference("exercise1").replace(
        "return F.max_pool2d(x, kernel_size, stride)", "import os; os._exit(3)"
    )
    verdict = grade("exercise1", source)
    assert (
        "ended its own process (exit code 3); the call was max_pool("
        in verdict.results["max_pool"].message
    )
    assert verdict.results["avg_pool"].status == "passed"
    assert verdict.results["difference"].status == "not reached"


def test_gives_a_submission_the_same_random_numbers_for_the_same_seed(grade: Grade) -> None:
    tell = "raise ValueError(str(torch.rand(1).item()))\n"
    told = [grade("exercise1", f"import torch\n{tell}", seed=seed).unusable for seed in (5, 5, 6)]
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def avg_pool(*_): return 1\n", "defines no function named max_pool"),
        ("max_pool = 3\n", "defines no function named max_pool"),
        ("def max_pool(): return 1\n", "TypeError: max_pool() takes 0 positional arguments"),
        (
            "def max_pool(*_):\n    return 1 / 0\n",
            "(line 2: return 1 / 0); the call was max_pool(tensor (",
        ),
        (f"def max_pool(*_): return 1 / 0  # {'x' * 99}\n", "xx…); the call was max_pool("),
        (
            "def max_pool(*_): import helper\n",
            "). A check sees only this file and installed packages: put your other code into the",
        ),
        ("def max_pool(*_): from . import helper\n", "). A check sees only this file"),
        (
            "def max_pool(*_): raise RuntimeError('Found no NVIDIA driver')\n",
            "). A check runs on the CPU.",
        ),
        (
            "def max_pool(*_): open('maps.csv')\n",
            "A check sees only this file and reaches no network",
        ),
        (
            "def max_pool(*_): import socket; socket.getaddrinfo('example.org', 80)\n",
            "A check sees only this file and reaches no network",
        ),
        ("def max_pool(*_): raise OSError(30, 'Read-only file system')\n", "starts no processes"),
        ("def max_pool(*_): raise NotImplementedError\n", "is not written yet"),
        ("def max_pool(*_): print('x')\n", "is a return missing?"),
        ("def max_pool(*_): raise PermissionError('no')\n", "In a check, code starts no processes"),
    ],
)
def test_says_what_a_function_did_wrong(grade: Grade, source: str, message: str) -> None:
    assert message in grade("exercise1", source).results["max_pool"].message


@pytest.mark.parametrize(
    ("source", "group"),
    [
        ("optimizer = torch.optim.Adam(net.parameters())", 2),
        ("from torch.func import functional_call", 2),
        ("J = jacrev(f)(x)", 2),
        ("@torch.compile", 2),
        ("torch.autograd.grad(y, x, torch.ones(3))", 1),
        ("y.backward(torch.ones(3))", 1),
        ("loss.backward()", 0),
        ("def function(): return optimum", 0),
    ],
)
def test_knows_what_torch_will_import_late(source: str, group: int) -> None:
    assert late_imports_of(source.encode()) == group


@pytest.mark.slow
@pytest.mark.parametrize("use", ["optimizer", "jacrev", "backward"])
def test_has_imported_before_the_deadlines_what_torch_imports_late(grade: Grade, use: str) -> None:
    """The first use imports nothing more that takes a moment."""
    first_use = {
        "optimizer": "torch.optim.Adam([x]).step()",
        "jacrev": "torch.func.jacrev(torch.square)(x.detach())",
        "backward": "(x * x).backward(torch.ones(3))",
    }[use]
    source = f"""
import sys
x = torch.ones(3, requires_grad=True)
before = len(sys.modules)
{first_use}
assert len(sys.modules) < before + 20, len(sys.modules) - before
"""
    verdict = grade("exercise1", reference("exercise1") + source)
    assert verdict.passed, verdict.unusable
