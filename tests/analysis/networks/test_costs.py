"""Estimates on a device: the roofline, memory in training, and what was measured here."""

import json
import shutil
from pathlib import Path

import pytest

from cnn_tui.analysis.networks import devices
from cnn_tui.analysis.networks.costs import CostSettings, NetCosts, costs, parse_settings
from cnn_tui.analysis.networks.devices import DEVICES, MeasuredPeak, find_device, remember
from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.errors import UsageError
from cnn_tui.nets.specs import parse


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(devices, "user_folder", lambda kind: tmp_path / kind)
    return tmp_path / "cache" / "peaks.json"


def on(net: str, *settings: object) -> NetCosts:
    summary = shipped_summary(parse(net))
    assert summary is not None
    return costs(summary, CostSettings(*settings))  # type: ignore[arg-type]


def test_a_layer_takes_the_longer_of_computing_and_fetching() -> None:
    priced = on("resnet18", "h100", "fp32", 32)
    conv, norm = priced.summary.layers[:2]
    assert (priced.bound(conv.work), priced.bound(norm.work)) == ("compute", "memory")
    assert conv.estimate == pytest.approx(32 * 2 * 118_013_952 / 67e12)
    assert norm.estimate == pytest.approx(4 * (2 * 32 * 64 * 112**2 + 4 * 64) / 3.35e12)


def test_a_container_takes_what_its_parts_take_and_what_it_does_itself() -> None:
    priced = on("resnet18", "h100", "fp32", 32)
    rows = {each.name: each for each in priced.summary.modules}
    block = rows["layer1.0"]
    parts = [each for name, each in rows.items() if name.startswith("layer1.0.")]
    adds_and_relus = 4 * 32 * (3 + 2 + 2) * 64 * 56**2 / 3.35e12
    assert block.estimate is not None
    assert block.estimate - sum(each.estimate or 0 for each in parts) == pytest.approx(
        adds_and_relus, rel=1e-3
    )
    assert priced.seconds > sum(each.estimate or 0 for each in priced.summary.layers)


def test_weights_are_fetched_once_a_batch_and_half_precision_halves_the_bytes() -> None:
    small, large = on("vgg16", "h100", "fp32", 1), on("vgg16", "h100", "bf16", 64)
    last = small.summary.layers[-1]
    assert small.bytes(last.work) == 4 * (4096 + 1000 + 4097 * 1000)
    assert large.bytes(last.work) == 2 * (64 * (4096 + 1000) + 4097 * 1000)


def test_training_holds_weights_gradients_optimizer_and_activations() -> None:
    priced = on("resnet18", None, "fp32", 8)
    weights = 4 * priced.summary.total_parameters
    held = priced.training_bytes()
    assert (held["weights"], held["gradients"]) == (weights, weights)
    assert held["inputs"] == 8 * 4 * 3 * 224**2
    assert priced.optimizer_bytes() == {
        "SGD": 0,
        "SGD with momentum": weights,
        "Adam, AdamW": 2 * weights,
    }


@pytest.mark.parametrize("net", ["lenet5", "resnet18"])
def test_training_holds_no_less_than_the_largest_moment_of_a_forward(net: str) -> None:
    priced = on(net, "h100", "fp32", 32)
    trained, answered = priced.training_bytes(), priced.inference_bytes()
    assert priced.summary.memory is not None
    assert priced.summary.memory.training is not None
    kept = priced.summary.memory.training.at(32)
    assert trained["activations"] == max(kept, answered["activations"] or 0)
    assert (kept < (answered["activations"] or 0)) == (net == "lenet5")


PUBLISHED: dict[str, tuple[float, float | None, float | None, float, int]] = {
    # Dense, with sums in float32: fp32, tf32, bf16, fp16 in TFLOP/s; GB/s.
    "h100": (67, 494.5, 989.5, 989.5, 3350),
    "h200": (67, 494.5, 989.5, 989.5, 4800),
    "a100": (19.5, 156, 312, 312, 2039),
    "v100": (15.7, None, None, 125, 900),
    "l4": (30.3, 60, 121, 121, 300),
    "l40s": (91.6, 183, 362, 362, 864),
    "t4": (8.1, None, None, 65, 320),
    "rtx4090": (82.6, 82.6, 165.2, 165.2, 1008),
    "rtx3090": (35.6, 35.6, 71, 71, 936),
}


def test_data_sheets_say_what_was_published() -> None:
    told = {
        name: (*(_in(device.peaks.get(each)) for each in PRECISIONS), device.bandwidth / 1e9)
        for name, device in DEVICES.items()
    }
    assert told == PUBLISHED
    for device in DEVICES.values():
        assert set(device.peaks) <= set(devices.WIDTHS)
        assert "NVIDIA" in device.source


PRECISIONS = ("fp32", "tf32", "bf16", "fp16")


def _in(rate: float | None) -> float | None:
    """TFLOP/s."""
    return None if rate is None else pytest.approx(rate / 1e12)


def test_this_machine_is_the_usual_device_once_it_was_measured(own_cache: Path) -> None:
    assert find_device().name == "H100 SXM"
    with pytest.raises(UsageError, match="has not been measured"):
        find_device("this-machine")
    assert remember(MeasuredPeak("this CPU", {"fp32": 1e11}, 2e10))
    assert find_device() == find_device("this-machine")
    assert find_device().ridge("fp32") == 5
    assert str(CostSettings()) == "this-machine,fp32,32"
    own_cache.write_text('{"version": 1, "machines": {"x": {"device": "y", "peaks": {}}}}')
    assert find_device().name == "H100 SXM"


RATES = '{"fp32": 1e11}'
GOOD = f'{{"device": "x", "peaks": {RATES}, "bandwidth": 1e10}}'


@pytest.mark.parametrize("machines", ["[]", "null", "3", '"x"', "[[]]", "{", "{}"])
def test_a_cache_of_something_else_holds_no_measurement(own_cache: Path, machines: str) -> None:
    own_cache.parent.mkdir()
    own_cache.write_text(f'{{"version": 1, "machines": {machines}}}')
    assert find_device().name == "H100 SXM"


@pytest.mark.parametrize(
    "damaged",
    [
        "[]",
        "null",
        '"x"',
        "1",
        "{}",
        GOOD.replace('"x"', "null"),
        GOOD.replace(RATES, "null"),
        GOOD.replace(RATES, "[]"),
        GOOD.replace(RATES, "{}"),
        GOOD.replace(RATES, '"fp32"'),
        GOOD.replace(RATES, '{"int3": 1e11}'),
        *(
            GOOD.replace(good, bad)
            for good in ("1e11", "1e10")
            for bad in (f"1{'0' * 400}", "NaN", "Infinity", "1e999", "0", "-1", "true", '"7"', "[]")
        ),
    ],
)
def test_a_damaged_measurement_is_left_out_and_the_others_stay(
    own_cache: Path, damaged: str
) -> None:
    own_cache.parent.mkdir()
    here = devices._machine()
    own_cache.write_text(f'{{"version": 1, "machines": {{"{here}": {damaged}, "other": {GOOD}}}}}')
    assert find_device().name == "H100 SXM"
    assert remember(MeasuredPeak("this CPU", {"fp32": 2e11}, 2e10))
    assert find_device().name == "this CPU"
    assert set(json.loads(own_cache.read_text())["machines"]) == {here, "other"}


def test_a_measurement_that_cannot_be_kept_is_no_error(own_cache: Path) -> None:
    own_cache.parent.mkdir()
    newer = '{"version": 2, "machines": {}}'
    own_cache.write_text(newer)
    assert not remember(MeasuredPeak("this CPU", {"fp32": 1e11}, 2e10))
    assert own_cache.read_text() == newer
    own_cache.unlink()
    own_cache.mkdir()
    assert not remember(MeasuredPeak("this CPU", {"fp32": 1e11}, 2e10))
    shutil.rmtree(own_cache.parent)
    own_cache.parent.write_text("a file in the folder's place")
    assert not remember(MeasuredPeak("this CPU", {"fp32": 1e11}, 2e10))


def test_a_line_names_device_precision_and_batch() -> None:
    assert parse_settings("A100, bf16, 64") == CostSettings("A100", "bf16", 64)
    assert parse_settings("t4") == CostSettings("t4")
    assert str(CostSettings()) == "h100,fp32,32"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("t4,bf16", "T4 has no bf16: choose fp32 or fp16"),
        ("abacus", "no device named 'abacus'"),
        ("h100,fp33", "did you mean fp32"),
        ("h100,fp32,0", "1 to"),
        ("h100,fp32,many", "such as a100,bf16,64"),
        ("h100,,1", "such as a100,bf16,64"),
    ],
)
def test_a_line_that_cannot_be_used_says_why(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_settings(line)


def test_what_does_nothing_takes_no_time() -> None:
    row = LayerSummary("drop", "Dropout", 0, True, (3,), 0, 0, None)
    idle = costs(NetSummary("n", "n", (3,), (3,), 0, 0, (row,)))
    assert idle.summary.modules[0].estimate == 0
    assert idle.intensity(row.work) is None
    assert idle.bound(row.work) is None
