"""How the columns of a table share the room there is."""

from collections.abc import Sequence


def shared_out(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """The widths: what is spare goes to those first that need the fewest cells more."""
    widths, spare = list(least), max(0, room - sum(least))
    by_need = sorted(range(len(least)), key=lambda place: most[place] - least[place])
    for waiting, place in zip(range(len(least), 0, -1), by_need, strict=True):
        more = min(most[place] - least[place], spare // waiting)
        widths[place] += more
        spare -= more
    return widths
