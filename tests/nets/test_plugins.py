"""A network of another installed package is one of the lab's, once it is installed."""

import json
from pathlib import Path

import pytest

from tests.installed_plugins import install
from tests.subprocesses import cnn_lab

RECORD = """
from cnn_tui.nets.records import NetInfo
from cnn_tui.options import Option

NET = NetInfo(
    name={name!r},
    title="TinyNet",
    year=2026,
    authors="a test",
    paper="none",
    family="Tiny",
    idea="One convolution, then the mean.",
    changed="Nothing.",
    use_when="testing",
    in_channels=3,
    image_size=32,
    min_image_size=3,
    small_image_size=8,
    num_classes=10,
    parameters=274,
    macs=27_730,
    build={build!r},
    options=(Option("width", "int", 4, "channels of the convolution", 1, 64),),
    has_batch_norm=True,
)
"""
NETWORK = """
from torch import nn


class TinyNet(nn.Sequential):
    def __init__(self, *, num_classes, in_channels, image_size, width=4):
        super().__init__(
            nn.Conv2d(in_channels, width, 3),
            nn.BatchNorm2d(width),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(width, num_classes),
        )
"""


def install_net(folder: Path, name: str = "tinynet", build: str = "lab_tiny.net:TinyNet") -> None:
    files = {
        "lab_tiny/__init__.py": RECORD.format(name=name, build=build),
        "lab_tiny/net.py": NETWORK,
    }
    install(folder, "lab-tiny", "cnn_lab.nets", "lab_tiny:NET", files)


def test_is_listed_described_and_summarized(tmp_path: Path) -> None:
    install_net(tmp_path)
    listed = json.loads(cnn_lab("nets", "--json", PYTHONPATH=tmp_path).stdout)
    assert listed[-1]["name"] == "tinynet"
    shown = cnn_lab("summary", "TinyNet,width=8", "--json", PYTHONPATH=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["net"] == "tinynet,width=8"
    assert json.loads(shown.stdout)["total_parameters"] == 8 * 28 + 16 + 90


@pytest.mark.slow
def test_is_trained_and_evaluated(tmp_path: Path) -> None:
    install_net(tmp_path / "packages")
    (tmp_path / "exercises").mkdir()
    words = ("train", "tinynet", "--epochs", "1", "--train-images", "100", "--device", "cpu")
    done = cnn_lab(*words, "--json", cwd=tmp_path, PYTHONPATH=tmp_path / "packages")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["net"] == "tinynet"
    judged = cnn_lab("evaluate", "last", "--json", cwd=tmp_path, PYTHONPATH=tmp_path / "packages")
    assert json.loads(judged.stdout)["net"] == "tinynet"


def test_never_takes_the_name_of_a_network_of_the_lab(tmp_path: Path) -> None:
    install_net(tmp_path, name="LeNet-5")
    listed = json.loads(cnn_lab("nets", "--json", PYTHONPATH=tmp_path).stdout)
    assert [net["title"] for net in listed if net["name"].casefold().startswith("lenet")] == [
        "LeNet-5"
    ]


def test_says_what_is_missing_where_its_class_cannot_be_imported(tmp_path: Path) -> None:
    install_net(tmp_path, build="lab_tiny.nothing:TinyNet")
    shown = cnn_lab("summary", "tinynet", PYTHONPATH=tmp_path)
    assert shown.returncode == 3
    assert "TinyNet cannot be built: lab_tiny.nothing:TinyNet cannot be imported" in shown.stderr
    assert len(shown.stderr.splitlines()) == 1
