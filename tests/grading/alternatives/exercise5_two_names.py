"""Layers made in reverse and known by two names, 1×1 convolutions for heads, averages by hand."""

import random
import statistics
import time

import torch
from torch import nn


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(84, 10)
        self.squash = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(4)
        head = [nn.Flatten(), nn.Linear(256, 120), self.squash, nn.Linear(120, 84), self.squash]
        self.head = nn.Sequential(*head, self.last)
        self.second = nn.Conv2d(6, 16, 5)
        self.first = nn.Conv2d(1, 6, 5)

    def forward(self, x):
        x = nn.functional.adaptive_avg_pool2d(self.squash(self.first(x)), 12)
        return self.head(self.pool(self.squash(self.second(x))))


class VGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Conv2d(128, 10, 1)
        self.hidden = nn.Linear(1568, 128)
        self.d, self.c = nn.Conv2d(32, 32, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.b, self.a = nn.Conv2d(16, 16, 3, padding=1), nn.Conv2d(1, 16, 3, padding=1)
        self.convolutions = nn.ModuleDict({"a": self.a, "b": self.b, "c": self.c, "d": self.d})

    def forward(self, x):
        for name, conv in self.convolutions.items():
            x = conv(x).clamp(min=0)
            if name in "bd":
                x = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).amax(dim=(3, 5))
        x = self.hidden(x.flatten(1)).clamp(min=0)
        return self.out(x[:, :, None, None])[:, :, 0, 0]


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Conv2d(64, 10, 1)
        self.projections = nn.ModuleList([self.norm(32, 16, 1, 2), self.norm(64, 32, 1, 2)])
        self.convs = nn.ModuleList(
            [
                self.norm(16, 1, 3, 1),
                *(self.norm(16, 16, 3, 1), self.norm(16, 16, 3, 1)),
                *(self.norm(32, 16, 3, 2), self.norm(32, 32, 3, 1)),
                *(self.norm(64, 32, 3, 2), self.norm(64, 64, 3, 1)),
            ]
        )
        self.stem = self.convs[0]

    @staticmethod
    def norm(out, inside, size, stride):
        conv = nn.Conv2d(inside, out, size, stride, (size - 1) // 2, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(out))

    def forward(self, x):
        x = self.stem(x).relu()
        for i, shortcut in enumerate((nn.Identity(), *self.projections)):
            one, two = self.convs[2 * i + 1], self.convs[2 * i + 2]
            x = (shortcut(x) + two(one(x).relu_())).relu_()
        return self.head(x).mean(dim=(2, 3))


def lenet5():
    return LeNet()


def vgg_style():
    return VGG()


def resnet_style():
    return ResNet()


def count_parameters(net):
    count = 0
    for _, parameter in net.named_parameters():
        if parameter.requires_grad:
            count += len(parameter.detach().flatten())
    return torch.tensor(count)


def accuracy(net, images, labels):
    net.train(False)
    with torch.no_grad():
        answers = net(images).topk(1).indices[:, 0]
    right = [int(a) == int(b) for a, b in zip(answers, labels, strict=True)]
    return sum(right) / len(right)


def train(net, images, labels, val_images, val_labels, epochs, batch_size, learning_rate):
    groups = [{"params": [each]} for each in net.parameters()]
    adam = torch.optim.Adam(groups, lr=learning_rate)
    seconds, reached = [], []
    order = list(range(len(images)))
    for _ in range(epochs):
        started = time.perf_counter_ns()
        net.train()
        random.shuffle(order)
        for k in range(0, len(order), batch_size):
            chosen = order[k : k + batch_size]
            each = nn.functional.cross_entropy(
                net(images[chosen]), labels[chosen], reduction="none"
            )
            net.zero_grad()
            (each.sum() / len(chosen)).backward()
            adam.step()
        seconds.append((time.perf_counter_ns() - started) / 1e9)
        reached.append(accuracy(net, val_images, val_labels))
    return tuple(zip(reached, seconds, strict=True))


def epochs_to_converge(history, share=0.95):
    best = max(a for a, _ in history)
    return min(i + 1 for i, (a, _) in enumerate(history) if a >= share * best)


def compare(results):
    table = {}
    for i, (name, reached, parameters, history) in enumerate(results):
        seconds = statistics.median([s for _, s in history])
        row = (name, reached, parameters, seconds, epochs_to_converge(history))
        table[(1 - reached, parameters, i)] = row
    return [table[key] for key in sorted(table)]
