"""The lab shows what a layer of a trained or fresh network does with an image."""

import math

import pytest
import torch
from torch import nn

from cnn_tui.analysis.activations.capture import activations, layer_output
from cnn_tui.analysis.trained import load_trained
from cnn_tui.data.preparation import digits
from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.workspace import Workspace
from tests.trained_runs import make_checkpoint


def hooked(net: nn.Module, layer: str, inputs: torch.Tensor) -> torch.Tensor:
    """The layer's output, caught by hand."""
    caught = []
    hook = net.get_submodule(layer).register_forward_hook(lambda *a: caught.append(a[2].clone()))
    with torch.no_grad():
        net(inputs)
    hook.remove()
    return caught[0]


def test_gives_a_layers_output_as_a_hook_catches_it() -> None:
    net = build("cifar10net").eval()
    image = torch.randn(1, 3, 8, 8)
    expected = hooked(net, "block3.0.1", image)
    assert torch.equal(layer_output(net, "block3.0.1", image), expected[0])
    with pytest.raises(UsageError, match="did you mean block3"):
        layer_output(net, "block33", image)


def test_shows_the_maps_of_a_trained_run(workspace: Workspace) -> None:
    run, net = make_checkpoint(workspace)
    seen = activations("run:mine", "conv2", workspace=workspace.root)
    prepare = load_trained(workspace, "mine").prepare
    expected = hooked(net, "conv2", prepare(digits.prepared().test.images[0]))[0]
    assert (seen.net, seen.source) == ("lenet5", f"run {run.run}")
    assert seen.image.title.startswith("digits#0")
    assert (seen.layer, seen.type, seen.output_shape) == ("conv2", "Conv2d", (16, 8, 8))
    assert (seen.height, seen.width, len(seen.maps)) == (8, 8, 16)
    for shown, channel in zip(seen.maps, expected, strict=True):
        assert shown.low == pytest.approx(channel.min().item())
        assert shown.high == pytest.approx(channel.max().item())
        assert shown.pixels[int(channel.argmax())] == 255
        assert shown.pixels[int(channel.argmin())] == 0


def test_lists_the_layers_where_none_is_asked_for() -> None:
    seen = activations("lenet5")
    assert seen.layer == ""
    assert seen.maps == ()
    shapes = {each.name: each.output_shape for each in seen.layer_shapes}
    assert shapes["conv1"] == (6, 24, 24)
    assert shapes["fc3"] == (10,)
    assert seen.layers == tuple(shapes)
    assert seen.source == "fresh weights, seed 0"
    assert (seen.image.height, seen.image.width) == (8, 8)


def test_draws_the_same_fresh_weights_from_the_same_seed_only() -> None:
    torch.manual_seed(1)
    first = activations("lenet5", "conv1", seed=7)
    drawn = torch.rand(1)
    assert activations("lenet5", "conv1", seed=7) == first
    assert activations("lenet5", "conv1", seed=8).maps != first.maps
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), drawn)


def test_shows_as_many_maps_as_asked_for_from_a_channel_on() -> None:
    seen = activations("cifar10net", "block2.0", channel=126, most_maps=5, image_size=8)
    assert [each.channel for each in seen.maps] == [126, 127]
    assert (seen.channels, seen.channel) == (128, 126)
    assert len(activations("cifar10net", "block2.0", most_maps=5, image_size=8).maps) == 5


def test_shows_batch_norm_on_a_batch_of_the_images_data_set() -> None:
    seen = activations("cifar10net", "block1.1", channel=3, image_size=16)
    before, training, evaluation = seen.histograms
    assert sum(before.counts) == 64 * 16 * 16
    assert training.mean == pytest.approx(0, abs=1e-4)
    assert training.std == pytest.approx(1, abs=1e-2)
    # Fresh running statistics are mean 0 and variance 1: nothing changes.
    assert evaluation.std == pytest.approx(before.std, rel=1e-4)
    assert "this image and 63 of its data set" in seen.notes[-1]
    assert "γ = 1 and β = 0, running mean 0" in seen.notes[-1]
    assert seen.maps[0].channel == 3


def test_shows_what_a_batch_of_one_image_is_where_there_are_no_others(tmp_path) -> None:
    from PIL import Image

    Image.effect_noise((40, 32), 80).save(tmp_path / "noise.png")
    seen = activations("cifar10net", "block1.1", image=str(tmp_path / "noise.png"), image_size=8)
    assert sum(seen.histograms[0].counts) == 8 * 8
    assert "this image alone" in seen.notes[-1]
    assert "Of its longer side, only the middle is used." in seen.notes


def test_shows_dropout_masks_of_the_trained_p(workspace: Workspace) -> None:
    make_checkpoint(workspace, "cifar10net", dropout=0.25)
    seen = activations("run:last", "dropout", workspace=workspace.root)
    assert seen.masks is not None
    assert (seen.masks.p, seen.masks.values) == (0.25, 512)
    assert seen.masks.scale == pytest.approx(4 / 3)
    assert seen.masks.kept == pytest.approx(0.75, abs=0.06)
    assert seen.histograms == ()


def test_names_the_maps_of_a_run_that_diverged(workspace: Workspace) -> None:
    run, net = make_checkpoint(workspace)
    with torch.no_grad():
        net.conv1.weight[0] = math.nan
    Checkpoints(run.checkpoints).save_best(net, 1)
    seen = activations("run:last", "conv1", workspace=workspace.root)
    assert [each.odd for each in seen.maps] == [24 * 24, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"net": "lenet6"}, "did you mean lenet5"),
        ({"net": "lenet5", "layer": "conv3"}, "There is no layer named 'conv3'"),
        ({"net": "lenet5", "layer": "conv1", "channel": 6}, "#0 to #5: there is no #6"),
        ({"net": "lenet5", "layer": "conv1:2"}, "does not run"),
        ({"net": "lenet5", "image": "digits#9999"}, "there is no #9999"),
        ({"net": "lenet5", "image_size": 3}, "smallest size that works"),
        ({"net": "cifar10net", "image_size": 5000}, "640 is the most"),
        ({"net": "run:last", "image_size": 32}, "a run keeps the size"),
    ],
)
def test_answers_wrong_use_with_a_sentence(words: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        activations(**words)
