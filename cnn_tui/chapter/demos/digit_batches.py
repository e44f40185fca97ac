"""The embedded digits as batches: what the demos that train on real images share."""

import torch

from cnn_tui.data.dataset import Prepared, Split
from cnn_tui.data.loader import Loader


def digit_batches(digits: Prepared, split: Split, batch_size: int, image_size: int) -> Loader:
    """Normalised batches of ``split``, enlarged to ``image_size``, without augmentation."""
    return Loader(
        split,
        mean=digits.mean,
        std=digits.std,
        batch_size=batch_size,
        image_size=image_size,
        device=torch.device("cpu"),
    )
