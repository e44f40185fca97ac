"""Batches from a DataLoader whose numbers are seeded anew in each training."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def make_net(batch_norm):
    torch.manual_seed(0)
    net = nn.Sequential()
    for index, (channels, width) in enumerate(
        [(1, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64)]
    ):
        net.add_module(f"conv{index}", nn.Conv2d(channels, width, 3, padding="same"))
        if batch_norm:
            net.add_module(f"norm{index}", nn.BatchNorm2d(width))
        net.add_module(f"relu{index}", nn.ReLU(inplace=True))
        if index in (1, 3):
            net.add_module(f"pool{index}", nn.MaxPool2d(2, 2))
    net.add_module("gap", nn.AdaptiveAvgPool2d((1, 1)))
    net.add_module("flatten", nn.Flatten())
    net.add_module("classifier", nn.Linear(64, 10))
    return net


def train(net, images, labels, epochs, batch_size, learning_rate):
    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(images, labels), batch_size=batch_size, shuffle=True)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), learning_rate)
    history = []
    for epoch in range(epochs):
        net.train()
        running_loss, correct, total = 0.0, 0, 0
        for inputs, targets in loader:
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, targets)
            loss.backward()
            optimizer.step()
            running_loss += loss.item() * inputs.size(0)
            _, predicted = outputs.max(1)
            total += targets.size(0)
            correct += predicted.eq(targets).sum().item()
        history.append((running_loss / total, correct / total))
        print(f"epoch {epoch}: {history[-1]}")
    return history


def first_epoch(history, accuracy):
    for epoch, (_, reached) in enumerate(history):
        if reached >= accuracy:
            return epoch
    return None


def faster(with_norm, without_norm, accuracy=0.9):
    a, b = first_epoch(with_norm, accuracy), first_epoch(without_norm, accuracy)
    if a == b:
        return "neither"
    if b is None or (a is not None and a < b):
        return "with"
    return "without"
