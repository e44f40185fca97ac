"""``cnn-lab nets`` and ``cnn-lab summary``."""

import json

import pytest

from tests.subprocesses import cnn_lab

PARAMETERS = {
    "lenet5": 44_426,
    "alexnet": 62_378_344,
    "vgg16": 138_357_544,
    "simpleresnet": 2_777_674,
    "cifar10net": 4_507_722,
}


def test_lists_the_nets() -> None:
    done = cnn_lab("nets")
    assert done.returncode == 0
    assert all(name in done.stdout for name in PARAMETERS)


def test_lists_the_nets_as_json() -> None:
    listed = json.loads(cnn_lab("nets", "--json").stdout)
    assert {net["name"]: net["parameters"] for net in listed} == PARAMETERS


def test_shows_the_layer_table_with_its_totals() -> None:
    done = cnn_lab("summary", "lenet5")
    assert done.returncode == 0
    assert "conv2" in done.stdout
    assert "44,426" in done.stdout


@pytest.mark.parametrize("name", ["vgg16", "simpleresnet"])
def test_prints_one_json_document_and_nothing_else(name: str) -> None:
    done = cnn_lab("summary", name, "--json")
    document = json.loads(done.stdout)
    assert done.stderr == ""
    assert document["total_parameters"] == PARAMETERS[name]
    assert sum(layer["parameters"] for layer in document["layers"]) == PARAMETERS[name]
    assert set(document["layers"][0]) == {
        "name",
        "type",
        "output_shape",
        "parameters",
        "macs",
        "receptive_field",
    }


def test_takes_another_input_and_depth() -> None:
    done = cnn_lab("summary", "cifar10net", "--input", "1,64,64", "--depth", "1")
    assert "input 1×64×64" in done.stdout
    assert "Conv2d" not in done.stdout
    assert "block4" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["summary", "vgg61"], "did you mean vgg16?"),
        (["summary", "lenet5", "--input", "28x28"], "channels,height,width"),
        (["summary", "lenet5", "--input", "big"], "is not a shape"),
        (["summary", "lenet5", "--input", "1,8,8"], "smallest size that works is 16"),
        (["summary", "lenet5", "--input", "1,28,40"], "expects 256 features"),
        (["summary"], "Missing argument"),
        (["sumary", "lenet5"], "No such command"),
    ],
)
def test_answers_wrong_use_with_a_sentence(words: list[str], sentence: str) -> None:
    done = cnn_lab(*words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_shows_the_traceback_with_debug() -> None:
    done = cnn_lab("summary", "vgg61", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: There is no network named 'vgg61'")
