"""The first look at a network of the user's own: the size it takes, and each mistake's sentence."""

from pathlib import Path

import pytest
import torch

from cnn_tui.errors import UsageError
from cnn_tui.training.device.own_net import examine
from cnn_tui.training.device.setup import decide, make_net, memory_format
from tests.training.conftest import made_up_data, small_config

FILE = """
import torch
from torch import nn

class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 2)

    def forward(self, x):
        return self.changed(self.fc(self.given(x).flatten(1)))

    def given(self, x):
        return x

    def changed(self, x):
        return x

class Right(Base):
    pass

class Fixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4 * 26 * 26, 2)

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))

class Wide(Base):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 12)

class WideToo(Wide):
    def __init__(self, num_classes):
        super().__init__()

class Never(Fixed):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(111, 2)

class Color(Base):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 3, padding=1)

    def given(self, x):
        return self.conv(x)

class Maps(Base):
    def forward(self, x):
        return x * self.fc.bias[0]

class Mixed(Base):
    def forward(self, x):
        return self.fc(x.reshape(-1, 256)[:4])

class Empty(nn.Module):
    def forward(self, x):
        return x.flatten(1)[:, :2]

class Frozen(Base):
    def __init__(self):
        super().__init__()
        self.requires_grad_(False)

class Listed(Base):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 2)]

class Scaled(Base):
    def __init__(self):
        super().__init__()
        self.scale = torch.ones(2, requires_grad=True)

class Fresh(Base):
    def changed(self, x):
        return nn.Linear(2, 2)(nn.ReLU()(x))

class Softmax(Base):
    def changed(self, x):
        return x.softmax(1)

class LogSoftmax(Base):
    def changed(self, x):
        return nn.LogSoftmax(1)(x)

class Best(Base):
    def changed(self, x):
        return x.argmax(1)

class Both(Base):
    def changed(self, x):
        return {"logits": x}

class Divided(Base):
    def changed(self, x):
        return x / 0

class Detached(Base):
    def changed(self, x):
        return x.detach()

class Typo(Base):
    def changed(self, x):
        return self.fcx(x)

class Centered(Base):
    def __init__(self):
        super().__init__()
        self.mean = torch.zeros(1)

class Viewed(Base):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1, stride=2)

    def forward(self, x):
        return self.fc(self.conv(x).view(len(x), -1))

class Flattened(Viewed):
    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))

class Idle(Base):
    def __init__(self):
        super().__init__()
        self.more = nn.Linear(3, 3)

def text():
    return "a network"

def broken():
    return Base(3)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of networks, most of them wrong."""
    path = tmp_path / "nets.py"
    path.write_text(FILE)
    return path


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Wide", r"returns \(8, 12\), and the data set made up has 2 classes: let its last layer"),
        ("WideToo", "let its last layer have num_classes outputs"),
        ("Never", r"layer fc \(Linear\), given 8×784, raised .*With nn.Linear\(784, 2\) it would"),
        ("Color", "layer conv .*It takes 3 channels, and there is 1: give the network a parameter"),
        ("Maps", r"returns \(8, 1, 16, 16\).*return \(8, 2\), one number for each image"),
        ("Mixed", r"returns \(4, 2\) for 8 images of 16×16: a view or reshape"),
        ("Empty", "Empty in nets.py has no parameters"),
        ("Frozen", r"Every parameter of Frozen in nets.py is frozen"),
        ("Listed", r"self.layers of Listed in nets.py is a Python list.*its 6 par.*nn.ModuleList"),
        ("Scaled", r"self.scale of Scaled in nets.py is a plain tensor.*Use nn.Parameter"),
        ("Fresh", r"makes a Linear\(in_features=2, out_features=2, bias=True\) in its forward"),
        ("Best", r"returns numbers of the type int64, \(8,\): return the logits"),
        ("Both", "returns a dict, and no tensor"),
        ("Divided", "returns NaN or infinite numbers before its first step"),
        ("Detached", "has no gradient: its forward detaches it"),
        ("Typo", r"fails on gray images of 16×16: AttributeError.*fcx.*\(nets.py, line \d+"),
        ("text", "text in nets.py made a str, and no torch.nn.Module"),
        ("broken", r"broken in nets.py could not be made: TypeError.*\(nets.py, line \d+"),
    ],
)
def test_refuses_what_could_not_learn(file: Path, name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as refused:
        examine(small_config(net=f"{file}:{name}"), made_up_data())
    assert "net" in refused.value.fields or name in ("text", "broken", "Typo")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Right", ""),
        ("LogSoftmax", ""),
        ("Softmax", "Softmax in nets.py ends in a softmax, and cross-entropy applies one itself"),
        ("Centered", "self.mean is a plain tensor: it does not move to a GPU"),
        ("Idle", "more of Idle in nets.py is not used in forward, so that nothing trains it."),
    ],
)
def test_says_what_is_no_mistake_but_worth_knowing(file: Path, name: str, sentence: str) -> None:
    said: list[str] = []
    seen = examine(small_config(net=f"{file}:{name}"), made_up_data(), said.append)
    assert (seen.image_size, seen.macs) == (16, 512)
    assert [each[: len(sentence)] for each in said] == ([sentence] if sentence else [])


def test_refuses_a_plain_tensor_where_it_would_stay_behind(file: Path) -> None:
    config = small_config(net=f"{file}:Centered", device="cuda")
    with pytest.raises(UsageError, match=r"register_buffer\(\"mean\", …\). On cuda it stays"):
        examine(config, made_up_data())


def test_refuses_unused_weights_where_several_processes_would_wait(file: Path) -> None:
    with pytest.raises(UsageError, match=r"more of Idle .* train in one process"):
        examine(small_config(net=f"{file}:Idle", nproc=2), made_up_data())


@pytest.mark.parametrize(
    ("name", "layout"),
    [("Viewed", torch.contiguous_format), ("Flattened", torch.channels_last)],
)
def test_trains_in_channels_last_only_where_no_view_needs_the_channels_first(
    file: Path, name: str, layout: torch.memory_format
) -> None:
    config = small_config(net=f"{file}:{name}", threads=2)
    assert memory_format(config, make_net(config, made_up_data())) is layout


def test_finds_the_size_that_a_network_takes(file: Path) -> None:
    said: list[str] = []
    config = small_config(net=f"{file}:Fixed", image_size=None)
    before = torch.get_rng_state()
    decided = decide(config, made_up_data(), tell=said.append)
    assert torch.get_rng_state().equal(before)
    assert (decided.image_size, decided.threads, decided.precision) == (28, 1, "fp32")
    assert said == ["Fixed in nets.py takes images of 28×28 pixels: they are scaled to that."]
    net = make_net(decided, made_up_data())
    assert net.fc.weight.equal(make_net(decided, made_up_data()).fc.weight)
