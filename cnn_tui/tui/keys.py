"""The keys of the app itself, which work in every pane."""

from textual.binding import Binding, BindingType

from cnn_tui.tui.panes.catalogue import PANES

KEYS: list[BindingType] = [
    *(
        Binding(
            str(number),
            f"open_pane({number - 1})",
            pane.title,
            show=False,
            id=f"lab.pane-{number}",
            tooltip=f"Open the {pane.title} pane",
        )
        for number, pane in enumerate(PANES, start=1)
    ),
    Binding(
        "question_mark",
        "help",
        "Help",
        key_display="?",
        id="lab.help",
        tooltip="What this pane does, and its keys",
    ),
    Binding(
        "G",
        "glossary",
        "Glossary",
        show=False,
        id="lab.glossary",
        tooltip="What the chapter's terms mean, those of this page first",
    ),
    Binding(
        "y",
        "copy",
        "Copy",
        show=False,
        id="lab.copy",
        tooltip="Copy what is shown to the clipboard",
    ),
    Binding(
        "w",
        "write",
        "Write",
        show=False,
        id="lab.write",
        tooltip="Write what is shown to a file in the current folder",
    ),
    Binding("q", "quit_lab", "Quit", id="lab.quit", tooltip="Leave the lab; runs go on"),
    Binding(
        "ctrl+c",
        "interrupt",
        "Cancel",
        show=False,
        id="lab.interrupt",
        tooltip="Close what is open over the pane; where nothing is, leave the lab",
        priority=True,
    ),
    Binding(
        "ctrl+q",
        "quit_lab",
        "Quit",
        show=False,
        id="lab.quit-control",
        tooltip="Leave the lab; runs go on",
        priority=True,
    ),
    Binding(
        "ctrl+p",
        "command_palette",
        "Find",
        show=False,
        id="lab.palette",
        tooltip="Find a command, or anything that has a name",
        priority=True,
    ),
    Binding(
        "ctrl+z",
        "suspend_process",
        "Suspend",
        show=False,
        id="lab.suspend",
        tooltip="Back to the shell for a while; its command fg comes back here",
        priority=True,
    ),
    Binding(
        "ctrl+l",
        "redraw",
        "Redraw",
        show=False,
        id="lab.redraw",
        tooltip="Draw the whole screen again, after another program has written on it",
        priority=True,
    ),
]
