"""What a folder of images holds that is not read, in words: how much of it, and of what kinds.

It is given by name: a link that leads back to a folder around it ends with a slash, and one
that leads nowhere shows where it leads, after an arrow.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

NAMED_KINDS = 4
"""Kinds that a sentence names; the most frequent come first."""

LEADS_TO = " → "
"""Between a link that leads nowhere and where it leads."""

LINK_KINDS = {
    "link back": ("link to a folder around it", "links to folders around them"),
    "lost link": ("link that leads nowhere", "links that lead nowhere"),
}
"""One and several of each kind of link."""


def kinds_of(paths: Sequence[str]) -> str:
    """How many there are of each kind: ``2 .heic, 1 .txt, 1 link that leads nowhere``."""
    kinds = sorted(Counter(map(_kind, paths)).items(), key=lambda item: (-item[1], item[0]))
    named = [f"{count:,} {_name(kind, count)}" for kind, count in kinds[:NAMED_KINDS]]
    return ", ".join(named + ["…"] * (len(kinds) > NAMED_KINDS))


def passed_over_words(paths: Sequence[str]) -> str:
    """How many these are, and what kinds: ``3 files (2 .heic, 1 .txt), such as a/b.heic``.

    Links alone are counted by their kinds.
    """
    if holds_files(paths):
        return f"{files_and_links(paths)} ({kinds_of(paths)}), such as {paths[0]}"
    return f"{kinds_of(paths)}, such as {paths[0]}"


def files_and_links(paths: Sequence[str]) -> str:
    """How many of each: ``3 files``, ``1 link``, ``2 files and 1 link``."""
    links = sum(_kind(path) in LINK_KINDS for path in paths)
    counts = [(len(paths) - links, "file"), (links, "link")]
    return " and ".join(f"{n:,} {what}{'s' * (n > 1)}" for n, what in counts if n)


def holds_files(paths: Sequence[str]) -> bool:
    """Whether any of them is no link."""
    return any(_kind(path) not in LINK_KINDS for path in paths)


def _kind(path: str) -> str:
    if path.endswith("/"):
        return "link back"
    if LEADS_TO in path:
        return "lost link"
    return PurePath(path).suffix.lower() or "without an ending"


def _name(kind: str, count: int) -> str:
    return LINK_KINDS[kind][count > 1] if kind in LINK_KINDS else kind
