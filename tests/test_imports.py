"""What must stay unloaded for the lab to start fast."""

import os
import pkgutil

import pytest

import cnn_tui
from tests.subprocesses import run_python

NOT_IMPORTED = (
    *("cnn_tui.chapter.demos.", "cnn_tui.grading.exercises.hidden_tests"),
    *("cnn_tui.grading.exercises.starters", "cnn_tui.__main__"),
)
HEAVY = "('torch', 'torchvision', 'numpy')"


def loaded_after(code: str) -> str:
    done = run_python(f"import sys\n{code}\nprint([m for m in {HEAVY} if m in sys.modules])")
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("module", ["cnn_tui.cli", "cnn_tui.cli.app", "cnn_tui.tui.app"])
def test_front_ends_import_nothing_heavy(module: str) -> None:
    assert loaded_after(f"import {module}") == "[]"


@pytest.mark.slow
def test_front_ends_do_not_know_each_other() -> None:
    code = "import sys, {0}\nprint([m for m in sys.modules if m.startswith('cnn_tui.{1}')])"
    assert run_python(code.format("cnn_tui.cli.app", "tui")).stdout.strip() == "[]"
    assert run_python(code.format("cnn_tui.tui.app", "cli")).stdout.strip() == "[]"


def test_commands_that_need_no_torch_do_without(tmp_path: object) -> None:
    code = f"""
import contextlib, io, os
os.chdir({str(tmp_path)!r})
os.mkdir("exercises")
from cnn_tui.cli import main
from cnn_tui.cli.app import COMMANDS
lines = [[name, "--help"] for group in COMMANDS.values() for name in group]
lines += [["--help"], ["topics"], ["topics", "pooling-why"], ["nets"], ["runs"], ["demo"], []]
lines += [["summary", "vgg16"], ["summary", "ResNet50", "--depth", "2", "--json"]]
lines += [["summary", "lenet5", "--input", "1,28,28"], ["nets", "--which"]]
lines += [["summary", "vgg16", "--costs"], ["summary", "vgg16", "--on", "t4", "--html"]]
lines += [["compare", "alexnet", "efficientnet_b0", "vit_b_16"], ["compare", "lenet5", "vgg11"]]
lines += [["receptive-field", "resnet18"], ["receptive-field", "googlenet", "--json"]]
lines += [["pool"], ["pool", "--kind", "lp", "--steps"], ["pool", "--shift", "0,1", "--json"]]
lines += [["pool", "--backward"], ["pool", "--unpool", "--json"]]
lines += [["experiment"], ["nets", "vgg16"], ["nets", "resnet18", "--source"]]
lines += [["demo", "lenet5-tour", "--source"]]
lines += [["reset", "1"], ["hint"], ["hint", "--all"], ["progress"]]
lines += [["solution", "1", "--spoil"], ["reset", "1", "--yes"]]
for line in lines:
    with contextlib.redirect_stdout(io.StringIO()):
        code = main(line)
    assert code == 0, (line, code)
"""
    assert "torch" not in loaded_after(code)


NEED_TORCH = {
    "analysis": "evaluation judge own_data predictions trained",
    "analysis.activations": "capture layers maps",
    "analysis.gradients": "flow",
    "analysis.networks": "calls followed input_checks input_tensors layer_rows likely_inputs "
    "memory modules nested number_types real_run receptive_field refusals shape_rules shapes "
    "sliding_rules summary timing trace work",
    "analysis.networks.fields": "axis leaving mixing reach views windows",
    "analysis.networks.mistakes": "advice ending find flattening graph quantized registration run "
    "unused waste",
    "bench": "gpu_memory machine",
    "bench.grading": "plain_pytest",
    "bench.training": "cuda inspecting loops memory reference throughput watching workloads",
    "chapter": "tiny_vit",
    "data": "dataset fingerprint splits tensorfile",
    "data.loading": "augment loader mixing placement prefetch",
    "data.preparation": "cache contributed decode depths digits examine folder folder_remarks "
    "older prepare probe published report room",
    "engine": "preload",
    "grading": "testing",
    "grading.checks": "adam adam_moves batches feature_maps images inputs numbers precision "
    "seconds seeds shuffling stability starts testing trained_weights weight_decay weights",
    "grading.isolation": "calls client explanations host host_control hosted_submission "
    "module_operations object_operations remote_objects service wire wire_reader wire_values "
    "wire_writer",
    "grading.judge": "misuse origins plugin verdict",
    "grading.misconceptions": "exercise1 exercise1_measures exercise2 exercise2_nets exercise3 "
    "exercise3_figures exercise3_nets exercise4 exercise4_dropout exercise4_nets exercise5 "
    "exercise5_nets exercise5_reports layers modes nets probes steps training",
    "grading.stand_ins": "eager modules progress_bars showing",
    "nets": "alexnet blocks build cifar10net dropout_cnn lenet5 own resnet simple_resnet "
    "torchvision_nets vgg",
    "nets.starters": "small_net",
    "training.device": "cpu gpu kernels own_mistakes own_net selection setup",
    "training.loop": "activation_statistics averaging batchnorm bookkeeping checkpoints compiling "
    "counters epochs graphs inspector losses optimizers parts ranks rate_range recorder "
    "running_metrics scaling session training_images",
    "training.process": "execute failures gpu_failures own_data rate_range",
}
"""Room → its modules that are imported where torch is. All others are free of it, but demos."""
ONE_BY_ONE = """
import importlib, os, sys

class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "torchvision", "numpy"):
            raise ImportError(f"{name} is imported")

sys.meta_path.insert(0, NoTorch())
# What others wrote is imported once, for all forks.
import asyncio, PIL.Image, pytest, rich.console, textual.app, typer
for name in NAMES:
    child = os.fork()
    if child == 0:
        importlib.import_module(name)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(name)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="each module is imported in a fork")
def test_imports_every_other_module_without_torch_and_by_itself() -> None:
    need = {
        f"cnn_tui.{room}.{name}" for room, names in NEED_TORCH.items() for name in names.split()
    }
    every = {each.name for each in pkgutil.walk_packages(cnn_tui.__path__, "cnn_tui.")}
    assert need <= every
    free = sorted(each for each in every - need if not each.startswith(NOT_IMPORTED))
    assert len(free) > 200
    assert run_python(f"NAMES = {free}\n{ONE_BY_ONE}").stdout == ""


@pytest.mark.slow
def test_the_host_of_submissions_loads_nothing_that_judges() -> None:
    code = (
        "import sys, cnn_tui.grading.isolation.host\n"
        "print(*(each for each in sys.modules if each.startswith('cnn_tui.grading.')))"
    )
    loaded = {each.removeprefix("cnn_tui.grading.") for each in run_python(code).stdout.split()}
    judging = (
        *("checks", "classroom", "checker", "judge", "misconceptions", "testing"),
        *("hidden_tests", "catalogue"),
    )
    judges_end = "client explanations host_control remote_objects submission_errors"
    judging += tuple(f"isolation.{name}" for name in judges_end.split())
    assert "isolation.host" in loaded
    assert [each for each in loaded if each.startswith(judging)] == []
