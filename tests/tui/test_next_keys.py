"""The app draws what to do next as keys, where the command line draws commands."""

from dataclasses import replace

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.console import plain_text
from cnn_tui.tui.next_keys import (
    STEP_KEYS,
    KeyRow,
    drawn_step,
    explained_in_keys,
    key_of,
    with_keys,
    words_of,
)
from tests.tui.keys import keys_by_id

RESUME = step(Action.RESUME, "a-run")


def test_names_the_key_and_from_another_pane_that_panes_number_first() -> None:
    assert key_of(RESUME, "training") == "r"
    assert key_of(RESUME, "exercises") == "4 r"
    assert str(drawn_step(RESUME, "exercises")) == "4 r resume a-run"
    assert with_keys("It was interrupted.", [RESUME], "training") == (
        "It was interrupted. r: resume a-run"
    )


def test_names_no_step_to_what_is_open_already() -> None:
    runs, prepare = step(Action.LIST_RUNS), step(Action.PREPARE_DATA, "mnist")
    assert with_keys("It has no checkpoint.", [runs], "training") == "It has no checkpoint."
    assert with_keys("It has no checkpoint.", [prepare, runs], "exercises") == (
        "It has no checkpoint. 4: see the runs. In a shell: cnn-lab data prepare mnist"
    )


def test_says_what_a_step_is_done_to_by_its_title_where_it_has_one() -> None:
    read = step(Action.READ_TOPIC, "pooling-parameters")
    drawn = drawn_step(read, "exercises", key="⏎", target="Kernel, stride, padding")
    assert str(drawn) == "⏎ read Kernel, stride, padding"


def test_says_what_to_change_of_a_run_that_is_trained_again() -> None:
    again = step(Action.TRAIN_AGAIN, "lenet5", data="digits", dropout=0.3, batch_size=64)
    assert words_of(again) == "run again with dropout 0.3, batch size 64"


def test_leaves_to_a_shell_what_no_key_does() -> None:
    error = UsageError("mnist is not there.", next_steps=(step(Action.PREPARE_DATA, "mnist"),))
    assert explained_in_keys(error) == "mnist is not there. In a shell: cnn-lab data prepare mnist"
    assert explained_in_keys(UsageError("mnist is not there.")) == "mnist is not there."


@pytest.mark.parametrize("action", STEP_KEYS)
def test_names_only_keys_that_there_are(action: Action) -> None:
    known = STEP_KEYS[action]
    if known.binding:
        declared = keys_by_id()[known.binding]
        assert known.binding.split(".")[0] == known.pane
        assert key_of(step(action), known.pane) in ("⏎", declared.key_display, declared.key)
    assert key_of(step(action), "elsewhere").split()[0].isdigit()


def test_ends_a_line_between_two_keys_only() -> None:
    keys = [drawn_step(replace(RESUME, target=name), "training") for name in ("one", "two", "six")]
    assert plain_text(KeyRow(keys), 30).splitlines() == [
        "r resume one   r resume two",
        "r resume six",
    ]
    assert plain_text(KeyRow(keys[:1]), 12).split() == ["r", "resume", "one"]
