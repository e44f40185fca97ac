"""Stand-ins accept what learners write to draw, and the code around it runs on."""

import copy
from typing import Any

import numpy
import pytest

from cnn_tui.grading.stand_ins.notebooks import HEADING
from cnn_tui.grading.stand_ins.progress_bars import fill_with_bars
from cnn_tui.grading.stand_ins.showing import StandIn, StandInModule, fill, names_in_notebooks

DRAWINGS = {
    "one map": "fig, ax = plt.subplots()\nax.imshow([[1]], cmap='gray')\nax.set_title('x')",
    "two maps": "fig, (a, b) = plt.subplots(1, 2)\na.axis('off')\nb.plot([1], [2])",
    "a grid": "_, axes = plt.subplots(2, 3)\nassert axes.shape == (2, 3)\naxes[1, 2].bar([1], [2])",
    "a column": "axes = plt.figure().subplots(3)\nassert len([ax.grid() for ax in axes]) == 3",
    "a row of one": "_, axes = plt.subplots(1, 1, squeeze=False)\naxes[0, 0].legend()",
    "a curve": "line, = plt.plot([1, 2])\nline.set_color('red')",
    "bars with numbers": (
        "heights = 0\n"
        "for bar in plt.bar(['a', 'b'], [3, 4]):\n"
        "    heights += 1\n"
        "    plt.text(bar.get_x() + bar.get_width() / 2, 1.1 * bar.get_height(), f'{bar.h:.2f}')\n"
        "assert heights == 2"
    ),
    "colors": "assert len(list(zip('abc', plt.cm.viridis(numpy.linspace(0, 1, 3))))) == 3",
    "limits": "low, high = plt.ylim()\nplt.ylim(low - 1, max(high, 2))",
    "a histogram": "counts, edges, bars = plt.hist([1, 2, 2])",
    "settings": (
        "plt.rcParams['figure.figsize'] = 8, 4\nplt.rcParams.update({'font.size': 12})\n"
        "with plt.style.context('ggplot') as style:\n    plt.show()"
    ),
    "types": "def draw(ax: plt.Axes | None): return isinstance(ax, plt.Axes)\nassert not draw(1)",
    "a subclass": "class Mine(plt.Figure):\n    pass\nMine(1).savefig('x.png')",
    "numbers": "assert numpy.ones(3) * plt.gca().dpi is not None\nassert float(plt.x) == 0",
    "no error is hidden": "try:\n    with plt.ioff(): 1 / 0\nexcept ZeroDivisionError: pass",
}


def module(name: str, filled: Any = fill) -> StandInModule:
    made = StandInModule(name)
    filled(made)
    return made


@pytest.mark.parametrize("source", DRAWINGS.values(), ids=DRAWINGS)
def test_runs_on_where_something_would_be_drawn(source: str) -> None:
    exec(source, {"plt": module("matplotlib.pyplot"), "numpy": numpy})


def test_makes_no_promise_that_python_itself_relies_on() -> None:
    stand_in = StandIn()
    assert isinstance(copy.deepcopy(stand_in), StandIn)
    assert not hasattr(stand_in, "__array_interface__")
    assert not hasattr(StandIn, "__wrapped__")
    assert list(stand_in) == []


def test_has_bars_that_yield_what_they_go_over(capsys: pytest.CaptureFixture[str]) -> None:
    bars: Any = module("tqdm", fill_with_bars)
    with bars.tqdm("abc", desc="letters", leave=False, unit="letter") as bar:
        assert list(bar) == ["a", "b", "c"]
        bar.set_postfix(loss=1.0)
        assert (bar.n, bar.total, len(bar)) == (3, 3, 3)
    assert list(bars.trange(2, 4)) == [2, 3]
    assert list(bars.tqdm(iter("ab"), total=2)) == ["a", "b"]
    assert list(bars.tenumerate("ab", 1)) == [(1, "a"), (2, "b")]
    assert list(bars.tzip("ab", "cd")) == [("a", "c"), ("b", "d")]
    assert bars.process_map(abs, [-1, 2], max_workers=2) == [1, 2]
    bars.tqdm._instances.clear()
    by_hand = bars.tqdm(total=4)
    by_hand.update(3)
    by_hand.close()
    assert by_hand.n == 3
    assert capsys.readouterr() == ("", "")
    bars.tqdm.write("printed")
    assert capsys.readouterr().out == "printed\n"


def test_gives_files_made_from_notebooks_what_jupyter_gives() -> None:
    exported = b"get_ipython().run_line_magic('matplotlib', 'inline')\ndisplay(1)\n"
    exec(exported, names_in_notebooks(exported))
    assert names_in_notebooks(HEADING.encode() + b"\ndisplay(1)\n")["display"] is print
    assert names_in_notebooks(b"try:\n    get_ipython()\nexcept NameError:\n    pass\n") == {}
