"""Batch norm, padding and biases written by hand; sorting by insertion; lists for tuples."""

import time

import torch
import torch.nn.functional as F
from torch import nn


class Conv(nn.Module):
    def __init__(self, a, b, size, stride=1, padding=0, bias=True):
        super().__init__()
        self.stride, self.padding = stride, padding
        like = nn.Conv2d(a, b, size, bias=bias)
        self.weight, self.bias = like.weight, like.bias

    def forward(self, x):
        padded = F.pad(x, [self.padding] * 4)
        out = F.conv2d(padded, self.weight, stride=self.stride)
        return out if self.bias is None else out + self.bias[:, None, None]


class Norm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            var, mean = torch.var_mean(x, dim=(0, 2, 3), unbiased=False)
            count = x.numel() / x.shape[1]
            with torch.no_grad():
                self.running_mean.lerp_(mean, 0.1)
                self.running_var.lerp_(var * count / (count - 1), 0.1)
        scale = self.weight / (var + 1e-5).sqrt()
        return (x - mean[:, None, None]) * scale[:, None, None] + self.bias[:, None, None]


class Mean(nn.Module):
    def forward(self, x):
        return x.flatten(2).mean(2)


class Sum(nn.Module):
    def __init__(self, *ways):
        super().__init__()
        self.ways = nn.ModuleList(ways)

    def forward(self, x):
        return sum(way(x) for way in self.ways)


def lenet5():
    return nn.Sequential(
        nn.Sequential(Conv(1, 6, 5), nn.ReLU(), nn.AvgPool2d(2)),
        nn.Sequential(Conv(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2)),
        nn.Flatten(),
        nn.Sequential(nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
        nn.Linear(84, 10),
    )


def vgg_style():
    def pair(a, b):
        one, two = Conv(a, b, 3, padding=1), Conv(b, b, 3, padding=1)
        return nn.Sequential(one, nn.ReLU(), two, nn.ReLU(), nn.MaxPool2d(2, 2))

    return nn.Sequential(
        pair(1, 16), pair(16, 32), nn.Flatten(), nn.Linear(1568, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def resnet_style():
    def conv(a, b, size, stride=1):
        return [Conv(a, b, size, stride, padding=size // 2, bias=False), Norm(b)]

    def block(a, b, stride):
        path = nn.Sequential(*conv(a, b, 3, stride), nn.ReLU(), *conv(b, b, 3))
        skip = nn.Identity() if a == b else nn.Sequential(*conv(a, b, 1, stride))
        return nn.Sequential(Sum(path, skip), nn.ReLU())

    stem = nn.Sequential(*conv(1, 16, 3), nn.ReLU())
    return nn.Sequential(
        stem, block(16, 16, 1), block(16, 32, 2), block(32, 64, 2), Mean(), nn.Linear(64, 10)
    )


def count_parameters(net):
    sizes = {}
    for module in net.modules():
        for parameter in module.parameters(recurse=False):
            if parameter.requires_grad:
                sizes[id(parameter)] = torch.tensor(parameter.shape).prod().item()
    return sum(sizes.values())


def accuracy(net, images, labels):
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    hits = 0
    for image, label in zip(images, labels, strict=True):
        with torch.no_grad():
            hits += int(net(image[None])[0].argmax() == label)
    for module, mode in modes:
        module.training = mode
    return torch.tensor(hits / len(images))


def train(net, images, labels, val_images, val_labels, epochs, batch_size, learning_rate):
    opt = torch.optim.Adam(net.parameters(), lr=learning_rate, foreach=True)
    history = []
    for epoch in range(epochs):
        net.train(True)
        began = time.monotonic()
        indices = torch.rand(len(images)).argsort().tolist()
        while indices:
            batch, indices = indices[:batch_size], indices[batch_size:]
            log_shares = F.log_softmax(net(images[batch]), dim=1)
            loss = -log_shares[torch.arange(len(batch)), labels[batch]].mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        ended = time.monotonic()
        history += [[accuracy(net, val_images, val_labels), ended - began]]
        assert len(history) == epoch + 1
    return history


def epochs_to_converge(history, share=0.95):
    wanted = share * sorted(a for a, _ in history)[-1]
    epoch = 1
    while history[epoch - 1][0] < wanted:
        epoch += 1
    return epoch


def compare(results):
    rows = []
    for name, reached, parameters, history in results:
        seconds = torch.tensor([s for _, s in history], dtype=torch.float64).quantile(0.5).item()
        row = [name, reached, parameters, seconds, epochs_to_converge(history)]
        place = len(rows)
        while place and (rows[place - 1][1], -rows[place - 1][2]) < (reached, -parameters):
            place -= 1
        rows.insert(place, row)
    return rows
