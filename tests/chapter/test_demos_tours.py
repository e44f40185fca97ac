"""The numbers of the tours: LeNet-5, AlexNet, CIFAR10Net and the residual block."""

import pytest
import torch

from cnn_tui.chapter.records import Table, Tiles
from cnn_tui.chapter.run import run_demo
from cnn_tui.errors import UsageError
from cnn_tui.nets.blocks import ResidualBlock
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import net_info


def tables(name, **parameters):
    blocks = run_demo(name, **parameters).blocks
    return [each.rows for each in blocks if isinstance(each, Table)]


def pictures(name, **parameters):
    blocks = run_demo(name, **parameters).blocks
    return [each for each in blocks if isinstance(each, Tiles)]


def on_meta(make, *arguments, **options):
    with torch.device("meta"):
        return sum(each.numel() for each in make(*arguments, **options).parameters())


def test_counts_lenet5s_layers_as_the_chapter_does():
    figures = run_demo("lenet5-tour").figures
    counts = [figures[name] for name in ("conv1", "conv2", "fc1", "fc2", "fc3", "parameters")]
    assert counts == [156, 2_416, 30_840, 10_164, 850, 44_426]
    assert figures["fully_connected_percent"] == pytest.approx(100 * 41_854 / 44_426, abs=0.05)


def test_follows_the_shapes_and_the_view_of_lenet5():
    stages, _ = tables("lenet5-tour")
    assert [row[1] for row in stages[:5]] == ["6×24×24", "6×12×12", "16×8×8", "16×4×4", "120"]
    assert [row[2] for row in stages[:5]] == ["5×5", "6×6", "14×14", "16×16", "the whole image"]


def test_counts_the_60_000_parameters_of_1998():
    _, beside = tables("lenet5-tour", image_size=32, activation="tanh")
    assert beside[-1][1:] == (60_000, 61_706)
    assert {row[0]: row[1] for row in beside}["C3, convolution"] == 1_516
    assert [row[1] - row[2] for row in beside if row[0][:2] in ("C1", "C5", "F6")] == [0, 0, 0]


def test_draws_the_image_that_goes_through_lenet5():
    first, other = (pictures("lenet5-tour", image=image)[0] for image in ("digits#0", "digits#1"))
    assert first.picture.pixels != other.picture.pixels
    assert (first.picture.height, first.picture.width, first.side) == (24, 48, 12)
    assert first.labels == ("image", "#0", "#1", "#2", "#3", "#4", "#5")
    assert pictures("lenet5-tour", seed=1)[1] != pictures("lenet5-tour", seed=2)[1]


def test_shrinks_a_larger_image_before_it_enters_lenet5(tmp_path):
    from PIL import Image

    path = tmp_path / "wide.png"
    Image.new("RGB", (90, 40), (255, 0, 0)).save(path)
    assert pictures("lenet5-tour", image=str(path))[0].picture.title.startswith("wide.png")


def test_counts_the_three_alexnets():
    from torchvision.models import alexnet

    figures = run_demo("alexnet-tour").figures
    assert figures["parameters"] == net_info("alexnet").parameters == 62_378_344
    assert figures["torchvision_parameters"] == on_meta(alexnet) == 61_100_840
    assert figures["grouped_parameters"] == 60_965_224
    assert figures["first_fc_parameters"] == 9_216 * 4_096 + 4_096


def test_works_out_alexnets_sizes_by_the_formula():
    sizes, layers, _ = tables("alexnet-tour", image_size=227, padding=0)
    assert [row[2:] for row in sizes] == [
        ("54.25", 54, 26, 12, 5),
        ("55.25", 55, 27, 13, 6),
        ("55", 55, 27, 13, 6),
        ("55", 55, 27, 13, 6),
    ]
    assert layers[-1][2] == 62_378_344


@pytest.mark.parametrize(("padding", "image_size"), [(0, 67), (2, 63), (5, 57)])
def test_takes_alexnet_apart_down_to_the_smallest_image(padding, image_size):
    figures = run_demo("alexnet-tour", padding=padding, image_size=image_size).figures
    assert (figures["first_side"], figures["last_side"]) == (15, 1)
    if image_size > 57:
        with pytest.raises(UsageError, match=f"give an image_size of {image_size} or more"):
            run_demo("alexnet-tour", padding=padding, image_size=image_size - 1)


@pytest.mark.parametrize("shape", [(64, 128, 2), (64, 64, 1), (32, 32, 2), (3, 5, 1)])
def test_counts_a_residual_block_with_and_without_projection(shape):
    in_channels, out_channels, stride = shape
    parameters = {"in_channels": in_channels, "out_channels": out_channels, "stride": stride}
    figures = run_demo("residual-block", **parameters).figures
    assert figures["parameters"] == on_meta(ResidualBlock, *shape)
    needs_projection = in_channels != out_channels or stride != 1
    projection = (in_channels + 2) * out_channels
    assert figures["skip_parameters"] == (projection if needs_projection else 0)


def test_tells_when_the_skip_is_free():
    _, kinds, _ = tables("residual-block", in_channels=16, size=8)
    assert [(row[0], row[1], row[3]) for row in kinds] == [
        ("16 → 16", 1, "free"),
        ("16 → 16", 2, "conv 1×1, BN"),
        ("16 → 32", 1, "conv 1×1, BN"),
        ("16 → 32", 2, "conv 1×1, BN"),
    ]


def test_measures_that_zero_weights_leave_the_relu_of_the_input():
    figures = run_demo("residual-block", seed=7).figures
    assert figures["identity_difference"] == 0
    assert figures["projection_difference"] == 0
    assert figures["plain_difference"] == 0


def test_would_notice_a_block_whose_weights_are_not_zero(monkeypatch):
    monkeypatch.setattr(
        "cnn_tui.chapter.demos.residual_block._without_weights", lambda block: block
    )
    figures = run_demo("residual-block").figures
    differences = ("identity_difference", "projection_difference", "plain_difference")
    assert min(figures[name] for name in differences) > 0.1


@pytest.mark.parametrize("batch_norm", [True, False])
def test_counts_the_parts_of_cifar10net(batch_norm):
    figures = run_demo("cifar10net", batch_norm=batch_norm).figures
    other = figures["other_parameters"]
    assert figures["parameters"] == on_meta(build, "cifar10net", batch_norm=batch_norm)
    assert other == on_meta(build, "cifar10net", batch_norm=not batch_norm)
    parts = ("conv_parameters", "batch_norm_parameters", "linear_parameters")
    assert sum(figures[name] for name in parts) == figures["parameters"]
    assert figures["million_macs"] == pytest.approx(net_info("cifar10net").macs / 1e6)


def test_tells_cifar10net_as_the_chapter_does():
    figures = run_demo("cifar10net").figures
    assert figures["parameters"] == 4_507_722
    assert figures["flattened_parameters"] == 81_930
    assert figures["last_two_percent"] == pytest.approx(78.6)


def test_shares_out_all_of_cifar10nets_parameters_and_multiplications():
    layers, *_ = tables("cifar10net", width=8, image_size=16)
    *parts, together = layers
    assert sum(row[2] for row in parts) == together[2]
    assert sum(row[3] for row in parts) == pytest.approx(100, abs=0.5)
    assert sum(row[5] for row in parts) == pytest.approx(100, abs=0.5)
