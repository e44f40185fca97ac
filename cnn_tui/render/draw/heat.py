"""Heat: how high a value is, as a ground that goes from that of the page to one hue.

The ink on it is black or white, whichever reads better. The looks are styles like all
others: the app makes them of its theme's colors, a terminal of 16 colors has three levels.
"""

import math
from collections.abc import Mapping, Sequence

from rich import themes
from rich.color import blend_rgb
from rich.color_triplet import ColorTriplet
from rich.style import Style

HEAT_LEVELS = 16
HEAT = tuple(f"lab.heat{level}" for level in range(HEAT_LEVELS + 1))
"""The ground and the ink of a number, from the lowest to the highest."""
SHADED = tuple(f"lab.shade{level}" for level in range(HEAT_LEVELS + 1))
"""The same grounds, for a character that is hardly seen on them, but is where colors are not."""
SHADES = " ░▒▓█"
BLACK, WHITE = "#000000", "#ffffff"
BLENDS = 8
DARK_RAMP = ("#1c1c1c", "#303030", "#005f87", "#0087af", "#5fafd7", "#87d7ff")
LIGHT_RAMP = ("#ffffff", "#afd7ff", "#87afd7", "#5f87af", "#005faf")
"""Of the xterm palette, in equal steps of lightness."""
ON_DARK = ("", "bright_white on blue", "black on cyan")
ON_LIGHT = ("", "black on cyan", "bright_white on blue")
"""Of the terminal's own colors: towards its brightest, or away from it."""


def heat_style(share: float) -> str:
    """The style of a number for ``share``, from 0 to 1."""
    return HEAT[math.ceil(share * HEAT_LEVELS)]


def shade(share: float) -> tuple[str, str]:
    """One character for ``share``, from 0 to 1, that can be told without its colors too."""
    return SHADES[math.ceil(share * (len(SHADES) - 1))], SHADED[math.ceil(share * HEAT_LEVELS)]


def heat_looks(ramp: Sequence[str]) -> Mapping[str, str]:
    """What the styles look like on the colors of ``ramp``, such as ``#1c1c1c``, lowest first."""
    last = len(ramp) - 1
    looks: dict[str, str] = {}
    for level, names in enumerate(zip(HEAT, SHADED, strict=True)):
        place = round(level / HEAT_LEVELS * last)
        ground, beside = ramp[place], ramp[place + 1 if place < last else last - 1]
        inks = ink_on(ground), beside
        looks |= {name: f"{ink} on {ground}" for name, ink in zip(names, inks, strict=True)}
    return looks


def blended(ground: str, hue: str) -> tuple[str, ...]:
    """A ramp from one color to another."""
    low, high = (ColorTriplet(*bytes.fromhex(color[1:7])) for color in (ground, hue))
    return tuple(blend_rgb(low, high, step / BLENDS).hex for step in range(BLENDS + 1))


def ink_on(ground: str) -> str:
    """Black or white, whichever reads better."""
    red, green, blue = (_linear(channel / 255) for channel in bytes.fromhex(ground[1:7]))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return BLACK if (luminance + 0.05) ** 2 > 1.05 * 0.05 else WHITE


def few_heat_looks(*, is_dark: bool) -> Mapping[str, str]:
    """What they look like in the terminal's 16 colors, whose ground stays."""
    looks = ON_DARK if is_dark else ON_LIGHT
    return {
        **{
            name: looks[min(len(looks) * level // HEAT_LEVELS, len(looks) - 1)]
            for level, name in enumerate(HEAT)
        },
        **dict.fromkeys(SHADED, ""),
    }


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


themes.DEFAULT.styles.update(
    {name: Style.parse(look) for name, look in heat_looks(DARK_RAMP).items()}
)
