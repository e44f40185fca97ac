"""Preparing a folder asks for memory and disk first, makes one copy, and can be interrupted."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from cnn_tui.data.catalogue import data_info, parse
from cnn_tui.data.preparation import decode, folder, prepare, room
from cnn_tui.data.preparation.decode import PixelFormat, put_in_order
from cnn_tui.data.preparation.published import MIRROR_VARIABLE
from cnn_tui.data.records import PreparationStep, Remark
from cnn_tui.data.tensorfile import write_large
from cnn_tui.errors import ExitCode, UsageError
from tests.data.conftest import MakeTree
from tests.data.file_server import FileServer

FORM = PixelFormat(100, 3)
MIB = 2**20
ENDS_WITHIN = 20.0
"""Seconds after Ctrl+C."""


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up system with 1 GiB of free memory, in a container within another one."""
    (tmp_path / "meminfo").write_text("MemTotal: 4194304 kB\nMemAvailable:    1048576 kB\n")
    (tmp_path / "cgroup").write_text("0::/outer/inner\n")
    (tmp_path / "groups" / "outer" / "inner").mkdir(parents=True)
    monkeypatch.setattr(room, "MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(room, "OWN_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(room, "GROUPS", tmp_path / "groups")
    return tmp_path


def limit(group: Path, most: str, used: int, cached: int = 0) -> None:
    (group / "memory.max").write_text(f"{most}\n")
    (group / "memory.current").write_text(f"{used}\n")
    (group / "memory.stat").write_text(f"anon 1\ninactive_file {cached}\n")


def test_memory_is_that_of_the_machine_where_no_container_limits_it(system: Path) -> None:
    limit(system / "groups" / "outer", "max", 5 * MIB)
    assert room.room_in(system).memory == 1024 * MIB


def test_a_container_leaves_what_its_limit_and_its_files_leave(system: Path) -> None:
    limit(system / "groups" / "outer" / "inner", "max", 5 * MIB)
    limit(system / "groups" / "outer", str(300 * MIB), 250 * MIB, cached=50 * MIB)
    assert room.room_in(system).memory == 100 * MIB


def test_what_does_not_fit_in_memory_is_refused_with_a_side_that_does(system: Path) -> None:
    room.refuse_no_room("/pets", 30_000, FORM, system)
    with pytest.raises(UsageError, match=r"needs .* GiB of memory .* 1\.0 GiB are free") as caught:
        room.refuse_no_room("/pets", 50_000, FORM, system)
    assert caught.value.fields == ("image_size",)
    side = int(str(caught.value).split("at a side of ")[1].split()[0])
    room.refuse_no_room("/pets", 50_000, PixelFormat(side, 3), system)
    with pytest.raises(UsageError):
        room.refuse_no_room("/pets", 50_000, PixelFormat(side + 2, 3), system)


def test_what_does_not_fit_on_the_disk_is_refused(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(system)._replace(free=100 * MIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(UsageError, match="100 MiB are free there: name a folder on another disk"):
        room.refuse_no_room("/pets", 10_000, FORM, system / "not" / "there")


def test_a_folder_is_refused_before_it_is_decoded(
    make_tree: MakeTree, tmp_path: Path, system: Path
) -> None:
    (system / "meminfo").write_text("MemAvailable: 8 kB\n")
    read: list[PreparationStep | Remark] = []
    root = make_tree()
    with pytest.raises(UsageError, match="of memory while it is prepared"):
        folder.load(root, tmp_path / "cache", progress=read.append)
    assert not read
    assert not list((tmp_path / "cache").glob("*.safetensors"))


def test_a_published_set_is_refused_before_anything_is_fetched(
    server: FileServer, tmp_path: Path, system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, server.url)
    spec, cache = parse("cifar10"), tmp_path / "cache"
    (system / "meminfo").write_text("MemAvailable: 102400 kB\n")
    memory = r"cifar10 needs 554 MiB of memory .*60,000 images of 3×32×32.* 100 MiB are free: end"
    with pytest.raises(UsageError, match=memory) as caught:
        prepare.prepare(spec, cache, download=True)
    assert caught.value.fields == ("data",)
    (system / "meminfo").write_text("MemAvailable: 1048576 kB\n")
    usage = shutil.disk_usage(system)._replace(free=400 * MIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    disk = r"cifar10 needs 532 MiB in .*163 MiB of it to download\), and 400 MiB are free there: "
    with pytest.raises(UsageError, match=disk) as caught:
        prepare.prepare(spec, cache, download=True)
    assert caught.value.fields == ("data_dir",)
    assert not server.requests
    room.refuse_no_room_for(data_info(spec), cache)  # files that are here are no download


def test_an_interrupted_preparation_leaves_nothing_and_can_be_repeated(
    make_tree: MakeTree, tmp_path: Path
) -> None:
    root, cache = make_tree(), tmp_path / "cache"

    def interrupt(what: PreparationStep | Remark) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.load(root, cache, progress=interrupt)
    assert [each.name for each in cache.iterdir() if not each.name.endswith(".lock")] == []
    assert len(folder.load(root, cache).train) == 16


def test_images_are_put_in_order_where_they_are() -> None:
    random = np.random.RandomState(0)
    for count in (1, 2, 7, 50):
        images = random.randint(0, 255, (count, 1, 2, 2)).astype(np.uint8)
        order = random.permutation(count)[: max(1, count - 3)]
        before = images.copy()
        put_in_order(images, order)
        assert (images[: len(order)] == before[order]).all()
        assert sorted(map(bytes, images)) == sorted(map(bytes, before))


def test_a_large_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    tensors = {
        "images": torch.arange(3 * 700, dtype=torch.int64).to(torch.uint8).reshape(700, 3),
        "labels": torch.arange(700),
        "none": torch.empty(0, 3, dtype=torch.uint8),
    }
    write_large(tmp_path / "file.safetensors", tensors, {"name": "änderung"})
    found = load_file(tmp_path / "file.safetensors")
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)


MEASURE = """
import sys
from pathlib import Path
import torch
from cnn_tui.bench.peak import forget_peak, peak_bytes
from cnn_tui.data.catalogue import parse
from cnn_tui.data.preparation.prepare import prepare
spec = parse(f"folder:{sys.argv[1]}")
prepare(parse(f"folder:{sys.argv[2]}"), Path(sys.argv[3]))
forget_peak()
before = peak_bytes()
found = prepare(spec, Path(sys.argv[3]))
print((peak_bytes() - before) / sum(each.images.numel() for each in (found.train, found.test)))
"""


@pytest.mark.slow
def test_preparing_holds_the_pixels_once(make_tree: MakeTree, tmp_path: Path) -> None:
    large, small = make_tree("large", count=250, size=(224, 224)), make_tree("small")
    words = [sys.executable, "-c", MEASURE, *map(str, (large, small, tmp_path / "cache"))]
    # What the lab needs, not which freed blocks the allocator happens to keep.
    frees_at_once = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=frees_at_once)
    assert float(done.stdout) < 1.6


@pytest.mark.slow
def test_ctrl_c_ends_preparing_with_one_sentence_and_no_leftovers(
    make_tree: MakeTree, tmp_path: Path
) -> None:
    root, cache = make_tree(count=1100, size=(224, 224), suffix=".bmp"), tmp_path / "cache"
    assert decode.FEWEST_FOR_POOL <= 2 * 1100
    words = ["-m", "cnn_tui", "data", "prepare", f"folder:{root}", "--data-dir", str(cache)]
    with subprocess.Popen(
        [sys.executable, *words], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as preparing:
        assert preparing.stderr is not None
        first = preparing.stderr.readline()
        os.killpg(preparing.pid, signal.SIGINT)  # as a terminal does
        # What goes on all the same ends too, with another exit code.
        late = threading.Timer(ENDS_WITHIN, os.killpg, (preparing.pid, signal.SIGKILL))
        late.start()
        try:
            said = first + preparing.stderr.read()
            preparing.wait()
        finally:
            late.cancel()
    assert preparing.returncode == ExitCode.INTERRUPTED
    *steps, last = said.splitlines()
    assert last.startswith("Interrupted: the data set is not prepared")
    assert all(each.startswith("reading the data set") for each in steps)
    assert [each.name for each in cache.iterdir() if not each.name.endswith(".lock")] == []
