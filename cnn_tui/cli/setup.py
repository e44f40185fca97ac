"""``init`` and ``doctor``: a workspace, and what this machine can do."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import DataDirOption, json_option


def init(
    folder: Annotated[
        Path, typer.Argument(help="Where; the current folder if not given.")
    ] = Path(),
) -> None:
    """Make a workspace: a folder with the exercises; never overwrites a file."""
    from cnn_tui.grading.learner.begin import make_workspace
    from cnn_tui.grading.learner.status import first_open
    from cnn_tui.render.draw.console import stdout
    from cnn_tui.render.pages.overview import workspace_made

    space, written = make_workspace(folder)
    stdout().print(workspace_made(space, written, first_open(space)))


def doctor(
    data_dir: DataDirOption = None,
    json: Annotated[bool, json_option("a list of what, value, good, remedy")] = False,
) -> None:
    """Report what this machine offers the lab, with a remedy for each weak spot."""
    from cnn_tui.doctor import examine
    from cnn_tui.render.draw.commands import with_steps
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.pages.overview import findings_table
    from cnn_tui.workspace import data_dir as find_data_dir

    out = stdout()
    findings = examine(find_data_dir(data_dir))
    if json:
        from dataclasses import asdict

        print_json(
            [
                asdict(each) | {"remedy": with_steps(each.remedy, each.next_steps)}
                for each in findings
            ]
        )
    else:
        out.print(findings_table(findings))
