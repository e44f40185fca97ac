"""The notebook of the README runs in a real Jupyter kernel, and shows what it promises."""

import os
import re
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cnn_tui.training.store.listing import find_run, status
from cnn_tui.workspace import Workspace

README = Path(__file__).parents[2] / "README.md"
NOTEBOOK = re.compile(r"^## In a notebook\n.*?^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 300
LAST_CELL = """
import os
run = lab.train("lenet5", epochs=1000, device="cpu", follow=False)
print(os.getpid(), lab.__file__, run.id)
"""


@pytest.fixture
def no_settings_of_jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("PYTHONPATH", str(README.parent))


@pytest.mark.slow
@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.usefixtures("no_settings_of_jupyter")
def test_every_line_shows_something_and_runs_outlive_the_kernel(workspace: Workspace) -> None:
    [code] = NOTEBOOK.findall(README.read_text(encoding="utf-8"))
    lines = [line for line in code.splitlines() if line]
    assert len(lines) <= 10
    cells = [nbformat.v4.new_code_cell(each) for each in lines]
    notebook = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell(LAST_CELL)])
    where = {"metadata": {"path": str(workspace.root)}}
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=where).execute()
    for cell in notebook.cells[:-1]:
        assert _shows(cell) != cell.source.startswith(("import ", "net = ")), cell.source
    pid, file, run = notebook.cells[-1].outputs[0].text.split()
    assert Path(file).is_relative_to(README.parent)
    _expect_gone(int(pid))
    assert status(find_run(workspace, run)).state == "running"


def _shows(cell: nbformat.NotebookNode) -> bool:
    """Whether a table or picture is there, or at least a report in plain lines."""
    pictures = [each.data for each in cell.outputs if each.output_type == "execute_result"]
    assert all("<pre style=" in each["text/html"] for each in pictures), cell.source
    lines = [each.text for each in cell.outputs if each.output_type == "stream"]
    assert not any("\x1b" in each for each in lines), cell.source
    return bool(pictures or lines)


def _expect_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail(f"The kernel, process {pid}, is still there.")
