"""``data``: which data sets are there, and fetching and preparing one of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import DataDirOption, json_option
from cnn_tui.errors import ExitCode, UsageError

ACTIONS = ("prepare",)

TEMPORARY = ", which is temporary: name a folder that lasts with CNN_LAB_DATA"
"""What follows the data folder of a user who has no home to keep it in."""


CUT_SHORT = "Interrupted: the data set is not prepared; the same command "
BEGINS, GOES_ON = "begins again.", "goes on with what was downloaded."


def data(
    action: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME|prepare]",
            help="A data set to report on, or prepare; without it, the data sets are listed.",
        ),
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
    val_is_validation: Annotated[
        bool,
        typer.Option(
            "--val-is-validation",
            help="Take a folder's val/ for validation: without test/, there is no test set.",
        ),
    ] = False,
    data_dir: DataDirOption = None,
    json: Annotated[
        bool,
        json_option(
            "a list of name, state, classes, train_images, test_images, image_size, cache_bytes",
            "with NAME: name, images, is_split, parts (name, images), per_class (name, train, val, "
            "test), sizes, modes (name, images), depths (name, images), scale, duplicates (within, "
            "across, between_classes, examples), unreadable, passed_over, notes",
            "with prepare: name, state, class_names, per_class (name, train, val, test), mean, "
            "std, skipped",
        ),
    ] = False,
) -> None:
    """List the data sets; data NAME reports on one, data prepare NAME gets one ready.

    The report shows classes and their counts, sizes, channels and bit depths,
    duplicates (of one content, also in training and test), files that cannot be
    read or are passed over, and samples; a folder need not be prepared for it.

    To prepare is to fetch, verify, decode and cache, once, and to print the
    classes and how many images each part has of them; a download that was cut
    goes on. folder:PATH is PATH/CLASS/IMAGE, or such folders in PATH/train and
    PATH/val, PATH/test or both: with val alone, that is the test set. Offline,
    copy the published files into DIR/NAME. CNN_LAB_MIRROR names a server to
    download from instead of the usual ones.
    """
    from cnn_tui.names import match
    from cnn_tui.next_steps import Action, step
    from cnn_tui.workspace import data_dir as find_data_dir

    where = find_data_dir(data_dir)
    if action is None:
        _list(where, json)
        return
    if name is None and action not in ACTIONS:
        _report(action, where, val_is_validation=val_is_validation, json=json)
        return
    match(action, ACTIONS, "action", step(Action.EXPLAIN, "data"))
    if name is None:
        raise UsageError("Name the data set to prepare, such as: cnn-lab data prepare cifar10")
    _prepare(name, where, image_size, val_is_validation=val_is_validation, json=json)


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


@contextmanager
def _interruptible(sentence: str) -> Iterator[None]:
    """Answer ctrl-c with one sentence."""
    try:
        yield
    except KeyboardInterrupt:
        print(sentence, file=sys.stderr)
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def _report(name: str, data_dir: Path, *, val_is_validation: bool, json: bool) -> None:
    from cnn_tui.data.catalogue import parse, refuse_no_folder
    from cnn_tui.render.data import shown_on
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.pages.data_report import data_report_view

    spec = parse(name)  # a wrong name answers before torch is imported
    if val_is_validation:
        refuse_no_folder(spec)
    from cnn_tui.data.preparation.report import report

    with _interruptible("Interrupted."), shown_on(stderr()) as progress:
        found = report(spec, data_dir, val_is_validation=val_is_validation, progress=progress)
    if json:
        print_json(found.to_json())
    else:
        out = stdout()
        out.print(data_report_view(found, columns=out.width))


def _prepare(
    name: str, data_dir: Path, image_size: int | None, *, val_is_validation: bool, json: bool
) -> None:
    from dataclasses import asdict, replace

    from cnn_tui.data.catalogue import parse
    from cnn_tui.data.inventory import state_of
    from cnn_tui.render.data import class_table, prepared_line, shown_on, skipped_line
    from cnn_tui.render.draw.console import print_json, stderr, stdout

    spec = parse(name)  # a wrong name answers before torch is imported
    from cnn_tui.data.preparation.prepare import prepare

    cut_short = f"{CUT_SHORT}{BEGINS if spec.is_folder else GOES_ON}"
    with _interruptible(cut_short), shown_on(stderr()) as progress:
        prepared = prepare(
            spec,
            data_dir,
            image_size=image_size,
            val_is_validation=val_is_validation,
            download=True,
            progress=progress,
        )
    state = replace(
        state_of(spec, data_dir, prepared.train.images.shape[-1]),
        val_images=None if prepared.val is None else len(prepared.val),
        test_images=len(prepared.test),
    )
    if prepared.skipped:
        stderr().print(skipped_line(prepared.skipped), soft_wrap=True, markup=False)
    if json:
        print_json(
            asdict(state)
            | {
                "class_names": prepared.classes,
                "per_class": [asdict(each) for each in prepared.per_class],
                "mean": prepared.mean,
                "std": prepared.std,
                "skipped": [asdict(file) for file in prepared.skipped],
            }
        )
    else:
        stdout().print(prepared_line(state), soft_wrap=True, markup=False)
        stdout().print(class_table(prepared.per_class))
