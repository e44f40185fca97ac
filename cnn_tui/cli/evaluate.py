"""``evaluate``: a run's network judged on all images of a split."""

from typing import Annotated

import typer

from cnn_tui.cli.options import DataDirOption, WorkspaceOption, json_option
from cnn_tui.cli.runs import RunArgument


def evaluate(
    run: RunArgument,
    split: Annotated[
        str | None,
        typer.Option(
            help="test, or val: the held-out images. Without it test, or val where that is all.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        bool,
        json_option(
            "run, state, epochs, test_accuracy, baseline_accuracy, balanced_accuracy, test_loss, "
            "images_per_second, classes, "
            "per_class (name, images, correct, accuracy), confusion, "
            "mistakes (index, image, true, predicted, probability), notes"
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Evaluate a run: accuracy by class, confusions, most confident errors."""
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.workspace import find

    found = find_run(find(workspace), run)  # a wrong name answers before torch is imported
    from cnn_tui.engine.jobs import evaluate as judge
    from cnn_tui.render.draw.console import print_json, stdout

    evaluation = judge(found.run, split, workspace=workspace, data_dir=data_dir)
    if json:
        print_json(evaluation.to_json())
    else:
        from cnn_tui.render.networks.evaluation import evaluation_view

        out = stdout()
        out.print(evaluation_view(evaluation, columns=out.width))
