"""EfficientNet's rule: depth, width and resolution grow together with one exponent φ."""

from cnn_tui.analysis.gradients import scaling
from cnn_tui.analysis.gradients.scaling import B0_STAGES, VARIANTS, CompoundScale
from cnn_tui.chapter.records import DemoContent, Say, Table
from cnn_tui.nets.catalogue import net_info


def compound_scaling(
    phi: float = 1.0, alpha: float = 1.2, beta: float = 1.1, gamma: float = 1.15
) -> DemoContent:
    """What ``phi`` asks for, the network that it makes of B0, and the published B0 to B7.

    The published networks follow the rule with the paper's α, β and γ, so their
    table stays as it is whatever the factors are here.
    """
    yours = scaling.compound_scaling(phi, alpha, beta, gamma)
    one_step = scaling.compound_scaling(1, alpha, beta, gamma).flops
    return DemoContent(
        blocks=(
            _factors(yours, alpha, beta, gamma),
            Say(f"α·β²·γ² = {one_step:.3f}: each step of φ multiplies the cost by that much."),
            _stages(yours),
            _published(),
            Say(
                "In parentheses: what the rule asks for with the paper's α, β and γ. Its authors "
                "publish factors and no φ: the φ here is inferred, the half step that comes "
                "nearest to width and pixels. They rounded the factors, and a stage's blocks are "
                "rounded up: each of B1's seven stages gets one block more, so that it costs more "
                "than that φ promises."
            ),
        ),
        figures={
            "cost": one_step,
            "depth": yours.depth,
            "width": yours.width,
            "pixels": yours.pixels,
            "flops": yours.flops,
            "b1_cost": _measured_cost(VARIANTS[1].name),
            "b1_rule": scaling.compound_scaling(VARIANTS[1].phi).flops,
            "b7_cost": _measured_cost(VARIANTS[-1].name),
            "b7_rule": scaling.compound_scaling(VARIANTS[-1].phi).flops,
        },
    )


def _factors(yours: CompoundScale, alpha: float, beta: float, gamma: float) -> Table:
    pixels = f"{yours.pixels}×{yours.pixels} pixels"
    return Table(
        f"φ = {yours.phi:g}",
        ("", "rule", "factor", "from B0 to yours"),
        (
            ("depth", f"α^φ = {alpha:g}^{yours.phi:g}", yours.depth, "blocks, see below"),
            ("width", f"β^φ = {beta:g}^{yours.phi:g}", yours.width, "channels, see below"),
            ("resolution", f"γ^φ = {gamma:g}^{yours.phi:g}", yours.resolution, pixels),
            ("cost", "(α·β²·γ²)^φ", yours.flops, f"2^φ = {2**yours.phi:.4g}"),
        ),
    )


def _stages(yours: CompoundScale) -> Table:
    rows = zip(B0_STAGES, scaling.scaled_stages(yours.width, yours.depth), strict=True)
    return Table(
        "MBConv stages: channels to multiples of 8, blocks rounded up",
        ("stage", "channels, B0", "yours", "blocks, B0", "yours"),
        tuple(
            (number, base.channels, mine.channels, base.blocks, mine.blocks)
            for number, (base, mine) in enumerate(rows, 1)
        ),
    )


def _published() -> Table:
    return Table(
        "The published networks",
        ("", "φ, inferred", "depth", "width", "pixels", "GMACs", "cost against B0"),
        tuple(_published_row(number) for number in range(len(VARIANTS))),
    )


def _published_row(number: int) -> tuple[str, str, str, str, str, str, str]:
    variant = VARIANTS[number]
    rule = scaling.compound_scaling(variant.phi)
    return (
        variant.title,
        f"{variant.phi:g}",
        f"{variant.depth:.1f} ({rule.depth:.2f})",
        f"{variant.width:.1f} ({rule.width:.2f})",
        f"{variant.pixels} ({rule.pixels})",
        f"{net_info(variant.name).macs / 1e9:.2f}",
        f"{_measured_cost(variant.name):.1f} ({rule.flops:.1f})",
    )


def _measured_cost(name: str) -> float:
    """Multiply-accumulates of one image, in units of B0's."""
    return net_info(name).macs / net_info(VARIANTS[0].name).macs
