"""What a learner's code prints, kept within bounds."""

import re
from dataclasses import dataclass, field

from cnn_tui.grading.text import clean

HALF = 8 << 10
LEFT_OUT = re.compile("… ([0-9]+) bytes left out …")
"""The line that tells how much is missing where it stands."""


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
