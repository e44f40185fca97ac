"""Receptive fields, against what a gradient reaches in random networks.

The networks are linear with positive weights, so that the answer to an impulse is the
gradient: all pixels at one place along a side are lit, for each place in turn, and a unit
sees those that change it.
"""

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.analysis.networks.fields import layout as layouts
from cnn_tui.analysis.networks.fields.reach import Reach
from cnn_tui.analysis.networks.input_specs import InputSpec, NetInputs
from cnn_tui.analysis.networks.input_tensors import with_numbers
from cnn_tui.analysis.networks.trace import OperatorTrace

CHANNELS, SIDE, OTHER = 4, 120, 2
"""The side that is tested, and the others, along which windows are one cell wide."""
CONVS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
POOLS = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
ADAPTIVE = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)
SMOOTH = ("linear", "bilinear", "trilinear")
NOTHING = 1e-9
"""What rounding leaves where nothing arrives."""

NONE = (math.inf, -math.inf)

Case = tuple[int, int, list[dict[str, Any]]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """(number of sides, the side that is tested, settings of some layers)."""
    rank = draw(st.sampled_from((1, 2, 2, 2, 3)))
    side = draw(st.integers(0, rank - 1))
    layers = st.lists(st.one_of(list(LAYERS.values())), min_size=1, max_size=6)
    return rank, side, draw(layers)


def _layer(kind: str, **settings_of: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **settings_of})


SMALL = st.integers(0, 2)
WINDOW = {
    "kernel_size": st.integers(1, 5),
    "stride": st.integers(1, 3),
    "padding": SMALL,
    "dilation": st.integers(1, 2),
}
LAYERS = {
    "conv": _layer("conv", **WINDOW),
    "pool": _layer("pool", kernel_size=st.integers(1, 4), stride=st.integers(1, 3), ceil=SMALL),
    "transposed": _layer("transposed", **{**WINDOW, "stride": st.integers(1, 4)}, more=SMALL),
    "resize": _layer(
        "resize",
        mode=st.sampled_from(("nearest", "nearest-exact", "smooth", "bicubic")),
        corners=st.booleans(),
        factor=st.sampled_from((0.5, 0.75, 1.5, 2, 2.5, 3, 4)),
        by_size=st.booleans(),
    ),
    "adaptive": _layer("adaptive", cells=st.integers(2, 40)),
    "shuffle": _layer("shuffle", down=st.booleans()),
    "pad": _layer("pad", before=st.integers(-2, 3), after=st.integers(-2, 3)),
    "slice": _layer("slice", begin=st.integers(0, 3), step=st.integers(1, 3)),
    "tokens": _layer("tokens"),
    "branches": _layer(
        "branches",
        reaches=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 2)), min_size=2, max_size=3),
        stride=st.integers(1, 2),
        joined=st.sampled_from(("sum", "product", "cat")),
    ),
}


CONV = {"kind": "conv", "kernel_size": 3, "stride": 1, "padding": 1, "dilation": 1}
RESIZE = {"kind": "resize", "factor": 4, "corners": False, "by_size": False}


class Layer(nn.Module):
    """One of the kinds above, along one of the sides of a map."""

    def __init__(self, rank: int, side: int, kind: str, **options: Any) -> None:
        super().__init__()
        self.rank, self.side, self.kind, self.options = rank, side, kind, options
        self.inner = nn.ModuleList(self._parts(**options))

    def along(self, value: int, other: int) -> tuple[int, ...]:
        return tuple(value if i == self.side else other for i in range(self.rank))

    def conv(self, of: Sequence[Any], window: dict[str, int], channels: int = CHANNELS) -> Any:
        others = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
        settings_of = {name: self.along(value, others[name]) for name, value in window.items()}
        return of[self.rank - 1](channels, CHANNELS, bias=False, **settings_of)

    def _parts(self, **options: Any) -> list[nn.Module]:
        if self.kind == "conv":
            return [self.conv(CONVS, options)]
        if self.kind == "transposed":
            more = min(options.pop("more"), max(options["stride"], options["dilation"]) - 1)
            return [self.conv(TRANSPOSED, {**options, "output_padding": more})]
        if self.kind == "branches":
            joined = options["joined"] == "cat"
            parts = [
                self.conv(
                    CONVS,
                    {
                        "kernel_size": 2 * half + 1,
                        "padding": half * dilation,
                        "dilation": dilation,
                        "stride": options["stride"],
                    },
                )
                for half, dilation in options["reaches"]
            ]
            last = self.conv(CONVS, {"kernel_size": 1}, CHANNELS * len(parts))
            return [*parts, last] if joined else parts
        return [nn.Linear(CHANNELS, CHANNELS, bias=False)] if self.kind == "tokens" else []

    def forward(self, x: Tensor) -> Tensor:
        options, dim = self.options, 2 + self.side
        if self.kind in ("conv", "transposed"):
            return self.inner[0](x)  # type: ignore[no-any-return]
        if self.kind == "pool":
            kernel, ceil = options["kernel_size"], bool(options["ceil"])
            padding = min(options["ceil"], kernel // 2)
            strides = self.along(options["stride"], 1)
            pool = POOLS[self.rank - 1]
            return pool(self.along(kernel, 1), strides, self.along(padding, 0), ceil)(x)
        if self.kind == "adaptive":
            sizes = list(x.shape[2:])
            sizes[self.side] = options["cells"]
            return ADAPTIVE[self.rank - 1](sizes)(x)
        if self.kind == "resize":
            return self.resized(x)
        if self.kind == "shuffle":
            if self.rank != 2:
                return x
            if options["down"]:
                return F.pixel_unshuffle(x, 2).unflatten(1, (CHANNELS, 4)).sum(2)
            return F.pixel_shuffle(x.repeat_interleave(4, 1), 2)
        if self.kind == "pad":
            pads = [0] * (2 * self.rank)
            place = 2 * (self.rank - 1 - self.side)
            pads[place : place + 2] = options["before"], options["after"]
            return F.pad(x, pads)
        if self.kind == "slice":
            return x.movedim(dim, -1)[..., options["begin"] :: options["step"]].movedim(-1, dim)
        if self.kind == "tokens":
            return self.inner[0](x.flatten(2).transpose(1, 2)).transpose(1, 2).reshape(x.shape)
        return self.joined([part(x) for part in list(self.inner)[: len(options["reaches"])]])

    def joined(self, parts: list[Tensor]) -> Tensor:
        if self.options["joined"] == "cat":
            return self.inner[-1](torch.cat(parts, 1))  # type: ignore[no-any-return]
        return torch.stack(parts).sum(0) if len(parts) > 2 else parts[0] + parts[1]

    def resized(self, x: Tensor) -> Tensor:
        mode, corners, factor = (self.options[name] for name in ("mode", "corners", "factor"))
        if mode == "bicubic" and self.rank != 2:
            mode = "smooth"
        options = {"mode": SMOOTH[self.rank - 1] if mode == "smooth" else mode}
        if mode in ("smooth", "bicubic"):
            options["align_corners"] = corners
        factors = [float(each) for each in self.along(1, 1)]
        factors[self.side] = factor
        if self.options["by_size"]:
            sizes = [max(2, int(s * f)) for s, f in zip(x.shape[2:], factors, strict=True)]
            return F.interpolate(x, size=sizes, **options)
        return F.interpolate(x, scale_factor=factors, **options)


def built(case: Case) -> nn.Sequential:
    """The layers of the case that fit behind each other, with random positive weights."""
    rank, side, chosen = case
    net = nn.Sequential()
    image = torch.zeros(1, CHANNELS, *sides(rank, side), dtype=torch.float64)
    random = torch.Generator().manual_seed(0)
    for options in chosen:
        layer = Layer(rank, side, **options).double()
        for weight in layer.parameters():
            nn.init.uniform_(weight.data, 0.5, 1.5, generator=random)
        try:
            with torch.no_grad():
                after = layer(image)
        except (RuntimeError, ValueError):
            continue
        if 2 <= after.shape[2 + side] <= 2 * SIDE:
            net.append(layer)
            image = after
    return net


def sides(rank: int, side: int) -> list[int]:
    return [SIDE if i == side else OTHER for i in range(rank)]


class OnMap(nn.Module):
    """A network with a convolution that does not run, and tells that the input is a map."""

    def __init__(self, net: nn.Module, rank: int) -> None:
        super().__init__()
        self.net = net
        self.unused = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1](CHANNELS, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)  # type: ignore[no-any-return]


def reach_of(net: nn.Module, rank: int, side: int) -> Reach:
    """What the summary says that the units of the last map see."""
    spec = InputSpec((CHANNELS, *sides(rank, side)), "float64")
    # With numbers, as torch's shapes for an enlarged map take a second to import.
    trace = OperatorTrace(OnMap(net, rank), with_numbers(NetInputs((spec,))))
    reach = trace.reach(trace.run())
    assert reach is not None
    return reach


def seen(net: nn.Module, rank: int, side: int) -> list[tuple[int, int] | None]:
    """The first and the last place that each unit sees, None where it sees nothing."""
    random = torch.Generator().manual_seed(0)
    lit = torch.zeros(SIDE, CHANNELS, *sides(rank, side), dtype=torch.float64)
    places = torch.arange(SIDE)
    lit.movedim(2 + side, 1)[places, places] = (
        torch.rand(SIDE, CHANNELS, *[OTHER] * (rank - 1), generator=random, dtype=torch.float64)
        + 0.5
    )
    with torch.no_grad():
        answers = net(lit).movedim(2 + side, 1).flatten(2).abs().amax(2) > NOTHING
    units = (column.nonzero().flatten().tolist() for column in answers.T)
    return [(places[0], places[-1] + 1) if places else None for places in units]


def check(case: Case) -> int:
    """How many units, well inside the input, see exactly what is said."""
    rank, side, _ = case
    net = built(case)
    reach = reach_of(net, rank, side)
    axis = reach.axes[side]
    if axis is None:
        return 0
    assert reach.is_known
    assert layouts.has_positions(reach.layout)
    exact, border = 0, 2 * axis.size + 12 * axis.jump
    for unit, real in enumerate(seen(net, rank, side)):
        low, high = axis.at(unit)
        if real is not None:
            assert low <= real[0] and real[1] <= high, (unit, (low, high), real)
        if low >= border and high + border <= SIDE:
            assert (real or NONE) == (low, high), (unit, (low, high), real)
            assert high - low <= axis.size
            exact += 1
    return exact


def chain(*layers: dict[str, Any]) -> Case:
    return 2, 0, list(layers)


@pytest.mark.parametrize(
    ("case", "size"),
    [
        (chain({**RESIZE, "mode": "nearest"}, CONV), 8),
        (chain({**RESIZE, "mode": "nearest-exact"}, CONV), 8),
        (chain({**RESIZE, "mode": "smooth"}, CONV), 12),
        (chain({**RESIZE, "mode": "smooth", "factor": 3}), 8),
        (chain({**RESIZE, "mode": "smooth", "corners": True}, CONV), 12),
        (chain({**RESIZE, "mode": "bicubic"}, CONV), 20),
        (chain({**CONV, "kind": "transposed", "kernel_size": 8, "stride": 4, "more": 0}, CONV), 12),
    ],
)
def test_sees_what_a_gradient_reaches_after_a_map_was_enlarged(case: Case, size: int) -> None:
    rank, side, layers = case
    case = rank, side, [{**CONV, "kernel_size": 4, "stride": 4, "padding": 0}, *layers]
    assert check(case)
    axis = reach_of(built(case), rank, side).axes[side]
    assert axis is not None
    assert axis.size == size


def test_sees_what_a_gradient_reaches_in_a_few_random_networks() -> None:
    assert _compared(examples=8) >= 2


@pytest.mark.slow
def test_sees_what_a_gradient_reaches_in_random_networks() -> None:
    assert _compared(examples=400) >= 150


def _compared(examples: int) -> int:
    """In how many random networks a unit well inside the input was compared."""
    counts: list[int] = []

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
    @given(cases())
    def compare(case: Case) -> None:
        counts.append(check(case))

    compare()
    return sum(count > 0 for count in counts)
