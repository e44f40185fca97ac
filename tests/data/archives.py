"""Small files in the formats of MNIST and CIFAR-10, which torchvision is told to expect."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

TRAIN, TEST = 40, 10
CIFAR_BATCHES = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def mnist_files(seed: int = 0) -> dict[str, bytes]:
    """The four files of an MNIST of 40 + 10 noise images, every class alike."""
    files = {}
    for part, count in (("train", TRAIN), ("t10k", TEST)):
        pixels = np.random.RandomState(seed).randint(0, 256, (count, 28, 28), dtype=np.uint8)
        images = struct.pack(">IIII", 0x803, count, 28, 28) + pixels.tobytes()
        labels = struct.pack(">II", 0x801, count) + bytes(n % 10 for n in range(count))
        files[f"{part}-images-idx3-ubyte.gz"] = gzip.compress(images, mtime=0)
        files[f"{part}-labels-idx1-ubyte.gz"] = gzip.compress(labels, mtime=0)
    return files


def cifar_members(seed: int = 0) -> dict[str, bytes]:
    """The batches of a CIFAR-10 of 40 + 10 noise images, and its names, as they are unpacked."""
    random = np.random.RandomState(seed)
    members = {}
    for name in CIFAR_BATCHES:
        count = TEST if name == "test_batch" else TRAIN // 5
        pixels = random.randint(0, 256, (count, 3 * 32 * 32), dtype=np.uint8)
        members[name] = pickle.dumps({"data": pixels, "labels": [n % 10 for n in range(count)]})
    members["batches.meta"] = pickle.dumps({"label_names": [f"class {n}" for n in range(10)]})
    return members


def cifar_archive(members: Mapping[str, bytes]) -> bytes:
    """``members`` as cifar-10-python.tar.gz holds them, and some that mean harm."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in {
            **{f"cifar-10-batches-py/{name}": each for name, each in members.items()},
            "../../escaped": b"out",
            "/tmp/cnn-lab-test-escaped": b"out",
        }.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("cifar-10-batches-py/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return packed.getvalue()


def expect_mnist(patch: pytest.MonkeyPatch, files: Mapping[str, bytes], *mirrors: str) -> None:
    """Let torchvision declare the checksums of ``files``, and these mirrors."""
    from torchvision.datasets import MNIST

    patch.setattr(MNIST, "mirrors", [f"{mirror}/mnist/" for mirror in mirrors])
    patch.setattr(MNIST, "resources", [(name, md5(content)) for name, content in files.items()])


def expect_cifar10(
    patch: pytest.MonkeyPatch, members: Mapping[str, bytes], archive: bytes, url: str
) -> None:
    """Let torchvision declare the checksums of this archive and its members, and this address."""
    from torchvision.datasets import CIFAR10

    listed = [[name, md5(members[name])] for name in CIFAR_BATCHES]
    patch.setattr(CIFAR10, "url", url)
    patch.setattr(CIFAR10, "tgz_md5", md5(archive))
    patch.setattr(CIFAR10, "train_list", listed[:5])
    patch.setattr(CIFAR10, "test_list", listed[5:])
    patch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": md5(members["batches.meta"])})


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
