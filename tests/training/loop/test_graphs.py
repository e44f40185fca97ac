from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from cnn_tui.training.loop import epochs
from cnn_tui.training.loop.compiling import compile_steps
from cnn_tui.training.loop.graphs import capture_steps
from cnn_tui.training.loop.session import TrainingSession
from cnn_tui.training.process.execute import execute
from cnn_tui.training.records import Note, StepMetrics
from cnn_tui.training.store.folder import create_run, read_header
from cnn_tui.training.store.metrics import MetricsReader
from cnn_tui.workspace import Workspace
from tests.training.conftest import Here, made_up_data, small_config
from tests.training.loop.test_epochs import last_weights, same

MakeRun = Callable[..., Here]


def capture_as_if_on_a_gpu(
    session: TrainingSession, monkeypatch: pytest.MonkeyPatch, graphed: Callable[..., object]
) -> str | None:
    """``capture_steps`` with ``graphed`` in place of what needs a GPU."""
    monkeypatch.setattr(torch.cuda, "make_graphed_callables", graphed)
    device, session.device = session.device, torch.device("cuda")
    try:
        return capture_steps(session)
    finally:
        session.device = device


def run_through(sizes: list[int]) -> Callable[..., nn.Module]:
    """A capture that warms up as torch does, and notes the batches that are replayed."""

    def make(module: nn.Module, sample: tuple[Tensor, ...]) -> nn.Module:
        # The graph keeps it for good: the block that it was cut from must be free to go.
        assert sample[0].untyped_storage().nbytes() == sample[0].nbytes
        output = module(*sample)
        torch.autograd.grad(output.sum(), list(module.parameters()))
        plain = module.forward

        def forward(images: Tensor) -> Tensor:
            sizes.append(len(images))
            return plain(images)

        module.forward = forward
        return module

    return make


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_without_a_gpu_a_run_says_so_and_goes_on_without_graphs(tmp_path: Path) -> None:
    config = small_config(epochs=1, batch_size=256, cuda_graphs=True)
    run = create_run(Workspace(tmp_path), config, data_dir=tmp_path / "data")
    assert execute(run, lambda: False) == 0
    reader = MetricsReader(run.metrics_file)
    notes = [event.message for event in reader.poll() if isinstance(event, Note)]
    assert notes == [
        "CUDA graphs do not work here (no CUDA device): training goes on without them."
    ]
    assert read_header(run).config.cuda_graphs is False


@pytest.mark.slow
def test_only_whole_batches_are_replayed_and_the_network_stays_as_it_is(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = made_up_data(train=20, size=8)
    settings = {"net": "cifar10net", "image_size": 8, "epochs": 2}
    plain, captured = (here(name, data, **settings) for name in ("plain", "captured"))
    plain.train()
    session, sizes = captured.open(), []
    assert capture_as_if_on_a_gpu(session, monkeypatch, run_through(sizes)) is None
    epochs.train(session)
    assert sizes == [8] * 4
    assert same(last_weights(plain), last_weights(captured))


def test_a_compiled_network_is_captured_as_it_was_compiled(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def compiled(net: nn.Module) -> Callable[[Tensor], Tensor]:
        def call(images: Tensor) -> Tensor:
            calls.append(len(images))
            return net(images)

        return call

    monkeypatch.setattr(torch, "compile", compiled)
    session, sizes = here(epochs=1).open(), []
    assert compile_steps(session) is None
    assert capture_as_if_on_a_gpu(session, monkeypatch, run_through(sizes)) is None
    calls.clear()
    epochs.train(session)
    assert calls == sizes == [8] * 5


def test_what_cannot_be_captured_is_trained_as_it_is(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("operation not permitted when stream is capturing\nand much more")

    session = here(epochs=1).open()
    reason = capture_as_if_on_a_gpu(session, monkeypatch, refuse)
    assert reason == "RuntimeError: operation not permitted when stream is capturing"
    assert session.forward is session.net


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("net", ["cifar10net", "googlenet"])
def test_replayed_steps_lose_as_much_as_plain_ones(
    here: MakeRun, net: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "FLUSH_SECONDS", 0.0)
    data = made_up_data(train=70, size=32)
    settings = {"net": net, "image_size": 32, "device": "cuda", "precision": precision}
    plain, graphed = (
        here(name, data, epochs=2, lr=1e-3, **settings) for name in ("plain", "graphed")
    )
    plain.train()
    session = graphed.open()
    statistics = {name: value.clone() for name, value in session.net.state_dict().items()}
    assert capture_steps(session) is None
    assert same(statistics, session.net.state_dict())
    epochs.train(session)
    expected, got = (
        [event.loss for event in run.events() if isinstance(event, StepMetrics)]
        for run in (plain, graphed)
    )
    assert got == pytest.approx(expected, rel=0.05, abs=0.05)


@pytest.mark.gpu
def test_a_compiled_network_can_be_captured(here: MakeRun) -> None:
    run = here(net="cifar10net", image_size=16, device="cuda", epochs=2, compile=True)
    session = run.open()
    assert capture_steps(session) is None
    epochs.train(session)
    assert run.events()[-1].state == "finished"
