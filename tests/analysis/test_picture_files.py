"""The picture files that one line names, as a shell would read it."""

from pathlib import Path

import pytest

from cnn_tui.analysis.images import picture_files
from cnn_tui.errors import UsageError


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with photos of awkward names."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "photos").mkdir()
    for name in ("a.png", "b.JPG", "my cat.png", "[1].png", "notes.txt"):
        (tmp_path / "photos" / name).touch()
    return tmp_path / "photos"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("~/photos/a.png", ["a.png"]),
        ("~/photos/my cat.png", ["my cat.png"]),
        ("~/photos/a.png '~/photos/my cat.png'", ["a.png", "my cat.png"]),
        ("~/photos/*", ["[1].png", "a.png", "b.JPG", "my cat.png"]),
        ("~/photos/[1].png ~/photos/b.JPG", ["[1].png", "b.JPG"]),
    ],
)
def test_names_files(photos: Path, line: str, names: list[str]) -> None:
    assert picture_files(line) == tuple(str(photos / name) for name in names)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("~/photos/none.png", "There is no file"),
        ("~/photos/*.gif", "No picture file has a name such as"),
        ("~/photos", "is a folder: name its pictures"),
        ("~/photos/notes.txt", "is no picture file"),
        ("'~/photos/a.png", "quotation mark"),
    ],
)
def test_says_what_is_wrong(photos: Path, line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        picture_files(line)
