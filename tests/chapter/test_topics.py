"""The topics' text: every reference leads somewhere, and every measured number is true.

A number that the text claims to have measured is followed by a comment line,
``<!-- measured: 57 % = demo-name.figure -->`` or ``… = nets.NAME.parameters``.
"""

import re
from functools import cache

import pytest
import torch

from cnn_tui.chapter.catalogue import TOPICS_FOLDER, demo_info, demos, topic, topics
from cnn_tui.chapter.run import run_demo
from cnn_tui.grading.catalogue import exercise_named
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import names, net_info, timeline

WIDEST_LINE = 76
LINK = re.compile(r"\]\(([^)]*)\)")
COMMAND = re.compile(r"cnn-lab (demo|summary|check|train|compare) ([a-z0-9][a-z0-9_,=-]*)([^`\n]*)")
ROW = re.compile(r"^\| (.*) \|$", re.MULTILINE)
MEASURED = re.compile(r"<!-- measured: (\S+(?: %)?) = ([\w-]+(?:\.\w+)*) -->")
PAGES = {each.slug: (TOPICS_FOLDER / f"{each.slug}.md").read_text("utf-8") for each in topics()}
CLAIMS = [(slug, *claim) for slug, page in PAGES.items() for claim in MEASURED.findall(page)]

every_topic = pytest.mark.parametrize("page", topics(), ids=lambda each: each.slug)


@every_topic
def test_keeps_lines_within_a_terminal(page):
    assert [line for line in PAGES[page.slug].splitlines() if len(line) > WIDEST_LINE] == []


@every_topic
def test_links_only_to_topics_that_exist(page):
    for target in LINK.findall(page.text):
        scheme, _, slug = target.partition(":")
        assert scheme == "topic"
        assert topic(slug).slug == slug != page.slug


@every_topic
def test_refers_only_to_demos_exercises_and_nets_that_exist(page):
    assert [demo_info(name).name for name in page.demos] == list(page.demos)
    assert [exercise_named(name).name for name in page.exercises] == list(page.exercises)
    assert [net_info(name).name for name in page.nets] == list(page.nets)


@every_topic
def test_shows_only_commands_that_can_be_run(page):
    known = {"demo": demo_info, "check": exercise_named}
    for command, name, options in COMMAND.findall(page.text):
        known.get(command, net_info)(name)
        if command == "compare":
            assert all(net_info(word) for word in options.split())
        if command == "demo":
            words = options.split()
            run_demo(name, **dict(zip((word[2:] for word in words[::2]), words[1::2], strict=True)))


def test_tells_the_timeline_as_the_catalogue_has_it():
    rows = [row.split(" | ") for row in ROW.findall(topic("architectures-timeline").text)]
    told = [(int(row[0]), row[1]) for row in rows if row[0].isdecimal()]
    for (year, name), net in zip(told, timeline(), strict=True):
        assert year == net.year
        assert name.startswith(f"[{net.family}")


def test_advises_on_networks_as_the_catalogue_does():
    page = topic("choosing-an-architecture")
    by_title = {net_info(name).title: net_info(name) for name in page.nets}
    rows = [row.split(" | ") for row in ROW.findall(page.text)]
    told = [row for row in rows if row[0] in by_title]
    assert len(told) == len(by_title)
    for title, parameters, gmacs, use in told:
        net = by_title[title]
        assert use == net.use_when
        assert float(parameters.removesuffix(" M")) == _rounded(net.parameters / 1e6, parameters)
        assert float(gmacs) == _rounded(net.macs / 1e9, gmacs)


def _rounded(value, as_told):
    return round(value, len(as_told.removesuffix(" M").partition(".")[2]))


def test_leads_from_a_topic_to_every_network():
    assert {name for page in topics() for name in page.nets} == set(names())


@every_topic
def test_ends_each_topic_with_questions_and_their_answers(page):
    if page.section == "Summary":
        return
    _, questions = page.text.split("## Check yourself\n")
    asked = re.findall(r"^\*\*\d\. ", questions, re.MULTILINE)
    answered = re.findall(r"^> .*(?:\n>.*)*", questions, re.MULTILINE)
    assert 2 <= len(asked) <= 3
    assert len(asked) == len(answered)


@pytest.mark.parametrize("info", demos(), ids=lambda info: info.name)
def test_offers_each_demo_in_the_topic_that_it_belongs_to(info):
    assert info.name in topic(info.topic).demos


@pytest.mark.parametrize("section", ["Pooling", "Batch normalisation"])
def test_treats_its_main_sections_at_length(section):
    lengths = {each.slug: len(each.text.split()) for each in topics() if each.section == section}
    assert len(lengths) >= 3
    assert min(lengths.values()) >= 400


def test_corrects_what_is_often_told_wrongly():
    slugs = {slug for slug, page in PAGES.items() if "**Mind the gap.**" in page}
    assert slugs >= {
        "pooling-translation-invariance",
        "lenet5",
        "alexnet",
        "vgg",
        "skip-connections",
        "batchnorm-what",
        "batchnorm-effects",
        "batchnorm-placement",
        "dropout-what",
        "cifar10",
        "data-pipeline",
        "training-loop",
        "predictions",
        "vision-transformer",
    }


@pytest.mark.parametrize(("slug", "number", "figure"), CLAIMS)
def test_states_measured_numbers_as_they_are_measured(slug, number, figure):
    text = topic(slug).text
    assert re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", text)
    plain = number.removesuffix(" %").replace(",", "")
    decimals = len(plain.partition(".")[2])
    assert round(_measured(figure), decimals) == pytest.approx(float(plain))


@cache
def _measured(figure: str) -> float:
    source, _, name = figure.partition(".")
    if source != "nets":
        return run_demo(source).figures[name]
    net, _, quantity = name.partition(".")
    assert quantity == "parameters"
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in build(net).parameters())
