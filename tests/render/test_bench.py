import io

from rich.console import Console

from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.render.bench import bench_table, telling

RESULTS = [
    compared(
        "cifar10net bf16, metrics on against off", 18524, "images/s", 20776, at_least=0.95, note="x"
    ),
    compared("cnn-lab --help", 0.2, "s", 0.15, at_most=2.0),
    BenchResult("check exercise3, cold", 7.5, "s"),
]


def written(width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(bench_table(RESULTS))
    return console.file.getvalue()


def test_says_in_words_what_is_kept_and_what_is_missed() -> None:
    lines = written(120).splitlines()
    assert lines[1].split()[-7:] == [
        "18,524",
        "images/s",
        "20,776",
        "0.892",
        ">=",
        "0.95",
        "missed",
    ]
    assert lines[2].endswith("within")
    assert lines[3].split()[-4:] == ["s", "–", "–", "–"]
    assert lines[-1].strip() == "cifar10net bf16, metrics on against off: x."


def test_loses_nothing_at_80_columns() -> None:
    text = written(80)
    assert "…" not in text
    for word in ("18,524 images/s", "20,776", "0.892", ">= 0.95", "missed"):
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
