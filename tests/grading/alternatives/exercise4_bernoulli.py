"""Bernoulli masks put before the ReLU, lazy layers, a 1×1 convolution for a head."""

import torch
from torch import nn


def dropout(x, p, training):
    if training:
        x = x * torch.bernoulli(torch.full_like(x, 1 - p)).div(1 - p)
    return x


class Drop(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.keep = 1 - p

    def forward(self, x):
        return dropout(x, 1 - self.keep, self.training)


def make_net(p):
    layers = []
    for channels in (16, 32):
        layers += [nn.LazyConv2d(channels, 3, 1, 1), nn.MaxPool2d(2), nn.ReLU(inplace=True)]
    layers.append(nn.Flatten())
    for units in (512, 256):
        layers += [nn.LazyLinear(units), Drop(p), nn.ReLU()]
    head = [nn.Unflatten(1, (256, 1, 1)), nn.Conv2d(256, 10, 1), nn.Flatten()]
    return nn.Sequential(*layers, *head)


def train(net, images, labels, epochs, batch_size, learning_rate):
    net.train()
    net(images[:1])
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate, foreach=False)
    for _ in range(epochs):
        order = torch.rand(len(labels)).argsort()
        images, labels = images[order], labels[order]
        for start in range(0, len(labels), batch_size):
            x, y = images[start : start + batch_size], labels[start : start + batch_size]
            loss = nn.functional.nll_loss(net(x).log_softmax(1), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()


def accuracy(net, images, labels):
    training, _ = net.training, net.eval()
    try:
        with torch.inference_mode():
            return net(images).max(1).indices.eq(labels).float().mean()
    finally:
        net.train(training)


def gaps(results):
    return {p: results[p][0] - results[p][1] for p in sorted(results)}


def best_p(results):
    best = None
    for p in sorted(results):
        if best is None or results[p][1] > results[best][1]:
            best = p
    return best
