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
        "Diff",
        id="exercises.diff",
        tooltip="How your file differs from the solution, once you have passed",
    ),
    Binding(
        "x",
        "reset",
        "Reset",
        id="exercises.reset",
        tooltip="Restore the starter, after a question; your file is backed up",
    ),
]
