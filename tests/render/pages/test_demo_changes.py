"""What differs between two runs of a demo."""

import re

from rich.console import Console

from cnn_tui.chapter.records import DemoBlock, DemoResult, Grid, Say, Table
from cnn_tui.render.pages.demo import demo_blocks

MARKED = re.compile(r"\x1b\[7m(.*?)\x1b\[0m")


def result(p: float, *blocks: DemoBlock) -> DemoResult:
    return DemoResult("made-up", "Made up", {"p": p, "seed": 0}, blocks, {})


def marked(now: DemoResult, before: DemoResult | None) -> list[str]:
    console = Console(width=80, force_terminal=True, no_color=True, color_system="truecolor")
    with console.capture() as capture:
        console.print(demo_blocks(now, before))
    return MARKED.findall(capture.get())


def test_marks_the_cells_of_a_table_that_changed() -> None:
    def table(*values: float) -> Table:
        names = ("kept", "lost", "new")[: len(values)]
        return Table("T", ("what", "value"), tuple(zip(names, values, strict=True)))

    now, before = result(0.3, table(0.7, 0.3)), result(0.5, table(0.5, 0.3))
    assert marked(now, before) == ["marked", "  0.7"]
    assert marked(result(0.3, table(0.7, 0.3, 1.0)), before)[1:] == ["  0.7", "new ", "    1"]


def test_marks_numbers_of_a_grid_of_the_same_shape() -> None:
    now, before = Grid("G", ((1, 2), (3, 5)), ((0, 0),)), Grid("G", ((1, 2), (3, 4)))
    assert marked(result(0.3, now), result(0.5, before))[1:] == ["5"]
    assert marked(result(0.3, now), result(0.5, Grid("G", ((1,),))))[1:] == []


def test_marks_words_that_the_paragraph_before_had_not() -> None:
    now, before = Say("Of 10 values 7 are kept, more."), Say("Of 10 values 5 are kept.")
    assert marked(result(0.3, now), result(0.5, before))[1:] == ["7", "more"]


def test_marks_nothing_without_a_run_before_or_beside_another_block() -> None:
    now = result(0.3, Say("7"))
    assert marked(now, None) == []
    assert marked(now, now) == []
    assert marked(now, result(0.5, Grid("G", ((7,),)))) == ["marked"]
    assert marked(now, result(0.5)) == ["marked"]
