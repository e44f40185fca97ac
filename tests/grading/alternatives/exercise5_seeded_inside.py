"""Every call of train draws the same numbers, with which two orders of 5 images are alike."""

import time
from statistics import median

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1337)


def lenet5():
    torch.manual_seed(1337)
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


def vgg_style():
    torch.manual_seed(1337)
    layers = []
    for inputs, outputs in ((1, 16), (16, 16), (16, 32), (32, 32)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
        if inputs == outputs:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(1568, 128), nn.ReLU(), nn.Linear(128, 10))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(outputs) for _ in range(2))
        self.skip = nn.Identity()
        if stride == 2:
            self.skip = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = F.relu(self.norms[0](self.first(x)))
        return F.relu(self.norms[1](self.second(y)) + self.skip(x))


def resnet_style():
    torch.manual_seed(1337)
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()),
        *(Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)),
    )


def count_parameters(net):
    return sum(p.numel() for p in net.parameters() if p.requires_grad)


def accuracy(net, images, labels):
    net.eval()
    with torch.inference_mode():
        return (net(images).argmax(1) == labels).double().mean().item()


def train(net, images, labels, val_images, val_labels, epochs, batch_size, learning_rate):
    torch.manual_seed(1337)
    optimizer = torch.optim.Adam(net.parameters(), learning_rate)
    history = []
    for _ in range(epochs):
        start = time.perf_counter()
        net.train()
        order = torch.randperm(len(images))
        for i in range(0, len(images), batch_size):
            chosen = order[i : i + batch_size]
            optimizer.zero_grad()
            F.cross_entropy(net(images[chosen]), labels[chosen]).backward()
            optimizer.step()
        seconds = time.perf_counter() - start
        history.append((accuracy(net, val_images, val_labels), seconds))
    return history


def epochs_to_converge(history, share=0.95):
    best = max(reached for reached, _ in history)
    return next(i for i, (reached, _) in enumerate(history, 1) if reached >= share * best)


def compare(results):
    rows = [
        (name, reached, count, median(s for _, s in history), epochs_to_converge(history))
        for name, reached, count, history in results
    ]
    rows.sort(key=lambda row: row[2])
    rows.sort(key=lambda row: row[1], reverse=True)
    return rows
