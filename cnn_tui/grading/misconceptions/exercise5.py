"""Known mistakes of exercise 5: networks unlike their figures, and tables that count otherwise."""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.layers import LayersProbe
from cnn_tui.grading.misconceptions.nets import NetProbe, made
from cnn_tui.grading.misconceptions.probes import AskingProbe, FunctionProbe, Inputs
from cnn_tui.grading.misconceptions.training import TrainingProbe

IMAGES = (4, 1, 28, 28)
SHARE = 0.95
_Layer = Callable[[], nn.Module]
_History = Sequence[tuple[float, float]]
_Result = tuple[str, float, int, _History]
MAX, AVERAGE = partial(nn.MaxPool2d, 2), partial(nn.AvgPool2d, 2)


def _lenet5(
    pools: tuple[_Layer, _Layer] = (AVERAGE, AVERAGE),
    maps: _Layer = nn.ReLU,
    hidden: tuple[_Layer, _Layer] = (nn.ReLU, nn.ReLU),
    end: _Layer = nn.Identity,
) -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5), maps(), pools[0]()),
        *(nn.Conv2d(6, 16, 5), maps(), pools[1](), nn.Flatten()),
        *(nn.Linear(256, 120), hidden[0](), nn.Linear(120, 84), hidden[1]()),
        *(nn.Linear(84, 10), end()),
    )


LENET5 = NetProbe(
    "lenet5",
    (),
    IMAGES,
    _lenet5,
    {
        "lenet5() has max pooling: the task has average pooling.": (
            partial(_lenet5, pools=(MAX, MAX))
        ),
        "The first pooling of lenet5() takes maxima: the task has averages.": (
            partial(_lenet5, pools=(MAX, AVERAGE))
        ),
        "The second pooling of lenet5() takes maxima: the task has averages.": (
            partial(_lenet5, pools=(AVERAGE, MAX))
        ),
        "lenet5() has tanh, as in 1998: the task has ReLU.": (
            partial(_lenet5, maps=nn.Tanh, hidden=(nn.Tanh, nn.Tanh))
        ),
        "The second hidden layer of lenet5() has tanh: the task has ReLU.": (
            partial(_lenet5, hidden=(nn.ReLU, nn.Tanh))
        ),
        "The convolutions of lenet5() have no ReLU.": partial(_lenet5, maps=nn.Identity),
        "The first hidden layer of lenet5() has no ReLU.": (
            partial(_lenet5, hidden=(nn.Identity, nn.ReLU))
        ),
        "The second hidden layer of lenet5() has no ReLU.": (
            partial(_lenet5, hidden=(nn.ReLU, nn.Identity))
        ),
        "lenet5() ends in a softmax: it returns probabilities, not logits.": (
            partial(_lenet5, end=partial(nn.Softmax, 1))
        ),
    },
)


def _vgg_style(
    pool: _Layer = MAX, relus: tuple[_Layer, _Layer] = (nn.ReLU, nn.ReLU), head: _Layer = nn.ReLU
) -> nn.Module:
    layers: list[nn.Module] = []
    for channels, width in ((1, 16), (16, 32)):
        layers += [nn.Conv2d(channels, width, 3, padding=1), relus[0]()]
        layers += [nn.Conv2d(width, width, 3, padding=1), relus[1](), pool()]
    last = (nn.Linear(32 * 7 * 7, 128), head(), nn.Linear(128, 10))
    return nn.Sequential(*layers, nn.Flatten(), *last)


VGG_STYLE = NetProbe(
    "vgg_style",
    (),
    IMAGES,
    _vgg_style,
    {
        "vgg_style() has average pooling: the task has max pooling.": (
            partial(_vgg_style, pool=AVERAGE)
        ),
        "The first convolution of each pair of vgg_style() has no ReLU.": (
            partial(_vgg_style, relus=(nn.Identity, nn.ReLU))
        ),
        "The second convolution of each pair of vgg_style() has no ReLU.": (
            partial(_vgg_style, relus=(nn.ReLU, nn.Identity))
        ),
        "The hidden layer of the head of vgg_style() has no ReLU.": (
            partial(_vgg_style, head=nn.Identity)
        ),
    },
)

_Sum = Callable[[Tensor, Tensor], Tensor]


class _Block(nn.Module):
    """``end`` makes y of F(x) and S(x); ``project`` makes the layers of S."""

    def __init__(
        self,
        channels: int,
        width: int,
        stride: int,
        end: _Sum,
        project: Callable[..., list[nn.Module]],
        is_second_strided: bool,
    ) -> None:
        super().__init__()
        strides = (1, stride) if is_second_strided else (stride, 1)
        self.inner = nn.Sequential(
            *(_convolution(channels, width, strides[0]), nn.BatchNorm2d(width), nn.ReLU()),
            *(_convolution(width, width, strides[1]), nn.BatchNorm2d(width)),
        )
        layers = project(channels, width, stride) if channels != width else []
        self.shortcut = nn.Sequential(*layers)
        self.end = end

    def forward(self, x: Tensor) -> Tensor:
        return self.end(self.inner(x), self.shortcut(x))


def _convolution(channels: int, width: int, stride: int) -> nn.Module:
    return nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)


def _projection(channels: int, width: int, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width)]


def _residual(out: Tensor, x: Tensor) -> Tensor:
    return F.relu(out + x)


def _resnet_style(
    end: _Sum = _residual,
    project: Callable[..., list[nn.Module]] = _projection,
    is_second_strided: bool = False,
    last: type[nn.Module] = nn.AdaptiveAvgPool2d,
    strides: tuple[int, int, int] = (1, 2, 2),
    stem: _Layer = nn.ReLU,
) -> nn.Module:
    widths = ((16, 16), (16, 32), (32, 64))
    blocks = (
        _Block(*each, stride, end, project, is_second_strided)
        for each, stride in zip(widths, strides, strict=True)
    )
    return nn.Sequential(
        *(_convolution(1, 16, 1), nn.BatchNorm2d(16), stem(), *blocks),
        *(last(1), nn.Flatten(), nn.Linear(64, 10)),
    )


RESNET_STYLE = NetProbe(
    "resnet_style",
    (),
    IMAGES,
    _resnet_style,
    {
        "The blocks of resnet_style() return ReLU(F(x)): the shortcut is not added.": (
            partial(_resnet_style, lambda out, x: F.relu(out))
        ),
        "The blocks of resnet_style() return ReLU(F(x)) + S(x): the ReLU comes after the sum.": (
            partial(_resnet_style, lambda out, x: F.relu(out) + x)
        ),
        "The blocks of resnet_style() have no ReLU after the sum.": (
            partial(_resnet_style, lambda out, x: out + x)
        ),
        "No gradient passes the shortcuts of resnet_style(): x is detached.": (
            partial(_resnet_style, lambda out, x: F.relu(out + x.detach()))
        ),
        "The shortcuts of resnet_style() have no batch norm after their 1x1 convolution.": (
            partial(_resnet_style, project=lambda *sizes: _projection(*sizes)[:1])
        ),
        "The shortcuts of resnet_style() end in a ReLU: they should be linear.": (
            partial(_resnet_style, project=lambda *sizes: [*_projection(*sizes), nn.ReLU()])
        ),
        "The second convolution of a block of resnet_style() has the stride: it belongs to the "
        "first.": partial(_resnet_style, is_second_strided=True),
        "The last block of resnet_style() has stride 1: the task has 2.": (
            partial(_resnet_style, strides=(1, 2, 1))
        ),
        "resnet_style() takes the maximum of each channel before the last layer, not the mean.": (
            partial(_resnet_style, last=nn.AdaptiveMaxPool2d)
        ),
        "The first convolution of resnet_style() has no ReLU after its batch norm.": (
            partial(_resnet_style, stem=nn.Identity)
        ),
    },
)


def _ask_count(submission: LoadedSubmission) -> tuple[Sequence[object], Inputs]:
    """A network with batch norm, once as it is and once with its last layer frozen and added."""
    net = made(submission, "resnet_style", (), IMAGES)
    right = _resnet_style()
    if {tuple(each.shape) for each in net.state_dict().values()} != {
        tuple(each.shape) for each in right.state_dict().values()
    }:
        return [], []
    answers = [submission.call("count_parameters", net)]
    last = right.get_submodule("8")
    keys = [key for key, each in net.state_dict().items() if each.shape == last.weight.shape]
    layer = net.method("get_submodule", keys[0].rpartition(".")[0])
    layer.method("requires_grad_", False)
    answers.append(submission.call("count_parameters", net))
    frozen = _resnet_style()
    frozen.get_submodule("8").requires_grad_(False)
    return answers, [(right,), (frozen,)]


def _sizes(net: nn.Module, counts: Callable[[Tensor], int] = torch.numel) -> int:
    return sum(counts(each) for each in net.parameters() if each.requires_grad)


COUNT = AskingProbe(
    _ask_count,
    _sizes,
    {
        "count_parameters counts frozen parameters, too: training cannot change them.": (
            lambda net: sum(each.numel() for each in net.parameters())
        ),
        "count_parameters counts buffers, too: batch norm's statistics are no parameters.": (
            lambda net: _sizes(net) + sum(each.numel() for each in net.buffers())
        ),
        "count_parameters counts tensors, not the numbers in them.": (
            lambda net: _sizes(net, lambda each: 1)
        ),
        "count_parameters counts weights of layers only: biases and batch norm count, too.": (
            lambda net: _sizes(net, lambda each: each.numel() if each.dim() > 1 else 0)
        ),
        "count_parameters leaves out what is 0: it changes in training like the rest.": (
            lambda net: _sizes(net, lambda each: int(each.count_nonzero()))
        ),
        "count_parameters leaves batch norm out: its weights and biases are trained, too.": (
            lambda net: sum(
                _sizes(each) for each in net.modules() if isinstance(each, nn.Conv2d | nn.Linear)
            )
        ),
    },
)


def _histories(generator: Generator) -> Inputs:
    inputs: list[tuple[Any, ...]] = []
    for share in (0.5, 0.75, 0.875):
        for count in torch.randint(1, 8, (15,), generator=generator).tolist():
            accuracies = (torch.randint(1, 65, (count,), generator=generator) / 64).tolist()
            seconds = torch.rand(count, generator=generator).tolist()
            inputs.append((list(zip(accuracies, seconds, strict=True)), share))
        inputs.append(([(share / 4, 0.2), (share / 2, 0.4), (0.5, 0.3)], share))
    return inputs


def _first(history: _History, reaches: Callable[[float], bool]) -> int:
    found = (epoch for epoch, (each, _) in enumerate(history, start=1) if reaches(each))
    return next(found, len(history))


def _best(history: _History) -> float:
    return max(each for each, _ in history)


def _converged(history: _History, share: float = SHARE) -> int:
    return _first(history, lambda each: each >= share * _best(history))


CONVERGED = FunctionProbe(
    "epochs_to_converge",
    _histories,
    _converged,
    {
        "epochs_to_converge counts epochs from 0: the first is 1.": (
            lambda history, share: _converged(history, share) - 1
        ),
        "epochs_to_converge takes a share of the last accuracy, not of the best.": (
            lambda history, share: _first(history, lambda each: each >= share * history[-1][0])
        ),
        "epochs_to_converge finds the best epoch itself, not the first that is near it.": (
            lambda history, share: _converged(history, 1.0)
        ),
        "epochs_to_converge ignores share: it always takes 0.95.": (
            lambda history, share: _converged(history)
        ),
        "epochs_to_converge looks for more than the share of the best: reaching it is enough.": (
            lambda history, share: _first(history, lambda each: each > share * _best(history))
        ),
        "epochs_to_converge subtracts 1 − share from the best accuracy: it should be multiplied.": (
            lambda history, share: _first(
                history, lambda each: each >= _best(history) - (1 - share)
            )
        ),
        "epochs_to_converge looks at the seconds: the accuracy is the first of each pair.": (
            lambda history, share: _converged([(one, other) for other, one in history], share)
        ),
    },
)


def _results(generator: Generator) -> Inputs:
    def draw_one(name: str) -> _Result:
        accuracy, size, count = torch.randint(1, 5, (3,), generator=generator).tolist()
        seconds = (torch.randint(1, 100, (2 * count + 2,), generator=generator) / 8).tolist()
        accuracies = (torch.randint(1, 17, (2 * count + 2,), generator=generator) / 16).tolist()
        return name, accuracy / 4, 1000 * size, list(zip(accuracies, seconds, strict=True))

    return [([draw_one(name) for name in "dahcgbfe"],) for _ in range(3)]


def _rows(
    results: Sequence[_Result],
    order: Callable[[_Result], Any] = lambda one: (-one[1], one[2]),
    seconds: Callable[[list[float]], float] = median,
) -> list[Any]:
    return [
        (name, share, size, seconds([each for _, each in history]), _converged(history))
        for name, share, size, history in sorted(results, key=order)
    ]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


COMPARE = FunctionProbe(
    "compare",
    _results,
    _rows,
    {
        "compare has the least accurate network first.": (
            partial(_rows, order=lambda one: (one[1], one[2]))
        ),
        "compare leaves the networks in the order in which they come.": (
            partial(_rows, order=lambda one: 0)
        ),
        "Of equally accurate networks, compare has the one with more parameters first.": (
            partial(_rows, order=lambda one: (-one[1], -one[2]))
        ),
        "Of equally accurate networks, compare leaves the order as it is: fewer parameters come "
        "first.": partial(_rows, order=lambda one: -one[1]),
        "compare sorts by parameters before accuracy.": (
            partial(_rows, order=lambda one: (one[2], -one[1]))
        ),
        "Where accuracy and parameters are equal, compare sorts by name: the order should stay.": (
            partial(_rows, order=lambda one: (-one[1], one[2], one[0]))
        ),
        "compare has the mean of the seconds, not the median.": partial(_rows, seconds=_mean),
        "compare has the sum of the seconds, not the median.": partial(_rows, seconds=sum),
        "compare has the last epoch's seconds, not the median of all.": (
            partial(_rows, seconds=lambda values: values[-1])
        ),
        "Of an even number of seconds, compare has the lower of the two in the middle, not their "
        "mean.": partial(_rows, seconds=lambda values: sorted(values)[(len(values) - 1) // 2]),
        "Of an even number of seconds, compare has the upper of the two in the middle, not their "
        "mean.": partial(_rows, seconds=lambda values: sorted(values)[len(values) // 2]),
    },
)

TRAINING = TrainingProbe("lenet5", (), IMAGES[1:], _lenet5, count=400, extra=4)

PROBES = {
    "lenet5": (LENET5, LayersProbe(LENET5)),
    "vgg_style": (VGG_STYLE, LayersProbe(VGG_STYLE)),
    "resnet_style": (RESNET_STYLE, LayersProbe(RESNET_STYLE)),
    "history": (TRAINING,),
    "steps": (TRAINING,),
    "comparison": (TRAINING,),
    "count_parameters": (COUNT,),
    "epochs_to_converge": (CONVERGED,),
    "compare": (COMPARE,),
}
