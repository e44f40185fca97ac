"""The lab reads archives of strangers without unpacking what it did not ask for."""

import bz2
import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom import archives
from cnn_tui.grading.classroom.archives import read_exercises
from cnn_tui.grading.isolation.source import MAX_SOURCE_BYTES

SOURCE = b"print('hello')\n"
EXERCISES = ("exercise1", "exercise2")


def make_tar(path: Path, mode: str, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def make_zip(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def info(name: str, **fields: object) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(member, field, value)
    return member


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.xz", "a.tar.bz2"])
def test_reads_the_exercises_of_every_kind_of_archive(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    kinds = {".tar": "w", "gz": "w:gz", "tgz": "w:gz", "xz": "w:xz", "bz2": "w:bz2"}
    if name == "a.zip":
        make_zip(path, ("w/exercises/exercise1.py", SOURCE), ("w/notes.txt", b"no"))
    else:
        mode = next(mode for end, mode in kinds.items() if name.endswith(end))
        make_tar(
            path,
            mode,
            (info("w", type=tarfile.DIRTYPE), b""),
            (info("w/exercises/exercise1.py"), SOURCE),
            (info("w/notes.txt"), b"no"),
        )
    (file,) = read_exercises(path, EXERCISES)
    assert (str(file.place), file.data) == ("w/exercises/exercise1.py", SOURCE)


def outside(path: Path) -> Path:
    return make_zip(path / "a.zip", ("../../exercise1.py", SOURCE))


def outside_in_windows(path: Path) -> Path:
    return make_zip(path / "a.zip", ("..\\exercise1.py", SOURCE))


def absolute(path: Path) -> Path:
    return make_tar(path / "a.tar", "w", (info("/etc/exercise1.py"), SOURCE))


def link_in_tar(path: Path) -> Path:
    link = info("exercise1.py", type=tarfile.SYMTYPE, linkname="/etc/passwd")
    return make_tar(path / "a.tar", "w", (link, b""))


def hard_link_in_tar(path: Path) -> Path:
    link = info("exercise1.py", type=tarfile.LNKTYPE, linkname="exercise1.py")
    return make_tar(path / "a.tar", "w", (link, b""))


def device_in_tar(path: Path) -> Path:
    device = info("exercise1.py", type=tarfile.CHRTYPE, devmajor=1, devminor=5)
    return make_tar(path / "a.tar", "w", (device, b""))


def link_in_zip(path: Path) -> Path:
    link = zipfile.ZipInfo("exercise1.py")
    link.external_attr = 0o120777 << 16
    return make_zip(path / "a.zip", (link, b"/etc/passwd"))


def encrypted(path: Path) -> Path:
    archive = make_zip(path / "a.zip", ("exercise1.py", SOURCE))
    data = bytearray(archive.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    return archive


def unusual(path: Path) -> Path:
    with zipfile.ZipFile(path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("exercise1.py", SOURCE)
    return path / "a.zip"


def cut_zip(path: Path) -> Path:
    archive = make_zip(path / "a.zip", ("exercise1.py", SOURCE * 1000))
    archive.write_bytes(archive.read_bytes()[:-30])
    return archive


def cut_tar(path: Path) -> Path:
    archive = make_tar(path / "a.tar", "w", (info("x"), b"1" * 512), (info("exercise1.py"), SOURCE))
    archive.write_bytes(archive.read_bytes()[:1024])
    return archive


def cut_gzip(path: Path) -> Path:
    archive = make_tar(path / "a.tar.gz", "w:gz", (info("exercise1.py"), SOURCE))
    archive.write_bytes(archive.read_bytes()[:-20])
    return archive


def altered(path: Path) -> Path:
    archive = make_zip(path / "a.zip", ("exercise1.py", SOURCE))
    checksum = zlib.crc32(SOURCE).to_bytes(4, "little")
    archive.write_bytes(archive.read_bytes().replace(checksum, bytes(4)))
    return archive


def no_archive(path: Path) -> Path:
    (path / "a.zip").write_bytes(b"a text that somebody renamed")
    return path / "a.zip"


def empty(path: Path) -> Path:
    (path / "a.tar.gz").write_bytes(b"")
    return path / "a.tar.gz"


def crowded(path: Path) -> Path:
    return make_zip(path / "a.zip", *((f"exercise1 ({n}).py", SOURCE) for n in range(30)))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (outside, "outside of itself"),
        (outside_in_windows, "outside of itself"),
        (absolute, "outside of itself"),
        (link_in_tar, "a link or a device"),
        (hard_link_in_tar, "a link or a device"),
        (device_in_tar, "a link or a device"),
        (link_in_zip, "a link or a device"),
        (encrypted, "is encrypted"),
        (unusual, "unusual way"),
        (cut_zip, "damaged, cut off"),
        (cut_tar, "damaged, cut off"),
        (cut_gzip, "damaged, cut off"),
        (altered, "damaged, cut off"),
        (no_archive, "damaged, cut off, or no such archive"),
        (empty, "damaged, cut off, or no such archive"),
        (crowded, "more than 20 files named like an exercise"),
    ],
)
def test_refuses_a_hostile_archive_with_the_reason(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    path = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=reason) as refusal:
        read_exercises(path, EXERCISES)
    assert "\n" not in str(refusal.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_reads_no_more_of_a_bomb_than_a_submission_may_have(tmp_path: Path) -> None:
    bomb = make_zip(tmp_path / "a.zip", ("exercise1.py", bytes(64 << 20)))
    (file,) = read_exercises(bomb, EXERCISES)
    assert len(file.data) == MAX_SOURCE_BYTES + 1


@pytest.mark.slow
@pytest.mark.parametrize(("name", "opened"), [("a.tar.gz", gzip.open), ("a.tar.bz2", bz2.open)])
def test_stops_unpacking_a_tar_without_end(
    tmp_path: Path, name: str, opened: Callable[..., io.BufferedIOBase]
) -> None:
    filler = tarfile.TarInfo("filler")
    filler.size = 1 << 40
    with opened(tmp_path / name, "wb", compresslevel=1) as file:
        file.write(filler.tobuf())
        for _ in range(80):
            file.write(bytes(8 << 20))
    with pytest.raises(UsageError, match=r"more than 512 MiB|more time or memory"):
        read_exercises(tmp_path / name, EXERCISES)


def test_gives_up_on_an_archive_that_takes_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_zip(tmp_path / "a.zip", ("exercise1.py", SOURCE))
    monkeypatch.setattr(archives, "PATIENCE_SECONDS", 0.001)
    with pytest.raises(UsageError, match=r"a\.zip takes more time or memory"):
        read_exercises(path, EXERCISES)


def test_lets_no_name_steer_the_terminal(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a\x1b[2J.zip", ("../\x1b]0;hi\x07/exercise1.py", SOURCE))
    with pytest.raises(UsageError) as refusal:
        read_exercises(path, EXERCISES)
    assert str(refusal.value).isprintable()
