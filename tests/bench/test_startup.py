"""What the first paint is waited for is what the app shows first."""

from cnn_tui.bench.startup import LAB_MARKERS
from cnn_tui.chapter.catalogue import topics


def test_waits_for_words_of_the_first_page() -> None:
    _, of_the_page, _ = LAB_MARKERS
    first, *_ = (line for line in topics()[0].text.splitlines() if of_the_page in line)
    assert first == topics()[0].text.splitlines()[0], "where every terminal shows it"
