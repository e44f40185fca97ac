"""Results of demos that come with the package: what they show here, without running them."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnn_tui.chapter.catalogue import demo_info, demos
from cnn_tui.chapter.records import DemoBlock, DemoResult, Histograms, Plot, Tiles
from cnn_tui.chapter.run import checked_parameters, run_demo
from cnn_tui.chapter.shipped import FILE, encode, shipped_parameters, shipped_result
from cnn_tui.errors import UsageError
from cnn_tui.workspace import Workspace

TRAINING = ("dropout-in-a-cnn", "predictions")
"""Demos that train on the spot: another processor rounds otherwise, and other images are wrong."""
FEW = 5
"""Values of a histogram that rounding may put into the bin beside theirs."""
NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e[+-]?\d+)?")
LARGEST_FILE = 168_000
"""Bytes: they come with every installation."""
REMEDY = "they are out of date: python -m tests.shipped_data"


@pytest.fixture(autouse=True)
def in_no_workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def matches(kept: Any, now: Any) -> bool:
    """The same words, and numbers that differ by rounding at most."""
    if isinstance(kept, dict):
        return kept.keys() == now.keys() and all(
            kept[key] == pytest.approx(now[key], abs=FEW)
            if key == "counts"
            else matches(kept[key], now[key])
            for key in kept
        )
    if isinstance(kept, list):
        return len(kept) == len(now) and all(map(matches, kept, now))
    if isinstance(kept, str):
        numbers = [
            [float(each.replace(",", "")) for each in NUMBER.findall(text)] for text in (kept, now)
        ]
        return NUMBER.sub("", kept) == NUMBER.sub("", now) and matches(*numbers)
    if isinstance(kept, float):
        return kept == pytest.approx(now, rel=0.01, abs=1e-5, nan_ok=True)
    return bool(kept == now)


def resembles(kept: dict[str, Any], now: dict[str, Any]) -> bool:
    """The same kinds of blocks, and figures as close as trainings on two machines are."""
    kinds = [[each["kind"] for each in document["blocks"]] for document in (kept, now)]
    return kinds[0] == kinds[1] and kept["figures"] == pytest.approx(now["figures"], abs=10)


def begins_alike(kept: dict[str, Any], now: dict[str, Any]) -> bool:
    """The same blocks, and the same figures before the step: a large one makes rounding large."""
    figures = [
        {name: document["figures"][name] for name in ("loss_before", "gradient_norm")}
        for document in (kept, now)
    ]
    return resembles({**kept, "figures": {}}, {**now, "figures": {}}) and matches(*figures)


@pytest.mark.parametrize("name", ["max-and-average", "lenet5-tour", "batchnorm-modes"])
def test_are_what_the_demo_shows(name: str) -> None:
    kept = shipped_result(name, {})
    assert kept is not None
    assert matches(kept.to_json(), run_demo(name).to_json()), REMEDY


@pytest.mark.slow
@pytest.mark.parametrize("name", [info.name for info in demos()])
def test_are_what_every_demo_shows(name: str) -> None:
    kept = shipped_result(name, {})
    assert kept is not None
    compare = resembles if name in TRAINING else matches
    assert compare(kept.to_json(), run_demo(name).to_json()), REMEDY


def test_are_there_for_every_demo_and_marked() -> None:
    for info in demos():
        kept = shipped_result(info.name, {})
        assert kept is not None, info.name
        assert kept.shipped


@pytest.mark.slow
@pytest.mark.parametrize("name", [info.name for info in demos() if info.live])
def test_are_what_the_demo_shows_at_every_step(name: str) -> None:
    for values in list(shipped_parameters(demo_info(name)))[1::3]:
        kept = shipped_result(name, values)
        assert kept is not None, values
        compare = begins_alike if name == "training-step" else matches
        assert compare(kept.to_json(), run_demo(name, **values).to_json()), REMEDY


def test_are_what_the_demo_shows_at_a_step_of_a_live_parameter() -> None:
    for name, values in (("dropout-mask", {"p": 0.35}), ("batchnorm-modes", {"batch_size": 2})):
        kept = shipped_result(name, values)
        assert kept is not None
        assert kept.parameters == checked_parameters(demo_info(name), dict(values))
        assert matches(kept.to_json(), run_demo(name, **values).to_json()), REMEDY


def test_are_there_for_every_step_of_a_live_parameter() -> None:
    steps = [(info.name, each) for info in demos() for each in shipped_parameters(info)]
    assert [each for each in steps if shipped_result(*each) is None] == []
    live = {info.name for info in demos() if info.live}
    assert live >= {"dropout-mask", "residual-gradient", "training-step", "batchnorm-modes"}
    assert FILE.stat().st_size < LARGEST_FILE


def test_are_not_those_of_other_values() -> None:
    assert shipped_result("dropout-mask", {"p": "0.5", "seed": 0})
    assert shipped_result("dropout-mask", {"p": 0.3, "seed": 1}) is None
    assert shipped_result("dropout-mask", {"p": 0.33}) is None
    with pytest.raises(UsageError, match="did you mean dropout-mask"):
        shipped_result("dropout-masks", {})


def test_are_not_those_of_a_run_that_may_be_there(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.root)
    assert shipped_result("predictions", {})
    (workspace.runs / "20260101-000000-lenet5-digits-abcd").mkdir(parents=True)
    assert shipped_result("predictions", {}) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [("vit-patches", Tiles), ("residual-gradient", Plot), ("batchnorm-statistics", Histograms)],
)
def test_read_back_what_was_written(
    monkeypatch: pytest.MonkeyPatch, name: str, kind: type[DemoBlock]
) -> None:
    shown = run_demo(name)
    assert any(isinstance(each, kind) for each in shown.blocks)
    lines = dict([encode([shown]).rstrip().split("\t", 1)])
    monkeypatch.setattr("cnn_tui.chapter.shipped._lines", lambda: lines)
    assert shipped_result(name, {}) == replace(shown, shipped=True)
    assert isinstance(shown, DemoResult)
