"""What grading a class costs, whether every verdict is right, and what it leaves behind."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.bench.catalogue import CLASS_PACE, NOTHING
from cnn_tui.bench.grading.made_up_class import write_class
from cnn_tui.bench.records import BenchResult, measured

LEARNERS, HOSTILE = 200, 20
JOBS = 2


@dataclass(frozen=True)
class Graded:
    """One class, graded: what it took and what was wrong; ``false`` names the learners."""

    learners: int
    seconds: float
    false: tuple[str, ...]
    processes_left: int
    files_left: tuple[str, ...]


def measure() -> list[BenchResult]:
    """A class of 200 with a tenth of hostile ones, two at a time, by the whole command."""
    graded = grade_made_up_class(LEARNERS, HOSTILE, JOBS)
    name = f"grade {graded.learners} learners, {JOBS} jobs"
    pace = graded.learners / graded.seconds * 60
    files = " ".join(graded.files_left)
    return [
        measured(f"{name}: submissions", "per minute", [pace], CLASS_PACE),
        measured(f"{name}: in all", "s", [graded.seconds]),
        measured(
            f"{name}: false verdicts", "", [len(graded.false)], NOTHING, " ".join(graded.false)
        ),
        measured(f"{name}: processes left", "", [graded.processes_left], NOTHING),
        measured(f"{name}: files left", "", [len(graded.files_left)], NOTHING, files),
    ]


def grade_made_up_class(learners: int, hostile: int, jobs: int) -> Graded:
    """Make up a class, grade it with ``cnn-lab grade``, and look at what is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="cnn-lab-bench-") as name:
        folder = Path(name)
        work, temporary = folder / "class", folder / "temporary"
        for each in (work, temporary):
            each.mkdir()
        expected = write_class(work, learners, hostile)
        out = folder / "grades.json"
        words = ["grade", work, "--jobs", jobs, "--out", out, "--seed", 1]
        # Every process of a check inherits PATH, so this finds them wherever they went.
        mark = f"/cnn-lab-bench-{secrets.token_hex(8)}"
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "cnn_tui", *map(str, words)],
            env={**os.environ, "TMPDIR": str(temporary), "PATH": f"{os.environ['PATH']}:{mark}"},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - begun
        grades = json.loads(out.read_text()) if out.exists() else []
        found = {grade["learner"]: _verdict(grade) for grade in grades}
        return Graded(
            learners=learners,
            seconds=seconds,
            false=tuple(
                f"{learner} ({found.get(learner, done.stderr[-200:])}, not {verdict})"
                for learner, verdict in expected.items()
                if found.get(learner) != verdict
            ),
            processes_left=_processes_with(mark),
            files_left=tuple(str(path.relative_to(folder)) for path in temporary.rglob("*")),
        )


def _verdict(grade: dict[str, object]) -> str:
    if grade["unusable"]:
        return "unusable"
    return "passed" if grade["passed"] else "not passed"


def _processes_with(mark: str) -> int:
    found = 0
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            found += mark.encode() in environment.read_bytes()
        except OSError:  # it has ended, or is another user's
            continue
    return found
