"""The engine: jobs run in processes forked from one that has torch loaded.

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
from collections.abc import Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError, LabFault, RunError
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

    def warm_up(self) -> None:
        """Start loading torch in the background; returns at once."""
        threading.Thread(target=self._start_server, name="engine-warm-up", daemon=True).start()

    async def run(self, job: str, *, seconds: float = JOB_SECONDS, **arguments: Any) -> Any:
        """The result of job ``job``; raises the LabError that it raised.

        A job that dies raises LabFault; one that takes longer than ``seconds``
        is ended and raises RunError. Cancelling the caller ends the job.
        """
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

    def _start_server(self) -> None:
        from multiprocessing import forkserver

        # Textual puts an object without a file descriptor in place of stderr.
        with self._starting, contextlib.redirect_stderr(sys.__stderr__):
            forkserver.ensure_running()

    def _start(self, process: BaseProcess) -> None:
        if self._closed:
            raise LabFault("The engine is closed.")
        self._start_server()
        process.start()
        self._running.add(process)

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
            return self._receive()
        except LabError:
            raise
        except Exception as error:
            raise LabFault(f"The engine could not run {self._job!r}: {error}.") from error
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
        sender.send((None, LabFault(f"{job!r} failed: {type(error).__name__}: {error}.")))


def _cause(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"signal {signal.Signals(-exit_code).name}"
    return f"exit code {exit_code}"
