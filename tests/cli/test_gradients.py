"""``cnn-lab gradients``."""

import json

import pytest

from cnn_tui.cli.gradients import gradients
from tests.subprocesses import cnn_lab


def test_prints_the_norms_of_every_stack(capsys: pytest.CaptureFixture[str]) -> None:
    gradients("2,8", json=True)
    document = json.loads(capsys.readouterr().out)
    assert (document["seed"], document["initialization"]) == (0, "default")
    labels = [arm["label"] for arm in document["arms"]]
    assert labels == ["plain", "residual", "plain with BN", "residual with BN"]
    plain, residual = document["arms"][:2]
    assert plain["depths"] == [2, 8]
    assert plain["norms"][1] < 1e-5 < 0.1 < residual["norms"][1]
    assert plain["factor_per_block"] < 0.3


@pytest.mark.slow
def test_draws_the_curve_and_says_what_it_shows() -> None:
    done = cnn_lab("gradients", "--depths", "2..8", "--initialization", "HE", COLUMNS="80")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Gradient norm")
    assert any(line.startswith("From 2 to 8 blocks, the gradient") for line in lines)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--depths", "64..2"], "smaller depth first"),
        (["--depths", "2..9999"], "1 to 128 blocks"),
        (["--initialization", "xavier"], "Choose default or he"),
        (["--seed", "-1"], "Invalid value"),
    ],
)
def test_answers_wrong_use_with_a_sentence(words: list[str], sentence: str) -> None:
    done = cnn_lab("gradients", *words)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
