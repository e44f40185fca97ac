"""The values that ← and → go through."""

from itertools import pairwise

import pytest

from cnn_tui.chapter.catalogue import demos
from cnn_tui.option_steps import step_values, stepped
from cnn_tui.options import Kind, Option, OptionValue


def numbers(kind: Kind, default: float, low: float, high: float) -> list[OptionValue]:
    return list(step_values(Option("rate", kind, default, "how much", low, high)))


@pytest.mark.parametrize(
    ("kind", "default", "low", "high", "some"),
    [
        ("int", 3, 1, 9, [1, 2, 3, 4]),
        ("int", 0, 0, 9999, [0, 1, 2, 3]),
        ("int", 64, 2, 512, [2, 4, 8, 16, 32, 64, 128, 256, 512]),
        ("int", 224, 57, 512, [57, 112, 224, 448, 512]),
        ("int", 200, 2, 2000, [2, 5, 10, 20, 50, 100, 200, 500]),
        ("float", 0.5, 0.0, 0.95, [0.0, 0.05, 0.1, 0.15]),
        ("float", 1.0, 0.0, 10.0, [0.0, 0.5, 1.0, 1.5]),
        ("float", 5.0, -100, 100, [-10.0, 0.0, 5.0, 10.0, 20.0]),
        ("float", 0.002, 0.000001, 1.0, [0.0005, 0.001, 0.002, 0.005, 0.01]),
    ],
)
def test_are_even_where_a_number_adds_and_grow_where_it_multiplies(
    kind: Kind, default: float, low: float, high: float, some: list[OptionValue]
) -> None:
    values = numbers(kind, default, low, high)
    first = values.index(some[0])
    assert values[first : first + len(some)] == some
    assert (values[0], values[-1]) == (low, high)
    assert {type(each).__name__ for each in values} == {kind}


def test_lead_back_to_where_they_came_from_for_every_number_of_a_demo() -> None:
    for option in (each for info in demos() for each in info.parameters):
        if option.kind not in ("int", "float"):
            continue
        values: list[float] = [float(each) for each in step_values(option)[:30]]
        assert option.default in step_values(option), option.name
        for lower, higher in pairwise(values):
            assert (stepped(option, lower, 1), stepped(option, higher, -1)) == (higher, lower)


def test_go_on_from_a_number_between_them_and_stay_at_the_limits() -> None:
    option = Option("p", "float", 0.5, "a probability", 0.0, 0.95)
    assert (stepped(option, 0.33, 1), stepped(option, 0.33, -1)) == (0.35, 0.3)
    assert (stepped(option, 7.0, 1), stepped(option, -7.0, -1)) == (0.95, 0.0)


def test_are_the_choices_of_an_option_that_has_them() -> None:
    colors = Option("color", "str", "red", "which", choices=("red", "blue"))
    assert step_values(colors) == ("red", "blue")
    assert step_values(Option("skip", "bool", True, "whether")) == (False, True)
