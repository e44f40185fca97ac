"""What an accuracy is to be compared with: that of always answering with the largest class."""

from collections.abc import Sequence

UNEVEN = 1.2
"""Classes are uneven where the largest has so many times its even share of the images."""


def largest_share(counts: Sequence[int]) -> float | None:
    """The part of all images that the largest class holds; None where there are no images."""
    return max(counts) / sum(counts) if any(counts) else None


def is_uneven(largest: float | None, classes: int | None) -> bool:
    """Whether a class has so large a part of the images that an accuracy alone says little."""
    return largest is not None and bool(classes) and largest > UNEVEN / (classes or 1)


def balanced_accuracy(right: Sequence[int], counts: Sequence[int]) -> float | None:
    """The mean over the classes that have images of the part that is right; None without any."""
    shares = [hits / count for hits, count in zip(right, counts, strict=True) if count]
    return sum(shares) / len(shares) if shares else None
