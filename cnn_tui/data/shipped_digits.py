"""The digits that come with the lab, as they lie in its files: read without torch.

``digits_test.txt`` lists the rows of ``digits.csv.gz`` that are test images, in their
order. ``python -m tests.shipped_data`` writes it; a test holds it equal to the data set's.
"""

import gzip
from functools import cache
from pathlib import Path

PACKED = Path(__file__).with_name("digits.csv.gz")
TEST_ROWS = Path(__file__).with_name("digits_test.txt")
IMAGE_SIZE = 8
MAX_INK = 16


@cache
def lines() -> tuple[str, ...]:
    """All images, one a line: 64 counts of ink, 0 to 16, and the class."""
    return tuple(gzip.decompress(PACKED.read_bytes()).decode("ascii").split())


@cache
def order_of_test() -> tuple[int, ...]:
    """Which lines are test images, in their order."""
    return tuple(map(int, TEST_ROWS.read_text(encoding="ascii").split()))


def digit(index: int) -> tuple[tuple[tuple[int, ...], ...], str]:
    """The pixels of a test image, row by row, 0 to 255, and its class."""
    *ink, label = lines()[order_of_test()[index]].split(",")
    pixels = [round(int(count) * 255 / MAX_INK) for count in ink]
    starts = range(0, len(pixels), IMAGE_SIZE)
    return tuple(tuple(pixels[at : at + IMAGE_SIZE]) for at in starts), label
