"""Whether the seconds that training reports of its epochs can be those that it took."""

from collections.abc import Sequence

from cnn_tui.grading.checks.numbers import written_apart
from cnn_tui.grading.checks.testing import expect


def expect_seconds(seconds: Sequence[float], took: float) -> None:
    """Fail unless each epoch took some time, and all of them no longer than ``took`` together."""
    least, together = min(seconds), sum(seconds)
    expect(
        least > 0,
        f"seconds: every epoch takes some time, but one in your history takes {least:.3g} s. "
        "Subtract the time before its first step from that after its last, and do not round.",
    )
    # An epoch whose clock starts before the first one takes no longer than train() did.
    way = "Start the clock again in each epoch."
    if together > len(seconds) * took:
        way = "Subtract the time at which an epoch starts from that at which it ends, in seconds."
    all_of_it, reported = written_apart(took, together, 3)
    expect(
        together <= took,
        f"seconds: your epochs took {reported} s together, but all of train() took only "
        f"{all_of_it} s. {way}",
    )
