"""The parts of a topic's page."""

from dataclasses import replace

import pytest

from cnn_tui.chapter.catalogue import Topic, topic, topics
from cnn_tui.chapter.page import (
    LINK,
    ReviewQuestion,
    TopicSection,
    head,
    known_before,
    linked_from,
    links,
    parts,
    questions,
)


def page(text: str) -> Topic:
    return Topic("made-up", "Made up", "Pooling", 1, (), (), (), (), text)


def test_takes_a_page_apart_at_its_headings() -> None:
    made_up = page("First.\n\n## Why\n\nBecause.\n\nAnd so.\n\n## How\n\n### Small\n\nSo.")
    assert parts(made_up) == (
        TopicSection("", "First."),
        TopicSection("Why", "Because.\n\nAnd so."),
        TopicSection("How", "### Small\n\nSo."),
    )


def test_takes_each_question_apart_from_its_answer() -> None:
    asking = (
        "Text.\n\n## Check yourself\n\n**1. One,\nor two?**\n\n> One.\n>\n> Surely.\n\n"
        "**2. Why?**\n\n> So."
    )
    assert questions(page(asking)) == (
        ReviewQuestion("**1. One,\nor two?**", "> One.\n>\n> Surely."),
        ReviewQuestion("**2. Why?**", "> So."),
    )
    assert parts(page(asking)) == (TopicSection("", "Text."),)


@pytest.mark.parametrize("each", topics(), ids=lambda each: each.slug)
def test_loses_nothing_of_a_topic(each: Topic) -> None:
    asked = [text for question in questions(each) for text in (question.asked, question.answer)]
    taken = [text for part in parts(each) for text in (part.heading, part.text)]
    words = " ".join([*taken, *(["Check yourself", *asked] if asked else [])]).split()
    assert words == [word for word in each.text.split() if word != "##"]


def test_knows_where_a_topic_leads_and_what_leads_to_it() -> None:
    invariance = topic("pooling-translation-invariance")
    assert invariance in links(topic("pooling-why"))
    assert topic("pooling-why") in linked_from(invariance)
    assert links(page("Nowhere.")) == ()


def test_begins_with_what_it_teaches_and_what_to_know_before() -> None:
    built_on = ("vgg", "pooling-why")
    made_up = replace(page("Some words."), goal="stack filters", before=built_on)
    assert head(made_up) == (
        "You will be able to stack filters.\n\n"
        "Reading time: 1 min. To know before: [VGG and why 3×3 twice (2014)](topic:vgg), "
        "[Why pool at all](topic:pooling-why)."
    )
    assert tuple(each.slug for each in known_before(made_up)) == built_on
    assert links(made_up) == known_before(made_up)
    assert "You need no other topic before." in head(replace(made_up, before=()))
    assert head(page("No goal.")) == ""


def test_takes_no_bracket_of_code_for_the_beginning_of_a_link() -> None:
    text = "A map typed `[[[`, as NumPy prints it\n\nin [Why\npool](topic:pooling-why)."
    assert [words for words, _ in LINK.findall(text)] == ["Why\npool"]
    assert all("`" not in words for each in topics() for words, _ in LINK.findall(each.text))
