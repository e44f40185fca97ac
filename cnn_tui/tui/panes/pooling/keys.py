"""The keys of the Pooling pane."""

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding("m", "change_kind", "kind", id="pooling.kind", tooltip="Max, average, Lp, …"),
    *(
        Binding(
            key,
            f"change('{field}', {step})",
            label,
            key_display=keys,
            show=step < 0,
            id=f"pooling.{label}-{'less' if step < 0 else 'more'}",
            tooltip=tooltip,
        )
        for field, label, keys, tooltip, pair in (
            (
                "kernel_size",
                "kernel",
                "[ ]",
                "Smaller or larger kernel_size; of adaptive kinds, output_size",
                ("left_square_bracket", "right_square_bracket"),
            ),
            (
                "stride",
                "stride",
                "< >",
                "Smaller or larger stride",
                ("less_than_sign", "greater_than_sign"),
            ),
        )
        for key, step in zip(pair, (-1, 1), strict=True)
    ),
    Binding(
        "p",
        "change_padding",
        "padding",
        id="pooling.padding",
        tooltip="More padding, then none again",
    ),
    Binding("i", "change_input", "input", id="pooling.input", tooltip="The next map"),
    Binding(
        "o",
        "ask_input",
        "open",
        id="pooling.open",
        tooltip="Open a map: a digit, an image, a run's feature map, a CSV file",
    ),
    Binding(
        "v",
        "ask_channel",
        show=False,
        id="pooling.channel",
        tooltip="Another channel of the opened image or feature map",
    ),
    Binding("enter", "edit", "edit", id="pooling.edit", tooltip="Edit a cell of the map"),
    Binding(
        "t",
        "toggle_shift",
        "shift",
        id="pooling.shift",
        tooltip="Shift the map with the arrows and compare the outputs; again for the window",
    ),
    Binding("d", "change_dilation", show=False, id="pooling.dilation", tooltip="Dilation of max"),
    Binding("c", "switch('ceil_mode')", show=False, id="pooling.ceil", tooltip="ceil_mode"),
    Binding(
        "u",
        "switch('count_include_pad')",
        show=False,
        id="pooling.count-pad",
        tooltip="Whether an average counts the padding",
    ),
    Binding("n", "change_norm", show=False, id="pooling.norm", tooltip="The p of Lp pooling"),
    *(
        Binding(
            keys,
            f"move({rows}, {columns})",
            show=False,
            priority=True,
            id=f"pooling.{name}",
            tooltip="Move the window, the map, or the cell that is edited",
        )
        for name, keys, rows, columns in (
            ("up", "up,k", -1, 0),
            ("down", "down,j", 1, 0),
            ("left", "left", 0, -1),
            ("right", "right", 0, 1),
        )
    ),
]
