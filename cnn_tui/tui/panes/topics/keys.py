"""The keys of the Topics pane."""

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding(
        "r",
        "run_demo",
        "Demo",
        id="topics.run",
        tooltip="Run this topic's demo; of several, the one that you choose",
    ),
    Binding(
        "p",
        "edit_parameters",
        "Change",
        id="topics.parameters",
        tooltip="Change the demo's numbers; Enter runs it, and what changes is marked",
    ),
    Binding(
        "a",
        "answer",
        "Answers",
        id="topics.answer",
        tooltip="Show the next answer of this topic's questions; after the last, hide all",
    ),
    Binding(
        "b,backspace",
        "return",
        "Return",
        key_display="b",
        id="topics.return",
        tooltip="Back to the topic from which a link or a search led here",
    ),
    Binding("slash", "search", "Search", id="topics.search", tooltip="Search all topics"),
    Binding(
        "m",
        "mark",
        "Mark read",
        id="topics.mark",
        tooltip="Mark this topic as read, or as not read; its end in sight marks it too",
    ),
    Binding(
        "c",
        "copy_code",
        "Copy code",
        show=False,  # the frame of the text names it
        id="topics.copy-code",
        tooltip="Copy the code that is on the screen, or the last above it",
    ),
    Binding(
        "e",
        "edit_code",
        "Edit code",
        show=False,
        id="topics.edit-code",
        tooltip="Open this page's code in $EDITOR, as a file in scratch/ that runs as it is",
    ),
    Binding(
        "g",
        "go",
        "Contents",
        show=False,
        id="topics.go",
        tooltip="The headings of this page, to go to one of them",
    ),
    Binding("n", "next_place(1)", show=False, id="topics.next-place", tooltip="Next place found"),
    Binding(
        "N",
        "next_place(-1)",
        show=False,
        id="topics.previous-place",
        tooltip="Previous place found",
    ),
    Binding(
        "right_square_bracket",
        "heading(1)",
        show=False,
        id="topics.next-heading",
        tooltip="Next heading",
    ),
    Binding(
        "left_square_bracket",
        "heading(-1)",
        show=False,
        id="topics.previous-heading",
        tooltip="Previous heading",
    ),
    Binding(
        "greater_than_sign",
        "topic(1)",
        show=False,
        id="topics.next-topic",
        tooltip="Next topic",
    ),
    Binding(
        "less_than_sign",
        "topic(-1)",
        show=False,
        id="topics.previous-topic",
        tooltip="Previous topic",
    ),
]
