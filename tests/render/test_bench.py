import io

from rich.console import Console

from cnn_tui.bench.catalogue import FIRST_PAINT, HELP
from cnn_tui.bench.estimate import Budget
from cnn_tui.bench.records import compared, measured
from cnn_tui.render.bench import bench_table, telling

METRICS = [(18524 + step, 20776.0) for step in range(-9, 10)]
RESULTS = [
    compared(
        "cifar10net bf16, metrics on against off", "images/s", METRICS, Budget(at_least=0.95), "x"
    ),
    compared("cnn-lab --help", "s", [(0.2 + step / 1000, 0.15) for step in range(19)], HELP),
    compared("TUI first paint", "s", [(1.2, 1.0), (1.5, 1.0), (1.6, 1.0)], FIRST_PAINT),
    measured("check exercise3, cold", "s", [7.5]),
]


def written(width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(bench_table(RESULTS))
    return console.file.getvalue()


def test_says_in_words_what_is_kept_what_is_missed_and_what_is_undecided() -> None:
    lines = written(120).splitlines()
    assert lines[1].split()[-10:] == [
        *("18,524", "images/s", "20,776", "0.892"),
        *("0.882", "–", "0.901", ">=", "0.95", "missed"),
    ]
    assert lines[2].rstrip().endswith("within")
    assert lines[3].endswith("undecided")
    assert lines[4].split()[-5:] == ["s", "–", "–", "–", "–"]
    assert lines[-1].strip() == "cifar10net bf16, metrics on against off: x."


def test_loses_nothing_at_80_columns() -> None:
    text = written(80)
    assert "…" not in text
    for word in ("18,524 images/s", "20,776", "0.892", "0.882 – 0.901", ">= 0.95", "missed"):
        assert word in text


def test_keeps_a_log_of_what_is_measured_where_no_line_can_change() -> None:
    console = Console(file=io.StringIO(), width=200)
    with telling(console) as talk:
        talk.doing("the first paint")
        talk.remark("Something was left out.")
    assert console.file.getvalue().splitlines() == [
        "Measuring the first paint …",
        "Something was left out.",
    ]
