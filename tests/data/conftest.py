"""Folders of made-up pictures, and a file server that fails as it is told."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn_tui.data.preparation import download
from cnn_tui.data.preparation.published import MIRROR_VARIABLE
from tests.data.file_server import FileServer, file_server

MakeTree = Callable[..., Path]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A file server; the lab loses patience with it soon."""
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 0.5)
    with file_server() as server:
        yield server


@pytest.fixture
def make_tree(tmp_path: Path) -> MakeTree:
    """Write ``count`` pictures per class under ``tmp_path / where`` and return that folder.

    Each class has a gray level of its own.
    """

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
