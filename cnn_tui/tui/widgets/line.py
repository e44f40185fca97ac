"""One line of text while it is typed, as a value: each key makes another one of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class EditedLine:
    """A text, and the place before which the next character comes."""

    text: str = ""
    cursor: int = 0

    @classmethod
    def of(cls, text: str) -> "EditedLine":
        """A text with the cursor behind it."""
        return cls(text, len(text))

    def inserted(self, new: str) -> "EditedLine":
        """With ``new`` at the cursor; of several lines, the first."""
        first = "".join(each for each in new.split("\n")[0] if each.isprintable())
        text = self.text[: self.cursor] + first + self.text[self.cursor :]
        return EditedLine(text, self.cursor + len(first))

    def at(self, cursor: int) -> "EditedLine":
        """With the cursor elsewhere, as far as the text goes."""
        return replace(self, cursor=max(0, min(cursor, len(self.text))))

    def after(self, key: str) -> "EditedLine | None":
        """What ``key`` makes of it; None where the key means nothing to a line."""
        edit = _EDITS.get(key)
        return None if edit is None else edit(self)

    def _without(self, first: int, last: int) -> "EditedLine":
        first, last = max(0, first), max(0, last)
        return EditedLine(self.text[:first] + self.text[last:], first)

    def _word_start(self) -> int:
        before = self.text[: self.cursor].rstrip()
        return max(before.rfind(each) for each in " ,:/") + 1 if before else 0

    def _word_end(self) -> int:
        behind = self.text[self.cursor :].lstrip()
        skipped = len(self.text) - len(behind)
        ends = (behind.find(each) for each in " ,:/")
        return min((skipped + end for end in ends if end > 0), default=len(self.text))


_EDITS: Mapping[str, Callable[[EditedLine], EditedLine]] = {
    "left": lambda line: line.at(line.cursor - 1),
    "right": lambda line: line.at(line.cursor + 1),
    "home": lambda line: line.at(0),
    "ctrl+a": lambda line: line.at(0),
    "end": lambda line: line.at(len(line.text)),
    "ctrl+e": lambda line: line.at(len(line.text)),
    "ctrl+left": lambda line: line.at(line._word_start()),
    "ctrl+right": lambda line: line.at(line._word_end()),
    "backspace": lambda line: line._without(line.cursor - 1, line.cursor),
    "ctrl+h": lambda line: line._without(line.cursor - 1, line.cursor),
    "delete": lambda line: EditedLine(
        line.text[: line.cursor] + line.text[line.cursor + 1 :], line.cursor
    ),
    "ctrl+d": lambda line: EditedLine(
        line.text[: line.cursor] + line.text[line.cursor + 1 :], line.cursor
    ),
    "ctrl+w": lambda line: line._without(line._word_start(), line.cursor),
    "ctrl+u": lambda line: line._without(0, line.cursor),
    "ctrl+k": lambda line: EditedLine(line.text[: line.cursor], line.cursor),
}
