"""``cnn-lab data`` and ``train --data``, as a learner types them, offline."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from cnn_tui.cli import main
from cnn_tui.data.preparation.published import MIRROR_VARIABLE
from cnn_tui.training.store.listing import list_runs
from cnn_tui.workspace import Workspace
from tests.data.archives import cifar_archive, cifar_members, expect_cifar10, put
from tests.data.file_server import FileServer, file_server
from tests.subprocesses import cnn_lab

ARCHIVE = "cifar-10-python.tar.gz"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A mirror with a small CIFAR-10, of which ``main`` runs here: torchvision must be told."""
    members = cifar_members()
    archive = cifar_archive(members)
    monkeypatch.setattr("cnn_tui.data.preparation.download.PAUSE_SECONDS", 0.001)
    with file_server() as server:
        monkeypatch.setenv(MIRROR_VARIABLE, server.url)
        expect_cifar10(monkeypatch, members, archive, NOWHERE)
        server.files[f"/cifar10/{ARCHIVE}"] = archive
        yield server


def test_lists_the_data_sets(tmp_path: Path) -> None:
    done = cnn_lab("data", "--data-dir", tmp_path)
    assert done.returncode == 0
    for words in ("digits", "mnist", "fashion-mnist", "cifar10", "not here", str(tmp_path)):
        assert words in done.stdout.replace("\n", "")
    listed = json.loads(cnn_lab("data", "--json", CNN_LAB_DATA=str(tmp_path)).stdout)
    assert {"name": "cifar10", "prepared": False, "classes": 10}.items() <= listed[3].items()


def test_prepares_a_data_set_and_does_it_only_once(
    server: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.cut_after = 5000
    words = ["data", "prepare", "CIFAR-10", "--data-dir", str(tmp_path)]
    assert main(words) == 0
    first = capsys.readouterr()
    assert first.out.startswith("cifar10 is ready: ")
    assert first.err.splitlines()[0].startswith(f"downloading {ARCHIVE}: 0 B of 1")
    assert "decoding the images" in first.err
    assert [asked for _, asked in server.requests] == [None, "bytes=5000-"]
    assert main([*words, "--json"]) == 0
    again = capsys.readouterr()
    document = json.loads(again.out)
    assert (document["name"], document["state"], document["prepared"]) == (
        "cifar10",
        "prepared",
        True,
    )
    assert len(document["mean"]) == len(document["std"]) == 3
    assert document["class_names"][3] == "cat"
    assert again.err == ""
    assert len(server.requests) == 2


def test_an_image_of_a_prepared_data_set_can_be_pooled(
    server: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["pool", "--input", "cifar10#3", "--channel", "red", "--data-dir", str(tmp_path)]
    assert main(words) == 2
    assert "Prepare it: cnn-lab data prepare cifar10" in capsys.readouterr().err
    assert main(["data", "prepare", "cifar10", "--data-dir", str(tmp_path)]) == 0
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["input"]) == 32


def test_a_folder_is_prepared_and_its_damaged_files_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(6):
            Image.new("RGB", (20, 20), "red").save(tmp_path / "pets" / name / f"{number}.png")
    (tmp_path / "pets" / "cat" / "0.png").write_bytes(b"damaged")
    words = ["data", "prepare", f"folder:{tmp_path}/pets", "--data-dir", str(tmp_path / "data")]
    assert main([*words, "--image-size", "16", "--json"]) == 0
    shown = capsys.readouterr()
    document = json.loads(shown.out)
    assert (document["train_images"], document["test_images"]) == (9, 2)
    assert document["image_size"] == 16
    assert document["skipped"][0]["path"] == "cat/0.png"
    assert "1 file cannot be read and was left out: cat/0.png" in shown.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fetch"], "no data set named 'fetch'"),
        (["fetch", "digits"], "no action named 'fetch'"),
        (["prepare"], "Name the data set"),
        (["prepare", "cifar100"], "did you mean cifar10?"),
        (["prepare", "folder:/no/such/folder"], "does not exist"),
        (["prepare", "digits", "--image-size", "0"], "--image-size"),
    ],
)
def test_wrong_use_exits_2_with_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", *words]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert (shown.out, shown.err.count("\n")) == ("", 1)


@pytest.mark.slow
def test_a_run_that_lacks_its_data_is_refused_before_it_is_made(
    workspace: Workspace, tmp_path: Path
) -> None:
    words = ("train", "lenet5", "--data", "cifar10", "--data-dir", tmp_path / "data")
    done = cnn_lab(*words, cwd=workspace.root, CNN_LAB_MIRROR=NOWHERE)
    assert done.returncode == 2
    assert done.stderr == (
        f"Error: cifar10 is not in {tmp_path}/data/cifar10 and could not be downloaded "
        f"(127.0.0.1:9: Connection refused). Use the data set digits, or copy {ARCHIVE} "
        "there (--data).\n"
    )
    assert list_runs(workspace) == []


def test_a_run_prepares_its_data_in_its_own_process_and_says_how_far_it_is(
    server: FileServer, workspace: Workspace, tmp_path: Path
) -> None:
    from cnn_tui.training.defaults import default_config
    from cnn_tui.training.process.execute import execute
    from cnn_tui.training.records import Ended, Note, Preparing
    from cnn_tui.training.store.folder import create_run
    from cnn_tui.training.store.metrics import MetricsReader

    put(tmp_path / "data" / "cifar10", {ARCHIVE: b"damaged"})
    settings = {"epochs": 1, "device": "cpu", "threads": 1}
    run = create_run(
        workspace, default_config("lenet5", "cifar10", **settings), None, tmp_path / "data"
    )
    assert execute(run, lambda: False) == 0
    reader = MetricsReader(run.metrics_file)
    told = reader.poll()
    steps = [event for event in told if isinstance(event, Preparing)]
    assert any(step.unit == "bytes" and step.done == step.total for step in steps)
    assert any("wrong checksum" in event.message for event in told if isinstance(event, Note))
    assert isinstance(told[-1], Ended)
    assert told[-1].state == "finished"


def test_reports_on_a_folder_and_prepares_nothing(tmp_path: Path) -> None:
    for number, name in enumerate(("cats", "dogs")):
        for index in range(4):
            save_picture(tmp_path / "pets" / name / f"{index}.png", 50 * number + index)
    shutil.copy(tmp_path / "pets/cats/0.png", tmp_path / "pets/cats/again.png")
    kept = tmp_path / "kept"
    done = cnn_lab("data", f"folder:{tmp_path / 'pets'}", "--data-dir", kept)
    assert done.returncode == 0
    assert "looking at the images: 9 of 9 files" in done.stderr
    for words in ("cats", "dogs", "all 9×7", "Duplicates", "again.png", "Samples"):
        assert words in done.stdout
    printed = cnn_lab("data", f"folder:{tmp_path / 'pets'}", "--json", "--data-dir", kept)
    assert json.loads(printed.stdout)["images"] == 9
    assert not kept.exists()
    wrong = cnn_lab("data", "digits", "--val-is-validation")
    assert wrong.returncode == 2


def save_picture(path: Path, level: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (9, 7), (level, 2 * level, 90)).save(path)
