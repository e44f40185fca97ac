import subprocess
import sys

import pytest

from cnn_tui.bench.catalogue import WORKLOADS, chosen_workloads, run_benchmarks
from cnn_tui.bench.records import Talk
from cnn_tui.errors import UsageError

SILENT = Talk(lambda what: None, lambda sentence: None)


def test_takes_fewer_rounds_when_it_is_quick() -> None:
    for quick, whole in zip(chosen_workloads(None, quick=True), WORKLOADS, strict=True):
        assert (quick.net, quick.steps) == (whole.net, whole.steps)
        assert 1 <= quick.rounds < whole.rounds


def test_takes_one_network_however_it_is_spelled() -> None:
    assert [workload.net for workload in chosen_workloads("LeNet-5")] == ["lenet5"]


@pytest.mark.parametrize(
    ("name", "net", "quick", "sentence"),
    [
        ("trian", None, False, "There is no benchmark named 'trian': did you mean train?"),
        ("train", "cifar", False, "There is no training benchmark named 'cifar'"),
        ("startup", "lenet5", False, "A network is for the benchmark train"),
        ("check", None, True, "A quick run is for the benchmark train"),
    ],
)
def test_refuses_what_it_does_not_offer_before_it_measures(
    name: str, net: str | None, quick: bool, sentence: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        run_benchmarks(name, SILENT, net=net, quick=quick)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.slow
def test_refuses_a_wrong_network_in_one_sentence() -> None:
    command = [sys.executable, "-m", "cnn_tui", "bench", "train", "--json", "--net", "vgg16"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "lenet5, cifar10net or simpleresnet" in done.stderr
