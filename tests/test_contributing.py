"""The recipes for contributors: each is followed in a copy of the project, and proves itself."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
GUIDE = (PROJECT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGE = "cnn_tui"
MOST_LINES = 10
FILE = re.compile(r"`((?:cnn_tui|exercises|solutions|tests)/[\w./-]+\.\w+)`")
SECONDS = 300
COPIED = ("cnn_tui", "tests", "exercises", "solutions", ".github", "pyproject.toml", "README.md")

SMALLNET = '''"""One convolution, and the mean of what it finds."""

from torch import Tensor, nn


class SmallNet(nn.Module):
    """A convolution, global average pooling, a fully connected layer."""

    def __init__(
        self, num_classes: int = 10, in_channels: int = 3, image_size: int = 32, width: int = 8
    ) -> None:
        super().__init__()
        del image_size  # global average pooling takes any size
        self.conv = nn.Conv2d(in_channels, width, kernel_size=3)
        self.fc = nn.Linear(width, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, image_size, image_size)."""
        logits: Tensor = self.fc(self.conv(x).relu().mean((2, 3)))
        return logits
'''
SMALLNET_ENTRY = """SMALLNET = NetInfo(
    name="smallnet",
    title="SmallNet",
    year=2026,
    authors="the guide for contributors",
    paper="none",
    family="CIFAR-10",
    idea="Look at small squares, and count what is found.",
    changed="Nothing: it is as small as a network can be.",
    use_when="trying the recipe",
    in_channels=3,
    image_size=32,
    min_image_size=3,
    small_image_size=8,
    num_classes=10,
    parameters=314,
    macs=194_480,
    build="@.nets.smallnet:SmallNet",
    options=(Option("width", "int", default=8, low=1, high=64, help="channels"),),
)

NETS: tuple[NetInfo, ...] = tuple("""
TOPIC = """+++
title = "Weight sharing"
goal = "count the weights that a convolution shares"
before = ["pooling-parameters"]
see = ["cnn-lab summary lenet5"]
section = "Evolution"
order = 999
sources = ["LeCun 1989, Generalization and Network Design Strategies"]
+++

A convolution uses the same weights at every position, so it finds a
pattern wherever it is. See [LeNet-5](topic:lenet5).

## Why it saves weights

Each filter slides over the whole image, so its weights are the same at
every position. Their number depends on the size and number of the
filters, and not on the size of the image.

A fully connected layer has a weight for each pair of an input and an
output. On an image of 28x28 pixels that is 784 weights for every output,
and four times as many on an image of twice the side.

## Why it helps to generalize

An edge in one corner is like an edge in another. A filter that has seen
it once finds it everywhere, and every position of an image teaches it.

A layer without shared weights has to learn the same edge again at each
position, from those images alone that show it there.

## What it costs

A pattern that means one thing at the top and another at the bottom looks
the same to a filter. Later layers can still tell the two apart, because
the feature map keeps where the pattern was found.

The multiplications are not saved: every position needs its own, so a
layer with few weights may be slow.

## Where it ends

The last layers of a classic network are fully connected and hold most of
its weights. Global average pooling takes their place in later networks.

## Check yourself

**1. How many weights does a 3x3 filter have?**

> Nine for each input channel, wherever it is used.

**2. What would a fully connected layer need?**

> A weight for every pair of an input and an output.
"""
DEMO = '''"""The weights of a convolution, counted beside those of a fully connected layer."""

from cnn_tui.chapter.records import DemoContent, Say


def shared_weights(side: int = 28) -> DemoContent:
    """Weights for one 3x3 filter, and for as many outputs of a fully connected layer."""
    full = side**4
    return DemoContent(
        blocks=(Say(f"A 3x3 filter needs 9 weights; a fully connected layer {full:,}."),),
        figures={"filter": 9.0, "full": float(full)},
    )
'''
DEMO_ENTRY = """        DemoInfo(
            "shared-weights",
            "What sharing weights saves",
            "lenet5",
            (Option("side", "int", 28, "height and width of the map", 4, 64),),
        ),
    )


@cache
def topics()"""
DATA_ENTRY = """    DataInfo(
        name="kmnist",
        title="Japanese letters (KMNIST, 28x28)",
        classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        in_channels=1,
        image_size=28,
        train_size=60_000,
        test_size=10_000,
        source="21 MiB to download",
        files=IDX_FILES,
        torchvision="KMNIST",
        augment="crop",
    ),
    DataInfo(
        name="cifar10","""
OPTION = """    gradient_noise: Annotated[
        float, option("Noise added to each gradient", group=OVERFITTING, low=0, high=1)
    ] = 0.0
    checkpoint_seconds: Annotated["""


EXERCISE = '''"""Exercise 6: parameters of a convolution."""

from cnn_tui.grading.exercises import Exercise

EXERCISE = Exercise(
    name="exercise6",
    title="Counting",
    task="Count the parameters of a convolution.",
    topic="lenet5",
    max_score=1,
    hints=("Each filter has a weight for every input channel and cell, and one bias.",),
)
'''
STARTER = '''"""Exercise 6: count the parameters of a convolution.

Write the function below, then check your work:    cnn-lab check exercise6
"""


def parameters(in_channels: int, out_channels: int, kernel_size: int) -> int:
    """Weights and biases of a square convolution."""
    raise NotImplementedError


if __name__ == "__main__":
    print(parameters(3, 16, 5))
'''
MUTANTS = '''"""Wrong variants of exercise 6."""

from tests.grading.mutants.mutant import mutants_of

mutant = mutants_of("exercise6")

MUTANTS = (mutant("no biases", "parameters", "kernel_size**2 + 1", "kernel_size**2"),)
'''
HIDDEN_TESTS = '''"""Hidden tests of exercise 6."""

from cnn_tui.grading.checks.testing import expect, points, topic
from cnn_tui.grading.isolation.client import LoadedSubmission


@points(1)
@topic("lenet5")
def test_parameters(submission: LoadedSubmission) -> None:
    """parameters counts the weights and the biases."""
    got = submission.call("parameters", 3, 16, 5)
    expect(got == 16 * (3 * 25 + 1), f"parameters(3, 16, 5) is {got}, not 1216")
'''


def write(path: Path, text: str) -> Path:
    assert not path.exists(), f"{path} is there already"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def edit(path: Path, before: str, after: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} is not once in {path}"
    path.write_text(text.replace(before, after), encoding="utf-8")
    return path


def add_network(copy: Path) -> list[Path]:
    entries = copy / "cnn_tui/nets/entries.py"
    edit(entries, "NETS: tuple[NetInfo, ...] = tuple(", SMALLNET_ENTRY.replace("@", PACKAGE))
    edit(entries, "        VIT_B_16,\n", "        VIT_B_16,\n        SMALLNET,\n")
    return [write(copy / "cnn_tui/nets/smallnet.py", SMALLNET), entries]


def add_topic(copy: Path) -> list[Path]:
    return [write(copy / "cnn_tui/chapter/topics/weight-sharing.md", TOPIC)]


def add_demo(copy: Path) -> list[Path]:
    return [
        write(copy / "cnn_tui/chapter/demos/shared_weights.py", DEMO),
        edit(copy / "cnn_tui/chapter/catalogue.py", "    )\n\n\n@cache\ndef topics()", DEMO_ENTRY),
        edit(
            copy / "cnn_tui/chapter/topics/lenet5.md",
            'demos = ["lenet5-tour"',
            'demos = ["shared-weights", "lenet5-tour"',
        ),
    ]


def add_data_set(copy: Path) -> list[Path]:
    catalogue = copy / "cnn_tui/data/catalogue.py"
    return [edit(catalogue, '    DataInfo(\n        name="cifar10",', DATA_ENTRY)]


def add_training_option(copy: Path) -> list[Path]:
    config = copy / "cnn_tui/training/config.py"
    optimizers = copy / "cnn_tui/training/loop/optimizers.py"
    use = (
        "\n\ndef gradient_noise(config: TrainConfig) -> float:\n    return config.gradient_noise\n"
    )
    optimizers.write_text(optimizers.read_text(encoding="utf-8") + use, encoding="utf-8")
    return [edit(config, "    checkpoint_seconds: Annotated[", OPTION), optimizers]


def add_exercise(copy: Path) -> list[Path]:
    solution = STARTER.replace(
        "raise NotImplementedError",
        "return out_channels * (in_channels * kernel_size**2 + 1)",
    )
    room = copy / "cnn_tui/grading/exercises"
    return [
        write(room / "exercise6.py", EXERCISE),
        write(room / "starters/exercise6.py", STARTER),
        write(room / "hidden_tests/exercise6.py", HIDDEN_TESTS),
        write(copy / "solutions/exercise6.py", solution),
        write(copy / "exercises/exercise6.py", STARTER),
        write(copy / "tests/grading/mutants/exercise6.py", MUTANTS),
    ]


@dataclass(frozen=True)
class Recipe:
    """One recipe of the guide, who follows it, and what a user can do afterwards."""

    heading: str
    follow: Callable[[Path], list[Path]]
    words: tuple[str, ...]
    shown: str

    @property
    def text(self) -> str:
        return GUIDE.partition(f"### {self.heading}\n")[2].partition("\n#")[0].strip()

    @property
    def files(self) -> set[str]:
        return set(
            re.findall(r"`((?:cnn_tui|exercises|solutions|tests)/[\w./-]+\.\w+)`", self.text)
        )

    @property
    def proof(self) -> str:
        return re.fullmatch(r"\d\. `(.+)`", self.text.splitlines()[-1]).group(1)


RECIPES = (
    Recipe("Add a network", add_network, ("summary", "smallnet"), "SmallNet"),
    Recipe("Add a topic", add_topic, ("topics", "weight-sharing"), "wherever it is"),
    Recipe("Add a demo", add_demo, ("demo", "shared-weights", "--side", "8"), "4,096"),
    Recipe(
        "Add an exercise",
        add_exercise,
        ("check", "solutions/exercise6.py"),
        "1/1",
    ),
    Recipe("Add a data set", add_data_set, ("data",), "kmnist"),
    Recipe(
        "Add a training option",
        add_training_option,
        ("train", "lenet5", "--gradient-noise", "2"),
        "Gradient noise must be a number from 0 to 1, not '2' (--gradient-noise).",
    ),
)
every_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda each: each.heading)


def test_has_a_test_for_every_recipe() -> None:
    assert re.findall(r"^### (.+)$", GUIDE, re.MULTILINE) == [each.heading for each in RECIPES]


@every_recipe
def test_fits_each_recipe_into_a_few_lines(recipe: Recipe) -> None:
    assert 0 < len(recipe.text.splitlines()) <= MOST_LINES


@pytest.mark.slow
@every_recipe
def test_leads_to_what_it_promises_by_the_files_that_it_names(
    recipe: Recipe, tmp_path: Path
) -> None:
    copy = tmp_path / "cnn-lab"
    for name in COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    touched = recipe.follow(copy)
    assert {str(path.relative_to(copy)) for path in touched} == recipe.files
    proof = recipe.proof.replace("python3", sys.executable)
    proved = run(proof.split(), copy)
    assert proved.returncode == 0, proved.stdout[-3000:]
    shown = run([sys.executable, "-m", "cnn_tui", *recipe.words], copy)
    assert recipe.shown in shown.stdout, shown.stdout


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
