"""Batch norm over the whole of a batch that several processes share.

With the statistics of its own part alone, each process would train another
network than one process does with the same batch.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist


def synchronize_batch_norm(net: nn.Module) -> None:
    """Let every batch norm of ``net`` take its statistics over all processes, from now on.

    Parameters and buffers stay the very same objects, under the same names.
    """
    if next(net.parameters()).is_cuda:
        nn.SyncBatchNorm.convert_sync_batchnorm(net)  # type: ignore[no-untyped-call]
        return
    for module in net.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SharedBatchNorm2d


class SharedBatchNorm2d(nn.BatchNorm2d):
    """What ``nn.SyncBatchNorm`` is on GPUs, for all other devices, which it refuses."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalize (N, C, H, W); raises ValueError where a channel has a single value."""
        if not self.training:
            return super().forward(x)
        channels, values = x.shape[1], x.float()
        count = values.new_tensor([x.numel() / channels])
        sums = _summed(torch.cat([values.sum((0, 2, 3)), count]))
        n = sums[-1].detach()
        if n <= 1:
            raise ValueError("Expected more than 1 value per channel when training")
        mean = sums[:channels] / n
        centered = values - mean.view(1, -1, 1, 1)
        variance = _summed(centered.square().sum((0, 2, 3))) / n
        self._remember(mean.detach(), variance.detach() * n / (n - 1))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        y = centered * scale.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
        return y.to(x.dtype)

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        """Move the averages that are used when the network is judged."""
        assert self.momentum is not None and self.num_batches_tracked is not None
        assert self.running_mean is not None and self.running_var is not None
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)


class _Sum(torch.autograd.Function):
    """The sum over all processes, through which gradients flow back to each of them."""

    @staticmethod
    def forward(_: Any, values: Tensor) -> Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        dist.all_reduce(total)
        return total


def _summed(values: Tensor) -> Tensor:
    total: Tensor = _Sum.apply(values)
    return total
