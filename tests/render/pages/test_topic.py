"""Topics on the screen."""

import io

import pytest
from rich.console import Console

from cnn_tui.chapter.catalogue import Topic, topic, topics
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.pages.topic import topic_markdown, topic_page, topic_sections, topic_tree

WIDTH = 80


def shown(renderable: object) -> list[str]:
    console = Console(width=WIDTH, color_system=None, highlight=False, emoji=False)
    with console.capture() as capture:
        console.print(renderable)
    return [line.rstrip() for line in capture.get().splitlines()]


def code_lines(text: str) -> list[str]:
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif inside and line.strip():
            lines.append(line.strip())
    return lines


@pytest.mark.parametrize("page", topics(), ids=lambda each: each.slug)
def test_shows_every_diagram_unbroken_at_80_columns(page: Topic) -> None:
    lines = shown(topic_page(page))
    assert max(map(len, lines)) <= WIDTH
    stripped = {line.strip() for line in lines}
    assert [line for line in code_lines(page.text) if line not in stripped] == []


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
    assert page.startswith("# What batch normalisation brings\n")
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
    assert text.count("▸ answer") == 3 - unfolded
    assert text.count("press a") == (unfolded < 3)
    assert ("32 → 16 → 8 → 4" in text) == (unfolded > 0)


def test_names_the_sections_of_a_page_by_their_headings() -> None:
    names = [section.heading for section in topic_sections(topic("pooling-why"), 0)]
    assert names[:3] == ["", "What it is for", "What it costs"]
    assert names[3:] == ["Check yourself", "", "", "", "Try it", "Sources"]
