"""The glossary: what each term means, and where it is taught."""

from collections import Counter

import pytest

from cnn_tui.chapter import glossary as module
from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.glossary import glossary, matching, term, terms_of
from cnn_tui.chapter.search import search
from cnn_tui.errors import LabFault, UsageError

WIDEST = 76


def test_explains_about_eighty_terms_in_alphabetical_order() -> None:
    names = [each.name.casefold() for each in glossary()]
    assert len(names) >= 80
    assert names == sorted(names)


def test_gives_each_name_to_one_term() -> None:
    names = [spelled.casefold() for each in glossary() for spelled in each.names]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_says_in_two_lines_what_a_term_means() -> None:
    for each in glossary():
        lines = each.text.splitlines()
        assert len(lines) == 2, each.name
        assert max(map(len, lines)) <= WIDEST, each.name
        assert each.text.endswith("."), each.name
        assert not each.text.casefold().startswith(each.name.casefold()), "in its own words"


def test_leads_to_a_topic_that_uses_the_term() -> None:
    for each in glossary():
        page = topic(each.topic)
        assert page.slug == each.topic
        assert each in terms_of(page), each.name
        found = {place.slug for name in each.names for place in search(name)}
        assert page.slug in found, each.name


def test_finds_a_term_in_any_spelling() -> None:
    for spelled in ("receptive field", "Receptive-Field", "receptive_fields", "RECEPTIVEFIELD"):
        assert term(spelled).name == "receptive field"
    assert term("gap").name == "global average pooling"
    assert term("logits").name == "logit"


def test_suggests_the_nearest_term() -> None:
    with pytest.raises(UsageError, match="no term named 'strid': did you mean stride"):
        term("strid")


def test_filters_by_name_before_text() -> None:
    names = [each.name for each in matching("  Pool", glossary())]
    assert names[0] == "pooling"
    assert names.index("max pooling") < names.index("transition")
    assert matching("", glossary()) == list(glossary())
    assert matching("no such words", glossary()) == []


def test_names_the_terms_of_a_page_and_no_part_of_a_word() -> None:
    names = {each.name for each in terms_of(topic("resnet"))}
    assert {"residual", "projection", "stem"} <= names
    assert not names & {"patch", "recall", "SE"}


def test_names_the_file_that_is_damaged(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "glossary.toml"
    damaged.write_text("[stride]\n", encoding="utf-8")
    monkeypatch.setattr(module, "FILE", damaged)
    with pytest.raises(LabFault, match=r"glossary\.toml is damaged"):
        glossary.__wrapped__()
