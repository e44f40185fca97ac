# cnn-lab exercise4, version 2
"""Exercise 4: dropout, and the overfitting that it prevents.

Write dropout yourself, build one network with different shares of it, and see
what each does to the gap between training images and new ones.

Write the functions below, then check your work:    cnn-lab check exercise4
Try things out at the end of this file, and run it: python exercises/exercise4.py

Build the network from the layers of torch.nn; how you arrange and name them is
up to you. Leave layers at PyTorch's defaults where nothing else is said, and
stay on the CPU: the net is small, and the checker has nothing else.
"""

from torch import Tensor, nn

Results = dict[float, tuple[float, float]]
"""For each p, the accuracy on the training images and on validation images, both 0 to 1."""


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    """Inverted dropout of `x`, of any shape; the result has its shape and dtype.

    In training, each value becomes 0 with probability `p` (0 <= p < 1), by a
    chance of its own that is drawn again in each call, and what is left is
    multiplied by 1 / (1 - p). Otherwise the result equals `x`.

    A random tensor is all that it takes. PyTorch's own dropout would pass as well,
    and teach you nothing.
    """
    raise NotImplementedError


def make_net(p: float) -> nn.Module:
    """A network that maps images (N, 1, 16, 16) to logits (N, 10).

    Two 3x3 convolutions with padding 1, then three linear layers:

        16 channels, max pooling 2x2,                 16x16 -> 8x8
        32 channels, max pooling 2x2,                   8x8 -> 4x4
        flattened as nn.Flatten does it,             32x4x4 -> 512
        linear 512 -> 512, linear 512 -> 256, linear 256 -> 10.

    ReLU follows each layer but the last. `dropout` with `p` follows the ReLU of
    the first and of the second linear layer, and stands nowhere else. It is at
    work while the network is in training mode, and only then: a module knows its
    mode as `self.training`.
    """
    raise NotImplementedError


def train(
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    epochs: int,
    batch_size: int,
    learning_rate: float,
) -> None:
    """Train `net` in place, with dropout at work, whatever mode it comes in.

    `images` are (N, 1, 16, 16) floats and `labels` (N,) class numbers; they may
    come sorted by class, so shuffle them before each epoch. Each epoch takes
    every image once. Take one step of torch.optim.Adam, with this learning rate and
    otherwise its defaults, on the mean cross-entropy of each batch; the last
    batch may be smaller. In which mode the network is left does not matter.
    """
    raise NotImplementedError


def accuracy(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of `images`, 0 to 1, that `net` gets right in evaluation mode.

    The network may come in either mode; leave it in the mode that it came in.
    """
    raise NotImplementedError


def gaps(results: Results) -> dict[float, float]:
    """By how much training accuracy exceeds the accuracy on validation images, for each p.

    Negative where the validation images do better, as they may where labels of
    training images are wrong.
    """
    raise NotImplementedError


def best_p(results: Results) -> float:
    """The p to choose: the one with the highest accuracy on validation images.

    Test images have no part in it: once they have chosen, they are no longer new,
    and the accuracy of the best is partly luck.
    The gap decides nothing: a network that learns nothing has none. Of several
    that are equally good, the smallest p.
    """
    raise NotImplementedError


if __name__ == "__main__":
    import torch

    from cnn_tui.data.preparation.digits import load

    def spread(values: list[float]) -> str:
        """The mean, and in brackets the lowest and the highest."""
        return f"{sum(values) / len(values):.1%} ({min(values):.1%} to {max(values):.1%})"

    images, labels = load()
    images = nn.functional.interpolate(images.float() / 255, size=16, mode="bilinear")
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
