"""What a learning rate range test found; torch-free."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RateRange:
    """The smoothed training loss while the rate rises exponentially, one value per step.

    ``steepest`` is the rate at which the loss fell fastest, ``lowest`` that of the lowest loss,
    and ``diverged`` that from which it went up beyond its start; None where that never happened,
    or the loss never fell.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    steepest: float | None
    lowest: float | None
    diverged: float | None

    @property
    def suggestion(self) -> float | None:
        """A peak learning rate to begin with: where the loss falls fastest, in one digit."""
        return None if self.steepest is None else float(f"{self.steepest:.0e}")
