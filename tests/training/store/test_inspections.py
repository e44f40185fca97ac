"""The record of a network's inside: whole lines, and nothing that a torn or foreign one breaks."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.cli import main
from cnn_tui.training.store.inspection_records import (
    ImagePrediction,
    InspectedImages,
    Inspection,
    LayerInspection,
    PixelStack,
)
from cnn_tui.training.store.inspections import InspectionReader, append, read_inspections
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run

PIXELS = PixelStack(2, 1, 2, 2, "AAEC/wMEBQY=")
LAYERS = (
    LayerInspection("conv1", "Conv2d", 2.0, 0.5, 0.002, True, 0.1, 1.2, 0.25),
    LayerInspection("bn1", "BatchNorm2d", 1.0, 0.1, 0.01, False, 0.0, 1.0, None, 0.5, 1.1),
)
SNAPSHOT = Inspection(
    10, 1, 0.5, 512, LAYERS, PIXELS, PIXELS, (ImagePrediction((1, 0), (0.75, 0.25)),) * 2
)
IMAGES = InspectedImages(PIXELS, (1, 0), ("cat", "dog"))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "inspection.jsonl"
    for record in (IMAGES, SNAPSHOT, replace(SNAPSHOT, step=20, epoch=2)):
        append(file, record)
    found = read_inspections(file)
    assert found.images == IMAGES
    assert found.snapshots == (SNAPSHOT, replace(SNAPSHOT, step=20, epoch=2))
    assert found.at_epoch(1) == SNAPSHOT
    assert found.at_epoch(3) is None
    assert PIXELS.channel(1, 0) == [[3, 4], [5, 6]]
    assert LAYERS[0].update_ratio == 0.001


def test_steps_that_are_done_again_replace_what_was_recorded_of_them(tmp_path: Path) -> None:
    file = tmp_path / "inspection.jsonl"
    again = replace(SNAPSHOT, step=20, rate_part=0.1)
    for record in (SNAPSHOT, replace(SNAPSHOT, step=20), replace(SNAPSHOT, step=30), again):
        append(file, record)
    assert read_inspections(file).snapshots == (SNAPSHOT, again)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"null",
        b'{"format": 9, "kind": "snapshot"}',
        b'{"format": 1, "kind": "snapshot", "step": "x"}',
        b'{"format": 1, "kind": "images", "pictures": null}',
        b"\xff" * 9,
        json.dumps(
            {
                "format": 1,
                "kind": "images",
                "labels": [],
                "classes": [],
                "pictures": {"count": 9, "channels": 1, "height": 1, "width": 1, "data": "AA=="},
            }
        ).encode(),
    ],
)
def test_a_damaged_line_costs_only_itself(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "inspection.jsonl"
    append(file, SNAPSHOT)
    with file.open("ab") as stream:
        stream.write(line)  # torn: without its end
    append(file, replace(SNAPSHOT, step=20))
    assert [each.step for each in read_inspections(file).snapshots] == [10, 20]


def test_what_a_newer_lab_recorded_is_said(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(workspace, "20261129-105203-lenet5-digits-aaaa")
    run.inspection_file.write_text('{"format": 2, "kind": "snapshot", "depths": []}\n')
    assert main(["inspect", run.run, "--workspace", str(workspace.root)]) == 2
    assert "A newer cnn-lab recorded" in capsys.readouterr().err


def test_a_live_file_is_read_as_it_grows(tmp_path: Path) -> None:
    file = tmp_path / "inspection.jsonl"
    reader = InspectionReader(file)
    assert not reader.poll()
    append(file, SNAPSHOT)
    whole = file.read_bytes()
    file.write_bytes(whole[:-5])
    assert not reader.poll(), "half a line"
    file.write_bytes(whole)
    assert reader.poll()
    assert not reader.poll()
    assert reader.inspections.snapshots == (SNAPSHOT,)


def test_the_command_shows_layers_images_and_filters(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(workspace, "20261129-105203-lenet5-digits-aaaa")
    where = ("--workspace", str(workspace.root))
    assert main(["inspect", run.run, *where]) == 2
    assert "has recorded nothing" in capsys.readouterr().err
    append(run.inspection_file, IMAGES)
    append(run.inspection_file, SNAPSHOT)
    append(run.inspection_file, replace(SNAPSHOT, step=20, epoch=2))
    assert main(["inspect", run.run, *where]) == 0
    shown = capsys.readouterr().out
    assert "conv1" in shown and "0.001" in shown and "epoch 2" in shown
    assert "1 of 2 are predicted right" in shown
    assert "Filters of the first layer" in shown
    assert main(["inspect", run.run, "--layer", "bn1", "--json", *where]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["name"] for each in told["snapshots"] for row in each["layers"]] == ["bn1"] * 2
    assert told["snapshots"][0]["layers"][0]["update_ratio"] == 0.01


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--epoch", "7"], "has no snapshot after 7 epochs"),
        (["--layer", "conv9"], "did you mean conv1"),
        (["--show", "nothing"], "There is no quantity named"),
    ],
)
def test_what_was_not_recorded_is_named(
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
    given: list[str],
    sentence: str,
) -> None:
    run = make_run(workspace, "20261129-105203-lenet5-digits-aaaa")
    append(run.inspection_file, SNAPSHOT)
    assert main(["inspect", run.run, *given, "--workspace", str(workspace.root)]) == 2
    assert sentence in capsys.readouterr().err
