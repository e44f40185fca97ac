from collections.abc import Iterator

import pytest
import torch

from cnn_tui.bench.catalogue import Workload, chosen_workloads
from cnn_tui.bench.records import Talk
from cnn_tui.bench.training import cuda
from cnn_tui.bench.training import throughput as training
from cnn_tui.bench.training.memory import LOOPS, peak_megabytes
from cnn_tui.bench.training.throughput import measure
from cnn_tui.errors import LabFault

TINY = Workload("lenet5", batch_size=8, steps=6, rounds=3, looks=1)


class Heard:
    """What a benchmark said."""

    def __init__(self) -> None:
        self.doing: list[str] = []
        self.remarks: list[str] = []
        self.talk = Talk(self.doing.append, self.remarks.append)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(autouse=True)
def torch_as_it_was() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.set_flush_denormal(False)


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else this machine does; what snapshots cost has tests of its own."""
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setattr(training, "measure_inspecting", lambda workloads, talk: [])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One round of few steps, and no process for the memory."""
    monkeypatch.setattr("cnn_tui.bench.training.reference.DATA_STEPS", 4)
    monkeypatch.setattr("cnn_tui.bench.training.workloads.GPU_FACTOR", 1)
    monkeypatch.setattr(training, "FEW_ROUNDS", 1)
    monkeypatch.setattr(training, "ROUNDS", 2)
    memory = {"lab": 20.0, "reference": 40.0}
    monkeypatch.setattr(training, "peak_megabytes", lambda loop, workload: memory[loop])


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_holds_the_loop_against_both_references(heard: Heard) -> None:
    results = {result.name: result for result in measure([TINY], heard.talk)}
    assert list(results) == [
        "lenet5 fp32, DataLoader loop",
        "lenet5 fp32, compute limit",
        "lenet5 fp32, metrics on against off",
        "lenet5 fp32, data side alone",
        "lenet5 fp32, peak memory",
    ]
    for result in results.values():
        assert result.value > 0
        assert None not in (result.ratio, result.low, result.high)
    limit = results["lenet5 fp32, compute limit"]
    assert (limit.unit, limit.budget, limit.rounds) == ("images/s", ">= 0.96", 3)
    loop = results["lenet5 fp32, DataLoader loop"]
    assert (loop.unit, loop.rounds) in {("images/s", 1), ("images/s", 2)}
    assert loop.budget == (">= 1.6" if loop.note.startswith("data-bound") else "")
    assert results["lenet5 fp32, peak memory"].ratio == 0.5
    assert "-bound: " in results["lenet5 fp32, DataLoader loop"].note
    rounds = [what for what in heard.doing if "speed, round" in what]
    assert [what.rpartition(" ")[2] for what in rounds] == ["up", "1", "2", "3"]


@pytest.mark.parametrize(("fed", "rounds"), [(50.0, 2), (500.0, 1)], ids=["data", "arithmetic"])
@pytest.mark.usefixtures("small")
def test_gives_the_slow_reference_more_rounds_only_where_it_has_a_budget(
    monkeypatch: pytest.MonkeyPatch, heard: Heard, fed: float, rounds: int
) -> None:
    for rate in ("lab_rate", "unmetered_rate", "loader_rate"):
        monkeypatch.setattr(training, rate, lambda session: 90.0)
    monkeypatch.setattr(training, "compute_limit", lambda config, data: lambda: 100.0)
    reference = "cnn_tui.bench.training.reference"
    monkeypatch.setattr(f"{reference}.reference_rate", lambda config, data: 40.0)
    monkeypatch.setattr(f"{reference}.batches_rate", lambda config, data: fed)
    loop = measure([TINY], heard.talk)[0]
    assert (loop.rounds, loop.budget) == (rounds, ">= 1.6" if rounds == 2 else "")


@pytest.mark.usefixtures("small")
def test_does_without_the_reference_where_torchvision_is_missing(
    monkeypatch: pytest.MonkeyPatch, heard: Heard
) -> None:
    monkeypatch.setattr(training, "FOR_REFERENCE", ("no_such_package",))
    names = [result.name for result in measure([TINY], heard.talk)]
    assert "lenet5 fp32, compute limit" in names
    assert "lenet5 fp32, DataLoader loop" not in names
    assert heard.remarks == [
        "The DataLoader loop was not measured: no_such_package cannot be imported here."
    ]


@pytest.mark.parametrize("faster", ["data", "arithmetic"])
def test_says_what_binds_the_reference(
    monkeypatch: pytest.MonkeyPatch, heard: Heard, faster: str
) -> None:
    data, limit = (900.0, 100.0) if faster == "data" else (100.0, 900.0)
    rates = training.Rates([90.0], [90.0], [limit], [5000.0], [50.0], [data])
    monkeypatch.setattr(training, "_take_turns", lambda *_, **__: rates)
    monkeypatch.setattr(training, "peak_megabytes", lambda loop, workload: 1.0)
    result = measure([TINY], heard.talk)[0]
    assert result.note.startswith("compute-bound" if faster == "data" else "data-bound")
    assert "900" in result.note
    assert "100" in result.note
    # Where the reference computes all the time, no faster loop could keep a budget.
    assert result.budget == ("" if faster == "data" else ">= 1.6")


def test_warns_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (999.0, 0.0, 0.0))
    measure([], heard.talk)
    assert "busy (a load of 999.0" in heard.remarks[0]


def test_says_that_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    monkeypatch.setattr(cuda, "gpu_name", lambda: None)
    assert cuda.measure_options(chosen_workloads("cifar10net"), heard.talk) == []
    assert len(heard.remarks) == 1
    assert "No CUDA device" in heard.remarks[0]


@pytest.mark.slow
def test_holds_a_gpus_options_against_plain_training(
    monkeypatch: pytest.MonkeyPatch, heard: Heard
) -> None:
    monkeypatch.setattr(cuda, "gpu_name", lambda: "pretended GPU")
    monkeypatch.setattr(cuda, "DEVICE", "cpu")
    monkeypatch.setattr(cuda, "TRAIN_IMAGES", 16)
    monkeypatch.setattr(cuda, "VAL_IMAGES", 2)
    monkeypatch.setattr(cuda, "SIDE", 8)
    monkeypatch.setattr(cuda, "EPOCHS", 1)
    without_compiler = [option for option in cuda.OPTIONS if not option.settings.get("compile")]
    monkeypatch.setattr(cuda, "OPTIONS", without_compiler)
    workload = Workload("cifar10net", batch_size=8, steps=2, rounds=1)
    plain, *others = cuda.measure_options([workload], heard.talk)
    assert plain.reference is None
    assert [result.name.rpartition(", ")[2] for result in others] == ["channels_last", "bf16"]
    assert all(result.reference == plain.value for result in others)
    assert heard.remarks == [
        "CUDA graphs was not measured, as it does not work here: no CUDA device"
    ]


@pytest.mark.gpu
def test_measures_every_option_of_a_gpu(monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    monkeypatch.setattr(cuda, "TRAIN_IMAGES", 1280)
    monkeypatch.setattr(cuda, "VAL_IMAGES", 128)
    results = cuda.measure_options(chosen_workloads("cifar10net"), heard.talk)
    assert len(results) == len(cuda.OPTIONS), heard.remarks


@pytest.mark.slow
def test_measures_a_watched_run(heard: Heard) -> None:
    workload = Workload("lenet5", batch_size=64, steps=20, rounds=1, watched=1, looks=1)
    attached = measure([workload], heard.talk)[-1]
    assert attached.name == "lenet5 fp32, TUI attached (1 thread)"
    assert attached.budget == ">= 0.99"
    assert attached.ratio is not None
    assert attached.ratio > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("loop", LOOPS)
def test_counts_the_memory_of_one_epoch(loop: str) -> None:
    large, small = (peak_megabytes(loop, Workload("lenet5", n, 2, 1)) for n in (1024, 8))
    assert 5 < large - small < 200


@pytest.mark.slow
def test_tells_why_memory_could_not_be_measured() -> None:
    with pytest.raises(LabFault, match="memory of the lab loop could not be measured"):
        peak_megabytes("lab", Workload("lenet5", batch_size=0, steps=1, rounds=1))
