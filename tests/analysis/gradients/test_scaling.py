"""Compound scaling: the rule, its rounding, and the networks that were built by it."""

import pytest
import torch
from torch import nn

from cnn_tui.analysis.gradients.scaling import (
    VARIANTS,
    Variant,
    compound_scaling,
    round_blocks,
    round_channels,
    scaled_stages,
)
from cnn_tui.nets.catalogue import net_info

B0_STEM = 32
LAST_CHANNELS_PER_CHANNEL = 4
"""The 1×1 convolution before the global average widens the last stage by this."""

every_variant = pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.title)


@pytest.mark.parametrize(
    ("phi", "depth", "width", "resolution", "pixels", "flops"),
    [(0, 1, 1, 1, 224, 1), (1, 1.2, 1.1, 1.15, 258, 1.92), (2.5, 1.58, 1.27, 1.42, 318, 5.11)],
)
def test_scales_depth_width_and_resolution_together(phi, depth, width, resolution, pixels, flops):
    scale = compound_scaling(phi)
    assert scale.depth == pytest.approx(depth, abs=0.005)
    assert scale.width == pytest.approx(width, abs=0.005)
    assert scale.resolution == pytest.approx(resolution, abs=0.005)
    assert scale.pixels == pixels
    assert scale.flops == pytest.approx(flops, abs=0.005)


def test_takes_factors_of_ones_own():
    scale = compound_scaling(3, alpha=2, beta=1, gamma=1, base_resolution=32)
    assert (scale.depth, scale.width, scale.pixels, scale.flops) == (8, 1, 32, 8)


@pytest.mark.parametrize(
    ("channels", "rounded"), [(32, 32), (35.2, 32), (36, 40), (3, 8), (17.7, 16), (17.8, 24)]
)
def test_rounds_channels_to_eights_but_never_far_down(channels, rounded):
    assert round_channels(channels) == rounded


@pytest.mark.parametrize(("blocks", "rounded"), [(1.0, 1), (1.1, 2), (6.6, 7), (6.2, 7)])
def test_rounds_the_number_of_blocks_up(blocks, rounded):
    assert round_blocks(blocks) == rounded


@pytest.mark.slow
@every_variant
def test_rounds_as_the_published_networks_are_rounded(variant: Variant):
    from torchvision import models

    with torch.device("meta"):
        net: nn.Module = getattr(models, variant.name)(weights=None)
    stem, *stages, head = net.features
    expected = scaled_stages(variant.width, variant.depth)
    assert stem[0].out_channels == round_channels(B0_STEM * variant.width)
    assert [len(stage) for stage in stages] == [each.blocks for each in expected]
    assert [_channels(stage) for stage in stages] == [each.channels for each in expected]
    assert head[0].out_channels == LAST_CHANNELS_PER_CHANNEL * expected[-1].channels


def _channels(stage: nn.Module) -> int:
    convolutions = [layer for layer in stage.modules() if isinstance(layer, nn.Conv2d)]
    return convolutions[-1].out_channels


@every_variant
def test_places_each_published_network_at_the_nearest_half_step(variant: Variant):
    def distance(phi: float) -> float:
        rule = compound_scaling(phi)
        return abs(rule.width / variant.width - 1) + abs(rule.pixels / variant.pixels - 1)

    assert min((step / 2 for step in range(17)), key=distance) == variant.phi
    rule = compound_scaling(variant.phi)
    assert rule.width == pytest.approx(variant.width, rel=0.05)
    assert rule.pixels == pytest.approx(variant.pixels, rel=0.04)
    assert rule.depth == pytest.approx(variant.depth, rel=0.16)


@every_variant
def test_foretells_the_measured_cost_but_for_what_rounding_up_adds(variant: Variant):
    base, info = net_info(VARIANTS[0].name), net_info(variant.name)
    assert info.image_size == variant.pixels
    measured = info.macs / base.macs
    unrounded = variant.depth * variant.width**2 * (variant.pixels / base.image_size) ** 2
    assert unrounded <= measured <= 1.45 * unrounded
    assert 0.98 <= measured / compound_scaling(variant.phi).flops <= 1.35
