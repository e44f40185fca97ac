"""Folders of the user's: found where there is a home, done without where there is none."""

import getpass
import os
import re
import shlex
import stat
from pathlib import Path

import pytest

import cnn_tui
from cnn_tui.cli import main
from cnn_tui.errors import UsageError
from cnn_tui.render.draw.commands import explained
from cnn_tui.workspace import data_dir, expanded, find, is_temporary, name_the_user, user_folder

PACKAGE = Path(cnn_tui.__file__).parent
OF_HOME = re.compile(r"platformdirs|Path\.home|\.expanduser\(|getpass|getlogin")
WITHOUT_ERROR = "os.path.expanduser("
"""What cannot raise an error leaves an unknown home as it is written."""


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary directory, of this test alone."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture(params=["no HOME and no entry", "home is read-only", "home is a file"])
def without_home(
    request: pytest.FixtureRequest, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A user whose home cannot be used; returns the temporary directory."""
    for kind in ("CACHE", "CONFIG", "STATE"):
        monkeypatch.delenv(f"XDG_{kind}_HOME", raising=False)
    if request.param == "no HOME and no entry":
        monkeypatch.delenv("HOME", raising=False)
        monkeypatch.setattr("pwd.getpwuid", no_entry)
    elif request.param == "home is a file":
        (shared / "home").write_text("")
        monkeypatch.setenv("HOME", str(shared / "home"))
    else:
        (shared / "home").mkdir()
        monkeypatch.setenv("HOME", str(shared / "home"))
        may = os.access
        monkeypatch.setattr(
            "os.access", lambda path, mode: path != shared / "home" and may(path, mode)
        )
    return shared


def no_entry(uid: int) -> object:
    raise KeyError(f"getpwuid(): uid not found: {uid}")


def test_only_one_module_asks_for_the_users_home() -> None:
    asking = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if OF_HOME.search(path.read_text(encoding="utf-8").replace(WITHOUT_ERROR, ""))
    }
    assert asking == {"workspace.py"}


def test_data_sets_are_cached_in_the_users_home(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    found = data_dir()
    assert found.is_relative_to(tmp_path / "home")
    assert not is_temporary(found)
    assert not list(shared.iterdir())


def test_data_sets_are_cached_in_a_private_folder_where_no_home_can_be_used(
    without_home: Path,
) -> None:
    found = data_dir()
    assert is_temporary(found)
    assert found == data_dir()
    folder = without_home / f"cnn-lab-{os.geteuid()}"
    assert found == folder / "data"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_folder_of_a_user_without_an_entry_is_relative(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", no_entry)
    for kind in ("CACHE", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", "relative")
    assert [user_folder(kind) for kind in ("cache", "config", "state")] == [None] * 3


def test_the_list_of_data_sets_says_that_the_folder_is_temporary(
    without_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"Kept in {data_dir()}, which is temporary" in said
    assert "CNN_LAB_DATA" in said


def test_completion_is_refused_where_no_home_is_known(
    shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", no_entry)
    assert main(["--install-completion", "bash"]) == 2
    assert "set HOME" in capsys.readouterr().err


def test_a_command_that_is_suggested_can_be_pasted_into_a_shell(tmp_path: Path) -> None:
    folder = tmp_path / "Jörg's lab"
    with pytest.raises(UsageError) as refused:
        find(folder)
    assert shlex.split(explained(refused.value).partition("Make a workspace: ")[2]) == [
        "cnn-lab",
        "init",
        str(folder),
    ]


def test_a_user_without_an_entry_has_a_name_for_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "")  # which is taken back, whatever is set meanwhile
    monkeypatch.setattr("pwd.getpwuid", no_entry)
    with pytest.raises(KeyError):
        getpass.getuser()
    name_the_user()
    assert getpass.getuser() == f"uid-{os.getuid()}"


def planted_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    folder.symlink_to(folder.parent / "elsewhere")


def planted_open(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def planted_by_another(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make another user's folder")
    folder.mkdir(mode=0o755)
    os.chown(folder, 4321, 4321)


@pytest.mark.parametrize(
    "plant", [planted_link, planted_open, planted_by_another, lambda folder: folder.write_text("")]
)
def test_a_folder_that_another_user_may_have_planted_is_refused(
    plant: object, without_home: Path
) -> None:
    plant(without_home / f"cnn-lab-{os.geteuid()}")  # type: ignore[operator]
    with pytest.raises(UsageError, match=r"CNN_LAB_DATA"):
        data_dir()


def test_a_cache_that_may_only_be_read_is_used_where_it_holds_something(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.access", lambda path, mode, **_: mode == os.R_OK)
    assert is_temporary(data_dir())
    kept = user_folder("cache")
    assert kept is not None
    (kept / "data" / "mnist").mkdir(parents=True)
    assert data_dir() == kept / "data"


def test_a_data_folder_that_is_named_wins_and_may_not_be_closed(
    without_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_LAB_DATA", str(tmp_path / "named"))
    assert data_dir() == tmp_path / "named"
    assert data_dir(tmp_path / "option") == tmp_path / "option"
    monkeypatch.setattr("os.access", lambda path, mode, **_: mode != os.X_OK)
    with pytest.raises(UsageError, match=re.escape(f"not look into {tmp_path}")):
        data_dir()


@pytest.mark.parametrize("path", ["~", "~/images", "~nobody-of-this-name/images"])
def test_a_home_that_is_not_known_is_no_folder_of_that_name(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", no_entry)
    with pytest.raises(UsageError, match="write the whole path"):
        expanded(Path(path))
