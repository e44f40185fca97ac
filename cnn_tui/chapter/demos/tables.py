"""From tensors to the plain numbers that records hold."""

from torch import Tensor


def rows_of(matrix: Tensor) -> tuple[tuple[float, ...], ...]:
    """The numbers of a tensor (H, W), row by row."""
    return tuple(tuple(row) for row in matrix.tolist())


def shape_of(tensor: Tensor) -> str:
    """A tensor's shape as text: ``2 × 512 × 7 × 7``."""
    return " × ".join(str(size) for size in tensor.shape)
