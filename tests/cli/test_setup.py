"""``cnn-lab`` without a terminal, ``init``, ``doctor``, and the help pages."""

import json
import os
from pathlib import Path

import pytest

from cnn_tui.cli.app import COMMANDS
from cnn_tui.grading.learner.progress import record
from cnn_tui.grading.records import CheckReport
from cnn_tui.workspace import Workspace
from tests.subprocesses import cnn_lab, starts_in_the_c_locale


def test_prints_the_overview_where_there_is_no_terminal(tmp_path: Path) -> None:
    cnn_lab("init", tmp_path)
    done = cnn_lab(cwd=tmp_path)
    assert done.returncode == 0
    for words in ("Topics", "Networks", "vgg16", "exercise1", "not checked yet", "none yet"):
        assert words in done.stdout
    assert "\x1b" not in done.stdout


def test_offers_a_workspace_where_there_is_none(tmp_path: Path) -> None:
    done = cnn_lab(cwd=tmp_path)
    assert done.returncode == 0
    assert "cnn-lab init" in done.stdout


def test_makes_a_workspace_and_never_overwrites(tmp_path: Path) -> None:
    first = cnn_lab("init", tmp_path / "lab")
    assert first.returncode == 0
    mine = tmp_path / "lab" / "exercises" / "exercise1.py"
    starter = mine.read_text()
    mine.write_text("# mine\n")
    (tmp_path / "lab" / "exercises" / "exercise3.py").unlink()
    passed = CheckReport("exercise1", "Pooling", str(mine), True, 10, 10, "limits", 7, ())
    assert record(Workspace(tmp_path / "lab"), passed)
    again = cnn_lab("init", cwd=tmp_path / "lab")
    assert again.returncode == 0
    assert mine.read_text() == "# mine\n"
    assert "wrote exercises/exercise3.py" in again.stdout.replace(os.sep, "/")
    assert "raise NotImplementedError" in starter
    assert first.stdout.endswith("cnn-lab check exercise1\n")
    assert again.stdout.endswith("cnn-lab check exercise2\n"), "the first that is not passed"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_says_where_it_may_not_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = cnn_lab("init", tmp_path / "lab")
    assert done.returncode == 2
    assert "may write to" in done.stderr


def test_says_when_the_workspace_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("")
    done = cnn_lab("init", tmp_path / "lab")
    assert done.returncode == 2
    assert "No workspace could be made" in done.stderr


def test_refuses_a_named_workspace_that_is_none(tmp_path: Path) -> None:
    done = cnn_lab("runs", "--workspace", tmp_path)
    assert done.returncode == 2
    assert "is not a workspace" in done.stderr
    assert cnn_lab("runs", CNN_LAB_WORKSPACE=str(tmp_path)).returncode == 2


def test_finds_the_workspace_above(tmp_path: Path) -> None:
    cnn_lab("init", tmp_path)
    below = tmp_path / "deep" / "er"
    below.mkdir(parents=True)
    assert cnn_lab("runs", cwd=below).returncode == 0


def test_reports_what_the_machine_offers(tmp_path: Path) -> None:
    done = cnn_lab("doctor")
    assert done.returncode == 0
    for words in ("Python", "torch", "GPU", "Encoding", "Sandbox", "digits", "Data cache"):
        assert words in done.stdout


@pytest.mark.slow
def test_gives_a_remedy_for_each_weak_spot() -> None:
    findings = json.loads(cnn_lab("doctor", "--json", PYTHONIOENCODING="ascii").stdout)
    weak = [finding for finding in findings if not finding["good"]]
    assert {"Encoding", "Terminal"} <= {finding["what"] for finding in weak}
    assert all(finding["remedy"] for finding in weak)


def test_shows_every_command_in_its_group() -> None:
    page = cnn_lab("--help").stdout
    for group, commands in COMMANDS.items():
        assert f"{group}:" in page
        assert all(f"  {name} " in page for name in commands)


def test_tells_its_version() -> None:
    done = cnn_lab("--version")
    assert done.stdout.startswith("cnn-lab 0.")


@starts_in_the_c_locale
def test_prints_plain_ascii_where_utf8_is_absent() -> None:
    done = cnn_lab("nets", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "lenet5" in done.stdout
