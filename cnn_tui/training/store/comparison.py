"""Two runs, or more, side by side: what was set differently, and whether their data is the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnn_tui.nets.own_files import kept_files
from cnn_tui.nets.specs import NetSpec
from cnn_tui.options import OptionValue, text
from cnn_tui.training.config import AUTO, TrainConfig, train_options
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.data_changes import data_changes
from cnn_tui.training.store.data_record import DataRecord, read_data_record, read_files
from cnn_tui.training.store.differences import LEFT_OPEN
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.training.store.listing import status

NETWORK, DATA = "net", "data"
OF_NETWORK = "net."
"""Stands before the name of an option of the network."""
UNDECIDED = LEFT_OPEN | {("placement", AUTO), ("threads", 0)}
"""What a run decides once it has begun; until then it differs from nothing."""
DIGITS_OF_SOURCE = 8
SHORT = {"batch_size": "batch"}
"""Names of options where there is little room."""


@dataclass(frozen=True)
class Difference:
    """One setting, by the name of its option, and its value in each run; None: left to it."""

    setting: str
    values: tuple[OptionValue | None, ...]

    @property
    def words(self) -> str:
        """``lr 0.02 against 0.002``; of more than two every value once, ``lr 0.02, 0.01``."""
        name = SHORT.get(self.setting, self.setting.removeprefix(OF_NETWORK).replace("_", " "))
        between = " against " if len(self.values) == 2 else ", "
        return f"{name} {between.join(dict.fromkeys(map(value_text, self.values)))}"


@dataclass(frozen=True)
class RunComparison:
    """Two runs, what differs in their settings, and whether they train on the same images.

    ``same_data`` is None where one of them does not say; ``data`` is a sentence about it.
    """

    runs: tuple[RunStatus, RunStatus]
    settings: tuple[Difference, ...]
    same_data: bool | None
    data: str


def compare(first: RunFolder, second: RunFolder) -> RunComparison:
    """The two runs side by side; raises UsageError where one of them cannot be used here."""
    headers = read_header(first), read_header(second)
    same, sentence = _compared_data(first, second)
    return RunComparison(
        runs=(status(first), status(second)),
        settings=setting_differences([header.config for header in headers]),
        same_data=same,
        data=sentence,
    )


def setting_differences(configs: Sequence[TrainConfig]) -> tuple[Difference, ...]:
    """What these configurations do not share: network, data set, options of both, in that order."""
    found = [*_of_networks(configs), Difference(DATA, tuple(str(each.data) for each in configs))]
    for option in train_options():
        values = tuple(getattr(each, option.name) for each in configs)
        if not any((option.name, value) in UNDECIDED for value in values):
            found.append(Difference(option.name, values))
    return tuple(each for each in found if len(set(each.values)) > 1)


def value_text(value: OptionValue | None) -> str:
    """A value as a user would write it; ``default`` for what is left to the network or the run."""
    return "default" if value is None else text(value)


def _of_networks(configs: Sequence[TrainConfig]) -> Iterator[Difference]:
    if len({(each.net.place, each.net.name) for each in configs}) > 1:
        yield Difference(NETWORK, tuple(str(each.net) for each in configs))
        return
    settings = [each.net.settings for each in configs]
    for name in dict.fromkeys(name for each in settings for name in each):
        yield Difference(f"{OF_NETWORK}{name}", tuple(each.get(name) for each in settings))
    yield Difference(f"{OF_NETWORK}source", tuple(_source(each.net) for each in configs))


def _source(net: NetSpec) -> str | None:
    """The beginning of the number of a run's own copy of its network's source, if it has one."""
    kept = None if net.kept is None else kept_files(net.kept)
    return None if kept is None else kept.digest[:DIGITS_OF_SOURCE]


def _compared_data(first: RunFolder, second: RunFolder) -> tuple[bool | None, str]:
    runs = first, second
    records = one, other = read_data_record(first), read_data_record(second)
    if one is None or other is None:
        return None, _unknown([run for run, each in zip(runs, records, strict=True) if not each])
    if one.fingerprint == other.fingerprint:
        return True, "Both train on the same images."
    return False, f"They train on different images: {_what_differs(first, one, second, other)}."


def _unknown(runs: Sequence[RunFolder]) -> str:
    """What is said of runs that do not know their data."""
    if len(runs) > 1:
        return (
            "Neither run says which images it trains on: they have not begun, or began with an "
            "older cnn-lab."
        )
    return (
        f"{runs[0].run} does not say which images it trains on: it has not begun, or began with "
        "an older cnn-lab."
    )


def _what_differs(first: RunFolder, one: DataRecord, second: RunFolder, other: DataRecord) -> str:
    """What is in the data of the ``second`` run and not in that of the first, or otherwise."""
    files, files_other = read_files(first, one), read_files(second, other)
    if files and files_other and one.facts.name == other.facts.name:
        changes = data_changes(files, one.facts.classes, files_other, other.facts.classes)
        if changes:
            return f"in the second run {changes}"
    return f"{_counts(one)} against {_counts(other)}"


def _counts(record: DataRecord) -> str:
    """``digits (10 classes, 1,294 + 144 + 359 images)``."""
    images = " + ".join(f"{count:,}" for count in record.counts.values())
    return f"{record.facts.name} ({len(record.facts.classes)} classes, {images} images)"
