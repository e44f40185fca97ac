"""The pairs of files that are alike, as a table for spreadsheets and as a page to read them on.

The page has both files of a pair side by side with what they share marked. Every text that a
learner wrote is escaped, and the page loads and runs nothing.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.similarity.records import (
    Lines,
    NotCompared,
    SimilarityReport,
    SimilarPair,
)
from cnn_tui.grading.formats.feedback import HEAD
from cnn_tui.grading.formats.files import expect_writable
from cnn_tui.grading.formats.table import defused
from cnn_tui.grading.text import clean, storable

CAUTION = "A high share is a reason to read both files, not a verdict."
COLUMNS = (
    *("exercise", "learner", "other", "share", "other_share", "lines", "other_lines"),
    "not_compared",
)
HEADINGS = (
    "<tr><th>Pair</th><th>Exercise</th><th>First in the second</th>"
    "<th>Second in the first</th></tr>\n"
)
MAX_PAIRS = 200
"""Of one page; beyond that nobody reads it, and a browser no longer shows it well."""
MAX_LINES = 2000
MAX_COLUMNS = 300
COLORS = ("#ffe08a", "#b7e4c7", "#a9d6f5", "#f7c5d5", "#d9c8f5", "#f5cba7")
STYLE = (
    "<style>body{font-family:sans-serif;margin:2em;color:#111;background:#fff}"
    "td,th{padding:.1em 1em .1em 0;text-align:left;vertical-align:top}"
    ".two{display:grid;grid-template-columns:1fr 1fr;gap:1em}.two>div{min-width:0}"
    "pre{overflow:auto;background:#f6f6f6;margin:0}i{color:#666;font-style:normal}"
    "pre a{color:inherit}"
    + "".join(f".p{place}{{background:{color}}}" for place, color in enumerate(COLORS))
    + "</style>\n"
)


def writer_for(path: Path) -> Callable[[SimilarityReport], str]:
    """What makes the text of a file of that name; raises UsageError for one that it cannot be."""
    known = {".csv": table, ".html": page, ".htm": page}.get(path.suffix.lower())
    if known is None:
        raise UsageError(f"{path} does not tell its format: end it in .html or .csv.")
    expect_writable(path)
    return known


def table(report: SimilarityReport) -> str:
    """A row for each pair, then one for each file that was not compared, as CSV."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in _rows(report):
        writer.writerow([defused(cell) for cell in row])
    return written.getvalue()


def lines_text(files: Mapping[str, Sequence[Lines]]) -> str:
    """``3–20, 31; utils.py: 4`` for the lines of an exercise, and of a helper file."""
    return "; ".join(
        f"{name}: {_listed(lines)}" if name else _listed(lines) for name, lines in files.items()
    )


def _listed(lines: Sequence[Lines]) -> str:
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in lines)


def percent(share: float) -> str:
    """A share that is rounded down, so that only all of a file is 100 %."""
    return f"{int(100 * share)} %"


def heading(report: SimilarityReport) -> str:
    """How many files were compared, and how many pairs are listed."""
    pairs, files = len(report.pairs), report.compared
    counted = f"{files} file{'' if files == 1 else 's'} compared"
    found = f"{pairs or 'no'} pair{'' if pairs == 1 else 's'}"
    share = percent(report.least)
    return f"{counted}: {found} in which at least {share} of one file is also in the other."


def _rows(report: SimilarityReport) -> Iterator[Sequence[str]]:
    for pair in report.pairs:
        shares = f"{pair.share:.4f}", f"{pair.other_share:.4f}"
        lines = lines_text(pair.lines_by_file), lines_text(pair.other_lines_by_file)
        yield pair.exercise, pair.learner, pair.other, *shares, *lines, ""
    for each in report.not_compared:
        yield each.exercise, each.learner, "", "", "", "", "", each.reason


def page(report: SimilarityReport) -> str:
    """The pairs as a page of HTML, the most alike first."""
    title = "Similar submissions"
    shown = report.pairs[:MAX_PAIRS]
    parts = [HEAD, f"<title>{title}</title>\n", STYLE, f"</head>\n<body>\n<h1>{title}</h1>\n"]
    parts.append(f"<p>{escape(heading(report))} {CAUTION}</p>\n")
    if len(report.pairs) > len(shown):
        parts.append(f"<p>The {MAX_PAIRS} most alike are shown.</p>\n")
    if shown:
        parts += ["<table>\n", HEADINGS, *map(_link, range(len(shown)), shown), "</table>\n"]
    parts += _left_out(report.not_compared)
    for number, pair in enumerate(shown):
        parts += _pair(number, pair, report)
    return storable("".join([*parts, "</body>\n</html>\n"]))


def _link(number: int, pair: SimilarPair) -> str:
    shares = f"{percent(pair.share)}</td><td>{percent(pair.other_share)}"
    names = f"{escape(pair.learner)} and {escape(pair.other)}"
    return (
        f'<tr><td><a href="#pair{number}">{names}</a></td>'
        f"<td>{escape(pair.exercise)}</td><td>{shares}</td></tr>\n"
    )


def _left_out(left_out: Sequence[NotCompared]) -> Iterator[str]:
    if left_out:
        yield f"<h2>Not compared: {len(left_out)}</h2>\n<table>\n"
        for each in left_out:
            cells = (each.learner, each.exercise, each.reason)
            yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>\n"
        yield "</table>\n"


def _pair(number: int, pair: SimilarPair, report: SimilarityReport) -> Iterator[str]:
    names = f"{escape(pair.learner)} and {escape(pair.other)}"
    yield f'<h2 id="pair{number}">{escape(pair.exercise)}: {names}</h2>\n<div class="two">\n'
    sides = (
        (pair.learner, pair.share, [(each.file, each.lines) for each in pair.passages]),
        (
            pair.other,
            pair.other_share,
            [(each.other_file, each.other_lines) for each in pair.passages],
        ),
    )
    for side, (learner, share, passages) in enumerate(sides):
        other = sides[1 - side][0]
        yield f"<div><p>{escape(learner)}: {percent(share)} of it is also in {escape(other)}.</p>\n"
        key = pair.exercise, learner
        texts = {"": report.texts[key], **report.helper_texts.get(key, {})}
        for name in dict.fromkeys(["", *sorted(file for file, _ in passages)]):
            if name:
                yield f"<p>{escape(name)}:</p>\n"
            marks = {at: lines for at, (file, lines) in enumerate(passages) if file == name}
            yield f"<pre>{''.join(_code(texts[name], marks, (number, side)))}</pre>\n"
        yield "</div>\n"
    yield "</div>\n"


def _code(text: str, passages: Mapping[int, Lines], place: tuple[int, int]) -> Iterator[str]:
    """The lines of a file, numbered, each passage with a link to the other file's."""
    number, side = place
    passage_of: dict[int, int] = {}
    for of_both, (first, last) in passages.items():
        for each in range(first, last + 1):
            passage_of.setdefault(each, of_both)
    lines = text.split("\n")
    marked = -1
    for count, line in enumerate(lines[:MAX_LINES], start=1):
        said = escape(clean(line, MAX_COLUMNS))
        passage = passage_of.get(count, -1)
        sign = "    "
        if passage not in (-1, marked):
            own, others = f"p{number}-{side}-{passage}", f"p{number}-{1 - side}-{passage}"
            sign = f'<a id="{own}" href="#{others}">{passage + 1:>3}</a> '
        marked = passage
        row = f"<i>{count:>4}</i> {sign}{said}"
        yield (
            f'<span class="p{passage % len(COLORS)}">{row}</span>\n' if passage >= 0 else f"{row}\n"
        )
    if len(lines) > MAX_LINES:
        yield f"<i>{len(lines) - MAX_LINES} more lines are not shown.</i>\n"
