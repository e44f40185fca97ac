"""The processes that share every batch of a run, and what they tell each other.

torchrun starts them, and gives each its rank. They must do the same at the same
step, or they wait for each other forever: whatever could differ between them,
such as a request to stop or the time, is settled together here. For a process
that is alone all of it is trivial, and costs nothing.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from torch import distributed as dist
from torch import nn

from cnn_tui.errors import UsageError
from cnn_tui.files import write_atomically
from cnn_tui.training.config import AUTO, train_options
from cnn_tui.training.config_checks import refuse_one_gpu
from cnn_tui.training.device.kernels import missing_kernels
from cnn_tui.training.device.selection import index_to_take
from cnn_tui.training.loop.batchnorm import synchronize_batch_norm

PATIENCE = timedelta(days=7)
"""How long processes wait for one that prepares data; gloo gives up after half an hour."""


def never() -> bool:
    """The answer of a process that nobody can ask for anything."""
    return False


class Ranks:
    """Which of the processes this one is; ``wish`` tells whether it was asked to stop.

    ``checkpoint_asked`` tells whether a checkpoint was asked for since the last time.
    ``writes`` says whether it tells the run's events and keeps its checkpoints;
    ``own_folders`` whether there are several hosts, each with its own copy of these.
    ``patient`` is a group of all of them that waits longer than others do.
    """

    def __init__(
        self,
        wish: Callable[[], bool],
        checkpoint_asked: Callable[[], bool] = never,
        *,
        rank: int = 0,
        size: int = 1,
        local_rank: int = 0,
        local_size: int = 1,
        writes: bool = True,
        own_folders: bool = False,
        patient: dist.ProcessGroup | None = None,
    ) -> None:
        self.wish = wish
        self.rank = rank
        self.size = size
        self.local_rank = local_rank
        self.local_size = local_size
        self.writes = writes
        self.own_folders = own_folders
        self._patient = patient
        self._stop = False
        self._checkpoint_asked = checkpoint_asked
        self._checkpoint = False

    def should_stop(self) -> bool:
        """Whether to stop: as soon as it is asked, or, of several, once all have agreed."""
        return self.wish() if self.size == 1 else self._stop

    def takes_checkpoint_request(self) -> bool:
        """Whether any of them was asked for a checkpoint, as agreed when they last added."""
        if self.size == 1:
            return self._checkpoint_asked()
        asked, self._checkpoint = self._checkpoint, False
        return asked

    def own(self, purpose: str) -> str:
        """The name of draws that every process makes for itself, such as dropout's masks."""
        return f"{purpose}/{self.rank}" if self.rank else purpose

    def add(self, *values: float) -> list[float]:
        """The sum of each value over all processes, which agree here on what they were asked."""
        return list(values) if self.size == 1 else self._add(values)

    def first(self, value: float) -> float:
        """What the first process says, for all of them."""
        if self.size == 1:
            return value
        said = torch.tensor([value], dtype=torch.float64)
        dist.broadcast(said, 0)
        return float(said)

    def wait(self) -> None:
        """Go on once all have come to this point, which may take one of them hours.

        A process that dies meanwhile closes its connections, and is missed at once.
        """
        if self.size > 1:
            self._add((), self._patient)

    def _add(self, values: Iterable[float], group: dist.ProcessGroup | None = None) -> list[float]:
        sums = torch.tensor([*values, self._checkpoint_asked(), self.wish()], dtype=torch.float64)
        dist.all_reduce(sums, group=group)
        *totals, for_checkpoint, wishes = sums.tolist()
        self._checkpoint = self._checkpoint or for_checkpoint > 0
        self._stop = self._stop or wishes > 0
        return totals

    def refuse_differences(self, facts: Mapping[str, Any]) -> None:
        """Raise UsageError, in every process, where one of ``facts`` differs between them."""
        if self.size == 1:
            return
        everyone: list[Any] = [None] * self.size
        options = {each.name: each for each in train_options()}
        dist.all_gather_object(everyone, dict(facts))
        for name, value in everyone[0].items():
            for other in everyone:
                if other[name] != value:
                    option = options.get(name)
                    raise UsageError(
                        f"The hosts do not train the same: {option.title if option else name} is "
                        f"{value} on one of them and {other[name]} on another; give the same "
                        "settings on each host.",
                        fields=(name,) if option else (),
                    )

    def share(self, net: nn.Module) -> nn.Module:
        """What a training step calls: ``net``, its gradients averaged over the processes.

        Batch norm sees the whole batch, as it would in one process.
        """
        if self.size == 1:
            return net
        synchronize_batch_norm(net)
        on_gpu = next(net.parameters()).is_cuda
        with warnings.catch_warnings():
            # Newer versions of torch have another name for it, which older ones do not know.
            warnings.filterwarnings("ignore", "`broadcast_buffers`", FutureWarning)
            return nn.parallel.DistributedDataParallel(
                net,
                device_ids=[torch.cuda.current_device()] if on_gpu else None,
                broadcast_buffers=False,  # batch norm's averages are equal everywhere
                gradient_as_bucket_view=True,
            )

    def spread(self, folder: Path) -> None:
        """Make ``folder`` the first process's on every host, where each keeps one of its own."""
        if not self.own_folders:
            return
        names = sorted((path.name for path in folder.iterdir()), key=_last_at_the_end)
        told: list[Any] = [[name for name in names if not name.startswith(".")]]
        dist.broadcast_object_list(told)
        for name in told[0]:
            self._spread_file(folder / name)
        if self.writes:
            for path in folder.iterdir():
                if path.name not in told[0]:
                    path.unlink()
        self.wait()

    def _spread_file(self, path: Path) -> None:
        content = bytearray(path.read_bytes() if self.rank == 0 else b"")
        content += bytes(int(self.first(len(content))) - len(content))
        if content:
            dist.broadcast(torch.frombuffer(content, dtype=torch.uint8), 0)
        if self.writes and self.rank:
            write_atomically(path, lambda temporary: temporary.write_bytes(content))


def join(
    wish: Callable[[], bool], checkpoint_asked: Callable[[], bool], *, one_writer: bool
) -> Ranks:
    """Meet the other processes that torchrun has started, and be one of them.

    ``one_writer``: all hosts share the run's folder, so that only the first
    process may write to it; else the first of every host writes to its own.
    """
    rank, size, local_rank, local_size = (
        int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    )
    patient = None
    if size > 1:
        dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
        group = dist.new_group(backend="gloo", timeout=PATIENCE)
        patient = group if isinstance(group, dist.ProcessGroup) else None
    return Ranks(
        wish,
        checkpoint_asked,
        rank=rank,
        size=size,
        local_rank=local_rank,
        local_size=local_size,
        writes=(rank if one_writer else local_rank) == 0,
        own_folders=not one_writer and size > local_size,
        patient=patient,
    )


def take_device(ranks: Ranks, wanted: str) -> None:
    """Make a GPU the current one: for each process of this host another.

    A process alone takes the GPU that ``wanted`` names, or that with the most free memory.
    Raises UsageError where there are too few, or only one that cannot be shared.
    """
    if ranks.size == 1:
        if (index := index_to_take(wanted)) is not None:
            torch.cuda.set_device(index)
        return
    refuse_one_gpu(wanted, ranks.size)
    count = torch.cuda.device_count()
    fit = [index for index in range(count) if not missing_kernels(index)]
    if wanted == "cpu" or (wanted == AUTO and count and not fit):
        return
    if len(fit) >= ranks.local_size:
        torch.cuda.set_device(fit[ranks.local_rank])
    elif count:
        gpus = len(fit)
        raise UsageError(
            f"{ranks.local_size} processes need as many GPUs, and torch finds {gpus} here: "
            f"train again with {'one' if gpus <= 1 else gpus}, or on the device cpu.",
            fields=("nproc", "device"),
        )
    elif wanted == "mps" or torch.backends.mps.is_available():
        raise UsageError(
            "An Apple GPU works for one process only: take one, or the device cpu.",
            fields=("nproc", "device"),
        )


def lost_another(error: Exception) -> bool:
    """Whether what failed is that another process no longer answers."""
    told_by = ("gloo", "nccl", "connection closed by peer", "connection reset by peer")
    if isinstance(error, dist.DistError):
        return True
    return isinstance(error, RuntimeError) and any(each in str(error).lower() for each in told_by)


def _last_at_the_end(name: str) -> bool:
    """``last.safetensors`` names another file, which must be there before it is."""
    return name.startswith("last")
