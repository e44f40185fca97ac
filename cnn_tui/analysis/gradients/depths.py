"""Which depths a gradient is followed through, as a user writes them: torch-free."""

from cnn_tui.errors import UsageError

LARGEST_DEPTH = 128
"""Blocks; 10,000 of them would take minutes and tell nothing that 128 do not."""
MOST_DEPTHS = 12
INITIALIZATIONS = ("default", "he")
RANGE = ".."
LONGEST_TEXT = 80


def doubling(first: int, last: int) -> tuple[int, ...]:
    """From ``first`` on, twice as deep each time, and ``last`` at the end: 1 2 4 6."""
    depths = []
    while first < last:
        depths.append(first)
        first *= 2
    return (*depths, last)


def parse_depths(text: str) -> tuple[int, ...]:
    """The depths, in blocks and in ascending order, that ``text`` means.

    ``2..64`` doubles from 2 to 64, ``2,8,32`` names each, ``4`` is one. Raises
    UsageError for anything else and for depths beyond LARGEST_DEPTH.
    """
    if len(text) > LONGEST_TEXT:
        raise _refused("The depths are too long: give a range such as 2..64, or a short list.")
    first, dots, last = text.partition(RANGE)
    if not dots:
        return _refuse_too_many(sorted({_depth(word, text) for word in text.split(",")}))
    low, high = _depth(first, text), _depth(last, text)
    if low > high:
        raise _refused(
            f"The depths {text} run backwards: write the smaller depth first, {high}{RANGE}{low}."
        )
    return doubling(low, high)


def _depth(word: str, text: str) -> int:
    digits = word.strip()
    if not (digits.isascii() and digits.isdecimal()):
        raise _refused(
            f"The depths {text!r} cannot be read: write a range such as 2..64, a list such as "
            "2,8,32, or one number of blocks."
        )
    if not 1 <= int(digits) <= LARGEST_DEPTH:
        raise _refused(
            f"The depths {text} cannot be used: a stack may have 1 to {LARGEST_DEPTH} blocks, "
            f"not {digits}."
        )
    return int(digits)


def _refuse_too_many(depths: list[int]) -> tuple[int, ...]:
    if len(depths) > MOST_DEPTHS:
        raise _refused(
            f"{len(depths)} depths are too many: give {MOST_DEPTHS} at most, or a range such "
            "as 2..64."
        )
    return tuple(depths)


def _refused(sentence: str) -> UsageError:
    return UsageError(sentence, fields=("depths",))
