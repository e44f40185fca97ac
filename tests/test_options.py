"""One declaration per option: what it takes, what it refuses, and what a user is told."""

from dataclasses import dataclass
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_tui.errors import UsageError
from cnn_tui.options import Option, converted, converted_all, declared, option, text

WIDTH = Option("width", "int", 64, "channels of the first convolution", 1, 1024)
RATE = Option("lr", "float", 0.1, "peak", low=0, above=True, high=100, label="learning rate")
SWITCH = Option("batch_norm", "bool", False, "after every convolution")
STEM = Option("stem", "str", "auto", "the first layers", choices=("auto", "imagenet", "cifar"))
PATIENCE = Option("patience", "int", None, "epochs to wait", 1, 100, blank="all epochs")
ENDPOINT = Option("endpoint", "str", None, "", pattern=r".+:\d+", expected="HOST:PORT", blank="-")


@pytest.mark.parametrize(
    ("option", "given", "value"),
    [
        (WIDTH, " 8 ", 8),
        (WIDTH, 8.0, 8),
        (RATE, "1e-3", 0.001),
        (RATE, 1, 1.0),
        (SWITCH, "Yes", True),
        (SWITCH, "0", False),
        (SWITCH, True, True),
        (STEM, "CIFAR", "cifar"),
        (PATIENCE, "", None),
        (PATIENCE, None, None),
        (PATIENCE, "3", 3),
        (ENDPOINT, "gpu1:29400", "gpu1:29400"),
    ],
)
def test_takes_a_value_as_it_was_typed_or_as_it_is(option, given, value) -> None:
    taken = converted(option, given)
    assert taken == value
    assert type(taken) is type(value)


@pytest.mark.parametrize(
    ("option", "given", "sentence"),
    [
        (WIDTH, "0", "Width must be a whole number from 1 to 1,024, not '0'."),
        (WIDTH, 2.5, "Width must be a whole number from 1 to 1,024, not 2.5."),
        (WIDTH, True, "Width needs a value: a whole number from 1 to 1,024."),
        (WIDTH, None, "Width must be a whole number from 1 to 1,024, not None."),
        (RATE, 0, "Learning rate must be a number above 0, up to 100, not 0."),
        (RATE, "nan", "Learning rate must be a number above 0, up to 100, not 'nan'."),
        (RATE, 10**400, "Learning rate must be a number above 0, up to 100, not 1000"),
        (SWITCH, "maybe", "Batch norm must be true or false, not 'maybe'."),
        (SWITCH, 1, "Batch norm must be true or false, not 1."),
        (STEM, "cifr", "There is no stem named 'cifr': did you mean cifar?"),
        (ENDPOINT, "gpu1", "Endpoint must be HOST:PORT, not 'gpu1'."),
    ],
)
def test_refuses_a_value_in_the_words_of_its_option(option, given, sentence) -> None:
    with pytest.raises(UsageError) as error:
        converted(option, given)
    assert str(error.value).startswith(sentence)
    assert error.value.fields == (option.name,)


def test_says_whose_option_it_is() -> None:
    with pytest.raises(UsageError, match="width of CIFAR10Net must be a whole number"):
        converted(WIDTH, "x", owner="CIFAR10Net")


def test_knows_an_option_by_any_spelling_of_its_name() -> None:
    assert converted_all((WIDTH, SWITCH), {"Batch-Norm": "on"}) == {"batch_norm": True}
    with pytest.raises(UsageError, match="no option of VGG-16 named 'widht': did you mean width"):
        converted_all((WIDTH, SWITCH), {"widht": 3}, owner="VGG-16")


def test_is_declared_beside_the_field_that_it_sets() -> None:
    @dataclass
    class Settings:
        lr: Annotated[float, option("Peak learning rate", low=0, above=True, high=100)]
        net: str = "lenet5"
        patience: Annotated[int | None, option("Epochs to wait", low=1, blank="all")] = None
        fast: Annotated[bool, option("Be quick")] = True

    lr, patience, fast = declared(Settings)
    assert (lr.name, lr.kind, lr.default) == ("lr", "float", None)
    assert (patience.name, patience.kind, patience.default) == ("patience", "int", None)
    assert (fast.name, fast.kind, fast.default) == ("fast", "bool", True)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_writes_a_number_so_that_it_is_read_as_the_same(number: float) -> None:
    free = Option("x", "float", 0.0, "")
    assert converted(free, text(number)) == number


def test_writes_what_a_help_page_says() -> None:
    assert STEM.summary == "the first layers: auto, imagenet or cifar."
    assert RATE.summary == "peak: above 0, up to 100."
    assert SWITCH.summary == "after every convolution."
