"""The Exercises pane says that a check has no verdict, and offers to run it again."""

from pathlib import Path

from cnn_tui.grading.catalogue import own_exercises
from cnn_tui.render.draw.console import plain_text
from cnn_tui.tui.panes.exercises.page_keys import follow_step
from cnn_tui.tui.panes.exercises.pages import main_frame
from cnn_tui.tui.panes.exercises.state import ExercisesState, JudgedFile
from tests.grading.made_up_reports import NOT_GRADED

FIRST = own_exercises()[0]


def test_offers_another_check_where_the_machine_was_too_busy() -> None:
    verdict = JudgedFile(NOT_GRADED)
    state = ExercisesState().judged(FIRST.name, verdict)
    frame = main_frame(state, FIRST, Path(FIRST.file_name))
    assert frame.state.plain == "? not graded"
    page = plain_text(frame.content, 60)
    assert "It was too busy." in page
    assert "c check again" in page and "hint" not in page
    assert follow_step(verdict) is None
