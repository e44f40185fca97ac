"""Small networks with one mistake each, and such that look like it and are right."""

from collections import OrderedDict
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Net(nn.Module):
    """A right one: two convolutions, one fully connected layer; the others change a part."""

    classes = 4

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 4 * 4, self.classes)

    def features(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return F.relu(self.conv2(x))

    def scores(self, x: Tensor) -> Tensor:
        return self.fc(self.features(x).flatten(1))  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Any:
        return self.scores(x)


class Listed(Net):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = [nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()]

    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        for block in self.blocks:
            x = block(x)
        return x


class InDict(Net):
    def __init__(self) -> None:
        super().__init__()
        self.heads = {"a": nn.Linear(8 * 4 * 4, 4)}
        del self.fc

    def forward(self, x: Tensor) -> Any:
        return self.heads["a"](self.features(x).flatten(1))


class PlainTensor(Net):
    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.ones(8, 1, 1, requires_grad=True)

    def features(self, x: Tensor) -> Tensor:
        return super().features(x) * self.scale


ELSEWHERE = [nn.Linear(4, 4)]


class Global(Net):
    def forward(self, x: Tensor) -> Any:
        return ELSEWHERE[0](F.relu(self.scores(x)))


class ModuleListed(Net):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()])

    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        for block in self.blocks:
            x = block(x)
        return x


class ListOfRegistered(ModuleListed):
    def __init__(self) -> None:
        super().__init__()
        self.order = [self.conv1, *self.blocks]


class ListOfActivations(Net):
    def __init__(self) -> None:
        super().__init__()
        self.activations = [nn.Tanh(), nn.MaxPool2d(1)]

    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        for each in self.activations:
            x = each(x)
        return x


class FrozenTeacher(Net):
    def __init__(self) -> None:
        super().__init__()
        self.teacher = [nn.Conv2d(8, 8, 1).requires_grad_(False)]

    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        return x + self.teacher[0](x)


class Buffered(Net):
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("scale", torch.ones(8, 1, 1))

    def features(self, x: Tensor) -> Tensor:
        return super().features(x) * self.scale


class Token(Net):
    """A weight beside the layers, used through a view of it, as a class token is."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1))

    def forward(self, x: Tensor) -> Any:
        x = self.scores(x)
        return torch.cat([self.token.expand(x.shape[0], -1), x], dim=1)


class MadeInForward(Net):
    def __init__(self) -> None:
        super().__init__()
        del self.fc

    def forward(self, x: Tensor) -> Any:
        return nn.Linear(8 * 4 * 4, 4).to(x.device)(self.features(x).flatten(1))


class MadeAtFirst(Net):
    def __init__(self) -> None:
        super().__init__()
        self.head: nn.Module | None = None
        del self.fc

    def forward(self, x: Tensor) -> Any:
        x = self.features(x).flatten(1)
        if self.head is None:
            self.head = nn.Linear(x.shape[1], 4)
        return self.head(x)


class ReluMadeInForward(Net):
    def features(self, x: Tensor) -> Tensor:
        return nn.ReLU()(self.conv2(nn.MaxPool2d(2)(self.conv1(x))))  # type: ignore[no-any-return]


class Lazy(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.LazyLinear(4)  # type: ignore[assignment]


class ClassAttribute(Net):
    """Makes its layers while it is built, one of them in a method."""

    def __init__(self) -> None:
        super().__init__()
        self.build()

    def build(self) -> None:
        self.fc = nn.Linear(8 * 4 * 4, 4)


class AlwaysDrops(Net):
    def features(self, x: Tensor) -> Tensor:
        return F.dropout(super().features(x), 0.5)


class DropoutInForward(Net):
    def features(self, x: Tensor) -> Tensor:
        return nn.Dropout(0.5)(super().features(x))  # type: ignore[no-any-return]


class DropsInTraining(Net):
    def features(self, x: Tensor) -> Tensor:
        return F.dropout(super().features(x), 0.5, training=self.training)


class MonteCarlo(Net):
    """Samples its answers in evaluation on purpose."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def features(self, x: Tensor) -> Tensor:
        self.drop.train()
        return self.drop(super().features(x))  # type: ignore[no-any-return]


class Folds(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Any:
        return self.fc(self.features(x).view(-1, 32))


class FoldsByReshape(Folds):
    def forward(self, x: Tensor) -> Any:
        return self.fc(self.features(x).reshape(-1, 32).relu())


class FlattensAll(Net):
    def forward(self, x: Tensor) -> Any:
        return self.fc(torch.flatten(self.features(x)))


class Squeezes(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Any:
        return self.fc(F.adaptive_avg_pool2d(self.features(x), 1).squeeze())


class ViewsRight(Net):
    def forward(self, x: Tensor) -> Any:
        return self.fc(self.features(x).view(-1, 8 * 4 * 4))


class PerPixel(Net):
    """Scores for each pixel, one row each, as a loss over pixels wants them."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Any:
        return self.fc(self.features(x).permute(0, 2, 3, 1).reshape(-1, 8))


class Windows(Net):
    """Folds windows into the batch, and unfolds them again."""

    def forward(self, x: Tensor) -> Any:
        maps = self.features(x)
        parts = maps.view(-1, 32)
        return self.fc(F.gelu(parts).view(maps.shape[0], -1))


class SqueezesSides(Squeezes):
    def forward(self, x: Tensor) -> Any:
        return self.fc(F.adaptive_avg_pool2d(self.features(x), 1).squeeze(-1).squeeze(-1))


class OneScore(Net):
    classes = 1

    def forward(self, x: Tensor) -> Any:
        return self.scores(x).flatten()


class EndsWithSoftmax(Net):
    def forward(self, x: Tensor) -> Any:
        return F.softmax(self.scores(x), dim=1)


class SoftmaxLayer(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Sequential(  # type: ignore[assignment]
            OrderedDict(out=nn.Linear(8 * 4 * 4, 4), softmax=nn.Softmax(dim=-1))
        )


class SoftmaxOverBatch(Net):
    def forward(self, x: Tensor) -> Any:
        return self.scores(x).softmax(0)


class LogSoftmaxOverBatch(Net):
    def forward(self, x: Tensor) -> Any:
        return self.scores(x).log_softmax(0)


class EndsWithLogSoftmax(Net):
    def forward(self, x: Tensor) -> Any:
        return F.log_softmax(self.scores(x), dim=1)


class SoftmaxInEvaluation(Net):
    """Logits for the loss, probabilities for whoever uses it."""

    def forward(self, x: Tensor) -> Any:
        x = self.scores(x)
        return x if self.training else x.softmax(1)


class BothAnswers(Net):
    def forward(self, x: Tensor) -> Any:
        x = self.scores(x)
        return x, x.softmax(1)


class SoftmaxAsGate(Net):
    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        return x * x.softmax(1)


class EndsWithSigmoid(Net):
    def forward(self, x: Tensor) -> Any:
        return torch.sigmoid(self.scores(x))


class TwoClasses(EndsWithSigmoid):
    classes = 1


class SigmoidPicture(Net):
    """Draws a picture with values from 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        del self.fc

    def forward(self, x: Tensor) -> Any:
        return self.features(x).sigmoid()


class FlatPicture(nn.Module):
    """An autoencoder, whose answer is as many pixels as came in."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(192, 8)
        self.decoder = nn.Linear(8, 192)

    def forward(self, x: Tensor) -> Any:
        return self.decoder(F.relu(self.encoder(x.flatten(1)))).sigmoid()


class SigmoidAsGate(Net):
    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        return x * x.mean((2, 3), keepdim=True).sigmoid()


class EndsWithRelu(Net):
    def forward(self, x: Tensor) -> Any:
        return F.relu(self.scores(x))


class ReluThenPool(Net):
    """SqueezeNet's end: a convolution, a ReLU, and the mean of each map."""

    def __init__(self) -> None:
        super().__init__()
        del self.fc

    def forward(self, x: Tensor) -> Any:
        return F.adaptive_avg_pool2d(self.features(x), 1).flatten(1)


class ReluOfPicture(ReluThenPool):
    def forward(self, x: Tensor) -> Any:
        return self.features(x)


class EndsWithDropout(Net):
    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.2)

    def forward(self, x: Tensor) -> Any:
        return self.drop(self.scores(x))


class NoDropoutAtEnd(EndsWithDropout):
    def __init__(self) -> None:
        super().__init__()
        self.drop.p = 0.0


class DropoutBeforeEnd(EndsWithDropout):
    def forward(self, x: Tensor) -> Any:
        return self.fc(self.drop(self.features(x).flatten(1)))


class ReturnsClasses(Net):
    def forward(self, x: Tensor) -> Any:
        return self.scores(x).argmax(1)


class ReturnsClassesByMax(Net):
    def forward(self, x: Tensor) -> Any:
        return self.scores(x).max(1)[1]


class ClassesInEvaluation(Net):
    def forward(self, x: Tensor) -> Any:
        x = self.scores(x)
        return x if self.training else x.argmax(1)


class ScoresAndClasses(Net):
    def forward(self, x: Tensor) -> Any:
        x = self.scores(x)
        return {"logits": x, "classes": x.argmax(1)}


class MaxScore(Net):
    def forward(self, x: Tensor) -> Any:
        return self.scores(x).max(1)[0]


class Normed(Net):
    bias = True

    def __init__(self) -> None:
        super().__init__()
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=self.bias)
        self.bn = nn.BatchNorm2d(8)

    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv2(F.max_pool2d(F.relu(self.conv1(x)), 2))))


class LinearNormed(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Sequential(  # type: ignore[assignment]
            nn.Linear(128, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 4)
        )


class NormedWithoutBias(Normed):
    bias = False


class ActivatedBeforeNorm(Normed):
    def features(self, x: Tensor) -> Tensor:
        return self.bn(F.relu(self.conv2(F.max_pool2d(F.relu(self.conv1(x)), 2))))  # type: ignore[no-any-return]


class AddedBesideNorm(Normed):
    def features(self, x: Tensor) -> Tensor:
        x = self.conv2(F.max_pool2d(F.relu(self.conv1(x)), 2))
        return F.relu(self.bn(x) + x)


class SharedBesideNorm(Normed):
    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.conv2(super().features(x)))


class LayerNormed(Normed):
    def __init__(self) -> None:
        super().__init__()
        self.bn = nn.GroupNorm(2, 8)  # type: ignore[assignment]


class TwoRelus(Net):
    def __init__(self) -> None:
        super().__init__()
        self.act = nn.ReLU()

    def features(self, x: Tensor) -> Tensor:
        return self.act(super().features(x))  # type: ignore[no-any-return]


class TwoRelusInPlace(TwoRelus):
    def __init__(self) -> None:
        super().__init__()
        self.act = nn.ReLU(inplace=True)


class ReluThenClip(TwoRelus):
    def __init__(self) -> None:
        super().__init__()
        self.act = nn.ReLU6()  # type: ignore[assignment]


class ReluAfterSum(Net):
    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        return F.relu(x + F.relu(self.conv2(x)))


class OneReluTwice(TwoRelus):
    """The same module after each convolution."""

    def features(self, x: Tensor) -> Tensor:
        return self.act(self.conv2(F.max_pool2d(self.act(self.conv1(x)), 2)))  # type: ignore[no-any-return]


class TwoLinears(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(128, 16), nn.Linear(16, 4))  # type: ignore[assignment]


class TwoLinearFunctions(TwoLinears):
    def forward(self, x: Tensor) -> Any:
        x = self.features(x).flatten(1)
        for layer in self.fc:  # type: ignore[attr-defined]
            x = F.linear(x, layer.weight, layer.bias)
        return x


class LowRank(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(128, 3), nn.Linear(3, 4))  # type: ignore[assignment]


class WithActivation(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(128, 16), nn.Tanh(), nn.Linear(16, 4))  # type: ignore[assignment]


class FrozenThenHead(TwoLinears):
    """A linear probe on a frozen embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.fc[0].requires_grad_(False)  # type: ignore[index]


class PoolsNothing(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 4)

    def features(self, x: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(F.max_pool2d(super().features(x), 4), 1)


class WindowOnNothing(PoolsNothing):
    def features(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(Net.features(self, x), 4)
        return F.relu(self.conv2(F.max_pool2d(x, 3, 2, padding=1)))


class PoolsTwice(PoolsNothing):
    def features(self, x: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(F.adaptive_avg_pool2d(Net.features(self, x), 1), 1)


class MeansNothing(PoolsNothing):
    def features(self, x: Tensor) -> Tensor:
        return F.max_pool2d(Net.features(self, x), 4).mean((2, 3))


class PoolsOnce(PoolsNothing):
    def features(self, x: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(Net.features(self, x), 1)


class ConvolvesAll(PoolsNothing):
    """A fully connected layer as a convolution; a larger image would give it more places."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = nn.Conv2d(8, 8, 4)

    def features(self, x: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(self.whole(Net.features(self, x)), 1)


class WindowOfOne(PoolsNothing):
    def features(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(F.max_pool2d(Net.features(self, x), 4), 1)


class Gated(PoolsOnce):
    """Squeeze and excitation: pools for its gate, then the map for the classes."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Conv2d(8, 8, 1)

    def features(self, x: Tensor) -> Tensor:
        x = Net.features(self, x)
        gate = self.gate(F.adaptive_avg_pool2d(x, 1)).sigmoid()
        return F.adaptive_avg_pool2d(x * gate, 1)


class Branch(Net):
    def __init__(self) -> None:
        super().__init__()
        self.side = nn.Conv2d(8, 8, 1)

    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        F.relu(self.side(x))
        return x


class ForgetsRelu(Net):
    def features(self, x: Tensor) -> Tensor:
        x = self.conv2(F.max_pool2d(F.relu(self.conv1(x)), 2))
        F.relu(x)
        return x


class InPlaceRelu(Net):
    def features(self, x: Tensor) -> Tensor:
        x = self.conv2(F.max_pool2d(F.relu(self.conv1(x)), 2))
        F.relu(x, inplace=True)
        return x


class PrintsMean(Net):
    def features(self, x: Tensor) -> Tensor:
        x = super().features(x)
        print("mean", x.mean().shape, x.abs().max().shape)
        return x


class KeepsMaps(Branch):
    """Keeps a branch's result for a loss, or for a picture."""

    def features(self, x: Tensor) -> Tensor:
        x = Net.features(self, x)
        self.kept = {"side": [self.side(x)]}
        return x


class WritesSlices(Branch):
    def features(self, x: Tensor) -> Tensor:
        x = Net.features(self, x)
        x[:, :4] = self.side(x)[:, :4]
        return x


class AuxiliaryHead(Branch):
    """Runs a second classifier in training only."""

    def features(self, x: Tensor) -> Tensor:
        return Net.features(self, x)

    def forward(self, x: Tensor) -> Any:
        maps = self.features(x)
        scores = self.fc(maps.flatten(1))
        return (scores, self.side(maps)) if self.training else scores


class ComputesAuxiliary(AuxiliaryHead):
    """Runs it always, and returns it in training only."""

    def forward(self, x: Tensor) -> Any:
        maps = self.features(x)
        scores, side = self.fc(maps.flatten(1)), self.side(maps)
        return (scores, side) if self.training else scores


class Unused(Branch):
    def features(self, x: Tensor) -> Tensor:
        return Net.features(self, x)


class UnusedWeight(Net):
    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(8))


class FrozenUnused(Unused):
    def __init__(self) -> None:
        super().__init__()
        self.side.requires_grad_(False)


WRONG: dict[str, tuple[type[nn.Module], ...]] = {
    "unregistered": (Listed, InDict, PlainTensor, Global),
    "made-in-forward": (MadeInForward, MadeAtFirst),
    "dropout-in-eval": (AlwaysDrops, DropoutInForward),
    "folded-batch": (Folds, FoldsByReshape, FlattensAll, Squeezes),
    "final-softmax": (EndsWithSoftmax, SoftmaxLayer),
    "softmax-dim": (SoftmaxOverBatch, LogSoftmaxOverBatch),
    "final-sigmoid": (EndsWithSigmoid, TwoClasses),
    "final-relu": (EndsWithRelu,),
    "final-dropout": (EndsWithDropout,),
    "class-numbers": (ReturnsClasses, ReturnsClassesByMax),
    "bias-before-batch-norm": (Normed, LinearNormed),
    "repeated-relu": (TwoRelus, TwoRelusInPlace),
    "repeated-linear": (TwoLinears, TwoLinearFunctions),
    "nothing-to-pool": (PoolsNothing, WindowOnNothing, PoolsTwice, MeansNothing),
    "dead-branch": (Branch, ForgetsRelu),
    "unused-layer": (Unused, UnusedWeight),
}
RIGHT: tuple[type[nn.Module], ...] = (
    *(Net, ModuleListed, ListOfRegistered, ListOfActivations, FrozenTeacher, Buffered, Token),
    *(ReluMadeInForward, ClassAttribute, DropsInTraining, MonteCarlo),
    *(ViewsRight, PerPixel, Windows, SqueezesSides, OneScore),
    *(EndsWithLogSoftmax, SoftmaxInEvaluation, BothAnswers, SoftmaxAsGate),
    *(
        SigmoidPicture,
        FlatPicture,
        SigmoidAsGate,
        ReluThenPool,
        ReluOfPicture,
        NoDropoutAtEnd,
        DropoutBeforeEnd,
    ),
    *(NormedWithoutBias, ActivatedBeforeNorm, AddedBesideNorm, SharedBesideNorm, LayerNormed),
    *(ReluThenClip, ReluAfterSum, OneReluTwice, LowRank, WithActivation, FrozenThenHead),
    *(PoolsOnce, ConvolvesAll, WindowOfOne, Gated, InPlaceRelu, KeepsMaps, WritesSlices),
    *(AuxiliaryHead, ComputesAuxiliary, FrozenUnused),
)
SLOW = "class-numbers"
SLOW_RIGHT = (Lazy, PrintsMean, ClassesInEvaluation, ScoresAndClasses, MaxScore)
"""Whose operations torch answers itself: the first of them loads half of its compiler."""
