"""What must stay unloaded for the lab to start fast."""

import pytest

from tests.subprocesses import run_python

HEAVY = "('torch', 'torchvision', 'numpy', 'plotext')"


def loaded_after(code: str) -> str:
    done = run_python(f"import sys\n{code}\nprint([m for m in {HEAVY} if m in sys.modules])")
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("module", ["cnn_tui.cli", "cnn_tui.cli.app", "cnn_tui.tui.app"])
def test_front_ends_import_nothing_heavy(module: str) -> None:
    assert loaded_after(f"import {module}") == "[]"


def test_front_ends_do_not_know_each_other() -> None:
    code = "import sys, {0}\nprint([m for m in sys.modules if m.startswith('cnn_tui.{1}')])"
    assert run_python(code.format("cnn_tui.cli.app", "tui")).stdout.strip() == "[]"
    assert run_python(code.format("cnn_tui.tui.app", "cli")).stdout.strip() == "[]"


def test_commands_that_need_no_torch_do_without(tmp_path: object) -> None:
    code = f"""
import contextlib, io, os
os.chdir({str(tmp_path)!r})
os.mkdir("exercises")
from cnn_tui.cli import main
from cnn_tui.cli.app import COMMANDS
lines = [[name, "--help"] for group in COMMANDS.values() for name in group]
lines += [["--help"], ["topics"], ["topics", "pooling-why"], ["nets"], ["runs"], ["demo"], []]
lines += [["experiment"]]
lines += [["reset", "1"], ["hint"], ["hint", "--all"], ["progress"]]
lines += [["solution", "1", "--spoil"], ["reset", "1", "--yes"]]
for line in lines:
    with contextlib.redirect_stdout(io.StringIO()):
        code = main(line)
    assert code == 0, (line, code)
"""
    assert "torch" not in loaded_after(code)
