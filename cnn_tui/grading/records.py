"""What a check leaves behind, free of torch."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cnn_tui.errors import ExitCode

Status = Literal["passed", "failed", "not reached", "error", "not graded"]
Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]
"""When Gradescope shows a check to learners, in its own words."""
Outcome = Literal["passed", "not passed", "unusable", "not graded"]


MOODLE, CANVAS = "moodle", "canvas"
HELPERS_MAY_BE_ALLOWED = "A teacher can allow helper files beside it."
"""Ends the message on a module that is missing, where none were allowed."""


@dataclass(frozen=True)
class PlatformMarks:
    """What the learning platform that handed a submission out says of it.

    ``id`` is the learner's number on it: Moodle's of the participant, Canvas' of the user.
    ``late`` is None where nothing is said of it.
    """

    platform: str = ""
    id: str = ""
    late: bool | None = None


NO_MARKS = PlatformMarks()


@dataclass(frozen=True)
class ArrayComparison:
    """Two arrays that differ, shown by the rows and columns about the first value that does.

    ``expected``, ``got`` and ``differs`` are rows of the part that begins at ``start``,
    of at most 8 by 8 values; ``first`` is the place of that first value in the whole
    arrays, which have ``shape``, and ``differing`` says how many of their values differ.
    """

    shape: tuple[int, ...]
    first: tuple[int, ...]
    start: tuple[int, ...]
    differing: int
    expected: tuple[tuple[float, ...], ...]
    got: tuple[tuple[float, ...], ...]
    differs: tuple[tuple[bool, ...], ...]

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "ArrayComparison":
        """The comparison that was written as JSON."""
        return cls(
            shape=tuple(document["shape"]),
            first=tuple(document["first"]),
            start=tuple(document["start"]),
            differing=document["differing"],
            expected=tuple(map(tuple, document["expected"])),
            got=tuple(map(tuple, document["got"])),
            differs=tuple(map(tuple, document["differs"])),
        )


@dataclass(frozen=True)
class CheckResult:
    """One check of one submission: ``points`` are those earned, of ``max_points``.

    "not reached" means that a check which this one needs did not pass, or that
    the checking was stopped before; "error" that the check itself is at fault, and
    "not graded" that the machine was too busy for this check or for one before it.
    ``expected`` and ``got`` show the two sides of a comparison that failed, in
    one line or, of tensors, in several; both are empty where there were none.
    ``comparison`` has those of tensors as numbers. ``call`` is the learner's function
    as it was called for that, and ``replay`` a few lines of Python that call it with the
    same input, where that is small. ``lines`` of the learner's file led to what it raised.
    ``visibility`` says when Gradescope shows the check to learners.
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
    comparison: ArrayComparison | None = None
    call: str = ""
    replay: str = ""
    lines: tuple[int, ...] = ()
    visibility: Visibility = "visible"

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "CheckResult":
        """The result that was written as JSON."""
        compared = document.get("comparison")
        comparison = ArrayComparison.from_json(compared) if compared else None
        lines = tuple(document.get("lines", ()))
        return cls(**document | {"comparison": comparison, "lines": lines})

    @property
    def details(self) -> str:
        """The message and, below it, the values of both sides where they take several lines."""
        if "\n" not in self.expected:
            return self.message
        return f"{self.message}\n\nexpected {self.expected}\n\ngot {self.got}"


def mistakes_in_tests(checks: Sequence[CheckResult]) -> str:
    """What is wrong with each hidden test that is at fault itself; "" where none is."""
    return " ".join(dict.fromkeys(each.message for each in checks if each.status == "error"))


@dataclass(frozen=True)
class CheckReport:
    """The verdict on one submission.

    ``sandbox`` is the level that the submission ran on, and ``gaps`` says what
    that level cannot stop. ``seed`` replays the same inputs. ``output`` is what
    the learner's own code printed. ``stopped`` says why checking ended early;
    ``unusable`` why the file could not be checked at all, and ``not_graded`` why there
    is no verdict, which is no fault of the learner's. All are empty
    otherwise. ``lines`` are those of the learner's file that the latter is about.
    ``digest`` is the SHA-256 of what the file held, "unreadable" where nothing could be read.
    ``remarks`` are sentences on what was run or taken in another way than it is written.
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
    lines: tuple[int, ...] = ()
    digest: str = ""
    not_graded: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def status(self) -> Outcome:
        """The verdict in a word or two."""
        if self.not_graded:
            return "not graded"
        if self.unusable:
            return "unusable"
        return "passed" if self.passed else "not passed"

    @property
    def exit_code(self) -> ExitCode:
        """What a command that made this report tells the shell; the larger, the worse."""
        if self.not_graded:
            return ExitCode.LAB_FAULT
        if self.unusable:
            return ExitCode.UNUSABLE_INPUT
        return ExitCode.DONE if self.passed else ExitCode.NOT_PASSED

    @property
    def first_failure(self) -> CheckResult | None:
        """The check to look at first, or None where all passed."""
        failed = [check for check in self.checks if check.status in ("failed", "error")]
        return failed[0] if failed else None

    @property
    def may_need_helpers(self) -> bool:
        """Whether a module was missing that a helper file might be."""
        said = (self.unusable, *(check.message for check in self.checks))
        return any(HELPERS_MAY_BE_ALLOWED in each for each in said)

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON data."""
        document = asdict(self)
        document["checks"] = [asdict(check) for check in self.checks]
        return {"status": self.status, **document}
