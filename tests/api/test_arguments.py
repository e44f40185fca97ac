"""A wrong argument in a notebook is answered with a sentence, as a wrong word in the shell is."""

from collections.abc import Callable
from pathlib import Path

import pytest

import cnn_tui as lab


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exercises").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: lab.train(lab.build("lenet5")), "by its name, such as 'lenet5', not LeNet5"),
        (lambda: lab.train("lenet5", data=3), "data must be a text, such as 'digits', not 3"),
        (lambda: lab.train("lenet5", epochs="x"), "Epochs must be a whole number .* not 'x'"),
        (lambda: lab.build(3), "by its name, such as 'lenet5', not int"),
        (lambda: lab.build("vgg16", num_classes="x"), "num_classes must be a whole number from 1"),
        (lambda: lab.summary(3), "A network is a name, such as 'lenet5'"),
        (lambda: lab.pool([[1, 2], [3, 4]], stride="x"), "stride must be a whole number from 1"),
        (lambda: lab.pool([[1, 2], [3, 4]], kind=2), "kind must be a text"),
        (lambda: lab.evaluate(3), "A run must be a text, such as 'last', not 3"),
        (lambda: lab.load(None), "A run must be a text, such as 'last', not None"),
        (lambda: lab.predict("last", count=0), "count must be a whole number from 1 up, not 0"),
        (lambda: lab.demo(3), "A demo must be a text, such as 'dropout-mask', not 3"),
        (lambda: lab.check("1", seed="x"), "seed must be a whole number from 0 up, not 'x'"),
        (lambda: lab.check("1", seed=-1), "seed must be a whole number from 0 up, not -1"),
        (lambda: lab.check("1", timeout=0), "timeout must be a number above 0, not 0"),
    ],
)
def test_refuses_what_a_function_cannot_take(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(lab.LabError, match=sentence):
        call()
