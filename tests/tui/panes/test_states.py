"""What each pane shows, as values: keys change them without an app around them."""

from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.pooling.named_inputs import INPUTS
from cnn_tui.chapter.catalogue import topics
from cnn_tui.chapter.page import questions
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises
from cnn_tui.tui.lab_screen import VERY_WIDE
from cnn_tui.tui.panes.exercises.state import ExercisesState, JudgedFile, Shown, Tally
from cnn_tui.tui.panes.models.state import ModelsState
from cnn_tui.tui.panes.pooling.state import Editing, PoolingAnswer, PoolingState
from cnn_tui.tui.panes.topics.arrangement import LEAST_DEMO, LIST_WIDTHS, arrange
from cnn_tui.tui.panes.topics.state import TopicsState
from tests.tui.fake_engine import FakeEngine
from tests.tui.made_up_reports import ORDER, SHAPES, VALUES, made_up_report

FIRST, SECOND = (each.name for each in exercises()[:2])


def test_pooling_says_which_setting_a_kind_does_not_take() -> None:
    with pytest.raises(UsageError, match="takes no dilation"):
        PoolingState().next_kind().next_dilation()


def test_pooling_goes_round_its_maps() -> None:
    state = PoolingState()
    for _ in INPUTS:
        state = state.next_input()
    assert state == PoolingState()


def test_pooling_takes_numbers_only_into_a_cell() -> None:
    state = replace(PoolingState(), editing=Editing(0, 0))
    for key in "x-1.z5":
        state = state.typing(key)
    assert state.editing == Editing(0, 0, "-1.5")
    assert state.typing("backspace").editing == Editing(0, 0, "-1.")
    assert state.left().editing is None


async def test_pooling_keeps_the_window_on_its_map() -> None:
    asked = PoolingState(cursor=(99, 99))
    question = asked.question
    result = await FakeEngine().run("pool", grid=question.input.grid, settings=question.settings)
    height, width = result.output_size
    state = asked.answered(PoolingAnswer(question.input, result))
    assert state.cursor == (height - 1, width - 1)
    assert state.moved(1, 1).cursor == state.cursor
    assert state.moved(-1, 0).cursor == (height - 2, width - 1)


def test_another_network_is_shown_from_the_same_side_where_that_shows_one() -> None:
    state = ModelsState(view="field", layer="conv1", inputs=NetInputs.of((3, 9, 9)))
    assert state.of("vgg16") == ModelsState(view="field", target="vgg16")
    assert replace(state, view="timeline").of("vgg16").view == "layers"


def test_times_are_measured_only_where_they_are_shown() -> None:
    state = ModelsState(timed=True)
    assert state.question("vgg16").timed
    assert not replace(state, view="compare").question("vgg16").timed


def test_a_demo_stands_beside_the_text_where_both_fit() -> None:
    closed = arrange(160, LEAST_DEMO, has_demo=False)
    assert (closed.is_beside, closed.is_whole, closed.columns) == (
        False,
        False,
        160 - LIST_WIDTHS[VERY_WIDE],
    )
    for room, beside, whole in ((80, False, True), (120, True, True), (160, True, False)):
        found = arrange(room, LEAST_DEMO, has_demo=True)
        assert (found.is_beside, found.is_whole) == (beside, whole), room


def test_answers_are_unfolded_one_by_one_and_then_folded() -> None:
    topic = next(each for each in topics() if questions(each))
    state = TopicsState(topic)
    counts = []
    for _ in range(20):
        state = state.answered()
        counts.append(state.unfolded)
        if not state.unfolded:
            break
    assert counts == [*range(1, len(counts)), 0]


def test_a_check_that_was_replaced_counts_no_more() -> None:
    old, new = Tally(results=[SHAPES, VALUES, ORDER]), Tally(results=[SHAPES])
    state = ExercisesState().checking(FIRST, old).checking(FIRST, new)
    assert state.counted(old).under_way[FIRST].results == ()
    assert state.counted(new).under_way[FIRST].results == (SHAPES,)
    assert state.done(old) is state
    assert FIRST not in state.done(new).under_way


def test_a_report_comes_back_after_the_task() -> None:
    report = made_up_report(exercises()[0], Path("exercise1.py"), passed=False)
    state = ExercisesState().judged(FIRST, JudgedFile(report))
    state = state.showing(SECOND, Shown("error", "gone"))
    assert state.with_task_toggled(FIRST).kind(FIRST) == "task"
    assert state.with_task_toggled(FIRST).with_task_toggled(FIRST).kind(FIRST) == "report"
    state = state.with_task_toggled(SECOND)
    assert state.with_task_toggled(SECOND) is state
