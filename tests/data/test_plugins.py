"""A data set of another installed package is one of the lab's, once it is installed."""

import json
from pathlib import Path

import pytest

from tests.installed_plugins import install
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


def lab(tmp_path: Path, *words: str):
    return cnn_lab(*words, "--data-dir", str(tmp_path / "data"), PYTHONPATH=tmp_path)


def test_is_listed_and_prepared_once(tmp_path: Path) -> None:
    install_data(tmp_path)
    listed = {each["name"]: each for each in json.loads(lab(tmp_path, "data", "--json").stdout)}
    assert (listed["stripes"]["title"], listed["stripes"]["prepared"]) == ("Stripes", False)
    for _ in range(2):
        done = lab(tmp_path, "data", "prepare", "stripes", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["train_images"] == 80
    assert (tmp_path / "data" / "stripes" / "loaded").read_text() == "x"


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
    tmp_path: Path, function: str, reason: str
) -> None:
    install_data(tmp_path, function=function)
    done = lab(tmp_path, "data", "prepare", "stripes")
    assert done.returncode == 3
    assert reason in done.stderr
    assert f"stripes cannot be loaded by lab_stripes.load:{function}" in done.stderr


def test_never_takes_the_name_of_a_data_set_of_the_lab(tmp_path: Path) -> None:
    install_data(tmp_path, name="CIFAR_10")
    titles = [each["title"] for each in json.loads(lab(tmp_path, "data", "--json").stdout)]
    assert "Stripes" not in titles


@pytest.mark.slow
def test_is_trained_on_without_a_change_that_its_labels_do_not_stand(tmp_path: Path) -> None:
    install_data(tmp_path)
    words = ("train", "lenet5", "--data", "stripes", "--epochs", "2", "--device", "cpu", "--json")
    (tmp_path / "workspace" / "exercises").mkdir(parents=True)
    done = lab(tmp_path, *words, "--workspace", str(tmp_path / "workspace"))
    assert done.returncode == 0, done.stderr
    (config,) = (tmp_path / "workspace" / "runs").glob("*/config.json")
    assert json.loads(config.read_text())["config"]["augment"] == "none"
