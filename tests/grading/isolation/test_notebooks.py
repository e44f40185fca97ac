"""The lab reads a notebook's code cells as one module, and its lines lead back to the cells."""

import json
from pathlib import Path
from typing import Any

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercise_named, resolve
from cnn_tui.grading.isolation.source import module_in, read_regular_file, refuse_unusable
from cnn_tui.grading.stand_ins.notebooks import place_of
from tests.grading.conftest import Grade, reference


def notebook(*cells: str | list[str], **fields: Any) -> bytes:
    """A notebook with these code cells, a text before each."""
    listed = []
    for cell in cells:
        listed.append({"cell_type": "markdown", "source": ["# Title\n", "!text"]})
        listed.append({"cell_type": "code", "source": cell, "outputs": [{"text": "x"}]})
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": listed} | fields).encode()


def joined(*cells: str) -> bytes:
    module = module_in("exercise1.ipynb", notebook(*cells))
    refuse_unusable("exercise1.ipynb", module)
    return module


def run(*cells: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(joined(*cells), "exercise1.ipynb", "exec"), names)
    return names


def test_joins_the_code_cells() -> None:
    assert run("a = 1", "def f():\n    return a + b\n", "b = 2")["f"]() == 3
    lines = ["a = 1\n", "b = a\n", "c = b"]
    assert b"a = 1\nb = a\nc = b\n" in module_in("x.ipynb", notebook(lines))


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nx = 7",
        "!pip install torch tqdm \\\n    numpy\nx = 7",
        "pip install torch\nx = 7",
        "for _ in range(2):\n    !ls\n    x = 7",
        "print?\nx = 7\n?print",
        "files = !ls\nassert files is None\nx = 7",
        "%%time\n\n%load_ext autoreload\nx = 7",
        "x = 7\n" + "%pwd\n" * 30,
        "x = (21\n  % 14)\n%cd ..",
        'x = 7\ntext = """\n!not a command\n%nor this\n"""\n!ls\nassert "!not a" in text',
        "a = 1\nfrom __future__ import annotations\nx: Missing = 7",
    ],
)
def test_leaves_out_what_only_jupyter_understands(cell: str) -> None:
    assert run(cell)["x"] == 7


def test_leaves_out_cells_in_another_language() -> None:
    assert "x" not in run("%%bash\nx = 7", "%%writefile helper.py\nx = 7", "y = 1")


def test_leads_from_a_line_to_its_cell() -> None:
    module = joined("a = 1", "%%time\n!ls\nb = (1,\n  2)", "from __future__ import division\nc = 3")
    for line, place in {
        b"a = 1": "code cell 1, line 1",
        b"b = (1,": "code cell 2, line 3",
        b"c = 3": "code cell 3, line 2",
    }.items():
        assert place_of(module, module.split(b"\n").index(line) + 1) == place
    assert place_of(b"a = 1\nb = 2\n", 2) == "line 2"


def test_names_the_cell_of_a_syntax_error() -> None:
    with pytest.raises(UsageError, match=r"a syntax error in code cell 2, line 3: .* at: 1 \+$"):
        joined("a = 1", "%time\nb = 2\n1 +")


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"", "is no notebook that can be read"),
        (b"x = 1", "is no notebook that can be read"),
        (b"[" * 200_000, "is no notebook that can be read"),
        (b"[]", "is no notebook that can be read"),
        (b"\xff", "is no notebook that can be read"),
        (notebook(cells={"a": 1}), "is no notebook that can be read"),
        (notebook(cells=[{"cell_type": "code", "source": [1]}]), "is no notebook that can be"),
        (notebook("x", nbformat=3), "has the notebook format 3: open it in Jupyter"),
        (notebook(" \n"), "holds no code"),
        (notebook("x", metadata={"kernelspec": {"language": "R"}}), "is a notebook in R: a check"),
        (notebook("#" * (1 << 20)), "is larger than 1 MiB"),
    ],
    ids=range(11),
)
def test_says_what_is_wrong_with_a_notebook(document: bytes, sentence: str) -> None:
    with pytest.raises(UsageError, match=f"exercise1.ipynb {sentence}"):
        module_in("exercise1.ipynb", document)


def test_reads_a_notebook_with_pictures_up_to_a_limit(tmp_path: Path) -> None:
    file = tmp_path / "exercise1.ipynb"
    file.write_bytes(b" " * (3 << 20) + notebook("x = 1"))
    assert b"x = 1" in module_in(file.name, read_regular_file(file))
    file.write_bytes(b" " * ((8 << 20) + 1))
    with pytest.raises(UsageError, match="larger than 8 MiB: clear the outputs"):
        read_regular_file(file)


def test_finds_the_exercise_of_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"There is no file exercise1\.ipynb"):
        resolve("exercise1.ipynb", None)
    Path("exercise1.ipynb").write_bytes(notebook("x = 1"))
    Path("x.ipynb").write_bytes(notebook("x = 1"))
    found = exercise_named("exercise1"), Path("exercise1.ipynb")
    assert resolve("exercise1.ipynb", None) == found
    with pytest.raises(UsageError, match=r"x\.ipynb is not named like an .* exercise1\.ipynb or"):
        resolve("x.ipynb", None)


def test_checks_a_notebook(grade: Grade) -> None:
    cells = ["%matplotlib inline\nimport matplotlib.pyplot as plt", reference("exercise1")]
    module = joined(
        *cells, "display(max_pool)\nplt.show()", "def noise_gain(*_):\n    return 1 / 0"
    )
    verdict = grade("exercise1", module.decode())
    assert "(code cell 4, line 2: return 1 / 0)" in verdict.results["noise_gain"].message
    assert verdict.results["max_pool"].status == "passed"
    missing = grade("exercise1", joined("x = 1").decode()).results["max_pool"].message
    assert missing == "exercise1.ipynb defines no function named max_pool."
