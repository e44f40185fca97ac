"""The topics' text: every reference leads somewhere, and every measured number is true.

A number that the text claims to have measured is followed by a comment line,
``<!-- measured: 57 % = demo-name.figure with option=value -->``, or one that names
``nets.NAME.parameters``, ``bell-curve.…``, ``experiment-NAME.arm``, or in a topic's code the
variable ``snippet-TOPIC.name`` or the member ``snippet-TOPIC.name.0``, in place of a demo.
"""

import inspect
import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import fmean

import pytest
import torch
from torch import nn

from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.chapter.catalogue import TOPICS_FOLDER, demo_info, demos, topic, topics
from cnn_tui.chapter.run import run_demo
from cnn_tui.chapter.snippets import EXCERPT
from cnn_tui.grading.catalogue import exercise_named
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import names, net_info, timeline
from cnn_tui.nets.specs import parse
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.pages.topic import SEE
from cnn_tui.training.loop import epochs
from cnn_tui.training.studies.catalogue import find_study
from tests.chapter.snippet_runs import snippet_run
from tests.cli.commands import parsed
from tests.shipped_experiments import mark_of, run_once

WIDEST_LINE = 76
LONGEST_GOAL = 100
NO_VERBS = {"a", "an", "and", "how", "it", "that", "the", "to", "what", "when", "why", "you"}
LINK = re.compile(r"\]\(([^)]*)\)")
COMMAND = re.compile(
    r"cnn-lab\s(demo|summary|train|compare|check|hint|solution|experiment|receptive-field"
    r"|activations|curves|evaluate|predict)\s([a-z0-9][a-zA-Z0-9_.:,=-]*)([^`\n]*)"
)
LINE = re.compile(r"`(cnn-lab\s[^`]+)`|^(cnn-lab .+?)(?: {2,}.*)?$", re.MULTILINE)
SHOWN_SOMEWHERE = {
    *("activations", "compare", "curves", "evaluate", "experiment"),
    *("gradients", "pool", "predict", "receptive-field", "summary"),
}
"""Commands that show what topics are about."""
ADDRESS = re.compile(r"\b(?:https?:|www\.|arXiv:|doi:)\S+", re.IGNORECASE)
WELL_FORMED = re.compile(
    r"arXiv:(?P<yy>\d\d)(?:0\d|1[0-2])\.\d{4,5}|doi:10\.\d{4,}/\S+|https://[\w.-]+\.[a-z]+(?:/\S*)?"
)
SOURCE = re.compile(r"\w+.* (?P<year>(?:19|20)\d\d), [A-Z]\S* .+")
CODE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (.*) \|$", re.MULTILINE)
MEASURED = re.compile(
    r"^<!-- measured: (\S+(?: %)?) = ([\w-]+(?:\.[\w-]+)*)(?: with ([\w=,.-]+))? -->$", re.MULTILINE
)
TEN_TO_THE = "10⁻"
RANGE = "–"
SEEDS = 5
"""Of a demo that trains."""
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
EXPERIMENT = "experiment-"
SNIPPET = "snippet-"
TRAINED = ("predictions", EXPERIMENT)
"""Figures of trained networks: another processor rounds, and so trains, a little differently."""
ADVICE_COLUMNS = 4
"""Of the table that says what to take each network for: network, parameters, GMACs, use."""
LEARNED_WITHIN = 12
"""Percentage points: on another processor, 18 of 150 wrong labels more or fewer are learned."""
PAGES = {each.slug: (TOPICS_FOLDER / f"{each.slug}.md").read_text("utf-8") for each in topics()}
CLAIMS = [(slug, *claim) for slug, page in PAGES.items() for claim in MEASURED.findall(page)]

every_topic = pytest.mark.parametrize("page", topics(), ids=lambda each: each.slug)


@every_topic
def test_keeps_lines_within_a_terminal(page):
    assert [line for line in page.text.splitlines() if len(line) > WIDEST_LINE] == []


@every_topic
def test_links_only_to_topics_that_exist(page):
    for target in LINK.findall(page.text):
        scheme, _, slug = target.partition(":")
        assert scheme == "topic"
        assert topic(slug).slug == slug != page.slug


@every_topic
def test_names_its_sources_by_author_year_and_title(page):
    assert page.sources or page.section == "Exercises"
    for source in page.sources:
        year = int(SOURCE.fullmatch(source)["year"])
        for address in ADDRESS.findall(source):
            first_shown = WELL_FORMED.fullmatch(address)["yy"]
            assert first_shown is None or 0 <= year - 2000 - int(first_shown) <= 2


@every_topic
def test_gives_well_formed_addresses_outside(page):
    for address in ADDRESS.findall(page.text):
        assert WELL_FORMED.fullmatch(address.rstrip(".,;:)>")), address


@every_topic
def test_refers_only_to_demos_exercises_and_nets_that_exist(page):
    assert [demo_info(name).name for name in page.demos] == list(page.demos)
    assert [exercise_named(name).name for name in page.exercises] == list(page.exercises)
    assert [net_info(name).name for name in page.nets] == list(page.nets)


@every_topic
def test_shows_only_commands_that_can_be_run(page):
    graded = dict.fromkeys(("check", "hint", "solution"), exercise_named)
    of_runs = dict.fromkeys(("curves", "evaluate", "predict"), ["last"].index)
    of_runs["inspect"] = ["last"].index
    known = {"demo": demo_info, "experiment": find_study, "new-net": Path, **graded, **of_runs}
    for command, name, options in COMMAND.findall("\n".join((page.text, *page.see))):
        known.get(command, parse)(name)
        if command == "activations":
            layers = [layer.name for layer in shipped_summary(parse(name)).layers]
            assert options.strip() in layers
        if command == "compare":
            assert all(parse(word).is_own or parse(word).info for word in options.split())
        if command == "demo":
            words = options.split()
            run_demo(name, **dict(zip((word[2:] for word in words[::2]), words[1::2], strict=True)))


def commands_of(page) -> list[str]:
    """Every command that the page names, without ``cnn-lab`` and what is said beside it."""
    named = [inline or line for inline, line in LINE.findall(page.text)]
    lines = (" ".join(re.sub(r"\n>?", " ", each).split()) for each in (*named, *page.see))
    return [each.removeprefix("cnn-lab ") for each in lines]


@every_topic
def test_gives_each_command_only_what_it_takes(page):
    for line in commands_of(page):
        if not line.startswith("-"):
            parsed(line)


@every_topic
def test_names_something_that_shows_its_subject(page):
    assert commands_of(page) or page.demos or page.nets
    assert all(f"cnn-lab {each}" not in page.see for each in commands_of(replace(page, see=())))


def test_names_each_command_that_shows_something_in_a_topic():
    lines = [line for page in topics() for line in commands_of(page)]
    named = {line.split()[0] for line in lines}
    assert sorted(SHOWN_SOMEWHERE - named) == []
    assert set(SEE) <= SHOWN_SOMEWHERE
    assert any(line.startswith("pool ") and " --shift " in line for line in lines)


@every_topic
def test_says_what_its_reader_will_be_able_to_do(page):
    first, *rest = page.goal.split()
    assert first.isascii() and first.islower() and first.isalpha() and rest, "a clause with a verb"
    assert first not in NO_VERBS and not first.endswith(("ing", "ed")), "in its base form"
    assert not first.endswith("s") or first.endswith("ss")
    assert page.goal.isprintable() and page.goal[-1].isalnum(), "it stands before a period"
    assert len(page.goal) <= LONGEST_GOAL


@every_topic
def test_builds_only_on_topics_that_come_before_it(page):
    """So that nobody is sent in a circle."""
    known = [topic(slug) for slug in page.before]
    assert tuple(each.slug for each in known) == page.before, "spelled in full"
    assert len(set(page.before)) == len(page.before)
    assert all(each.order < page.order for each in known)


@every_topic
def test_names_only_what_a_reader_can_find(page):
    """A word in `code` with a dash is a demo, an option or a command."""
    known = {each.name for each in demos()} | {each.slug for each in topics()}
    words = re.findall(r"(?<!`)`([a-z]+(?:-[a-z]+)+)`(?!`)", page.text)
    assert set(words) <= known


@every_topic
def test_loses_nothing_where_the_terminal_knows_ascii_only(page):
    plain = spelled_out(page.text)
    assert plain.count("?") == page.text.count("?")
    for _, block in CODE.findall(page.text):
        if re.search("[│┌└]", block):
            assert [len(spelled_out(line)) for line in block.splitlines()] == [
                len(line) for line in block.splitlines()
            ]


def test_walks_through_the_training_loop_as_it_is_written():
    page = topic("lab-training-loop").text
    blocks = [block for language, block in CODE.findall(page) if language == EXCERPT]
    quoted = [line for block in blocks for line in _statements(block)]
    assert len(quoted) >= 8
    assert set(quoted) <= set(_statements(inspect.getsource(epochs)))
    inline = re.findall(
        r"`((?:session|progress|loss_sum)[^`]*|train_epoch|validate|test|seed_draws|set_lr|lr_at|autocast)`",
        page,
    )
    assert len(inline) >= 5
    assert [name for name in inline if name not in inspect.getsource(epochs)] == []


def _statements(code: str) -> list[str]:
    """Lines without blanks and comments; what is broken inside brackets is one line."""
    statements, line = [], ""
    for each in code.splitlines():
        line += re.sub(r",$", ", ", each.partition("  #")[0].strip())
        if line.count("(") == line.count(")"):
            statements.append(line.replace(" ", ""))
            line = ""
    return statements


def test_tells_on_each_exercise_page_alike_how_it_is_graded():
    told = {
        re.search(r"## How it is graded\n(.*?)^```$.*?^```$", page.text, re.DOTALL | re.MULTILINE)[
            0
        ].replace(page.slug, "EXERCISE")
        for page in topics()
        if page.section == "Exercises"
    }
    assert len(told) == 1
    assert "cnn-lab check EXERCISE" in told.pop()


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
    told = [row for row in rows if row[0] in by_title and len(row) == ADVICE_COLUMNS]
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
    _, questions = page.text.split("## Check yourself\n")
    asked = re.findall(r"^\*\*\d\. ", questions, re.MULTILINE)
    answered = re.findall(r"^> .*(?:\n>.*)*", questions, re.MULTILINE)
    assert 2 <= len(asked) <= 3
    assert len(asked) == len(answered)


@pytest.mark.parametrize("info", demos(), ids=lambda info: info.name)
def test_offers_each_demo_in_the_topic_that_it_belongs_to(info):
    assert info.name in topic(info.topic).demos


@pytest.mark.parametrize("section", ["Pooling", "Batch normalization"])
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
        "batchnorm-train-eval",
        "batchnorm-effects",
        "batchnorm-placement",
        "dropout-what",
        "cifar10",
        "data-pipeline",
        "dropout-placement",
        "training-loop",
        "lab-training-loop",
        "predictions",
        "efficientnet",
        "vision-transformer",
        "exercise1",
    }


def _marks(number: str, figure: str) -> list[pytest.MarkDecorator]:
    source = figure.partition(".")[0]
    if source.startswith(EXPERIMENT):
        return [mark_of(source.removeprefix(EXPERIMENT))]
    return [pytest.mark.slow] if RANGE in number else []


@pytest.mark.parametrize(
    ("slug", "number", "figure", "options"),
    [pytest.param(*claim, marks=_marks(claim[1], claim[2])) for claim in CLAIMS],
)
@pytest.mark.timeout(900)
def test_states_measured_numbers_as_they_are_measured(
    slug, number, figure, options, shared_by_workers
):
    text = topic(slug).text
    assert re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", text)
    if RANGE in number:
        spare = _spare(number, figure)
        _expect_all_seeds_near(number, _of_each_seed(figure, options, shared_by_workers), spare)
        return
    plain = number.removesuffix(" %").replace(",", "")
    measured = _measured(figure, options, shared_by_workers)
    if number.startswith(TEN_TO_THE):
        assert number == TEN_TO_THE + str(-round(math.log10(measured))).translate(SUPERSCRIPTS)
    elif figure.startswith(TRAINED):
        assert measured == pytest.approx(float(plain), abs=_spare(number, figure))
    else:
        decimals = len(plain.partition(".")[2])
        assert round(measured, decimals) == pytest.approx(float(plain))


def test_gives_the_range_over_seeds_of_every_trained_number():
    """Another processor rounds differently: one number alone promises too much."""
    trained = [claim for claim in CLAIMS if claim[2].startswith(TRAINED)]
    ranges = {(slug, figure) for slug, number, figure, _ in trained if RANGE in number}
    assert len(ranges) >= 11
    for slug, _, figure, _ in trained:
        assert (slug, figure) in ranges
        assert {"about", "processor"} <= set(re.findall(r"\w+", topic(slug).text))


def test_marks_every_comment_of_the_authors_as_a_measurement():
    for slug, page in PAGES.items():
        assert page.count("<!--") == len(MEASURED.findall(page)), slug


def _spare(number: str, figure: str) -> float:
    if figure.endswith("_wrong"):
        return LEARNED_WITHIN
    if "%" in number:
        return 5
    return min(0.3, 0.3 * max(map(float, number.split(RANGE))))


def _expect_all_seeds_near(told: str, measured: list[float], spare: float) -> None:
    """Both ends of a range are within ``spare`` of what the seeds gave."""
    low, high = map(float, told.removesuffix(" %").split(RANGE))
    assert low < high
    assert min(measured) == pytest.approx(low, abs=spare)
    assert max(measured) == pytest.approx(high, abs=spare)


def _of_each_seed(figure: str, options: str, shared: Path) -> list[float]:
    source, _, name = figure.partition(".")
    if source.startswith(EXPERIMENT):
        return _seeds_of_an_experiment(source.removeprefix(EXPERIMENT), shared)[name]
    return [_shown(source, f"{options},seed={seed}")[name] for seed in range(SEEDS)]


@cache
def _measured(figure: str, options: str, shared: Path) -> float:
    source, _, name = figure.partition(".")
    if source == "nets":
        return _of_a_net(*name.split("."))
    if source == "bell-curve":
        return _of_the_bell_curve()[name]
    if source.startswith(SNIPPET):
        return _of_a_snippet(source.removeprefix(SNIPPET), *name.split("."))
    if source.startswith(EXPERIMENT):
        return _of_an_experiment(source.removeprefix(EXPERIMENT), shared)[name]
    return _shown(source, options)[name]


@cache
def _shown(demo: str, options: str):
    pairs = [each.split("=") for each in options.split(",") if each]
    return run_demo(demo, **dict(pairs)).figures


@cache
def _of_a_net(name: str, quantity: str) -> int:
    with torch.device("meta"):
        net = build(name)
    linear = [each.numel() for layer in _layers(net, nn.Linear) for each in layer.parameters()]
    convolutions = [each for layer in _layers(net, nn.Conv2d) for each in layer.parameters()]
    return {
        "parameters": sum(each.numel() for each in net.parameters()),
        "linear_parameters": sum(linear),
        "first_linear_parameters": sum(linear[:2]),
        "convolution_parameters": sum(each.numel() for each in convolutions),
        "largest_weight": max(each.numel() for each in net.parameters()),
    }[quantity]


def _of_a_snippet(slug: str, name: str, *member: str) -> float:
    value = snippet_run(slug).names[name]
    return float(value[int(member[0])] if member else value)


def _layers(net: nn.Module, kind: type[nn.Module]) -> list[nn.Module]:
    return [each for each in net.modules() if isinstance(each, kind)]


@cache
def _of_the_bell_curve() -> dict[str, float]:
    """What windows, ReLU and dropout make of normally distributed values, by their quantiles."""
    share = (torch.arange(100_000, dtype=torch.float64) + 0.5) / 100_000
    largest = torch.special.ndtri(share**0.25)
    relu = torch.special.ndtri(share).clamp(min=0)
    mean, square = relu.mean(), relu.square().mean()
    figures = {
        "largest_of_4_mean": largest.mean(),
        "largest_of_4_std": largest.std(),
        "largest_of_4_error": largest.square().mean().sqrt(),
        "relu_variance": square - mean**2,
        "dropped_relu_variance": square / 0.5 - mean**2,
    }
    return {name: value.item() for name, value in figures.items()}


@cache
def _of_an_experiment(name: str, shared: Path) -> dict[str, float]:
    """The mean over the seeds of what they gave."""
    return {figure: fmean(each) for figure, each in _seeds_of_an_experiment(name, shared).items()}


@cache
def _seeds_of_an_experiment(name: str, shared: Path) -> dict[str, list[float]]:
    """Of each arm the test accuracies in percent, the loss gaps, the shares of the wrong labels
    that were learned, in percent, and the losses after three epochs.
    """
    figures = {}
    for arm in run_once(name, shared)["arms"]:
        figures[arm["name"]] = [100 * accuracy for accuracy in arm["accuracy"]]
        figures[f"{arm['name']}_gap"] = arm["loss_gap"]
        learned = arm["wrong_labels_learned"]
        figures[f"{arm['name']}_wrong"] = [100 * (share or 0.0) for share in learned]
        figures[f"{arm['name']}_loss_3"] = [curve[2] for curve in arm["train_loss"]]
    return figures
