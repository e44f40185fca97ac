"""How the gradient fared through stacks of blocks: a frozen record without torch."""

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class GradientFlow:
    """One kind of stack, and the norm of the gradient at its input for each depth in blocks."""

    label: str
    depths: tuple[int, ...]
    norms: tuple[float, ...]

    @property
    def change(self) -> float | None:
        """The last norm over the first; None where either is zero or not finite."""
        first, last = self.norms[0], self.norms[-1]
        return last / first if 0 < first < math.inf and 0 < last < math.inf else None

    @property
    def factor_per_block(self) -> float | None:
        """What one block more multiplies the gradient by, on average; None for one depth."""
        blocks = self.depths[-1] - self.depths[0]
        return None if self.change is None or blocks == 0 else self.change ** (1 / blocks)

    def to_json(self) -> dict[str, Any]:
        """One arm of the document that ``cnn-lab gradients --json`` prints."""
        return {**asdict(self), "factor_per_block": self.factor_per_block}
