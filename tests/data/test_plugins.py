"""A data set of another installed package is one of the lab's, once it is installed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnn_tui import plugins
from cnn_tui.data.catalogue import all_data_sets, parse
from cnn_tui.data.inventory import inventory
from cnn_tui.data.preparation import prepare, room
from cnn_tui.errors import LabFault, UsageError
from tests.installed_plugins import install, installed
from tests.subprocesses import cnn_lab

RECORD = """
from cnn_tui.data.records import DataInfo

DATA = DataInfo(
    name={name!r},
    title="Stripes",
    classes=("lying", "standing"),
    in_channels=1,
    image_size=8,
    train_size=80,
    test_size=20,
    source="made by a test",
    load="lab_stripes.load:{function}",
    augment="none",
)
"""
LOAD = """
import torch


def part(count):
    labels = torch.arange(count) % 2
    lying = torch.zeros(8, 8, dtype=torch.uint8)
    lying[::2] = 255
    return torch.stack([lying.T if label else lying for label in labels]), labels


def stripes(folder):
    with (folder / "loaded").open("a") as file:
        file.write("x")
    return part(80), part(20)


def floats(folder):
    (images, labels), test = stripes(folder)
    return (images / 255, labels), test


def strange(folder):
    (images, labels), test = stripes(folder)
    return (images, labels + 7), test


def broken(folder):
    raise OSError("the server\\nis gone")
"""


def install_data(folder: Path, name: str = "stripes", function: str = "stripes") -> None:
    files = {
        "lab_stripes/__init__.py": RECORD.format(name=name, function=function),
        "lab_stripes/load.py": LOAD,
    }
    install(folder, "lab-stripes", "cnn_lab.data_sets", "lab_stripes:DATA", files)


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[Path]:
    """A folder of packages, in which Python looks."""
    with installed(tmp_path / "packages"):
        yield tmp_path / "packages"


def test_is_listed_and_prepared_once(packages: Path, tmp_path: Path) -> None:
    install_data(packages)
    data_dir = tmp_path / "data"
    listed = {each.name: each for each in inventory(data_dir)}
    assert (listed["stripes"].title, listed["stripes"].prepared) == ("Stripes", False)
    for _ in range(2):
        prepared = prepare.prepare(parse("Stripes"), data_dir)
        assert (len(prepared.train), len(prepared.test)) == (80, 20)
        assert prepared.classes == ("lying", "standing")
    assert (data_dir / "stripes" / "loaded").read_text() == "x"
    assert {each.name: each.prepared for each in inventory(data_dir)}["stripes"]


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("floats", "images must be uint8 of shape (N, C, H, W), not torch.float32"),
        ("strange", "labels must be from 0 to 1"),
        ("broken", "(OSError: the server is gone)"),
        ("missing", "has no attribute 'missing'"),
    ],
)
def test_says_whose_fault_it_is_where_it_cannot_be_loaded(
    packages: Path, tmp_path: Path, function: str, reason: str
) -> None:
    install_data(packages, function=function)
    with pytest.raises(LabFault) as error:
        prepare.prepare(parse("stripes"), tmp_path / "data")
    assert reason in str(error.value)
    assert f"stripes cannot be loaded by lab_stripes.load:{function}" in str(error.value)


def test_is_not_loaded_where_there_is_no_room(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_data(packages)
    monkeypatch.setattr(room, "room_in", lambda folder: room.Room(memory=10_000, disk=None))
    with pytest.raises(UsageError, match=r"stripes needs .* of memory while it is prepared"):
        prepare.prepare(parse("stripes"), tmp_path / "data")
    assert not (tmp_path / "data" / "stripes" / "loaded").exists()


def test_never_takes_the_name_of_a_data_set_of_the_lab(packages: Path) -> None:
    install_data(packages, name="CIFAR_10")
    assert "Stripes" not in [each.title for each in all_data_sets()]
    assert "there is another data set named CIFAR_10" in plugins.problems()[0]


@pytest.mark.slow
def test_is_trained_on_without_a_change_that_its_labels_do_not_stand(tmp_path: Path) -> None:
    install_data(tmp_path)
    words = ("train", "lenet5", "--data", "stripes", "--epochs", "2", "--device", "cpu", "--json")
    (tmp_path / "workspace" / "exercises").mkdir(parents=True)
    words = (*words, "--workspace", tmp_path / "workspace", "--data-dir", tmp_path / "data")
    done = cnn_lab(*words, PYTHONPATH=tmp_path)
    assert done.returncode == 0, done.stderr
    (config,) = (tmp_path / "workspace" / "runs").glob("*/config.json")
    assert json.loads(config.read_text())["config"]["augment"] == "none"
