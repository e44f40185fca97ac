# cnn-lab exercise5, version 2
"""Exercise 5: three architectures under one training recipe.

Build a LeNet-5, a VGG-style and a ResNet-style network, train them alike, and
put what each reached and what it cost side by side.

Write the functions below, then check your work:    cnn-lab check exercise5
Try things out at the end of this file, and run it: python exercises/exercise5.py

Build the networks from the layers of torch.nn; how you arrange and name them is
up to you. Leave layers at PyTorch's defaults where nothing else is said, and
stay on the CPU: the nets are small, and the checker has nothing else.
"""

from torch import Tensor, nn

History = list[tuple[float, float]]
"""One (accuracy, seconds) pair per epoch of training.

The accuracy, 0 to 1, is that of the validation images after the epoch; the
seconds are what the epoch's training took, without the validation.
"""

Result = tuple[str, float, int, History]
"""A network's name, its accuracy on test images, its parameter count, its history."""

Row = tuple[str, float, int, float, int]
"""Name, accuracy, parameter count, seconds per epoch, epochs to converge."""


def lenet5() -> nn.Module:
    """LeNet-5 as taught today: images (N, 1, 28, 28) to logits (N, 10).

        convolution 5x5, 6 channels, no padding, ReLU,     28x28 -> 24x24
        average pooling 2x2,                               24x24 -> 12x12
        convolution 5x5, 16 channels, no padding, ReLU,    12x12 -> 8x8
        average pooling 2x2,                                 8x8 -> 4x4
        flatten, linear 256 -> 120, ReLU,
        linear 120 -> 84, ReLU, linear 84 -> 10.

    44,426 parameters: every layer has its bias.
    """
    raise NotImplementedError


def vgg_style() -> nn.Module:
    """VGG's idea at a small size: images (N, 1, 28, 28) to logits (N, 10).

    3x3 convolutions with padding 1, each followed by ReLU, in pairs:

        16 channels, 16 channels, max pooling 2x2,         28x28 -> 14x14
        32 channels, 32 channels, max pooling 2x2,         14x14 -> 7x7
        flatten, linear 1568 -> 128, ReLU, linear 128 -> 10.

    218,490 parameters: every layer has its bias. No batch norm and no dropout.
    """
    raise NotImplementedError


def resnet_style() -> nn.Module:
    """ResNet's idea at a small size: images (N, 1, 28, 28) to logits (N, 10).

        convolution 3x3, 16 channels, batch norm, ReLU,    28x28
        residual block with 16 channels, stride 1,         28x28
        residual block with 32 channels, stride 2,         28x28 -> 14x14
        residual block with 64 channels, stride 2,         14x14 -> 7x7
        the average of each channel (global average pooling), linear 64 -> 10.

    A residual block is ReLU(F(x) + S(x)), where F is

        convolution 3x3, batch norm, ReLU, convolution 3x3, batch norm,

    and the block's stride is that of F's first convolution. S(x) is x itself
    where the shape stays; where it changes, S is a 1x1 convolution with the
    block's stride and channels, then batch norm. 3x3 convolutions have padding
    1. No convolution has a bias: batch norm would subtract it. 77,754 parameters.
    """
    raise NotImplementedError


def count_parameters(net: nn.Module) -> int:
    """How many numbers training can change in `net`.

    That is, the elements of its parameters. Those that are frozen
    (requires_grad is False) do not count, nor do buffers, such as the running
    statistics of batch norm. A layer that sits in the network at two places
    counts once.
    """
    raise NotImplementedError


def accuracy(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of `images` (N, 1, 28, 28) that `net` puts in the class of `labels` (N,).

    From 0 to 1. Judged in evaluation mode, whatever mode the network comes in,
    and without changing any of its numbers. The mode that you leave it in is up
    to you.
    """
    raise NotImplementedError


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
    """Train `net` in place by the one recipe; returns one (accuracy, seconds) pair per epoch.

    `images` are (N, 1, 28, 28) floats and `labels` (N,) class numbers; they come
    sorted by class, so shuffle them before each epoch. Take one step of
    torch.optim.Adam, with this learning rate and otherwise its defaults, on the
    mean cross-entropy of each batch; the last batch may be smaller. The network
    is in training mode for every step.

    After each epoch, measure the accuracy on the validation images. The seconds
    are those of the epoch's training alone, by the clock on the wall
    (time.perf_counter).
    """
    raise NotImplementedError


def epochs_to_converge(history: History, share: float = 0.95) -> int:
    """The first epoch that comes near the best one.

    Near is an accuracy of at least `share` times the best accuracy of
    `history`. Epochs count from 1. `share` is at most 1 and `history` never
    empty, so there always is one.
    """
    raise NotImplementedError


def compare(results: list[Result]) -> list[Row]:
    """One row for each result, the most accurate network first.

    Of two that are equally accurate, the one with fewer parameters comes first;
    where these are equal too, the one that comes first in `results`. Seconds per
    epoch are the median over the history (of an even number of epochs: the mean
    of the middle two), as the first epoch often pays for a slow start. Epochs to
    converge are those of epochs_to_converge at its own share, 0.95.
    """
    raise NotImplementedError


if __name__ == "__main__":
    import torch

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
    images = nn.functional.interpolate(images.float() / 255, size=28, mode="bilinear")
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
