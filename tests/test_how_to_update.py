"""The lab is updated in its clone: no package index has it."""

from pathlib import Path

import pytest

from cnn_tui import errors
from cnn_tui.errors import UsageError, how_to_update
from cnn_tui.training.config import CONFIG_VERSION
from cnn_tui.training.config_json import from_json, to_json
from cnn_tui.training.defaults import default_config


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a package that pretends to be this one."""
    package = tmp_path / "my labs" / "cnn_tui"
    monkeypatch.setattr(errors, "__file__", str(package / "errors.py"))
    return package


def installed(monkeypatch: pytest.MonkeyPatch, origin: str | None) -> None:
    """Let the package be installed from ``origin``, as pip notes it."""

    class Distribution:
        def read_text(self, name: str) -> str | None:
            return origin

    monkeypatch.setattr("importlib.metadata.distribution", lambda name: Distribution())


def test_a_clone_is_named_with_the_command(package: Path) -> None:
    (package.parent / ".git").mkdir(parents=True)
    clone = f"'{package.parent}'"
    assert how_to_update() == f"git -C {clone} pull && python3 -m pip install -e {clone}"


@pytest.mark.usefixtures("package")
def test_a_copy_knows_the_clone_that_it_was_installed_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "clone"
    (clone / ".git").mkdir(parents=True)
    installed(monkeypatch, f'{{"url": "file://{clone}", "dir_info": {{}}}}')
    assert how_to_update() == f"git -C {clone} pull && python3 -m pip install -e {clone}"


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize("origin", [None, "{", '{"url": "file:///nowhere"}'])
def test_where_no_clone_is_found_it_is_the_readers(
    origin: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, origin)
    assert how_to_update().endswith("in your clone of cnn-lab")


def test_a_newer_run_says_how_to_update(package: Path) -> None:
    (package.parent / ".git").mkdir(parents=True)
    newer = {**to_json(default_config("lenet5", "digits")), "version": CONFIG_VERSION + 1}
    with pytest.raises(UsageError) as error:
        from_json(newer)
    assert str(error.value).endswith(f"update with: {how_to_update()}")
