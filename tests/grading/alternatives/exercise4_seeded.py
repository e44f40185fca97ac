"""Every training begins from one seed, and a DataLoader makes the batches."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

Results = dict[float, tuple[float, float]]


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    """Inverted dropout of `x`, of any shape; the result has its shape and dtype."""
    if not training or p == 0:
        return x
    kept = torch.rand_like(x) >= p
    return x * kept / (1 - p)


class Dropout(nn.Module):
    """`dropout` as a layer, which knows from its network whether it is training."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Dropout of `x` while the network is training."""
        return dropout(x, self.p, self.training)


def make_net(p: float) -> nn.Module:
    """A network that maps images (N, 1, 16, 16) to logits (N, 10)."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Flatten(),
        *(nn.Linear(512, 512), nn.ReLU(), Dropout(p)),
        *(nn.Linear(512, 256), nn.ReLU(), Dropout(p)),
        nn.Linear(256, 10),
    )


def train(
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    epochs: int,
    batch_size: int,
    learning_rate: float,
) -> None:
    """Train `net` in place, with dropout at work."""
    torch.manual_seed(2024)
    loader = DataLoader(TensorDataset(images, labels), batch_size, shuffle=True)
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
    net.train()
    for _ in range(epochs):
        for inputs, targets in loader:
            loss = F.cross_entropy(net(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def accuracy(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of `images`, 0 to 1, that `net` gets right in evaluation mode."""
    was_training = net.training
    net.eval()
    with torch.no_grad():
        right = net(images).argmax(dim=1) == labels
    net.train(was_training)
    return right.float().mean().item()


def gaps(results: Results) -> dict[float, float]:
    """By how much training accuracy exceeds the accuracy on new images, for each p."""
    return {p: on_training - on_new for p, (on_training, on_new) in results.items()}


def best_p(results: Results) -> float:
    """The p with the highest accuracy on new images; of several such, the smallest."""
    return min(results, key=lambda p: (-results[p][1], p))
