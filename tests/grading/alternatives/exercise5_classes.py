"""Classes with functional calls, a DataLoader, named tuples, modes put back as they were."""

import time
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Epoch(NamedTuple):
    accuracy: float
    seconds: float


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.f7 = nn.Linear(84, 10)
        self.f6 = nn.Linear(120, 84)
        self.c5 = nn.Linear(16 * 4 * 4, 120)
        self.c3 = nn.Conv2d(6, 16, (5, 5))
        self.c1 = nn.Conv2d(1, 6, (5, 5))

    def forward(self, x):
        x = F.avg_pool2d(self.c1(x).relu(), 2)
        x = F.avg_pool2d(self.c3(x).relu(), 2)
        x = self.c5(torch.flatten(x, 1)).relu()
        return self.f7(self.f6(x).relu())


class VGG(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [(1, 16), (16, 16), (16, 32), (32, 32)]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding="same") for a, b in widths)
        self.hidden, self.out = nn.Linear(32 * 49, 128), nn.Linear(128, 10)

    def forward(self, x):
        for i, conv in enumerate(self.convs):
            x = F.relu(conv(x))
            if i % 2:
                x = F.max_pool2d(x, 2, 2)
        return self.out(F.relu(self.hidden(x.reshape(len(x), -1))))


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(a, b, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(b)
        self.conv2 = nn.Conv2d(b, b, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(b)
        self.down = None
        if stride > 1:
            self.down = nn.Conv2d(a, b, 1, stride, bias=False)
            self.down_bn = nn.BatchNorm2d(b)

    def forward(self, x):
        out = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        if self.down is not None:
            x = self.down_bn(self.down(x))
        return out.add(x).relu()


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.blocks = nn.ModuleList([Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2)])
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.norm(self.stem(x)))
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean(dim=(2, 3)))


lenet5, vgg_style, resnet_style = LeNet, VGG, ResNet


def count_parameters(net):
    return sum(p.numel() for p in filter(lambda p: p.requires_grad, net.parameters()))


def accuracy(net, images, labels):
    was_training = net.training
    net.eval()
    with torch.inference_mode():
        hits = net(images).max(1).indices.eq(labels).sum().item()
    net.train(was_training)
    return hits / len(labels)


def train(net, images, labels, val_images, val_labels, epochs, batch_size, learning_rate):
    loader = DataLoader(TensorDataset(images, labels), batch_size=batch_size, shuffle=True)
    criterion = nn.CrossEntropyLoss()
    adam = torch.optim.Adam(net.parameters(), learning_rate)
    history = []
    net.train()
    for _ in range(epochs):
        start = time.time()
        for x, y in loader:
            adam.zero_grad()
            criterion(net(x), y).backward()
            adam.step()
        seconds = time.time() - start
        history.append(Epoch(accuracy(net, val_images, val_labels), seconds))
    return history


def epochs_to_converge(history, share=0.95):
    best, epoch = max(history)[0], 1
    for reached, _ in history:
        if reached >= best * share:
            break
        epoch += 1
    return epoch


class Row(NamedTuple):
    name: str
    accuracy: float
    parameters: int
    seconds: float
    epochs: int


def compare(results):
    rows = []
    for name, reached, parameters, history in results:
        times = sorted(seconds for _, seconds in history)
        half = len(times) // 2
        middle = times[half] if len(times) % 2 else (times[half - 1] + times[half]) / 2
        rows.append(Row(name, reached, parameters, middle, epochs_to_converge(history)))
    rows.sort(key=lambda row: row.parameters)
    rows.sort(key=lambda row: row.accuracy, reverse=True)
    return rows
