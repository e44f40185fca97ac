"""Plain loops over every window, and plain arithmetic."""

import math

import torch


def windows(x, kernel_size, stride):
    n, c, height, width = x.shape
    rows = range(0, height - kernel_size + 1, stride)
    columns = range(0, width - kernel_size + 1, stride)
    out = torch.zeros(n, c, len(rows), len(columns), kernel_size * kernel_size, dtype=x.dtype)
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            window = x[:, :, top : top + kernel_size, left : left + kernel_size]
            out[:, :, i, j] = window.reshape(n, c, -1)
    return out


def max_pool(x, kernel_size, stride):
    return windows(x, kernel_size, stride).max(dim=-1).values


def avg_pool(x, kernel_size, stride):
    return windows(x, kernel_size, stride).mean(dim=-1)


def difference(x, kernel_size, stride):
    all_windows = windows(x, kernel_size, stride)
    return all_windows.amax(-1) - all_windows.sum(-1) / kernel_size**2


def peak_retention(x, pooled):
    return max(pooled.flatten().tolist()) / max(x.flatten().tolist())


def noise_gain(noise_in, noise_out):
    def rms(values):
        return math.sqrt(sum(v * v for v in values) / len(values))

    return rms(noise_out.flatten().tolist()) / rms(noise_in.flatten().tolist())


def agreement(pooled, wanted):
    p, w = pooled.flatten().tolist(), wanted.flatten().tolist()
    mean_p, mean_w = sum(p) / len(p), sum(w) / len(w)
    both = sum((a - mean_p) * (b - mean_w) for a, b in zip(p, w, strict=True))
    of_p, of_w = sum((a - mean_p) ** 2 for a in p), sum((b - mean_w) ** 2 for b in w)
    if of_p == 0 or of_w == 0:
        return 0
    return both / math.sqrt(of_p * of_w)


def better_pooling(x, wanted, kernel_size, stride):
    largest = agreement(max_pool(x, kernel_size, stride), wanted)
    if largest > agreement(avg_pool(x, kernel_size, stride), wanted):
        return "max"
    return "average"
