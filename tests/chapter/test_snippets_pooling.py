"""The code of the pooling topics: it prints what it says, and pools as the lab does."""

import pytest
import torch
from torch import nn

from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.chapter.run import run_demo
from tests.chapter.printed_comments import printed_comments
from tests.chapter.snippet_runs import snippet_run

PAGES = (
    *("pooling-why", "pooling-max-and-average", "pooling-translation-invariance"),
    *("pooling-parameters", "pooling-global-average"),
)


@pytest.mark.parametrize("slug", PAGES)
def test_prints_what_its_comments_say(slug: str) -> None:
    printed = [line.strip() for line in snippet_run(slug).printed.splitlines()]
    assert printed == printed_comments(slug) != []


def test_pools_the_map_of_the_demo() -> None:
    names = snippet_run("pooling-max-and-average").names
    assert names["x"].detach().tolist() == [[list(row) for row in named_input("chapter").grid]]
    figures = run_demo("max-and-average").figures
    assert (names["window"].max(), names["window"].mean()) == (figures["max"], figures["average"])


def test_shifts_the_pixel_of_the_demo() -> None:
    stays = snippet_run("pooling-translation-invariance").names["stays"]
    figures = run_demo("translation-invariance").figures
    assert (stays.sum(), len(stays)) == (figures["unchanged_shifts"], figures["shifts"])


def test_saves_as_much_as_the_demo() -> None:
    lines = snippet_run("pooling-parameters").printed.splitlines()[:4]
    saved = [float(line.split()[-1].rstrip("%")) for line in lines]
    figures = run_demo("pooling-parameters").figures
    names = ("standard", "overlapping", "stride_1", "yours")
    assert saved == [round(figures[f"{name}_percent"], 1) for name in names]


def test_ends_a_network_as_the_demo_counts_it() -> None:
    head = snippet_run("pooling-global-average").names["head"]
    counted = sum(each.numel() for each in head.parameters())
    assert counted == run_demo("global-average").figures["gap_parameters"]
    maps = torch.rand(2, 512, 3, 5)
    averaged = nn.functional.linear(maps.mean(dim=(2, 3)), head[2].weight, head[2].bias)
    torch.testing.assert_close(head(maps), averaged)
