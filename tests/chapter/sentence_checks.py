"""What each demo's sentences say, held to the numbers that the same result shows.

A check takes one result and reads its sentences; most ask tables and figures, and some run the
demo again as a sentence advises.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pytest

from cnn_tui.chapter.records import DemoResult, Grid, Say, Table, TableCell, Tiles
from cnn_tui.chapter.run import run_demo
from cnn_tui.options import OptionValue

NUMBER = r"(-?[\d.,]*\d(?:e[+-]?\d+)?)"


@dataclass(frozen=True)
class Shown:
    """A result, with its sentences joined."""

    result: DemoResult

    @cached_property
    def said(self) -> str:
        """All paragraphs, in one line."""
        return " ".join(each.text for each in self.result.blocks if isinstance(each, Say))

    @property
    def figures(self) -> dict[str, float]:
        """By name."""
        return dict(self.result.figures)

    @property
    def given(self) -> dict[str, OptionValue]:
        """The parameters."""
        return dict(self.result.parameters)

    def number(self, name: str) -> float:
        """A parameter that is a number."""
        value = self.result.parameters[name]
        assert isinstance(value, int | float)
        return value

    def table(self, place: int = 0) -> tuple[tuple[TableCell, ...], ...]:
        """The rows of a table."""
        return [each.rows for each in self.result.blocks if isinstance(each, Table)][place]

    def column(self, place: int, table: int = 0) -> list[float]:
        """A column of numbers; those written as text are read."""
        return [_number(row[place]) for row in self.table(table)]

    def grids(self) -> list[Grid]:
        """All grids."""
        return [each for each in self.result.blocks if isinstance(each, Grid)]

    def numbers(self, pattern: str) -> list[float]:
        """The numbers that ``pattern`` finds where it stands for each as #."""
        found = re.search(_escaped(pattern), self.said)
        assert found, f"{pattern!r} is not in {self.said!r}"
        return [_number(each) for each in found.groups()]

    def says(self, pattern: str) -> bool:
        """Whether a sentence is there, with any number for each #."""
        return re.search(_escaped(pattern), self.said) is not None

    def again(self, **parameters: OptionValue) -> "Shown":
        """The demo with other parameters."""
        return Shown(run_demo(self.result.name, **{**self.given, **parameters}))


def _escaped(pattern: str) -> str:
    return re.escape(pattern).replace(r"\#", NUMBER)


def _number(cell: TableCell) -> float:
    return float(cell.strip().replace(",", "")) if isinstance(cell, str) else cell


def _convolution(shown: Shown) -> None:
    padded, kernel, output = shown.grids()
    (row, column), *_ = output.marks
    (side,) = shown.numbers("⌋ + 1 = #.")
    assert (len(output.rows), len(output.rows[0])) == (side, side)
    cells = [padded.rows[place[0]][place[1]] for place in padded.marks]
    weights = [each for line in kernel.rows for each in line]
    cell = sum(weight * value for weight, value in zip(weights, cells, strict=True))
    assert output.rows[row][column] == pytest.approx(cell, abs=1e-4)
    for number, terms, told in shown.table():
        pairs = re.findall(r"(−?[\d.]+)(?:/(\d+))?·([\d.]+)", str(terms))
        parts = [float(a.replace("−", "-")) / float(b or 1) * float(c) for a, b, c in pairs]
        place = 3 * int(number)
        assert len(parts) == 3
        assert [float(c) for *_, c in pairs] == cells[place : place + 3]
        assert sum(parts) == pytest.approx(float(told), abs=1e-3)
    said = shown.said.replace("−", "-").replace("(", "").replace(")", "")
    found = re.search(rf"{NUMBER} \+ {NUMBER} \+ {NUMBER} = {NUMBER}\. The weights", said)
    assert found
    *sums, told = map(_number, found.groups())
    assert sum(sums) == pytest.approx(told, rel=2e-3, abs=1e-3 * max(map(abs, sums)))
    assert told == pytest.approx(cell, rel=6e-4, abs=1e-5)
    total = re.search(rf"add up to {NUMBER}:", said)
    assert total and _number(total[1]) == pytest.approx(sum(weights), rel=6e-4, abs=1e-5)
    assert shown.says("the output has the same level") == (abs(sum(weights) - 1) < 1e-6)
    assert shown.says("the output is 0") == (abs(sum(weights)) < 1e-6)
    apart, step = int(shown.number("dilation")), int(shown.number("stride"))
    flat = 0
    for i, line in enumerate(output.rows):
        for j, value in enumerate(line):
            window = {
                padded.rows[i * step + a * apart][j * step + b * apart]
                for a in range(3)
                for b in range(3)
            }
            flat += len(window) == 1
            if len(window) == 1:
                assert value == pytest.approx(sum(weights) * window.pop(), abs=1e-4)
    assert shown.says(f"windows here {flat or 'none'} ha")


def _max_and_average(shown: Shown) -> None:
    found = re.search(
        r"the maximum of (.*) is (\S+), the average is \(.*\) / \d+ = (\S+)\.$", shown.said
    )
    assert found
    grid, *_ = shown.grids()
    window = [grid.rows[row][column] for row, column in grid.marks]
    assert [float(each) for each in found[1].split(", ")] == pytest.approx(window, rel=1e-5)
    assert float(found[2]) == pytest.approx(max(window), rel=1e-5)
    assert float(found[3]) == pytest.approx(sum(window) / len(window), rel=1e-5)


def _translation_invariance(shown: Shown) -> None:
    side = int(shown.number("kernel_size"))
    rows = shown.table()
    same = [row[3] == "yes" for row in rows]
    assert shown.numbers("# of # one-pixel shifts leave")[:2] == [sum(same), len(same)]
    if shown.says("those that stay inside a cell"):
        assert same == [start // side == (start + 1) // side for start in range(len(rows))]
    else:
        assert not any(same)
    pooled = [str(row[1]).split() for row in rows]
    for start in range(len(rows) - side):
        assert pooled[start + side] == ["0", *pooled[start][:-1]]


def _pooling_parameters(shown: Shown) -> None:
    (side,) = shown.numbers("⌋ + 1 = #.")
    assert shown.table()[-1][3] == f"{side:.0f}×{side:.0f}"


def _global_average(shown: Shown) -> None:
    (grid,) = shown.grids()
    values = [value for row in grid.rows for value in row]
    assert shown.numbers("its mean: #.") == pytest.approx([sum(values) / len(values)], abs=1e-4)
    assert len(set(shown.column(3))) == 1


def _lenet5_tour(shown: Shown) -> None:
    *layers, together = shown.column(3)
    decides, first, sees = shown.numbers(
        "hold # % of the parameters, the first of them alone # %; "
        "the convolutions, which do the seeing, # %"
    )
    shares = (sum(layers[4:]), layers[4], layers[0] + layers[2])
    assert (decides, first, sees) == pytest.approx(
        [100 * each / together for each in shares], abs=0.06
    )
    lowest, highest, guess = shown.numbers("from # to # %, where guessing gives # %")
    assert lowest <= guess <= highest == pytest.approx(shown.figures["highest_percent"], abs=0.06)
    flat = sum(_is_black(tile) for tile in _maps(shown))
    assert shown.says("hold one value throughout") == (flat > 0)
    assert not flat or shown.numbers("# of # hold one value") == [flat, 22]
    (size,) = shown.numbers("image size = #:")
    other = shown.again(image_size=int(size))
    changed = [
        row[0] for row, then in zip(shown.table(1), other.table(1), strict=True) if row != then
    ]
    assert set(changed) <= {"C5, 120 units", "together"}
    assert len(changed) == 2 or size == shown.number("image_size")


def _maps(shown: Shown) -> list[bytes]:
    """The pixels of the 6 maps beside the image, then of the 16 below."""
    maps = []
    for tiles, chosen in zip(
        [each for each in shown.result.blocks if isinstance(each, Tiles)],
        (range(1, 7), range(16)),
        strict=True,
    ):
        side, wide = tiles.side, tiles.picture.width
        for index in chosen:
            row, column = divmod(index, wide // side)
            starts = ((row * side + line) * wide + column * side for line in range(side))
            maps.append(b"".join(tiles.picture.pixels[at : at + side] for at in starts))
    return maps


def _is_black(tile: bytes) -> bool:
    return not any(tile)


def _alexnet_tour(shown: Shown) -> None:
    megabytes = shown.numbers("parameters take # MB")
    *rows, together = shown.table(1)
    assert megabytes == pytest.approx([4 * _number(together[2]) / 1e6], abs=0.6)
    held = sum(_number(row[2]) for row in rows if row[0] == "fully connected")
    assert shown.numbers("layers hold # % of") == pytest.approx(
        [100 * held / _number(together[2])], abs=0.06
    )
    (size,) = shown.numbers("Try image size = #")
    other = shown.again(image_size=int(size)).table(1)
    changed = [row[0] for row, then in zip(rows, other, strict=False) if row[2] != then[2]]
    assert changed == ["fully connected"]


def _small_filters(shown: Shown) -> None:
    two, one = shown.column(1)
    assert shown.numbers("with # % fewer") == pytest.approx([100 * (1 - two / one)], abs=0.51)


def _residual_block(shown: Shown) -> None:
    free = shown.figures["skip_parameters"] == 0
    assert shown.says("the skip is free") == free
    if not free:
        counted, share = shown.numbers("for # parameters, # % of the block")
        assert counted == shown.figures["skip_parameters"]
        assert share == shown.figures["skip_percent"]
    assert max(_number(row[2]) for row in shown.table(2)) == 0
    if shown.says("Try stride = 1 and"):
        (channels,) = shown.numbers("out channels = #:")
        assert shown.again(stride=1, out_channels=int(channels)).figures["skip_parameters"] == 0
    else:
        assert shown.again(stride=2).figures["skip_parameters"] > 0


def _residual_gradient(shown: Shown) -> None:
    blocks, plain, residual = map(_number, shown.table()[-1])
    told = (
        shown.numbers("Through # block")[0],
        *shown.numbers(", # arrives in the plain stack and # in"),
    )
    assert told == pytest.approx((blocks, plain, residual), rel=0.06)
    apart = {"plain": abs(math.log10(plain)), "residual": abs(math.log10(residual))}
    assert shown.says(f"the {min(apart, key=lambda kind: apart[kind])} stack keeps it nearer to 1")


def _batchnorm_statistics(shown: Shown) -> None:
    figures = shown.figures
    assert shown.says("channels have mean 0 and") == (figures["bn_mean"] < 0.005)
    bounds = re.search(r"standard deviation ([\d.]+)(?: to ([\d.]+))?[.,]", shown.said)
    assert bounds
    low, high = float(bounds[1]), float(bounds[2] or bounds[1])
    assert low - 0.006 <= figures["bn_std"] <= high + 0.006
    assert shown.says("less than 1, as the ε") == (low < 0.995)
    _, mean, std = shown.numbers(
        "sets # % of the values to 0, so that the next layer sees mean # and standard deviation #."
    )
    assert mean == pytest.approx(figures["relu_mean"], abs=0.006)
    assert std == pytest.approx(figures["relu_std"], abs=0.006)
    ten, _, without, with_bn = shown.numbers(
        "std of #, # times yours, the std of what the next layer sees is # times as large "
        "without BN, and # times as large with"
    )
    if ten <= 100:
        tenfold = shown.again(input_std=10 * shown.number("input_std")).figures
        for told, name in ((without, "without_bn_std"), (with_bn, "relu_std")):
            assert told == pytest.approx(tenfold[name] / figures[name], rel=0.02)


def _batchnorm_modes(shown: Shown) -> None:
    figures, weight = shown.figures, 100 * (1 - shown.number("momentum"))
    assert shown.numbers("Layer and formula differ by # at most") == pytest.approx(
        [figures["rounding"]], rel=0.5
    )
    assert figures["rounding"] < 1e-4
    low, high = shown.numbers("except for ε: here |y| is # to #.")
    assert 0 < low <= high <= 1
    assert str(shown.table(3)[1][2]) == f"{low:.2f} to {high:.2f}"
    assert shown.says("Try momentum = 1:") == (weight != 0)
    assert shown.says("Try batches = 1:") == (shown.number("batches") != 1 and weight != 0)
    if shown.says("Try batches = 1:"):
        told = shown.numbers("the start then weighs # %")
        assert told == pytest.approx([weight], rel=0.006)
        start = str(shown.again(batches=1).table()[1][5])
        assert _number(start.removesuffix(" %")) == pytest.approx(weight, rel=0.006)


def _conv_bn_relu(shown: Shown) -> None:
    figures = shown.figures
    assert shown.says("do not differ at all") == (figures["difference"] == 0)
    if figures["difference"]:
        assert shown.numbers("differ by # at most") == pytest.approx(
            [figures["difference"]], rel=0.5
        )
        assert shown.says("at most: rounding")
    assert figures["bias_gradient"] <= 1e-4 * figures["weight_gradient"]


def _dropout_mask(shown: Shown) -> None:
    survivor, kept = shown.figures["survivor"], shown.number("p") == 0
    assert shown.says("With p = 0 nothing is dropped") == kept
    if not kept:
        times, mean = shown.numbers(
            "multiplied by # while training: the mean was 1 and is # behind"
        )
        assert times == pytest.approx(survivor, rel=1e-3)
        assert mean == pytest.approx(shown.figures["mean"], abs=6e-4)
    assert shown.figures["evaluation_mean"] == 1


def _dropout_modes(shown: Shown) -> None:
    figures = shown.figures
    mean, evaluation = figures["mean"], figures["evaluation"]
    begins, after = shown.numbers("A ReLU that begins at # gives 0 in evaluation, and # in")
    assert (begins, after) == pytest.approx((evaluation, figures["after_relu"]), abs=6e-4)
    assert shown.says("averaging is exact for a sum only") == (figures["after_relu"] >= 5e-4)
    error = figures["standard_error"]
    if error < 1e-6:
        assert shown.says("All masks are alike here")
    else:
        assert shown.says("agree within 2 standard errors") == (abs(mean - evaluation) <= 2 * error)
    if shown.number("p"):
        told = shown.numbers("PyTorch's training has #, the paper's evaluation #.")
        assert told == pytest.approx([mean, figures["paper_evaluation"]], abs=6e-4)
    else:
        assert shown.says("With p = 0 nothing is dropped")


def _dropout_in_a_cnn(shown: Shown) -> None:
    p, otherwise = shown.number("p"), shown.figures["otherwise"]
    assert shown.says("With p = 0 there is one network") == (p == 0)
    if p and otherwise:
        assert shown.numbers("# of # sub-networks take it") == [otherwise, shown.number("passes")]
    if not p:
        assert otherwise == 0 == shown.figures["twice_in_training"]
    gained, lost = shown.numbers("Only evaluation is right on # images, only the one mask on #")
    evaluation, one_mask, _ = shown.column(1, table=3)
    assert gained - lost == evaluation - one_mask
    advice = shown.said.partition("Try ")[2].partition(". ")[0].split(", or ")
    now = [f"image = {shown.number('image')}", f"p = {p:g}"]
    assert not set(advice) & set(now)
    for _, units, _, _, kept, idle in shown.table():
        assert _number(idle) >= _number(str(units).removesuffix(" units")) - _number(kept)


def _augmentation(shown: Shown) -> None:
    augment, cutout = str(shown.given["augment"]), shown.number("cutout")
    mirrored = [row[3] for row in shown.table()]
    assert shown.says("mirrored with probability 1/2") == ("flip" in augment)
    assert "flip" in augment or set(mirrored) == {"no"}
    assert shown.says("What is hidden becomes 0") == (cutout > 0)
    assert shown.says("Nothing is left to chance") == (augment == "none" and not cutout)
    assert shown.says("A mirrored digit is no digit: train digits") == ("flip" in augment)
    assert shown.numbers("try epoch = #.")[0] != shown.number("epoch")
    if "crop" in augment:
        padding, windows = shown.numbers("gets # black pixels on each side, and one of # windows")
        assert (padding, windows) == (shown.figures["padding"], shown.figures["windows"])


def _cifar10net(shown: Shown) -> None:
    figures = shown.figures
    convs = [row for row in shown.table() if str(row[0]).startswith("conv 3×3")]
    macs = [_number(row[4]) for row in convs]
    if shown.says("Channels double where the map halves"):
        told = shown.numbers("multiplications, # million in the second")
        assert told * 2 == pytest.approx(macs[1:3], abs=0.01)
    else:
        assert int(shown.number("image_size")) // 2 % 2, "the map does not halve exactly"
    assert shown.numbers("hold # % of the parameters and cost # %") == [
        figures["last_two_percent"],
        figures["last_two_mac_percent"],
    ]
    (side,) = set(shown.numbers("sees #×# pixels"))
    assert shown.says("no less than the image") == (side >= shown.number("image_size"))
    change = abs(figures["other_parameters"] - figures["parameters"]) / figures["parameters"]
    assert shown.numbers("changes the count by # %") == pytest.approx([100 * change], rel=0.06)


def _training_step(shown: Shown) -> None:
    figures, rows = shown.figures, shown.table(1)
    optimizer, lr = shown.given["optimizer"], shown.number("lr")
    if optimizer == "sgd":
        farthest = max(rows, key=lambda row: _number(row[1]))[0]
        assert shown.says(f"the largest gradient, {farthest}, moves the farthest")
        factor = figures["update_norm"] / (lr * figures["gradient_norm"])
        assert shown.numbers("the first step is # times that") == pytest.approx([factor], rel=0.06)
    else:
        share, *_ = shown.numbers("the sign: # % of the weights")
        medians = [_number(row[5]) for row in rows]
        assert share < 50 or max(medians) == pytest.approx(lr, rel=0.06)
        most = max(rows, key=lambda row: _number(row[4]))
        told = re.search(
            r"In percent of its weights, (\w+) moves the most, by ([\d.,]+) %", shown.said
        )
        assert told
        assert _number(told[2]) == pytest.approx(_number(most[4]))
        assert optimizer == "adam" or figures["loss_after"] == pytest.approx(
            shown.again(optimizer="adam").figures["loss_after"], rel=1e-3
        )
    fell = figures["loss_before"] - figures["loss_after"]
    assert shown.says("A lower loss on the same batch") == (fell > 0)
    if shown.says("the loss fell by #"):
        promised, told, share = shown.numbers(
            "a fall of #, gradient times move; the loss fell by #, # % of it"
        )
        assert (promised, told) == pytest.approx((figures["promised"], fell), rel=0.006)
        assert share == pytest.approx(100 * fell / figures["promised"], abs=0.6)
    elif shown.says("the loss rose by #"):
        assert shown.numbers("the loss rose by #") == pytest.approx([-fell], rel=0.006, abs=1e-12)
    else:
        assert not math.isfinite(fell) or figures["promised"] < 1e-5


def _predictions(shown: Shown) -> None:
    right, wrong = shown.column(1)
    assert right + wrong == shown.figures["images"]
    if wrong:
        (second,) = shown.numbers("mistaken images # % have")
        assert second == pytest.approx(shown.figures["second_guess_percent"], abs=0.6)
        assert shown.numbers(": # of #")[0] == shown.figures["most_confused"]
    assert shown.numbers("Try epochs = # and")[0] != shown.number("epochs")


def _compound_scaling(shown: Shown) -> None:
    alpha, beta, gamma = (shown.number(name) for name in ("alpha", "beta", "gamma"))
    told = shown.numbers("α·β²·γ² = #:")
    assert told == pytest.approx([alpha * beta**2 * gamma**2], abs=6e-4)
    stages = shown.again(phi=0.5, alpha=1.2, beta=1.1, gamma=1.15).table(1)
    assert [_number(row[4]) - _number(row[3]) for row in stages] == [1] * 7
    b1 = shown.table(2)[1]
    asked, costs = re.findall(r"[\d.]+", str(b1[-1]))[::-1]
    assert float(costs) > float(asked)


def _vit_patches(shown: Shown) -> None:
    side, patch = shown.number("image_size"), shown.number("patch_size")
    across = side // patch
    assert shown.numbers("# · # = # patches") == [across, across, across**2]
    assert shown.says("Half the patch size makes") == (patch % 2 == 0)
    if patch % 2 == 0:
        half = shown.again(patch_size=int(patch) // 2).figures
        assert half["patches"] == 4 * shown.figures["patches"]
        times = half["pairs"] / shown.figures["pairs"]
        assert shown.numbers("the patches and # times the pairs") == pytest.approx(
            [times], rel=0.006
        )


def _vit_attention(shown: Shown) -> None:
    heads, on_ink, on_class, strongest = (shown.column(place) for place in range(4))
    grids = shown.grids()
    assert [each.title for each in grids] == [f"Head {head:g}, in %" for head in heads]
    for each, on_class_token, most in zip(grids, on_class, strongest, strict=True):
        cells = [cell for row in each.rows for cell in row]
        assert sum(cells) + on_class_token == pytest.approx(100, abs=8)  # 16 rounded cells
        ((row, column),) = each.marks
        assert each.rows[row][column] == max(cells) == pytest.approx(most, abs=0.51)
    places = {each.marks for each in grids}
    assert shown.says("All heads look at the same patch most") == (len(places) == 1)
    if len(places) > 1:
        assert shown.numbers("Their strongest patches (in brackets) are # different")[0] == len(
            places
        )
    tokens, even = shown.numbers("looked at all # tokens alike would put # % there")
    assert even == pytest.approx(100 * shown.figures["ink_patches"] / tokens, abs=0.51)
    above = sum(share > 100 * shown.figures["ink_patches"] / tokens for share in on_ink)
    words = {0: "None of the heads looks", 1: "One head looks", 4: "All heads look"}
    assert shown.says(f"{words.get(above, f'{above} of 4 heads look')} at the ink more than that")
    total, right, percent = shown.numbers("Of all # test digits, the network gets # right: # %")
    assert percent == pytest.approx(100 * right / total, abs=0.051)


def _which_network(shown: Shown) -> None:
    counted, _ = shown.numbers("# of # networks need at most")
    assert counted == shown.figures["networks"]
    assert counted == 0 or counted == len(shown.table())


def _googlenet_inception(shown: Shown) -> None:
    figures = shown.figures
    *branches, together = shown.table()
    for place in (2, 4):
        assert sum(_number(row[place]) for row in branches) == together[place]
    assert together[2] == figures["weights"]
    assert shown.numbers("# + # + # + # = # channels")[-1] == figures["out_channels"]
    ratio = figures["direct_weights"] / figures["weights"]
    assert shown.says("The two reductions save nothing") == (ratio < 1)
    if ratio != 1:
        assert shown.numbers("have # times as many weights") == pytest.approx([ratio], rel=6e-3)
    assert shown.numbers("# places") == [shown.number("size") ** 2]
    *_, directly, _, _, _, _, reduced = shown.numbers(
        "directly 25·#·# = # weights, with the 1×1 #·# + 25·#·# = #."
    )
    assert (directly, reduced) == (figures["five_direct_weights"], figures["five_weights"])
    passed, out = shown.numbers("all # would pass, and # come out")
    assert out == figures["out_channels"] - shown.number("pool_proj") + passed
    assert shown.column(3, table=1) == [
        figures["paper_parameters"],
        figures["torchvision_parameters"],
    ]


def _densenet_growth(shown: Shown) -> None:
    figures = shown.figures
    *layers, transition = shown.table()
    adds = shown.number("growth")
    assert all(_number(row[3]) - _number(row[1]) == adds for row in layers)
    out = _number(layers[-1][3])
    assert shown.numbers("# + #·# = #. The last one reads #,")[3:] == [out, layers[-1][1]]
    assert shown.numbers("⌋ = # channels of")[0] == transition[3] == out // 2
    assert sum(_number(row[4]) for row in layers) == figures["parameters"]
    _, _, _, stack, dense, share = shown.numbers(
        "#·(9·#² + 2·#) = # parameters; the dense block has #, # % of that"
    )
    assert (dense, stack) == (figures["parameters"], figures["stack_parameters"])
    assert share == pytest.approx(100 * dense / stack, rel=6e-3)
    saved = figures["without_bottleneck_parameters"] - dense
    if saved:
        does = "save" if saved > 0 else "cost"
        assert shown.numbers(f"The 1×1 convolutions {does} # parameters") == [abs(saved)]
        wider = shown.again(in_channels=1024).figures
        assert wider["without_bottleneck_parameters"] - wider["parameters"] >= saved


def _cifar10_numbers(shown: Shown) -> None:
    figures = shown.figures
    rows = shown.table()
    assert (rows[0][1], rows[2][1]) == (figures["train"], figures["test"])
    rarest, most = _number(rows[2][2]), _number(rows[2][3])
    assert shown.numbers("right for # % of the test") == pytest.approx(
        [100 * most / figures["test"]], abs=0.06
    )
    assert shown.says("of equal size.") == (rarest == most)
    assert shown.says("about equal size.") == (rarest < most < 1.5 * rarest)
    std, own = (
        shown.numbers("The std of all pixels, # in the first channel of")[0],
        shown.numbers("of the images' own stds, #,")[0],
    )
    assert own < std == pytest.approx(figures["std"], abs=6e-5)
    assert own == pytest.approx(figures["mean_of_stds"], abs=6e-5)
    mean, spread = shown.numbers("keeps a mean of # and a std of #:")
    assert (mean, spread) == pytest.approx((figures["image_mean"], figures["image_std"]), abs=6e-4)
    for _, stored, x, by_hand, normalized in shown.table(2):
        assert float(x) == pytest.approx(float(stored) / 255)
        value, mean, std = re.fullmatch(
            r"\((\d+) / 255 − ([\d.]+)\) / ([\d.]+)", str(by_hand)
        ).groups()
        assert (float(value) / 255 - float(mean)) / float(std) == pytest.approx(
            float(normalized), abs=2e-3
        )


CHECKS: dict[str, Callable[[Shown], None]] = {
    "convolution": _convolution,
    "max-and-average": _max_and_average,
    "translation-invariance": _translation_invariance,
    "pooling-parameters": _pooling_parameters,
    "global-average": _global_average,
    "lenet5-tour": _lenet5_tour,
    "alexnet-tour": _alexnet_tour,
    "small-filters": _small_filters,
    "googlenet-inception": _googlenet_inception,
    "residual-block": _residual_block,
    "residual-gradient": _residual_gradient,
    "densenet-growth": _densenet_growth,
    "batchnorm-statistics": _batchnorm_statistics,
    "batchnorm-modes": _batchnorm_modes,
    "conv-bn-relu": _conv_bn_relu,
    "dropout-mask": _dropout_mask,
    "dropout-modes": _dropout_modes,
    "dropout-in-a-cnn": _dropout_in_a_cnn,
    "cifar10-numbers": _cifar10_numbers,
    "augmentation": _augmentation,
    "cifar10net": _cifar10net,
    "training-step": _training_step,
    "predictions": _predictions,
    "compound-scaling": _compound_scaling,
    "vit-patches": _vit_patches,
    "vit-attention": _vit_attention,
    "which-network": _which_network,
}
"""Demo → what holds its sentences to its numbers."""
