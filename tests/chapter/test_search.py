"""Searching the chapter."""

from collections import Counter
from itertools import pairwise

from cnn_tui.chapter.search import Span, search, spans


def test_finds_a_word_under_its_heading() -> None:
    (place,) = search("WHISKER")
    assert (place.slug, place.heading, place.occurrence) == ("pooling-why", "What it is for", 0)
    assert "a whisker one pixel to the left" in place.excerpt


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
