"""The app's signs where the terminal's encoding lacks them: frames as +-|, → as ->.

Everything else in the app draws as if every sign were there. A line is spelled when it is
about to be drawn: what becomes longer takes blanks (or a frame's own line) beside it. Where
there are none, it is spelled shorter, or takes the blanks at the ends of the line, and only
then the text before the next frame becomes shorter. So columns and frames stay where they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import IO, Any, cast

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter

from cnn_tui.render.draw.spelling import SPELL_OUT, with_products

FENCES = frozenset("│┃║├┤┠┨┝┥╭╮╰╯┌┐└┘┏┓┗┛|")
"""Sides and corners of frames, which nothing moves."""
FILLING = frozenset(" ─━")
"""What is as good in fewer cells, as long as one of several in a row stays."""
SHORTENED = "…"
SHORTER = {"Enter": "Ent", "->": ">", "<-": "<"}
"""Spellings for where there is no room for the whole one."""


@dataclass(eq=False)
class Atom:
    """A character, or a run of signs whose spelling takes ``gain`` cells more than they did."""

    text: str
    style: Style | None
    gain: int = 0
    is_fence: bool = False
    is_filling: bool = False
    is_shortened: bool = False


class PlainSigns(LineFilter):
    """Spells out what ``encoding`` lacks."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line in the signs of the encoding, of the same width."""
        if all(text.isascii() for text, _, _ in segments):
            return segments
        if _is_lacking("·", self._encoding):
            segments = [
                Segment(with_products(text), style, control) for text, style, control in segments
            ]
        spelled = [
            Segment(_spelled(text, self._encoding), style, control)
            for text, style, control in segments
        ]
        if all(
            len(new.text) == len(old.text) == cell_len(old.text)
            for new, old in zip(spelled, segments, strict=True)
        ):
            return spelled
        return list(_joined(_fitted(list(self._atoms(segments)))))

    def _atoms(self, segments: Sequence[Segment]) -> Iterator[Atom]:
        for text, style, control in segments:
            if control:
                continue
            for run, is_lacking in _runs(text, self._encoding):
                new = _spelled(run, self._encoding) if is_lacking else run
                if len(new) == len(run) == cell_len(run):
                    yield from (_atom(*each, style) for each in zip(run, new, strict=True))
                else:
                    gain = len(new) - cell_len(run)
                    yield Atom(new, style, gain, is_shortened=run.endswith(SHORTENED))


def write_plainly(app: App[Any], encoding: str) -> PlainSigns:
    """Let what Rich draws for ``app`` know the encoding; the filter spells out everything else."""
    file = cast(IO[str], _Nowhere(encoding))
    app.console.file = file
    return PlainSigns(encoding)


class _Nowhere:
    """The file of a console that only measures and renders."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding

    def write(self, text: str) -> int:
        """Forget it."""
        return len(text)

    def flush(self) -> None:
        """Nothing to do."""

    def isatty(self) -> bool:
        """Take colors as a terminal does."""
        return True


def _atom(old: str, new: str, style: Style | None) -> Atom:
    return Atom(new, style, is_fence=old in FENCES, is_filling=old in FILLING)


@lru_cache(maxsize=8192)
def _spelled(text: str, encoding: str) -> str:
    return text.encode(encoding, SPELL_OUT).decode(encoding)


@lru_cache(maxsize=4096)
def _is_lacking(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return True
    return False


def _runs(text: str, encoding: str) -> Iterator[tuple[str, bool]]:
    """The text in runs of signs that the encoding has, and of such that it lacks."""

    def kind(sign: str) -> tuple[bool, bool]:
        return _is_lacking(sign, encoding), sign in FENCES

    for (is_lacking, _), run in groupby(text, kind):
        yield "".join(run), is_lacking


def _fitted(atoms: Iterable[Atom]) -> Iterator[Atom]:
    """What stands between two fences, in as many cells as it had."""
    field: list[Atom] = []
    for atom in atoms:
        if not atom.is_fence:
            field.append(atom)
            continue
        yield from _fit(field)
        yield atom
        field = []
    yield from _fit(field)


def _fit(field: list[Atom]) -> list[Atom]:
    excess = 0
    for atom in [each for each in field if each.gain]:
        if atom.gain < 0:
            field.insert(field.index(atom) + 1, Atom(" " * -atom.gain, atom.style))
        for _ in range(_shortened(field, atom, _taken(field, atom))):
            edge = next((place for place in (-1, 0) if field[place].text == " "), None)
            if edge is None:
                excess += 1
            else:
                del field[edge]
    return _cropped(field, excess)


def _taken(field: list[Atom], atom: Atom) -> int:
    """Take blanks for what an atom has become longer; how many are missing."""
    for taken in range(atom.gain):
        spare = _spare(field, field.index(atom))
        if spare is None:
            return atom.gain - taken
        del field[spare]
    return 0


def _shortened(field: list[Atom], atom: Atom, missing: int) -> int:
    """Spell an atom shorter where cells are missing; how many still are."""
    if not missing or atom.text not in SHORTER:
        return missing
    missing -= len(atom.text) - len(SHORTER[atom.text])
    atom.text = SHORTER[atom.text]
    if missing < 0:
        field.insert(field.index(atom) + 1, Atom(" " * -missing, atom.style))
    return max(0, missing)


def _cropped(field: list[Atom], excess: int) -> list[Atom]:
    """The field without ``excess`` cells of text: before the dots that say so, else at its end."""
    dots = field.pop() if field and field[-1].is_shortened else None
    while excess and field:
        last = field[-1]
        kept = last.text[: max(0, len(last.text) - excess)]
        excess -= len(last.text) - len(kept)
        if kept:
            last.text = kept
        else:
            field.pop()
    if dots is not None:
        dots.text = dots.text[: len(dots.text) - excess]
        field.append(dots)
    return field


def _spare(field: Sequence[Atom], place: int) -> int | None:
    """Where a cell can be saved: the nearest one behind, else before."""
    for each in range(place + 1, len(field) - 1):
        if _is_double(field[each], field[each + 1]):
            return each
    for each in range(place - 1, 0, -1):
        if _is_double(field[each], field[each - 1]):
            return each
    return None


def _is_double(one: Atom, other: Atom) -> bool:
    return one.is_filling and one.text == other.text


def _joined(atoms: Iterable[Atom]) -> Iterator[Segment]:
    """Neighbors of one style as one segment."""
    for style, group in groupby(atoms, lambda atom: atom.style):
        yield Segment("".join(atom.text for atom in group), style)
