"""The lab shows a submission no solution, no hidden test and no module that judges."""

import json
import os
import py_compile
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from cnn_tui.grading.sandbox import levels, visible_paths
from tests.grading.sandbox.hunt import lay, secrets
from tests.grading.sandbox.searching import search

PROJECT = Path(__file__).parents[3]
WALLED = [each.name for each in levels.probe() if each.works and each.name != levels.LIMITS]


@pytest.mark.slow
def test_finds_every_secret_where_nothing_hides_it(tmp_path: Path) -> None:
    hidden = secrets()
    assert len(hidden) > 60
    for secret in hidden:
        path, compiled = (
            str(secret.path),
            py_compile.compile(str(secret.path), str(tmp_path / f"{secret.path.stem}.pyc")),
        )
        assert search([path, str(compiled)], {secret.line}, [secret.string]) == (
            2,
            [path, compiled],
        )


def test_finds_secrets_that_are_packed(tmp_path: Path) -> None:
    secret = secrets()[0]
    with zipfile.ZipFile(tmp_path / "wheel.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(secret.path)
    for mode in ("w", "w:gz"):
        with tarfile.open(tmp_path / f"{mode[2:]}.tar", mode) as archive:
            archive.add(secret.path)
    data = secret.path.read_bytes()
    (tmp_path / "object").write_bytes(zlib.compress(b"blob 1\0" + data))
    (tmp_path / "pack").write_bytes(b"PACK\0\0\0\2\x9d" + zlib.compress(data) + b"checksum")
    read, found = search([str(tmp_path)], {secret.line}, [])
    assert (read, len(found)) == (5, 5)


@pytest.mark.parametrize(
    "sandbox",
    [each if each == WALLED[0] else pytest.param(each, marks=pytest.mark.slow) for each in WALLED],
)
def test_shows_no_secret_to_a_submission(sandbox: str, tmp_path: Path) -> None:
    packages = Path(sysconfig.get_path("purelib"))
    readable = map(Path, visible_paths.walls(()).readable)
    own = [path for path in readable if path.is_relative_to(PROJECT / "cnn_tui")]
    roots = [PROJECT, "/proc/self", *packages.glob("*cnn*"), *own, *another_install(tmp_path)]
    assert_shows_nothing(sandbox, tmp_path, roots, PYTHONPATH=str(tmp_path / "elsewhere"))


def another_install(folder: Path) -> list[Path]:
    """The solutions as a second install of the lab holds them, where Python looks as well."""
    copies = folder / "elsewhere" / "cnn_tui" / "grading" / "exercises" / "solutions"
    return [Path(shutil.copytree(PROJECT / "solutions", copies))]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "sandbox",
    [
        pytest.param(each, marks=pytest.mark.slow if each == WALLED[0] else pytest.mark.exhaustive)
        for each in WALLED
    ],
)
def test_shows_no_secret_in_all_that_a_submission_can_read(sandbox: str, tmp_path: Path) -> None:
    assert_shows_nothing(
        sandbox, tmp_path, ["/", PROJECT, *sys.path, *visible_paths.walls(()).readable]
    )


def assert_shows_nothing(
    sandbox: str, folder: Path, roots: Sequence[Path | str], **environment: str
) -> None:
    tests, submission = lay(folder, roots)
    command = ["check", "--tests", tests, "--sandbox", sandbox, "--json", submission]
    done = subprocess.run(
        [sys.executable, "-m", "cnn_tui", *map(str, command)],
        capture_output=True,
        cwd=PROJECT,
        env={**os.environ, **environment},
        check=False,
    )
    (report,) = json.loads(done.stdout)
    assert report["passed"], report["checks"]
