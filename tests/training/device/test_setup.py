from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cnn_tui.errors import UsageError
from cnn_tui.training.defaults import default_config
from cnn_tui.training.device.setup import decide, learned_from, make_net, memory_format
from tests.subprocesses import run_python
from tests.training.conftest import made_up_data, small_config


def test_auto_is_settled_before_training() -> None:
    config = decide(default_config("lenet5", "digits"), made_up_data())
    assert config.device in ("cpu", "cuda", "mps")
    assert config.precision == "fp32"
    assert config.threads == 1
    assert decide(config, made_up_data()) == config


def test_what_is_asked_for_is_kept() -> None:
    config = default_config("cifar10net", "digits", device="cpu", precision="bf16", threads=3)
    decided = decide(config, made_up_data())
    assert (decided.device, decided.precision, decided.threads) == ("cpu", "bf16", 3)


def test_larger_networks_use_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnn_tui.training.device.setup.cores", lambda: 6)
    assert decide(default_config("cifar10net", "digits"), made_up_data()).threads == 6


def test_images_are_shown_at_their_own_size_or_one_that_suits_the_network() -> None:
    config = default_config("cifar10net", "folder:/pictures")
    assert decide(config, made_up_data(size=20)).image_size == 20
    assert decide(config, made_up_data(size=8)).image_size == 16
    vit = default_config("vit_b_16", "folder:/pictures")
    assert decide(vit, made_up_data(size=40)).image_size == 48


def test_a_cutout_as_large_as_the_images_is_refused() -> None:
    config = default_config("cifar10net", "folder:/pictures", cutout=20)
    with pytest.raises(UsageError, match="cutout of 20 would hide whole images of 20×20"):
        decide(config, made_up_data(size=20))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="device cuda is not there: torch finds") as error:
        decide(small_config(device="cuda"), made_up_data())
    assert error.value.fields == ("device",)


def test_dropout_replaces_the_p_of_the_network() -> None:
    config = default_config("cifar10net", "digits", dropout=0.25)
    assert make_net(config, made_up_data()).dropout.p == 0.25


def test_dropout_for_a_network_without_dropout_is_refused() -> None:
    with pytest.raises(UsageError, match="lenet5 has no dropout"):
        make_net(small_config(dropout=0.5), made_up_data())


def test_a_network_is_made_with_its_options() -> None:
    net = make_net(small_config(net="vggcifar,batch_norm=true"), made_up_data())
    assert any(isinstance(layer, torch.nn.BatchNorm2d) for layer in net.modules())


def test_a_network_fits_its_data() -> None:
    net = make_net(small_config(), made_up_data(channels=3))
    assert net(torch.zeros(2, 3, 16, 16)).shape == (2, 2)


def test_validation_and_test_images_keep_their_labels_whatever_is_learned_from() -> None:
    data = made_up_data(train=40)
    noisy = learned_from(small_config(train_images=20, label_noise=0.5, seed=1), data)
    assert len(noisy.train) == 20
    assert int((noisy.train.labels != data.train.labels[:20]).sum()) == 10
    assert (noisy.val, noisy.test) == (data.val, data.test)
    assert learned_from(small_config(), data).train.labels.equal(data.train.labels)


def test_labels_of_a_single_class_cannot_be_wrong() -> None:
    data = replace(made_up_data(), classes=("dark",))
    with pytest.raises(UsageError, match="Label noise needs two classes") as error:
        learned_from(small_config(label_noise=0.5), data)
    assert error.value.fields == ("label_noise",)


ODD_BATCH = """
from pathlib import Path
import sys
from tests.training.conftest import Here, made_up_data, small_config
settings = dict(net="simpleresnet,width=8", threads=2, batch_size=7, epochs=1)
Here(Path(sys.argv[1]), made_up_data(14), small_config(**settings)).train()
"""


@pytest.mark.slow
def test_narrow_strided_shortcuts_are_trained_by_two_threads(tmp_path: Path) -> None:
    """In channels last torch 2.15 died of it in three runs of three."""
    done = run_python(f"import sys; sys.argv[1:] = [{str(tmp_path)!r}]\n{ODD_BATCH}")
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("net", "threads", "layout"),
    [
        ("simpleresnet,width=8", 2, torch.contiguous_format),
        ("simpleresnet,width=8", 1, torch.channels_last),
        ("simpleresnet,width=16", 2, torch.channels_last),
        ("resnet18", 2, torch.channels_last),
        ("cifar10net", 2, torch.channels_last),
        ("lenet5", 2, torch.contiguous_format),
    ],
)
def test_channels_come_last_where_that_gains_and_does_no_harm(
    net: str, threads: int, layout: torch.memory_format
) -> None:
    config = decide(small_config(net=net, threads=threads, image_size=32), made_up_data(size=32))
    assert memory_format(config, make_net(config, made_up_data(size=32))) is layout


@pytest.mark.parametrize("version", ["2.11.0", "2.14.1", "3.0.0"])
def test_channels_come_first_on_an_apple_gpu_whatever_torch_it_is(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(torch, "__version__", version)
    config = small_config(net="resnet18", device="mps", image_size=32)
    assert memory_format(config, make_net(config, made_up_data(size=32))) is torch.contiguous_format
