"""Gradient flow on the screen: curve, table and one true sentence."""

import re

import pytest
from rich.console import Console

from cnn_tui.analysis.gradients.records import GradientFlow
from cnn_tui.render.networks.gradients import finding, gradient_view

DEPTHS = (2, 4, 8, 16, 32, 64)


def flow(label: str, factor: float, depths: tuple[int, ...] = DEPTHS) -> GradientFlow:
    return GradientFlow(label, depths, tuple(factor**depth for depth in depths))


FLOWS = (flow("plain", 0.1), flow("residual", 1.0), flow("plain with BN", 1.5))


def shown(flows: tuple[GradientFlow, ...], width: int = 80) -> list[str]:
    console = Console(width=width, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(gradient_view(flows, width=width))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_states_what_each_stack_does_to_the_gradient() -> None:
    assert finding(FLOWS) == (
        "From 2 to 64 blocks, the gradient vanishes in plain (× 0.100 per block), "
        "holds in residual (× 1.000 per block) and explodes in plain with BN (× 1.500 per block)."
    )


@pytest.mark.parametrize(
    ("last", "verdict"),
    [
        (1e-9, "vanishes"),
        (1e-2, "shrinks"),
        (0.5, "holds"),
        (100, "grows"),
        (1e9, "explodes"),
        (0.0, "vanishes"),
        (float("inf"), "explodes"),
    ],
)
def test_chooses_its_words_by_the_numbers(last: float, verdict: str) -> None:
    assert f"the gradient {verdict} in x (" in finding([GradientFlow("x", (1, 9), (1.0, last))])


def test_says_what_arrives_below_a_single_depth() -> None:
    single = (GradientFlow("plain", (4,), (0.5,)), GradientFlow("residual", (4,), (1.5,)))
    assert finding(single) == (
        "Of a gradient of norm 1 above 4 blocks, this much arrives: 0.5 in plain, 1.5 in residual."
    )
    lines = shown(single)
    assert lines[0].split() == ["blocks", "plain", "residual"]
    assert lines[1].split() == ["4", "0.5", "1.5"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_fits_chart_and_table_into_the_columns_that_there_are(width: int) -> None:
    lines = shown(FLOWS, width)
    assert max(map(len, lines)) <= width
    assert "plain ━━━" in lines[0]
    axis = next(line for line in lines if line.endswith("64 blocks"))
    ticks = re.split("[┼└]", axis)[1].replace("─", " ").split()
    assert ticks[-3:] == ["32", "64", "blocks"]
    assert int(ticks[0]) <= 8
    assert any(line.split()[:2] == ["64", "1e-64"] for line in lines)


def test_labels_the_axis_with_whole_powers_of_ten() -> None:
    labels = [re.split("[┤┼]", line)[0].strip() for line in shown(FLOWS) if re.search("[┤┼]", line)]
    assert labels[0] == "100 G"
    assert labels[-1] == "10⁻⁶⁴"
    assert all(label.startswith("10") for label in labels)
