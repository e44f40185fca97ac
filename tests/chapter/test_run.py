"""Running demos: parameters are checked before anything runs."""

import inspect
import pickle
import time
from importlib import import_module

import pytest
import torch

from cnn_tui.chapter.catalogue import demo_info, demos
from cnn_tui.chapter.run import checked_parameters, run_demo
from cnn_tui.errors import UsageError

SLOWEST_DEMO = 2.0
"""Seconds that a demo may take once torch is there."""

TRAINING = ("dropout-in-a-cnn", "predictions", "training-step")
"""Demos that train or read a whole data set, for each end of each of their numbers."""
every_demo = pytest.mark.parametrize("info", demos(), ids=lambda info: info.name)


@every_demo
def test_describes_each_demos_parameters_as_its_function_has_them(info):
    function = info.name.replace("-", "_")
    module = import_module(f"cnn_tui.chapter.demos.{function}")
    signature = inspect.signature(getattr(module, function))
    described = {each.name: (each.kind, each.default) for each in info.parameters}
    assert described == {
        each.name: (each.annotation.__name__, each.default)
        for each in signature.parameters.values()
    }


@every_demo
def test_runs_each_demo_in_time_and_hands_over_plain_data(info):
    run_demo(info.name)
    start = time.perf_counter()
    result = run_demo(info.name)
    assert time.perf_counter() - start <= SLOWEST_DEMO
    assert pickle.loads(pickle.dumps(result)) == result
    assert result.name == info.name
    assert result.blocks


@every_demo
def test_shows_the_same_numbers_each_time(info):
    torch.manual_seed(123)
    first = run_demo(info.name).figures
    assert run_demo(info.name).figures == first


def test_leaves_the_callers_random_state_alone():
    before = torch.get_rng_state()
    run_demo("dropout-mask", seed=5)
    assert torch.equal(torch.get_rng_state(), before)


def test_reads_parameters_as_they_are_typed():
    info = demo_info("residual-gradient")
    given = {"Depth": "8", "batch-norm": "yes", "initialization": "he"}
    assert checked_parameters(info, given) == {
        "depth": 8,
        "batchnorm": True,
        "initialization": "he",
        "seed": 0,
    }


def test_takes_whole_floats_for_whole_numbers():
    assert checked_parameters(demo_info("dropout-mask"), {"trials": 4.0})["trials"] == 4


@pytest.mark.parametrize(
    ("demo", "name", "value", "sentence"),
    [
        ("dropout-mask", "trails", 3, "did you mean trials"),
        ("dropout-mask", "trials", "three", "a whole number from 1 to 10"),
        ("dropout-mask", "trials", "2.5", "a whole number from 1 to 10"),
        ("dropout-mask", "trials", 0, "a whole number from 1 to 10"),
        ("dropout-mask", "trials", 11, "a whole number from 1 to 10"),
        ("dropout-mask", "trials", True, "trials of the demo dropout-mask needs a value"),
        ("dropout-mask", "trials", float("inf"), "a whole number"),
        ("dropout-mask", "p", "nan", "a number from 0 to 0.95"),
        ("dropout-mask", "p", 10**400, "a number from 0 to 0.95"),
        ("dropout-mask", "p", "", "a number from 0 to 0.95"),
        ("residual-gradient", "batchnorm", "maybe", "true or false"),
        (
            "residual-gradient",
            "initialization",
            "xavier",
            "'xavier'.*Choose default or he",
        ),
        ("residual-gradient", "initialization", 7, "Choose default or he"),
    ],
)
def test_refuses_parameters_that_do_not_fit(demo, name, value, sentence):
    with pytest.raises(UsageError, match=sentence):
        run_demo(demo, **{name: value})


def test_repeats_only_the_beginning_of_a_long_value():
    with pytest.raises(UsageError) as error:
        run_demo("dropout-mask", trials="9" * 10_000)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    ("demo", "parameters", "sentence"),
    [
        ("max-and-average", {"row": 2}, "2 rows and 2 columns"),
        ("pooling-parameters", {"kernel_size": 16}, "does not fit"),
        ("pooling-parameters", {"padding": 2}, "padding"),
    ],
)
def test_refuses_parameters_that_do_not_fit_each_other(demo, parameters, sentence):
    with pytest.raises(UsageError, match=sentence):
        run_demo(demo, **parameters)


@pytest.mark.parametrize(
    "info",
    [
        pytest.param(info, id=info.name, marks=[pytest.mark.slow] if info.name in TRAINING else [])
        for info in demos()
    ],
)
def test_runs_each_demo_at_the_ends_of_its_numbers(info):
    for parameter in info.parameters:
        for value in (parameter.low, parameter.high):
            if value is None:
                continue
            try:
                result = run_demo(info.name, **{parameter.name: value})
            except UsageError:
                continue
            assert result.parameters[parameter.name] == value
