"""Text from a learner's process, kept within bounds and made safe to show.

Escape sequences could move the cursor, retitle the window or forge a verdict;
right-to-left marks could reorder a line. None of them reaches a report.
"""

import re
import unicodedata
from dataclasses import dataclass, field

TAB_WIDTH = 4
HALF = 8 << 10
LEFT_OUT = re.compile("… ([0-9]+) bytes left out …")
"""The line that tells how much is missing where it stands."""
_ESCAPE_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colors, cursor movement
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC, DCS and their like: titles, links, clipboard
    r"|\x1b[ -/]*[0-~]",
    re.DOTALL,
)
_NOT_STORABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""All but what XML 1.0 calls Char: controls, lone surrogates, noncharacters."""


def clean(text: str, limit: int | None = None) -> str:
    """``text`` without escape sequences and control characters, cut to ``limit`` characters.

    Line ends stay, tabs become spaces, and what cannot be shown becomes �.
    """
    text = _ESCAPE_SEQUENCES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(_shown(character) for character in text.expandtabs(TAB_WIDTH))
    if limit is not None and len(shown) > limit:
        return shown[: limit - 1] + "…"
    return shown


def one_line(text: str, limit: int) -> str:
    """``clean`` text on one line."""
    return " ".join(clean(text[: 4 * limit]).split())[:limit]


def shortened(text: str, limit: int) -> str:
    """``text`` on one line, which ends in "…" where something was cut."""
    line = one_line(text.strip(), limit + 1)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def storable(text: str) -> str:
    """``text`` with � for each character that XML, a database or a spreadsheet would refuse."""
    return _NOT_STORABLE.sub("�", text)


@dataclass
class HeadAndTail:
    """The first and the last 8 KiB of a stream, however long it is."""

    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    dropped: int = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        room = HALF - len(self.head)
        self.head += data[:room]
        self.tail += data[room:]
        excess = max(0, len(self.tail) - HALF)
        del self.tail[:excess]
        self.dropped += excess

    def text(self) -> str:
        """What was kept, safe to show, with a note of what was not."""
        gap = f"\n… {self.dropped} bytes left out …\n".encode() if self.dropped else b""
        return clean((self.head + gap + self.tail).decode("utf-8", errors="replace"))


def _shown(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else "�"
