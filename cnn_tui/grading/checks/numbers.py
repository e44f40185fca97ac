"""What is said of two numbers, or of two tensors, that differ."""

from torch import Tensor

FEWEST_DIGITS, MOST_DIGITS = 4, 17
"""17 significant digits write each float64 differently."""
MOST_DECIMALS = 15
"""Of a percentage."""
FEWEST_VALUES = 3
"""Of fewer, some factor or distance fits too easily."""

MOST_ROUNDED = 4
"""Decimals that are looked for."""
EXACT = 1e-9
ROUNDING = 1e-6
"""Where many values are close together, any others like them would be near them in order."""


def digits_apart(wanted: float, got: float, digits: int = FEWEST_DIGITS) -> int:
    """The fewest significant digits, from ``digits`` on, that tell both numbers apart."""
    if wanted != got:
        for more in range(digits, MOST_DIGITS):
            if f"{wanted:.{more}g}" != f"{got:.{more}g}":
                return more
        return MOST_DIGITS
    return digits


def written_apart(wanted: float, got: float, digits: int = FEWEST_DIGITS) -> tuple[str, str]:
    """Both numbers, with as many digits as it takes to see that they differ."""
    enough = digits_apart(wanted, got, digits)
    return f"{wanted:.{enough}g}", f"{got:.{enough}g}"


def percent_apart(wanted: float, got: float, digits: int = 0) -> tuple[str, str]:
    """Both shares as percentages, with as many decimals as it takes to see that they differ."""
    for more in range(digits, MOST_DECIMALS):
        written = f"{wanted:.{more}%}", f"{got:.{more}%}"
        if wanted == got or written[0] != written[1]:
            return written
    return f"{wanted:.{MOST_DECIMALS}%}", f"{got:.{MOST_DECIMALS}%}"


def relation(got: Tensor, wanted: Tensor, rtol: float, atol: float) -> str:
    """How all values of ``got`` follow from those wanted, as a sentence; "" where no way is seen.

    Each is measured to the tolerance of the comparison itself.
    """
    ours, theirs = wanted.double().flatten(), got.double().flatten()
    if len(ours) < 2 or bool((ours == ours[0]).all()):
        return ""
    if bool((theirs == theirs[0]).all()):
        return f"Yours are all {float(theirs[0]):.4g}."

    def near(guess: Tensor) -> bool:
        return bool(((theirs - guess).abs() <= atol + rtol * guess.abs()).all())

    distances = theirs - ours
    if len(set(ours.tolist())) >= FEWEST_VALUES:
        largest = int(ours.abs().argmax())
        factor = theirs[largest] / ours[largest]
        if near(factor * ours):
            return f"Yours are the expected ones times {written_apart(1.0, float(factor))[1]}."
        if near(ours + distances.mean()):
            return f"Yours are the expected ones plus {float(distances.mean()):.4g}."
        for decimals in range(MOST_ROUNDED + 1):
            rounded = ours.round(decimals=decimals)
            if bool(((theirs - rounded).abs() <= ROUNDING * rounded.abs() + EXACT).all()):
                return f"Yours are the expected ones rounded to {_decimals(decimals)}."
        apart = (theirs.sort().values - ours.sort().values).abs()
        if bool((apart <= ROUNDING * ours.abs().max()).all()):
            return "Yours are the expected ones in another order."
    return ""


def _decimals(count: int) -> str:
    return f"{count} decimal{'s' * (count != 1)}" if count else "whole numbers"
