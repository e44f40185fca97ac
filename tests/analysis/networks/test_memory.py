"""What activations take, against forwards with numbers."""

import gc
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from cnn_tui.analysis.networks.input_tensors import InputTensors
from cnn_tui.analysis.networks.memory import memory_use, peak_bytes, saved_bytes
from cnn_tui.analysis.networks.modules import summarize_instance
from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.analysis.networks.work_records import BytesAtBatch
from cnn_tui.nets.build import build
from cnn_tui.nets.specs import parse

FLOAT = 4


def images(batch: int) -> InputTensors:
    return given(torch.zeros(batch, 3, 8, 8))


def given(*tensors: Tensor) -> InputTensors:
    return InputTensors(tensors, {})


def small() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1), nn.Flatten()
    )


class NeedsTargets(nn.Linear):
    """Its training returns a loss, as that of a detector does."""

    def forward(self, input: Tensor, targets: Tensor | None = None) -> Tensor:
        if self.training:
            assert targets is not None
        return super().forward(input)


def test_training_keeps_what_the_backward_pass_needs() -> None:
    use = memory_use(small(), images)
    map_bytes = 4 * 8 * 8 * FLOAT
    assert use.training is not None
    assert (use.training.per_image, use.training.fixed) == (map_bytes, 0)  # ReLU's output alone
    assert use.inputs.at(5) == 5 * 3 * 8 * 8 * FLOAT


def test_inference_holds_what_a_forward_without_gradients_has_not_freed_yet() -> None:
    use = memory_use(small(), images)
    assert use.inference is not None
    assert use.inference.at(1) == 2 * 4 * 8 * 8 * FLOAT  # a convolution's output, and ReLU's


def test_a_network_is_left_as_it_was() -> None:
    net = nn.Sequential(nn.BatchNorm2d(3), nn.Dropout()).eval()
    before = torch.random.get_rng_state()
    memory_use(net, lambda batch: given(torch.zeros(batch, 3, 2, 2)))
    assert not net.training
    assert int(net[0].num_batches_tracked) == 0
    assert torch.equal(torch.random.get_rng_state(), before)


def test_what_cannot_be_trained_on_its_input_alone_has_no_training_memory() -> None:
    use = memory_use(NeedsTargets(8, 4), images)
    assert use.training is None
    assert use.inference == BytesAtBatch(3 * 8 * 4 * FLOAT, 0)


def test_nobody_waits_for_memory_that_was_not_asked_for() -> None:
    assert summarize_instance(small(), (3, 8, 8)).memory is None


@pytest.mark.slow
def test_a_summary_has_the_memory_of_a_network_of_ones_own() -> None:
    memory = summarize_instance(small(), (3, 8, 8), memory=True).memory
    assert memory == memory_use(small(), images)


def test_a_forward_of_one_batch_size_is_measured_at_that() -> None:
    use = memory_use(small(), images, only=4)
    assert use.training is not None
    assert (use.training.per_image, use.training.fixed) == (4 * 8 * 8 * FLOAT, 0)


@pytest.mark.slow
def test_attention_is_fused_without_numbers_as_it_is_with_them() -> None:
    class Attention(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return scaled_dot_product_attention(x, x, x)

    def kept(device: str) -> int:
        return saved_bytes(
            Attention(), given(torch.rand(2, 2, 64, 8, device=device, requires_grad=True))
        )

    use = memory_use(Attention(), lambda batch: given(torch.empty(batch, 2, 64, 8, device="meta")))
    assert use.inference is not None
    assert use.inference.at(2) < 2 * 2 * 64 * 64 * FLOAT < kept("meta")  # scores are not there
    assert kept("cpu") < 2 * 2 * 64 * 64 * FLOAT


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lenet5", "simpleresnet", "resnet18", "vit_b_16", "densenet121"])
def test_saved_tensors_are_those_of_a_real_forward(name: str) -> None:
    info = parse(name).info
    shipped = shipped_summary(parse(name))
    assert shipped is not None
    assert shipped.memory is not None
    batch = torch.rand(4, info.in_channels, info.image_size, info.image_size)
    for known, measure in _known(shipped.memory):
        gc.collect()
        assert known.at(4) == pytest.approx(measure(build(name), given(batch)), rel=0.05)


def _known(memory) -> list[tuple]:  # type: ignore[no-untyped-def, type-arg]
    measures: tuple[Callable[..., int], ...] = (saved_bytes, peak_bytes)
    return list(zip((memory.training, memory.inference), measures, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mobilenet_v2", "swin_t", "convnext_tiny", "shufflenet_v2_x1_0"])
def test_saved_tensors_of_other_networks_are_those_of_a_real_forward(name: str) -> None:
    import torchvision

    net = torchvision.models.get_model(name)
    memory = summarize_instance(net, (3, 96, 96), memory=True).memory
    assert memory is not None
    for known, measure in _known(memory):
        assert known.at(5) == pytest.approx(measure(net, given(torch.rand(5, 3, 96, 96))), rel=0.05)
