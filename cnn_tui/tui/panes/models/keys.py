"""The keys of the Models pane, the most useful first: the footer shows those that fit."""

from textual.binding import Binding, BindingType


def _pair(
    action: str, label: str, tooltip: str, shown: str, keys: tuple[str, str]
) -> list[Binding]:
    """Two keys that step down and up, shown as one."""
    return [
        Binding(
            key,
            f"{action}({step})",
            label.capitalize(),
            show=step < 0,
            key_display=shown,
            id=f"models.{label}-{'less' if step < 0 else 'more'}",
            tooltip=tooltip,
        )
        for key, step in zip(keys, (-1, 1), strict=True)
    ]


def _side(key: str, view: str, tooltip: str, *, show: bool = False) -> Binding:
    return Binding(
        key, f"look('{view}')", view.capitalize(), show=show, id=f"models.{view}", tooltip=tooltip
    )


BRACKETS = ("left_square_bracket", "right_square_bracket")
ANGLES = ("less_than_sign", "greater_than_sign")

KEYS: list[BindingType] = [
    Binding(
        "x",
        "drop_own",
        "Remove",
        id="models.drop",
        tooltip="Take a network that you opened out of the list",
    ),
    Binding(
        "d",
        "ask_device",
        "Device",
        id="models.device",
        tooltip="Another device, precision or batch size",
    ),
    Binding("space", "mark", "Mark", id="models.mark", tooltip="Mark for a comparison"),
    _side("c", "compare", "The marked networks side by side", show=True),
    *_pair(
        "step_depth",
        "depth",
        "How deeply nested the modules are that the table shows",
        "[ ]",
        BRACKETS,
    ),
    *_pair("step_layer", "layer", "The layer whose feature maps are shown", "[ ]", BRACKETS),
    *_pair(
        "step_channel",
        "channels",
        "The feature maps before or after those that are shown",
        "< >",
        ANGLES,
    ),
    Binding(
        "i",
        "ask_input",
        "Input",
        id="models.input",
        tooltip="Another input size or type",
    ),
    Binding("i", "ask_image", "Image", id="models.image", tooltip="Another image"),
    Binding(
        "r",
        "next_weights",
        "Weights",
        id="models.weights",
        tooltip="Feature maps of fresh weights, or of one of your runs",
    ),
    Binding(
        "m",
        "toggle_time",
        "Time",
        id="models.time",
        tooltip="Run it, and measure how long each layer takes",
    ),
    _side("t", "timeline", "The evolution, and which network to use when", show=True),
    Binding(
        "o",
        "ask_net",
        "Other",
        id="models.own",
        tooltip="Open a network with options, or a module of your own",
    ),
    _side("l", "layers", "Layer by layer: shapes, parameters, MACs"),
    _side("f", "field", "How the receptive field grows"),
    _side("b", "costs", "What each layer costs on a device, and how much memory it needs"),
    _side("a", "activations", "Feature maps of an image"),
    _side("g", "gradients", "Gradient norm by depth, plain and residual"),
    Binding(
        "s",
        "toggle_source",
        "Source",
        show=False,
        id="models.source",
        tooltip="The code of the network; again or Esc closes it",
    ),
    Binding(
        "u", "unfold", show=False, id="models.unfold", tooltip="Show repeated blocks one by one"
    ),
    Binding("slash", "filter", "Filter", show=False, id="models.filter", tooltip="Filter the list"),
]
