# cnn-lab exercise3, version 2
"""Exercise 3: what batch normalization does to training.

Build one network twice, with and without batch norm, train both alike, and see
which learns faster.

Write the functions below, then check your work:    cnn-lab check exercise3
Try things out at the end of this file, and run it: python exercises/exercise3.py

Build the networks from the layers of torch.nn; how you arrange and name them is
up to you. Leave layers at PyTorch's defaults where nothing else is said, and
stay on the CPU: the nets are small, and the checker has nothing else.
"""

from torch import Tensor, nn

History = list[tuple[float, float]]
"""One (loss, accuracy) pair per epoch, both over the images of training; accuracy is 0 to 1."""


def make_net(batch_norm: bool) -> nn.Module:
    """A network that maps images (N, 1, 16, 16) to logits (N, 10).

    Six 3x3 convolutions with padding 1, then a linear layer:

        16 channels, 16 channels, max pooling 2x2,    16x16 -> 8x8
        32 channels, 32 channels, max pooling 2x2,      8x8 -> 4x4
        64 channels, 64 channels,                       4x4
        the average of each channel (global average pooling), linear 64 -> 10.

    ReLU follows each convolution. With `batch_norm`, a BatchNorm2d stands
    between each convolution and its ReLU, and those convolutions may drop their
    bias. Nothing else differs.
    """
    raise NotImplementedError


def train(
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    epochs: int,
    batch_size: int,
    learning_rate: float,
) -> History:
    """Train `net` in place, in training mode; returns one (loss, accuracy) pair per epoch.

    `images` are (N, 1, 16, 16) floats and `labels` (N,) class numbers; they come
    sorted by class, so shuffle them before each epoch. Take one step of
    torch.optim.Adam, with this learning rate and otherwise its defaults, on the
    mean cross-entropy of each batch; the last batch may be smaller. Each epoch's
    loss is the mean over its images (not over its batches), and its accuracy the
    share of its images that were right, both as computed for the steps, that is
    before each step. The weights that the last step leaves stay in `net`.
    """
    raise NotImplementedError


def faster(with_norm: History, without_norm: History, accuracy: float = 0.9) -> str:
    """Which history reaches `accuracy` in fewer epochs: "with", "without" or "neither".

    A history reaches it in the first epoch whose accuracy is at least
    `accuracy`. One that reaches it beats one that never does. Where both take
    equally many epochs, or both never do, the answer is "neither". One history
    may be shorter than the other.
    """
    raise NotImplementedError


if __name__ == "__main__":
    import torch

    from cnn_tui.data.preparation.digits import load

    def spread(values: tuple[float, ...] | list[float]) -> str:
        """The mean, and in brackets the lowest and the highest."""
        return f"{sum(values) / len(values):.1%} ({min(values):.1%} to {max(values):.1%})"

    images, labels = load()
    images = nn.functional.interpolate(images.float() / 255, size=16, mode="bilinear")
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
