"""The experiments at the end of the references show what their texts say."""

import runpy

import pytest
import torch

from cnn_tui.grading.catalogue import exercise_named, solution, starter


def test_measures_the_noise_gain_of_a_flat_area(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(solution(exercise_named("1"))), run_name="__main__")
    shown = capsys.readouterr().out
    gains = [float(line.split()[-1]) for line in shown.splitlines() if "noise gain" in line]
    # The root of mean² + variance of the largest of four normal numbers, and 1 / sqrt(4).
    assert gains == pytest.approx([1.245, 0.5], abs=0.02)
    assert shown.count("better: max") == shown.count("better: average") == 1


@pytest.mark.parametrize("number", ["1", "3", "4", "5"])
def test_gives_learners_the_experiment_of_the_reference(number: str) -> None:
    sources = [path(exercise_named(number)).read_text() for path in (starter, solution)]
    starting, solved = (each.partition("if __name__")[2] for each in sources)
    starting = starting.replace("    import torch\n\n", "").replace("nn.functional.", "F.")
    assert starting == solved


@pytest.mark.parametrize(
    "number", ["4", *(pytest.param(each, marks=pytest.mark.slow) for each in ("3", "5"))]
)
def test_shows_three_seeds_and_their_range(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its training is left out here: each seed has an accuracy of its own."""
    functions, _, experiment = solution(exercise_named(number)).read_text().partition("if __name__")
    names: dict[str, object] = {"__name__": "__main__"}
    exec(functions, names)
    names["train"] = lambda *_, **__: [(1.0, _of_this_seed())]
    names["accuracy"] = lambda *_: _of_this_seed()
    names["compare"] = lambda results: []
    exec(f"if __name__{experiment}", names)
    assert "20.0% (10.0% to 30.0%)" in capsys.readouterr().out


def _of_this_seed() -> float:
    return 0.1 + 0.1 * torch.initial_seed()
