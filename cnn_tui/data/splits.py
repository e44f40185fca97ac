"""One order of the images from which every split is a slice.

The images of each class are shuffled once and spread evenly over the whole
order, so that any tail of it is a stratified sample: the test images are the
tail of the set, the validation images the tail of what is left. No index lists
are kept, and no image is copied.
"""

import numpy as np
from numpy.typing import NDArray

SPLIT_SEED = 0
"""Fixed, so that two runs are always judged on the same images."""


def stratified_order(labels: NDArray[np.int64], seed: int = SPLIT_SEED) -> NDArray[np.int64]:
    """A permutation of ``range(len(labels))`` whose every tail holds all classes alike."""
    # RandomState, not default_rng: numpy promises that its stream never changes.
    random = np.random.RandomState(seed)
    position = np.empty(len(labels))
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        position[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.lexsort((random.permutation(len(labels)), position)).astype(np.int64)


def held_out(total: int, fraction: float) -> int:
    """How many of ``total`` images a split of ``fraction`` takes: at least one."""
    return max(1, round(total * fraction))
