"""Networks that the lab does not know: found by name, built on the meta device, taken apart."""

import os
import sys
from pathlib import Path

import pytest

from cnn_tui.analysis.networks.modules import summarize_target
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.errors import UsageError
from cnn_tui.nets.specs import NetSpec, parse
from tests.subprocesses import run_python

NETS = """
from __future__ import annotations
from dataclasses import dataclass
import torch
from torch import nn

@dataclass
class Config:
    width: int = 8

class Block(nn.Module):
    def __init__(self, width, side=3):
        super().__init__()
        self.conv = nn.Conv2d(width, width, side, padding=1)
    def forward(self, x):
        return x + self.conv(x)

class Net(nn.Module):
    def __init__(self, width=Config.width):
        super().__init__()
        self.stem = nn.Conv2d(1, width, 3, padding=1)
        self.block = Block(width)
        self.fc = nn.Linear(width * 28 * 28, 10)
    def forward(self, x):
        print("debugging", x.shape)
        return self.fc(self.block(self.stem(x)).flatten(1))

class NeedsNumbers(Net):
    def __init__(self):
        super().__init__()
        self.scale = torch.rand(3).sum().item()

class Branches(Net):
    def forward(self, x):
        return self.stem(x) if float(x.abs().sum()) > 0 else super().forward(x)

class Raises(nn.Module):
    def __init__(self):
        super().__init__()
        raise ValueError("no luck")

class WrongOrder(Net):
    def forward(self, x):
        return self.stem(self.block(x))

class Quits(Net):
    def forward(self, x):
        raise SystemExit(3)

class Anything(nn.Module):
    def forward(self, x):
        return x

def small():
    return Net(4)

def leaves():
    raise SystemExit(4)

def settings():
    return {"width": 4}

mlp = nn.Sequential(nn.Flatten(), nn.Linear(784, 784), nn.Linear(784, 784))
mlp[2].weight = mlp[1].weight
lazy = nn.Sequential(nn.LazyConv2d(8, 3), nn.Flatten(), nn.LazyLinear(4))
number = 3
"""


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    path = tmp_path / "nets.py"
    path.write_text(NETS, encoding="utf-8")
    return path


def take_apart(target: str, input_shape: tuple[int, ...] | None = None) -> NetSummary:
    return summarize_target(parse(target), input_shape)


def refusal(target: str, input_shape: tuple[int, ...] | None = None) -> str:
    with pytest.raises(UsageError) as error:
        take_apart(target, input_shape)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_takes_a_class_of_a_file_apart(nets: Path) -> None:
    summary = take_apart(f"{nets}:Net", (1, 28, 28))
    assert (summary.net, summary.title) == (f"{nets}:Net", "Net in nets.py")
    assert summary.total_parameters == 80 + 584 + 62_730
    assert [layer.name for layer in summary.layers] == ["stem", "block.conv", "fc"]
    assert summary.note == ""


def test_prints_what_the_file_prints_where_it_spoils_no_output(
    nets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take_apart(f"{nets}:Net", (1, 28, 28))
    told = capsys.readouterr()
    assert told.out == ""
    assert "debugging torch.Size([1, 1, 28, 28])" in told.err


@pytest.mark.parametrize(("name", "parameters"), [("small", 31_558), ("mlp", 616_224)])
def test_takes_functions_and_instances_too(nets: Path, name: str, parameters: int) -> None:
    assert take_apart(f"{nets}:{name}", (1, 28, 28)).total_parameters == parameters


def test_waits_for_lazy_layers_to_see_the_input(nets: Path) -> None:
    summary = take_apart(f"{nets}:lazy", (3, 32, 32))
    assert summary.total_parameters == 224 + 7200 * 4 + 4
    assert "numbers" not in summary.note


@pytest.mark.parametrize("name", ["Net", "mlp"])
def test_says_which_input_it_assumed(nets: Path, name: str) -> None:
    summary = take_apart(f"{nets}:{name}")
    assert summary.input_shape == (1, 28, 28)
    assert "1×28×28 is assumed" in summary.note


def test_builds_with_numbers_what_cannot_be_built_without(nets: Path) -> None:
    summary = take_apart(f"{nets}:NeedsNumbers", (1, 28, 28))
    assert summary.total_parameters == 63_394
    assert "built on the CPU" in summary.note


def test_runs_on_the_cpu_what_looks_at_numbers(nets: Path) -> None:
    summary = take_apart(f"{nets}:Branches", (1, 28, 28))
    assert summary.output_shape == (8, 28, 28)
    assert "ran once on the CPU" in summary.note


def test_measures_the_time_of_a_network_of_ones_own(nets: Path) -> None:
    target = NetSpec("Net", place=str(nets))
    summary = summarize_target(target, (1, 28, 28), timed=True)
    assert summary.total_seconds
    assert all(layer.seconds for layer in summary.layers)


def test_says_what_went_wrong_while_it_measured(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "from torch import nn\nclass Net(nn.Identity):\n    def forward(self, x):\n"
        "        assert x.is_meta or len(x) == 2, 'unlucky'\n        return x\n",
        encoding="utf-8",
    )
    sentence = r"Net in own.py could not be measured: AssertionError: unlucky \(own.py, line 4"
    with pytest.raises(UsageError, match=sentence):
        summarize_target(NetSpec("", place=str(path)), (1, 8, 8), timed=True)


def test_finds_what_lies_beside_the_file(nets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = nets.with_name("twin_of_nets.py")
    twin.write_text("from nets import Net\nclass Twin(Net):\n    pass\n", encoding="utf-8")
    assert take_apart(str(twin), (1, 28, 28)).net == f"{twin}:Twin"
    monkeypatch.delitem(sys.modules, "nets")
    assert str(nets.parent) not in sys.path
    monkeypatch.chdir(nets.parent)
    assert take_apart("nets:Net", (1, 28, 28)).title == "Net in nets"
    monkeypatch.delitem(sys.modules, "nets")


def test_takes_an_installed_module_apart() -> None:
    summary = take_apart("cnn_tui.nets.lenet5:LeNet5")
    assert summary.total_parameters == 44_426


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "nets.py holds Block, Net, NeedsNumbers, Branches, Raises, WrongOrder and 2 more"),
        (":net", "There is no net in nets.py: did you mean Net? It holds Block, Net"),
        (":Block", "Block in nets.py needs arguments (width): write a function without any"),
        (":Config", "Config in nets.py is a class, and no torch.nn.Module"),
        (":number", "number in nets.py is an int, and no torch.nn.Module"),
        (":settings", "settings in nets.py made a dict, and no torch.nn.Module"),
        (":Raises", "Raises in nets.py could not be made: ValueError: no luck (nets.py, line 40"),
        (":leaves", "leaves in nets.py could not be made: SystemExit: 4 (nets.py, line 58"),
        (":Quits", "SystemExit: 3 (nets.py, line 48: raise"),
        (":WrongOrder", "layer block.conv failed: it expects 8 input channels, but got 1×"),
        (":lazy", "does not tell which images it takes: give channels,height,width"),
        (":Anything", "does not tell which images it takes: give channels,height,width"),
    ],
)
def test_says_in_one_sentence_what_is_wrong_with_a_name(
    nets: Path, name: str, sentence: str
) -> None:
    assert sentence in refusal(f"{nets}{name}")


@pytest.mark.parametrize("shape", [(1, 28), (0, 28, 28), (1, 28, 10**9)])
def test_refuses_what_is_no_shape(nets: Path, shape: tuple[int, ...]) -> None:
    assert "channels,height,width" in refusal(f"{nets}:Net", shape)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"x = 1\ny = = 2\n", "SyntaxError: invalid syntax (own.py, line 2)"),
        (b"\xff\xfe nothing", "own.py cannot be loaded: SyntaxError"),
        (b"import sys\nsys.exit(3)\n", "SystemExit: 3 (own.py, line 2: sys.exit(3))"),
        (b"import nothing_of_that_name\n", "No module named 'nothing_of_that_name' (own.py"),
        (b"raise KeyError\n", "own.py cannot be loaded: KeyError (own.py, line 1"),
        (b"x = 1\n", "own.py defines no torch.nn.Module class"),
    ],
)
def test_says_in_one_sentence_what_is_wrong_with_a_file(
    tmp_path: Path, source: bytes, sentence: str
) -> None:
    path = tmp_path / "own.py"
    path.write_bytes(source)
    assert sentence in refusal(str(path))
    assert "own" not in sys.modules


def test_says_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    for place in (tmp_path / "missing.py", tmp_path / "pipe.py"):
        assert refusal(f"{place}:Net") == f"There is no file {place}: check the path."


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("nothing_of_that_name:Net", "There is no module nothing_of_that_name (no "),
        ("torch.nothing:Net", "There is no module torch.nothing (no torch.nothing in"),
        ("..:Net", "'..' is no module: write file.py:Name or package.module:Name"),
        ("cnn_tui.nets.lenet5:LeNet", "did you mean LeNet5?"),
        ("os:path", "path in os is a module, and no torch.nn.Module"),
    ],
)
def test_says_in_one_sentence_what_is_wrong_with_a_module(target: str, sentence: str) -> None:
    assert sentence in refusal(target)


def test_knows_targets_and_scaling_without_torch() -> None:
    code = (
        "import sys, cnn_tui.nets.specs\n"
        "import cnn_tui.analysis.gradients.scaling, cnn_tui.grading.isolation.confined_summary\n"
        "print('torch' in sys.modules)"
    )
    assert run_python(code).stdout.strip() == "False"
