"""The app, measured from inside: how long its event loop is held."""

import time

import pytest

from cnn_tui.tui.measuring import MeasuredApp

HELD = 0.1


def hold() -> None:
    time.sleep(HELD)


@pytest.mark.slow
async def test_notes_how_long_the_loop_is_held() -> None:
    app = MeasuredApp()
    async with app.run_test(size=(80, 24)):
        app.start_ticking()
        await app.is_quiet()
        held, computed = await app.gap_of(lambda: app.call_later(hold))
    assert held >= 900 * HELD
    assert computed < 500 * HELD  # it only waited
