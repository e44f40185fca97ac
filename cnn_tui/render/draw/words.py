"""Shortening a line of text between two words."""

from rich.text import Text

MORE = " …"


def shortened(line: Text, room: int) -> Text:
    """The words of ``line`` that fit into ``room`` cells, and ``…`` where there are more.

    A word is broken where more than half of the room would stay empty without its beginning.
    """
    if line.cell_len <= room:
        return line
    kept = line.copy()
    kept.truncate(max(0, room - len(MORE) + 1))
    end = kept.plain.rfind(" ")
    if end > room // 2:
        kept.right_crop(len(kept) - end)
    else:
        kept.truncate(max(0, room - len(MORE)))
    kept.rstrip()
    return kept.append(MORE) if kept else Text("…"[:room])
