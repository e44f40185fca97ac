"""A number in a form: its steps, its limits, and what is typed."""

import pytest
from textual.events import Key

from cnn_tui.options import Kind, Option
from cnn_tui.tui.widgets.number_field import NumberField


def field(kind: Kind, value: str, low: float, high: float) -> NumberField:
    option = Option("rate", kind, float(value), "how much", low, high)
    return NumberField(option, value)


def press(number: NumberField, *keys: str) -> None:
    signs = {"minus": "-", "plus": "+", "full_stop": "."}
    for key in keys:
        number.take(Key(key, signs.get(key, key if len(key) == 1 else None)))


@pytest.mark.parametrize(
    ("kind", "value", "low", "high", "lower", "higher"),
    [
        ("int", "2", 1, 4, "1", "3"),
        ("int", "4", 1, 4, "3", "4"),
        ("int", "224", 8, 1024, "112", "448"),
        ("float", "0.002", 0.000001, 1.0, "0.001", "0.005"),
        ("float", "0.001", 0.000001, 1.0, "0.0005", "0.002"),
        ("float", "0.5", 0.0, 0.95, "0.45", "0.55"),
        ("float", "0", -100, 100, "-10", "10"),
        ("float", "1.2", 1.0, 2.0, "1.15", "1.25"),
        ("float", "1", -100, 100, "0", "10"),
        ("float", "40", 0.0001, 1000, "20", "50"),
    ],
)
def test_goes_from_number_to_number_within_its_limits(
    kind: Kind, value: str, low: float, high: float, lower: str, higher: str
) -> None:
    for keys, result in (("left",), lower), (("right",), higher), (("minus",), lower):
        number = field(kind, value, low, high)
        press(number, *keys)
        assert number.value == result


def test_takes_what_is_typed_in_place_of_what_was_there() -> None:
    number = field("float", "0.002", 0.000001, 1.0)
    press(number, "1", "e", "minus", "4")
    assert number.value == "1e-4"
    assert number.is_typed
    press(number, "right")
    assert not number.is_typed
    assert number.value == "0.0002"
    press(number, "7", "backspace", "full_stop", "5")
    assert number.value == ".5"


def test_goes_on_from_its_default_where_no_number_was_typed() -> None:
    number = field("int", "3", 1, 9)
    press(number, "x", "right")
    assert number.value == "4"


@pytest.mark.parametrize("typed", ["nan", "inf", "-inf", "1e999", "many"])
def test_steps_from_the_default_where_no_number_is_typed(typed: str) -> None:
    number = field("float", "0.5", 0.0, 1.0)
    number.value = typed
    press(number, "left")
    assert number.value == "0.45"
