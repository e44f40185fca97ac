"""The lab's own themes, and the role of each color in them and in Textual's.

All colors of the lab's themes are in the xterm palette of 256, so that they look alike
over SSH without COLORTERM (Rich takes the neighbor of a light gray). For any other theme
the roles are derived from its colors, which are moved towards black or white until they
can be read.
"""

from collections.abc import Iterable, Mapping

from textual.color import BLACK, WHITE, Color
from textual.theme import BUILTIN_THEMES, Theme

from cnn_tui.errors import UsageError
from cnn_tui.names import missed_name, normalize
from cnn_tui.render.draw import heat
from cnn_tui.tui.color_roles import Roles

TEXT_CONTRAST, MARK_CONTRAST = 4.5, 3.0
"""WCAG 2.1, 1.4.3 and 1.4.11: of text, and of marks and curves, on their grounds."""
STEPS = 40

DARK = Roles(
    ground="#121212",
    panel="#1c1c1c",
    selected="#303030",
    strong="#eeeeee",
    text="#d0d0d0",
    quiet="#a8a8a8",
    frame="#6c6c6c",
    accent="#5fafff",
    passed="#87d787",
    warning="#ffd75f",
    failed="#ff8787",
    curves=("#5fafff", "#ffaf5f", "#d787ff", "#87d7d7"),
    heat=heat.DARK_RAMP,
)
LIGHT = Roles(
    ground="#eeeeee",
    panel="#ffffff",
    selected="#eeeeee",
    strong="#000000",
    text="#262626",
    quiet="#585858",
    frame="#808080",
    accent="#005faf",
    passed="#005f00",
    warning="#875f00",
    failed="#af0000",
    curves=("#005faf", "#af5f00", "#8700af", "#005f5f"),
    heat=heat.LIGHT_RAMP,
)
CONTRAST = Roles(
    ground="#000000",
    panel="#000000",
    selected="#303030",
    strong="#ffffff",
    text="#ffffff",
    quiet="#d0d0d0",
    frame="#bcbcbc",
    accent="#5fd7ff",
    passed="#87ff87",
    warning="#ffff5f",
    failed="#ffafaf",
    curves=("#5fd7ff", "#ffd75f", "#ffafff", "#afffaf"),
    heat=("#000000", "#303030", "#005f87", "#5fafd7", "#87d7ff"),
)
OWN_ROLES = {"lab-dark": DARK, "lab-light": LIGHT, "lab-contrast": CONTRAST}
DEFAULT_THEME, DEFAULT_ANSI_THEME = "lab-dark", "ansi-dark"


def own_themes() -> Iterable[Theme]:
    """The themes of the lab, to be registered with its app."""
    for name, roles in OWN_ROLES.items():
        yield Theme(
            name=name,
            primary=roles.accent,
            secondary=roles.accent,
            accent=roles.accent,
            success=roles.passed,
            warning=roles.warning,
            error=roles.failed,
            foreground=roles.text,
            background=roles.ground,
            surface=roles.panel,
            panel=roles.panel,
            dark=name != "lab-light",
        )


def theme_named(name: str) -> str:
    """The theme that ``name`` means, of the lab's and of Textual's.

    Raises UsageError, which names them all, where there is none.
    """
    own, others = list(OWN_ROLES), sorted(BUILTIN_THEMES)
    known = {normalize(each): each for each in (*own, *others)}
    found = known.get(normalize(name))
    if found is None:
        missed = missed_name(name, known.values(), "theme")
        raise UsageError(
            f"{missed} The lab has {', '.join(own)}; Textual has {', '.join(others)}. "
            f"Choose one with cnn-lab --theme {DEFAULT_THEME}.",
            fields=("theme",),
        )
    return found


def default_theme(color_system: str | None) -> str:
    """The theme of who has chosen none: a terminal of 16 colors keeps those of its user."""
    return DEFAULT_ANSI_THEME if color_system in ("standard", "windows") else DEFAULT_THEME


def roles_of(theme: Theme, variables: Mapping[str, str]) -> Roles:
    """The roles of a theme's colors; ``variables`` are those that Textual makes of it."""
    if theme.name in OWN_ROLES:
        return OWN_ROLES[theme.name]
    return _ansi_roles(theme.dark) if theme.ansi else _derived(theme.dark, variables)


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colors, 1 to 21 (WCAG 2.1, relative luminance)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _derived(is_dark: bool, variables: Mapping[str, str]) -> Roles:
    target = WHITE if is_dark else BLACK
    ground = Color.parse(variables["background"])
    panel = Color.parse(variables["surface"])
    foreground = Color.parse(variables["foreground"])
    selected = panel.blend(foreground, 0.14, alpha=1)
    grounds = (ground, panel, selected)

    def readable(color: Color, least: float = TEXT_CONTRAST) -> str:
        for step in range(STEPS + 1):
            moved = color.blend(target, step / STEPS, alpha=1)
            if all(contrast(moved, each) >= least for each in grounds):
                return moved.hex
        return target.hex

    named = {name: Color.parse(variables[name]) for name in ("primary", "secondary", "accent")}
    success, warning, error = (
        Color.parse(variables[name]) for name in ("success", "warning", "error")
    )
    return Roles(
        ground=ground.hex,
        panel=panel.hex,
        selected=selected.hex,
        strong=readable(foreground.blend(target, 0.5, alpha=1)),
        text=readable(foreground),
        quiet=readable(foreground.blend(panel, 0.4, alpha=1)),
        frame=readable(panel.blend(foreground, 0.3, alpha=1), 1.0),
        accent=readable(named["primary"]),
        passed=readable(success),
        warning=readable(warning),
        failed=readable(error),
        curves=(
            readable(named["primary"]),
            readable(warning),
            readable(named["secondary"].blend(error, 0.5, alpha=1)),
            readable(success),
        ),
    )


def _ansi_roles(is_dark: bool) -> Roles:
    accent = "ansi_cyan" if is_dark else "ansi_blue"
    return Roles(
        ground="ansi_default",
        panel="ansi_default",
        selected="ansi_default",
        strong="ansi_default",
        text="ansi_default",
        quiet="ansi_default",
        frame="ansi_bright_black",
        accent=accent,
        passed="ansi_green",
        warning="ansi_yellow" if is_dark else "ansi_magenta",
        failed="ansi_red",
        curves=(accent, "ansi_yellow" if is_dark else "ansi_red", "ansi_magenta", "ansi_green"),
        is_ansi=True,
        is_dark=is_dark,
    )


def _luminance(color: Color) -> float:
    red, green, blue = (_linear(channel / 255) for channel in color.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
