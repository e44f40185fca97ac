"""Searching the chapter."""

from collections import Counter
from itertools import pairwise

import pytest

from cnn_tui.chapter.search import FoundLine, Span, search, search_topics, spans


def test_finds_a_word_under_its_heading() -> None:
    (place,) = search("WHISKER")
    assert (place.slug, place.heading, place.occurrence) == ("pooling-why", "What it is for", 0)
    assert "a whisker one pixel to the left" in place.excerpt


def test_finds_what_a_page_begins_with() -> None:
    (place,) = search("where a VGG spends its time")
    assert (place.slug, place.heading) == ("vgg", "")


def test_finds_words_across_a_line_break_of_the_file() -> None:
    assert any(place.slug == "pooling-why" for place in search("a  small window on the map"))


def test_finds_through_marks_and_links() -> None:
    assert any(place.slug == "pooling-why" for place in search("see translation invariance"))


def test_puts_topics_first_whose_title_has_the_words() -> None:
    places = search("dropout")
    titled = [("dropout" in place.title.casefold()) for place in places]
    assert titled == sorted(titled, reverse=True)
    assert not titled[-1]


def test_counts_the_words_on_a_page_up_to_each_place() -> None:
    of_page = [place.occurrence for place in search("pooling") if place.slug == "pooling-why"]
    assert of_page[0] == 0
    assert all(now > before for before, now in pairwise(of_page))


def test_tells_which_places_lie_in_a_folded_answer() -> None:
    places = search("one in four is") + search("16 of 1,024")
    assert Counter(place.in_answer for place in places)[True] == 1


def test_finds_nothing_by_less_than_two_characters() -> None:
    assert search("") == search(" a ") == search("no such words") == ()


def test_finds_words_on_a_drawn_page_also_where_they_are_wrapped() -> None:
    lines = ["A small window", "", "▌ moves. A  Small", "▌ WINDOW stays."]
    assert spans(lines, "small window") == [
        (Span(0, 2, 14),),
        (Span(2, 12, 17), Span(3, 2, 8)),
    ]
    assert spans(lines, " ") == []


@pytest.mark.parametrize("word", ["POOLING", "resnet", "whisker"])
def test_finds_topics_by_one_word_where_it_finds_places(word: str) -> None:
    lines = [(found.topic.slug, each) for found in search_topics(word) for each in found.matches]
    assert lines
    assert [
        (place.slug, FoundLine(place.heading, place.excerpt, place.in_answer))
        for place in search(word)
    ] == lines


def test_finds_topics_that_have_all_of_several_words() -> None:
    slugs = {found.topic.slug for found in search_topics("vgg dropout")}
    of_each = [{found.topic.slug for found in search_topics(each)} for each in ("vgg", "dropout")]
    assert slugs == of_each[0] & of_each[1] < of_each[0]
    assert slugs == {found.topic.slug for found in search_topics("Dropout  VGG")}


def test_names_only_the_lines_with_all_words_where_a_topic_has_such() -> None:
    (found,) = [each for each in search_topics("vgg dropout") if each.topic.slug == "modern-cnn"]
    assert len(found.matches) == 1
    apart = [each for each in search_topics("whisker 1,024") if each.topic.slug == "pooling-why"]
    assert len(apart[0].matches) > 1


def test_finds_words_without_regard_to_accents() -> None:
    assert search_topics("résidual") == search_topics("residual") != ()
    assert search("Poo\N{COMBINING DIAERESIS}ling") == search("pooling")
    assert spans(["eine naïve Idee"], "naive") == [(Span(0, 5, 10),)]


def test_finds_no_topic_by_less_than_two_characters() -> None:
    assert search_topics("") == search_topics(" a ") == search_topics("no such words") == ()
