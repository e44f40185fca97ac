"""What a run asks for in vain is refused before its folder is made."""

import sys
from pathlib import Path
from typing import Any

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process import launcher, requirements
from cnn_tui.training.store import listing
from cnn_tui.workspace import Workspace

NOWHERE = "libnowhere.so.1"


@pytest.fixture
def gpuless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a GPU's driver."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(requirements, "CUDA_DRIVER", NOWHERE)
    monkeypatch.setattr(requirements, "AMD_GPUS", Path("/dev/nowhere"))
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.parametrize(
    ("settings", "field", "words"),
    [
        (
            {"device": "cuda"},
            "device",
            "this machine has no NVIDIA driver. Take auto, the best there is, or cpu.",
        ),
        ({"device": "mps"}, "device", "only Macs have it"),
        ({"dropout": 0.5}, "dropout", "lenet5 has no dropout layer"),
        ({"train_images": 1, "nproc": 2}, "train_images", "cannot be shared by 2 processes"),
        ({"image_size": None, "cutout": 32}, "cutout", "hide whole images of 28×28"),
    ],
)
def test_makes_no_run_that_could_not_begin(
    workspace: Workspace, gpuless: None, settings: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        launcher.launch(workspace, default_config("lenet5", "digits", **settings))
    assert words in str(caught.value)
    assert field in caught.value.fields
    assert listing.list_runs(workspace) == []


def test_believes_what_hides_every_gpu(gpuless: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "AMD_GPUS", Path("/dev"))
    requirements.refuse_absent_device("cuda")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(UsageError, match="CUDA_VISIBLE_DEVICES hides every GPU"):
        requirements.refuse_absent_device("cuda")


def test_makes_a_folder_for_another_machine_whose_device_is_not_here(
    workspace: Workspace, gpuless: None
) -> None:
    run = launcher.make(workspace, default_config("lenet5", "digits", device="cuda"), here=False)
    assert run.path.is_dir()
