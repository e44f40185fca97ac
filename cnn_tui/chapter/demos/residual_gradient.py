"""How much of the gradient reaches the input through a deep stack, with and without the skip."""

import math
from collections.abc import Sequence

from cnn_tui.analysis.gradients.depths import doubling
from cnn_tui.analysis.gradients.flow import ARMS, gradient_flow
from cnn_tui.chapter.demos.shared import short
from cnn_tui.chapter.records import DemoContent, Plot, PlotCurve, Say, Table


def residual_gradient(
    depth: int = 32, batchnorm: bool = False, initialization: str = "default", seed: int = 0
) -> DemoContent:
    """The norm of the gradient at the input when one of norm 1 comes in at the output.

    Both stacks of a row start from the same weights; only the skip differs.
    """
    plain, residual = gradient_flow(
        doubling(1, depth),
        seed=seed,
        initialization=initialization,
        arms=[arm for arm in ARMS if arm.batch_norm == batchnorm],
    )
    rows = tuple(zip(plain.depths, plain.norms, residual.norms, strict=True))
    return DemoContent(
        blocks=(
            *_curves(rows),
            Table(
                "Gradient norm at the input, for 1 at the output",
                ("blocks", "plain: F(x)", "residual: F(x) + x"),
                rows,
            ),
            Say(
                f"{_arrives(depth, plain.norms[-1], residual.norms[-1])} Near 1 is healthy; many "
                "powers of ten below or above is not."
            ),
        ),
        figures={
            f"{kind}_{blocks}": norm
            for blocks, *norms in rows
            for kind, norm in zip(("plain", "residual"), norms, strict=True)
        },
    )


def _curves(rows: Sequence[tuple[int, float, float]]) -> tuple[Plot, ...]:
    """Norm against depth: a straight line is one factor per block. None for a single depth."""
    depths, *norms = (tuple(map(float, column)) for column in zip(*rows, strict=True))
    if len(depths) == 1:
        return ()
    names = ("plain", "residual")
    curves = tuple(PlotCurve(name, depths, each) for name, each in zip(names, norms, strict=True))
    return (Plot("Gradient norm at the input", "blocks", curves, log_y=True),)


def _arrives(depth: int, plain: float, residual: float) -> str:
    """What is left behind the deepest stacks, and which of both keeps it nearer to 1."""
    blocks = "1 block" if depth == 1 else f"{depth} blocks"
    nearer = "residual" if _powers_of_ten(residual) < _powers_of_ten(plain) else "plain"
    return (
        f"Through {blocks}, {short(plain)} arrives in the plain stack and {short(residual)} in "
        f"the residual one: the {nearer} stack keeps it nearer to 1."
    )


def _powers_of_ten(norm: float) -> float:
    """How many of them lie between ``norm`` and 1."""
    return abs(math.log10(norm)) if norm else math.inf
