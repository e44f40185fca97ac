"""Folders of made-up pictures: each class has a grey level of its own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

MakeTree = Callable[..., Path]


@pytest.fixture
def make_tree(tmp_path: Path) -> MakeTree:
    """Write ``count`` pictures per class under ``tmp_path / where`` and return that folder."""

    def make(
        where: str = "images",
        classes: tuple[str, ...] = ("dark", "light"),
        count: int = 10,
        size: tuple[int, int] = (12, 12),
        mode: str = "RGB",
        suffix: str = ".png",
    ) -> Path:
        root = tmp_path / where
        noise = np.random.RandomState(0)
        for index, name in enumerate(classes):
            (root / name).mkdir(parents=True)
            for number in range(count):
                shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
                level = 40 + 160 * index // max(1, len(classes) - 1)
                pixels = (level + noise.randint(0, 30, shape)).astype(np.uint8)
                Image.fromarray(pixels).save(root / name / f"{number:03}{suffix}")
        return root

    return make
