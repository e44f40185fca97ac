"""Random layers and calls, right and wrong alike: what torch and a summary have to agree on.

A case is a line of Python and the shape that it gets, so that a failure can be typed again.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch import Tensor, nn


class Call(nn.Module):
    """Does with its input what a function says."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Any:
        return self.function(x)


class Shaped(nn.Module):
    """Gives a layer the shape that it is for: images are the only input of a summary."""

    def __init__(self, layer: Any, sides: tuple[int, ...]) -> None:
        super().__init__()
        self.layer = layer if isinstance(layer, nn.Module) else Call(layer)
        self.sides = sides

    def forward(self, x: Tensor) -> Any:
        out = self.layer(x.flatten(1).unflatten(1, self.sides))
        return out[0] if isinstance(out, tuple) else out


@dataclass(frozen=True)
class Case:
    """A layer or a function, as it is written, and what it is given, without the batch."""

    code: str
    sides: tuple[int, ...]

    def net(self) -> nn.Module:
        """The network; raises whatever the layer's constructor raises."""
        layer = eval(self.code, {"torch": torch, "nn": nn, "F": F})
        return Shaped(layer, self.sides).eval()

    @property
    def image(self) -> tuple[int, int, int]:
        """The image that holds just as many numbers."""
        count = 1
        for side in self.sides:
            count *= side
        return count, 1, 1


def _sides(rank: int, low: int = 1, high: int = 7) -> Any:
    return st.tuples(*[st.integers(low, high)] * rank)


def _cases(template: str, sides: Any, **parts: Any) -> Any:
    """Cases of one template; a part that is named c takes the channels in half of all cases."""
    return st.builds(
        lambda shape, values: Case(_filled(template, shape, values), shape),
        sides,
        st.fixed_dictionaries(parts),
    )


def _filled(template: str, shape: tuple[int, ...], values: dict[str, Any]) -> str:
    taken = {name: shape[0] if value == "C" else value for name, value in values.items()}
    taken = {name: shape[-1] if value == "W" else value for name, value in taken.items()}
    return template.format(**taken)


SMALL = st.integers(1, 4)
CHANNELS = st.one_of(st.just("C"), SMALL)
WIDTH = st.one_of(st.just("W"), SMALL)
DIM = st.integers(-5, 5)
FLAG = st.booleans()
TYPE = st.sampled_from(["float", "double", "bfloat16", "long", "bool"])
ACTIVATIONS = (
    *("ReLU", "GELU", "SELU", "CELU", "ELU", "Hardswish", "Mish", "SiLU", "Softsign"),
    *("Tanh", "Sigmoid", "ReLU6", "RReLU", "Hardtanh", "LogSigmoid", "Softplus", "Tanhshrink"),
)
REDUCTIONS = (
    *("mean", "sum", "amax", "argmax", "softmax", "std", "var", "squeeze", "unsqueeze"),
    *("logsumexp", "cumsum", "flip", "unbind", "norm", "prod", "median"),
)
KERNEL = st.integers(1, 4)
STRIDE = st.integers(1, 3)
PADDING = st.integers(0, 3)
DILATION = st.integers(1, 2)


def _convolutions(d: int) -> list[Any]:
    slides = {"k": KERNEL, "s": STRIDE, "p": PADDING, "d": DILATION}
    sides = _sides(d + 1)
    return [
        _cases(f"nn.Conv{d}d({{c}}, 4, {{k}}, {{s}}, {{p}}, {{d}})", sides, c=CHANNELS, **slides),
        _cases(
            f"nn.Conv{d}d({{c}}, 4, {{k}}, padding='same', dilation={{d}})",
            sides,
            c=CHANNELS,
            k=KERNEL,
            d=DILATION,
        ),
        _cases(
            f"nn.Conv{d}d(4, 4, {{k}}, groups={{g}}, padding_mode={{m!r}}, padding={{p}})",
            sides,
            k=KERNEL,
            g=st.sampled_from([1, 2, 4]),
            p=PADDING,
            m=st.sampled_from(["zeros", "reflect", "circular", "replicate"]),
        ),
        _cases(
            f"nn.ConvTranspose{d}d({{c}}, 4, {{k}}, {{s}}, {{p}}, {{o}}, dilation={{d}})",
            sides,
            c=CHANNELS,
            o=st.integers(0, 2),
            **slides,
        ),
        _cases(
            f"lambda x: F.conv{d}d(x, torch.zeros(({{o}}, {{i}}) + ({{k}},) * {d}, "
            "device=x.device), torch.zeros({b}, device=x.device), groups={g})",
            sides,
            o=SMALL,
            i=SMALL,
            k=KERNEL,
            b=SMALL,
            g=st.integers(1, 4),
        ),
        _cases(
            f"lambda x: F.conv_transpose{d}d(x, torch.zeros(({{o}}, {{i}}) + ({{k}},) * {d}, "
            "device=x.device), torch.zeros({b}, device=x.device), groups={g}, padding={p})",
            sides,
            o=CHANNELS,
            i=SMALL,
            k=KERNEL,
            b=SMALL,
            g=st.integers(1, 4),
            p=PADDING,
        ),
    ]


def _pools(d: int) -> list[Any]:
    sides, slides = _sides(d + 1), {"k": KERNEL, "s": STRIDE, "p": PADDING, "e": FLAG}
    return [
        _cases(
            f"nn.MaxPool{d}d({{k}}, {{s}}, {{p}}, {{d}}, ceil_mode={{e}})",
            sides,
            d=DILATION,
            **slides,
        ),
        _cases(f"nn.AvgPool{d}d({{k}}, {{s}}, {{p}}, ceil_mode={{e}})", sides, **slides),
        _cases(f"nn.LPPool{d}d(2, {{k}}, {{s}}, ceil_mode={{e}})", sides, **slides),
        _cases(f"nn.AdaptiveAvgPool{d}d({{o}})", sides, o=st.integers(0, 4)),
        _cases(f"nn.AdaptiveMaxPool{d}d({{o}})", sides, o=st.integers(0, 4)),
    ]


def _paddings(d: int) -> list[Any]:
    sides, pads = _sides(d + 1, high=4), st.tuples(*[st.integers(-2, 4)] * 2 * d)
    positive = st.tuples(*[st.integers(0, 4)] * 2 * d)  # torch writes over itself below 0
    kinds = ["Zero", "Reflection", "Replication", "Constant"]
    return [
        *(
            _cases(f"nn.{kind}Pad{d}d({{p}}{', 1.0' * (kind == 'Constant')})", sides, p=pads)
            for kind in kinds
        ),
        _cases(f"nn.CircularPad{d}d({{p}})", sides, p=positive),
    ]


def _norms(d: int) -> list[Any]:
    sides = _sides(d + 1, high=4)
    return [
        _cases(f"nn.BatchNorm{d}d({{c}}, track_running_stats={{t}})", sides, c=CHANNELS, t=FLAG),
        _cases(
            f"nn.InstanceNorm{d}d({{c}}, affine={{a}}, track_running_stats={{t}})",
            sides,
            c=CHANNELS,
            a=FLAG,
            t=FLAG,
        ),
        _cases(f"nn.Dropout{d}d()", sides),
    ]


ANY = st.one_of(*[_sides(rank, high=4) for rank in (1, 2, 3, 4)])

KINDS: dict[str, Any] = {
    **{f"convolution {d}d": st.one_of(_convolutions(d)) for d in (1, 2, 3)},
    **{f"pooling {d}d": st.one_of(_pools(d)) for d in (1, 2, 3)},
    **{f"padding {d}d": st.one_of(_paddings(d)) for d in (1, 2, 3)},
    **{f"norm {d}d": st.one_of(_norms(d)) for d in (1, 2, 3)},
    "wrong rank": st.one_of(
        _cases("nn.Conv2d(3, 4, 1)", ANY),
        _cases("nn.Conv1d({c}, 4, 1)", ANY, c=CHANNELS),
        _cases("nn.MaxPool2d(1)", ANY),
        _cases("nn.AvgPool2d(1)", ANY),
        _cases("nn.AvgPool3d(1)", ANY),
        _cases("nn.MaxPool1d(1)", ANY),
        _cases("nn.AdaptiveAvgPool2d(2)", ANY),
        _cases("nn.BatchNorm2d({c})", ANY, c=CHANNELS),
        _cases("nn.BatchNorm1d({c})", ANY, c=CHANNELS),
        _cases("nn.ConvTranspose2d({c}, 4, 1)", ANY, c=CHANNELS),
        _cases("nn.LocalResponseNorm({n})", ANY, n=SMALL),
        _cases("nn.ZeroPad2d({p})", ANY, p=st.integers(-3, 2)),
    ),
    "norm": st.one_of(
        _cases("nn.GroupNorm({g}, {c})", ANY, g=st.sampled_from([1, 2]), c=CHANNELS),
        _cases("lambda x: F.group_norm(x, {g})", ANY, g=SMALL),
        _cases(
            "lambda x: F.group_norm(x, {g}, torch.ones({c}, device=x.device))",
            ANY,
            g=SMALL,
            c=CHANNELS,
        ),
        _cases("nn.LayerNorm({n})", ANY, n=st.one_of(WIDTH, _sides(2, high=3))),
        _cases(
            "lambda x: F.layer_norm(x, ({w},), torch.ones({v}, device=x.device))",
            ANY,
            w=WIDTH,
            v=WIDTH,
        ),
        _cases("nn.RMSNorm({n})", ANY, n=st.one_of(WIDTH, _sides(2, high=3))),
        _cases(
            "lambda x: F.batch_norm(x, torch.zeros({c}, device=x.device), "
            "torch.ones({v}, device=x.device), torch.ones({w}, device=x.device))",
            ANY,
            c=CHANNELS,
            v=CHANNELS,
            w=CHANNELS,
        ),
    ),
    "activation": st.one_of(
        _cases("nn.PReLU({c})", ANY, c=CHANNELS),
        _cases("nn.Softmax({d})", ANY, d=DIM),
        _cases("nn.LogSoftmax({d})", ANY, d=DIM),
        _cases("nn.Softmax2d()", ANY),
        _cases("nn.GLU({d})", ANY, d=DIM),
        _cases(
            "nn.{f}()",
            ANY,
            f=st.sampled_from(ACTIVATIONS),
        ),
    ),
    "resize": st.one_of(
        _cases(
            "nn.Upsample(scale_factor={f}, mode={m!r})",
            ANY,
            f=st.sampled_from([2, 0.5, 0.2, 1.5, (1, 2)]),
            m=st.sampled_from(["nearest", "bilinear", "bicubic", "linear", "trilinear", "area"]),
        ),
        _cases(
            "lambda x: F.interpolate(x, size={n}, mode={m!r}, align_corners={a})",
            ANY,
            n=st.one_of(st.integers(0, 4), _sides(2)),
            a=st.sampled_from([None, True]),
            m=st.sampled_from(["nearest", "nearest-exact", "bilinear", "bicubic"]),
        ),
        _cases("nn.PixelShuffle({r})", ANY, r=st.integers(1, 3)),
        _cases("nn.PixelShuffle({r})", _sides(3, 4, 9), r=st.integers(1, 3)),
        _cases("nn.PixelUnshuffle({r})", ANY, r=st.integers(1, 3)),
        _cases("nn.ChannelShuffle({g})", ANY, g=st.integers(1, 3)),
        _cases(
            "nn.Unfold({k}, padding={p}, stride={s})", ANY, k=KERNEL, p=st.integers(0, 1), s=STRIDE
        ),
        _cases("nn.Fold({n}, {k})", _sides(2, high=9), n=SMALL, k=KERNEL),
        _cases("nn.ZeroPad2d({p})", _sides(3), p=st.integers(-4, 4)),
    ),
    "linear": st.one_of(
        _cases("nn.Linear({w}, 3, bias={b})", ANY, w=WIDTH, b=FLAG),
        _cases(
            "lambda x: F.linear(x, torch.zeros({o}, {w}, device=x.device), "
            "torch.zeros({b}, device=x.device))",
            ANY,
            o=SMALL,
            w=WIDTH,
            b=SMALL,
        ),
        _cases("nn.Sequential(nn.Flatten(), nn.Linear({n}, 2))", ANY, n=st.integers(1, 20)),
        _cases("nn.Flatten({a}, {b})", ANY, a=DIM, b=DIM),
        _cases("nn.Unflatten({d}, ({a}, {b}))", ANY, d=DIM, a=st.integers(-1, 3), b=SMALL),
        _cases(
            "lambda x: F.bilinear(x, x, torch.zeros(2, {a}, {b}, device=x.device))",
            ANY,
            a=WIDTH,
            b=WIDTH,
        ),
    ),
    "attention": st.one_of(
        _cases(
            "lambda x: F.scaled_dot_product_attention(x[..., :{q}, :], x[..., :{k}, :{e}], "
            "x[..., :{k}, :])",
            ANY,
            q=SMALL,
            k=SMALL,
            e=WIDTH,
        ),
        _cases(
            "lambda x: F.scaled_dot_product_attention(x, x, x, "
            "torch.zeros({a}, {b}, device=x.device))",
            ANY,
            a=WIDTH,
            b=WIDTH,
        ),
        _cases(
            "nn.TransformerEncoderLayer({e}, {h}, 8, batch_first={b})",
            _sides(2, high=6),
            e=WIDTH,
            h=st.sampled_from([1, 2]),
            b=FLAG,
        ),
        _cases(
            "type('Self', (nn.MultiheadAttention,), {{'forward': lambda self, x: "
            "nn.MultiheadAttention.forward(self, x, x, x)}})({e}, {h}, batch_first={b})",
            _sides(2, high=6),
            e=WIDTH,
            h=st.sampled_from([1, 2]),
            b=FLAG,
        ),
    ),
    "recurrent": st.one_of(
        _cases(
            "nn.{r}({e}, 3, num_layers={n}, batch_first={b}, bidirectional={d})",
            st.one_of(_sides(2, high=5), _sides(3, high=3)),
            r=st.sampled_from(["RNN", "GRU", "LSTM"]),
            e=WIDTH,
            n=st.integers(1, 2),
            b=FLAG,
            d=FLAG,
        ),
        _cases("nn.{r}Cell({e}, 3)", ANY, r=st.sampled_from(["RNN", "GRU", "LSTM"]), e=WIDTH),
        _cases("lambda x: nn.Embedding({n}, 3, device=x.device)(x.long() * 0)", ANY, n=SMALL),
        _cases("lambda x: nn.EmbeddingBag({n}, 3, device=x.device)(x.long() * 0)", ANY, n=SMALL),
    ),
    "dimension": st.one_of(
        _cases(
            "lambda x: x.{f}({d})",
            ANY,
            d=DIM,
            f=st.sampled_from(REDUCTIONS),
        ),
        _cases("lambda x: x.mean(({a}, {b}), keepdim={k})", ANY, a=DIM, b=DIM, k=FLAG),
        _cases("lambda x: x.mean()", ANY),
        _cases("lambda x: x.transpose({a}, {b})", ANY, a=DIM, b=DIM),
        _cases("lambda x: x.permute({a}, {b}, {c})", ANY, a=DIM, b=DIM, c=DIM),
        _cases(
            "lambda x: x.{f}({n}, {d})[0]",
            ANY,
            f=st.sampled_from(["chunk", "split"]),
            n=SMALL,
            d=DIM,
        ),
        _cases("lambda x: x.select({d}, {i})", ANY, d=DIM, i=DIM),
        _cases("lambda x: x.narrow({d}, {i}, {n})", ANY, d=DIM, i=st.integers(0, 3), n=SMALL),
        _cases("lambda x: x[:, {i}]", ANY, i=DIM),
        _cases("lambda x: x.topk({k}, {d})[0]", ANY, k=SMALL, d=DIM),
        _cases("lambda x: x.roll(1, {d})", ANY, d=DIM),
        _cases("lambda x: x.repeat({a}, {b})", ANY, a=SMALL, b=SMALL),
    ),
    "number type": st.one_of(
        *(
            _cases(
                f"lambda x: {layer.replace(')', ', device=x.device)')}(x.{{t}}())", sides, t=TYPE
            )
            for layer, sides in (
                ("nn.Conv2d(3, 4, 1)", _sides(3, 3, 3)),
                ("nn.ConvTranspose2d(3, 4, 1)", _sides(3, 3, 3)),
                ("nn.Linear(3, 4)", _sides(2, 3, 3)),
                ("nn.Embedding(3, 4)", _sides(2, 3, 3)),
                ("nn.PReLU(3)", _sides(2, 3, 3)),
                ("nn.LayerNorm(3)", _sides(2, 3, 3)),
                ("nn.GroupNorm(1, 3)", _sides(2, 3, 3)),
                ("nn.BatchNorm1d(3)", _sides(2, 3, 3)),
            )
        ),
        _cases(
            "lambda x: nn.{f}(x.{t}())",
            _sides(3, 4, 4),
            f=st.sampled_from(["ReLU()", "Sigmoid()", "Softmax(1)", "MaxPool2d(2)", "Flatten()"]),
            t=TYPE,
        ),
        _cases("lambda x: x.{a}() {o} x.{b}()", ANY, a=TYPE, b=TYPE, o=st.sampled_from("+-*/@")),
        _cases("lambda x: torch.cat([x.{a}(), x.{b}()])", ANY, a=TYPE, b=TYPE),
        _cases("lambda x: x.{a}().mean(1)", ANY, a=TYPE),
    ),
    "join": st.one_of(
        _cases("lambda x: torch.cat([x, x], {d})", ANY, d=DIM),
        _cases("lambda x: torch.cat([x, x[:, :{n}]], {d})", ANY, d=DIM, n=SMALL),
        _cases("lambda x: torch.cat([x, x.flatten(1)], {d})", ANY, d=DIM),
        _cases("lambda x: torch.stack([x, x[..., :{n}]], {d})", ANY, d=DIM, n=SMALL),
        _cases("lambda x: x {o} x[..., :{n}]", ANY, o=st.sampled_from("+-*/"), n=SMALL),
        _cases("lambda x: x {o} x[:, :{n}]", ANY, o=st.sampled_from("+-*/"), n=SMALL),
        _cases(
            "lambda x: x[:, :{n}].clone().{f}(x)",
            ANY,
            f=st.sampled_from(["add_", "mul_", "sub_", "copy_"]),
            n=SMALL,
        ),
        _cases("lambda x: torch.maximum(x, x[..., :{n}])", ANY, n=SMALL),
        _cases("lambda x: torch.where(x > 0, x, x[..., :{n}])", ANY, n=SMALL),
    ),
    "product": st.one_of(
        _cases("lambda x: x @ x.transpose(-1, -2)", ANY),
        _cases("lambda x: x @ x", ANY),
        _cases("lambda x: x @ x[..., :{n}]", ANY, n=SMALL),
        _cases(
            "lambda x: torch.{f}(x, x.{t})",
            ANY,
            f=st.sampled_from(["bmm", "mm", "matmul"]),
            t=st.sampled_from(["mT", "transpose(0, -1)", "flatten(1)"]),
        ),
        _cases("lambda x: torch.bmm(x, x[:{n}].mT)", ANY, n=st.integers(0, 2)),
        _cases(
            "lambda x: x @ torch.zeros({s}, device=x.device)",
            ANY,
            s=st.one_of(_sides(1), _sides(2), _sides(3, high=3)),
        ),
        _cases(
            "lambda x: torch.addmm(torch.zeros({b}, device=x.device), x, x.mT)",
            ANY,
            b=st.integers(1, 2),
        ),
        _cases("lambda x: torch.baddbmm(torch.zeros({b}, device=x.device), x, x.mT)", ANY, b=SMALL),
        _cases(
            "lambda x: torch.einsum({e!r}, x, x)",
            ANY,
            e=st.sampled_from(["nij,njk->nik", "nchw,nchw->nc", "ni,nj->nij", "...i,...i->..."]),
        ),
        _cases("lambda x: torch.mv(x, x[0])", ANY),
    ),
    "view": st.one_of(
        _cases(
            "lambda x: x.{f}(x.shape[0], {a}, {b})",
            ANY,
            f=st.sampled_from(["view", "reshape"]),
            a=st.integers(-1, 6),
            b=st.integers(-1, 6),
        ),
        _cases("lambda x: x.transpose(1, -1).view(x.shape[0], -1)", ANY),
        _cases("lambda x: x.view(x.size(0), {n})", ANY, n=st.integers(-1, 12)),
        _cases("lambda x: x.expand(-1, {n})", ANY, n=st.integers(-1, 4)),
        _cases("lambda x: x.expand(x.shape[0], {n}, *x.shape[2:])", ANY, n=st.integers(-1, 4)),
        _cases("lambda x: F.pad(x, {p}, mode='circular')", ANY, p=_sides(2, 0, 4)),
        _cases("lambda x: x.unflatten(1, ({a}, {b}))", ANY, a=st.integers(-1, 3), b=SMALL),
        _cases(
            "lambda x: F.pad(x, {p})", ANY, p=st.lists(st.integers(-3, 2), min_size=1, max_size=6)
        ),
        _cases(
            "lambda x: F.pad(x, {p}, mode={m!r})",
            ANY,
            p=_sides(2, -2, 4),
            m=st.sampled_from(["reflect", "replicate"]),
        ),
    ),
}
"""What is drawn from: kind → strategy of its cases."""
