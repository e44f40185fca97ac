"""Opening a map's file, and the sentence about one that cannot be read."""

from pathlib import Path
from typing import BinaryIO

from cnn_tui.analysis.pooling.named_inputs import input_names
from cnn_tui.errors import UsageError
from cnn_tui.workspace import expanded


def open_map(path: Path, largest: int) -> BinaryIO:
    """``path`` opened for reading; raises UsageError where it is no file, or one too long."""
    try:
        file = expanded(path)
        if file.is_dir():
            raise unreadable(str(path), "it is a folder")
        if file.is_fifo():  # opening it would wait for someone to write
            raise unreadable(str(path), "it is a pipe: give - and redirect the standard input")
        if file.stat().st_size > largest:
            raise too_long(str(path), largest)
        return file.open("rb")
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "there is no such file" if missing else getattr(error, "strerror", None)
        raise unreadable(str(path), reason or str(error)) from error


def too_long(source: str, largest: int) -> UsageError:
    """The sentence about a file of more than ``largest`` bytes."""
    return unusable(source, f"it is longer than {largest:,} bytes: name a smaller one")


def unreadable(source: str, reason: str) -> UsageError:
    """The sentence about what is no file with a map, and what can be named instead."""
    return UsageError(
        f"{source} cannot be read as a map: {reason}. Name a CSV file of numbers, a printed "
        "tensor, a .npy, .npz or .pt file, an image such as photo.png, or one of: "
        f"{', '.join(input_names())}."
    )


def unusable(source: str, reason: str) -> UsageError:
    """The sentence about a file whose content is no map; ``reason`` says what to do."""
    return UsageError(f"{source} cannot be read as a map: {reason}.")
