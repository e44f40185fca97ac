"""The trusted process: runs pytest on the hidden tests and tells what came out.

It never runs the learner's code. It takes one job after another, each with the
control socket of the host to use, and writes one line of JSON per event to the
result pipe: ``ready``, then a ``check`` for each result, then ``end`` with the
reasons, if any, why the checking ended early. Its standard input is a lifeline:
when it closes, the checker has gone, and the judge goes too.
"""

import gc
import json
import math
import os
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from cnn_tui.errors import LabFault
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.deadlines import START_CLOCK
from cnn_tui.grading.isolation.host_control import HostControl
from cnn_tui.grading.isolation.launch import CPU_SECONDS_PER_SECOND, Job, receive_job
from cnn_tui.grading.isolation.submission_errors import (
    BusyError,
    EndedError,
    RaisedError,
    TimedOutError,
)
from cnn_tui.grading.judge.plan import read_plan
from cnn_tui.grading.judge.plugin import Grader
from cnn_tui.grading.sandbox.confine import hide_memory

CONFIG = Path(__file__).parents[1] / "exercises" / "hidden_tests" / "pytest.ini"
UNUSED_PLUGINS = (
    "cacheprovider",
    "doctest",
    "faulthandler",
    "junitxml",
    "logging",
    "threadexception",
    "unittest",
    # Collects garbage five times over at the end, which takes longer than a check.
    "unraisableexception",
)
PYTEST_OPTIONS = (
    *("-c", str(CONFIG), "--noconftest", "--import-mode=importlib", "--assert=plain"),
    *("--capture=no", "--quiet", "--tb=no"),
    *(word for plugin in UNUSED_PLUGINS for word in ("-p", f"no:{plugin}")),
)
Tell = Callable[[str, Any], None]


def main() -> None:
    """Judge until there are no more jobs; arguments: descriptors of the jobs and of the results."""
    jobs, results = map(int, sys.argv[1:])
    hide_memory()
    threading.Thread(target=_die_with_checker, daemon=True).start()
    sys.dont_write_bytecode = True
    torch.set_num_threads(1)
    # To look through what is imported for garbage would take a tenth of a check.
    gc.freeze()
    with os.fdopen(results, "wb", buffering=0) as pipe, socket.socket(fileno=jobs) as channel:

        def tell(event: str, value: Any) -> None:
            pipe.write(json.dumps({event: value}).encode() + b"\n")

        while (order := receive_job(channel)) is not None:
            job, control = order
            with control:
                hosts = HostControl(control, math.ceil(CPU_SECONDS_PER_SECOND * job.total_seconds))
                try:
                    judge(job, hosts, tell)
                except LabFault as fault:
                    tell("fault", str(fault))
    # Skips the teardown of torch, which takes longer than many a check.
    os._exit(0)


def judge(job: Job, hosts: HostControl, tell: Tell) -> None:
    """Load the submission, run every hidden test on it, and tell what comes out."""
    submission = LoadedSubmission(
        hosts,
        job.name,
        job.source,
        job.seed,
        total_seconds=job.total_seconds,
        helpers=job.helpers,
    )
    reasons: dict[str, Any] = {}
    try:
        # The checker, which sees whether host or judge wait for a processor, is less patient.
        submission.open(START_CLOCK)
        tell("ready", True)
        submission.load(job.load_seconds)
    except (RaisedError, EndedError) as error:
        reasons["unusable"] = str(error)
        reasons["lines"] = error.lines if isinstance(error, RaisedError) else ()
    except TimedOutError as error:
        reasons["stopped"] = str(error)
    except BusyError as error:
        reasons["not_graded"] = str(error)
    else:
        reasons["not_graded"] = _run_hidden_tests(job, submission, tell)
    finally:
        submission.close()
    # Only now: nothing of this submission is left that could still print.
    tell("end", reasons | {"remarks": submission.remarks})


def _run_hidden_tests(job: Job, submission: LoadedSubmission, tell: Tell) -> str:
    """Run them, and return why the machine was too busy for all of them; "" where it was not."""
    grader = Grader(
        plan=read_plan(Path(job.tests)),
        learner=submission,
        seed=job.seed,
        check_seconds=job.check_seconds,
        load_seconds=job.load_seconds,
        tell=lambda result: tell("check", asdict(result)),
        tests=job.tests,
        knows_mistakes=Path(job.tests).parent == CONFIG.parent,
    )
    code = pytest.main([job.tests, *PYTEST_OPTIONS], plugins=[grader])
    _forget(job.tests)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        why = grader.broken or f"pytest: {code}"
        raise LabFault(f"The hidden tests of {job.name} could not be run ({why}).")
    return grader.busy


def _forget(tests: str) -> None:
    """Have the hidden tests read again for the next job: a teacher may be writing them."""
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) == tests:
            del sys.modules[name]


def _die_with_checker() -> None:
    while os.read(sys.stdin.fileno(), 1):
        continue
    os._exit(1)
