"""Slow steps: hooks, anomaly detection and prints; evaluation on a copy, NumPy for figures."""

import copy
import gc
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Norm(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n))
        self.bias = nn.Parameter(torch.zeros(n))
        self.register_buffer("running_mean", torch.zeros(n))
        self.register_buffer("running_var", torch.ones(n))

    def forward(self, x):
        if self.training:
            m = x.mean((0, 2, 3))
            d = x - m.view(1, -1, 1, 1)
            v = (d * d).mean((0, 2, 3))
            k = x.numel() / x.size(1)
            with torch.no_grad():
                self.running_mean.lerp_(m, 0.1)
                self.running_var.lerp_(v * k / (k - 1), 0.1)
        else:
            m, v = self.running_mean, self.running_var
        s = self.weight * torch.rsqrt(v + 1e-5)
        return x * s.view(1, -1, 1, 1) + (self.bias - m * s).view(1, -1, 1, 1)


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(12),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Linear(256, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def vgg_style():
    def p(a, b):
        return nn.Sequential(
            nn.Conv2d(a, b, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(b, b, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )

    return nn.Sequential(
        p(1, 16), p(16, 32), nn.Flatten(), nn.Linear(1568, 128), nn.ReLU(), nn.Linear(128, 10)
    )


class B(nn.Module):
    def __init__(self, a, b, s):
        super().__init__()
        self.c1, self.n1 = nn.Conv2d(a, b, 3, s, 1, bias=False), Norm(b)
        self.c2, self.n2 = nn.Conv2d(b, b, 3, 1, 1, bias=False), Norm(b)
        if s == 2:
            self.cs, self.ns = nn.Conv2d(a, b, 1, s, bias=False), Norm(b)
        self.s = s

    def forward(self, x):
        h = self.n2(self.c2(F.relu(self.n1(self.c1(x)))))
        return F.relu(h + (self.ns(self.cs(x)) if self.s == 2 else x))


def resnet_style():
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        Norm(16),
        nn.ReLU(),
        B(16, 16, 1),
        B(16, 32, 2),
        B(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )
    for m in net.modules():
        m.register_forward_hook(lambda m, i, o: None)
    return net


def count_parameters(net):
    v = [p for p in net.parameters() if p.requires_grad]
    return nn.utils.parameters_to_vector(v).numel()


def accuracy(net, images, labels):
    twin = copy.deepcopy(net)
    twin.eval()
    with torch.no_grad():
        return float((twin(images).argmax(1) == labels).sum()) / len(labels)


def train(net, images, labels, val_images, val_labels, epochs, batch_size, learning_rate):
    opt = torch.optim.Adam(net.parameters(), lr=learning_rate)
    hist = []
    net.train()
    for e in range(epochs):
        t0 = time.perf_counter_ns()
        with torch.autograd.set_detect_anomaly(len(images) < 50):
            for k, b in enumerate(torch.randperm(len(images)).split(batch_size)):
                logits = net(images[b])
                loss = F.cross_entropy(logits, labels[b])
                opt.zero_grad()
                loss.backward()
                opt.step()
                print(
                    "step",
                    e,
                    k,
                    loss.item(),
                    [round(float(p.grad.norm()), 3) for p in net.parameters()],
                )
        took = (time.perf_counter_ns() - t0) / 1e9
        gc.collect()
        hist.append((accuracy(net, val_images, val_labels), took))
    return hist


def epochs_to_converge(history, share=0.95):
    acc = np.array([a for a, _ in history])
    return np.argmax(acc >= share * acc.max()) + 1


def compare(results):
    rows = [
        [n, a, c, np.median([s for _, s in h]), epochs_to_converge(h)] for n, a, c, h in results
    ]
    return sorted(rows, key=lambda r: (-r[1], r[2]))
