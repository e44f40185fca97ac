"""Options that print a document, and are given a file to write it to, which they do not take."""

import shlex
from collections.abc import Mapping, Sequence

PRINTING: Mapping[str, tuple[str, ...]] = {
    "--csv": (".csv", ".tsv", ".txt"),
    "--json": (".json", ".jsonl", ".txt"),
}
"""Each option, and how a file ends that somebody may want it to write."""
TAKES_FILE = ("runs", "export")
"""The command that has such an option and a file as well."""


def takes_no_file(words: Sequence[str], sentence: str) -> str | None:
    """What to say in place of an error's ``sentence`` that is about the file behind such an option.

    None where it is about something else.
    """
    if tuple(words[: len(TAKES_FILE)]) == TAKES_FILE:
        return None
    for place, option in enumerate(words[:-1]):
        file = words[place + 1]
        if file.casefold().endswith(PRINTING.get(option, ())) and file in sentence:
            others = [*words[: place + 1], *words[place + 2 :]]
            command = f"{shlex.join(['cnn-lab', *others])} > {shlex.quote(file)}"
            return (
                f"{option} prints to the standard output and takes no file. To write one: {command}"
            )
    return None
