from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.config_toml import config_from, save_toml
from cnn_tui.training.defaults import default_config

CONFIG = default_config(
    "cifar10net", 'folder:/tmp/a "b" é', lr=1e-5, patience=3, ema=0.99, compile=True, mixup=0.2
)


@pytest.mark.parametrize("config", [CONFIG, default_config("lenet5", "digits")])
def test_a_run_is_asked_for_again_by_its_file(config: TrainConfig, tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    save_toml(config, file)
    assert config_from(file) == config


def test_what_is_given_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text('net = "lenet5"\nlr = 0.01\nepochs = 3\n')
    assert config_from(file, lr="0.02") == default_config("lenet5", "digits", lr=0.02, epochs=3)
    assert config_from(file, "cifar10net", "cifar10").net == CONFIG.net


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('net = "lenet5"\n\nlr = "fast"', r"run.toml, line 3, lr: Learning rate must be a number"),
        ('net = "lenet5"\nepochs = 1\nepoks = 2', r"line 3, epoks: .*option"),
        ('net = "lenet5"\n[epochs]\na = 1', r"line 2, epochs: Epochs must be"),
        ("net = 5", r"line 1, net: net must be a text"),
        ("epochs = 3", "names no network"),
        ('net = "lenet5"\nlr = \nepochs = 3', r"is not TOML: .*line 2"),
    ],
)
def test_a_mistake_is_named_by_line_and_key(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=sentence):
        config_from(file)


def test_a_file_that_is_not_there_or_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.toml cannot be read: No such file"):
        config_from(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="cannot be written"):
        save_toml(CONFIG, tmp_path / "no" / "folder.toml")
