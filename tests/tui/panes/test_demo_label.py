"""What stands in the border of a demo: what it ran with, as far as there is room, and its keys."""

from dataclasses import replace

import pytest

from cnn_tui.chapter.catalogue import demo_info
from cnn_tui.chapter.records import DemoResult
from cnn_tui.tui.panes.demo_label import demo_keys, parameters_of

INFO = demo_info("compound-scaling")
DEFAULTS = {each.name: each.default for each in INFO.parameters}


def result(**changed: object) -> DemoResult:
    return DemoResult(INFO.name, "A title", {**DEFAULTS, **changed}, (), {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (90, "phi 2, alpha 1.2, beta 1.1, gamma 1.15"),
        (40, "phi 2"),
        (30, ""),
    ],
)
def test_says_what_it_ran_with_else_what_was_changed(columns: int, said: str) -> None:
    assert parameters_of(INFO, result(phi=2.0), columns) == said


def test_says_in_one_word_that_nothing_was_changed() -> None:
    assert parameters_of(INFO, result(), 40) == "defaults"


def test_calls_parameters_by_their_titles() -> None:
    info = demo_info("small-filters")
    named = replace(info, parameters=(replace(info.parameters[0], label="width of a map"),))
    shown = DemoResult(info.name, "A title", {"channels": 64}, (), {})
    assert parameters_of(named, shown, 90) == "width of a map 64"


def test_names_the_keys_that_act_on_what_is_shown() -> None:
    def keys(shown: DemoResult | None, *, is_edited: bool = False, name: str = INFO.name) -> str:
        return str(demo_keys(demo_info(name), shown, is_edited=is_edited))

    assert keys(result()) == "r run again  p change"
    assert keys(replace(result(), shipped=True)) == "r compute it here  p change"
    assert keys(result(), is_edited=True) == "⏎ run  ↑↓ field  ←→ value  Esc done"
    assert keys(None, name="architectures") == "r run"
