"""``data``: which data sets are there, and fetching and preparing one of them."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import DataDirOption, json_option
from cnn_tui.errors import UsageError

ACTIONS = ("prepare",)

TEMPORARY = ", which is temporary: name a folder that lasts with CNN_LAB_DATA"
"""What follows the data folder of a user who has no home to keep it in."""


def data(
    action: Annotated[
        str | None,
        typer.Argument(metavar="prepare", help="Without it, the data sets are listed."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Argument(help="A data set of the list, such as cifar10, or folder:PATH."),
    ] = None,
    image_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1024,
            help="Store a folder's images at this side, if smaller than theirs.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDirOption = None,
    json: Annotated[
        bool,
        json_option(
            "a list of name, state, classes, train_images, test_images, image_size, cache_bytes",
            "with prepare: name, state, class_names, mean, std, skipped",
        ),
    ] = False,
) -> None:
    """List the data sets; data prepare NAME gets one ready.

    To prepare is to fetch, verify, decode and cache, once; a download that was
    cut goes on. Offline, copy the published files into DIR/NAME. CNN_LAB_MIRROR
    names a server to download from instead of the usual ones.
    """
    from cnn_tui.names import match
    from cnn_tui.next_steps import Action, step
    from cnn_tui.workspace import data_dir as find_data_dir

    where = find_data_dir(data_dir)
    if action is None:
        _list(where, json)
        return
    match(action, ACTIONS, "action", step(Action.EXPLAIN, "data"))
    if name is None:
        raise UsageError("Name the data set to prepare, such as: cnn-lab data prepare cifar10")
    _prepare(name, where, image_size, json)


def _list(data_dir: Path, json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.data.inventory import inventory
    from cnn_tui.render.data import data_table
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.workspace import is_temporary

    states = inventory(data_dir)
    if json:
        print_json([asdict(state) for state in states])
    else:
        note = TEMPORARY if is_temporary(data_dir) else ""
        stdout().print(data_table(states, f"{data_dir}{note}"))


def _prepare(name: str, data_dir: Path, image_size: int | None, json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.data.catalogue import parse
    from cnn_tui.data.inventory import state_of
    from cnn_tui.render.data import prepared_line, shown_on, skipped_line
    from cnn_tui.render.draw.console import print_json, stderr, stdout

    spec = parse(name)  # a wrong name answers before torch is imported
    from cnn_tui.data.preparation.prepare import prepare

    with shown_on(stderr()) as progress:
        prepared = prepare(spec, data_dir, image_size=image_size, download=True, progress=progress)
    state = state_of(spec, data_dir, prepared.train.images.shape[-1])
    if prepared.skipped:
        stderr().print(skipped_line(prepared.skipped), soft_wrap=True, markup=False)
    if json:
        print_json(
            asdict(state)
            | {
                "class_names": prepared.classes,
                "mean": prepared.mean,
                "std": prepared.std,
                "skipped": [asdict(file) for file in prepared.skipped],
            }
        )
    else:
        stdout().print(prepared_line(state), soft_wrap=True, markup=False)
