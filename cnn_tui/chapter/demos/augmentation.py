"""One image as training shows it: shifted, perhaps mirrored, partly hidden, and normalized."""

import torch
from torch import Tensor

from cnn_tui.analysis.images import find_image, names_image_file, parse_image, shrink
from cnn_tui.chapter.demos.shared import mosaic
from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell
from cnn_tui.data.dataset import Split, channel_statistics
from cnn_tui.data.loading.augment import Draws
from cnn_tui.data.loading.loader import CROP_FRACTION, Loader
from cnn_tui.data.preparation.prepare import load
from cnn_tui.training.config_checks import refuse_cutout
from cnn_tui.workspace import data_dir

DRAWS, PER_ROW = 5, 3
OF_DIGITS = ("digits", "mnist")
SMALLEST_SIDE, LARGEST_SIDE = 16, 224
"""The digits' 8 pixels are doubled, as in training; larger pictures are shrunk."""

Constants = tuple[float, ...]
"""One number per channel."""


def augmentation(
    image: str = "digit",
    augment: str = "crop",
    cutout: int = 4,
    epoch: int = 0,
    seed: int = 0,
) -> DemoContent:
    """Five draws for the middle square of ``image``, made by training's own loader.

    ``augment`` and ``cutout`` mean what they mean to ``cnn-lab train``.
    """
    found = find_image(image)
    stored = shrink(_middle_square(found.pixels), LARGEST_SIDE)
    side = max(SMALLEST_SIDE, stored.shape[-1])
    refuse_cutout(cutout, side)
    whose, mean, std = _constants(image, stored)
    loader = Loader(
        Split(stored.expand(DRAWS, -1, -1, -1), torch.zeros(DRAWS, dtype=torch.int64)),
        mean=mean,
        std=std,
        batch_size=DRAWS,
        image_size=side,
        device=torch.device("cpu"),
        augment=augment,
        cutout=cutout,
    )
    drawn, _ = next(loader.epoch(seed, epoch))
    unaltered, _ = next(loader.in_order())
    plain = unaltered[:1]
    pictures = _brightness(torch.cat([plain, drawn]), mean, std).mul(255).round().clamp(0, 255)
    padding = side // CROP_FRACTION
    channels = _channel_rows(_brightness(plain, mean, std)[0], mean, std, plain[0])
    return DemoContent(
        blocks=(
            mosaic(
                f"{found.title}: as it is, then draws 1 to {DRAWS}",
                pictures.byte(),
                PER_ROW,
                ("as it is", *(f"draw {number}" for number in range(1, DRAWS + 1))),
            ),
            Table(
                f"What chance decided, in pixels of {side}×{side}; seed {seed}, epoch {epoch}",
                ("draw", "down", "right", "mirrored", "hidden rows", "hidden columns"),
                _draw_rows(loader.draws(seed, epoch, 0), padding, cutout, side),
            ),
            Say(_about_draws(augment, padding, cutout)),
            Table(
                "Normalized: (brightness from 0 to 1 − mean of the set) / its deviation",
                ("as it is", "mean", "std", "minus", "divided by", "new mean", "new std"),
                channels,
            ),
            Say(
                f"The mean and deviation used are {whose}."
                + " What is hidden becomes 0, the mean that was subtracted." * (cutout > 0)
            ),
            Say(
                "Training draws by the same loader, from the seed and the number of the epoch: "
                f"try epoch = {0 if epoch else 1}. {_about_mirrors(image, augment)}"
            ),
        ),
        figures={
            "padding": padding,
            "windows": (2 * padding + 1) ** 2,
            "different_pictures": len({each.numpy().tobytes() for each in pictures}),
            "mean": channels[0][1],
            "new_mean": channels[0][5],
            "new_std": channels[0][6],
        },
    )


def _middle_square(pixels: Tensor) -> Tensor:
    """The largest square in the middle of an image (C, H, W)."""
    height, width = pixels.shape[1:]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    return pixels[:, top : top + short, left : left + short]


def _constants(image: str, stored: Tensor) -> tuple[str, Constants, Constants]:
    """Whose mean and standard deviation normalize the image, and these."""
    spec = None if names_image_file(image) else parse_image(image)[0]
    if spec is None or spec.path is not None:  # a folder's would need all of its files
        own = channel_statistics(stored[None])
        return "this image's own mean and deviation, for want of a set that it belongs to", *own
    data = load(spec, data_dir())
    whose = (
        f"the constants of all training images of {spec.name}: only over the whole set the mean "
        "becomes 0 and the deviation 1, a single image keeps some of its own"
    )
    return whose, data.mean, data.std


def _about_mirrors(image: str, augment: str) -> str:
    """Whether the image may be mirrored, as far as its data set says."""
    spec = None if names_image_file(image) else parse_image(image)[0]
    if spec is None or spec.name not in OF_DIGITS:
        return "Mirror only what means the same in a mirror."
    if "flip" in augment:
        return "A mirrored digit is no digit: train digits with augment = crop."
    return "Digits are not mirrored: a mirrored digit is no digit. Try a picture of yours as image."


def _brightness(normalized: Tensor, mean: Constants, std: Constants) -> Tensor:
    """Normalized images (N, C, H, W) back on the scale from 0 to 1."""
    scale, shift = (torch.tensor(each).view(-1, 1, 1) for each in (std, mean))
    return normalized * scale + shift


def _draw_rows(
    draws: Draws, padding: int, cutout: int, side: int
) -> tuple[tuple[TableCell, ...], ...]:
    """A row for each draw; a window that begins ``padding`` pixels in moves nothing.

    The shift to the right is that before mirroring.
    """
    return tuple(
        (
            number + 1,
            0 if draws.top is None else padding - int(draws.top[number]),
            0 if draws.left is None else padding - int(draws.left[number]),
            "yes" if draws.flipped is not None and draws.flipped[number] else "no",
            _hidden(draws.hole_top, number, cutout, side),
            _hidden(draws.hole_left, number, cutout, side),
        )
        for number in range(DRAWS)
    )


def _hidden(first: Tensor | None, number: int, cutout: int, side: int) -> str:
    """Rows or columns that the hidden square covers, counted from 0: ``2 to 4``."""
    if first is None:
        return "none"
    start = int(first[number])
    return f"{max(0, start)} to {min(start + cutout, side) - 1}"


def _about_draws(augment: str, padding: int, cutout: int) -> str:
    told = []
    if "crop" in augment:
        windows = (2 * padding + 1) ** 2
        told.append(
            f"The image gets {padding} black pixels on each side, and one of {windows:,} windows "
            "of the old size is cut out: a shift, negative for up and left."
        )
    if "flip" in augment:
        told.append("Each window is then mirrored with probability 1/2.")
    if cutout:
        told.append(
            f"Last, a square of {cutout}×{cutout} is hidden; where its middle lies near the edge, "
            "a part of it falls outside."
        )
    return " ".join(told) or "Nothing is left to chance, so all draws are the image itself."


def _channel_rows(
    before: Tensor, mean: Constants, std: Constants, after: Tensor
) -> tuple[tuple[str, float, float, float, float, float, float], ...]:
    """Mean and spread of each channel of an image (C, H, W), and what normalizing makes of it."""
    names = ("red", "green", "blue") if len(before) == 3 else ("gray",)
    return tuple(
        (
            name,
            old.mean().item(),
            old.std().item(),
            shift,
            scale,
            new.mean().item(),
            new.std().item(),
        )
        for name, old, shift, scale, new in zip(names, before, mean, std, after, strict=True)
    )
