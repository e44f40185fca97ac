"""Two runs side by side: what was set differently, and whether they train on the same images."""

from pathlib import Path

import pytest

from cnn_tui.data.records import DataFacts
from cnn_tui.training.defaults import default_config
from cnn_tui.training.store.comparison import compare, setting_differences
from cnn_tui.training.store.data_record import DataRecord, FileLists, ListedFile, write_data_record
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run

FACTS = DataFacts("folder:/pictures", ("cat", "dog"), 1, 8, (0.5,), (0.2,), 255.0)


@pytest.fixture
def runs(tmp_path: Path) -> tuple[RunFolder, RunFolder]:
    space = Workspace(tmp_path)
    return make_run(space, "one", lr=0.02, seed=1), make_run(space, "other", optimizer="sgd")


def note(run: RunFolder, fingerprint: str, *names: str) -> None:
    files: FileLists = {
        "train": tuple(ListedFile(name, 0, f"digest of {name}") for name in names),
        "val": (),
        "test": (),
    }
    counts = {split: len(rows) for split, rows in files.items()}
    write_data_record(run, DataRecord(fingerprint, FACTS, counts), files)


def test_only_settings_that_differ_are_listed(runs: tuple[RunFolder, RunFolder]) -> None:
    found = {each.setting: each.values for each in compare(*runs).settings}
    assert found.pop("lr")[0] == 0.02
    assert found == {"optimizer": ("adam", "sgd"), "seed": (1, 0)}


def test_networks_differ_by_name_or_in_their_options() -> None:
    def differing(first: str, second: str) -> dict[str, tuple[object, ...]]:
        configs = [
            default_config(each, "digits", lr=0.01, batch_size=8) for each in (first, second)
        ]
        return {each.setting: each.values for each in setting_differences(configs)}

    assert differing("lenet5", "cifar10net")["net"] == ("lenet5", "cifar10net")
    assert differing("simpleresnet", "simpleresnet,width=8")["net.width"] == (64, 8)


def test_what_a_run_has_not_decided_yet_is_no_difference() -> None:
    waiting = default_config("lenet5", "digits")
    begun = default_config("lenet5", "digits", device="cpu", precision="fp32", threads=2)
    assert setting_differences([waiting, begun]) == ()


def test_a_difference_in_words_is_short() -> None:
    configs = [default_config("lenet5", "digits", lr=lr) for lr in (0.02, 0.002, 0.02)]
    assert [each.words for each in setting_differences(configs[:2])] == ["lr 0.02 against 0.002"]
    assert [each.words for each in setting_differences(configs)] == ["lr 0.02, 0.002"]


def test_the_same_data_is_known_by_its_fingerprint(runs: tuple[RunFolder, RunFolder]) -> None:
    for run in runs:
        note(run, "f00", "cat/1.png")
    assert compare(*runs).same_data is True


def test_what_is_different_in_the_data_is_named(runs: tuple[RunFolder, RunFolder]) -> None:
    note(runs[0], "f00", "cat/1.png")
    note(runs[1], "f01", "cat/1.png", "cat/2.png")
    found = compare(*runs)
    assert found.same_data is False
    assert "in the second run 1 file new (cat/2.png)" in found.data


def test_a_run_that_does_not_know_its_data_is_named(runs: tuple[RunFolder, RunFolder]) -> None:
    note(runs[0], "f00", "cat/1.png")
    found = compare(*runs)
    assert found.same_data is None
    assert found.data.startswith("other does not say")
