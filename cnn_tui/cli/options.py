"""Options that mean the same in every command."""

from pathlib import Path
from typing import Annotated, Any

import typer

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="The folder that holds exercises/ and runs/. [env: CNN_LAB_WORKSPACE]",
        show_default=False,
    ),
]
DataDirOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Where data sets are cached. [env: CNN_LAB_DATA]",
        show_default=False,
    ),
]
JSON_HELP = "Print one JSON document and nothing else"
RUN_DOCUMENT = "run, net, data, state, epoch, epochs, test_accuracy, test_loss, images_per_second"
"""What a command that follows a run prints of it as JSON."""


def json_option(*documents: str) -> Any:
    """``--json``, with the fields of its document that a script may rely on.

    A document is ``field, field (field, field)``, with ``a list of`` before it where there are
    many; each but the first begins with when it is printed, ``with --which: ``, and with ``also``
    where it has the fields of the first too.
    """
    told = "; ".join(documents)
    return typer.Option("--json", help=f"{JSON_HELP}: {told}.")
