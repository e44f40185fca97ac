"""The layer table and what stands above and below it, at several widths."""

import re
import time
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from cnn_tui.analysis.networks.records import LayerSummary, NetNote, NetSummary
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.nets.catalogue import all_nets, net_info, timeline
from cnn_tui.render.draw.numbers import milliseconds
from cnn_tui.render.networks.catalogue import TimelineView, net_choice, net_list
from cnn_tui.render.networks.head import net_head, short_authors
from cnn_tui.render.networks.summary import net_summary


def drawn(content: RenderableType, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    with console.capture() as capture:
        console.print(content)
    return capture.get()


def small(*modules: LayerSummary) -> NetSummary:
    return NetSummary("own", "Own", (3, 8, 8), (4,), 100, 1000, modules, 100, 50, 1, 3)


CONV = LayerSummary("conv", "Conv2d", 0, True, (4, 8, 8), 100, 1000, 3, 100, 256, 1, 0.5)


@pytest.fixture(scope="module")
def vgg16() -> NetSummary:
    return summarize("vgg16")


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_keeps_within_the_width(width: int, vgg16: NetSummary) -> None:
    for summary in (vgg16, summarize("resnet50")):
        assert max(map(len, drawn(net_summary(summary), width).splitlines())) <= width


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (40, "Layer Parameters MACs"),
        (48, "Layer Output Parameters MACs"),
        (52, "Layer Output Parameters MACs RF"),
        (60, "Layer Type Output Parameters MACs RF"),
        (80, "Layer Type Output Parameters MACs RF Jump"),
        (200, "Layer Type Output Parameters Trainable MACs Act. MiB RF Jump Start"),
    ],
)
def test_drops_the_least_important_columns_first(
    width: int, columns: str, vgg16: NetSummary
) -> None:
    lines = drawn(net_summary(vgg16), width).splitlines()
    header = next(line for line in lines if line.startswith("Layer"))
    assert " ".join(header.split()) == columns


def test_answers_where_the_most_sits(vgg16: NetSummary) -> None:
    text = " ".join(drawn(net_summary(vgg16)).split())
    assert "Most parameters classifier.0 (Linear): 102.8 M, 74 %" in text
    assert "Most MACs features.0.2 (Conv2d): 1.85 G, 12 %, and as many in 5 more" in text
    assert "Largest activation features.0.0 (Conv2d): 64×224², 12.2 MiB" in text
    assert "16 layers with weights on the longest path" in text
    assert (
        "Receptive field 212 of 224 pixels a side before the layers that see the whole image"
        in text
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("resnet18", "435 pixels a side before the layers that see the whole image: more than"),
        ("lenet5", "Receptive field 16 of 28 pixels"),
    ],
)
def test_says_what_a_unit_sees(name: str, sentence: str) -> None:
    assert sentence in " ".join(drawn(net_summary(summarize(name)), 120).split())


def test_folds_blocks_and_unfolds_them() -> None:
    summary = summarize("resnet34")
    folded, unfolded = drawn(net_summary(summary)), drawn(net_summary(summary, unfold=True))
    assert re.search(r"1–5 +5 × ResidualBlock", folded)
    assert " × Residual" not in unfolded
    assert len(unfolded.splitlines()) > len(folded.splitlines())


def test_shows_shares_of_the_totals_as_bars(vgg16: NetSummary) -> None:
    text = drawn(net_summary(vgg16, depth=1), 120)
    features, classifier = (
        next(line for line in text.splitlines() if line.startswith(name))
        for name in ("features", "classifier")
    )
    assert "11 %" in features and "99 %" in features
    assert "89 %" in classifier and "1 %" in classifier
    assert classifier.count("█") < features.count("█") * 2


def test_marks_frozen_reused_and_gated_rows_and_explains_the_marks() -> None:
    text = drawn(
        net_summary(
            small(
                replace(CONV, name="frozen", trainable=0),
                replace(CONV, name="again", reused=True),
                replace(CONV, name="gate", gated=True),
            )
        )
    )
    assert "100*" in text and "*: frozen." in text
    assert "(100)" in text and "count once" in text
    assert re.search(r" 3\+", text) and "squeeze-and-excitation" in text


def test_explains_only_the_marks_that_occur() -> None:
    text = drawn(net_summary(small(CONV)))
    assert "frozen" not in text and "alike" not in text and "inset" not in text


TIMED = replace(
    small(
        replace(CONV, name="stem", depth=0, is_leaf=False, seconds=0.0106),
        replace(CONV, name="stem.conv", depth=1, seconds=0.0093),
        replace(CONV, name="mean", type="function", macs=0, seconds=None),
        replace(CONV, name="fc", type="Linear", macs=20, seconds=0.0014),
    ),
    total_seconds=0.0124,
    total_macs=310_000_000,
)


def test_shows_where_the_time_goes() -> None:
    text = drawn(net_summary(TIMED), 200)
    table = {line.split()[0]: line for line in text[text.index("Layer") :].splitlines() if line}
    assert "Time 12.4 ms for one image, 25.0 GMACs/s" in " ".join(text.split())
    assert "Most time stem.conv (Conv2d): 9.30 ms, 75 %" in " ".join(text.split())
    assert "Time in stem 85 %, fc 11 %" in " ".join(text.split())
    assert "10.6 ms  85 %" in table["stem"]
    assert re.search(r"9.30 ms  75 % █+", table["conv"])
    assert "ms" not in table["mean"]
    assert "between them" in text


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (40, "Layer Parameters Time"),
        (60, "Layer Output Parameters MACs Time"),
        (80, "Layer Type Output Parameters MACs Time RF"),
    ],
)
def test_keeps_times_before_what_matters_less(width: int, columns: str, vgg16: NetSummary) -> None:
    timed = replace(
        vgg16,
        modules=tuple(replace(each, seconds=0.0123) for each in vgg16.modules),
        total_seconds=0.1,
    )
    lines = drawn(net_summary(timed), width).splitlines()
    header = next(line for line in lines if line.startswith("Layer"))
    assert " ".join(header.split()) == columns
    assert max(map(len, lines)) <= width


def test_says_nothing_of_time_where_none_was_measured(vgg16: NetSummary) -> None:
    assert not re.search(r"\bTime|\btime", drawn(net_summary(vgg16), 200))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0000254, "0.025 ms"), (0.00124, "1.24 ms"), (0.0123, "12.3 ms"), (1.24, "1,240 ms")],
)
def test_writes_times_in_three_digits(seconds: float, text: str) -> None:
    assert milliseconds(seconds) == text


def test_says_whether_a_run_with_numbers_confirmed_it(vgg16: NetSummary) -> None:
    real_run = "on the CPU, with a batch of 2"
    assert f"Real run            {real_run}" in drawn(
        net_summary(replace(small(CONV), real_run=real_run))
    )
    assert vgg16.real_run and "Real run" not in drawn(net_summary(vgg16))


def test_warns_of_mistakes_and_says_what_is_not_counted() -> None:
    mistake = NetNote("final-relu", "act", "Remove act\x1b[2J.", "predictions")
    packed = NetNote("quantized", "fc", "fc is quantized.", "choosing-an-architecture")
    text = drawn(net_summary(replace(small(CONV), notes=(mistake, packed))))
    assert re.search(r"Warning +Remove act.*\. Topic: predictions\.", text)
    assert re.search(r"Not counted +fc is quantized\.", text)
    assert "\x1b" not in text


def test_shows_a_note() -> None:
    assert "ran once on the CPU" in drawn(
        net_summary(replace(small(CONV), note="It ran once on the CPU."))
    )


def test_shows_a_network_without_layers() -> None:
    assert "No layer ran." in drawn(net_summary(small()))


def test_keeps_control_characters_of_names_to_itself() -> None:
    hostile = replace(CONV, name="a\x1b[31mb\nc", type="T\x07")
    text = drawn(net_summary(replace(small(hostile), title="x\x1b[2J", note="y\x1b[H")))
    assert "\x1b" not in text and "\x07" not in text
    assert "b\nc" not in text


@pytest.mark.slow
def test_draws_ten_thousand_rows_at_once() -> None:
    modules = tuple(replace(CONV, name=str(i), macs=i) for i in range(10_000))
    console = Console(file=StringIO(), width=80, color_system="truecolor")
    start = time.process_time()
    lines = console.render_lines(net_summary(small(*modules)), console.options)
    assert len(lines) > 10_000
    assert time.process_time() - start < 2  # 0.3 s on an idle core; Rich's Table takes 10


def test_lists_the_networks_as_a_timeline() -> None:
    text = drawn(net_list(all_nets()), 80)
    assert text.index("LeNet-5 1998 → AlexNet 2012") < text.index("lenet5")
    assert all(net.name in text for net in all_nets())
    assert max(map(len, text.splitlines())) <= 80


def test_shows_the_published_accuracy_and_its_recipe_where_there_is_room() -> None:
    text = drawn(net_list(all_nets()), 80)
    row = {line.split()[1]: line for line in text.splitlines() if "×" in line}
    assert "4.089 G   76.1" in row["resnet50"]
    assert "281.6 k      –" in row["lenet5"]
    assert row["vggcifar"].startswith("   –  vggcifar")
    assert "ResNet: simple" in text
    assert "Top-1" not in drawn(net_list(all_nets()), 60)
    for width in (80, 160):
        assert "5.289 M  385.8 M   77.7" in drawn(TimelineView(timeline(), all_nets()), width)


@pytest.mark.parametrize("width", [51, 56, 60, 66])
def test_leaves_columns_of_the_timeline_out_whole(width: int) -> None:
    text = drawn(net_list(all_nets()), width)
    assert "…" not in text
    assert "Parameters" in text
    assert "44.43 k" in text
    assert ("MACs" in text) == (width >= 60)


def test_says_which_network_to_use_smallest_first() -> None:
    text = drawn(net_choice(all_nets()), 80)
    assert text.index("lenet5") < text.index("resnet18") < text.index("efficientnet_b7")
    assert net_info("resnet18").use_when in text


def test_says_what_a_network_brought_before_it_is_analyzed() -> None:
    assert "Only 3×3 filters" in drawn(net_head(net_info("vgg16"), None))


def test_shortens_the_authors_by_words() -> None:
    info = net_info("dropoutcnn")
    assert short_authors(info, 90) == info.authors
    assert short_authors(info, 40) == "after Srivastava and others"
    assert short_authors(info, 10) == ""
