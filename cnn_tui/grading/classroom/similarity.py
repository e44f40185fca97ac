"""How alike the submissions of a class are, by winnowing (Schleimer, Wilkerson and Aiken, 2003).

Each file becomes its tokens: names are all alike, and comments, docstrings and layout do not
count. The fingerprints are hashes of ``NOISE`` tokens in a row, of which each window keeps
the smallest, so that a common part of ``NOISE + WINDOW - 1`` tokens is always found. What
stands in the starter counts for nobody. Torch-free.
"""

import io
import keyword
import tokenize
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

NOISE = 25
"""Common parts of fewer tokens are taken for chance."""
WINDOW = 8
WITHOUT_MEANING = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER)
LAYOUT = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)

Lines = tuple[int, int]
"""The first and the last line of a part of a file."""


@dataclass(frozen=True)
class SimilarPair:
    """Two learners' files; ``share`` is that of the smaller file which the other has too.

    ``lines`` are the parts of the first file that are in the other, ``other_lines`` those
    of the other.
    """

    learner: str
    other: str
    share: float
    lines: tuple[Lines, ...]
    other_lines: tuple[Lines, ...]


Fingerprints = Mapping[int, Sequence[Lines]]
"""Hash → the parts of the file that have it."""


def similar_pairs(
    sources: Mapping[str, str], starter: str = "", *, at_least: float = 0.0
) -> list[SimilarPair]:
    """Each two of ``sources``, by learner, that have something in common, the most alike first.

    ``starter`` is what all of them began with. A file that is no Python is like no other.
    """
    common = set(fingerprints(starter, every=True))
    prints = {
        learner: {each: lines for each, lines in fingerprints(text).items() if each not in common}
        for learner, text in sources.items()
    }
    pairs = (_compared(*pair) for pair in combinations(prints.items(), 2))
    found = [pair for pair in pairs if pair.share > 0 and pair.share >= at_least]
    return sorted(found, key=lambda pair: -pair.share)


def fingerprints(source: str, *, every: bool = False) -> Fingerprints:
    """The fingerprints of a file; with ``every``, the hash of each place instead of some."""
    tokens = _tokens(source)
    hashes = [
        zlib.crc32("\0".join(text for text, _ in tokens[start : start + NOISE]).encode())
        for start in range(len(tokens) - NOISE + 1)
    ]
    found: dict[int, list[Lines]] = defaultdict(list)
    for start in range(len(hashes)) if every else _winnowed(hashes):
        found[hashes[start]].append((tokens[start][1], tokens[start + NOISE - 1][1]))
    return found


def _winnowed(hashes: Sequence[int]) -> Iterator[int]:
    """The places of the smallest hash in each window, the rightmost of several."""
    last = -1
    for start in range(max(1, len(hashes) - WINDOW + 1) if hashes else 0):
        window = range(start, min(start + WINDOW, len(hashes)))
        place = min(window, key=lambda each: (hashes[each], -each))
        if place != last:
            last = place
            yield place


def _tokens(source: str) -> list[tuple[str, int]]:
    """What a file says, without its names, and the line of each token; [] of what is no Python."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return []
    said = [each for each in tokens if each.type not in WITHOUT_MEANING]
    return [
        (_normalized(token), token.start[0])
        for place, token in enumerate(said)
        if token.type not in LAYOUT and not _is_docstring(said, place)
    ]


def _normalized(token: tokenize.TokenInfo) -> str:
    is_name = token.type == tokenize.NAME and not keyword.iskeyword(token.string)
    return "name" if is_name else "string" if token.type == tokenize.STRING else token.string


def _is_docstring(tokens: Sequence[tokenize.TokenInfo], place: int) -> bool:
    """Whether a token is a string that stands for itself."""
    begins = place == 0 or tokens[place - 1].type in LAYOUT
    ends = place + 1 == len(tokens) or tokens[place + 1].type == tokenize.NEWLINE
    return tokens[place].type == tokenize.STRING and begins and ends


def _compared(one: tuple[str, Fingerprints], other: tuple[str, Fingerprints]) -> SimilarPair:
    (learner, left), (other_learner, right) = one, other
    both = left.keys() & right.keys()
    share = len(both) / max(1, min(len(left), len(right)))
    return SimilarPair(
        learner,
        other_learner,
        round(share, 4),
        _joined(lines for each in both for lines in left[each]),
        _joined(lines for each in both for lines in right[each]),
    )


def _joined(parts: Iterable[Lines]) -> tuple[Lines, ...]:
    """Parts that overlap or touch, as one."""
    joined: list[Lines] = []
    for first, last in sorted(parts):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)
