"""The page of a network's costs."""

import re
from dataclasses import replace

import pytest

from cnn_tui.analysis.networks.costs import CostSettings, costs
from cnn_tui.analysis.networks.records import NetNote, NetSummary
from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.nets.specs import parse
from cnn_tui.render.draw.console import plain_text
from cnn_tui.render.networks.costs import byte_text, net_costs, time_text


def resnet18() -> NetSummary:
    summary = shipped_summary(parse("resnet18"))
    assert summary is not None
    return summary


def test_says_of_each_layer_what_it_waits_for_and_on_which_device() -> None:
    page = plain_text(net_costs(costs(resnet18(), CostSettings("h100"))))
    assert "H100 SXM (data sheet: NVIDIA H100 Tensor Core GPU)" in page
    assert "20 FLOPs per byte" in page
    assert re.search(r"at most \d+ % of the peak", page)
    rows = {line.partition("  ")[0]: line for line in page.splitlines()}
    assert "7.553 G" in rows["conv1"]
    assert "compute" in rows["conv1"]
    assert "memory" in rows["bn1"]
    assert "0.25" in rows["normalization"]


def test_adds_up_the_memory_of_training_with_each_optimizer() -> None:
    page = plain_text(net_costs(costs(resnet18(), CostSettings("h100", batch_size=32))))
    lines = [" ".join(line.split()) for line in page.splitlines()]
    assert "weights 44.6 MiB 44.6 MiB" in lines
    assert "activations 196 MiB 659 MiB" in lines
    assert "total, with Adam, AdamW 855 MiB" in lines


def test_rows_of_layers_and_functions_add_up_to_the_whole() -> None:
    summary = shipped_summary(parse("lenet5"))
    assert summary is not None
    priced = costs(summary, CostSettings("t4"))
    work = priced.own_work
    assert sum((each.work for each in summary.layers), work) == summary.work
    (line,) = (
        " ".join(each.split())
        for each in plain_text(net_costs(priced)).splitlines()
        if each.startswith("functions in forward")
    )
    assert time_text(priced.least(work)) in line
    # tanh after four layers
    assert line.startswith(f"functions in forward {32 * (3456 + 1024 + 120 + 84) / 1000:.1f} k")


def test_says_whether_fp32_is_without_tf32() -> None:
    for device, precision, said in (
        ("a100", "fp32", True),
        ("a100", "tf32", False),
        ("t4", "fp32", False),
        ("rtx4090", "fp32", False),
    ):
        page = plain_text(net_costs(costs(resnet18(), CostSettings(device, precision))))
        assert ("fp32 without TF32" in page) == said
        assert ("choose the precision tf32" in " ".join(page.split())) == said


def test_says_where_memory_is_not_known() -> None:
    summary = resnet18()
    assert summary.memory is not None
    untrained = replace(summary, memory=replace(summary.memory, training=None))
    assert "training mode failed" in " ".join(plain_text(net_costs(costs(untrained))).split())
    unasked = plain_text(net_costs(costs(replace(summary, memory=None))))
    assert "was not asked for" in " ".join(unasked.split())


def test_folds_blocks_that_repeat_and_adds_up_their_time() -> None:
    priced = costs(resnet18(), CostSettings("h100"))
    rows = {each.name: each.estimate or 0 for each in priced.summary.modules}
    page = plain_text(net_costs(priced, 2))
    (line,) = (each for each in page.splitlines() if "2 × ResidualBlock" in each)
    assert time_text(rows["layer1.0"] + rows["layer1.1"]) in line


def test_writes_bytes_and_times_in_three_digits() -> None:
    assert [byte_text(size) for size in (0, 7, 2048, 3 << 19, 5 << 40)] == [
        "–",
        "7 B",
        "2 KiB",
        "1.5 MiB",
        "5,120 GiB",
    ]
    times = (0, 1e-10, 2.5e-6, 0.25)
    assert [time_text(each) for each in times] == ["–", "<0.01 µs", "2.5 µs", "250 ms"]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_drops_columns_that_do_not_fit_instead_of_cutting_numbers(width: int) -> None:
    page = plain_text(net_costs(costs(resnet18(), CostSettings("h100"))), width)
    lines = page.splitlines()
    (kinds,) = (place for place, line in enumerate(lines) if line.startswith("By kind"))
    assert max(map(len, lines)) <= width
    assert "FLOPs" in lines[kinds]
    assert "…" not in "".join(line[line.find("  ") :] for line in lines[kinds:])


def test_says_what_the_summary_says_of_its_numbers() -> None:
    warning = NetNote("softmax", "s", "The last operation is softmax (s).", "predictions")
    packed = NetNote("quantized", "q", "q is quantized.", "choosing-an-architecture")
    run = "on the CPU, with a batch of 2"
    noted = replace(resnet18(), note="Built on the CPU.", real_run=run, notes=(warning, packed))
    lines = [" ".join(line.split()) for line in plain_text(net_costs(costs(noted))).splitlines()]
    assert f"Real run {run}" in lines
    assert "Note Built on the CPU." in lines
    assert "Warning The last operation is softmax (s). Topic: predictions." in lines
    assert "Not counted q is quantized. Topic: choosing-an-architecture." in lines
