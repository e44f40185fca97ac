"""What tells one data set from another: its classes, and which images each part holds.

It does not depend on where the files lie or when they were written, so that a copy of a
folder is the same data set, and one changed image makes it another.
"""

import hashlib
from collections.abc import Iterable, Mapping

import torch

from cnn_tui.data.dataset import Split

FINGERPRINT_BYTES = 16
CHUNK = 1024
"""Images that are hashed at a time where no digests are asked for."""


def fingerprint(classes: Iterable[str], parts: Mapping[str, Split]) -> str:
    """The fingerprint of what ``parts``, by their names, hold of ``classes``.

    Images that have digests are told apart by those and by their files' names, in any
    order; others by their pixels, in the order that they have.
    """
    told = hashlib.blake2b(digest_size=FINGERPRINT_BYTES)
    for name in classes:
        _tell(told, name)
    for name, split in parts.items():
        _tell(told, f"{name} {len(split)}")
        if split.digests:
            rows = zip(split.files, split.labels.tolist(), split.digests, strict=True)
            for row in sorted(rows):
                _tell(told, *map(str, row))
        else:
            told.update(split.labels.numpy().data)
            for images in torch.split(split.images, CHUNK):
                told.update(images.contiguous().numpy().data)
    return told.hexdigest()


def _tell(told: hashlib.blake2b, *words: str) -> None:
    for word in words:
        told.update(word.encode(errors="surrogateescape") + b"\0")
