"""Reports in a job of GitHub Actions: the run's summary, its annotations and the step's output.

Points are annotated with the titles and texts of GitHub Classroom's own reporter. There are
no points where an exercise was not graded, as their sum would say less than was earned.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.files import utf8
from cnn_tui.grading.formats import feedback
from cnn_tui.grading.records import CheckReport

SUMMARY, OUTPUT = "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"


@dataclass(frozen=True)
class JobFiles:
    """The files that the runner reads when the step is over."""

    summary: Path
    output: Path


def job_files(environment: Mapping[str, str]) -> JobFiles:
    """Those that the environment names; raises UsageError outside of a job."""
    for name in (SUMMARY, OUTPUT):
        if not environment.get(name):
            raise UsageError(f"This is no job of GitHub Actions: {name} is not set.")
    return JobFiles(Path(environment[SUMMARY]), Path(environment[OUTPUT]))


def report_to(files: JobFiles, reports: Sequence[CheckReport]) -> None:
    """Add the report to the summary, and ``verdict=`` to the outputs; raises LabFault."""
    _append(files.summary, feedback.sections(reports))
    _append(files.output, f"verdict={verdict(reports)}\n")


def verdict(reports: Sequence[CheckReport]) -> str:
    """That of all reports together: ``passed``, ``not passed`` or ``not graded``."""
    if any(report.not_graded for report in reports):
        return "not graded"
    return "passed" if all(report.passed for report in reports) else "not passed"


def annotations(reports: Sequence[CheckReport]) -> list[str]:
    """The commands that annotate the job with its points; none where it was not graded."""
    if verdict(reports) == "not graded":
        return []
    earned = sum(report.score for report in reports)
    most = sum(report.max_score for report in reports)
    points = json.dumps({"totalPoints": earned, "maxPoints": most}, separators=(",", ":"))
    return [
        f"::notice title=Autograding complete::Points {earned}/{most}",
        f"::notice title=Autograding report::{points}",
    ]


def paused(token: str) -> tuple[str, str]:
    """The lines before and after text that must not be read as commands.

    Nobody else may know ``token``: whoever prints it ends the pause.
    """
    return f"::stop-commands::{token}", f"::{token}::"


def _append(path: Path, text: str) -> None:
    try:
        with path.open("ab") as file:
            file.write(utf8(text))
    except OSError as error:
        raise LabFault(f"{path} could not be written ({error.strerror}).") from error
