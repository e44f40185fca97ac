"""The engine: answers, errors, deadlines, and nothing left behind."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.analysis.pooling.records import PoolSettings
from cnn_tui.engine import jobs
from cnn_tui.engine.process import Engine
from cnn_tui.errors import LabFault, RunError, UsageError
from tests.subprocesses import run_python

NEEDS_TORCH = "vgg11,batch_norm=true"
"""A network whose summary does not come with the package."""


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[Engine]:
    warm = Engine()
    yield warm
    warm.close()


@pytest.mark.slow
@pytest.mark.parametrize("recompute", [False, True])
async def test_answers_with_the_jobs_record(engine: Engine, recompute: bool) -> None:
    summary = await engine.run("summarize", target="lenet5", recompute=recompute)
    assert summary.total_parameters == 44_426
    chapter = {"grid": named_input("chapter").grid, "settings": PoolSettings("max")}
    pooled = await engine.run("pool", recompute=recompute, **chapter)
    assert pooled.output == ((6, 4), (7, 9))
    moved = await engine.run("translate", recompute=recompute, shift=(0, 1), **chapter)
    assert moved.before == pooled


async def test_needs_no_process_for_what_needs_no_torch(engine: Engine) -> None:
    await engine.run("summarize", target="vgg16")
    await engine.run("pool_input", spec="edges")
    await engine.run("demo", name="dropout-mask", parameters={})
    assert engine.state.phase == "idle"


async def test_passes_the_jobs_own_error_on(engine: Engine) -> None:
    with pytest.raises(UsageError, match="did you mean lenet5"):
        await engine.run("summarize", target="lenet6")


async def test_turns_an_unforeseen_error_into_a_sentence(engine: Engine) -> None:
    with pytest.raises(LabFault, match="'summarize' failed: TypeError"):
        await engine.run("summarize", color="blue")


async def test_ends_a_job_that_overruns_its_limit(engine: Engine) -> None:
    await engine.run("hello")
    start = time.monotonic()
    with pytest.raises(RunError, match="took longer than 0 s"):
        await engine.run("summarize", seconds=0.0, target=NEEDS_TORCH)
    assert time.monotonic() - start < 5


async def begun(engine: Engine, job: asyncio.Future[object]) -> None:
    """Wait until the job has a process: it fails where the answer needed none."""
    while not engine.job_pids():
        assert not job.done()
        await asyncio.sleep(0)


async def test_survives_a_job_that_dies(engine: Engine) -> None:
    await engine.run("hello")
    running = asyncio.ensure_future(engine.run("summarize", target=NEEDS_TORCH))
    await begun(engine, running)
    os.kill(next(iter(engine.job_pids())), signal.SIGKILL)
    with pytest.raises(LabFault, match="died"):
        await running
    assert (await engine.run("summarize", target="lenet5")).total_parameters == 44_426


async def test_ends_the_job_of_a_caller_that_gave_up(engine: Engine) -> None:
    await engine.run("hello")
    running = asyncio.ensure_future(engine.run("summarize", target=NEEDS_TORCH))
    await begun(engine, running)
    os.kill(next(iter(engine.job_pids())), signal.SIGSTOP)  # it would be done too soon
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    for _ in range(100):
        if not engine.job_pids():
            return
        await asyncio.sleep(0.05)
    for pid in engine.job_pids():
        os.kill(pid, signal.SIGKILL)
    pytest.fail("the job went on")


@pytest.mark.slow
def test_keeps_torch_out_of_the_process_that_asks() -> None:
    code = (
        "import asyncio, sys\n"
        "from cnn_tui.engine.process import Engine\n"
        "async def ask():\n"
        "    engine = Engine()\n"
        "    engine.warm_up()\n"
        f"    answer = await engine.run('summarize', target={NEEDS_TORCH!r})\n"
        "    engine.close()\n"
        "    return answer.total_parameters\n"
        "if __name__ == '__main__':\n"
        "    print(asyncio.run(ask()), 'torch' in sys.modules)\n"
    )
    assert run_python(code).stdout.split() == ["132866088", "False"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_leaves_no_process_behind_however_its_owner_ends() -> None:
    code = (
        "import asyncio, os, pathlib, sys\n"
        "from cnn_tui.engine.process import Engine\n"
        "async def ask():\n"
        "    engine = Engine()\n"
        "    await engine.run('hello')\n"
        "    tasks = pathlib.Path('/proc/self/task').iterdir()\n"
        "    children = ' '.join((task / 'children').read_text() for task in tasks)\n"
        "    print(*children.split())\n"
        "    sys.stdout.flush()\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(ask())\n"
    )
    from tests.subprocesses import _run

    children = [int(pid) for pid in _run([sys.executable, "-c", code]).stdout.split()]
    assert children
    deadline = time.monotonic() + 20
    while any(_alive(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in children if _alive(pid)]


def _alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        return stat.rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_names_every_job_after_its_function() -> None:
    assert {name: job.__name__ for name, job in jobs.JOBS.items()} == {n: n for n in jobs.JOBS}
