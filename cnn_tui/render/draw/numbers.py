"""How the lab writes numbers: counts, shapes, shares, durations."""

from collections.abc import Sequence

EXACT_DECIMALS = 3
LARGEST_WRITTEN_OUT, SMALLEST_DECIMAL = 1e7, 5e-4
"""Outside of these, a map's number is written with a power of ten."""

SMALLEST_SHARE = 0.005
"""What is neither none nor all never reads so in whole percent."""

LARGEST_CLASS, LARGEST = "largest class", "largest"
"""What the accuracy of always naming it is called beside other accuracies, and in little room."""

UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def short_count(count: float, digits: int = 4) -> str:
    """A count in three or four digits: 15470264320 → ``15.47 G``."""
    for size, unit in UNITS:
        if count >= size:
            return (
                f"{count / size:.{digits}g} {unit}"
                if count < 1000 * size
                else f"{count / size:.0f} {unit}"
            )
    return f"{count:.{digits}g}"


def share_bar(part: float, whole: float, width: int) -> str:
    """A bar of ``width`` cells, filled in eighths of a cell to ``part / whole``, at most whole."""
    eighths = round(8 * width * min(part / whole, 1)) if whole else 0
    full, rest = divmod(eighths, 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


def cell_value(value: float, decimals: int = EXACT_DECIMALS) -> str:
    """A map's number in as few characters as it needs: 4, 3.75, -0.333, 2e-05.

    With fewer ``decimals`` it is rounded: 3.75 → ``3.8``, 2e-05 → ``0``.
    """
    size = abs(value)
    if size >= LARGEST_WRITTEN_OUT or (decimals == EXACT_DECIMALS and 0 < size < SMALLEST_DECIMAL):
        return f"{value:.3g}"
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if decimals else text
    return "0" if text == "-0" else text


def percent(share: float | None, digits: int = 1) -> str:
    """A share of 1 in percent: 0.9931 → ``99.3 %``; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def uneven_sentence(baseline: float | None, balanced: float | str | None) -> str:
    """What an accuracy is to be compared with where one class has most of the images."""
    told = balanced if isinstance(balanced, str) else percent(balanced)
    return f"Always naming the largest class: {percent(baseline)}; balanced accuracy: {told}."


def whole_percent(share: float) -> str:
    """In whole percent; what is neither none nor all never reads so."""
    if 0 < share < SMALLEST_SHARE:
        return "<1 %"
    return ">99 %" if 1 - SMALLEST_SHARE < share < 1 else f"{100 * share:.0f} %"


def duration(seconds: float) -> str:
    """Seconds as people say them: ``0.8 s``, ``42 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def clock(seconds: float) -> str:
    """Seconds in few characters: ``0:42``, ``3:05``, ``2:10:00``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def giga(rate: float) -> str:
    """Thousands of millions, in one decimal: 25,130,000,000 → ``25.1``."""
    return f"{rate / 1e9:,.1f}"


def milliseconds(seconds: float) -> str:
    """A layer's time in three digits: ``0.025 ms``, ``1.24 ms``, ``12.3 ms``, ``1,240 ms``."""
    thousandths = seconds * 1000
    decimals = next((d for limit, d in ((1, 3), (10, 2), (100, 1)) if thousandths < limit), 0)
    return f"{thousandths:,.{decimals}f} ms"


def mebibytes(numbers: int) -> str:
    """What so many float32 numbers take: 3,211,264 → ``12.2``; a dash for none."""
    size = numbers * 4 / 2**20
    if not numbers:
        return "–"
    if size < 0.005:
        return "<0.01"
    return f"{size:.2f}" if size < 1 else f"{size:,.1f}"


def gibibytes(size: int | None) -> str:
    """Memory in GiB: 25,769,803,776 → ``24.0 GiB``; a dash where nobody can tell."""
    return "–" if size is None else f"{size / 2**30:.1f} GiB"


def year_text(year: int | None) -> str:
    """The year of a network's paper; a dash where it has none."""
    return "–" if year is None else str(year)


def printable(text: str) -> str:
    """A name of the user's without the control characters that a terminal would obey."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "�" for c in text)


def size_text(size: Sequence[int]) -> str:
    """Height and width in few signs: (224, 224) → ``224²``, (28, 14) → ``28×14``."""
    if len(size) == 2 and size[0] == size[1]:
        return f"{size[0]}²"
    return "×".join(map(str, size))


def map_text(shape: Sequence[int]) -> str:
    """The shape of maps in few signs: (64, 224, 224) → ``64×224²``; others as they are."""
    if len(shape) == 3:
        return f"{shape[0]}×{size_text(shape[1:])}"
    return "×".join(map(str, shape))
