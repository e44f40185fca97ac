"""F.dropout throughout, layers with names, a DataLoader, accuracy batch by batch."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def dropout(x, p, training):
    return F.dropout(x, p, training)


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p
        self.out = nn.Linear(256, 10)
        self.hidden2 = nn.Linear(512, 256)
        self.hidden1 = nn.Linear(32 * 4 * 4, 512)
        self.conv2 = nn.Conv2d(16, 32, 3, padding="same")
        self.conv1 = nn.Conv2d(1, 16, 3, padding="same")

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x).relu(), 2)
        x = F.max_pool2d(self.conv2(x).relu(), 2)
        x = x.view(-1, 512)
        x = dropout(F.relu(self.hidden1(x)), self.p, self.training)
        x = dropout(F.relu(self.hidden2(x)), self.p, self.training)
        return self.out(x)


def make_net(p):
    return Net(p)


def train(net, images, labels, epochs, batch_size, learning_rate):
    loader = DataLoader(TensorDataset(images, labels), batch_size, shuffle=True)
    adam = torch.optim.Adam(net.parameters(), learning_rate)
    criterion = nn.CrossEntropyLoss()
    for _ in range(epochs):
        net.train()
        for x, y in loader:
            adam.zero_grad()
            criterion(net(x), y).backward()
            adam.step()
        net.eval()


@torch.no_grad()
def accuracy(net, images, labels):
    mode = net.training
    net.train(False)
    hits = 0
    for x, y in zip(images.split(64), labels.split(64), strict=True):
        hits += (net(x).argmax(1) == y).sum().item()
    net.train(mode)
    return hits / len(images)


def gaps(results):
    return {p: train - test for p, (train, test) in results.items()}


def best_p(results):
    best = max(test for _, test in results.values())
    return min(p for p, (_, test) in results.items() if test == best)
