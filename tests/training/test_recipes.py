from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.cli import main
from cnn_tui.data.catalogue import parse
from cnn_tui.errors import UsageError
from cnn_tui.training import recipes
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.config_json import from_json, to_json
from cnn_tui.training.defaults import default_config
from cnn_tui.training.device.setup import decide
from cnn_tui.training.loop.optimizers import MOMENTUM, lr_at
from cnn_tui.training.process import launcher
from tests.training.conftest import made_up_data


def test_fast_is_another_set_of_defaults() -> None:
    fast = default_config("cifar10net", "cifar10", recipe="fast")
    assert (fast.recipe, fast.optimizer, fast.schedule) == ("fast", "sgd", "onecycle")
    assert fast.batch_size > default_config("cifar10net", "cifar10").batch_size
    assert fast.cuda_graphs
    assert fast.augment == "crop+flip"
    assert from_json(to_json(fast)) == fast


def decay_per_image(lr: float, momentum: float, decay: float, batch_size: int) -> float:
    return lr / (1 - momentum) * decay / batch_size


def test_the_decay_of_fast_is_that_of_the_recipes_it_names() -> None:
    fast = default_config("cifar10net", "cifar10", recipe="fast")
    ours = decay_per_image(fast.lr, MOMENTUM, fast.weight_decay, fast.batch_size)
    assert ours == pytest.approx(decay_per_image(lr=0.4, momentum=0.9, decay=5e-4, batch_size=512))
    # airbench94 states rate and decay for 1,024 images and without momentum's 1 + 1 / (1 - m).
    per_step = 1024 * (1 + 1 / (1 - 0.85))
    lr, decay = 11.5 / per_step, 0.0153 * 1024 / per_step
    theirs = decay_per_image(lr, momentum=0.85, decay=decay / lr, batch_size=1024)
    assert theirs / ours == pytest.approx(3.3, abs=0.05)
    assert recipes.__doc__ is not None
    for figure in (f"{ours:.1e}".replace("e-0", "e-"), f"{theirs:.1e}".replace("e-0", "e-")):
        assert figure in recipes.__doc__


def test_a_folder_is_trained_as_cifar10_is() -> None:
    cifar, folder = (
        default_config("cifar10net", data, recipe="fast") for data in ("cifar10", "folder:/cifar")
    )
    assert replace(folder, data=parse("cifar10")) == cifar


def test_the_fast_rate_rises_and_falls_to_nothing() -> None:
    fast = default_config("cifar10net", "cifar10", recipe="fast")
    rates = [lr_at(fast, step, 1000) for step in range(1000)]
    assert max(rates) == pytest.approx(fast.lr)
    assert rates[-1] < 1e-3 * fast.lr


def test_what_is_given_wins_over_the_recipe() -> None:
    given = {
        "epochs": 3,
        "batch_size": 100,
        "lr": 0.05,
        "optimizer": "adamw",
        "schedule": "cosine",
        "dropout": 0.4,
        "cutout": 0,
        "label_smoothing": 0.0,
        "cuda_graphs": False,
    }
    fast = default_config("cifar10net", "cifar10", recipe="Fast", **given)
    assert {option: getattr(fast, option) for option in given} == given
    assert fast.recipe == "fast"


@pytest.mark.parametrize(
    ("switches", "replayed"), [([], True), (["--no-cuda-graphs"], False), (["--cuda-graphs"], True)]
)
def test_the_command_takes_switches_from_the_recipe_unless_they_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switches: list[str], replayed: bool
) -> None:
    asked: list[TrainConfig] = []

    def make(_: object, config: TrainConfig, *__: object, **___: object) -> None:
        asked.append(config)
        raise UsageError("enough")

    monkeypatch.setattr(launcher, "make", make)
    (tmp_path / "exercises").mkdir()
    command = ["train", "cifar10net", "--data", "cifar10", "--recipe", "fast", *switches]
    assert main([*command, "--workspace", str(tmp_path)]) == 2
    assert [config.cuda_graphs for config in asked] == [replayed]


def test_the_fast_rate_suits_the_batches_and_the_optimizer() -> None:
    whole, half = (
        default_config("cifar10net", "cifar10", recipe="fast", batch_size=size).lr
        for size in (512, 256)
    )
    assert half == whole / 2
    adam = default_config("cifar10net", "cifar10", recipe="fast", optimizer="Adam")
    assert adam.lr < whole / 50


@pytest.mark.parametrize("net", ["cifar10net", "simpleresnet"])
@pytest.mark.parametrize("data", ["cifar10", "mnist", "fashion-mnist"])
def test_fast_is_for_networks_with_batch_norm_and_large_data_sets(net: str, data: str) -> None:
    assert default_config(net, data, recipe="fast").batch_size == 512


@pytest.mark.parametrize("net", ["lenet5", "vggcifar", "vit_b_16", "resnet50"])
def test_fast_is_refused_for_other_networks(net: str) -> None:
    with pytest.raises(UsageError, match=rf"recipe fast is for .*: train {net} without it"):
        default_config(net, "cifar10", recipe="fast")


def test_fast_is_refused_for_few_images() -> None:
    with pytest.raises(UsageError, match=r"20,000 images .* digits has 1,438 to learn from"):
        default_config("cifar10net", "digits", recipe="fast")
    folder = default_config("cifar10net", "folder:/pictures", recipe="fast")
    with pytest.raises(UsageError, match=r"folder:/pictures has 44 to learn from"):
        decide(folder, made_up_data(train=40, channels=3, size=32))


def test_an_unknown_recipe_names_what_it_is() -> None:
    with pytest.raises(UsageError, match="no recipe named 'wrong'"):
        default_config("cifar10net", "cifar10", recipe="wrong")


@pytest.mark.parametrize("size", [0, -4, "many", True])
def test_a_batch_size_that_cannot_be_used_is_refused_by_its_name(size: object) -> None:
    with pytest.raises(UsageError, match=r"Batch size (must be|needs a value: )"):
        default_config("cifar10net", "cifar10", recipe="fast", batch_size=size)
