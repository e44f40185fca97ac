"""Terms of the glossary: name, topic, and what each means in two lines."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.glossary import Term
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command
from cnn_tui.render.draw.styles import QUIET, STRONG

INDENT = "  "


def glossary_page(terms: Sequence[Term]) -> RenderableType:
    """The terms below each other, and how to read more of one."""
    lines = [line for each in terms for line in _lines(each)]
    if len(terms) == 1:
        (only,) = terms
        ending = f"Read more: {command(step(Action.READ_TOPIC, only.topic))}"
    else:
        look_up = command(step(Action.LIST_TERMS, "receptive field"))
        ending = f"{len(terms)} terms. Look one up: {look_up}"
    return Group(*lines, Text(f"\n{ending}"))


def term_text(term: Term) -> Text:
    """What a term means, and below it which topic teaches it and what else it is called."""
    below = " · ".join(filter(None, (topic(term.topic).title, _also(term))))
    return Text.assemble(term.text, "\n", (below, QUIET))


def _lines(term: Term) -> Iterator[Text]:
    yield Text.assemble((term.name, STRONG), (f"  {term.topic}", QUIET))
    yield from (Text(f"{INDENT}{line}") for line in term.text.splitlines())
    if term.also:
        yield Text(f"{INDENT}{_also(term)}", QUIET)


def _also(term: Term) -> str:
    return f"also: {', '.join(term.also)}" if term.also else ""
