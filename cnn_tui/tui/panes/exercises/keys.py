"""The keys of the Exercises pane."""

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding("c", "check", "Check", id="exercises.check", tooltip="Check this exercise"),
    Binding(
        "a",
        "auto",
        "Auto",
        id="exercises.auto",
        tooltip="Check an exercise whenever its file is saved, or no longer",
    ),
    Binding("e", "edit", "Edit", id="exercises.edit", tooltip="Open the file in $EDITOR"),
    Binding("h", "hint", "Hint", id="exercises.hint", tooltip="The next of three hints"),
    Binding("t", "task", "Task", id="exercises.task", tooltip="The task, or the last report again"),
    Binding(
        "d",
        "diff",
        "Compare",
        id="exercises.diff",
        tooltip="Compare your file with the reference, once you have passed",
    ),
    Binding(
        "x",
        "reset",
        "Restore",
        id="exercises.reset",
        tooltip="Restore the starter, after a question; your file is backed up",
    ),
    Binding(
        "m",
        "add_missing",
        "Add missing",
        show=False,
        id="exercises.add_missing",
        tooltip="Add the functions that an older file lacks; your code stays as it is",
    ),
    Binding(
        "l",
        "log",
        "Log",
        show=False,
        id="exercises.log",
        tooltip="All that your code printed in the last check, and the lines that failed",
    ),
    Binding(
        "enter",
        "follow",
        show=False,
        id="exercises.follow",
        tooltip="Read the topic of a failed check; after a pass, go to the next exercise",
    ),
    Binding(
        "y",
        "copy_input",
        "Copy",
        show=False,
        id="exercises.copy",
        tooltip="Copy the input of a failed check as Python, or else what is shown",
    ),
]
