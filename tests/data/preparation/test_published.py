"""MNIST and CIFAR-10: fetched from a server, or copied by hand, and kept."""

import errno
import gzip
import pickle
import shutil
from pathlib import Path

import pytest
import torch

from cnn_tui.data.catalogue import DATA_SETS, parse
from cnn_tui.data.dataset import Prepared
from cnn_tui.data.preparation import prepare, published
from cnn_tui.data.preparation.published import MIRROR_VARIABLE
from cnn_tui.data.records import DataInfo, PreparationStep, Remark
from cnn_tui.errors import LabFault, UsageError
from tests.data.archives import (
    TEST,
    TRAIN,
    cifar_archive,
    cifar_members,
    expect_cifar10,
    expect_mnist,
    mnist_files,
    put,
)
from tests.data.file_server import FileServer
from tests.subprocesses import run_python

NOWHERE = "http://127.0.0.1:9"
ARCHIVE = "cifar-10-python.tar.gz"
FIRST = "train-images-idx3-ubyte.gz"


def get(name: str, data_dir: Path, **options: object) -> Prepared:
    return prepare.prepare(parse(name), data_dir, **{"download": True, **options})


@pytest.fixture
def mnist(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Small MNIST files, offered by the server under /mnist/."""
    files = mnist_files()
    expect_mnist(monkeypatch, files, server.url)
    server.files |= {f"/mnist/{name}": content for name, content in files.items()}
    return files


@pytest.fixture
def cifar10(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A small CIFAR-10 archive, offered by the server under /cifar10/."""
    members = cifar_members()
    archive = cifar_archive(members)
    expect_cifar10(monkeypatch, members, archive, f"{server.url}/cifar10/{ARCHIVE}")
    server.files[f"/cifar10/{ARCHIVE}"] = archive
    return archive


@pytest.mark.parametrize(
    "info", [info for info in DATA_SETS if info.torchvision], ids=lambda info: info.name
)
def test_knows_the_files_and_classes_that_torchvision_declares(info: DataInfo) -> None:
    from torchvision import datasets

    declared = getattr(datasets, info.torchvision)
    originals = list(published._originals(info))
    assert tuple(original.name for original in originals) == info.files
    assert all(url.endswith(original.name) for original in originals for url in original.urls)
    assert info.classes is not None
    assert len(info.classes) == 10
    if info.name == "fashion-mnist":
        assert [each.casefold() for each in declared.classes] == [
            each.casefold() for each in info.classes
        ]


def test_fetches_mnist_and_keeps_its_images_with_their_labels(
    mnist: dict[str, bytes], tmp_path: Path
) -> None:
    data = get("MNIST", tmp_path)
    assert data.train.images.shape == (TRAIN, 1, 28, 28)
    assert data.test.images.shape == (TEST, 1, 28, 28)
    assert data.train.labels.bincount().tolist() == [4] * 10
    assert data.test.labels.tolist() == list(range(10))
    raw = gzip.decompress(mnist["t10k-images-idx3-ubyte.gz"])[16:]
    assert data.test.images.numpy().tobytes() == raw
    assert 0.4 < data.mean[0] < 0.6
    assert not (tmp_path / "mnist" / ".unpacked").exists()


def test_fetches_cifar10_and_writes_nothing_where_its_archive_says(
    cifar10: bytes, tmp_path: Path
) -> None:
    data = get("cifar-10", tmp_path / "a" / "b")
    assert data.train.images.shape == (TRAIN, 3, 32, 32)
    assert data.classes[3] == "cat"
    batch = pickle.loads(cifar_members()["test_batch"])["data"]
    assert torch.equal(data.test.images, torch.from_numpy(batch).view(-1, 3, 32, 32))
    assert len(data.mean) == len(data.std) == 3
    left = sorted(path.name for path in tmp_path.rglob("*"))
    lock, cache = ".cifar10.safetensors.lock", "cifar10.safetensors"
    assert left == [lock, "a", "b", ARCHIVE, "cifar10", cache]
    assert not Path("/tmp/cnn-lab-test-escaped").exists()


@pytest.mark.slow
def test_needs_neither_torchvision_nor_the_files_afterwards(
    cifar10: bytes, server: FileServer, tmp_path: Path
) -> None:
    first = get("cifar10", tmp_path)
    shutil.rmtree(tmp_path / "cifar10")
    asked = len(server.requests)
    code = (
        "import sys\nfrom pathlib import Path\nfrom cnn_tui.data.preparation import prepare\n"
        "from cnn_tui.data.catalogue import parse\n"
        f"data = prepare.load(parse('cifar10'), Path({str(tmp_path)!r}))\n"
        "print(len(data.train), int(data.test.images.long().sum()), 'torchvision' in sys.modules)"
    )
    total = int(first.test.images.long().sum())
    assert run_python(code).stdout.split() == [str(TRAIN - 4), str(total), "False"]
    assert len(server.requests) == asked


def test_goes_on_with_a_download_that_was_cut(
    cifar10: bytes, server: FileServer, tmp_path: Path
) -> None:
    put(tmp_path / "cifar10", {f"{ARCHIVE}.part": cifar10[:5000]})
    get("cifar10", tmp_path)
    assert server.requests == [(f"/cifar10/{ARCHIVE}", "bytes=5000-")]


def test_asks_the_second_mirror(
    mnist: dict[str, bytes], server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_mnist(monkeypatch, mnist, NOWHERE, server.url)
    assert len(get("mnist", tmp_path).test) == TEST


def test_asks_the_mirror_that_the_environment_names_and_no_other(
    mnist: dict[str, bytes], server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_mnist(monkeypatch, mnist, NOWHERE)
    monkeypatch.setenv(MIRROR_VARIABLE, f"{server.url}/")
    get("mnist", tmp_path)
    assert {path for path, _ in server.requests} == set(server.files)
    monkeypatch.setenv(MIRROR_VARIABLE, "teacher")
    with pytest.raises(UsageError, match="CNN_LAB_MIRROR=teacher is no address"):
        get("mnist", tmp_path / "other")


def test_uses_files_that_were_copied_by_hand(
    mnist: dict[str, bytes], server: FileServer, tmp_path: Path
) -> None:
    put(tmp_path / "mnist", mnist)
    assert len(get("mnist", tmp_path, download=False).test) == TEST
    assert server.requests == []


def test_without_network_says_what_to_run_and_what_to_copy_where(
    mnist: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_mnist(monkeypatch, mnist, NOWHERE)
    put(tmp_path / "mnist", {FIRST: mnist[FIRST]})
    with pytest.raises(UsageError) as caught:
        get("mnist", tmp_path)
    assert str(caught.value) == (
        f"mnist is not in {tmp_path / 'mnist'} and could not be downloaded (127.0.0.1:9: "
        "Connection refused). Use the data set digits, or copy train-labels-idx1-ubyte.gz, "
        "t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz there."
    )


def test_a_copied_file_of_the_wrong_checksum_is_fetched_anew(
    cifar10: bytes, tmp_path: Path
) -> None:
    put(tmp_path / "cifar10", {ARCHIVE: cifar10[:-7]})
    with pytest.raises(UsageError, match="is damaged: download it again"):
        get("cifar10", tmp_path, download=False)
    told: list[PreparationStep | Remark] = []
    get("cifar10", tmp_path, progress=told.append)
    assert [each.message for each in told if isinstance(each, Remark)] == [
        f"{tmp_path / 'cifar10' / ARCHIVE} has the wrong checksum, and is downloaded again."
    ]
    assert (tmp_path / "cifar10" / ARCHIVE).read_bytes() == cifar10


def test_a_copied_file_of_the_wrong_checksum_is_named_without_network(
    cifar10: bytes, server: FileServer, tmp_path: Path
) -> None:
    put(tmp_path / "cifar10", {ARCHIVE: b"half a file"})
    server.files.clear()
    with pytest.raises(
        UsageError, match=rf"{ARCHIVE} has the wrong checksum in .*404 .* copy {ARCHIVE}"
    ):
        get("cifar10", tmp_path)
    assert (tmp_path / "cifar10" / ARCHIVE).read_bytes() == b"half a file"


def test_a_server_with_another_file_makes_no_data_set(
    cifar10: bytes, server: FileServer, tmp_path: Path
) -> None:
    server.files[f"/cifar10/{ARCHIVE}"] = b"<html>Please log in</html>"
    with pytest.raises(UsageError, match="wrong checksum"):
        get("cifar10", tmp_path)
    assert list((tmp_path / "cifar10").iterdir()) == []


def test_downloads_nothing_unless_it_is_told_to(
    cifar10: bytes, server: FileServer, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="cifar10 is not in"):
        get("cifar10", tmp_path / "absent", download=False)
    assert server.requests == []
    assert not (tmp_path / "absent").exists()


def test_an_archive_that_lacks_a_batch_is_a_fault_with_a_way_out(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = cifar_members()
    archive = cifar_archive({name: members[name] for name in members if name != "data_batch_3"})
    expect_cifar10(monkeypatch, members, archive, f"{server.url}/{ARCHIVE}")
    server.files[f"/{ARCHIVE}"] = archive
    with pytest.raises(LabFault, match="remove that folder and prepare cifar10 again"):
        get("cifar10", tmp_path)
    assert not (tmp_path / "cifar10" / ".unpacked").exists()


def test_a_truncated_gzip_with_the_right_checksum_is_a_fault(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = mnist_files()
    files[FIRST] = files[FIRST][:-100]
    expect_mnist(monkeypatch, files, server.url)
    put(tmp_path / "mnist", files)
    with pytest.raises(LabFault, match="EOFError"):
        get("mnist", tmp_path)


def test_stops_between_chunks_when_asked_and_goes_on_later(cifar10: bytes, tmp_path: Path) -> None:
    def stop(what: PreparationStep | Remark) -> None:
        if isinstance(what, PreparationStep) and what.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get("cifar10", tmp_path, progress=stop)
    assert (tmp_path / "cifar10" / f"{ARCHIVE}.part").stat().st_size > 0
    assert len(get("cifar10", tmp_path).test) == TEST


def test_a_disk_that_fills_up_while_downloading_is_said_and_forgiven(
    cifar10: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def full(path: Path, *arguments: object, **options: object) -> object:
        if path.suffix == ".part" and arguments:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(UsageError, match=r"disk that holds .* is full, .* name another folder"):
            get("cifar10", tmp_path)
    assert len(get("cifar10", tmp_path).test) == TEST


def test_what_a_killed_process_left_behind_does_no_harm(cifar10: bytes, tmp_path: Path) -> None:
    put(tmp_path / "cifar10" / ".unpacked" / "cifar-10-batches-py", {"data_batch_1": b"half"})
    put(tmp_path, {".cifar10.safetensors.4242.tmp": b"half", ".cifar10.safetensors.lock": b""})
    get("cifar10", tmp_path)
    assert not (tmp_path / ".cifar10.safetensors.4242.tmp").exists()
    assert not (tmp_path / "cifar10" / ".unpacked").exists()
