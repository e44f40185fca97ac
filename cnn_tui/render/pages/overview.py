"""The plain pages: the lab at a glance, a new workspace, the doctor's findings."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.chapter.catalogue import sections, topics
from cnn_tui.doctor import Finding
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.status import standings
from cnn_tui.nets.catalogue import all_nets, families
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command, with_phrase, with_steps
from cnn_tui.render.draw.numbers import LARGEST_CLASS, percent, year_text
from cnn_tui.render.draw.states import standing_words
from cnn_tui.render.draw.styles import PASSED, QUIET, TITLE, WARNING
from cnn_tui.training.store.listing import list_runs
from cnn_tui.workspace import Workspace

RUNS_SHOWN = 5


def overview(workspace: Workspace | None) -> RenderableType:
    """Topics, nets, exercises with progress, and the latest runs, on one page."""
    commands = command(step(Action.EXPLAIN))
    return Group(
        Text("cnn-lab: convolutional networks, hands-on", style=TITLE),
        Text(f"{with_phrase(step(Action.LAB))} in a terminal. Every command: {commands}\n"),
        _topics(),
        _nets(),
        *((_exercises(workspace), _runs(workspace)) if workspace else (_no_workspace(),)),
    )


def workspace_made(
    workspace: Workspace, written: Sequence[Path], first_open: Exercise | None
) -> RenderableType:
    """What ``cnn-lab init`` did, and what to do next: ``first_open``, if any is left."""
    lines = [f"Workspace: {workspace.root}"]
    lines += [f"  wrote {path.relative_to(workspace.root)}" for path in written]
    if not written:
        lines.append("  every exercise was already there; nothing was changed")
    if first_open is None:
        lines.append(with_steps("Every exercise is passed.", (step(Action.PROGRESS),)))
    else:
        path = workspace.exercises / first_open.file_name
        lines.append(f"Next: edit {path}, then: {command(step(Action.CHECK, first_open.name))}")
    return Text("\n".join(lines))


def findings_table(findings: Sequence[Finding]) -> RenderableType:
    """One line per finding; remedies below the finding that they are for."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for finding in findings:
        mark = Text("ok  ", style=PASSED) if finding.good else Text("weak", style=WARNING)
        value = Text(finding.value)
        if finding.remedy:
            value.append(f"\n→ {with_steps(finding.remedy, finding.next_steps)}", style="italic")
        table.add_row(mark, Text(finding.what, style=TITLE), value)
    return table


def _topics() -> RenderableType:
    rows = [Text("Topics", style=TITLE)]
    for section in sections():
        titles = [topic.title for topic in topics() if topic.section == section]
        rows.append(Text.assemble(f"  {section}: ", (", ".join(titles), QUIET)))
    return Group(*rows, Text(f"  Read one: {command(step(Action.READ_TOPIC, 'SLUG'))}\n"))


def _nets() -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for family in families():
        members = [net for net in all_nets() if net.family == family]
        names = ", ".join(net.name for net in members)
        table.add_row(f"  {family}", year_text(members[0].year), Text(names, style=QUIET))
    summarize = command(step(Action.SUMMARIZE, "NET"))
    return Group(Text("Networks", style=TITLE), table, Text(f"  Summarize one: {summarize}\n"))


def _exercises(workspace: Workspace) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for each in standings(workspace):
        points = f", {each.score} of {each.max_score} points" if each.attempts else ""
        table.add_row(f"  {each.exercise}", each.title, f"{standing_words(each)}{points}")
    check = command(step(Action.CHECK, "exercise1"))
    return Group(Text("Exercises", style=TITLE), table, Text(f"  Check one: {check}\n"))


def _runs(workspace: Workspace) -> RenderableType:
    runs = list_runs(workspace)
    lines = [Text("Runs", style=TITLE)]
    for run in runs[:RUNS_SHOWN]:
        best = "" if run.best_val_accuracy is None else f", best {percent(run.best_val_accuracy)}"
        uneven = run.uneven_val_baseline
        best += "" if uneven is None else f" ({LARGEST_CLASS} {percent(uneven)})"
        lines.append(Text(f"  {run.run}  {run.state}, epoch {run.epoch} of {run.epochs}{best}"))
    if not runs:
        lines.append(Text(f"  none yet. {with_phrase(step(Action.TRAIN, 'lenet5', epochs=5))}"))
    elif len(runs) > RUNS_SHOWN:
        lines.append(
            Text(f"  … and {len(runs) - RUNS_SHOWN} more: {command(step(Action.LIST_RUNS))}")
        )
    return Group(*lines)


def _no_workspace() -> RenderableType:
    return Text(with_steps("There is no workspace here.", (step(Action.INIT),)))
