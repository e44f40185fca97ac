from collections.abc import Callable

import pytest
import torch
from safetensors.torch import load_file

from cnn_tui.training.loop import epochs
from cnn_tui.training.loop.compiling import compile_steps
from tests.training.conftest import Here, made_up_data
from tests.training.loop.test_epochs import after_polls, last_weights, same

MakeRun = Callable[..., Here]


@pytest.mark.slow
def test_trying_the_compiled_network_leaves_no_trace(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", lambda net: net)
    data = made_up_data(train=13, size=8)
    plain, tried = (
        here(name, data, net="cifar10net", image_size=8, epochs=1) for name in ("plain", "tried")
    )
    plain.train()
    session = tried.open()
    assert compile_steps(session) is None
    epochs.train(session)
    assert same(last_weights(plain), last_weights(tried))


def test_only_whole_batches_are_compiled_for(
    here: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def recorded(net: torch.nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
        def call(images: torch.Tensor) -> torch.Tensor:
            sizes.append(len(images))
            return net(images)

        return call

    monkeypatch.setattr(torch, "compile", recorded)
    session = here(data=made_up_data(train=20), epochs=2).open()
    compile_steps(session)
    epochs.train(session)
    assert sizes == [8] * 5
    assert load_file(session.checkpoints.best).keys() == session.net.state_dict().keys()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_compiled_run_goes_on_to_the_same_bits(here: MakeRun) -> None:
    data = made_up_data(train=20, size=8)
    settings = {"net": "cifar10net", "image_size": 8, "epochs": 2, "compile": True}
    whole, parts = (here(name, data, **settings) for name in ("whole", "parts"))
    whole.train()
    parts.train(should_stop=after_polls(1))
    assert parts.events()[-1].state == "stopped"
    parts.train()
    assert same(last_weights(whole), last_weights(parts))
