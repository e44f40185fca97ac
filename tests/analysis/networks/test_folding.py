"""Alike neighbors as one block that repeats."""

from dataclasses import replace

from cnn_tui.analysis.networks.folding import folded_rows
from cnn_tui.analysis.networks.records import LayerSummary
from cnn_tui.analysis.networks.summary import summarize


def layer(name: str, kind: str = "Conv2d", depth: int = 0, macs: int = 10) -> LayerSummary:
    return LayerSummary(name, kind, depth, kind != "Block", (4, 8, 8), 5, macs, 3)


def block(name: str, macs: int = 10) -> list[LayerSummary]:
    return [layer(name, "Block", macs=macs), layer(f"{name}.conv", depth=1, macs=macs)]


def labels(modules: list[LayerSummary], **options: object) -> list[tuple[str, int]]:
    return [(row.label, row.count) for row in folded_rows(modules, **options)]  # type: ignore[arg-type]


def test_folds_blocks_that_are_alike_inside() -> None:
    modules = [*block("stage.0"), *block("stage.1"), *block("stage.2")]
    assert labels(modules) == [("stage.0–2", 3), ("conv", 1)]


def test_keeps_blocks_apart_that_differ_inside() -> None:
    modules = [*block("0"), *block("1"), *block("2", macs=20)]
    assert labels(modules) == [("0–1", 2), ("conv", 1), ("2", 1), ("conv", 1)]


def test_folds_only_neighbors() -> None:
    modules = [layer("a"), layer("b", "ReLU"), layer("c")]
    assert labels(modules) == [("a", 1), ("b", 1), ("c", 1)]


def test_sums_up_what_it_folds_and_shows_the_last_view() -> None:
    first, second = layer("0"), LayerSummary("1", "Conv2d", 0, True, (4, 8, 8), 5, 10, 7)
    (row,) = folded_rows([first, second])
    assert (row.module.parameters, row.module.macs, row.module.receptive_field) == (10, 20, 7)


def test_sums_up_the_times_of_what_it_folds() -> None:
    layers = [
        replace(layer(str(place)), seconds=seconds) for place, seconds in enumerate((1, 2, 4))
    ]
    (timed,) = folded_rows(layers)
    (untimed,) = folded_rows([*layers, layer("3")])
    assert (timed.count, timed.module.seconds) == (3, 7)
    assert (untimed.count, untimed.module.seconds) == (4, None)


def test_unfolds_on_demand() -> None:
    assert labels([*block("0"), *block("1")], unfold=True) == [
        ("0", 1),
        ("conv", 1),
        ("1", 1),
        ("conv", 1),
    ]


def test_leaves_out_what_is_nested_deeper() -> None:
    assert labels([*block("0"), *block("1")], depth=1) == [("0–1", 2)]


def test_shortens_numbered_names() -> None:
    rows = list(folded_rows(summarize("resnet34").modules, depth=2))
    folded = {row.label: row.count for row in rows if row.count > 1}
    assert folded == {"0–2": 3, "1–3": 3, "1–5": 5, "1–2": 2}


def test_adds_up_to_the_totals_whatever_is_folded() -> None:
    summary = summarize("resnet50")
    rows = list(folded_rows(summary.modules, depth=1))
    assert sum(row.module.parameters for row in rows) == summary.total_parameters
    assert sum(row.module.macs for row in rows) == summary.total_macs
