"""A run trained on pictures of 12 bits sees every picture that it is shown by the same scale."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from cnn_tui.analysis.activations.capture import activations
from cnn_tui.analysis.predictions import predict
from cnn_tui.data.preparation import folder
from cnn_tui.grading.catalogue import starters
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process.execute import execute
from cnn_tui.training.store.folder import create_run
from cnn_tui.workspace import create
from tests.data.preparation.test_depths import SIDE, Save, make, real, whole


@pytest.mark.parametrize(("save", "scale"), [(whole(4095), 4095), (real(1), 1)])
def test_a_picture_is_scaled_as_the_runs_data_set_was(
    save: Save, scale: float, tmp_path: Path
) -> None:
    space, _ = create(tmp_path / "lab", starters())
    pictures = make(tmp_path / "deep", save)
    config = default_config(
        "lenet5", f"folder:{pictures}", epochs=1, batch_size=4, device="cpu", threads=1
    )
    run = create_run(space, config, "deep", tmp_path / "data")
    assert execute(run, lambda: False) == 0
    assert json.loads(run.data_file.read_text())["scale"] == scale
    data = folder.load(pictures, tmp_path / "data")
    row = next(row for row, name in enumerate(data.test.files) if name.startswith("dark/"))
    of_set = predict(space, "deep", [f"folder:{pictures}#{row}"]).images[0]
    file = tmp_path / Path(data.test.files[row]).name
    shutil.copy(pictures / data.test.files[row], file)
    shutil.rmtree(pictures)
    of_file = predict(space, "deep", [str(file)]).images[0]
    assert of_file.guesses == of_set.guesses
    assert of_file.picture.pixels == of_set.picture.pixels
    assert max(of_file.picture.pixels) < 80  # by a scale of its own, it would be bright
    seen = activations("run:deep", image=str(file), workspace=space.root)
    assert seen.image.pixels == of_set.picture.pixels
    assert of_file.picture.height == SIDE


def test_a_picture_of_a_single_color_is_named(tmp_path: Path) -> None:
    space, _ = create(tmp_path / "lab", starters())
    pictures = make(tmp_path / "deep", whole(4095))
    config = default_config(
        "lenet5", f"folder:{pictures}", epochs=1, batch_size=4, device="cpu", threads=1
    )
    assert execute(create_run(space, config, "deep", tmp_path / "data"), lambda: False) == 0
    whole(4095)(np.full((SIDE, SIDE), 0.5), tmp_path / "flat")
    notes = predict(space, "deep", [str(tmp_path / "flat.png")]).notes
    assert notes[-1] == "flat.png: a single color, which says nothing."
