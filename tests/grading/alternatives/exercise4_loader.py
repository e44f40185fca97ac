"""A DataLoader shuffles, from a generator with the same seed in every call of train."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(42)


def dropout(x, p, training):
    if not training:
        return x
    return torch.where(torch.rand(x.shape, device=x.device) < p, 0, x / (1 - p))


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(512, 512)
        self.fc2 = nn.Linear(512, 256)
        self.fc3 = nn.Linear(256, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv1(x).relu(), 2)
        x = nn.functional.max_pool2d(self.conv2(x).relu(), 2).flatten(1)
        x = dropout(self.fc1(x).relu(), self.p, self.training)
        x = dropout(self.fc2(x).relu(), self.p, self.training)
        return self.fc3(x)


def make_net(p):
    torch.manual_seed(0)
    return Net(p)


def train(net, images, labels, epochs, batch_size, learning_rate):
    generator = torch.Generator().manual_seed(1337)
    torch.manual_seed(1337)
    loader = DataLoader(
        TensorDataset(images, labels), batch_size, shuffle=True, generator=generator
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
    criterion = nn.CrossEntropyLoss()
    net.train()
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(net(x), y).backward()
            optimizer.step()


def accuracy(net, images, labels):
    mode = net.training
    net.eval()
    with torch.no_grad():
        share = (net(images).argmax(1) == labels).sum().item() / len(labels)
    net.train(mode)
    return share


def gaps(results):
    return {p: results[p][0] - results[p][1] for p in results}


def best_p(results):
    best = max(new for _, new in results.values())
    return min(p for p, (_, new) in results.items() if new == best)
