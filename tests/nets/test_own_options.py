"""What the user's own network is called with, told from its signature or from its file."""

import ast
import inspect
from typing import Any, Literal

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.nets.own_options import arguments, refuse_wrong
from cnn_tui.nets.specs import parse

FILE = """
import torch
class Net(torch.nn.Module):
    def __init__(self, num_classes, width: int = 32, p: "float | None" = 0.5, pool="max"):
        pass
def make(depth):
    return Net()
Other = Net
"""


def net(
    num_classes: int,
    image_size: int = 3,
    width: int = 32,
    p: float | None = 0.5,
    pool: Literal["max", "avg"] = "max",
    norm: bool = False,
    drop: Any = 0,
    sides: tuple[int, ...] = (1,),
) -> None:
    """Its signature is all that matters."""


PASSED = {"num_classes": 10, "in_channels": 1, "image_size": 8}


def test_passes_what_the_signature_has_and_types_the_options() -> None:
    spec = parse("net.py:Net,width=8,p=none,pool=avg,norm=yes,drop=0.25,sides=3")
    assert arguments(spec, inspect.signature(net), PASSED) == {
        "num_classes": 10,
        "image_size": 8,
        "width": 8,
        "p": None,
        "pool": "avg",
        "norm": True,
        "drop": 0.25,
        "sides": 3,
    }
    given = arguments(parse("net.py:Net,num_classes=12,p=1"), inspect.signature(net), PASSED)
    assert given == {"num_classes": 12, "image_size": 8, "p": 1.0}
    anything = arguments(parse("n:f,a=1,b=x"), inspect.signature(lambda **more: more), PASSED)
    assert anything == {"a": 1, "b": "x"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Net,wdth=3",
            r"no option wdth: did you mean width\? It has width \(32\), p \(0.5",
        ),
        ("Net,width=a", "width of Net in net.py must be a whole number, not 'a'"),
        ("Net,width=0.5", "must be a whole number"),
        ("Net,p=a", "p of Net in net.py must be a number"),
        ("make", r"needs depth: give it as in net.py:make,depth=VALUE, or a default"),
        ("Nett", "no Nett in net.py: did you mean Net"),
        ("zzz", "no zzz in net.py: it defines Net, make."),
    ],
)
def test_refuses_what_the_file_shows_to_be_wrong(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        refuse_wrong(parse(f"net.py:{text}"), ast.parse(FILE))


def test_refuses_nothing_that_only_running_the_file_would_tell() -> None:
    refuse_wrong(parse("net.py:Other,anything=1"), ast.parse(FILE))
    refuse_wrong(parse("net.py:hidden"), ast.parse("from other import *"))
    refuse_wrong(parse("net.py"), ast.parse(FILE))
