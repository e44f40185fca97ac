"""EfficientNet's rule: depth, width and resolution grow together with one exponent φ."""

from cnn_tui.chapter.records import Say, Shown, Table


def compound_scaling(
    alpha: float = 1.2, beta: float = 1.1, gamma: float = 1.15, steps: int = 7
) -> Shown:
    """The three factors and the cost for every φ from 0 to ``steps``.

    A convolution's cost grows with depth, with width squared and with resolution
    squared (Tan and Le 2019, section 3.3).
    """
    cost = alpha * beta**2 * gamma**2
    return Shown(
        blocks=(
            Table(
                f"α = {alpha:g}, β = {beta:g}, γ = {gamma:g}",
                ("φ", "depth α^φ", "width β^φ", "resolution γ^φ", "FLOPs", "2^φ"),
                tuple(
                    (phi, alpha**phi, beta**phi, gamma**phi, cost**phi, 2**phi)
                    for phi in range(steps + 1)
                ),
            ),
            Say(f"α·β²·γ² = {cost:.3f}: each step of φ multiplies the cost by that much."),
        ),
        figures={"cost": cost, "cost_at_last_step": cost**steps},
    )
