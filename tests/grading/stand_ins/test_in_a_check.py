"""What learners import at the top of a file fails no check, and a report says what was replaced."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import torch

from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.host_control import HostControl
from cnn_tui.grading.stand_ins.modules import FirstFinder
from cnn_tui.grading.stand_ins.remarks import COMPILE, REMARKS, WORKERS
from tests.grading.conftest import Grade, reference

HEAD = """
import matplotlib
import matplotlib.pyplot as plt
import seaborn as sns
from mpl_toolkits.axes_grid1 import ImageGrid
from tqdm import tqdm
from tqdm.auto import trange
from torch.utils.data import DataLoader, TensorDataset

import torch
from torch import nn

fig, (left, right) = plt.subplots(1, 2)
left.plot([1, 2])
plt.show()
plt.close(fig)
plt.style.use("ggplot")
assert list(tqdm(trange(3))) == [0, 1, 2]

@torch.compile
def doubled(x): return 2 * x

@torch.compile(fullgraph=True, mode="max-autotune")
def tripled(x): return 3 * x

net = torch.compile(nn.Linear(1, 1), dynamic=True)
net.compile(backend="inductor")
assert list(net.state_dict()) == ["weight", "bias"]
assert doubled(net(torch.ones(1, 1))).shape == tripled(torch.ones(1, 1)).shape

class Loader(DataLoader):
    def __init__(self, data):
        super().__init__(
            data, 2, True, num_workers=2, persistent_workers=True, prefetch_factor=4, timeout=9,
            multiprocessing_context="spawn",
        )

assert sum(len(batch) for batch, in Loader(TensorDataset(torch.arange(5)))) == 5
"""


def missing(*names: str) -> set[str]:
    return {REMARKS[each] for each in names if importlib.util.find_spec(each) is None}


def test_fails_no_check_for_what_learners_import(grade: Grade) -> None:
    verdict = grade("exercise1", HEAD + reference("exercise1"))
    assert verdict.passed, (verdict.unusable, verdict.not_passed)
    expected = {REMARKS[COMPILE], REMARKS[WORKERS]} | missing("matplotlib", "seaborn")
    assert set(verdict.remarks) == expected
    assert len(verdict.remarks) == len(expected)


def test_still_says_what_is_wrong_with_a_data_loader(grade: Grade) -> None:
    bad = "from torch.utils.data import DataLoader\nDataLoader([1], num_workers=-1)\n"
    unknown = "from torch.utils.data import DataLoader\nDataLoader([1], workers=2)\n"
    assert "num_workers option should be non-negative" in grade("exercise1", bad).unusable
    assert "unexpected keyword argument 'workers'" in grade("exercise1", unknown).unusable


def test_still_misses_a_module_that_an_installed_package_lacks(grade: Grade) -> None:
    assert "No module named 'torch.tqdm'" in grade("exercise1", "import torch.tqdm\n").unusable


def test_keeps_an_installed_matplotlib_from_a_screen_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "matplotlib.py").write_text("name = 'real'\ndef use(backend): raise ImportError\n")
    spec = FirstFinder().find_spec("matplotlib", [str(tmp_path)])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.use("TkAgg") is None
    assert module.name == "real"
    assert FirstFinder().find_spec("matplotlib", [str(tmp_path / "none")]) is None


@pytest.mark.parametrize("named", [None, "num_workers", [1, None, torch.ones(2), "Passed."], {}])
def test_takes_no_sentence_from_a_submission(named: Any) -> None:
    hosts = HostControl(None)  # type: ignore[arg-type]
    submission = LoadedSubmission(hosts, "exercise1", b"", 1, total_seconds=1)
    submission._answer("f", "", {"id": 0, "value": 1, "remarks": named})
    assert submission.remarks == []
