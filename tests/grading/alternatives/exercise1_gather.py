"""One index per window, gathered at once; a sum by convolution; a subclass of str."""

import torch
import torch.nn.functional as F
from torch import nn


class Answer(str):
    __slots__ = ()


def max_pool(x, kernel_size, stride):
    _, where = nn.functional.max_pool2d(x, kernel_size, stride, return_indices=True)
    return x.flatten(2).gather(2, where.flatten(2)).view(where.shape)


def avg_pool(x, kernel_size, stride):
    n, c, height, width = x.shape
    kernel = torch.full((1, 1, kernel_size, kernel_size), 1 / kernel_size**2, dtype=x.dtype)
    pooled = F.conv2d(x.reshape(n * c, 1, height, width), kernel, stride=stride)
    return pooled.unflatten(0, (n, c)).squeeze(2)


def difference(x, kernel_size, stride):
    return torch.subtract(max_pool(x, kernel_size, stride), avg_pool(x, kernel_size, stride))


def peak_retention(x, pooled):
    return torch.topk(pooled.flatten(), 1).values / torch.topk(x.flatten(), 1).values


def noise_gain(noise_in, noise_out):
    def rms(noise):
        return torch.linalg.vector_norm(noise) / noise.numel() ** 0.5

    return float(rms(noise_out) / rms(noise_in))


def agreement(pooled, wanted):
    p, w = (F.normalize((each - each.mean()).flatten(), dim=0) for each in (pooled, wanted))
    return torch.dot(p, w)


def better_pooling(x, wanted, kernel_size, stride):
    kinds = {Answer("max"): max_pool, Answer("average"): avg_pool}
    return max(kinds, key=lambda kind: agreement(kinds[kind](x, kernel_size, stride), wanted))
