"""The options of pooling, by the names that a reader and torch give them."""

from dataclasses import dataclass

from rich.text import Text

from cnn_tui.analysis.pooling.records import PoolSettings
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.numbers import printable

TITLES = {
    "max": "Max pooling",
    "avg": "Average pooling",
    "lp": "Lp pooling",
    "global-max": "Global max pooling",
    "global-avg": "Global average pooling",
    "adaptive-max": "Adaptive max pooling",
    "adaptive-avg": "Adaptive average pooling",
}


@dataclass(frozen=True)
class ShownSetting:
    """One option with its value; a switch is on or off, the others go up and down."""

    field: str
    label: str
    value: str
    is_switch: bool = False


def shown_settings(settings: PoolSettings) -> tuple[ShownSetting, ...]:
    """The options that this kind of pooling takes, in their order."""
    kernel, (rows, columns) = settings.kernel_size, settings.output_size
    every = (
        ShownSetting("kernel_size", "kernel size", f"{kernel}×{kernel}"),
        ShownSetting("stride", "stride", f"{settings.stride}"),
        ShownSetting("padding", "padding", f"{settings.padding}"),
        ShownSetting("dilation", "dilation", f"{settings.dilation}"),
        ShownSetting("norm_type", "p", f"{settings.norm_type:g}"),
        ShownSetting("output_size", "output size", f"{rows}×{columns}"),
        ShownSetting("ceil_mode", "ceil mode", _switch(settings.ceil_mode), is_switch=True),
        ShownSetting(
            "count_include_pad",
            "count padding",
            _switch(settings.count_include_pad),
            is_switch=True,
        ),
    )
    values = settings.to_json()
    return tuple(each for each in every if values[each.field] is not None)


def heading(name: str, title: str, settings: PoolSettings) -> Text:
    """Two lines: how it is pooled, and what."""
    values = settings.to_json()
    options = [
        f"{each.label} {each.value}" for each in shown_settings(settings) if not each.is_switch
    ]
    options += ["ceil mode"] * bool(values["ceil_mode"])
    options += ["padding not counted"] * (values["count_include_pad"] is False)
    return Text.assemble(
        (TITLES[settings.kind], styles.STRONG),
        *(f"   {each}" for each in options),
        "\n",
        (map_title(name, title), styles.QUIET),
    )


def map_title(name: str, title: str) -> str:
    """``edges: a square outline``; only the title where it begins with the name."""
    return printable(title if title.startswith(name) else f"{name}: {title}")


def _switch(is_on: bool) -> str:
    return "on" if is_on else "off"
