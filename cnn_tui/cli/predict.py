"""``predict``: what a run's network takes images for."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import DataDirOption, WorkspaceOption, json_option
from cnn_tui.cli.runs import RunArgument


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
        int, typer.Option(min=1, max=256, help="Test images to show where none are named.")
    ] = 6,
    wrong: Annotated[
        bool, typer.Option("--wrong", help="Only test images that the network mistakes.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Draws the test images.")] = 0,
    png: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write them as one PNG file.", show_default=False),
    ] = None,
    json: Annotated[
        bool, json_option("run, state, images (image, true, predicted, right, guesses), notes")
    ] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Show images with their true and their predicted classes."""
    from cnn_tui.render.draw.contact_sheet import refuse_no_png, write_contact_sheet
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.workspace import find

    found = find_run(find(workspace), run)  # wrong words answer before torch is imported
    if png is not None:
        refuse_no_png(png)
    from cnn_tui.engine.jobs import predict as guess
    from cnn_tui.render.draw.console import print_json, stderr, stdout

    predictions = guess(
        found.run,
        images or (),
        workspace=workspace,
        count=count,
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
