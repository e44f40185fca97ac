"""``predict``: what a run's network takes images for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import DataDirOption, WorkspaceOption, json_option
from cnn_tui.cli.runs import RunArgument

DEFAULT_COUNT = 6
"""Test images that are shown where neither any nor how many are named."""


def predict(
    run: RunArgument,
    images: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[IMAGE]...",
            help="digits#17, folder:PATH#17 or a picture file; some of the run's own test "
            "images, if none are named.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="Test images to show where none are named.",
            show_default=str(DEFAULT_COUNT),
        ),
    ] = None,
    wrong: Annotated[
        bool, typer.Option("--wrong", help="Only test images that the network mistakes.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Draws the test images.")] = 0,
    png: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write them as one PNG file.", show_default=False),
    ] = None,
    csv: Annotated[
        bool,
        typer.Option(
            "--csv",
            help="Print comma-separated image, true, predicted, probability, and nothing else: "
            "of all test images where none are named; > FILE writes it to a file.",
        ),
    ] = False,
    json: Annotated[
        bool, json_option("run, state, images (image, true, predicted, right, guesses), notes")
    ] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Show images with their true and their predicted classes."""
    from cnn_tui.errors import UsageError
    from cnn_tui.render.draw.contact_sheet import refuse_no_png, write_contact_sheet
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.workspace import find

    if csv and (json or png is not None or count is not None):
        raise UsageError(
            "--csv prints all images as a table and nothing else: leave out --json, --png and "
            "--count."
        )
    found = find_run(find(workspace), run)  # wrong words answer before torch is imported
    if png is not None:
        refuse_no_png(png)
    if csv:
        _print_table(found.run, images or (), wrong, workspace, data_dir)
        return
    from cnn_tui.engine.jobs import predict as guess
    from cnn_tui.render.draw.console import print_json, stderr, stdout

    predictions = guess(
        found.run,
        images or (),
        workspace=workspace,
        count=DEFAULT_COUNT if count is None else count,
        wrong=wrong,
        seed=seed,
        data_dir=data_dir,
    )
    if png is not None:
        write_contact_sheet(predictions, png)
        stderr().print(f"Written: {png}", soft_wrap=True, markup=False)
    if json:
        print_json(predictions.to_json())
    else:
        from cnn_tui.render.networks.evaluation import predictions_view

        out = stdout()
        out.print(predictions_view(predictions, columns=out.width))


def _print_table(
    run: str, images: Sequence[str], wrong: bool, workspace: Path | None, data_dir: Path | None
) -> None:
    from contextlib import redirect_stdout
    from sys import stderr, stdout

    from cnn_tui.analysis.evaluation_records import write_predictions
    from cnn_tui.analysis.predictions import predict_all
    from cnn_tui.workspace import find

    with redirect_stdout(stderr):  # what a network of the user's own prints
        rows = predict_all(find(workspace), run, images, wrong=wrong, data_dir=data_dir)
        write_predictions(rows, stdout)
