"""``nets``, ``summary``, ``compare`` and ``receptive-field``."""

import json
import re
from pathlib import Path

import pytest

from cnn_tui.cli import main
from cnn_tui.nets.accuracy import REFERENCES
from cnn_tui.nets.catalogue import all_nets, names, net_info
from tests.subprocesses import cnn_lab


@pytest.fixture
def lab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "Lab":
    monkeypatch.setenv("COLUMNS", "80")
    return Lab(capsys)


class Lab:
    """One command in this process, which has torch loaded already."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = main(words)
        said = self.capsys.readouterr()
        return code, said.out, said.err


def test_lists_the_nets() -> None:
    done = cnn_lab("nets")
    assert done.returncode == 0
    assert all(name in done.stdout for name in names())


def test_lists_the_nets_as_json(lab: Lab) -> None:
    listed = json.loads(lab("nets", "--json")[1])
    assert [(net["name"], net["parameters"]) for net in listed] == [
        (net.name, net.parameters) for net in all_nets()
    ]
    by_name = {net["name"]: net for net in listed}
    assert by_name["vggcifar"]["year"] is None is by_name["alexnet"]["accuracy"]
    assert by_name["resnet50"]["accuracy"] == {
        "top1_percent": 76.13,
        "crop": 224,
        "recipe": "simple training recipe",
        "recipe_url": f"{REFERENCES}resnet",
        "weights": "IMAGENET1K_V1",
    }


def test_says_which_one_to_use(lab: Lab) -> None:
    code, shown, _ = lab("nets", "--which")
    assert code == 0
    assert net_info("resnet18").use_when in shown
    listed = json.loads(lab("nets", "--which", "--json")[1])
    assert {net["name"]: net["use_when"] for net in listed} == {
        n.name: n.use_when for n in all_nets()
    }


def test_measures_the_nets_now(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    few = all_nets()[:4]  # all of them would import torchvision
    monkeypatch.setattr("cnn_tui.analysis.networks.summary.all_nets", lambda: few)
    measured = json.loads(lab("nets", "--measure", "--json")[1])
    assert [(net["net"], net["total_parameters"], net["total_macs"]) for net in measured] == [
        (net.name, net.parameters, net.macs) for net in few
    ]
    assert "16 of 28" in lab("nets", "--measure")[1]


def test_shows_the_layer_table_with_its_totals() -> None:
    done = cnn_lab("summary", "lenet5")
    assert done.returncode == 0
    assert "conv2" in done.stdout
    assert "44,426" in done.stdout


@pytest.mark.parametrize("name", ["vgg16", "simpleresnet"])
def test_prints_one_json_document_and_nothing_else(name: str, lab: Lab) -> None:
    code, out, err = lab("summary", name, "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert document["total_parameters"] == net_info(name).parameters
    assert sum(layer["parameters"] for layer in document["layers"]) == net_info(name).parameters
    assert {"net", "input_shape", "total_parameters", "total_macs", "layers"} <= set(document)
    first = {"name", "type", "output_shape", "parameters", "macs", "receptive_field"}
    assert first <= set(document["layers"][0])


def test_takes_another_input_and_depth(lab: Lab) -> None:
    _, shown, _ = lab("summary", "cifar10net", "--input", "1,64,64", "--depth", "1")
    table = shown[shown.index("Layer") : shown.index("\nParameters")]
    assert "input 1×64²" in shown
    assert "Conv2d" not in table
    assert "block4" in table


@pytest.mark.parametrize("flag", ["--unfold", "--all"])
def test_unfolds_blocks_that_repeat(flag: str, lab: Lab) -> None:
    assert "2 × Residual" in lab("summary", "resnet18", "--depth", "2")[1]
    assert "2 × Residual" not in lab("summary", "resnet18", "--depth", "2", flag)[1]


def test_takes_options_of_a_network(lab: Lab) -> None:
    _, shown, _ = lab("summary", "resnet18,stem=cifar", "--input", "3,32,32", "--json")
    assert json.loads(shown)["net"] == "resnet18,stem=cifar"


def test_measures_the_time_of_each_layer(lab: Lab) -> None:
    code, shown, _ = lab("summary", "lenet5", "--time")
    assert code == 0
    assert re.search(r"^Time +[\d.,]+ ms for one image, [\d.]+ GMACs/s", shown, re.M)
    assert re.search(r"^conv1 .* ms ", shown, re.M)
    document = json.loads(lab("summary", "lenet5", "--time", "--json")[1])
    assert all(0 < layer["seconds"] < document["total_seconds"] for layer in document["layers"])
    assert json.loads(lab("summary", "lenet5", "--json")[1])["total_seconds"] is None


def test_shows_the_costs_of_each_layer_on_a_device(lab: Lab) -> None:
    code, shown, _ = lab("summary", "lenet5", "--on", "a100", "--batch-size", "64")
    assert code == 0
    assert "A100 80GB SXM (data sheet" in shown
    assert re.search(r"^conv1 .* compute .* µs", shown, re.M)
    words = ("summary", "lenet5", "--costs", "--on", "h100", "--precision", "bf16", "--json")
    document = json.loads(lab(*words)[1])
    assert document["total_flops"] == document["costs"]["flops"] / 32
    layers = document["costs"]["layers"]
    assert document["costs"]["seconds"] > sum(layer["seconds"] for layer in layers) > 0


@pytest.mark.parametrize("form", ["csv", "markdown", "html"])
def test_prints_the_layers_for_other_programs(form: str, lab: Lab) -> None:
    code, shown, said = lab("summary", "lenet5", f"--{form}")
    assert (code, said) == (0, "")
    assert ("30840" if form == "csv" else "30,840") in shown


def test_shows_the_source_of_a_network(lab: Lab) -> None:
    code, shown, _ = lab("summary", "resnet18", "--source")
    assert code == 0
    assert "class ResNet(nn.Module):" in shown and "class ResidualBlock(nn.Module):" in shown
    assert max(map(len, shown.splitlines())) <= 80
    document = json.loads(lab("summary", "lenet5", "--source", "--json")[1])
    assert [file["title"] for file in document["files"]] == ["cnn_tui/nets/lenet5.py"]
    assert Path(document["files"][0]["path"]).read_text() == document["files"][0]["text"]


def test_shows_one_network_of_the_list_as_summary_does(lab: Lab) -> None:
    for words in (["lenet5"], ["lenet5", "--json"], ["resnet18", "--source"]):
        assert lab("nets", *words) == lab("summary", *words)


def test_compares_networks(lab: Lab) -> None:
    code, shown, _ = lab("compare", "lenet5", "vgg16", "resnet18")
    assert code == 0
    assert "212 of 224" in shown
    assert max(map(len, shown.splitlines())) <= 80
    compared = json.loads(lab("compare", "lenet5", "vgg16", "--json")[1])
    assert [net["depth"] for net in compared] == [5, 16]
    assert "layers" not in compared[0]


def test_compares_networks_of_which_one_sees_the_whole_image(lab: Lab) -> None:
    _, shown, _ = lab("compare", "lenet5", "vit_b_16")
    header, own, seen = shown.splitlines()[:3]
    assert [each.split()[-1] for each in (header, own, seen)] == ["RF", "28", "all"]
    document = json.loads(lab("compare", "lenet5", "vit_b_16", "--json")[1])
    assert [net["receptive_field"] for net in document] == [16, "global"]


def test_shows_how_a_receptive_field_grows(lab: Lab) -> None:
    code, shown, _ = lab("receptive-field", "alexnet")
    assert code == 0
    assert "195 = 163 + (3 − 1)·16" in shown
    document = json.loads(lab("receptive-field", "alexnet", "--json")[1])
    assert document["receptive_field"] == 195
    assert document["layers"][0] == {
        "name": "features.0",
        "type": "Conv2d",
        "kernel_size": 11,
        "stride": 4,
        "padding": 2,
        "dilation": 1,
        "receptive_field": 11,
        "jump": 4,
        "start": 3.5,
    }


OWN = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        x = self.conv(x)
        return x if x.sum() > 0 else -x
"""


def test_takes_networks_of_the_users_own(tmp_path: Path, lab: Lab) -> None:
    file = tmp_path / "own.py"
    file.write_text(OWN)
    code, shown, _ = lab("summary", f"{file}:Net", "--input", "3,16,16")
    assert code == 0
    assert "ran once on the CPU" in " ".join(shown.split())
    assert lab("compare", f"{file}:Net", "lenet5")[0] == 0
    assert "3 = 1 + (3 − 1)·1" in lab("receptive-field", f"{file}:Net")[1]


INPUTS = """
from torch import nn


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.facts = nn.Conv2d(3, 4, 3), nn.Linear(10, 4)

    def forward(self, image, *, facts):
        return self.conv(image).mean((2, 3)) + self.facts(facts)
"""


def test_takes_several_inputs_and_a_batch(tmp_path: Path, lab: Lab) -> None:
    file = tmp_path / "own.py"
    file.write_text(INPUTS)
    code, _, err = lab("summary", f"{file}:Two", "--input", "3,8,8")
    assert code == 2
    assert "takes facts by name only: give facts=SHAPE too" in err and "(--input)" in err
    given = ["--input", "3,8,8", "--input", "facts=10", "--batch", "2"]
    code, shown, _ = lab("summary", f"{file}:Two", *given)
    assert code == 0
    assert "inputs 3×8² and facts=10, in a batch of 2" in shown
    assert "for a batch of 2" in shown
    document = json.loads(lab("receptive-field", f"{file}:Two", *given, "--json")[1])
    assert (document["input_shape"], document["batch"]) == ([3, 8, 8], 2)
    assert document["inputs"][1] == {"name": "facts", "shape": [10], "dtype": "float32"}
    _, shown, _ = lab("compare", f"{file}:Two", f"{file}:Two", *given)
    assert "2 · 3×8² + 10" in shown
    assert "1×32²" in lab("nets", "lenet5", "--input", "1,32,32")[1]
    assert "for a batch of 4" in lab("summary", "lenet5", "--batch", "4")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["summary", "vgg61"], "did you mean vgg16?"),
        (["summary", "lenet5", "--input", "28x28"], "channels,height,width"),
        (["summary", "lenet5", "--input", "big"], "is no input shape"),
        (["summary", "lenet5", "--input", "1,8,8"], "smallest size that works is 16"),
        (["summary", "lenet5", "--input", "1,28,40"], "expects 256 features"),
        (["summary", "vgg16,bath_norm=true"], "did you mean batch_norm?"),
        (["summary", "vgg16", "--depth", "0"], "greater than or equal to 1"),
        (["summary"], "Missing argument"),
        (["sumary", "lenet5"], "No such command"),
        (["compare", "vgg16"], "compare takes two networks or more"),
        (["compare", "vgg16", "lenet6"], "did you mean lenet5?"),
        (["compare"], "Missing argument"),
        (["receptive-field", "lenet5", "--input", "1,28"], "channels,height,width"),
        (["nets", "--which", "--measure"], "give one of them"),
        (["nets", "lenet5", "--which"], "leave out lenet5, or --which"),
        (["nets", "lenet6"], "did you mean lenet5?"),
        (["nets", "--source"], "cnn-lab nets NET --source"),
        (["summary", "vgg16", "--source", "--time"], "give one of them"),
        (["summary", "vgg16", "--source", "--costs"], "give one of them"),
        (["summary", "vgg16", "--time", "--on", "t4"], "give one of them"),
        (["summary", "vgg16", "--csv", "--json"], "--csv and --json are different formats"),
        (["summary", "vgg16", "--on", "t4", "--precision", "tf32"], "T4 has no tf32"),
        (["summary", "vgg16", "--source", "--input", "3,32,32"], "--source shows code"),
        (["nets", "vgg16", "--source", "--batch", "2"], "and --batch the layers"),
        (["nets", "--input", "3,32,32"], "--input is about one network"),
        (["nets", "--batch", "0"], "--batch is about one network"),
        (["nets", "vgg16", "--source", "--batch", "0"], "and --batch the layers"),
        (["summary", "vgg16", "--csv", "--depth", "1"], "leave out --depth."),
        (["summary", "vgg16", "--html", "--unfold", "--costs"], "leave out --unfold."),
        (["summary", "vgg16", "--on", ""], "There is no device named ''"),
        (["summary", "lenet5", "--input", "784"], "takes batches of images and nothing else"),
        (["summary", "lenet5", "--no-batch"], "without a batch (--no-batch)."),
        (["summary", "lenet5", "--no-batch"], "28, and do not ask for a run without a batch"),
        (["summary", "lenet5", "--batch", "2", "--no-batch"], "a batch or none"),
        (["compare", "lenet5", "vgg16", "--input", "3,8:int46"], "did you mean int64"),
    ],
)
def test_answers_wrong_use_with_a_sentence(words: list[str], sentence: str, lab: Lab) -> None:
    code, out, err = lab(*words)
    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


def test_shows_the_traceback_with_debug() -> None:
    done = cnn_lab("summary", "vgg61", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: There is no network named 'vgg61'")
