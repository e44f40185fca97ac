"""What stands beside the list while there is no run: how to begin, on what, and what one sees."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from rich.text import Text

from cnn_tui.data.catalogue import FOLDER, FOLDER_PREFIX, all_data_sets
from cnn_tui.data.inventory import inventory
from cnn_tui.render.draw.console import wrapped_lines
from cnn_tui.render.draw.keys import key_text, keyed
from cnn_tui.render.draw.styles import QUIET, STRONG, TITLE
from cnn_tui.render.runs.experiment import cost
from cnn_tui.training.studies.catalogue import STUDIES
from cnn_tui.training.studies.plan import DEFAULT_SEEDS
from cnn_tui.workspace import data_dir

NO_WORKSPACE = "Runs are kept in a workspace, and there is none here yet. Press {n} to create one."
NO_RUNS = "No runs yet."
KEYS = (
    ("n", "trains a network, in about a minute"),
    ("e", "runs an experiment: several seeds"),
    ("d", "shows what a data set holds"),
)
WIDEST = 90
INDENT = "  "
HERE = "here"
NAME_CELLS = 15
WHAT_ONE_SEES = (
    "A run draws its loss and accuracy here while it trains, marks the epoch whose weights are "
    "kept, and says what to change if it goes badly. It continues when you close the lab.\n"
    "Afterward you look at its predictions, and compare its curves with those of other runs."
)


def data_here() -> frozenset[str]:
    """Names of the data sets that need no download; blocks."""
    return frozenset(each.name for each in inventory(data_dir()) if each.state != "not here")


@dataclass(frozen=True)
class Beginning:
    """How to begin, and what there is to begin with."""

    has_workspace: bool = True

    def text(self, width: int, height: int, data: Container[str] = ()) -> Text:
        """As much of it as there is room for, whole sections only.

        ``data`` are the data sets that are here, as far as that is known.
        """
        width = min(width, WIDEST)
        sentence = keyed(NO_RUNS if self.has_workspace else NO_WORKSPACE)
        keys = (key_text(key, f" {words}") for key, words in KEYS)
        lines = [*wrapped_lines(sentence, width), Text(), *keys]
        for title, section in (
            ("Experiments", _experiments(width)),
            ("Data sets", _data_sets(width, data)),
            ("What you will see", _indented(WHAT_ONE_SEES, width)),
        ):
            added = [Text(), Text(title, TITLE), *section]
            if len(lines) + len(added) <= height:
                lines += added
        return Text("\n").join(lines)


def _data_sets(width: int, here: Container[str]) -> Iterator[Text]:
    """Each with what it holds, and what it takes to have it; in a line where there is room."""
    for each in all_data_sets():
        name, about = each.name, f"{each.title}: {HERE if each.name in here else each.source}"
        if name == FOLDER:
            name, about = f"{FOLDER_PREFIX}PATH", each.title
        row = Text.assemble(INDENT, (name.ljust(NAME_CELLS), STRONG), (about, QUIET))
        if row.cell_len <= width:
            yield row
        else:
            yield Text(INDENT + name, STRONG)
            yield from _indented(about, width, 2 * INDENT)


def _experiments(width: int) -> Iterator[Text]:
    """Each with its question, and what it takes, behind its title where that fits."""
    for study in STUDIES:
        yield from _indented(study.question, width, style=STRONG)
        takes = cost(study, DEFAULT_SEEDS)
        about = f"{study.title}: {takes}"
        fits = len(about) + len(2 * INDENT) <= width
        yield from _indented(about if fits else takes, width, 2 * INDENT)


def _indented(text: str, width: int, indent: str = INDENT, style: str = QUIET) -> Iterator[Text]:
    for line in wrapped_lines(Text(text, style), width - len(indent)):
        yield Text.assemble(indent, line)
