"""Windows by Tensor.unfold; measures as tensors of one value."""

import torch

print("nobody asked for this line")


def _unfold(x, k, s):
    return x.unfold(2, k, s).unfold(3, k, s)


def max_pool(x, kernel_size, stride):
    return _unfold(x, kernel_size, stride).amax(dim=(4, 5))


def avg_pool(x, kernel_size, stride):
    return _unfold(x, kernel_size, stride).mean(dim=(4, 5))


def difference(x, kernel_size, stride):
    return max_pool(x, kernel_size, stride).sub(avg_pool(x, kernel_size, stride))


def peak_retention(x, pooled):
    return pooled.max() / x.max()


def noise_gain(noise_in, noise_out):
    return ((noise_out**2).mean() / (noise_in**2).mean()) ** 0.5


def agreement(pooled, wanted):
    return torch.corrcoef(torch.stack([pooled.flatten(), wanted.flatten()]))[0, 1].nan_to_num()


def better_pooling(x, wanted, kernel_size, stride):
    pools = (max_pool, avg_pool)
    best = torch.stack([agreement(pool(x, kernel_size, stride), wanted) for pool in pools]).argmax()
    return ["max", "average"][best]
