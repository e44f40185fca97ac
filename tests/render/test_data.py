"""Data sets on the terminal: a table that fits, and progress that is read at a glance."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from cnn_tui.data.inventory import inventory
from cnn_tui.data.records import DataState, PreparationStep, Remark, SkippedFile
from cnn_tui.next_steps import Action, step
from cnn_tui.render.data import (
    data_table,
    prepared_line,
    preparing_text,
    shown_on,
    size,
    skipped_line,
)

FOLDER = DataState(
    name="folder:/home/learner/pictures/of/very/many/\x1b[31mkinds/in-one-long-name",
    title="Your own images",
    state="prepared",
    prepared=True,
    train_images=1_234_567,
    test_images=123_456,
    classes=1000,
    channels=3,
    image_size=224,
    cache_bytes=190 * 2**30,
    original_bytes=0,
    where="/cache/folder-1.safetensors",
    source="",
    of_folder=True,
)
STEPS = [
    PreparationStep("downloading file", done, 100 * 2**20, "bytes")
    for done in range(0, 105 * 2**20, 2**20)
]


def shown(renderable: object) -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    console.print(renderable)
    return console.file.getvalue()


def test_the_widest_data_set_fits_80_columns(tmp_path: Path) -> None:
    text = shown(data_table([*inventory(tmp_path), FOLDER], "/cache"))
    assert all(len(line) <= 80 for line in text.splitlines())
    for words in ("cifar10", "50,000 + 10,000", "3×32×32", "– not here", "✓ prepared", "190 GiB"):
        assert words in text
    assert "\x1b" not in text
    assert "cnn-lab data prepare NAME" in text


def test_a_prepared_data_set_is_told_in_one_line() -> None:
    line = prepared_line(FOLDER)
    assert "1,234,567 + 123,456 images, 1000 classes, 3×224×224, 190 GiB in /cache/" in line
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (
            PreparationStep("downloading file", 80 * 2**20, 163 * 2**20, "bytes"),
            "downloading file: 80 MiB of 163 MiB",
        ),
        (PreparationStep("downloading file", 2**20, None, "bytes"), "downloading file: 1 MiB"),
        (
            PreparationStep("reading the data set", 1000, 60_000),
            "reading the data set: 1,000 of 60,000 files",
        ),
        (PreparationStep("decoding the images", unit="images"), "decoding the images"),
        (PreparationStep("waiting for another process"), "waiting for another process"),
    ],
)
def test_a_step_is_told_in_one_line(step: PreparationStep, text: str) -> None:
    assert preparing_text(step) == text


def test_a_pipe_gets_a_few_lines_of_each_step() -> None:
    console = Console(file=io.StringIO(), width=80)
    with shown_on(console) as progress:
        for step in STEPS:
            progress(step)
        progress(Remark("The cache [a\x1b]0;b\x07] was damaged."))
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "downloading file: 0 B of 100 MiB"
    assert lines[10] == "downloading file: 100 MiB of 100 MiB"
    assert lines[11:] == ["The cache [a�]0;b�] was damaged."]


def test_a_terminal_gets_one_bar_per_step() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    with shown_on(console) as progress:
        for step in STEPS[:101]:
            progress(step)
        progress(PreparationStep("decoding the images", unit="images"))
        progress(Remark("A [remark]."))
    text = console.file.getvalue()
    assert "100 MiB of 100 MiB" in text
    assert "100%" in text
    assert "decoding the images" in text
    assert "A [remark]." in text
    assert all(len(line) <= 160 for line in text.splitlines())


@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_remark_comes_with_the_option_that_changes_it(is_terminal: bool) -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=is_terminal, color_system=None)
    with shown_on(console) as progress:
        progress(Remark("It can be turned.", (step(Action.TRAIN_AGAIN, val_is_validation=True),)))
    assert "It can be turned (--val-is-validation)." in console.file.getvalue()


def test_files_that_were_left_out_are_counted_and_one_is_named() -> None:
    files = [SkippedFile("cat/1.jpg", "truncated"), SkippedFile("cat/2.jpg", "truncated")]
    assert skipped_line(files[:1]) == (
        "1 file cannot be read and was left out: cat/1.jpg (truncated)."
    )
    assert skipped_line(files).startswith("2 files cannot be read and were left out, such as cat/1")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 KiB"),
        (163 * 2**20, "163 MiB"),
        (2**40, "1024 GiB"),
    ],
)
def test_bytes_are_told_in_three_digits_or_four(count: int, text: str) -> None:
    assert size(count) == text
