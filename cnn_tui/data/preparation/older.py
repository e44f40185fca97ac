"""A folder of images as older versions split it, which knew neither val/ nor rare classes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cnn_tui.data.dataset import (
    Prepared,
    Split,
    channel_statistics,
    held_out,
    joined,
    split_tail,
    stratified_order,
)
from cnn_tui.data.splits import TEST_FRACTION


def as_before(found: Prepared, *, is_split: bool) -> Prepared:
    """``found`` in the order and the parts of an older version; ``is_split`` by its folder.

    It is another one, and copied, only where rare classes are in the way.
    """
    parts = [found.train] if is_split else [found.train, found.test]
    order = _order_before(parts)
    held = len(found.test) if is_split else held_out(len(order), TEST_FRACTION)
    if len(found.test) == held and np.array_equal(order, np.arange(len(order))):
        return replace(found, val=None)
    train, test = joined(parts).at(order.tolist()), found.test
    if not is_split:
        train, test = split_tail(train, TEST_FRACTION)
    mean, std = channel_statistics(train.images)
    return replace(found, train=train, test=test, val=None, mean=mean, std=std)


def _order_before(parts: Sequence[Split]) -> NDArray[np.int64]:
    """The places in ``parts`` of their images, in the stratified order of the folder's listing."""
    labels = np.concatenate([each.labels.numpy() for each in parts])
    files = [name for each in parts for name in each.files]
    listed = np.array(sorted(range(len(files)), key=lambda row: (labels[row], files[row])))
    return listed[stratified_order(labels[listed])]
