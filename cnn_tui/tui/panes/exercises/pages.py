"""What the frames of the Exercises pane say, drawn from its state."""

from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.rule import Rule
from rich.text import Text

from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.status import Standing, note_on
from cnn_tui.render.draw.console import plain_text
from cnn_tui.render.draw.keys import key_text, keyed
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.states import standing_mark
from cnn_tui.render.draw.styles import ACCENT, FRAME, QUIET, WARNING
from cnn_tui.render.pages.exercise import task_page
from cnn_tui.render.pages.failure import TEXT_WIDTH, CodeLines
from cnn_tui.render.pages.verdict import (
    CHECKING,
    Faded,
    brief_check_rows,
    brief_rows,
    called_lines,
    check_rows,
    failing_lines,
    report_rows,
    verdict_body,
    verdict_line,
)
from cnn_tui.tui.next_keys import KeyRow, drawn_step
from cnn_tui.tui.panes.exercises.page_keys import (
    HERE,
    border_keys,
    hint_key,
    report_keys,
    task_keys,
)
from cnn_tui.tui.panes.exercises.reading import Reading
from cnn_tui.tui.panes.exercises.state import (
    TITLES,
    ExercisesState,
    JudgedFile,
    UnderWay,
)
from cnn_tui.tui.panes.exercises.tasks import (
    below_report,
    starter_text,
    task_alone,
    task_and_file,
    task_below,
)
from cnn_tui.tui.panes.offers import offer
from cnn_tui.workspace import Workspace

ROOMY_ROWS = 30
"""From this height of the frame on, grids have lines between rows, and a task follows a report."""
CHANGED = "! changed since the check"
NO_WORKSPACE = (
    "Your files and your progress are kept in a workspace, and there is none here yet. "
    "Press {e} to create one and begin."
)


@dataclass(frozen=True, eq=False)
class FrameContent:
    """What stands in a frame's border, above its divider, and on its page.

    ``brief`` replaces the ``checks`` where they would leave no room for the page. What is
    ``below`` the content fills the room that is left, and scrolls with it.
    """

    title: str
    state: Text
    keys: Text
    checks: RenderableType | None = None
    content: RenderableType = ""
    brief: tuple[RenderableType, ...] = ()
    below: RenderableType | None = None
    short_title: str = ""


def main_frame(
    state: ExercisesState,
    exercise: Exercise,
    path: Path | None,
    *,
    is_roomy: bool = False,
    is_alone: bool = True,
    is_above: bool = False,
) -> FrameContent:
    """The exercise as it stands, or what was asked for of it.

    It ``is_alone`` on the screen, or the learner's file stands beside or (``is_above``) below it.
    """
    name, kind = exercise.name, state.kind(exercise.name)
    verdict, standing = state.verdicts.get(name), state.standings.get(name)
    title = f"{TITLES[kind] or f'Exercise {exercise.number}'}: {exercise.title}"
    short_title = f"{TITLES[kind] or exercise.number}: {exercise.title}"
    below: RenderableType | None = None
    checks: RenderableType | None = None
    brief: tuple[RenderableType, ...] = ()
    keys = border_keys(kind, verdict)
    content: RenderableType
    if kind == "task":
        content, keys = _task(state, exercise, path), task_keys(verdict, exercise, standing, path)
    elif kind == "hints":
        seen_all = standing is not None and standing.hints_seen >= len(exercise.hints)
        more = [] if seen_all else hint_key(exercise, standing)
        row = KeyRow([*more, key_text("c", "check")])
        hints = Group(state.shown[name].content, Text(), row, Text(), Rule(style=FRAME))
        content = Group(hints, task_alone(exercise))
    elif kind == "report":
        content = _body(verdict, state, exercise, is_roomy, is_alone) if verdict else Text()
        checks, brief = _checks(verdict, state.under_way.get(name))
        if verdict is None:
            below = task_alone(exercise)
        elif name in state.under_way:
            content = Faded(content)
        elif state.has_changed(name):
            content = Group(_is_old(), Text(), content)
            checks = Faded(checks) if checks is not None else None
            brief = tuple(map(Faded, brief))
            below = None if is_alone or not (is_roomy or is_above) else task_below(exercise)
        else:
            below = below_report(verdict, exercise, is_roomy or is_above, is_alone)
    else:
        content = state.shown[name].content
    stands = state_line(state, name)
    return FrameContent(title, stands, keys, checks, content, brief, below, short_title)


def _checks(
    verdict: JudgedFile | None, under_way: UnderWay | None
) -> tuple[RenderableType | None, tuple[RenderableType, ...]]:
    """All checks in a line each, and in fewer lines: of the check under way, or of a report."""
    if under_way is not None:
        so_far = under_way.tally.plan, under_way.results
        return check_rows(*so_far), (brief_check_rows(*so_far),)
    if verdict is None or verdict.report.unusable:
        return None, ()
    report = verdict.report
    return report_rows(report), (brief_rows(report), brief_rows(report, only_first=True))


def _is_old() -> RenderableType:
    """Above a report on what the file does not hold any more."""
    sentence = Text("This report is about the file as it was checked.", WARNING)
    return KeyRow([sentence, key_text("c", "check again", is_first=True)])


def beside_frame(
    state: ExercisesState, exercise: Exercise, height: int, *, is_below: bool = False
) -> FrameContent:
    """What the page beside it does not show: the learner's file, or else the task.

    Where there is no file yet, its starter. Of a file with lines that failed, those stand
    in the middle of the ``height`` that there is; they are marked until the file changes.
    Where no line failed, that is the function that was called. One that ``is_below`` the page
    has the width of a line of code, and is never the task.
    """
    name, kind = exercise.name, state.kind(exercise.name)
    verdict, source = state.verdicts.get(name), state.file(name).source
    report = verdict.report if verdict is not None and kind != "task" else None
    lines = failing_lines(report) if report is not None and not report.unusable else ()
    shows_task = (
        kind in ("task", "hints") or is_below or (kind == "report" and height >= ROOMY_ROWS)
    )
    if shows_task or lines or (report is not None and report.passed):
        marked = () if state.has_changed(name) else lines
        where = Text(f"line {marked[-1]}") if marked else Text("your file", QUIET)
        if not source:
            source, where = starter_text(exercise), Text("its starter", QUIET)
        called = called_lines(source, report) if report is not None else None
        around = lines[-1] if lines else called.start if called is not None else None
        code = CodeLines(source)
        if around is not None:
            code = replace(code, marked=marked, height=height, around=around)
        return FrameContent(exercise.file_name, where, Text(), None, code)
    content = task_and_file(exercise, source) if source else task_alone(exercise)
    return FrameContent("Task", Text("and your file", QUIET), Text(), None, content)


def warm(reading: Reading, workspace: Workspace) -> None:
    """Draw the first pages, for what is kept of them, and for the modules that they need."""
    first = exercises()[0]
    state = ExercisesState().taking(reading)
    pages = (
        main_frame(state, first, workspace.exercises / first.file_name),
        beside_frame(state, first, 0),
    )
    for each in pages:
        plain_text(each.content, TEXT_WIDTH)


def state_line(state: ExercisesState, name: str) -> Text:
    """How an exercise stands: a check under way, the last verdict, or what is remembered.

    Where the file is another one than that of the verdict, that it is; the list has the score.
    """
    if name in state.under_way:
        return Text(f"{CHECKING} {state.under_way[name].line}", ACCENT)
    if state.has_changed(name):
        return Text(CHANGED, WARNING)
    if name in state.verdicts:
        return verdict_line(state.verdicts[name].report)
    stands = state.standings.get(name)
    if stands is None:
        return Text()
    mark, style = standing_mark(stands)
    score = f"{stands.score} of {stands.max_score}" if stands.attempts else stands.state
    return Text(f"{mark} {score}", style)


def _task(state: ExercisesState, exercise: Exercise, path: Path | None) -> RenderableType:
    """The task, what keeps one from beginning above it, and what is known below it."""
    stands = state.standings.get(exercise.name)
    missing = f"{exercise.file_name} is not there: {{x}} restores its starter."
    notes = [] if path is None else [Text.assemble(("Your file: ", QUIET), printable(str(path)))]
    notes += [Text(line, QUIET) for line in _remembered(stands)]
    sentence, steps = note_on(stands) if stands is not None else ("", ())
    if sentence:
        notes += [Text(sentence, WARNING), *(drawn_step(each, HERE) for each in steps)]
    page = task_page(exercise, Group(*notes), offer) if notes else task_alone(exercise)
    if path is None:
        return _below(NO_WORKSPACE, page)
    return _below(missing, page) if stands is not None and stands.state == "no file" else page


def _below(warning: str, page: RenderableType) -> RenderableType:
    return Group(Constrain(keyed(warning, WARNING), TEXT_WIDTH), Text(), page)


def _remembered(stands: Standing | None) -> list[str]:
    """What the score does not tell: the best one, checks and hints."""
    if stands is None or not (stands.attempts or stands.hints_seen):
        return []
    checks = f"{stands.attempts} check{'' if stands.attempts == 1 else 's'}"
    hints = f"{stands.hints_seen} of {stands.hints} hints taken"
    return [f"Best: {stands.best_score} of {stands.max_score} · {checks} · {hints}"]


def _body(
    verdict: JudgedFile, state: ExercisesState, exercise: Exercise, is_roomy: bool, is_alone: bool
) -> RenderableType:
    keys = KeyRow(report_keys(verdict, state, exercise))
    report, source, achieved = verdict.report, verdict.source, verdict.achieved
    return verdict_body(
        report,
        source,
        achieved,
        keys,
        is_roomy=is_roomy,
        with_code=is_alone,
        is_old=state.has_changed(exercise.name),
    )
