"""How curves are looked at: axes, panels and zoom, all as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_tui.errors import UsageError
from cnn_tui.render.draw.view import ALL_PANELS, PANEL_SETS, AxisWindow, View, view_of
from cnn_tui.render.runs.panels import PANELS

EPOCHS = (0.0, 8.0)


def test_steps_through_axes_panels_and_smoothing_and_comes_back() -> None:
    view = View()
    for following in (View.next_axis, View.next_panels, View.next_smoothing):
        seen = [view]
        while (new := following(seen[-1])) not in seen:
            seen.append(new)
        assert new == view
        assert len(seen) >= 3
    assert view.toggled_log().toggled_log() == view


def test_has_a_set_for_every_panel() -> None:
    assert tuple(panel.key for panel in PANELS) == ALL_PANELS
    assert {key for keys in PANEL_SETS for key in keys} == set(ALL_PANELS)


def test_zooms_to_the_end_of_a_run_and_follows_it() -> None:
    view = View().zoomed_in(EPOCHS)
    assert view.shown(EPOCHS) == (4.0, 8.0)
    assert view.shown((0.0, 10.0)) == (6.0, 10.0)
    assert view.zoomed_in(EPOCHS).shown(EPOCHS) == (6.0, 8.0)


def test_zooms_to_the_middle_of_a_part_and_back() -> None:
    part = View(window=AxisWindow(2.0, 6.0))
    assert part.zoomed_in(EPOCHS).shown(EPOCHS) == (3.0, 5.0)
    assert part.zoomed_in(EPOCHS).zoomed_out(EPOCHS).shown(EPOCHS) == (2.0, 6.0)
    assert part.zoomed_out(EPOCHS) == View()


def test_moves_by_half_a_window_up_to_the_ends() -> None:
    part = View(window=AxisWindow(2.0, 4.0))
    assert part.moved_right(EPOCHS).shown(EPOCHS) == (3.0, 5.0)
    assert part.moved_left(EPOCHS).moved_left(EPOCHS).moved_left(EPOCHS).shown(EPOCHS) == (0, 2)
    right = part
    for _ in range(9):
        right = right.moved_right(EPOCHS)
    assert right.shown(EPOCHS) == (6.0, 8.0)
    assert right.shown((0.0, 9.0)) == (7.0, 9.0)
    assert View().moved_left(EPOCHS) == View()


def test_shows_all_of_another_axis() -> None:
    assert View().zoomed_in(EPOCHS).next_axis().window is None


@pytest.mark.parametrize("key", ["zoomed_out", "moved_left", "moved_right"])
def test_a_window_beyond_a_shorter_run_shows_all_of_it(key: str) -> None:
    part = View(window=AxisWindow(2.0, 6.0))
    assert getattr(part, key)((0.0, 1.5)) == View()


@given(
    st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).map(lambda ends: tuple(sorted(ends))),
    st.lists(st.sampled_from(("zoomed_in", "zoomed_out", "moved_left", "moved_right"))),
)
def test_never_leaves_the_data(extent: tuple[float, float], keys: list[str]) -> None:
    view = View()
    for key in keys:
        view = getattr(view, key)(extent)
        low, high = view.shown(extent)
        assert extent[0] <= low <= high <= extent[1]
        assert low < high or extent[0] == extent[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"axis": "week"}, "There is no axis named 'week'"),
        ({"panels": ["los"]}, "did you mean loss?"),
        ({"panels": ["loss"], "all_panels": True}, "not both"),
        ({"smoothing": 1.0}, "The smoothing must be a number from 0 to below 1, not 1"),
        ({"smoothing": float("nan")}, "smoothing"),
        ({"low": 3.0, "high": 2.0}, "The start 3 must lie before the end 2"),
        ({"low": float("nan")}, "The start"),
        ({"last": 0.0}, "the end to show must be a number above 0"),
        ({"last": float("inf")}, "the end to show"),
        ({"last": 2.0, "low": 1.0}, "not both"),
    ],
)
def test_names_the_option_that_cannot_be_used(options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        view_of(**options)  # type: ignore[arg-type]


def test_understands_what_the_command_line_asks_for() -> None:
    assert view_of() == View()
    assert view_of(all_panels=True, axis="Step").panels == ALL_PANELS
    assert view_of(panels=["Rate", "rate"]).panels == ("rate",)
    assert view_of(low=2.0).shown(EPOCHS) == (2.0, 8.0)
    assert view_of(high=2.0).shown(EPOCHS) == (0.0, 2.0)
    assert view_of(last=3.0).shown(EPOCHS) == (5.0, 8.0)
    with pytest.raises(UsageError, match="the runs reach from 0 to 8"):
        view_of(low=20.0).refuse_empty(EPOCHS)
