"""What a first look at a data set shows: counts, mean and deviation, one image normalized."""

import torch
from torch import Tensor

from cnn_tui.analysis.images import refuse_missing
from cnn_tui.chapter.demos.shared import mosaic
from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell
from cnn_tui.data.catalogue import data_info, parse
from cnn_tui.data.dataset import Prepared, Split, held_out
from cnn_tui.data.preparation.prepare import prepare
from cnn_tui.data.splits import VAL_FRACTION
from cnn_tui.workspace import data_dir

CIFAR10 = (
    ("red", 0.4914, 0.2470, 0.2023),
    ("green", 0.4822, 0.2435, 0.1994),
    ("blue", 0.4465, 0.2616, 0.2010),
)
"""Channel, mean, std, and the mean of the images' own stds: of its 50,000 training images."""
AT_ONCE = 5000
"""Images whose pixels are turned into floats together: 60 MB of CIFAR-10."""


def cifar10_numbers(data: str = "digits", image: int = 30) -> DemoContent:
    """The numbers of a data set that is prepared, and test image ``image`` normalized by hand."""
    spec = parse(data)
    found = prepare(spec, data_dir())
    refuse_missing(spec.name, image, len(found.test))
    chosen, label = found.test.images[image], found.classes[int(found.test.labels[image])]
    own = _mean_of_stds(found.train.images)
    scaled = chosen.double() / 255
    normalized = (scaled - _column(found.mean)) / _column(found.std)
    test_counts = [each.test for each in found.per_class]
    return DemoContent(
        blocks=(
            _parts(data_info(spec).title, found),
            Say(_about_classes(found, test_counts)),
            _channels(spec.name, found, own),
            Say(_about_stds(spec.name, found.std[0], own[0])),
            mosaic(f"Test image #{image}, of class {label}", chosen[None], 1),
            _middle_pixel(chosen, found),
            Say(
                f"Over all training images the normalized pixels have mean 0 and std 1. This "
                f"image keeps a mean of {normalized.mean().item():.3f} and a std of "
                f"{normalized.std(correction=0).item():.3f}: it is normalized by the numbers of "
                "the set, not by its own."
            ),
        ),
        figures={
            "train": len(found.train),
            "test": len(found.test),
            "mean": found.mean[0],
            "std": found.std[0],
            "mean_of_stds": own[0],
            "most_frequent_percent": 100 * max(test_counts) / len(found.test),
            "image_mean": normalized.mean().item(),
            "image_std": normalized.std(correction=0).item(),
        },
    )


def _column(numbers: tuple[float, ...]) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64).view(-1, 1, 1)


def _mean_of_stds(images: Tensor) -> tuple[float, ...]:
    """Per channel the mean over the images of each image's own std."""
    parts = torch.split(images, AT_ONCE)
    stds = [part.float().div(255).std((2, 3), correction=0) for part in parts]
    return tuple(torch.cat(stds).double().mean(0).tolist())


def _parts(title: str, found: Prepared) -> Table:
    val = held_out(len(found.train), VAL_FRACTION)
    parts = (("training", found.train), ("test", found.test))
    rows = [_part(name, split, len(found.classes)) for name, split in parts]
    rows.insert(1, ("of these held out for validation", val, "", ""))
    channels, height, width = found.train.images.shape[1:]
    return Table(
        f"{title}: {len(found.classes)} classes, images of {channels}×{height}×{width} numbers",
        ("part", "images", "rarest class", "most frequent class"),
        tuple(rows),
    )


def _part(name: str, split: Split, classes: int) -> tuple[TableCell, ...]:
    counts = torch.bincount(split.labels, minlength=classes).tolist()
    return name, len(split), min(counts), max(counts)


def _about_classes(found: Prepared, test_counts: list[int]) -> str:
    share = 100 * max(test_counts) / len(found.test)
    balanced = (
        "all classes are of equal size"
        if len(set(test_counts)) == 1
        else (
            "classes are of about equal size"
            if max(test_counts) < 1.5 * min(test_counts)
            else "classes differ in size"
        )
    )
    return (
        f"Always naming the most frequent class is right for {share:.1f} % of the test images: "
        f"{balanced}."
    )


def _names_of_channels(count: int) -> tuple[str, ...]:
    return ("red", "green", "blue") if count == 3 else ("gray",)


def _channels(name: str, found: Prepared, own: tuple[float, ...]) -> Table:
    names = _names_of_channels(len(own))
    rows: list[tuple[TableCell, ...]] = [
        (f"{name}, {channel}", *numbers)
        for channel, *numbers in zip(names, found.mean, found.std, own, strict=True)
    ]
    if name != "cifar10":
        rows += [(f"CIFAR-10, {channel}, quoted", *numbers) for channel, *numbers in CIFAR10]
    return Table(
        "Training pixels, scaled from 0 to 1",
        ("channel", "mean", "std of all pixels", "mean of the images' own stds"),
        tuple(rows),
    )


def _about_stds(name: str, std: float, own: float) -> str:
    here = (
        f"The std of all pixels, {std:.4f} in the first channel of {name}, is larger than the "
        f"mean of the images' own stds, {own:.4f}, for images differ in brightness, too."
    )
    if name == "cifar10":
        return f"{here} Many tutorials normalize by the second; the std of the set is the first."
    return (
        f"{here} The numbers of CIFAR-10 are quoted, not computed here: many tutorials normalize "
        "by 0.2023, 0.1994 and 0.2010, which are the second. Once CIFAR-10 is prepared, try "
        "data = cifar10."
    )


def _middle_pixel(image: Tensor, found: Prepared) -> Table:
    _, height, width = image.shape
    row, column = height // 2, width // 2
    names = _names_of_channels(len(image))
    rows: list[tuple[TableCell, ...]] = []
    for channel, name in enumerate(names):
        stored = int(image[channel, row, column])
        mean, std = found.mean[channel], found.std[channel]
        by_hand = f"({stored} / 255 − {mean:.4f}) / {std:.4f}"
        rows.append((name, stored, stored / 255, by_hand, (stored / 255 - mean) / std))
    return Table(
        f"Its pixel in row {row}, column {column}, normalized: (x − mean) / std",
        ("channel", "stored", "x", "by hand", "normalized"),
        tuple(rows),
    )
