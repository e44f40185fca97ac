"""What each option of a GPU brings: seconds per epoch of CIFAR10Net at the size of CIFAR-10.

Images are made up, as speed does not depend on what they show. Each option is
switched on alone, beside the same plain fp32 network, and then all together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from cnn_tui.bench.catalogue import Workload
from cnn_tui.bench.records import BenchResult, Talk, compared, measured
from cnn_tui.bench.training.loops import epoch_seconds
from cnn_tui.bench.training.workloads import config_for, made_up_images, session_for
from cnn_tui.data.dataset import DataSet
from cnn_tui.data.loading.loader import Loader
from cnn_tui.training.device.setup import decide
from cnn_tui.training.loop.compiling import compile_steps
from cnn_tui.training.loop.graphs import capture_steps
from cnn_tui.training.loop.session import TrainingSession

DEVICE = "cuda"
NET = "cifar10net"
TRAIN_IMAGES, VAL_IMAGES = 45_000, 5_000
"""The lab's split of the 50,000 training images."""

CHANNELS, SIDE = 3, 32
EPOCHS = 3


@dataclass(frozen=True)
class GpuSetting:
    """One way to train: its memory format, and settings of the run."""

    name: str
    memory_format: torch.memory_format = torch.contiguous_format
    settings: dict[str, object] = field(default_factory=dict)


PLAIN = GpuSetting("fp32, contiguous")
OPTIONS = (
    PLAIN,
    GpuSetting("channels_last", torch.channels_last),
    GpuSetting("bf16", settings={"precision": "bf16"}),
    GpuSetting("CUDA graphs", settings={"cuda_graphs": True}),
    GpuSetting("compile", settings={"compile": True}),
    GpuSetting(
        "all of them",
        torch.channels_last,
        {"precision": "bf16", "cuda_graphs": True, "compile": True},
    ),
)


def measure_options(workloads: Sequence[Workload], talk: Talk) -> list[BenchResult]:
    """Seconds per epoch with each of OPTIONS, beside the plain one.

    Nothing without NET among the workloads; nothing but a remark without a GPU.
    """
    workload = next((each for each in workloads if each.net == NET), None)
    if workload is None:
        return []
    gpu = gpu_name()
    if gpu is None:
        talk.remark(
            "No CUDA device is here: what channels_last, bf16, CUDA graphs and torch.compile "
            "bring to one was not measured."
        )
        return []
    data = made_up_images(TRAIN_IMAGES, VAL_IMAGES, CHANNELS, SIDE)
    results: list[BenchResult] = []
    plain: list[float] = []
    for option in OPTIONS:
        talk.doing(f"{NET} on {gpu}: {option.name}")
        seconds = _seconds(option, workload, data, talk)
        plain = plain or seconds
        if seconds:
            results.append(_result(option, seconds, plain))
    return results


def gpu_name() -> str | None:
    """What the CUDA device calls itself; None where there is none."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def _result(option: GpuSetting, seconds: Sequence[float], plain: Sequence[float]) -> BenchResult:
    name = f"{NET} epoch of {TRAIN_IMAGES:,}, {option.name}"
    if option is PLAIN:
        return measured(name, "s", seconds)
    return compared(name, "s", list(zip(seconds, plain, strict=True)))


def _seconds(option: GpuSetting, workload: Workload, data: DataSet, talk: Talk) -> list[float]:
    """Of each of EPOCHS; none, with a remark, where the option does not work here."""
    settings = {"precision": "fp32", "device": DEVICE} | option.settings
    config = decide(config_for(workload, **settings), data)
    torch.compiler.reset()
    with session_for(config, data) as session:
        _lay_out(session, data, option.memory_format)
        problem = compile_steps(session) if config.compile else None
        if problem is None and config.cuda_graphs:
            problem = capture_steps(session)
        if problem is not None:
            talk.remark(f"{option.name} was not measured, as it does not work here: {problem}")
            return []
        seconds = [epoch_seconds(session) for _ in range(1 + EPOCHS)]
    return seconds[1:]  # kernels are chosen, and compiled, in the first


def _lay_out(session: TrainingSession, data: DataSet, memory_format: torch.memory_format) -> None:
    """Network and batches in one format, where a run would choose it by the network's size."""
    config = session.config
    assert config.image_size is not None, "setup.decide settles the image size"
    session.net.to(memory_format=memory_format)
    session.train = Loader(
        data.train,
        mean=data.mean,
        std=data.std,
        batch_size=config.batch_size,
        image_size=config.image_size,
        device=session.device,
        augment=config.augment,
        memory_format=memory_format,
    )
