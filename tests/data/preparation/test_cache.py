"""What is kept of a data set, whatever happens to the disk and to other processes."""

import errno
import os
import resource
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cnn_tui.data.dataset import Prepared, Split
from cnn_tui.data.preparation import folder as pictures
from cnn_tui.data.preparation.cache import kept
from cnn_tui.data.records import PreparationStep, Remark
from cnn_tui.errors import UsageError
from cnn_tui.processes import alone
from tests.data.conftest import MakeTree

DATA = Prepared(
    classes=("cat", "dog"),
    train=Split(torch.arange(256, dtype=torch.uint8).view(4, 1, 8, 8), torch.tensor([0, 1, 0, 1])),
    test=Split(torch.zeros(2, 1, 8, 8, dtype=torch.uint8), torch.tensor([0, 1])),
    mean=(0.5,),
    std=(0.25,),
)
STATUS = Path("/proc/self/status")


class Maker:
    """Makes DATA, and counts how often; what it was told lies in ``told``."""

    def __init__(self, data: Prepared = DATA) -> None:
        self.data = data
        self.made = 0
        self.told: list[PreparationStep | Remark] = []

    def __call__(self) -> Prepared:
        self.made += 1
        return self.data

    def get(self, cache: Path, fingerprint: str = "f") -> Prepared:
        return kept(cache, "pets", fingerprint, self, self.told.append)


def cache_of(folder: Path) -> Path:
    return folder / "pets.safetensors"


def test_makes_a_data_set_once(tmp_path: Path) -> None:
    maker = Maker()
    maker.get(cache_of(tmp_path))
    found = maker.get(cache_of(tmp_path))
    assert maker.made == 1
    assert torch.equal(found.train.images, DATA.train.images)
    assert (found.classes, found.mean, found.std) == (DATA.classes, DATA.mean, DATA.std)
    assert maker.told == []


def test_a_cache_can_be_read_by_whoever_may_read_the_folder(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        Maker().get(cache_of(tmp_path))
    finally:
        os.umask(before)
    assert cache_of(tmp_path).stat().st_mode & 0o777 == 0o640


def test_makes_it_anew_where_its_files_have_changed(tmp_path: Path) -> None:
    maker = Maker()
    maker.get(cache_of(tmp_path), "before")
    maker.get(cache_of(tmp_path), "after")
    assert maker.made == 2
    assert maker.told == []


@pytest.mark.parametrize("keep", [0, 7, 100, -1])
def test_makes_a_damaged_cache_anew_and_says_so(tmp_path: Path, keep: int) -> None:
    maker, cache = Maker(), cache_of(tmp_path)
    maker.get(cache)
    cache.write_bytes(cache.read_bytes()[:keep])
    maker.get(cache)
    assert maker.told == [Remark(f"The cache {cache} was damaged, and is made again.")]
    maker.get(cache)
    assert maker.made == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"train": Split(DATA.train.images, torch.tensor([0, 1, 0, 7]))},
        {"train": Split(DATA.train.images, torch.tensor([0, 1, 0]))},
        {"test": Split(DATA.test.images.float(), DATA.test.labels)},
        {"mean": (0.5, 0.5)},
    ],
    ids=["label", "count", "type", "channels"],
)
def test_does_not_believe_a_cache_that_contradicts_itself(tmp_path: Path, wrong) -> None:
    Maker(replace(DATA, **wrong)).get(cache_of(tmp_path))
    maker = Maker()
    maker.get(cache_of(tmp_path))
    assert maker.made == 1
    assert len(maker.told) == 1


def test_reads_where_it_may_not_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = cache_of(tmp_path)
    Maker().get(cache)
    before = sorted(tmp_path.iterdir())

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(Path, "mkdir", refuse)
    assert len(Maker().get(cache).train) == 4
    assert sorted(tmp_path.iterdir()) == before


def test_says_that_a_cache_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Maker().get(cache_of(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match=r"You may not read .*pets\.safetensors"):
        Maker().get(cache_of(tmp_path))


def test_says_that_nothing_can_be_kept_before_any_work_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    maker = Maker()
    with pytest.raises(UsageError, match=r"cannot be kept in .* \(Read-only file system\)"):
        maker.get(cache_of(tmp_path))
    assert maker.made == 0


def test_says_that_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    maker = Maker()
    for folder in (tmp_path / "data", tmp_path / "data" / "below"):
        with pytest.raises(UsageError, match=r"\(.*/data is a file\): name a folder"):
            maker.get(cache_of(folder))
    assert maker.made == 0


def test_a_full_disk_leaves_no_half_cache(tmp_path: Path) -> None:
    images = torch.zeros(20_000, 1, 8, 8, dtype=torch.uint8)
    maker = Maker(replace(DATA, train=Split(images, torch.zeros(20_000, dtype=torch.int64))))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, before[1]))
    try:
        with pytest.raises(UsageError, match=r"disk that holds .* is full"):
            maker.get(cache_of(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == [".pets.safetensors.lock"]
    maker.get(cache_of(tmp_path))
    assert maker.made == 2


def test_whoever_comes_second_waits_for_the_first_and_makes_nothing(tmp_path: Path) -> None:
    first, second = Maker(), Maker()
    begun, go_on = threading.Event(), threading.Event()

    def make_slowly() -> Prepared:
        begun.set()
        assert go_on.wait(10)
        return first()

    def waits(what: PreparationStep | Remark) -> None:
        second.told.append(what)
        go_on.set()

    # Each opens the lock anew, which sets threads apart as it does processes.
    slow = threading.Thread(
        target=kept, args=(cache_of(tmp_path), "pets", "f", make_slowly, first.told.append)
    )
    slow.start()
    assert begun.wait(10)
    found = kept(cache_of(tmp_path), "pets", "f", second, waits)
    slow.join()
    assert torch.equal(found.train.images, DATA.train.images)
    assert (first.made, second.made) == (1, 0)
    assert set(second.told) == {PreparationStep("waiting for another process")}


def test_waiting_can_be_stopped(tmp_path: Path) -> None:
    def stop(_: PreparationStep | Remark) -> None:
        raise KeyboardInterrupt

    with (
        alone(tmp_path / ".pets.safetensors.lock", lambda: None),
        pytest.raises(KeyboardInterrupt),
    ):
        kept(cache_of(tmp_path), "pets", "f", Maker(), stop)


def test_a_process_that_was_killed_holds_up_nobody(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from cnn_tui.processes import alone
folder = Path({str(tmp_path)!r})
with alone(folder / ".pets.safetensors.lock", lambda: None):
    (folder / ".pets.safetensors.1.tmp").write_bytes(b"half a cache")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    maker = Maker()
    maker.get(cache_of(tmp_path))
    assert (maker.made, maker.told) == (1, [])
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc")
def test_a_cache_is_not_read_before_it_is_used(tmp_path: Path) -> None:
    images = torch.zeros(60_000, 1, 32, 32, dtype=torch.uint8)
    labels = torch.zeros(60_000, dtype=torch.int64)
    Maker(replace(DATA, train=Split(images, labels))).get(cache_of(tmp_path))
    before = resident()
    found = Maker().get(cache_of(tmp_path))
    assert len(found.train) == 60_000
    assert resident() - before < 20_000
    assert int(found.train.images.max()) == 0
    assert resident() - before > 50_000


def resident() -> int:
    """KiB of memory that this process really occupies."""
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_a_read_only_folder_says_at_which_size_it_has_the_images(
    make_tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, shared = make_tree(), tmp_path / "shared"
    pictures.load(root, shared)
    (side,) = pictures.load(root, shared).train.images.shape[2:3]

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    assert len(pictures.load(root, shared).train)
    with pytest.raises(UsageError) as error:
        pictures.load(root, shared, image_size=side // 2)
    assert f"{shared} has these images prepared at {side}×{side} pixels only" in str(error.value)
    assert "a folder of your own for data sets, or set CNN_LAB_DATA" in str(error.value)
    assert error.value.fields == ("data_dir", "image_size")
    monkeypatch.undo()
    assert pictures.load(root, tmp_path / "own", image_size=side // 2).train.images.shape[2] < side
