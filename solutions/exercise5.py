# cnn-lab exercise5, version 2
"""Exercise 5, solved: three architectures under one training recipe."""

import time
from statistics import median

import torch
import torch.nn.functional as F
from torch import Tensor, nn

History = list[tuple[float, float]]
Result = tuple[str, float, int, History]
Row = tuple[str, float, int, float, int]


def lenet5() -> nn.Module:
    """LeNet-5 as taught today: images (N, 1, 28, 28) to logits (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Conv2d(6, 16, kernel_size=5),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def vgg_style() -> nn.Module:
    """VGG's idea at a small size: images (N, 1, 28, 28) to logits (N, 10)."""
    return nn.Sequential(
        *_pair(1, 16),
        *_pair(16, 32),
        nn.Flatten(),
        nn.Linear(1568, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def _pair(channels: int, width: int) -> list[nn.Module]:
    return [
        nn.Conv2d(channels, width, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(width, width, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]


def resnet_style() -> nn.Module:
    """ResNet's idea at a small size: images (N, 1, 28, 28) to logits (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        ResidualBlock(16, 16, stride=1),
        ResidualBlock(16, 32, stride=2),
        ResidualBlock(32, 64, stride=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions F, and what comes in added back: ReLU(F(x) + S(x))."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(channels, width, kernel_size=3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.shortcut = nn.Sequential()
        if channels != width:
            projection = nn.Conv2d(channels, width, kernel_size=1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) to (N, width, H / stride, W / stride)."""
        return F.relu(self.convolutions(x) + self.shortcut(x))


def count_parameters(net: nn.Module) -> int:
    """How many numbers training can change in `net`."""
    return sum(each.numel() for each in net.parameters() if each.requires_grad)


@torch.no_grad()
def accuracy(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of `images` that `net` puts in the class of `labels`."""
    net.eval()
    return (net(images).argmax(dim=1) == labels).float().mean().item()


def train(
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    val_images: Tensor,
    val_labels: Tensor,
    epochs: int,
    batch_size: int,
    learning_rate: float,
) -> History:
    """Train `net` in place by the one recipe; returns one (accuracy, seconds) pair per epoch."""
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
    history = []
    for _ in range(epochs):
        started = time.perf_counter()
        net.train()  # measuring the accuracy has left it in evaluation mode
        for batch in torch.randperm(len(images)).split(batch_size):
            loss = F.cross_entropy(net(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        seconds = time.perf_counter() - started
        history.append((accuracy(net, val_images, val_labels), seconds))
    return history


def epochs_to_converge(history: History, share: float = 0.95) -> int:
    """The first epoch that comes near the best one."""
    accuracies = [reached for reached, _ in history]
    near = [reached >= share * max(accuracies) for reached in accuracies]
    return near.index(True) + 1


def compare(results: list[Result]) -> list[Row]:
    """One row for each result, the most accurate network first."""
    rows = [
        (name, reached, parameters, _seconds_per_epoch(history), epochs_to_converge(history))
        for name, reached, parameters, history in results
    ]
    return sorted(rows, key=lambda row: (-row[1], row[2]))


def _seconds_per_epoch(history: History) -> float:
    return median(seconds for _, seconds in history)


if __name__ == "__main__":
    from cnn_tui.data.preparation.digits import load

    def spread(values: list[float]) -> str:
        """The mean, and in brackets the lowest and the highest."""
        return f"{sum(values) / len(values):.1%} ({min(values):.1%} to {max(values):.1%})"

    def with_batch_norm(net: nn.Module) -> nn.Module:
        """`net` with batch norm after each of its convolutions, and nothing else changed."""
        for name, layer in list(net.named_children()):
            if isinstance(layer, nn.Conv2d):
                setattr(net, name, nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels)))
            else:
                with_batch_norm(layer)
        return net

    images, labels = load()
    images = F.interpolate(images.float() / 255, size=28, mode="bilinear")
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    seen, val, test = order[:600], order[600:900], order[900:]
    networks = {
        "lenet5": lenet5,
        "lenet5 + BN": lambda: with_batch_norm(lenet5()),
        "vgg_style": vgg_style,
        "resnet_style": resnet_style,
    }
    reached: dict[str, list[float]] = {name: [] for name in networks}
    for seed in range(3):
        results = []
        for name, make_net in networks.items():
            torch.manual_seed(seed)
            net = make_net()
            history = train(
                net,
                images[seen],
                labels[seen],
                images[val],
                labels[val],
                epochs=8,
                batch_size=20,
                learning_rate=5e-4,
            )
            reached[name].append(accuracy(net, images[test], labels[test]))
            results.append((name, reached[name][-1], count_parameters(net), history))
        print(f"seed {seed}\nnetwork       accuracy  parameters  s per epoch  epochs to converge")
        for name, right, parameters, seconds, epochs in compare(results):
            print(f"{name:12} {right:9.1%} {parameters:11,} {seconds:12.2f} {epochs:19}")
    print("mean of three seeds, and their range")
    for name, values in reached.items():
        print(f"{name:12} {spread(values)}")
