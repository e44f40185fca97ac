"""Predictions as one PNG file: every image, and below it what it is and what it was taken for."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from cnn_tui.analysis.evaluation_records import Prediction, Predictions
from cnn_tui.analysis.records import Picture
from cnn_tui.errors import UsageError
from cnn_tui.files import write_atomically
from cnn_tui.render.draw.numbers import printable

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

IMAGE_SIDE, MARGIN, FRAME = 128, 12, 3
LINE_HEIGHT, LONGEST_LINE = 14, 24
"""Pixels between lines of text, and how many characters of Pillow's own font fit into one."""

PAPER, INK = (255, 255, 255), (20, 24, 28)
FRAMES = {True: (36, 138, 61), False: (200, 40, 40), None: (130, 130, 130)}
"""Around an image whose prediction is right, wrong, or nobody knows."""

WORDS = {True: "right", False: "WRONG", None: "no true class known"}


def refuse_no_png(path: Path) -> None:
    """Raise UsageError where no PNG file can be written to ``path``."""
    if path.suffix.casefold() != ".png":
        raise _refused(f"{path} is no PNG file: give a name that ends in .png.")
    if path.is_dir():
        raise _refused(f"{path} is a folder: name a file in it.")
    if not path.parent.is_dir():
        raise _refused(f"{path} is in no folder: make {path.parent} first.")


def write_contact_sheet(predictions: Predictions, path: Path) -> None:
    """Write all images in a square of rows and columns.

    A PNG file that is there is replaced. Raises UsageError where it cannot be written.
    """
    refuse_no_png(path)
    sheet = contact_sheet(predictions)
    try:
        write_atomically(path, lambda temporary: sheet.save(temporary, format="PNG"))
    except OSError as error:
        raise _refused(
            f"{path} cannot be written ({error.strerror}): name another file."
        ) from error


def _refused(sentence: str) -> UsageError:
    return UsageError(sentence, fields=("png",))


def contact_sheet(predictions: Predictions) -> "Image":
    """The sheet as an image in memory."""
    from PIL import Image, ImageDraw

    images = predictions.images
    per_row = max(1, math.ceil(math.sqrt(len(images))))
    wide, tall = IMAGE_SIDE + 2 * MARGIN, IMAGE_SIDE + 2 * MARGIN + 4 * LINE_HEIGHT
    heading = 3 * LINE_HEIGHT
    rows = math.ceil(len(images) / per_row)
    sheet = Image.new("RGB", (max(2, per_row) * wide, heading + rows * tall), PAPER)
    draw = ImageDraw.Draw(sheet)
    judged = predictions.judged
    for line, text in enumerate((judged.run, f"{judged.net} on {judged.data}")):
        _write(draw, (MARGIN, MARGIN // 2 + line * LINE_HEIGHT), text, per_row * LONGEST_LINE)
    for place, prediction in enumerate(images):
        row, column = divmod(place, per_row)
        corner = column * wide + MARGIN, heading + row * tall + MARGIN
        _draw_tile(sheet, draw, corner, prediction)
    return sheet


def _draw_tile(
    sheet: "Image", draw: "ImageDraw", corner: tuple[int, int], prediction: Prediction
) -> None:
    left, top = corner
    side, color = IMAGE_SIDE, FRAMES[prediction.is_right]
    image = _enlarged(prediction.picture)
    sheet.paste(image, (left + (side - image.width) // 2, top + (side - image.height) // 2))
    box = (left - FRAME, top - FRAME, left + side + FRAME - 1, top + side + FRAME - 1)
    draw.rectangle(box, outline=color, width=FRAME)
    share = f" {100 * prediction.guesses[0].probability:.0f} %"
    said = _cut(f"said: {prediction.predicted}", LONGEST_LINE - len(share))
    lines = (
        (prediction.picture.title, INK),
        ("" if prediction.true is None else f"true: {prediction.true}", INK),
        (said + share, INK),
        (WORDS[prediction.is_right], color),
    )
    for line, (text, ink) in enumerate(lines):
        place = (left, top + side + FRAME + 2 + line * LINE_HEIGHT)
        _write(draw, place, text, LONGEST_LINE, ink)


def _enlarged(picture: Picture) -> "Image":
    """The picture as large as fits into a tile, its pixels in whole multiples where it grows."""
    from PIL import Image

    mode = "L" if picture.channels == 1 else "RGB"
    image = Image.frombytes(mode, (picture.width, picture.height), picture.pixels)
    scale = IMAGE_SIDE / max(image.size)
    scale = int(scale) if scale >= 1 else scale
    size = tuple(max(1, round(each * scale)) for each in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.NEAREST).convert("RGB")


def _write(
    draw: "ImageDraw",
    place: tuple[int, int],
    text: str,
    longest: int,
    ink: tuple[int, int, int] = INK,
) -> None:
    # Pillow's own font knows Latin letters only.
    plain = printable(text).encode("latin-1", "replace").decode("latin-1")
    draw.text(place, _cut(plain, longest), fill=ink)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
