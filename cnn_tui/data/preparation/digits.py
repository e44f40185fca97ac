"""The data set that is always there: 1,797 handwritten digits of 8×8 pixels.

"Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, 1998,
UCI Machine Learning Repository (https://doi.org/10.24432/C50P49), CC BY 4.0;
the copy that scikit-learn distributes. Each pixel counts the ink in a 4×4 cell
of the scanned digit, 0 to 16; the lab scales that to 0…255.
"""

import numpy as np
import torch
from torch import Tensor

from cnn_tui.data.dataset import (
    Prepared,
    Split,
    channel_statistics,
    held_out,
    split_tail,
    stratified_order,
)
from cnn_tui.data.shipped_digits import IMAGE_SIZE, MAX_INK, lines

CLASSES = tuple("0123456789")
TEST_FRACTION = 0.2


def load() -> tuple[Tensor, Tensor]:
    """All images (1797, 1, 8, 8) as uint8 and their labels (1797,) as int64, in file order."""
    table = np.array([line.split(",") for line in lines()], dtype=np.float32)
    pixels = np.rint(table[:, :-1] * (255 / MAX_INK)).astype(np.uint8)
    images = torch.from_numpy(pixels.reshape(-1, 1, IMAGE_SIZE, IMAGE_SIZE))
    return images, torch.from_numpy(table[:, -1].astype(np.int64))


def order_of_test() -> list[int]:
    """Which images are those of the test split, in its order."""
    order: list[int] = stratified_order(load()[1].numpy()).tolist()
    return order[-held_out(len(order), TEST_FRACTION) :]


def prepared() -> Prepared:
    """The digits with a fixed, stratified 80/20 split into training and test images."""
    images, labels = load()
    order = stratified_order(labels.numpy()).tolist()
    train, test = split_tail(Split(images, labels).at(order), TEST_FRACTION)
    mean, std = channel_statistics(train.images)
    return Prepared(CLASSES, train, test, mean, std)
