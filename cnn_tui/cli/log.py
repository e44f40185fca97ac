"""``log`` and ``note``: what a run's worker has written, and what the user writes about a run."""

from typing import TYPE_CHECKING, Annotated

import typer

from cnn_tui.cli.options import WorkspaceOption, json_option
from cnn_tui.cli.runs import RunArgument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnn_tui.render.runs.log import LogReader
    from cnn_tui.training.store.folder import RunFolder

LOOK_SECONDS = 0.5


def log(
    run: RunArgument,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on for as long as the run is running.")
    ] = False,
    json: Annotated[bool, json_option("run, lines")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Print the log of a run: what its worker has written beside its numbers.

    Of a long log, the last 200 kB are printed. ctrl-c stops following, not the run.
    """
    from cnn_tui.render.draw.console import print_json, stderr
    from cnn_tui.render.runs.log import NO_LINES, NO_LOG, LogReader
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.workspace import find

    folder = find_run(find(workspace), run)
    reader = LogReader(folder.log_file)
    lines: list[str] = []
    for added in _parts(folder, reader, follow=follow):
        lines += added
        if not json:
            for line in added:
                typer.echo(line)
    if json:
        print_json({"run": folder.run, "lines": lines})
    elif not lines:
        stderr().print(NO_LINES if folder.log_file.exists() else NO_LOG, soft_wrap=True)


def _parts(folder: "RunFolder", reader: "LogReader", *, follow: bool) -> "Iterator[list[str]]":
    """What there is, or with ``follow`` what is added until the run has ended."""
    import time

    from cnn_tui.training.store.locks import is_alive

    while follow and is_alive(folder):
        yield reader.new_lines(is_last=False)
        time.sleep(LOOK_SECONDS)
    yield reader.new_lines(is_last=True)


def note(
    run: RunArgument,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="The note, in quotes; without it, all notes.")
    ] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Remove the notes of the run.")] = False,
    json: Annotated[bool, json_option("run, notes (time, text)")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a note about a run, or list its notes.

    They stand below the run in the app and in 'notes' of 'cnn-lab runs --json'.
    """
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.notes import notes_changed, notes_view
    from cnn_tui.training.store import notes
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.workspace import find

    folder = find_run(find(workspace), run)
    if clear:
        notes.clear(folder)
    if text:
        notes.add(folder, text)
    now = notes.notes_of(folder)
    if json:
        print_json({"run": folder.run, "notes": [asdict(each) for each in now]})
    elif text or clear:
        stderr().print(notes_changed(folder.run, len(now)), soft_wrap=True, markup=False)
    else:
        stdout().print(notes_view(now))
