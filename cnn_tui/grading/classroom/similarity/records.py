"""What comparing a class leaves behind: pairs that are alike, and who could not be compared."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

LEAST = 0.5
"""More than independent right solutions of the lab's exercises share, of which some are short."""

Lines = tuple[int, int]
"""The first and the last line of a passage."""


@dataclass(frozen=True)
class Passage:
    """Lines of one file, and those of another one that say the same."""

    lines: Lines
    other_lines: Lines


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
        """The lines of the learner's file that the other's has too."""
        return joined(each.lines for each in self.passages)

    @property
    def other_lines(self) -> tuple[Lines, ...]:
        """The lines of the other's file that the learner's has too."""
        return joined(each.other_lines for each in self.passages)


@dataclass(frozen=True)
class NotCompared:
    """A submission that was compared with none, and why."""

    learner: str
    exercise: str
    reason: str


@dataclass(frozen=True)
class SimilarityReport:
    """The pairs of a class of which a file shares at least ``least``, the most alike first.

    ``compared`` is the number of files, and ``texts`` has those of the pairs, by exercise
    and learner.
    """

    least: float
    compared: int
    pairs: tuple[SimilarPair, ...]
    not_compared: tuple[NotCompared, ...]
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON data, without the texts."""
        return {
            "least": self.least,
            "compared": self.compared,
            "pairs": [asdict(pair) for pair in self.pairs],
            "not_compared": [asdict(each) for each in self.not_compared],
        }


def joined(parts: Iterable[Lines]) -> tuple[Lines, ...]:
    """Parts of one file that overlap or touch, as one."""
    whole: list[Lines] = []
    for first, last in sorted(parts):
        if whole and first <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(whole[-1][1], last))
        else:
            whole.append((first, last))
    return tuple(whole)
