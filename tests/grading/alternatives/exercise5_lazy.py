"""Lazy layers, numpy for shuffling and medians, the stride in a sliced shortcut."""

from timeit import default_timer

import numpy as np
import torch
from torch import nn


def lenet5():
    return nn.Sequential(
        *(nn.LazyConv2d(6, 5), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.LazyConv2d(16, 5), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.LazyLinear(120), nn.ReLU(), nn.LazyLinear(84), nn.ReLU()),
        nn.LazyLinear(10),
    )


def vgg_style():
    layers = []
    for width in (16, 32):
        for _ in range(2):
            layers += [nn.LazyConv2d(width, 3, padding=1), nn.ReLU(inplace=True)]
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(128), nn.ReLU(), nn.LazyLinear(10))


def normed(width, size, stride=1):
    conv = nn.LazyConv2d(width, size, stride, padding=size // 2, bias=False)
    return nn.Sequential(conv, nn.LazyBatchNorm2d())


class Residual(nn.Module):
    def __init__(self, width, stride):
        super().__init__()
        self.stride = stride
        self.first, self.second = normed(width, 3, stride), normed(width, 3)
        self.shortcut = normed(width, 1) if stride == 2 else nn.Identity()

    def forward(self, x):
        out = self.second(torch.relu(self.first(x)))
        return torch.relu(self.shortcut(x[:, :, :: self.stride, :: self.stride]) + out)


def resnet_style():
    stages = [Residual(width, stride) for width, stride in ((16, 1), (32, 2), (64, 2))]
    head = (nn.AvgPool2d(7), nn.Flatten(), nn.LazyLinear(10))
    return nn.Sequential(normed(16, 3), nn.ReLU(), *stages, *head)


def count_parameters(net):
    return int(np.sum([p.requires_grad * p.nelement() for p in set(net.parameters())]))


def accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        answers = [net(each).argmax(1) for each in images.split(64)]
    return np.mean((torch.cat(answers) == labels).numpy())


def train(net, images, labels, val_images, val_labels, epochs, batch_size, learning_rate):
    accuracy(net, images[:1], labels[:1])
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
    history = []
    for _ in range(epochs):
        net.train()
        start = default_timer()
        order = torch.from_numpy(np.random.permutation(len(labels)))
        for x, y in zip(
            images[order].split(batch_size), labels[order].split(batch_size), strict=True
        ):
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()
        seconds = default_timer() - start
        history.append((accuracy(net, val_images, val_labels), seconds))
    return history


def epochs_to_converge(history, share=0.95):
    accuracies = np.array(history)[:, 0]
    return int(np.argmax(accuracies >= share * accuracies.max())) + 1


def compare(results):
    rows = []
    for i in sorted(range(len(results)), key=lambda i: (-results[i][1], results[i][2], i)):
        *known, history = results[i]
        rows.append((*known, np.median([s for _, s in history]), epochs_to_converge(history)))
    return rows
