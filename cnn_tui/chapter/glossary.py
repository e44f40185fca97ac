"""The chapter's terms: what each means in two lines, and the topic that teaches it.

They stand in ``glossary.toml``, in alphabetical order.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cnn_tui.chapter.catalogue import Topic
from cnn_tui.errors import LabFault
from cnn_tui.names import match, normalize
from cnn_tui.next_steps import Action, step

FILE = Path(__file__).parent / "glossary.toml"
WORD = re.compile(r"[^\W_]+")
AT_START, IN_NAME, IN_TEXT, NOT_FOUND = range(4)
"""Where a term has what is looked for; the first are the likeliest."""


@dataclass(frozen=True)
class Term:
    """One term: ``text`` says what it means, ``topic`` is the slug of the page that teaches it.

    ``also`` are the other names that it goes by.
    """

    name: str
    text: str
    topic: str
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called; its own name comes first."""
        return (self.name, *self.also)


@cache
def glossary() -> tuple[Term, ...]:
    """Every term in alphabetical order. Raises LabFault where the file is damaged."""
    try:
        entries = tomllib.loads(FILE.read_text(encoding="utf-8"))
        return tuple(_term(name, fields) for name, fields in entries.items())
    except (OSError, ValueError, KeyError) as error:
        raise LabFault(f"{FILE} is damaged ({error}): install the lab again.") from error


def term(name: str) -> Term:
    """The term that ``name`` means, in any spelling, in the plural as well.

    Raises UsageError with the nearest one.
    """
    known = {_squeezed(spelled): each for each in reversed(glossary()) for spelled in each.names}
    wanted = _squeezed(name)
    for form in (wanted, wanted.removesuffix("s"), wanted.removesuffix("es")):
        if form in known:
            return known[form]
    by_name = {spelled: each for each in glossary() for spelled in each.names}
    return by_name[match(name, by_name, "term", step(Action.LIST_TERMS))]


def matching(words: str, terms: Iterable[Term]) -> list[Term]:
    """The terms that have ``words`` at the start of a name, then in a name, then in the text."""
    wanted = " ".join(words.casefold().split())
    ranked = ((_rank(each, wanted), each) for each in terms)
    return [each for rank, each in sorted(ranked, key=lambda pair: pair[0]) if rank < NOT_FOUND]


def terms_of(page: Topic) -> tuple[Term, ...]:
    """The terms that the page uses, in alphabetical order."""
    text = _words(page.text)
    return tuple(each for each in glossary() if any(name in text for name in _forms(each)))


def _rank(each: Term, wanted: str) -> int:
    names = [name.casefold() for name in each.names]
    if any(name.startswith(wanted) for name in names):
        return AT_START
    if any(wanted in name for name in names):
        return IN_NAME
    return IN_TEXT if wanted in each.text.casefold() else NOT_FOUND


@cache
def _forms(each: Term) -> tuple[str, ...]:
    """The names in singular and plural, as ``_words`` has them."""
    return tuple(_words(form) for name in each.names for form in (name, f"{name}s"))


def _words(text: str) -> str:
    """Words and numbers between single blanks, so that a name is found as a whole."""
    return f" {' '.join(WORD.findall(text.casefold()))} "


def _term(name: str, fields: dict[str, Any]) -> Term:
    return Term(name, fields["means"].strip(), fields["topic"], tuple(fields.get("also", ())))


def _squeezed(name: str) -> str:
    return "".join(normalize(name).split())
