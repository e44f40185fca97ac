"""Topics on the screen."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console, Group

from cnn_tui.chapter.catalogue import Topic, topic, topics
from cnn_tui.chapter.page import FENCED, NARROW
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.pages.topic import topic_markdown, topic_page, topic_sections, topic_tree

WIDTH = 80
WIDTHS = (46, 56, 60, 84)
"""Of the text in terminals of 80, beside the list, of 60 and of 120 columns, and in a shell."""


def shown(renderable: object, width: int = WIDTH) -> list[str]:
    console = Console(width=width, color_system=None, highlight=False, emoji=False)
    with console.capture() as capture:
        console.print(renderable)
    return [line.rstrip() for line in capture.get().splitlines()]


def written_page(page: Topic) -> Group:
    """The page as the app shows it, which has no commands."""
    return Group(*(each.content for each in topic_sections(page, 3, lambda command: "[it](a:b)")))


def diagrams(text: str) -> list[list[list[str]]]:
    """The forms of each diagram, as the lines that they have."""
    found: list[list[list[str]]] = []
    for language, block in FENCED.findall(text):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if language == NARROW:
            found[-1].append(lines)
        elif not block.startswith("cnn-lab "):
            found.append([lines])
    return found


@pytest.mark.parametrize("page", topics(), ids=lambda each: each.slug)
@pytest.mark.parametrize("width", WIDTHS)
def test_shows_every_diagram_unbroken_at_every_width(page: Topic, width: int) -> None:
    lines = shown(written_page(page), width)
    assert max(map(cell_len, lines)) <= width
    assert not [line for line in lines if line.endswith("…")]
    stripped = [line.strip() for line in lines]
    for forms in diagrams(page.text):
        assert any(all(line in stripped for line in form) for form in forms), forms


@pytest.mark.parametrize("page", topics(), ids=lambda each: each.slug)
def test_keeps_a_printed_page_narrow_in_any_encoding(page: Topic) -> None:
    for plain in (False, True):
        text = topic_markdown(page, plain=plain)
        assert max(map(len, text.splitlines())) <= 76
        assert text.isascii() or not plain


def test_breaks_lines_after_spelling_signs_out() -> None:
    console = Console(
        file=io.TextIOWrapper(io.BytesIO(), "ascii"), width=WIDTH, color_system=None, emoji=False
    )
    with console.capture() as capture:
        console.print(topic_page(topic("batchnorm-what")))
    lines = spelled_out(capture.get()).splitlines()
    assert any("gamma = sigma and beta = mu" in line for line in lines)
    assert max(map(len, lines)) <= WIDTH


def test_tells_what_to_type_for_a_linked_topic() -> None:
    text = " ".join(shown(topic_page(topic("pooling-why"))))
    assert "translation invariance (pooling-translation-invariance)" in " ".join(text.split())
    assert "](topic:" not in text


def test_ends_a_page_with_what_to_try() -> None:
    page = topic_markdown(topic("batchnorm-effects"))
    assert page.startswith("# What batch normalization brings\n")
    assert "`cnn-lab demo batchnorm-statistics`" in page
    assert "`cnn-lab check exercise3`" in page
    assert "- Wu and He 2018, Group Normalization" in page


def test_lists_slug_and_title_of_each_topic_on_one_line() -> None:
    lines = shown(topic_tree(topics()))
    for each in topics():
        assert any(each.slug in line and each.title in line for line in lines)


def test_marks_the_topics_of_a_list_that_were_read() -> None:
    marked = [line for line in shown(topic_tree(topics(), {"vgg"})) if line.endswith("✓")]
    assert [line.split()[2] for line in marked] == ["vgg"]


def test_puts_the_answers_after_everything_else() -> None:
    text = topic_markdown(topic("pooling-why"))
    page, answers = text.split("## Answers\n\n")
    assert "How many parameters does a pooling layer add" in page
    assert "## Sources" in page
    assert answers.startswith("**1.** 32 → 16 → 8 → 4")
    assert answers.count("\n\n") == 2
    assert ">" not in answers


@pytest.mark.parametrize("unfolded", range(4))
def test_unfolds_as_many_answers_as_are_asked_for(unfolded: int) -> None:
    sections = topic_sections(topic("pooling-why"), unfolded)
    text = "\n".join("\n".join(shown(section.content)) for section in sections)
    assert text.count("╭─ Question ") == 3
    assert text.count(" a answer ─╯") == 3 - unfolded
    assert text.count("├─ Answer ") == unfolded
    assert ("32 → 16 → 8 → 4" in text) == (unfolded > 0)


def test_names_the_sections_of_a_page_by_their_headings() -> None:
    names = [section.heading for section in topic_sections(topic("pooling-why"), 0)]
    assert names[:5] == ["", "", "", "What it is for", "What it costs"]
    assert names[5:] == ["Check yourself", "", "", "", "Try it", "Sources"]


def test_begins_each_page_with_its_goal_everywhere() -> None:
    page = topic("vgg")
    goal, needed = f"You will be able to {page.goal}.", "To know before: AlexNet (2012)"
    sections = topic_sections(page, 0)
    in_the_app = " ".join(shown(sections[1].content))
    assert in_the_app.startswith(goal)
    assert needed in in_the_app
    in_a_shell = " ".join(" ".join(shown(topic_page(page))).split())
    assert f"{needed} (alexnet)" in in_a_shell
    assert in_a_shell.index(goal) < in_a_shell.index(needed) < in_a_shell.index("AlexNet mixes")
    exported = topic_markdown(page).replace("\n", " ")
    assert exported.startswith(f"# {page.title}  {goal}  Reading time: ")


def test_writes_what_a_command_does_in_place_of_it() -> None:
    asked = []

    def offer(command: str) -> str:
        asked.append(command)
        return "" if "train" in command else f"[the {command.split()[1]}](it:there)"

    sections = topic_sections(topic("lenet5"), 3, offer)
    text = "\n".join("\n".join(shown(section.content)) for section in sections)
    assert "cnn-lab summary lenet5,activation=tanh --input 1,32,32" in asked
    assert "closer to it with the summary" in " ".join(text.replace("▌", " ").split())
    assert " • The demo\n" in text
    assert "cnn-lab train lenet5 --data digits --epochs 5" in text, "nothing does that"
