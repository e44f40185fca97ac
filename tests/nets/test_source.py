"""Where networks are written: found and read, never imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.source import sources_of
from cnn_tui.nets.specs import parse


@pytest.mark.parametrize("name", [net.name for net in all_nets()])
def test_finds_the_classes_of_every_network(name: str) -> None:
    files = sources_of(parse(name))
    assert any("nn.Module)" in file.text for file in files)
    assert all(file.path.is_file() for file in files)


def test_shows_the_blocks_that_a_network_is_made_of() -> None:
    net, blocks = sources_of(parse("resnet18"))
    assert "class ResNet(nn.Module)" in net.text
    assert "class ResidualBlock" in blocks.text and "class ConvReLU" not in blocks.text


def test_leaves_out_what_says_nothing_of_the_network() -> None:
    network, factory = sources_of(parse("googlenet"))
    assert "class Inception(" in network.text and "Weights" not in network.text
    assert factory.text.startswith("def googlenet(") and "densenet" not in factory.text


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("lenet5", "class LeNet5("),
        ("vgg16", "class VGG("),
        ("resnet50", "class ResNet("),
        ("densenet121", "class DenseNet("),
        ("efficientnetb0", "class EfficientNet("),
        ("vitb16", "class VisionTransformer("),
    ],
)
def test_knows_where_the_network_begins(name: str, line: str) -> None:
    first = sources_of(parse(name))[0]
    assert first.text.splitlines()[first.begins].startswith(line)


def test_begins_at_the_class_or_function_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("import os\n\nclass Block: ...\n\nclass Net:\n    made_of = Block\n")
    assert [sources_of(parse(f"{file}{name}"))[0].begins for name in (":Block", "")] == [2, 4]
    file.write_text("import os\n\ndef make(): ...\n")
    assert sources_of(parse(f"{file}:make"))[0].begins == 2


def test_reads_a_file_of_the_learners_without_running_it(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("class Net: ...\nraise SystemExit\n")
    assert sources_of(parse(f"{file}:Net"))[0].text.endswith("raise SystemExit\n")
    with pytest.raises(UsageError, match="There is no Ney in"):
        sources_of(parse(f"{file}:Ney"))


def test_finds_a_module_without_importing_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "my_package"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit\n")
    (package / "nets.py").write_text("class Net: ...\n")
    monkeypatch.chdir(tmp_path)
    assert sources_of(parse("my_package.nets:Net"))[0].path.name == "nets.py"


@pytest.mark.parametrize("target", ["nowhere.py:Net", "no_such_package.nets:Net", "json.nets:Net"])
def test_says_what_cannot_be_found(target: str) -> None:
    with pytest.raises(UsageError, match=target.partition(":")[0]):
        sources_of(parse(target))


def test_refuses_a_file_that_is_too_large(tmp_path: Path) -> None:
    file = tmp_path / "large.py"
    file.write_text("#" * (1 << 20) + "\n")
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        sources_of(parse(f"{file}:Net"))


def test_imports_neither_torch_nor_torchvision() -> None:
    code = (
        "import sys; from cnn_tui.nets.source import sources_of; "
        "from cnn_tui.nets.specs import parse; sources_of(parse('vit_b_16')); "
        "sys.exit(any(name.partition('.')[0].startswith('torch') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
