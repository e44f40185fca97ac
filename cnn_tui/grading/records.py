"""What a check leaves behind, free of torch."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from cnn_tui.errors import ExitCode

MAX_SEED = 2**32 - 1
Status = Literal["passed", "failed", "not reached", "error"]


@dataclass(frozen=True)
class CheckResult:
    """One check of one submission: ``points`` are those earned, of ``max_points``.

    "not reached" means that a check which this one needs did not pass, or that
    the checking was stopped before; "error" that the check itself is at fault.
    ``expected`` and ``got`` show the two sides of a comparison that failed, in
    one line or, of tensors, in several; both are empty where there were none.
    """

    id: str
    description: str
    status: Status
    points: int
    max_points: int
    message: str = ""
    topic: str = ""
    seconds: float = 0.0
    expected: str = ""
    got: str = ""

    @property
    def details(self) -> str:
        """The message and, below it, the values of both sides where they take several lines."""
        if "\n" not in self.expected:
            return self.message
        return f"{self.message}\n\nexpected {self.expected}\n\ngot {self.got}"


@dataclass(frozen=True)
class CheckReport:
    """The verdict on one submission.

    ``sandbox`` is the level that the submission ran on, and ``gaps`` says what
    that level cannot stop. ``seed`` replays the same inputs. ``output`` is what
    the learner's own code printed. ``stopped`` says why checking ended early;
    ``unusable`` why the file could not be checked at all. Both are empty
    otherwise.
    """

    exercise: str
    title: str
    path: str
    passed: bool
    score: int
    max_score: int
    sandbox: str
    seed: int
    checks: tuple[CheckResult, ...]
    topic: str = ""
    output: str = ""
    seconds: float = 0.0
    stopped: str = ""
    unusable: str = ""
    gaps: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """What a command that made this report tells the shell; the larger, the worse."""
        if self.unusable:
            return ExitCode.UNUSABLE_INPUT
        return ExitCode.DONE if self.passed else ExitCode.NOT_PASSED

    @property
    def first_failure(self) -> CheckResult | None:
        """The check to look at first, or None where all passed."""
        failed = [check for check in self.checks if check.status in ("failed", "error")]
        return failed[0] if failed else None

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON data."""
        document = asdict(self)
        document["checks"] = [asdict(check) for check in self.checks]
        return document
