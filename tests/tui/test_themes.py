"""Colors can be read: of the lab's themes, of Textual's others, and with 256 colors only."""

from collections.abc import Callable
from itertools import product

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from cnn_tui.__main__ import _TUI
from cnn_tui.cli import main as run_command_line
from cnn_tui.errors import UsageError
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.heat import HEAT, SHADED
from cnn_tui.tui import themes
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.color_roles import Roles
from cnn_tui.tui.memory import configured_theme
from cnn_tui.tui.terminal_app import TerminalApp
from cnn_tui.tui.themes import OWN_ROLES, contrast

TEXTUALS = sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi)
ANSI = sorted(name for name, theme in BUILTIN_THEMES.items() if theme.ansi)


GRAY_STEP = 10
"""Between neighbors among the 24 grays of the palette."""


def with_256_colors(color: str) -> str:
    return RichColor.parse(color).downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex


def as_it_is(color: str) -> str:
    return color


def roles_of(name: str) -> Roles:
    app = LabApp(theme_name=name)
    return themes.roles_of(app.current_theme, super(TerminalApp, app).get_css_variables())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        *((name, as_it_is) for name in (*OWN_ROLES, *TEXTUALS)),
        *((name, with_256_colors) for name in OWN_ROLES),
    ],
)
def test_reads_on_every_ground_selected_rows_included(
    name: str, shown: Callable[[str], str]
) -> None:
    roles = roles_of(name)
    grounds = (roles.ground, roles.panel, roles.selected)
    texts = (roles.strong, roles.text, roles.quiet, roles.accent)
    signs = (roles.passed, roles.warning, roles.failed)
    for text, ground in product((*texts, *signs), grounds):
        assert contrast(Color.parse(shown(text)), Color.parse(shown(ground))) >= 4.5, (text, ground)
    for curve, ground in product(roles.curves, grounds):
        assert contrast(Color.parse(shown(curve)), Color.parse(shown(ground))) >= 3, (curve, ground)


def test_reaches_seven_to_one_in_the_high_contrast_theme() -> None:
    roles = OWN_ROLES["lab-contrast"]
    for text, ground in product((roles.text, roles.quiet, roles.failed), (roles.ground,)):
        assert contrast(Color.parse(text), Color.parse(ground)) >= 7


@pytest.mark.parametrize("name", OWN_ROLES)
def test_looks_alike_with_256_colors(name: str) -> None:
    for variable, color in OWN_ROLES[name].css().items():
        if variable.startswith("lab-"):
            wanted, shown = Color.parse(color), Color.parse(with_256_colors(color))
            assert max(abs(a - b) for a, b in zip(wanted.rgb, shown.rgb, strict=True)) <= GRAY_STEP


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        *((name, as_it_is) for name in (*OWN_ROLES, *TEXTUALS)),
        *((name, with_256_colors) for name in OWN_ROLES),
    ],
)
def test_writes_numbers_on_heat_that_can_be_read(name: str, shown: Callable[[str], str]) -> None:
    roles = roles_of(name)
    looks = [roles.rich()[level].split(" on ") for level in HEAT]
    for ink, ground in looks:
        assert contrast(Color.parse(shown(ink)), Color.parse(shown(ground))) >= 4.5, (ink, ground)
    assert looks[0][1] == roles.panel.lower()
    assert len({ground for _, ground in looks}) >= 5


@pytest.mark.parametrize("name", [*OWN_ROLES, *TEXTUALS, *ANSI])
def test_dresses_all_that_is_drawn(name: str) -> None:
    assert roles_of(name).rich().keys() == {*styles.ALL_STYLES, *HEAT, *SHADED}


@pytest.mark.parametrize(
    ("term", "colorterm", "theme"),
    [
        ("xterm-256color", "", "lab-dark"),
        ("xterm-256color", "truecolor", "lab-dark"),
        ("xterm", "", "ansi-dark"),
    ],
)
def test_keeps_the_colors_of_the_user_where_there_are_only_16(
    term: str, colorterm: str, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colorterm)
    assert LabApp().theme == theme


@pytest.mark.parametrize("words", [[], ["runs"]], ids=["lab", "command"])
def test_refuses_a_theme_that_does_not_exist_without_a_terminal(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["--theme", "lab-lihgt", *words], open_tui=_TUI()) == 2
    said = capsys.readouterr().err
    assert "did you mean lab-light" in said
    assert "cnn-lab --theme" in said and "palette" not in said
    assert all(name in said for name in (*OWN_ROLES, *TEXTUALS, *ANSI))


def test_says_where_a_theme_that_does_not_exist_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CNN_LAB_THEME", "nosuch")
    with pytest.raises(UsageError, match="CNN_LAB_THEME: There is no theme named 'nosuch'"):
        configured_theme()


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("#000", "#fff", 21.0), ("#777", "#fff", 4.48)]
)
def test_measures_contrast_as_wcag_does(one: str, other: str, expected: float) -> None:
    assert contrast(Color.parse(one), Color.parse(other)) == pytest.approx(expected, abs=0.01)
