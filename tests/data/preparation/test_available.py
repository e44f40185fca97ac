"""What is refused before anything is started for a data set."""

import os
import subprocess
from pathlib import Path

import pytest

from cnn_tui.data.catalogue import data_info, parse
from cnn_tui.data.paths import cache_file
from cnn_tui.data.preparation import available, probe
from cnn_tui.data.preparation.available import refuse_unusable
from cnn_tui.data.preparation.published import MIRROR_VARIABLE, refuse_unavailable
from cnn_tui.errors import UsageError
from tests.data.archives import put
from tests.data.conftest import MakeTree
from tests.data.file_server import FileServer

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("asked a server"))


@pytest.mark.usefixtures("nobody_is_asked")
def test_what_is_there_is_usable_without_asking(make_tree: MakeTree, tmp_path: Path) -> None:
    refuse_unusable(parse("digits"), Path("/proc/nowhere"))
    refuse_unusable(parse(f"folder:{make_tree()}"), tmp_path / "new")
    put(tmp_path, {"mnist.safetensors": b""})
    refuse_unusable(parse("mnist"), tmp_path)
    put(tmp_path / "cifar10", {"cifar-10-python.tar.gz": b""})
    refuse_unusable(parse("cifar10"), tmp_path)


@pytest.mark.parametrize("name", ["cifar10", "folder"])
@pytest.mark.usefixtures("nobody_is_asked")
def test_a_data_folder_that_cannot_be_written_to_is_refused(
    name: str, make_tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = parse(f"folder:{make_tree()}" if name == "folder" else name)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file is a file"):
        refuse_unusable(spec, tmp_path / "file" / "data")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match=r"cannot be kept in .*Permission denied.* name a folder"):
        refuse_unusable(spec, tmp_path)


@pytest.mark.usefixtures("nobody_is_asked")
def test_a_prepared_data_set_needs_no_folder_to_write_to(
    make_tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnn_tui.data.preparation import folder

    root = make_tree()
    folder.load(root, tmp_path)
    put(tmp_path, {cache_file(tmp_path, "cifar10").name: b""})
    monkeypatch.setattr(os, "access", lambda *_: False)
    refuse_unusable(parse(f"folder:{root}"), tmp_path)
    refuse_unusable(parse("cifar10"), tmp_path)


def test_what_no_server_has_is_refused_with_the_reason(
    server: FileServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def here(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command[3] == "cnn_tui.data.preparation.probe"
        code = probe.main(*command[4:])
        return subprocess.CompletedProcess(command, code, capsys.readouterr().out)

    monkeypatch.setattr(available.subprocess, "run", here)
    monkeypatch.setenv(MIRROR_VARIABLE, server.url)
    with pytest.raises(UsageError, match=r"it answered 404 .* Use the data set digits, or copy"):
        refuse_unusable(parse("cifar10"), tmp_path)
    server.files["/cifar10/cifar-10-python.tar.gz"] = b"whatever it is"
    refuse_unusable(parse("cifar10"), tmp_path)
    assert len(server.requests) == 2


def test_a_server_is_not_asked_for_files_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = data_info(parse("mnist"))
    monkeypatch.setenv(MIRROR_VARIABLE, NOWHERE)
    put(tmp_path / "mnist", dict.fromkeys(info.files, b""))
    refuse_unavailable(info, tmp_path)
    (tmp_path / "mnist" / info.files[2]).unlink()
    with pytest.raises(UsageError, match=f"or copy {info.files[2]} there"):
        refuse_unavailable(info, tmp_path)
