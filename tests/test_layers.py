"""What the contract, the README and the package say of the rooms is one and the same."""

import re
import tomllib
from pathlib import Path

import pytest

import cnn_tui

PROJECT = Path(__file__).parents[1]


def contract() -> list[set[str]]:
    """The rooms of each layer, from the top down."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        each["layers"]
        for each in settings["tool"]["importlinter"]["contracts"]
        if each["id"] == "layers"
    )
    return [set(re.findall(r"cnn_tui\.(\w+)", layer)) for layer in layers]


@pytest.mark.parametrize("text", ["README.md", "cnn_tui"])
def test_rooms_are_told_as_the_contract_holds_them(text: str) -> None:
    told = cnn_tui.__doc__ if text == "cnn_tui" else (PROJECT / text).read_text(encoding="utf-8")
    (arrows,) = re.findall(r"`(tui, cli, api[^`]*)`", told)
    rooms = [{name.strip() for name in layer.split(",")} for layer in arrows.split("→")]
    assert rooms == [layer for layer in contract() if layer != {"__main__"}]


def test_every_room_has_a_place_in_the_contract() -> None:
    package = PROJECT / "cnn_tui"
    modules = {each.stem for each in package.iterdir() if each.suffix == ".py" or each.is_dir()}
    placed = set().union(*contract())
    assert modules - placed - {"__pycache__", "__init__"} == set()
