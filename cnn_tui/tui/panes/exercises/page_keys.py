"""The keys on and around the pages of the Exercises pane: what to do next, as it stands."""

from pathlib import Path

from rich.text import Text

from cnn_tui.chapter.catalogue import topics
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.status import Standing
from cnn_tui.grading.records import CheckReport
from cnn_tui.next_steps import Action, NextStep, step
from cnn_tui.render.draw.keys import key_text
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.tui.next_keys import ENTER, drawn_step, words_of
from cnn_tui.tui.panes.exercises.state import ASIDES, ExercisesState, JudgedFile
from cnn_tui.tui.widgets.frame import frame_keys

HERE = "exercises"


def follow_step(verdict: JudgedFile | None) -> NextStep | None:
    """What Enter does: the topic of the first failure, or the exercise after a pass."""
    if verdict is None or verdict.report.unusable or verdict.report.not_graded:
        return None
    if verdict.report.passed:
        return step(Action.CHECK, verdict.following.name) if verdict.following else None
    failed = verdict.report.first_failure
    topic = (failed.topic if failed else "") or verdict.report.topic
    return step(Action.READ_TOPIC, topic) if topic else None


def report_keys(verdict: JudgedFile, state: ExercisesState, exercise: Exercise) -> list[Text]:
    """What to do after a report: above all what its first failure, or a pass, leads to."""
    report, keys = verdict.report, []
    follow = follow_step(verdict)
    if report.unusable:
        steps = [step(Action.RESET)]
        edit = [] if not verdict.source else [key_text("e", "edit it", is_first=True)]
        return [*edit, *(drawn_step(each, HERE) for each in steps)]
    if report.not_graded:
        return [key_text("c", "check again", is_first=True), *_log_key(report)]
    if report.passed:
        if follow is not None and verdict.following is not None:
            number, title = verdict.following.number, verdict.following.title
            keys.append(key_text(ENTER, f"exercise {number}: {title}", is_first=True))
        return [*keys, drawn_step(step(Action.SOLUTION), HERE)]
    if follow is not None:
        keys.append(drawn_step(follow, key=ENTER, target=_title(follow.target), is_first=True))
    keys += hint_key(exercise, state.standings.get(exercise.name))
    failed = report.first_failure
    keys.append(key_text("y", "copy the input" if failed and failed.replay else "copy the report"))
    return [*keys, *_log_key(report)]


def hint_key(exercise: Exercise, stands: Standing | None) -> list[Text]:
    """The next hint, or all that there are; nothing for an exercise without hints."""
    return [key_text(*each) for each in _hint(exercise, stands)]


def _hint(exercise: Exercise, stands: Standing | None) -> list[tuple[str, str]]:
    """The key for hints, where there are any, and what it shows now."""
    total = len(exercise.hints)
    if not total:
        return []
    seen = stands.hints_seen if stands else 0
    return [("h", f"hint {seen + 1} of {total}" if seen < total else f"all {total} hints")]


def _log_key(report: CheckReport) -> list[Text]:
    failed = report.first_failure
    lines = len(report.output.strip("\n").splitlines()) if report.output.strip() else 0
    if lines:
        return [key_text("l", f"all {lines} printed lines" if lines > 1 else "the printed line")]
    return [key_text("l", "the lines that failed")] if failed and failed.lines else []


def border_keys(kind: str, verdict: JudgedFile | None) -> Text:
    """What stands in the bottom border."""
    if kind == "report" and verdict is not None:
        return Text(f"sandbox {verdict.report.sandbox} · seed {verdict.report.seed}", QUIET)
    if kind not in ASIDES:
        return frame_keys(("t", "task"))
    if verdict is None:
        return frame_keys(("escape", "task"))
    return frame_keys(("escape", "report"), ("t", "task"))


def task_keys(
    verdict: JudgedFile | None, exercise: Exercise, stands: Standing | None, path: Path | None
) -> Text:
    """What stands in the bottom border of a task: how to begin, or to go on."""
    if path is None:
        return frame_keys(("e", "create a workspace and begin"))
    if stands is not None and stands.state == "no file":
        return frame_keys(("x", words_of(step(Action.RESET))))
    report = [("t", "report")] if verdict is not None else []
    return frame_keys(("e", "edit"), ("c", "check"), *_hint(exercise, stands), *report)


def _title(slug: str) -> str:
    return next((each.title for each in topics() if each.slug == slug), slug)
