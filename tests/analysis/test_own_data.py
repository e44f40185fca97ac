"""A run is judged and resumed on its own images, whatever becomes of their folder."""

import gzip
import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn_tui.analysis import own_data as evaluated
from cnn_tui.analysis.evaluation import evaluate
from cnn_tui.analysis.evaluation_records import Evaluation
from cnn_tui.analysis.predictions import predict
from cnn_tui.data.catalogue import parse
from cnn_tui.data.preparation import prepare
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import starters
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process import own_data as resumed
from cnn_tui.training.process.execute import execute
from cnn_tui.training.store import deletion, listing
from cnn_tui.training.store.export import save_archive
from cnn_tui.training.store.folder import RunFolder, create_run, read_header
from cnn_tui.workspace import Workspace, create

IMAGES = 30
SIDE = 8


def draw(folder: Path, name: str, seed: int) -> None:
    """A picture of random pixels: no network can know another one from it."""
    pixels = np.random.RandomState(seed).randint(0, 256, (SIDE, SIDE), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / name)


class Lab:
    """A workspace, a folder of noise in two classes, and a run that was trained on it."""

    def __init__(self, root: Path) -> None:
        self.space, _ = create(root / "lab", starters())
        self.pictures = root / "noise"
        for label, kind in enumerate(("cat", "dog")):
            (self.pictures / kind).mkdir(parents=True)
            for number in range(IMAGES):
                draw(self.pictures / kind, f"{number:02}.png", 1000 * label + number)
        self.run = self.trained("first")

    def trained(self, name: str, epochs: int = 2, **settings: object) -> RunFolder:
        config = default_config(
            "lenet5",
            f"folder:{self.pictures}",
            epochs=epochs,
            batch_size=16,
            device="cpu",
            threads=1,
            **settings,
        )
        run = create_run(self.space, config, name, self.space.root / "data")
        assert execute(run, lambda: False) == 0
        return run

    def add(self, count: int = 10) -> None:
        for label, kind in enumerate(("cat", "dog")):
            for number in range(count):
                draw(self.pictures / kind, f"new{number:02}.png", 5000 * (label + 1) + number)

    def judged(self, split: str = "test") -> Evaluation:
        return evaluate(self.space, self.run.run, split)

    def split_files(self) -> dict[str, set[str]]:
        document = json.loads(self.run.data_file.read_text())
        file = self.space.runs / ".data" / f"{document['fingerprint']}.json.gz"
        lists = json.loads(gzip.decompress(file.read_bytes()))["files"]
        return {split: {name for name, _, _ in rows} for split, rows in lists.items()}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("own")
    Lab(root)
    return root


@pytest.fixture
def lab(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """The lab of before: the tests change its folder, which must lie where the run knows it."""
    kept = tmp_path_factory.mktemp("kept") / "copy"
    shutil.copytree(pristine, kept)
    lab = Lab.__new__(Lab)
    lab.space, lab.pictures = Workspace(pristine / "lab"), pristine / "noise"
    lab.run = listing.find_run(lab.space, "first")
    yield lab  # type: ignore[misc]
    shutil.rmtree(pristine)
    shutil.copytree(kept, pristine)


def test_a_run_notes_what_it_is_trained_on(lab: Lab) -> None:
    noted = json.loads(lab.run.data_file.read_text())
    assert noted["classes"] == ["cat", "dog"]
    assert noted["name"] == f"folder:{lab.pictures}"
    assert (noted["in_channels"], noted["image_size"], noted["scale"]) == (1, SIDE, 255)
    assert noted["mean"] == pytest.approx([0.5], abs=0.05)
    assert noted["std"] == pytest.approx([0.29], abs=0.03)
    files = lab.split_files()
    assert {split: len(names) for split, names in files.items()} == noted["counts"]
    assert noted["counts"] == {"train": 43, "val": 5, "test": 12}
    assert set.union(*files.values()) == {
        f"{kind}/{number:02}.png" for kind in ("cat", "dog") for number in range(IMAGES)
    }


def test_runs_on_the_same_data_share_its_list(lab: Lab) -> None:
    other = lab.trained("second", epochs=1)
    assert len(list((lab.space.runs / ".data").iterdir())) == 1
    deletion.delete(other)
    assert len(list((lab.space.runs / ".data").iterdir())) == 1
    deletion.delete(lab.run)
    assert list((lab.space.runs / ".data").iterdir()) == []


def test_images_that_were_added_are_not_judged(lab: Lab) -> None:
    before = lab.judged()
    lab.add(30)
    after = lab.judged()
    assert (after.accuracy, after.loss, after.images) == (before.accuracy, before.loss, 12)
    assert {each.picture.title for each in after.mistakes} <= lab.split_files()["test"]
    assert before.notes == ()
    assert "60 files new (such as cat/new00.png)" in after.notes[0]
    assert "only the run's own images that are still there are used" in after.notes[0]
    assert lab.judged("val").accuracy == evaluate(lab.space, "first", "val").accuracy


def test_images_of_another_format_change_nothing_for_a_run_of_before(lab: Lab) -> None:
    before = lab.judged()
    for number in range(200):
        pixels = np.random.RandomState(number).randint(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(lab.pictures / "cat" / f"large{number}.png")
    after = lab.judged()
    assert (after.accuracy, after.images) == (before.accuracy, 12)
    assert after.loss == pytest.approx(before.loss)


def test_images_that_are_missing_are_named(lab: Lab) -> None:
    gone = sorted(lab.split_files()["test"])[0]
    (lab.pictures / gone).unlink()
    judged = lab.judged()
    assert judged.images == 11
    assert f"1 file missing ({gone})" in judged.notes[0]


def test_images_with_something_else_in_them_are_named_and_left_out(lab: Lab) -> None:
    changed = sorted(lab.split_files()["test"])[0]
    draw(lab.pictures, changed, 999_999)
    judged = lab.judged()
    assert judged.images == 11
    assert f"1 file with another image in it ({changed})" in judged.notes[0]


def test_a_class_under_another_name_is_still_the_class(lab: Lab) -> None:
    before = lab.judged()
    (lab.pictures / "cat").rename(lab.pictures / "zebra")
    after = lab.judged()
    assert after.confusion == before.confusion
    assert after.classes == ("cat", "dog")
    assert "the class cat is called zebra now" in after.notes[0]


def test_other_images_altogether_are_not_judged(lab: Lab) -> None:
    for path in lab.pictures.rglob("*.png"):
        path.unlink()
    lab.add()
    with pytest.raises(UsageError, match=r"holds none of the images that run .* was trained on"):
        lab.judged()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lab: lab.add(1), "2 files new (such as cat/new00.png)"),
        (lambda lab: (lab.pictures / "cat" / "03.png").unlink(), "1 file missing (cat/03.png)"),
        (lambda lab: draw(lab.pictures, "dog/03.png", 77), "1 file with another image in it"),
        (lambda lab: (lab.pictures / "cat").rename(lab.pictures / "x"), "cat is called x now"),
        (
            lambda lab: (lab.pictures / "cat/00.png").rename(lab.pictures / "dog/90.png"),
            "1 file new",
        ),
    ],
    ids=["added", "removed", "changed", "renamed", "moved"],
)
def test_a_run_goes_on_with_its_own_data_only(
    lab: Lab, change: Callable[[Lab], object], told: str
) -> None:
    stops = iter([False] * 12)
    config = default_config(
        "lenet5", f"folder:{lab.pictures}", epochs=9, batch_size=16, device="cpu", threads=1
    )
    run = create_run(lab.space, config, "long", lab.space.root / "data")
    assert execute(run, lambda: next(stops, True)) == 0
    assert listing.status(run).state == "stopped"
    change(lab)
    assert execute(run, lambda: False) == 1
    now = listing.status(run)
    assert now.refused
    assert now.state == "stopped"
    assert f"has changed since run {run.run} began: " in now.message
    assert told in now.message
    assert "start a new run" in now.message


@pytest.mark.parametrize("has_list", [True, False])
def test_what_a_run_notes_is_read_and_compared_once(
    lab: Lab, has_list: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.add()
    if not has_list:
        shutil.rmtree(lab.run.file_lists)
    calls: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object) -> object:
            calls[name] += 1
            return function(*given)

        return call

    for module in (evaluated, resumed):
        for name in ("read_data_record", "read_files", "data_changes", "record_of"):
            monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    expected = {"read_data_record": 1, "read_files": 1, "record_of": 1}
    expected |= {"data_changes": 1} if has_list else {}
    with nullcontext() if has_list else pytest.raises(UsageError):
        evaluated.own_data(lab.run, read_header(lab.run))
    assert calls == expected
    calls.clear()
    now = prepare.load(parse(f"folder:{lab.pictures}"), lab.space.root / "data")
    with pytest.raises(UsageError, match="has changed since"):
        resumed.refuse_other_data(lab.run, now)
    assert calls == expected


def test_a_copied_run_guesses_without_the_data_set(lab: Lab, tmp_path: Path) -> None:
    elsewhere, _ = create(tmp_path / "elsewhere", starters())
    shutil.copytree(lab.run.path, elsewhere.runs / lab.run.run)
    picture = tmp_path / "picture.png"
    shutil.copy(lab.pictures / "cat" / "00.png", picture)
    here = predict(lab.space, "first", [str(picture)])
    shutil.rmtree(lab.pictures)
    shutil.rmtree(lab.space.root / "data")
    there = predict(elsewhere, "first", [str(picture)])
    assert there.images[0].guesses == here.images[0].guesses
    assert {guess.name for guess in there.images[0].guesses} == {"cat", "dog"}
    (elsewhere.runs / lab.run.run / "data.json").unlink()  # the weights know it, too
    assert predict(elsewhere, "first", [str(picture)]).images[0].guesses == here.images[0].guesses
    with pytest.raises(
        UsageError, match=r"The run's data set is needed for this\. .*does not exist"
    ):
        predict(elsewhere, "first")


def test_a_run_without_its_list_judges_the_same_data_and_refuses_other(
    lab: Lab, tmp_path: Path
) -> None:
    shutil.rmtree(lab.space.runs / ".data")
    assert lab.judged().notes == ()
    lab.add()
    with pytest.raises(
        UsageError, match=r"is not what run .*\.json\.gz, which is not here: copy it"
    ):
        lab.judged()


def test_an_older_run_says_that_it_does_not_know_its_images(lab: Lab) -> None:
    lab.run.data_file.unlink()
    assert "of an older cnn-lab, which did not note its images" in lab.judged().notes[0]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"fingerprint": "x"}', '{"fingerprint": 1, "classes": 3}']
)
def test_says_that_what_a_run_notes_is_damaged(lab: Lab, text: str) -> None:
    lab.run.data_file.write_text(text)
    with pytest.raises(UsageError, match=r"data\.json, which says what run .* is damaged"):
        lab.judged()


def test_a_run_travels_with_the_list_of_its_files(lab: Lab, tmp_path: Path) -> None:
    save_archive(lab.run, tmp_path / "run.zip")
    elsewhere, _ = create(tmp_path / "elsewhere", starters())
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(elsewhere.runs)
    before = lab.judged()
    lab.add()
    there = evaluate(elsewhere, "first")
    assert (there.loss, there.images) == (before.loss, before.images)
    assert not (elsewhere.runs / lab.run.run / "run.lock").exists()
    with pytest.raises(UsageError, match="cannot be written"):
        save_archive(lab.run, tmp_path / "no folder" / "run.zip")
