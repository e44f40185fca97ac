"""Shortening: between words, or within one that would leave most of the room empty."""

import pytest
from rich.text import Text

from cnn_tui.render.draw.words import shortened


@pytest.mark.parametrize(
    ("line", "room", "shown"),
    [
        ("Translation invariance", 22, "Translation invariance"),
        ("Translation invariance", 21, "Translation …"),
        ("Kernel, stride, padding", 17, "Kernel, stride, …"),
        ("20231114-221320-lenet5", 12, "20231114-2 …"),
        ("a few words", 2, "…"),
        ("a few words", 0, ""),
    ],
)
def test_shortens_between_words(line: str, room: int, shown: str) -> None:
    assert shortened(Text(line), room).plain == shown
