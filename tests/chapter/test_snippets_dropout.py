"""The code of the dropout topics, held to torch's own layer and the lab's network."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnn_tui.nets.dropout_cnn import CNNWithDropout
from tests.chapter.printed_comments import printed_comments
from tests.chapter.snippet_runs import snippet_run


@pytest.mark.parametrize(
    "slug", ["dropout-what", "dropout-why", "dropout-placement", "dropout-and-batchnorm"]
)
def test_prints_what_its_comments_say(slug: str) -> None:
    announced = printed_comments(slug)
    assert len(announced) >= 2
    assert snippet_run(slug).printed.splitlines() == announced


def test_drops_by_hand_what_dropout_drops() -> None:
    names = snippet_run("dropout-what").names
    by_hand = names["by_hand"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        theirs = F.dropout(names["x"], names["p"])
    assert torch.equal(by_hand, theirs)
    assert by_hand.unique().tolist() == [0, 2]


def test_adds_up_in_evaluation_to_the_mean_over_the_masks() -> None:
    names = snippet_run("dropout-what").names
    torch.testing.assert_close(names["mean"], names["layer"](torch.ones(10)), rtol=0, atol=0.05)
    assert len(names["sums"]) * len(names["x"]) == 2000, "as the page says"


def test_averages_over_every_sub_network() -> None:
    names = snippet_run("dropout-why").names
    masks = names["masks"]
    assert len(masks.unique(dim=0)) == len(masks) == 2**10
    alone = nn.Sequential(nn.Dropout(0.5), names["layer"]).eval()(names["units"])
    torch.testing.assert_close(names["mean"], alone)
    assert 0 < names["error"].abs().max() < 0.01


def test_is_the_network_of_the_lab() -> None:
    ours = snippet_run("dropout-placement").names["net"]
    with torch.device("meta"):
        theirs = CNNWithDropout()
    theirs.load_state_dict(ours.state_dict(), assign=True)
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))
    outputs = []
    for net in (ours, theirs):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            outputs.append(net.train()(x))
    torch.testing.assert_close(*outputs)


def test_a_batch_norm_behind_dropout_learns_a_spread_that_evaluation_lacks() -> None:
    names = snippet_run("dropout-and-batchnorm").names
    learned = names["net"][1].running_var.mean().item()
    arriving = names["relu"].var().item()
    assert (learned, arriving) == (pytest.approx(0.84, abs=0.02), pytest.approx(0.34, abs=0.01))
