# cnn-lab exercise4, version 2
"""Exercise 4, solved: dropout, and the overfitting that it prevents."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
    net.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(batch_size):
            loss = F.cross_entropy(net(images[batch]), labels[batch])
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
    """By how much training accuracy exceeds the accuracy on validation images, for each p."""
    return {p: on_training - on_val for p, (on_training, on_val) in results.items()}


def best_p(results: Results) -> float:
    """The p with the highest accuracy on validation images; of several such, the smallest."""
    return min(results, key=lambda p: (-results[p][1], p))


if __name__ == "__main__":
    from cnn_tui.data.preparation.digits import load

    def spread(values: list[float]) -> str:
        """The mean, and in brackets the lowest and the highest."""
        return f"{sum(values) / len(values):.1%} ({min(values):.1%} to {max(values):.1%})"

    images, labels = load()
    images = F.interpolate(images.float() / 255, size=16, mode="bilinear")
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(images), generator=generator)
    # Validation images choose p. The test images have no say in it, and give the final number.
    seen, val, test = order[:500], order[500:1000], order[1000:]
    # Wrong labels can only be memorized: 30 % of the training labels are drawn at random.
    seen_labels = labels[seen]
    seen_labels[:150] = torch.randint(10, (150,), generator=generator)
    results: Results = {}
    on_test: dict[float, list[float]] = {}
    print("mean of three seeds, and their range")
    for p in (0.0, 0.3, 0.5, 0.7):
        on_training, on_val, on_test[p] = [], [], []
        for seed in range(3):
            torch.manual_seed(seed)
            net = make_net(p)
            train(net, images[seen], seen_labels, 30, 25, 1e-3)
            on_training.append(accuracy(net, images[seen], seen_labels))
            on_val.append(accuracy(net, images[val], labels[val]))
            on_test[p].append(accuracy(net, images[test], labels[test]))
        print(f"p = {p}: training {spread(on_training)}, validation {spread(on_val)}")
        results[p] = sum(on_training) / 3, sum(on_val) / 3
    for p, gap in gaps(results).items():
        print(f"p = {p}: gap {gap:+.1%}")
    chosen = best_p(results)
    print(f"chosen: p = {chosen}, on test images {spread(on_test[chosen])}")
