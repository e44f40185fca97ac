"""Random networks, whose mistakes can be read from the list of their layers."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnn_tui.analysis.networks.summary import summarize_module

MAKERS = {
    "biased": lambda: nn.Conv2d(3, 3, 1),
    "bare": lambda: nn.Conv2d(3, 3, 1, bias=False),
    "norm": lambda: nn.BatchNorm2d(3),
    "relu": lambda: nn.ReLU(),
    "relu_": lambda: nn.ReLU(inplace=True),
    "tanh": lambda: nn.Tanh(),
    "pool": lambda: nn.MaxPool2d(2, 1),
    "drop": lambda: nn.Dropout(0.5),
}
ENDS = {
    "": ("", list),
    "softmax": ("final-softmax", lambda: [nn.Softmax(1)]),
    "log": ("", lambda: [nn.LogSoftmax(1)]),
    "sigmoid": ("final-sigmoid", lambda: [nn.Sigmoid()]),
    "relu": ("final-relu", lambda: [nn.ReLU()]),
    "drop": ("final-dropout", lambda: [nn.Dropout(0.1)]),
    "linear": ("repeated-linear", lambda: [nn.Linear(4, 4)]),
}


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(sorted(MAKERS)), max_size=8), st.sampled_from(sorted(ENDS)))
def test_says_what_the_list_of_layers_shows(layers: list[str], end: str) -> None:
    side = 16 - layers.count("pool")
    last, more = ENDS[end]
    net = nn.Sequential(
        *(MAKERS[each]() for each in layers),
        nn.Flatten(),
        nn.Linear(3 * side * side, 4),
        *more(),
    ).to("meta")
    expected = {last} - {""}
    for first, second in pairwise(layers):
        if (first, second) == ("biased", "norm"):
            expected.add("bias-before-batch-norm")
        if {first, second} <= {"relu", "relu_"}:
            expected.add("repeated-relu")
    notes = summarize_module(net, (3, 16, 16), net_name="own", title="Own").notes
    assert {note.kind for note in notes} == expected
    assert len(notes) == len(expected)
