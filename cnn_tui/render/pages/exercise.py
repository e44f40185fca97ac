"""One exercise as pages: its task, its hints, its difference from the reference."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.padding import Padding
from rich.text import Text

from cnn_tui.chapter.catalogue import Topic, topics
from cnn_tui.chapter.page import parts
from cnn_tui.grading.catalogue import starter
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.hints import Hint
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import FAILED, PASSED, QUIET, TITLE
from cnn_tui.render.pages.failure import TEXT_WIDTH, hanging
from cnn_tui.render.pages.lesson import LessonMarkdown
from cnn_tui.render.pages.topic import Offer, nothing_offered, with_offers

DIFF_STYLES = {"+": PASSED, "-": FAILED, "@": QUIET}
INDENT = 2
COMMANDS = re.compile(r"^```\n(?:cnn-lab (?:check|hint|solution) .*\n)+```\n", re.MULTILINE)
"""What the text says to type about the exercise itself, which the app has keys for."""
ANY_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")


def task_page(
    exercise: Exercise, note: RenderableType, offer: Offer = nothing_offered
) -> RenderableType:
    """The task without its title, and below it what to do next.

    ``offer`` says what stands in place of a command.
    """
    pages = {topic.slug: topic for topic in topics()}
    task = pages.get(exercise.name) or _own_page(exercise)
    texts = (_with_heading(part.heading, part.text) for part in parts(task))
    text = with_offers(offer, COMMANDS.sub("", "\n\n".join(texts)))
    lesson = LessonMarkdown(ANY_LINK.sub(r"\1", text), hyperlinks=False)
    return Group(Constrain(lesson, TEXT_WIDTH), Text(), Constrain(note, TEXT_WIDTH))


def hint_page(hints: Sequence[Hint]) -> RenderableType:
    """The hints that were taken, in their order."""
    blank = Text()
    spaced = [part for each in hints for part in (blank, hint_text(each))]
    return Constrain(Group(*spaced[1:]), TEXT_WIDTH)


def hint_text(hint: Hint) -> RenderableType:
    """One hint under its number."""
    return Group(
        Text(f"Hint {hint.number} of {hint.total}", style=TITLE),
        Padding(Text(hint.text), (0, 0, 0, INDENT), expand=False),
    )


def diff_page(difference: str) -> RenderableType:
    """A unified diff; what a line is, its first character says."""
    if not difference:
        return Text("Your file is the reference itself.")
    legend = "- stands before your lines, + before those of the reference.\n"
    return Group(Text(legend, QUIET), DiffLines(difference))


@dataclass(frozen=True)
class DiffLines:
    """A unified diff; what does not fit into a line goes on deeper, behind the same sign."""

    difference: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = max(1, options.max_width - 1)
        for line in _diff_lines(self.difference):
            line.expand_tabs()
            sign, code = line[:1], line[1:]
            yield from (Text.assemble(sign, each) for each in hanging(code, console, room))


def diff_text(difference: str) -> Text:
    """The lines of a unified diff, those of either side in a style of their own."""
    return Text("\n").join(_diff_lines(difference))


def _diff_lines(difference: str) -> Iterator[Text]:
    for line in difference.split("\n"):
        shown = "\t".join(map(printable, line.split("\t")))
        yield Text(shown, style=DIFF_STYLES.get(line[:1], ""))


def _with_heading(heading: str, text: str) -> str:
    return f"## {heading}\n\n{text}" if heading else text


def _own_page(exercise: Exercise) -> Topic:
    """Of an exercise that the chapter has no page for: its task, and what its starter says."""
    module = ast.parse(starter(exercise).read_text(encoding="utf-8"))
    said = ast.get_docstring(module) or ""
    return Topic(
        slug=exercise.name,
        title=f"Exercise {exercise.number}: {exercise.title}",
        section="Exercises",
        order=0,
        demos=(),
        exercises=(exercise.name,),
        nets=(),
        sources=(),
        text=f"{exercise.task}\n\n```\n{said}\n```\n",
    )
