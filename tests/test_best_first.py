"""What is searched for by a part of its name comes with the likeliest first."""

import pytest

from cnn_tui.names import best_first
from cnn_tui.nets.catalogue import all_nets


def found(typed: str) -> list[str]:
    return [
        each.name for each in best_first(typed, all_nets(), lambda net: f"{net.name}\n{net.title}")
    ]


@pytest.mark.parametrize("typed", ["vgg16", "VGG-16", "vgg_16", "Vgg 16"])
def test_an_exact_name_comes_first_however_it_is_spelled(typed: str) -> None:
    assert found(typed)[0] == "vgg16"
    assert found("resnet50")[0] == "resnet50"


def test_what_begins_so_comes_before_what_holds_it() -> None:
    assert found("resnet") == ["resnet18", "resnet34", "resnet50", "simpleresnet"]
    assert found("no such network") == []


def test_finds_letters_with_gaps_only_where_asked_to() -> None:
    names = ["Start a new run", "Resume", "Copy"]
    assert best_first("strun", names, str) == []
    assert best_first("strun", names, str, with_gaps=True) == ["Start a new run"]
    assert best_first("run start", names, str) == ["Start a new run"]


def test_takes_single_letters_in_their_order_for_no_match() -> None:
    names = ["The Vision Transformer's view: an image cut into patches", "Previous topic"]
    for absurd in ("resnet", "stop", "hint", "exit", "search"):
        assert best_first(absurd, names, str, with_gaps=True) == [], absurd
    assert best_first("visview", names, str, with_gaps=True) == names[:1]
