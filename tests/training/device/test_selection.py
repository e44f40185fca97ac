"""Which device a run gets on machines with other GPUs than this one: with none of them here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from cnn_tui.data.loading.placement import settle_placement
from cnn_tui.doctor import examine
from cnn_tui.errors import UsageError
from cnn_tui.training.config import train_options
from cnn_tui.training.defaults import default_config
from cnn_tui.training.device import kernels
from cnn_tui.training.device.selection import device_named, devices, passed_over, roomiest
from cnn_tui.training.device.setup import decide, slow_precision
from cnn_tui.training.loop.ranks import Ranks, take_device
from tests.training.conftest import made_up_data, small_config

GIB = 2**30
BUILT = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"]
"""What torch 2.14 for CUDA 13 is built for."""


@dataclass(frozen=True)
class Card:
    name: str
    capability: tuple[int, int]
    free: int | None
    total: int = 80 * GIB


OLD = Card("NVIDIA GeForce GTX 1080", (6, 1), 7 * GIB, 8 * GIB)
BUSY = Card("NVIDIA H100", (9, 0), 5 * GIB)
IDLE = Card("NVIDIA H100", (9, 0), 79 * GIB)
T4 = Card("Tesla T4", (7, 5), 15 * GIB, 16 * GIB)
LOST = Card("NVIDIA A100", (8, 0), None)


class Machine:
    """A machine's GPUs, as torch tells of them; ``current`` is the one in use."""

    def __init__(self, cards: tuple[Card, ...]) -> None:
        self.cards = cards
        self.current = 0

    def card(self, device: object = None) -> Card:
        if device is None:
            return self.cards[self.current]
        index = device if isinstance(device, int) else torch.device(str(device)).index
        return self.cards[self.current if index is None else index]

    def memory(self, device: object = None) -> tuple[int, int]:
        card = self.card(device)
        if card.free is None:
            raise RuntimeError("CUDA error: all CUDA-capable devices are busy or unavailable")
        return card.free, card.total

    def use(self, device: int) -> None:
        self.current = device


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Machine]:
    """Put GPUs into this machine."""

    def make(*cards: Card, built: list[str] = BUILT) -> Machine:
        made = Machine(cards)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cards))
        monkeypatch.setattr(torch.cuda, "device_count", lambda: len(cards))
        monkeypatch.setattr(torch.cuda, "current_device", lambda: made.current)
        monkeypatch.setattr(torch.cuda, "set_device", made.use)
        monkeypatch.setattr(torch.cuda, "mem_get_info", made.memory)
        monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: built)
        monkeypatch.setattr(
            torch.cuda, "get_device_capability", lambda device=None: made.card(device).capability
        )
        monkeypatch.setattr(
            torch.cuda, "get_device_name", lambda device=None: made.card(device).name
        )
        return made

    return make


def alone() -> Ranks:
    return Ranks(lambda: False)


def test_auto_takes_the_gpu_with_the_most_free_memory(machine: Callable[..., Machine]) -> None:
    here = machine(BUSY, LOST, IDLE)
    assert [each.option for each in devices()] == ["cuda:2", "cuda:0", "cuda:1", "cpu"]
    take_device(alone(), "auto")
    assert here.current == 2
    assert decide(small_config(device="auto"), made_up_data()).device == "cuda"
    assert device_named("cuda").option == "cuda:2"
    assert device_named("cuda:0").name == "NVIDIA H100"


def test_a_gpu_is_asked_for_by_its_number(machine: Callable[..., Machine]) -> None:
    here = machine(IDLE, BUSY)
    take_device(alone(), "cuda:1")
    assert here.current == 1
    config = decide(small_config(device="CUDA:1"), made_up_data())
    assert (config.device, config.device_kind) == ("cuda:1", "cuda")
    assert decide(small_config(device="cuda"), made_up_data()).device == "cuda"


def test_a_number_that_no_gpu_has_is_refused_with_those_there_are(
    machine: Callable[..., Machine],
) -> None:
    machine(IDLE, BUSY)
    with pytest.raises(UsageError, match=r"cuda:2 is not there: torch finds cuda, cpu, cuda:0, "):
        decide(small_config(device="cuda:2"), made_up_data())
    machine(IDLE)
    assert decide(small_config(device="cuda:0"), made_up_data()).device == "cuda:0"
    with pytest.raises(UsageError, match=r"cuda:9 is not there: torch finds cuda, cpu, cuda:0\. "):
        decide(small_config(device="cuda:9"), made_up_data())


@pytest.mark.parametrize("device", ["cuda:", "cuda:-1", "cuda:x", "mps:1", "cuda1", "gpu:0"])
def test_other_spellings_are_refused(device: str) -> None:
    meant = "mps" if device.startswith("mps") else "cuda"
    said = rf"There is no device named .*: did you mean {meant}\? .* cpu, cuda, mps or cuda:N\.$"
    with pytest.raises(UsageError, match=said) as error:
        default_config("lenet5", "digits", device=device)
    assert error.value.fields == ("device",)
    (option,) = (each for each in train_options() if each.name == "device")
    assert option.summary == "Where to train: auto, cpu, cuda, mps or cuda:N."


def test_several_processes_are_not_given_one_gpu() -> None:
    with pytest.raises(UsageError, match="2 processes take a GPU each") as error:
        small_config(device="cuda:1", nproc=2)
    assert error.value.fields == ("device", "nproc")
    with pytest.raises(UsageError, match="2 processes take a GPU each"):
        take_device(Ranks(lambda: False, size=2, local_size=2), "cuda:1")


def test_auto_passes_over_a_gpu_for_which_torch_has_no_kernels(
    machine: Callable[..., Machine],
) -> None:
    machine(OLD)
    assert [each.option for each in devices()] == ["cpu", "cuda"]
    assert decide(small_config(device="auto"), made_up_data()).device == "cpu"
    assert passed_over("auto") == (
        f"This torch cannot compute on NVIDIA GeForce GTX 1080 (compute capability 6.1, and torch "
        f"{torch.__version__} has kernels for 7.5 to 12.0): the run trains on the CPU."
    )
    assert passed_over("cuda") == ""
    assert roomiest("cuda") is None
    here = machine(OLD, BUSY)
    take_device(alone(), "auto")
    assert here.current == 1
    assert passed_over("auto").endswith("the run trains on NVIDIA H100.")


def test_processes_share_the_gpus_that_torch_has_kernels_for(
    machine: Callable[..., Machine],
) -> None:
    here = machine(OLD, BUSY, IDLE)
    take_device(Ranks(lambda: False, rank=1, size=2, local_rank=1, local_size=2), "auto")
    assert here.current == 2
    with pytest.raises(UsageError, match="3 processes need as many GPUs, and torch finds 2 here"):
        take_device(Ranks(lambda: False, size=3, local_size=3), "cuda")


@pytest.mark.parametrize(
    ("capability", "built", "works"),
    [
        ((9, 0), ["sm_75", "sm_90"], True),
        ((8, 9), ["sm_86"], True),
        ((8, 0), ["sm_86"], False),
        ((12, 0), ["sm_90"], False),
        ((12, 0), ["sm_90", "compute_90"], True),
        ((9, 0), ["sm_90a"], True),
        ((10, 3), ["sm_100a"], False),
        ((10, 3), ["sm_100f"], True),
        ((6, 1), ["gfx90a", "gfx942"], True),
        ((6, 1), [], True),
    ],
)
def test_kernels_run_on_their_generation_and_ptx_on_all_that_are_newer(
    machine: Callable[..., Machine], capability: tuple[int, int], built: list[str], works: bool
) -> None:
    machine(Card("a GPU", capability, GIB), built=built)
    assert bool(kernels.missing_kernels(0)) is not works


def test_a_run_that_was_trained_on_a_gpu_is_judged_on_one_that_is_here(
    machine: Callable[..., Machine],
) -> None:
    machine(BUSY, IDLE)
    assert [roomiest(each) for each in ("cuda", "cuda:0", "cuda:7", "mps", "cpu")] == [
        *("cuda:1", "cuda:0", "cuda:1"),
        None,
        "cpu",
    ]
    machine(IDLE)
    assert roomiest("cuda:1") == "cuda"
    machine()
    assert roomiest("cuda") is None


def test_the_doctor_lists_every_gpu_with_its_memory_and_what_is_wrong_with_it(
    machine: Callable[..., Machine], tmp_path: Path
) -> None:
    machine(OLD, IDLE, LOST)
    found = {each.what: each for each in examine(tmp_path) if each.what.startswith("GPU")}
    old, idle, lost = (found[f"GPU cuda:{index}"] for index in range(3))
    assert old.value.startswith("NVIDIA GeForce GTX 1080, 7.0 of 8.0 GiB free; weak: compute capab")
    assert not old.good
    assert "another device" in old.remedy
    assert (idle.value, idle.good) == ("NVIDIA H100, 79.0 of 80.0 GiB free", True)
    assert lost.value == (
        "does not answer: CUDA error: all CUDA-capable devices are busy or unavailable"
    )
    assert lost.remedy == "Look at it with: nvidia-smi"


def test_images_are_streamed_to_a_gpu_that_does_not_tell_its_memory_unless_they_are_few(
    machine: Callable[..., Machine],
) -> None:
    machine(LOST)
    assert settle_placement("auto", 150 * 2**20, "cuda") == "device"
    assert settle_placement("auto", GIB, "cuda") == "host"
    machine(BUSY, IDLE)
    assert settle_placement("auto", 10 * GIB, "cuda:0") == "host"
    assert settle_placement("auto", 10 * GIB, "cuda:1") == "device"


@pytest.mark.parametrize(
    ("name", "capability", "precision"),
    [
        ("NVIDIA H100", (9, 0), "bf16"),
        ("NVIDIA A100", (8, 0), "bf16"),
        ("Tesla T4", (7, 5), "fp16"),
        ("NVIDIA GeForce RTX 2080 Ti", (7, 5), "fp16"),
        ("Tesla V100-SXM2-16GB", (7, 0), "fp16"),
        ("NVIDIA GeForce GTX 1660 Ti", (7, 5), "fp32"),
        ("Tesla P100", (6, 0), "fp32"),
    ],
)
def test_auto_takes_the_precision_that_a_gpu_multiplies_fastest(
    machine: Callable[..., Machine], name: str, capability: tuple[int, int], precision: str
) -> None:
    machine(Card(name, capability, GIB), built=["sm_60", "sm_70", "sm_75", "sm_80", "sm_90"])
    data = made_up_data(channels=3, size=32)
    config = small_config(net="cifar10net", image_size=32, device="auto")
    assert decide(config, data).precision == precision
    assert decide(small_config(device="auto"), made_up_data()).precision == "fp32"  # a tiny net


def test_bf16_where_it_is_emulated_is_noted(machine: Callable[..., Machine]) -> None:
    machine(T4)
    config = small_config(device="cuda", precision="bf16")
    assert slow_precision(config) == (
        "Tesla T4 emulates bf16, which is slow there: the precision fp16 is faster."
    )
    assert slow_precision(small_config(device="cuda", precision="fp16")) == ""
    assert slow_precision(small_config(device="cpu", precision="bf16")) == ""
    machine(IDLE)
    assert slow_precision(config) == ""
