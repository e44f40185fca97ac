"""A batch norm written by hand, and networks that share no class."""

from itertools import zip_longest

import torch
import torch.nn.functional as F
from torch import nn


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
            mean = x.mean(dim=(0, 2, 3))
            var = x.var(dim=(0, 2, 3), unbiased=False)
            count = x.numel() / x.shape[1]
            with torch.no_grad():
                self.running_mean += 0.1 * (mean - self.running_mean)
                self.running_var += 0.1 * (var * count / (count - 1) - self.running_var)
        x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
        return x * self.weight[:, None, None] + self.bias[:, None, None]


def conv(a, b, batch_norm):
    layer = nn.Conv2d(a, b, 3, padding=1, bias=not batch_norm)
    return nn.Sequential(layer, Norm(b)) if batch_norm else layer


class Mean(nn.Module):
    def forward(self, x):
        return x.flatten(2).mean(2)


def make_net(batch_norm):
    n = batch_norm
    return nn.Sequential(
        nn.Sequential(conv(1, 16, n), nn.ReLU(), conv(16, 16, n), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Sequential(conv(16, 32, n), nn.ReLU(), conv(32, 32, n), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Sequential(conv(32, 64, n), nn.ReLU(), conv(64, 64, n), nn.ReLU(), Mean()),
        nn.Linear(64, 10),
    )


def train(net, images, labels, epochs, batch_size, learning_rate):
    opt = torch.optim.Adam(net.parameters(), lr=learning_rate, foreach=True)
    history = []
    for _ in range(epochs):
        net.train()
        loss_sum = hits = 0
        indices = torch.rand(len(images)).argsort()
        for k in range(-(-len(images) // batch_size)):
            batch = indices[k * batch_size : (k + 1) * batch_size]
            logits = net(images[batch])
            loss = -F.log_softmax(logits, 1)[torch.arange(len(batch)), labels[batch]].mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            loss_sum += float(loss) * len(batch)
            hits += float((logits.argmax(1) == labels[batch]).sum())
        net.eval()
        history.append((loss_sum / len(images), hits / len(images)))
    return history


def faster(with_norm, without_norm, accuracy=0.9):
    for (_, a), (_, b) in zip_longest(with_norm, without_norm, fillvalue=(0, 0)):
        if a >= accuracy and b >= accuracy:
            return "neither"
        if a >= accuracy:
            return "with"
        if b >= accuracy:
            return "without"
    return "neither"
