"""A network of another installed package is one of the lab's, once it is installed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnn_tui import plugins
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.errors import LabFault
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import all_nets
from tests.installed_plugins import install, installed
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


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[Path]:
    """A folder of packages, in which Python looks."""
    with installed(tmp_path):
        yield tmp_path


def test_is_listed_described_and_summarized(packages: Path) -> None:
    install_net(packages)
    assert all_nets()[-1].name == "tinynet", plugins.problems()
    summary = summarize("TinyNet,width=8")
    assert summary.net == "tinynet,width=8"
    assert summary.total_parameters == 8 * 28 + 16 + 90


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


def test_never_takes_the_name_of_a_network_of_the_lab(packages: Path) -> None:
    install_net(packages, name="LeNet-5")
    assert [net.title for net in all_nets() if net.name.startswith(("lenet", "LeNet"))] == [
        "LeNet-5"
    ]
    assert "there is another network named LeNet-5" in plugins.problems()[0]


def test_says_what_is_missing_where_its_class_cannot_be_imported(packages: Path) -> None:
    install_net(packages, build="lab_tiny.nothing:TinyNet")
    with pytest.raises(LabFault, match=r"TinyNet cannot be built: lab_tiny\.nothing:TinyNet"):
        build("tinynet")
