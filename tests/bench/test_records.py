"""What a benchmark answers."""

from dataclasses import asdict

import pytest

from cnn_tui.bench import catalogue as budgets
from cnn_tui.bench.estimate import Budget
from cnn_tui.bench.records import compared, measured

PAIRS = [(3.0, 2.0), (1.4, 1.0), (6.4, 4.0)]


def test_pairs_the_rounds_for_the_ratio() -> None:
    result = compared("paint", "s", PAIRS)
    assert (result.value, result.reference, result.ratio) == (3.0, 2.0, 1.5)
    assert (result.rounds, result.budget, result.within, result.verdict) == (3, "", None, None)
    assert result.low is not None
    assert result.high is not None
    assert result.low < 1.4 < 1.6 < result.high


def test_keeps_the_fields_of_its_json() -> None:
    names = ["name", "value", "unit", "reference", "ratio", "budget", "within"]
    assert list(asdict(measured("memory", "MB", [1.0])))[:7] == names


@pytest.mark.parametrize(
    ("limit", "verdict", "within"),
    [(9.0, "within", True), (0.9, "missed", False), (1.5, "undecided", None)],
)
def test_answers_with_a_verdict(limit: float, verdict: str, within: bool | None) -> None:
    pairs = [(value / 10, 0.1) for value in (1.4, 1.45, 1.5, 1.5, 1.55, 1.6) * 3]
    result = compared("paint", "s", pairs, Budget(at_most=limit))
    assert (result.verdict, result.within, result.budget) == (verdict, within, f"<= {limit:g}")


@pytest.mark.parametrize("pairs", [[(0.0, 0.0)], [(1.0, 0.0), (1.0, 1.0)]])
def test_has_no_ratio_to_a_reference_that_measured_nothing(
    pairs: list[tuple[float, float]],
) -> None:
    result = compared("memory", "MB", pairs, Budget(at_most=0.5))
    assert (result.ratio, result.low, result.within) == (None, None, None)
    assert result.verdict == "undecided"
    assert compared("memory", "MB", pairs, Budget(at_most=20, unit="MB")).within is True


def test_counts_are_exact() -> None:
    assert measured("left", "", [0], budgets.NOTHING).within is True
    assert measured("left", "", [1], budgets.NOTHING).within is False


def test_has_one_table_of_budgets() -> None:
    texts = {name: str(each) for name, each in vars(budgets).items() if isinstance(each, Budget)}
    assert texts == {
        "HELP": "<= 1.5",
        "FIRST_PAINT": "<= 1.4",
        "SUMMARY_FROM_SHELL": "<= 0.15",
        "SUMMARY_TIME": "<= 0.05",
        "SUMMARY_MEMORY": "<= 20 MB",
        "REAL_RUN_TIME": "<= 1.3",
        "SAVED_ON_GPU": "<= 10 %",
        "REAL_RUN_MEMORY": "<= 1.3",
        "FIRST_CONTENT": "<= 150 ms",
        "LONGEST_GAP": "<= 50 ms",
        "LIVE_OUTPUT": "<= 100 ms",
        "IDLE_BYTES": "<= 0 bytes/s",
        "KEY_BYTES": "<= 4096 bytes",
        "SWITCH_BYTES": "<= 20480 bytes",
        "LIVE_BYTES": "<= 10240 bytes/s",
        "CATALOGUE_TIME": "<= 15 s",
        "TRAINING_ON_CPU": ">= 1.6",
        "TRAINING_ON_GPU": ">= 10",
        "COMPUTE_LIMIT": ">= 0.96",
        "INSPECTION": ">= 0.98",
        "TUI_ATTACHED": ">= 0.99",
        "CHECK_COLD": "<= 1.1",
        "CHECK_WARM": "<= 0.6 s",
        "CLASS_PACE": ">= 60 per minute",
        "NOTHING": "<= 0",
        "EXPERIMENT": "<= 75 s of CPU",
        "MANY_RUNS": "<= 1.5",
        "RUNS_AGAIN": "<= 0.5",
    }
