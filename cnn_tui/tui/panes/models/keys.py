"""The keys of the Models pane."""

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    *(
        Binding(
            key,
            f"{action}({step})",
            label,
            show=step < 0,
            key_display=keys,
            id=f"models.{label}-{'less' if step < 0 else 'more'}",
            tooltip=tooltip,
        )
        for action, label, tooltip, keys, pair in (
            (
                "step_depth",
                "depth",
                "How deeply nested the modules are that the table shows",
                "[ ]",
                ("left_square_bracket", "right_square_bracket"),
            ),
            (
                "step_layer",
                "layer",
                "The layer whose feature maps are shown",
                "[ ]",
                ("left_square_bracket", "right_square_bracket"),
            ),
            (
                "step_channel",
                "channels",
                "The feature maps before or after those that are shown",
                "< >",
                ("less_than_sign", "greater_than_sign"),
            ),
        )
        for key, step in zip(pair, (-1, 1), strict=True)
    ),
    Binding(
        "u", "unfold", show=False, id="models.unfold", tooltip="Show repeated blocks one by one"
    ),
    Binding(
        "m",
        "toggle_time",
        "time",
        id="models.time",
        tooltip="Run it, and measure how long each layer takes",
    ),
    Binding("i", "ask_input", "input", id="models.input", tooltip="Another input size"),
    Binding("i", "ask_image", "image", id="models.image", tooltip="Another image"),
    Binding(
        "r",
        "next_source",
        "weights",
        id="models.source",
        tooltip="Feature maps of fresh weights, or of one of your runs",
    ),
    Binding("space", "mark", "mark", id="models.mark", tooltip="Mark for a comparison"),
    *(
        Binding(key, f"look('{view}')", view, id=f"models.{view}", tooltip=tooltip)
        for key, view, tooltip in (
            ("c", "compare", "The marked networks side by side"),
            ("l", "layers", "Layer by layer: shapes, parameters, MACs"),
            ("f", "field", "How the receptive field grows"),
            ("a", "activations", "Feature maps of an image"),
            ("g", "gradients", "Gradient norm by depth, plain and residual"),
            ("t", "timeline", "The evolution, and which network to use when"),
        )
    ),
    Binding("slash", "filter", "filter", id="models.filter", tooltip="Filter the list"),
    Binding(
        "x",
        "drop_own",
        show=False,
        id="models.drop",
        tooltip="Take a network that you opened out of the list",
    ),
    Binding(
        "o",
        "ask_net",
        "open",
        id="models.own",
        tooltip="Open a network with options, or a module of your own",
    ),
]
