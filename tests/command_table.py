"""The page ``.github/COMMANDS.md``: which command, and which JSON, for each key of the app.

``python -m tests.command_table`` writes the page.

The keys come from the app's classes, the options and JSON documents from the command line itself,
and what belongs together from ``cnn_tui.tui.commands``.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cnn_tui.tui.commands import COMMANDS, NO_COMMAND
from cnn_tui.tui.widgets.key_line import spelled
from tests.cli.commands import document, every_command, parsed
from tests.tui.keys import keys_by_id

PAGE = Path(__file__).parents[1] / ".github" / "COMMANDS.md"
HOW_TO_WRITE = "python -m tests.command_table"
SECTIONS = {
    "Everywhere": ("lab", "pane", "page"),
    "Topics": ("topics", "search", "demo", "glossary", "term"),
    "Models": ("models",),
    "Pooling": ("pooling",),
    "Training": ("training", "new-run", "study"),
    "Exercises": ("exercises",),
    "Dialogs": ("choice", "prompt", "question", "help"),
}
"""Section → what the ids of its keys begin with."""
ABOUT = f"""# Keys and commands

Whatever the app does, a command does too. Where the last column says yes, `--json` makes it print
one JSON document. A key that no command needs has the reason beside it. The command palette
(`ctrl-p`) repeats keys, and has Textual's own commands for the screen.

This page is made of the app's keys and the command line; `{HOW_TO_WRITE}` writes it again.
"""
ABOUT_DOCUMENTS = """## JSON documents

The fields that a script may rely on; there may be more. The fields of a field stand in parentheses.
"""


def page() -> str:
    """The whole page."""
    keys = keys_by_id()
    sections = [_section(title, ids, keys) for title, ids in _ids_by_section().items()]
    return "\n".join([ABOUT, *sections, ABOUT_DOCUMENTS, *_documents()])


def entries() -> dict[str, str]:
    """Id of a key → its command, or why it has none; those with a command come first."""
    reasons = {name: reason for reason, names in NO_COMMAND.items() for name in names}
    return {**COMMANDS, **reasons}


def _ids_by_section() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {title: [] for title in SECTIONS}
    titles = {start: title for title, starts in SECTIONS.items() for start in starts}
    for name in entries():
        start = name.partition(".")[0]
        found.setdefault(titles.get(start, start), []).append(name)
    return found


def _section(title: str, ids: Iterable[str], keys: dict[str, Any]) -> str:
    rows: dict[tuple[str, str, str], list[str]] = {}
    for name in ids:
        if name in keys:
            binding = keys[name]
            row = (binding.tooltip, *_in_a_shell(name))
            rows.setdefault(row, []).extend(_keys_of(binding))
    lines = [
        f"| {' '.join(dict.fromkeys(names))} | {what} | {command} | {has_json} |"
        for (what, command, has_json), names in rows.items()
    ]
    head = ["| Key | In the app | In a shell | `--json` |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## {title}\n", *head, *lines, ""])


def _in_a_shell(name: str) -> tuple[str, str]:
    line = COMMANDS.get(name)
    if line is None:
        return entries()[name], ""
    has_json = document(parsed(line)[0]) is not None
    return f"`cnn-lab {line}`", "yes" if has_json else "no"


def _keys_of(binding: Any) -> list[str]:
    return [f"`{spelled(key.strip())}`" for key in binding.key.split(",")]


def _documents() -> Iterator[str]:
    yield "| Command | Document |\n| --- | --- |"
    for name, command in every_command().items():
        told = document(command)
        if told is not None:
            yield f"| `{name} --json` | {told} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Wrote {PAGE}")
