"""Pictures of a screen: the same in every font, and nothing is loaded for them."""

import re
from io import StringIO
from xml.etree import ElementTree

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from cnn_tui.render.draw.svg import svg
from cnn_tui.render.draw.svg_signs import CELL_HEIGHT, CELL_WIDTH, sign

NAMES = "{http://www.w3.org/2000/svg}"


def drawn(text: str, columns: int = 40) -> ElementTree.Element:
    console = Console(width=columns, file=StringIO(), color_system="truecolor")
    lines = console.render_lines(Text.from_markup(text), pad=True)
    return ElementTree.fromstring(svg(lines, MONOKAI, title="a title"))


def words(picture: ElementTree.Element) -> list[ElementTree.Element]:
    return [each for each in picture.iter(f"{NAMES}text") if each.get("textLength")]


def test_fits_every_word_to_its_cells() -> None:
    picture = drawn("[bold]a word[/]   and   ★ <&>\n  second")
    fitted = {each.text: each for each in words(picture)}
    assert set(fitted) == {"a word", "and", "★", "<&>", "second"}
    for text, element in fitted.items():
        assert text is not None
        assert element.get("lengthAdjust") == "spacingAndGlyphs"
        assert float(element.get("textLength", "")) == len(text) * CELL_WIDTH
    assert float(fitted["and"].get("x", "")) == 9 * CELL_WIDTH
    assert float(fitted["second"].get("y", "")) > CELL_HEIGHT
    assert fitted["a word"].get("font-weight") == "bold"


def test_loads_nothing() -> None:
    text = svg([[Segment("word")]], MONOKAI, title="https")
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", text).replace(">https<", "")
    assert "url(" not in text and "@font-face" not in text


def test_joins_the_lines_of_a_box_across_its_cells() -> None:
    picture = drawn("╭──┬──╮\n│  │  │\n└──┴──┘")
    paths = "".join(
        each.get("d", "") for each in picture.iter(f"{NAMES}path") if each.get("stroke")
    )
    bottom = 2.5 * CELL_HEIGHT
    assert f"M6 {bottom:g}h{6 * CELL_WIDTH}" in paths
    assert f"M{3.5 * CELL_WIDTH:g} 12v{2 * CELL_HEIGHT}" in paths
    assert words(picture) == []


@pytest.mark.parametrize("signs", ["┌┐└┘├┤┬┴┼─│━┃┏┓┗┛┠┨┯┷╴╶╸╺┄┆┈┊╌╎╱╲╳", "▀▄█▌▐░▒▓▖▗▘▝▚▞▙▛▜▟▁▏▔▕"])
def test_draws_what_must_join_as_a_shape(signs: str) -> None:
    for each in signs:
        shape = sign(each)
        assert shape is not None, each
        assert shape.lines or shape.rects or shape.strokes or shape.fills, each


def test_draws_braille_dot_by_dot() -> None:
    shape = sign("⡁")
    assert shape is not None and shape.dots == ((3, 3), (3, 21))
    full = sign("⣿")
    assert full is not None and len(set(full.dots)) == 8


def test_keeps_the_colors_of_cells() -> None:
    style = Style.parse("#ff8787 on #303030")
    text = svg([[Segment("no", style), Segment("!", style + Style(reverse=True))]], MONOKAI)
    assert '<path fill="#303030" d="M0 0h24v24h-24z"/>' in text
    assert '<path fill="#ff8787" d="M24 0h12v24h-12z"/>' in text
    assert '<g fill="#ff8787">\n<text' in text
