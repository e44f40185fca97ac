"""A run's mistakes on the screen and on paper: readable at 80 columns, without colors too."""

from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from cnn_tui.analysis.evaluation_records import (
    Evaluation,
    Guess,
    JudgedRun,
    Mistake,
    Prediction,
    Predictions,
)
from cnn_tui.analysis.records import Picture
from cnn_tui.errors import UsageError
from cnn_tui.render.draw.contact_sheet import FRAMES, contact_sheet, write_contact_sheet
from cnn_tui.render.networks.confusion import confusion_grid
from cnn_tui.render.networks.evaluation import (
    class_bars,
    evaluation_view,
    predictions_view,
)

RUN = JudgedRun("20260101-000000-lenet5-digits-0a1b", "lenet5", "digits", "running", 9, True, 4)
CIFAR10 = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
GRAY = Picture("digits#7", 8, 8, 1, bytes(range(64)))


def shown(renderable: object, width: int = 80, *, ascii_only: bool = False) -> list[str]:
    stream = TextIOWrapper(BytesIO(), encoding="ascii" if ascii_only else "utf-8", errors="replace")
    Console(file=stream, width=width, color_system=None, highlight=False).print(renderable)
    stream.seek(0)
    return [line.rstrip() for line in stream.read().splitlines()]


def judged(classes: tuple[str, ...], right: int = 900, wrong: int = 7) -> Evaluation:
    """Each class is recognized ``right`` times and taken for its neighbor ``wrong`` times."""
    count = len(classes)
    rows = [[0] * count for _ in classes]
    for i, row in enumerate(rows):
        row[i], row[(i + 1) % count] = right, wrong + i
    confusion = tuple(map(tuple, rows))
    images = sum(map(sum, confusion))
    mistake = Mistake(7, classes[0], classes[1], 0.987, GRAY)
    return Evaluation(
        RUN, "test", classes, images, right * count, 0.25, 1234.0, confusion, (mistake,)
    )


def test_shows_all_of_an_evaluation_at_80_columns() -> None:
    lines = shown(evaluation_view(judged(CIFAR10)))
    text = "\n".join(lines)
    assert max(map(len, lines)) <= 80
    assert "these are its best weights so far, after epoch 4 of 9." in text
    assert "Test accuracy 98.7 % (9,000 of 9,115 images), loss 0.25, 1,234 images/s" in text
    assert "✗ digits#7" in text
    assert "automobile (99 %)" in text


def test_says_what_the_largest_class_is_worth_where_classes_are_uneven() -> None:
    confusion = ((190, 0, 0), (10, 0, 0), (0, 0, 0))
    found = Evaluation(RUN, "test", ("cat", "dog", "cow"), 200, 190, 0.2, 99.0, confusion, ())
    document = found.to_json()
    assert document["baseline_accuracy"] == document["accuracy"] == 0.95
    assert document["balanced_accuracy"] == 0.5  # of the two classes that have images
    said = " ".join(" ".join(shown(evaluation_view(found))).split())
    assert "Always naming the largest class: 95.0 %; balanced accuracy: 50.0 %." in said
    assert "largest class" not in "\n".join(shown(evaluation_view(judged(CIFAR10))))


def test_writes_the_confusion_matrix_as_numbers() -> None:
    lines = shown(confusion_grid(judged(CIFAR10)))
    assert lines[1].split() == [name[:5] for name in CIFAR10]
    assert lines[2].split() == ["airplane", "[900]", "7"] + ["·"] * 8
    assert lines[11].split() == ["truck", "16", *"········", "[900]"]
    assert {len(line) for line in lines[2:11]} <= set(range(68, 76))
    assert lines[12].startswith("Most often: truck taken for airplane (16×), ship taken for")


def test_numbers_classes_whose_short_names_are_the_same() -> None:
    lines = shown(confusion_grid(judged(tuple(f"animal {letter}" for letter in "abc"))))
    assert lines[1].split() == ["0", "1", "2"]
    assert lines[2].startswith("0 animal a")


def test_draws_shades_where_numbers_do_not_fit() -> None:
    lines = shown(confusion_grid(judged(tuple(f"class{i}" for i in range(60)))))
    assert max(map(len, lines)) <= 80
    assert lines[2].split() == ["class0", "█░"]
    assert lines[1].startswith("Columns in the order of the rows")


def test_leaves_out_what_is_too_wide_and_lists_the_hardest_classes() -> None:
    evaluation = judged(tuple(f"class{i}" for i in range(100)))
    lines = shown(confusion_grid(evaluation))
    assert "100 classes are too many for 80 columns." in lines
    bars = shown(class_bars(evaluation))
    assert bars[1].startswith("class99 ")
    assert bars[-1] == "The 30 of 100 classes that are recognized least."
    assert len(bars) == 32


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("classes", [("a", "b"), CIFAR10, ("猫" * 12, "犬" * 12, "\x1b[31mred")])
def test_stays_within_its_columns(columns: int, classes: tuple[str, ...]) -> None:
    console = Console(file=StringIO(), width=400, color_system="truecolor", force_terminal=True)
    for part in (confusion_grid, class_bars):
        for line in console.render_lines(part(judged(classes), columns=columns), pad=False):
            text = "".join(segment.text for segment in line)
            assert "\x1b" not in text
            # Sentences are wrapped by the console; what is drawn in columns is not.
            if not text.startswith(("Most often", "Confusion", "Columns")):
                assert sum(segment.cell_length for segment in line) <= columns


def test_marks_what_is_right_and_wrong_by_more_than_color() -> None:
    guesses = (Guess("3", 0.8), Guess("5", 0.15), Guess("8", 0.05))
    images = tuple(Prediction(GRAY, true, guesses) for true in ("3", "5", None, "3"))
    lines = shown(predictions_view(Predictions(RUN, images, ("Drawn with seed 0.",))))
    captions = [line for line in lines if "digits#7" in line]
    assert [captions[0].split()[::2], captions[1].split()] == [["✓", "✗", "?"], ["✓", "digits#7"]]
    assert "Drawn with seed 0." in lines
    assert "2 of 3 right." in lines
    assert "predicted 3 (80 %)        predicted 3 (80 %)        predicted 3 (80 %)" in lines
    assert "true 3                    true 5                    true not known" in lines
    assert max(map(len, lines)) <= 80


def predictions(*truths: str | None) -> Predictions:
    bright = Picture("digits#7", 2, 2, 1, b"\xff" * 4)
    return Predictions(RUN, tuple(Prediction(bright, true, (Guess("3", 1.0),)) for true in truths))


def test_frames_images_on_paper_by_their_verdict(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    write_contact_sheet(predictions("3", "5", None), path)
    with Image.open(path) as sheet:
        found = {color for _, color in sheet.convert("RGB").getcolors(1 << 16) or ()}
    assert set(FRAMES.values()) <= found
    assert [each.name for each in tmp_path.iterdir()] == ["sheet.png"]


def test_writes_names_on_paper_that_its_font_lacks() -> None:
    assert (
        contact_sheet(predictions("猫\x1b", "x" * 500)).size
        == contact_sheet(predictions("3", "5")).size
    )
    assert contact_sheet(predictions()).width > 0


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("sheet.py", "no PNG file"), ("gone/sheet.png", "no folder"), ("dir.png", "is a folder")],
)
def test_refuses_to_write_where_no_png_can_be(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "dir.png").mkdir()
    with pytest.raises(UsageError, match=sentence):
        write_contact_sheet(predictions("3"), tmp_path / name)


def test_shows_bars_and_matrix_beside_each_other_where_there_is_room() -> None:
    lines = shown(evaluation_view(judged(CIFAR10), columns=160), width=160)
    head = next(line for line in lines if line.startswith("Class "))
    assert lines.index(head) == next(n for n, line in enumerate(lines) if " frog" in line)
    assert max(map(len, lines)) <= 160


def test_leaves_out_the_name_of_a_run_that_stands_above_it() -> None:
    text = "\n".join(shown(evaluation_view(judged(CIFAR10), is_named=False)))
    assert "lenet5 on digits" not in text
    assert text.startswith("The run still goes on")
