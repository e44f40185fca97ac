"""The engine: jobs run in processes forked from one that has torch loaded, if they need torch.

The standard library's fork server does the forking. A job that dies or overruns
its limit becomes a LabError; closing the engine, or losing the process that
holds it, ends every job.
"""

import asyncio
import contextlib
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from cnn_tui.engine import without_torch
from cnn_tui.engine.state import EngineState, Phase
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError, LabFault, RunError
from cnn_tui.next_steps import Action, step
from cnn_tui.processes import die_with_owner

JOB_SECONDS = 60.0
"""How long a job may take before it is ended; loading torch, once, comes on top."""


class Engine:
    """Runs jobs in warm processes; one for a front end's whole life."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["cnn_tui.engine.preload"])
        self._running: set[BaseProcess] = set()
        self._starting = threading.Lock()
        self._closed = False
        self._state = EngineState()

    @property
    def state(self) -> EngineState:
        """How far the engine is; costs nothing, and is never waited for."""
        return self._state

    def warm_up(self) -> None:
        """Start loading torch in the background; returns at once.

        ``state`` then goes from ``loading`` to ``ready`` or ``failed``.
        """
        if self._state.phase == "idle":
            self._enter("loading")
        threading.Thread(target=self._greet, name="engine-warm-up", daemon=True).start()

    def at_once(self, job: str, **arguments: Any) -> Any | None:
        """The result of job ``job`` where it needs neither torch nor time, else None.

        Raises the LabError that the job would raise.
        """
        return without_torch.at_once(job, arguments)

    async def run(
        self,
        job: str,
        *,
        seconds: float = JOB_SECONDS,
        recompute: bool = False,
        **arguments: Any,
    ) -> Any:
        """The result of job ``job``; raises the LabError that it raised.

        What needs no torch is not waited for, unless ``recompute`` asks for it.
        A job that dies raises LabFault; one that takes longer than ``seconds``
        is ended and raises RunError. Canceling the caller ends the job.
        """
        if not recompute:
            known = self.at_once(job, **arguments)
            if known is None:
                known = await in_background(without_torch.on_a_thread, job, arguments)
            if known is not None:
                return known
        return await self.compute(job, arguments, seconds)

    async def compute(self, job: str, arguments: Mapping[str, Any], seconds: float) -> Any:
        """The result of a job in a process that has torch loaded."""
        call = _Call(self, job, arguments, seconds)
        try:
            return await in_background(call.outcome)
        except asyncio.CancelledError:
            call.end()
            raise

    def close(self) -> None:
        """End every job. The fork server ends by itself when this process does."""
        self._closed = True
        for process in list(self._running):
            process.kill()

    def job_pids(self) -> frozenset[int]:
        """The processes of the jobs that run now."""
        return frozenset(process.pid for process in list(self._running) if process.pid)

    def _greet(self) -> None:
        """Ask what there is to compute with, which waits for torch."""
        try:
            hello = _Call(self, "hello", {}, JOB_SECONDS).outcome()
        except LabError as error:
            self._enter("failed", str(error))
        else:
            self._state = replace(self._state, hello=hello)

    def _start_server(self) -> None:
        from multiprocessing import forkserver

        if self._state.phase == "idle":
            self._enter("loading")

        # Textual puts an object without a file descriptor in place of stderr.
        with self._starting, contextlib.redirect_stderr(sys.__stderr__):
            forkserver.ensure_running()

    def _start(self, process: BaseProcess) -> None:
        if self._closed:
            raise LabFault("The engine is closed.")
        try:
            self._start_server()
            process.start()  # returns once the server has forked, and so has imported torch
        except Exception as error:
            self._enter("failed", f"{type(error).__name__}: {error}")
            raise
        if self._state.phase == "loading":
            self._enter("ready")
        self._running.add(process)

    def _answered(self) -> None:
        if self._state.phase == "failed":  # not any more
            self._enter("ready")

    def _enter(self, phase: Phase, reason: str = "") -> None:
        self._state = EngineState(phase, time.monotonic(), self._state.hello, reason)

    def _forget(self, process: BaseProcess) -> None:
        self._running.discard(process)


class _Call:
    """One job from its start to its outcome, on a thread of its own."""

    def __init__(
        self, engine: Engine, job: str, arguments: Mapping[str, Any], seconds: float
    ) -> None:
        self._engine = engine
        self._job = job
        self._seconds = seconds
        self._receiver, self._sender = engine._context.Pipe(duplex=False)
        self._process = engine._context.Process(
            target=_serve, args=(self._sender, job, dict(arguments)), daemon=True
        )
        self._ended = False

    def outcome(self) -> Any:
        """The job's result; raises the LabError that ended it."""
        try:
            self._engine._start(self._process)
            self._sender.close()
            if self._ended:
                self._process.kill()
            answer = self._receive()
            self._engine._answered()
            return answer
        except LabError:
            raise
        except Exception as error:
            raise LabFault(
                f"The engine could not run {self._job!r}: {error}.",
                next_steps=(step(Action.DOCTOR),),
            ) from error
        finally:
            self._receiver.close()
            self._engine._forget(self._process)

    def end(self) -> None:
        """Stop the job, wherever it is."""
        self._ended = True
        with contextlib.suppress(AttributeError, ValueError):
            self._process.kill()

    def _receive(self) -> Any:
        if not self._receiver.poll(self._seconds):
            self._process.kill()
            self._process.join()
            raise RunError(f"{self._job!r} took longer than {self._seconds:.0f} s and was stopped.")
        try:
            result, error = self._receiver.recv()
        except EOFError:
            self._process.join()
            raise LabFault(
                f"The process that ran {self._job!r} died ({_cause(self._process.exitcode)}). "
                "Try again; if it happens twice, report it."
            ) from None
        self._process.join()
        if error is not None:
            raise error
        return result


def _serve(sender: Connection, job: str, arguments: dict[str, Any]) -> None:
    """In the forked process: run the job, send its outcome."""
    from cnn_tui.engine.jobs import run_job

    die_with_owner()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        sender.send((run_job(job, arguments), None))
    except LabError as error:
        sender.send((None, error))
    except Exception as error:
        sender.send((None, without_torch.unforeseen(job, error)))


def _cause(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"signal {signal.Signals(-exit_code).name}"
    return f"exit code {exit_code}"
