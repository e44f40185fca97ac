"""Small networks of the kinds that torchinfo's own tests summarize: no images, or more than one."""

from torch import Tensor, nn
from torch.nn import functional as F


class Perceptron(nn.Module):
    """Numbers in, no maps at all."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(12, 8)
        self.out = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.relu(self.hidden(x)))  # type: ignore[no-any-return]


class Signal(nn.Module):
    """A convolution over one side."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 4, 5, stride=2)
        self.out = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.conv(x).mean(-1))  # type: ignore[no-any-return]


class Volume(nn.Sequential):
    """A convolution over three sides."""

    def __init__(self) -> None:
        layers = nn.Conv3d(1, 4, 3), nn.BatchNorm3d(4), nn.Flatten(), nn.Linear(4 * 36, 3)
        super().__init__(*layers)


class Recurrent(nn.Module):
    """Token ids, looked up and read one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 6)
        self.lstm = nn.LSTM(6, 5, num_layers=2, batch_first=True)
        self.out = nn.Linear(5, 20)

    def forward(self, ids: Tensor) -> Tensor:
        return self.out(self.lstm(self.embedding(ids))[0])  # type: ignore[no-any-return]


class Tokens(nn.Module):
    """Token ids, looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 6)
        self.out = nn.Linear(6, 3)

    def forward(self, ids: Tensor) -> Tensor:
        return self.out(self.embedding(ids).mean(1))  # type: ignore[no-any-return]


class Masked(Tokens):
    """A mask that is taken by name only."""

    def forward(self, ids: Tensor, *, mask: Tensor) -> Tensor:
        looked_up = self.embedding(ids).masked_fill(mask[..., None], 0)
        return self.out(looked_up.mean(1))  # type: ignore[no-any-return]


class Two(nn.Module):
    """An image and some facts about it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.deep = nn.Sequential(nn.Linear(10, 8), nn.Linear(8, 4))

    def forward(self, image: Tensor, facts: Tensor) -> dict[str, Tensor]:
        return {"logits": self.conv(image).mean((2, 3)) + self.deep(facts), "facts": facts}


class Step(nn.Module):
    """An image and one whole number, as a diffusion model takes them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.step = nn.Embedding(100, 4)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        return self.conv(x) + self.step(t)[:, :, None, None]  # type: ignore[no-any-return]


class FixedBatch(nn.Module):
    """A batch that is written into the forward."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(48, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(x.view(8, -1))  # type: ignore[no-any-return]


class OneExample(nn.Module):
    """No batch at all."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(3, 5)

    def forward(self, x: Tensor) -> Tensor:
        channels, height, width = x.shape
        return self.out(x.reshape(channels, height * width).T)  # type: ignore[no-any-return]


class Checked(OneExample):
    """A check of the sides that says nothing."""

    def forward(self, x: Tensor) -> Tensor:
        assert x.dim() == 3
        return super().forward(x)


class Told(OneExample):
    """A check of the sides that says what it wants."""

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 3:
            raise ValueError(f"expected 3D input, got {x.dim()}D")
        return super().forward(x)


class Silent(nn.Conv2d):
    """A forward without a return."""

    def forward(self, x: Tensor) -> None:  # type: ignore[override]
        super().forward(x)


class Listed(nn.Module):
    """Layers in a Python list, before the first that is registered."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = [nn.Conv2d(3, 8, 3)]
        self.out = nn.Linear(8, 3)
        self.used = [self.out]

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.hidden[0](x).mean((2, 3)))  # type: ignore[no-any-return]


class Branching(Signal):
    """A forward that needs numbers."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x if x.sum() > 0 else -x)


class OneValue(nn.Sequential):
    """Batch normalization of one value, which training would refuse."""

    def __init__(self) -> None:
        super().__init__(nn.Linear(4, 1), nn.BatchNorm1d(1))


class Optional(nn.Module):
    """An input that may be left out, and may not."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(4, 4)

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        return self.out(x) + skip.sum()  # type: ignore[no-any-return, union-attr]


class Magnitude(nn.Module):
    """Complex numbers in."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(x.abs())  # type: ignore[no-any-return]


class Bytes(nn.Module):
    """Pixels as bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.float() / 255)  # type: ignore[no-any-return]
