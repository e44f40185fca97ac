"""``cnn-lab demo``: the list, a run, and its parameters."""

import json
from pathlib import Path

import pytest

from cnn_tui.chapter.catalogue import demo_info, demos
from cnn_tui.chapter.source import sources_of_demo
from cnn_tui.cli import main
from tests.subprocesses import cnn_lab


def test_lists_the_demos_with_their_parameters() -> None:
    done = cnn_lab("demo")
    assert done.returncode == 0
    assert "translation-invariance" in done.stdout
    assert "--kernel-size 2" in done.stdout


def test_lists_the_demos_as_one_json_document() -> None:
    listed = {each["name"]: each for each in json.loads(cnn_lab("demo", "--json").stdout)}
    assert listed["dropout-mask"]["topic"] == "dropout-what"
    p = listed["dropout-mask"]["parameters"][0]
    assert (p["name"], p["kind"], p["default"], p["high"]) == ("p", "float", 0.5, 0.95)


def test_shows_the_numbers_of_a_demo() -> None:
    done = cnn_lab("demo", "max-and-average", COLUMNS="80")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "[1][3] 2  4" in done.stdout
    assert "(1 + 3 + 5 + 6) / 4 = 3.75" in " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout


@pytest.mark.slow
def test_takes_parameters_as_further_options() -> None:
    words = ["--depth", "4", "--batchnorm", "--seed=7", "--json"]
    document = json.loads(cnn_lab("demo", "Residual_Gradient", *words).stdout)
    assert document["name"] == "residual-gradient"
    assert document["parameters"] == {
        "depth": 4,
        "batchnorm": True,
        "initialization": "default",
        "seed": 7,
    }
    assert {each["kind"] for each in document["blocks"]} == {"plot", "say", "table"}


def test_draws_an_image_in_patches_and_tells_its_bytes() -> None:
    words = ["vit-patches", "--image-size", "8", "--patch-size", "4"]
    done = cnn_lab("demo", *words, COLUMNS="80", NO_COLOR="1")
    assert done.returncode == 0
    assert "▓" in done.stdout
    assert "2 · 2 = 4 patches of 4×4 pixels, and a class token: 5 tokens" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    tiles = json.loads(cnn_lab("demo", *words, "--json").stdout)["blocks"][0]
    assert (tiles["kind"], tiles["side"], tiles["channels"]) == ("tiles", 4, 1)
    assert [len(bytes.fromhex(row)) for row in tiles["pixels"]] == [8] * 8


def test_shows_the_code_of_a_demo_as_lesson_material(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["demo", "Augmentation", "--source"]) == 0
    shown = capsys.readouterr().out
    assert "def augmentation(" in shown and "\x1b" not in shown
    assert "def mosaic(" in shown, "what it takes from the module that demos share"
    assert "def digit_batches(" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert main(["demo", "dropout-mask", "--source", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    first = document["files"][0]
    assert (document["name"], first["title"]) == (
        "dropout-mask",
        "cnn_tui/chapter/demos/dropout_mask.py",
    )
    assert Path(first["path"]).read_text() == first["text"]


def test_knows_the_code_of_every_demo() -> None:
    for info in demos():
        own, *shared = sources_of_demo(info)
        assert f"def {info.name.replace('-', '_')}(" in own.text
        assert bool(shared) == ("demos.shared import" in own.text)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--source"], "cnn-lab demo NAME --source"),
        (["dropout-mask", "--source", "--p", "0.3"], "leave --p out"),
        (["dropout-masc", "--source"], "did you mean dropout-mask"),
    ],
)
def test_refuses_what_does_not_go_with_code(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", *words]) == 2
    out, err = capsys.readouterr()
    assert out == "" and sentence in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["drop-out"], "did you mean dropout-mask"),
        (["dropout-mask", "--trails", "3"], "did you mean trials"),
        (
            ["dropout-mask", "--p", "2"],
            "p of the demo dropout-mask must be a number from 0 to 0.95, not '2'",
        ),
        (["dropout-mask", "--p"], "p of the demo dropout-mask needs a value"),
        (["architectures", "--seed", "1"], "architectures has no parameters: leave 'seed' out"),
        (["dropout-mask", "3"], "'3' belongs to no parameter"),
        (["dropout-mask", "-p", "3"], "'-p' belongs to no parameter"),
        (["--p", "0.3", "dropout-mask"], "Name the demo before its parameters"),
        (
            ["conv-bn-relu", "--bias", "-2000"],
            "bias of the demo conv-bn-relu must be a number from -100 to 100, not '-2000'",
        ),
    ],
)
def test_says_in_one_sentence_what_is_wrong(words: list[str], sentence: str) -> None:
    done = cnn_lab("demo", *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["dropout-mask", "residual-gradient"])
def test_lists_the_parameters_of_a_demo_on_its_help_page(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", name, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for each in demo_info(name).parameters:
        assert f"--{each.name.replace('_', '-')} <{each.kind}> {each.help}" in shown
