"""What comparing a class leaves behind: pairs that are alike, and who could not be compared."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Lines = tuple[int, int]
"""The first and the last line of a passage."""


@dataclass(frozen=True)
class Passage:
    """Lines of one file, and those of another one that say the same.

    ``file`` and ``other_file`` name helper files; "" is the exercise itself.
    """

    lines: Lines
    other_lines: Lines
    file: str = ""
    other_file: str = ""


@dataclass(frozen=True)
class SimilarPair:
    """Two learners' files of one exercise.

    ``share`` is that part of the learner's file which the other has too, and ``other_share``
    the part of the other's; ``passages`` are the lines of both.
    """

    exercise: str
    learner: str
    other: str
    share: float
    other_share: float
    passages: tuple[Passage, ...] = ()

    @property
    def lines(self) -> tuple[Lines, ...]:
        """The lines of the learner's exercise that the other has too."""
        return self.lines_by_file.get("", ())

    @property
    def other_lines(self) -> tuple[Lines, ...]:
        """The lines of the other's exercise that the learner has too."""
        return self.other_lines_by_file.get("", ())

    @property
    def lines_by_file(self) -> dict[str, tuple[Lines, ...]]:
        """The lines of each of the learner's files that the other has too, by its name."""
        return _by_file((each.file, each.lines) for each in self.passages)

    @property
    def other_lines_by_file(self) -> dict[str, tuple[Lines, ...]]:
        """The lines of each of the other's files that the learner has too, by its name."""
        return _by_file((each.other_file, each.other_lines) for each in self.passages)


@dataclass(frozen=True)
class NotCompared:
    """A submission that was compared with none, and why."""

    learner: str
    exercise: str
    reason: str


@dataclass(frozen=True)
class SimilarityReport:
    """The pairs of a class of which a file shares at least ``least``, the most alike first.

    ``compared`` is the number of exercises that were compared, each with its helper files.
    ``texts`` has those of the pairs, by exercise and learner, and ``helper_texts`` their helper
    files by name.
    """

    least: float
    compared: int
    pairs: tuple[SimilarPair, ...]
    not_compared: tuple[NotCompared, ...]
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    helper_texts: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON data, without the texts."""
        return {
            "least": self.least,
            "compared": self.compared,
            "pairs": [asdict(pair) for pair in self.pairs],
            "not_compared": [asdict(each) for each in self.not_compared],
        }


def _by_file(parts: Iterable[tuple[str, Lines]]) -> dict[str, tuple[Lines, ...]]:
    files: dict[str, list[Lines]] = {}
    for name, lines in sorted(parts):
        files.setdefault(name, []).append(lines)
    return {name: joined(lines) for name, lines in files.items()}


def joined(parts: Iterable[Lines]) -> tuple[Lines, ...]:
    """Parts of one file that overlap or touch, as one."""
    whole: list[Lines] = []
    for first, last in sorted(parts):
        if whole and first <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(whole[-1][1], last))
        else:
            whole.append((first, last))
    return tuple(whole)
