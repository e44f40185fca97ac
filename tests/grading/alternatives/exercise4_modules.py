"""The Dropout of torch.nn in nested blocks, a generator of its own, accuracy image by image."""

import random
from contextlib import contextmanager

import torch
from torch import nn

noise = torch.Generator()
noise.seed()


def dropout(x, p, training):
    if not training:
        return x
    mask = torch.empty_like(x).uniform_(generator=noise).gt(p).to(x.dtype)
    return x.mul(mask).mul(1 / (1 - p))


def stage(inside, outside):
    conv = nn.Conv2d(inside, outside, 3, 1, 1)
    return nn.Sequential(conv, nn.ReLU(), nn.MaxPool2d(2, 2))


def make_net(p):
    features = nn.Sequential(stage(1, 16), stage(16, 32))
    classifier = nn.Sequential(nn.Flatten())
    for inside, outside in ((512, 512), (512, 256)):
        classifier.append(nn.Sequential(nn.Linear(inside, outside), nn.ReLU(), nn.Dropout(p)))
    return nn.Sequential(features, classifier, nn.Linear(256, 10))


def train(net, images, labels, epochs, batch_size, learning_rate):
    optimizer = torch.optim.Adam([*net.parameters()], lr=learning_rate, betas=(0.9, 0.999))
    indices = list(range(len(images)))
    net.requires_grad_(True).train()
    steps = 0
    for _ in range(epochs):
        random.shuffle(indices)
        rest = indices[:]
        while rest:
            batch, rest = rest[:batch_size], rest[batch_size:]
            each = nn.functional.cross_entropy(net(images[batch]), labels[batch], reduction="none")
            net.zero_grad()
            each.mean().backward()
            optimizer.step()
            steps += 1
    return steps


@contextmanager
def evaluating(net):
    modes = {module: module.training for module in net.modules()}
    net.eval()
    with torch.no_grad():
        yield
    for module, mode in modes.items():
        module.training = mode


def accuracy(net, images, labels):
    with evaluating(net):
        hits = [int(net(x[None]).argmax()) == int(y) for x, y in zip(images, labels, strict=True)]
    return sum(hits) / len(hits)


def gaps(results):
    found = {}
    for p in results:
        on_training, on_new = results[p]
        found[p] = on_training - on_new
    return found


def best_p(results):
    pairs = [(-on_new, p) for p, (_, on_new) in results.items()]
    return min(pairs)[1]
