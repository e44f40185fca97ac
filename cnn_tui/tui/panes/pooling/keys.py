"""The keys of the Pooling pane."""

from textual.binding import Binding, BindingType

MOVES = (
    ("up", "up,k", -1, 0),
    ("down", "down,j", 1, 0),
    ("left", "left", 0, -1),
    ("right", "right", 0, 1),
)


def _moves(action: str, what: str, label: str, tooltip: str) -> list[Binding]:
    """The four arrows, shown as one key."""
    return [
        Binding(
            keys,
            f"{action}({rows}, {columns})",
            label,
            key_display="←↑↓→",
            show=name == "up",
            priority=True,
            id=f"pooling.{what}{name}",
            tooltip=tooltip,
        )
        for name, keys, rows, columns in MOVES
    ]


def _steps(
    field: str, label: str, keys: tuple[str, str], shown: str, tooltip: str
) -> list[Binding]:
    """Two keys that make an option smaller and larger, shown as one."""
    return [
        Binding(
            key,
            f"change('{field}', {step})",
            label.capitalize(),
            key_display=shown,
            show=step < 0,
            id=f"pooling.{label}-{'less' if step < 0 else 'more'}",
            tooltip=tooltip,
        )
        for key, step in zip(keys, (-1, 1), strict=True)
    ]


BRACKETS = ("left_square_bracket", "right_square_bracket")
ANGLES = ("less_than_sign", "greater_than_sign")

MOVES_OF_ACTION: dict[str, str] = {
    "move": "window",
    "edit": "window",
    "toggle_shift": "window",
    "next_view": "window",
    "move_map": "map",
    "leave_shift": "map",
    "move_cell": "cell",
    "set_cell": "cell",
}
"""Actions that make sense while the arrows move one thing only."""
OF_A_CELL = ("move_cell", "set_cell", "back")
"""All that can be done while a cell is edited: other keys are typed into it."""

KEYS: list[BindingType] = [
    *_moves("move", "", "Window", "Move the window over the map"),
    *_moves("move_map", "map-", "Shift", "Shift the map; zeros move in"),
    *_moves("move_cell", "cell-", "Cell", "Another cell of the map"),
    Binding("enter", "set_cell", "Set", id="pooling.set", tooltip="Put the number into the cell"),
    Binding(
        "t",
        "leave_shift",
        "Window",
        id="pooling.window",
        tooltip="From the shifted map back to the window",
    ),
    Binding("m", "change_kind", "Kind", id="pooling.kind", tooltip="Max, average, Lp, …"),
    Binding(
        "o",
        "ask_input",
        "Open",
        id="pooling.open",
        tooltip="Open a map: a digit, an image, a feature map, a CSV or .npy file",
    ),
    *_steps("kernel_size", "kernel", BRACKETS, "[ ]", "Smaller or larger kernel size"),
    *_steps("output_size", "output", BRACKETS, "[ ]", "Smaller or larger output size"),
    *_steps("stride", "stride", ANGLES, "< >", "Smaller or larger stride"),
    Binding(
        "p",
        "change_padding",
        "Padding",
        id="pooling.padding",
        tooltip="More padding, then none again",
    ),
    Binding("i", "change_input", "Next map", id="pooling.input", tooltip="The next map"),
    Binding(
        "v",
        "ask_channel",
        show=False,
        id="pooling.channel",
        tooltip="Another channel of the opened image or feature map",
    ),
    Binding("enter", "edit", "Edit", id="pooling.edit", tooltip="Edit a cell of the map"),
    Binding(
        "t",
        "toggle_shift",
        "Shift",
        id="pooling.shift",
        tooltip="Shift the map with the arrows and compare the outputs",
    ),
    Binding(
        "b",
        "next_view",
        "Backward",
        id="pooling.backward",
        tooltip="Where the gradient goes; then, for max, what unpooling gives back",
    ),
    Binding("d", "change_dilation", show=False, id="pooling.dilation", tooltip="Dilation of max"),
    Binding(
        "c",
        "switch('ceil_mode')",
        show=False,
        id="pooling.ceil",
        tooltip="Ceil mode: the output size is rounded up",
    ),
    Binding(
        "u",
        "switch('count_include_pad')",
        show=False,
        id="pooling.count-pad",
        tooltip="Whether an average counts the padding",
    ),
    Binding("n", "change_norm", show=False, id="pooling.norm", tooltip="The p of Lp pooling"),
]
