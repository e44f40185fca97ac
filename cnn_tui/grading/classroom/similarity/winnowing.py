"""What two files of Python have in common, whatever their names, comments and layout: winnowing.

The method is that of Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting" (SIGMOD 2003), which MOSS and compare50 use too. Of the hashes of ``NOISE`` tokens
in a row each window of ``WINDOW`` keeps the smallest, so that a common passage of ``GUARANTEED``
tokens is always found. All names count as the same token, and all strings as another one. It is
written here since compare50 is under the GPL and needs an old attrs, and copydetect needs
matplotlib and compares every pair. Torch-free; nothing of a file is run.
"""

import io
import keyword
import tokenize
import zlib
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from cnn_tui.grading.classroom.similarity.records import Passage

NOISE = 16
"""Common passages of fewer tokens are taken for chance."""
WINDOW = 5
GUARANTEED = NOISE + WINDOW - 1
MAX_TOKENS = 20_000
"""Of one file; a solution has about a thousand."""
SHOWN_FROM = 5
"""What is left of a common passage, beside what counts for nobody, has at least so many tokens."""
TRIED = 8
"""Places of the other file at most where a passage of the one is looked for."""
WITHOUT_MEANING = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER)
LAYOUT = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
CLOSING = (")", "]", "}")
LEFT_BLANK, RIGHT_BLANK = 0, 1
"""Stand for tokens that count for nobody, and are like none of the other file."""
SEPARATOR = 2
TOKEN_BYTES = array("I").itemsize


@dataclass(frozen=True)
class Tokens:
    """The tokens of one file, or of several one after another: numbers, and the line of each.

    ``parts`` says where each file begins, and its name; "" is the exercise itself. Between two
    files stands SEPARATOR.
    """

    numbers: "array[int]"
    lines: "array[int]"
    parts: tuple[tuple[int, str], ...] = ((0, ""),)

    @cached_property
    def hashes(self) -> "array[int]":
        """The hash of the ``NOISE`` tokens from each place on."""
        data = memoryview(self.numbers).cast("B")
        places = range(0, (len(self.numbers) - NOISE + 1) * TOKEN_BYTES, TOKEN_BYTES)
        return array("I", (zlib.crc32(data[at : at + NOISE * TOKEN_BYTES]) for at in places))

    @cached_property
    def fingerprints(self) -> Mapping[int, Sequence[int]]:
        """The hashes that winnowing keeps, each with the places where it is found."""
        found: dict[int, list[int]] = defaultdict(list)
        ends = [start - 1 for start, _ in self.parts[1:]]
        for (start, _), end in zip(self.parts, [*ends, len(self.numbers)], strict=True):
            for place in _winnowed(self.hashes[start : max(start, end - NOISE + 1)]):
                found[self.hashes[start + place]].append(start + place)
        return found

    def file_at(self, place: int) -> str:
        """The name of the file that a token stands in."""
        return next(name for start, name in reversed(self.parts) if start <= place)

    def without(self, hashes: Collection[int], blank: int) -> "array[int]":
        """The tokens, with ``blank`` between files and in passages that have one of ``hashes``."""
        numbers = self.numbers[:]
        for start, _ in self.parts[1:]:
            numbers[start - 1] = blank
        blanks = array("I", [blank] * NOISE)
        for place, each in enumerate(self.hashes):
            if each in hashes:
                numbers[place : place + NOISE] = blanks
        return numbers


def tokens_of(source: str) -> Tokens:
    """What a file says, without comments, docstrings and layout.

    Of more tokens than ``MAX_TOKENS``, one more is read. Raises ValueError for what has none.
    """
    numbers, lines = array("I"), array("I")
    try:
        read = tokenize.generate_tokens(io.StringIO(source).readline)
        for text, line in islice(_meaningful(read), MAX_TOKENS + 1):
            numbers.append(zlib.crc32(text.encode("utf-8", "replace")))
            lines.append(line)
    except (tokenize.TokenError, SyntaxError) as error:
        raise ValueError(str(error)) from error
    return Tokens(numbers, lines)


def one_after_another(files: Sequence[tuple[str, Tokens]]) -> Tokens:
    """The tokens of several files, named each, so that no passage goes from one to the next."""
    numbers, lines = array("I"), array("I")
    parts: list[tuple[int, str]] = []
    for name, tokens in files:
        if parts:
            numbers.append(SEPARATOR)
            lines.append(0)
        parts.append((len(numbers), name))
        numbers += tokens.numbers
        lines += tokens.lines
    return Tokens(numbers, lines, tuple(parts))


def passages(
    one: Tokens, other: Tokens, left: "array[int]", right: "array[int]"
) -> tuple[Passage, ...]:
    """The longest passages of ``one`` that ``other`` has too, in their order in ``one``.

    ``left`` and ``right`` are the tokens of both, with LEFT_BLANK and RIGHT_BLANK for those
    that count for nobody. Each token is in one passage at most.
    """
    left, right = left[:], right[:]
    found = []
    end = 0
    shared = one.fingerprints.keys() & other.fingerprints.keys()
    for place in sorted(place for each in shared for place in one.fingerprints[each]):
        if place + NOISE <= end:  # wholly in the passage before
            continue
        tried = other.fingerprints[one.hashes[place]][:TRIED]
        spans = (_extended(left, right, place, at) for at in tried)
        start, at, length = max(spans, key=lambda span: span[2])
        if length >= SHOWN_FROM:
            left[start : start + length] = array("I", [LEFT_BLANK] * length)
            right[at : at + length] = array("I", [RIGHT_BLANK] * length)
            end = start + length
            lines = one.lines[start], one.lines[end - 1]
            others = other.lines[at], other.lines[at + length - 1]
            found.append(Passage(lines, others, one.file_at(start), other.file_at(at)))
    return tuple(sorted(found, key=lambda each: (each.file, each.lines, each.other_lines)))


def _extended(left: "array[int]", right: "array[int]", place: int, at: int) -> tuple[int, int, int]:
    """(start, start in the other, length) of the equal tokens about a common fingerprint.

    Where some of its own tokens are blank, those after them count.
    """
    skipped = next((each for each in range(NOISE) if left[place + each] == right[at + each]), None)
    if skipped is None:
        return place, at, 0
    start, begin = place + skipped, at + skipped
    while start and begin and left[start - 1] == right[begin - 1]:
        start, begin = start - 1, begin - 1
    length, step = 0, NOISE
    while step:
        part = left[start + length : start + length + step]
        if len(part) == step and part == right[begin + length : begin + length + step]:
            length += step
        else:
            step //= 2
    return start, begin, length


def _winnowed(hashes: Sequence[int]) -> Iterator[int]:
    """The places of the smallest hash in each window, the rightmost of several."""
    last = -1
    for start in range(max(1, len(hashes) - WINDOW + 1) if hashes else 0):
        window = range(start, min(start + WINDOW, len(hashes)))
        place = min(window, key=lambda each: (hashes[each], -each))
        if place != last:
            last = place
            yield place


def _meaningful(read: Iterable[tokenize.TokenInfo]) -> Iterator[tuple[str, int]]:
    """The tokens that count, each with its line: neither docstrings nor commas before a bracket."""
    before, held = None, None
    for token in read:
        if token.type in WITHOUT_MEANING:
            continue
        if held is not None:
            stands_alone = token.type == tokenize.NEWLINE and _begins_line(before)
            is_string = held.type == tokenize.STRING
            is_dropped = stands_alone if is_string else token.string in CLOSING
            if not is_dropped:
                yield _normalized(held), held.start[0]
            before, held = held, None
        if token.type == tokenize.STRING or token.string == ",":
            held = token
            continue
        if token.type not in LAYOUT:
            yield _normalized(token), token.start[0]
        before = token


def _begins_line(before: tokenize.TokenInfo | None) -> bool:
    return before is None or before.type in LAYOUT


def _normalized(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
        return "name"
    # From Python 3.12 on, a string with values in it is several tokens.
    is_text = token.type == tokenize.STRING or tokenize.tok_name[token.type].startswith("FSTRING")
    return "string" if is_text else token.string
