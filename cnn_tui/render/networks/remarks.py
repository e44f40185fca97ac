"""What is to be known of a network's numbers: how they were found, and its likely mistakes."""

from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.networks.records import TESTED, NetSummary
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import TITLE

LABELS = {"quantized": "Not counted"}
"""Kind of a note → what stands before it, if it is no warning."""


def remarks(summary: NetSummary) -> list[tuple[str, str]]:
    """Label and sentence of each: the run that confirmed the input, the note, the warnings."""
    found = []
    if summary.real_run not in ("", TESTED):
        found.append(("Real run", summary.real_run))
    if summary.note:
        found.append(("Note", summary.note))
    for note in summary.notes:
        found.append((LABELS.get(note.kind, "Warning"), f"{note.message} Topic: {note.topic}."))
    return [(label, printable(sentence)) for label, sentence in found]


def fact_table() -> Table:
    """An empty table of facts, each behind its name."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(no_wrap=True, style=TITLE)
    facts.add_column()
    return facts


def add_remarks(facts: Table, summary: NetSummary) -> None:
    """Add the remarks to a table of facts."""
    for label, sentence in remarks(summary):
        facts.add_row(label, Text(sentence))
