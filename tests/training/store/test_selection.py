"""The list of runs, filtered, sorted and grouped by options and figures."""

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.selection import Selection, condition, conditions_of, selection


def status(run: str, net: str = "lenet5", **values: object) -> RunStatus:
    settings = {"lr": 0.01, "batch_size": 32, "dropout": None, "compile": False}
    known = {name: values.pop(name) for name in list(values) if name in settings}
    about = {
        "name": "",
        "data": "digits",
        "state": "finished",
        "epoch": 5,
        "epochs": 5,
        "step": 50,
        "best_val_accuracy": None,
        "test_accuracy": None,
        "test_loss": None,
        "images_per_second": None,
        "message": "",
        "created": 0.0,
        "updated": 0.0,
    }
    return RunStatus(run=run, net=net, settings=settings | known, **(about | values))  # type: ignore[arg-type]


RUNS = [
    status("a", lr=0.001, best_val_accuracy=0.8),
    status("b", net="resnet18", best_val_accuracy=0.95, notes=("Too slow",)),
    status("c", dropout=0.5),
    status("d", net="resnet18", lr=0.1, best_val_accuracy=0.9, test_loss=0.3, state="stopped"),
]


@pytest.mark.parametrize(
    ("where", "runs"),
    [
        ("lr=0.01", "bc"),
        ("lr = 1e-2", "bc"),
        ("lr!=0.01", "ad"),
        ("lr>0.005", "bcd"),
        ("Val-Accuracy >= 0.9", "bd"),
        ("val_accuracy<0.9", "a"),
        ("net~RES", "bd"),
        ("state=stopped", "d"),
        ("dropout=none", "abd"),
        ("compile=false", "abcd"),
        ("notes~slow", "b"),
        ("test_loss=0.3", "d"),
        ("lr=fast", ""),
    ],
)
def test_a_condition_holds_for_the_runs_that_meet_it(where: str, runs: str) -> None:
    assert "".join(each.run for each in selection([where]).of(RUNS)) == runs


@pytest.mark.parametrize(
    ("asked", "runs"),
    [
        ({}, "abcd"),
        ({"is_reversed": True}, "dcba"),
        ({"sort": "val_accuracy"}, "bdac"),
        ({"sort": "val_accuracy", "is_reversed": True}, "adbc"),
        ({"sort": "lr"}, "abcd"),
        ({"sort": "net"}, "acbd"),
        ({"sort": "dropout"}, "cabd"),
        ({"group": "net"}, "acbd"),
        ({"sort": "val_accuracy", "group": "net"}, "bdac"),
        ({"where": ["net=resnet18", "lr=0.1"], "sort": "seconds"}, "d"),
    ],
)
def test_runs_are_sorted_within_their_groups(asked: dict[str, object], runs: str) -> None:
    assert "".join(each.run for each in selection(**asked).of(RUNS)) == runs  # type: ignore[arg-type]


def test_a_line_of_words_and_conditions_is_read_with_spaces_anywhere() -> None:
    line = conditions_of("RESNET lr > 0.05 state=stopped")
    assert [each.run for each in Selection(line).of(RUNS)] == ["d"]
    assert [each.written for each in line] == ["RESNET", "lr>0.05", "state=stopped"]
    assert conditions_of("  ") == ()


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("fast", "NAME=VALUE"),
        ("epochz=3", "did you mean epoch"),
        ("val_accuracy>high", "compares with a number"),
    ],
)
def test_what_is_no_condition_is_refused_in_a_sentence(where: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        condition(where)
