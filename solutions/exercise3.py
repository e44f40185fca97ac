# cnn-lab exercise3, version 2
"""Exercise 3, solved: what batch normalization does to training."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

History = list[tuple[float, float]]

STAGES = ((16, 16), (32, 32), (64, 64))


def make_net(batch_norm: bool) -> nn.Module:
    """A network that maps images (N, 1, 16, 16) to logits (N, 10)."""
    layers: list[nn.Module] = []
    channels = 1
    for stage in STAGES:
        if layers:
            layers.append(nn.MaxPool2d(2))
        for width in stage:
            layers += _block(channels, width, batch_norm)
            channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


def _block(channels: int, width: int, batch_norm: bool) -> list[nn.Module]:
    # Batch norm subtracts whatever bias was added, and brings a shift of its own.
    convolution = nn.Conv2d(channels, width, kernel_size=3, padding=1, bias=not batch_norm)
    norm = [nn.BatchNorm2d(width)] if batch_norm else []
    return [convolution, *norm, nn.ReLU()]


def train(
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    epochs: int,
    batch_size: int,
    learning_rate: float,
) -> History:
    """Train `net` in place; returns one (loss, accuracy) pair per epoch."""
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
    net.train()
    history = []
    for _ in range(epochs):
        loss_sum, right = 0.0, 0
        for batch in torch.randperm(len(images)).split(batch_size):
            logits = net(images[batch])
            loss = F.cross_entropy(logits, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(batch)
            right += int((logits.argmax(dim=1) == labels[batch]).sum())
        history.append((loss_sum / len(images), right / len(images)))
    return history


def faster(with_norm: History, without_norm: History, accuracy: float = 0.9) -> str:
    """Which history reaches `accuracy` in fewer epochs: "with", "without" or "neither"."""
    epochs_with = _epochs_to(accuracy, with_norm)
    epochs_without = _epochs_to(accuracy, without_norm)
    if epochs_with == epochs_without:
        return "neither"
    return "with" if epochs_with < epochs_without else "without"


def _epochs_to(accuracy: float, history: History) -> float:
    for epoch, (_, reached) in enumerate(history, start=1):
        if reached >= accuracy:
            return epoch
    return float("inf")


if __name__ == "__main__":
    from cnn_tui.data.preparation.digits import load

    def spread(values: tuple[float, ...] | list[float]) -> str:
        """The mean, and in brackets the lowest and the highest."""
        return f"{sum(values) / len(values):.1%} ({min(values):.1%} to {max(values):.1%})"

    images, labels = load()
    images = F.interpolate(images.float() / 255, size=16, mode="bilinear")
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    seen, new = order[:500], order[500:1000]
    histories: dict[bool, list[History]] = {True: [], False: []}
    for batch_norm, of_each_seed in histories.items():
        on_new = []
        for seed in range(3):
            torch.manual_seed(seed)
            net = make_net(batch_norm)
            of_each_seed.append(train(net, images[seen], labels[seen], 10, 50, 1e-3))
            with torch.no_grad():
                right = net.eval()(images[new]).argmax(dim=1) == labels[new]
            on_new.append(right.float().mean().item())
        print(
            "with" if batch_norm else "without", "batch norm: mean of three seeds, and their range"
        )
        for epoch, pairs in enumerate(zip(*of_each_seed, strict=True), start=1):
            losses, accuracies = zip(*pairs, strict=True)
            print(f"  epoch {epoch:2}: loss {sum(losses) / 3:.3f}, accuracy {spread(accuracies)}")
        print(f"  on new digits: {spread(on_new)}")
    print("faster, seed by seed:", *map(faster, histories[True], histories[False]))
