"""The data set that is always there: 1,797 handwritten digits of 8×8 pixels.

"Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, 1998,
UCI Machine Learning Repository (https://doi.org/10.24432/C50P49), CC BY 4.0;
the copy that scikit-learn distributes. Each pixel counts the ink in a 4×4 cell
of the scanned digit, 0 to 16; the lab scales that to 0…255.
"""

import gzip
from importlib.resources import files

import numpy as np
import torch
from torch import Tensor

from cnn_tui.data.dataset import Prepared, Split, channel_statistics, split_tail, stratified_order

CLASSES = tuple("0123456789")
IMAGE_SIZE = 8
MAX_INK = 16
TEST_FRACTION = 0.2


def load() -> tuple[Tensor, Tensor]:
    """All images (1797, 1, 8, 8) as uint8 and their labels (1797,) as int64, in file order."""
    packed = files("cnn_tui.data").joinpath("digits.csv.gz").read_bytes()
    rows = gzip.decompress(packed).decode("ascii").split()
    table = np.array([row.split(",") for row in rows], dtype=np.float32)
    pixels = np.rint(table[:, :-1] * (255 / MAX_INK)).astype(np.uint8)
    images = torch.from_numpy(pixels.reshape(-1, 1, IMAGE_SIZE, IMAGE_SIZE))
    return images, torch.from_numpy(table[:, -1].astype(np.int64))


def prepared() -> Prepared:
    """The digits with a fixed, stratified 80/20 split into training and test images."""
    images, labels = load()
    order = torch.from_numpy(stratified_order(labels.numpy()))
    train, test = split_tail(Split(images[order], labels[order]), TEST_FRACTION)
    mean, std = channel_statistics(train.images)
    return Prepared(CLASSES, train, test, mean, std)
