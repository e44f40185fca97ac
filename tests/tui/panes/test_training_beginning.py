"""What the Training pane says before there is any run."""

import pytest

from cnn_tui.training.studies.catalogue import STUDIES
from cnn_tui.tui.panes.training.beginning import Beginning


@pytest.mark.parametrize("size", [(40, 16), (46, 20), (80, 36), (150, 46)])
def test_shows_as_much_as_there_is_room_for_and_cuts_nothing(size: tuple[int, int]) -> None:
    width, height = size
    lines = Beginning(has_workspace=False).text(width, height).plain.splitlines()
    assert len(lines) <= height
    assert max(map(len, lines)) <= min(width, 90)
    assert 2 * len(lines) > min(height, 30)


def test_offers_the_experiments_and_says_which_data_sets_are_here() -> None:
    said = Beginning().text(90, 46, data={"mnist"}).plain
    assert said.startswith("No runs yet.")
    assert all(study.question in said for study in STUDIES)
    assert "28×28): here" in said and "163 MiB to download" in said
    assert "Press n to create one." in Beginning(has_workspace=False).text(90, 46).plain
