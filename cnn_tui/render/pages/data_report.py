"""A data report: counts as bars, facts about the files, and a mosaic of samples."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.records import Picture
from cnn_tui.data.preparation.passed_over import files_and_links, kinds_of
from cnn_tui.data.records import BYTE_SCALE, ClassCount
from cnn_tui.data.report_records import Copies, DataReport, ImageCount, Sample, Sizes, Spread
from cnn_tui.render.data import PART_TITLES
from cnn_tui.render.draw.numbers import printable, share_bar
from cnn_tui.render.draw.styles import ACCENT, FAILED, PASSED, QUIET, STRONG, TITLE, WARNING
from cnn_tui.render.draw.tiles import Tile, cut, tiles

MOST_CLASSES = 40
"""Classes listed one by one; of more, those with the fewest images."""
LONGEST_NAME, WIDEST_BAR, NARROWEST_BAR = 24, 20, 4
COUNT = 9
"""Cells of a count and of what is around it and its bar."""
MOST_NAMED = 10
"""Files of a kind that are named; of more, the rest is counted."""
TILE = 12
"""Columns of a sample."""
WORDS = {"train": "training", "val": "validation", "test": "test"}
KINDS = {
    "1": "black and white",
    "L": "gray",
    "LA": "gray with transparency",
    "P": "palette",
    "RGB": "color",
    "RGBA": "color with transparency",
    "CMYK": "print colors",
    "I": "gray",
    "I;16": "gray",
    "I;16B": "gray",
    "F": "gray",
}
"""Pillow's modes in words."""


def data_report_view(
    report: DataReport, *, columns: int = 80, color: bool | None = None, is_named: bool = True
) -> RenderableType:
    """All of a report; ``color`` None leaves to the console how samples are drawn.

    Without ``is_named`` it does not say which data set it is: that stands above it.
    """
    parts: list[RenderableType] = [_heading(report, is_named)]
    parts += [Text(printable(note), QUIET) for note in report.notes]
    parts += [Text(), *_classes(report, columns), Text(), _facts(report)]
    if report.samples:
        parts += [Text(), Text("Samples of the training images", TITLE), Text()]
        samples = [_tile(each) for each in report.samples]
        parts.append(tiles(samples, TILE, columns=columns, color=color))
    return Group(*parts)


def _heading(report: DataReport, is_named: bool) -> Text:
    counts = [f"{part.images:,} {WORDS[part.name]}" for part in report.parts]
    counted = f"{' + '.join(counts)} images, {len(report.per_class):,} classes"
    if not is_named:
        return Text(counted)
    return Text.assemble((printable(report.name), STRONG), f"  {counted}")


def _classes(report: DataReport, columns: int) -> Iterator[RenderableType]:
    """Each class with its count and a bar in every part, on one scale per part."""
    roles = [part.name for part in report.parts]
    classes = _listed(report.per_class)
    name = min(max(cell_len(printable(each.name)) for each in classes), LONGEST_NAME)
    room = (columns - name) // len(roles) - COUNT - 2
    width = min(WIDEST_BAR, room) if room >= NARROWEST_BAR else 0
    most = {role: max(_count(each, role) for each in report.per_class) for role in roles}
    table = Table(box=None, pad_edge=False, header_style=TITLE, padding=(0, 2, 0, 0))
    table.add_column("Class", no_wrap=True, min_width=name)
    for role in roles:
        table.add_column(PART_TITLES[role], justify="right", no_wrap=True)
        if width:
            table.add_column("", no_wrap=True, min_width=width)
    for each in classes:
        cells: list[Text] = []
        for role in roles:
            count = _count(each, role)
            cells.append(Text(f"{count:,}", "" if count else WARNING))
            if width:
                cells.append(Text(share_bar(count, most[role], width), ACCENT))
        table.add_row(Text(cut(each.name, name)), *cells)
    yield table
    if len(classes) < len(report.per_class):
        note = f"The {len(classes)} of {len(report.per_class):,} classes with the fewest images."
        yield Text(note, QUIET)


def _listed(classes: Sequence[ClassCount]) -> Sequence[ClassCount]:
    if len(classes) <= MOST_CLASSES:
        return classes
    return sorted(classes, key=lambda each: each.train)[:MOST_CLASSES]


def _count(each: ClassCount, role: str) -> int:
    count: int | None = getattr(each, role)
    return count or 0


def _facts(report: DataReport) -> Table:
    """What was found out about the files, one thing a row."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style=TITLE, no_wrap=True)
    table.add_column(overflow="fold")
    if report.sizes is not None:
        table.add_row("Sizes", _sizes(report.sizes))
    table.add_row("Channels", _counted(report.modes, KINDS))
    table.add_row("Bit depths", _depths(report))
    table.add_row("Duplicates", _duplicates(report))
    unreadable = [f"{each.path} ({each.reason})" for each in report.unreadable]
    table.add_row("Unreadable", _named(files_and_links(unreadable), unreadable, FAILED))
    table.add_row("Passed over", _passed_over(report.passed_over))
    return table


def _sizes(sizes: Sizes) -> Text:
    common = sizes.most_common
    if sizes.kinds == 1:
        return Text(f"all {common.name}")
    return Text(
        f"width {_spread(sizes.width)}, height {_spread(sizes.height)} "
        f"(smallest, median, largest)\n{sizes.kinds:,} different sizes, most often "
        f"{common.name} ({common.images:,})"
    )


def _spread(spread: Spread) -> str:
    return f"{spread.smallest} · {spread.median} · {spread.largest}"


def _counted(tallies: Sequence[ImageCount], words: dict[str, str] | None = None) -> Text:
    known = words or {}
    told = (
        f"{each.name} ({known[each.name]}) {each.images:,}"
        if each.name in known
        else f"{each.name} {each.images:,}"
        for each in tallies
    )
    return Text(", ".join(told) or "–")


def _depths(report: DataReport) -> Text:
    told = _counted([ImageCount(f"{each.name}:", each.images) for each in report.depths])
    if report.scale != BYTE_SCALE:
        told.append(f"; white is {report.scale:,g}")
    return told


def _duplicates(report: DataReport) -> Text:
    found = report.duplicates
    if not found.any:
        return Text("✓ none", PASSED)
    told = [
        f"{each.images:,} {WORDS[each.name]} "
        f"{'image repeats' if each.images == 1 else 'images repeat'} another one"
        for each in found.within
        if each.images
    ]
    text = Text("; ".join(told))
    for each in found.across:
        if each.images:
            is_one = each.images == 1
            what = "image is also a" if is_one else "images are also"
            line = f"✗ {each.images:,} {WORDS[each.name]} {what} training image"
            text.append(f"{'' if not text else chr(10)}{line}{'' if is_one else 's'}", FAILED)
    if found.between_classes:
        several = found.between_classes > 1
        what = f"{found.between_classes:,} {'images are' if several else 'image is'}"
        text.append(f"\n✗ {what} in more than one class", FAILED)
    for copies in found.examples:
        text.append(f"\n{_copies(copies)}", QUIET)
    return text


def _copies(copies: Copies) -> str:
    more = f" = … ({len(copies.images):,} in all)" if len(copies.images) > 3 else ""
    return " = ".join(map(printable, copies.images[:3])) + more


def _passed_over(paths: Sequence[str]) -> Text:
    return _named(f"{files_and_links(paths)} ({kinds_of(paths)})", paths, WARNING)


def _named(count: str, names: Sequence[str], style: str) -> Text:
    """``count`` and below it the first of ``names``; that there are none, where there are none."""
    if not names:
        return Text("✓ none", PASSED)
    text = Text(count, style)
    for name in names[:MOST_NAMED]:
        text.append(f"\n{printable(name)}", QUIET)
    if len(names) > MOST_NAMED:
        text.append(f"\n… and {len(names) - MOST_NAMED:,} more", QUIET)
    return text


def _tile(sample: Sample) -> Tile:
    """A sample below its class."""
    picture = Picture(sample.name, sample.height, sample.width, sample.channels, sample.pixels)
    return Text(cut(sample.label, TILE), no_wrap=True), picture
