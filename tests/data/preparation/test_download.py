"""One file over HTTP, from servers that fail in every way that servers do."""

import errno
from pathlib import Path

import pytest

from cnn_tui.data.preparation.download import DownloadError, checksum, fetch, refuse_unreachable
from cnn_tui.data.records import PreparationStep, Remark
from tests.data.archives import md5
from tests.data.file_server import FileServer

CONTENT = bytes(range(256)) * 4000
NOWHERE = "http://127.0.0.1:9/file"
"""The port that discards everything: nobody listens there."""


@pytest.fixture
def url(server: FileServer) -> str:
    server.files["/file"] = CONTENT
    return f"{server.url}/file"


def fetched(target: Path, *urls: str, expected: bytes = CONTENT) -> list[PreparationStep | Remark]:
    told: list[PreparationStep | Remark] = []
    fetch(urls, target, md5(expected), told.append)
    assert target.read_bytes() == expected
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    return told


def test_fetches_a_file_and_tells_how_far_it_is(url: str, tmp_path: Path) -> None:
    told = fetched(tmp_path / "file", url)
    assert told[0] == PreparationStep("downloading file", 0, len(CONTENT), "bytes")
    assert told[-1] == PreparationStep("downloading file", len(CONTENT), len(CONTENT), "bytes")
    assert len(told) > 3


def test_goes_on_where_the_connection_was_cut(url: str, server: FileServer, tmp_path: Path) -> None:
    server.cut_after = 300_000
    fetched(tmp_path / "file", url)
    assert server.requests == [("/file", None), ("/file", "bytes=300000-")]


def test_goes_on_however_often_it_is_cut(url: str, server: FileServer, tmp_path: Path) -> None:
    server.cut_after, server.always_cut = 100_000, True
    fetched(tmp_path / "file", url)
    assert len(server.requests) == 11


def test_goes_on_with_what_a_killed_process_left(
    url: str, server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    assert fetched(tmp_path / "file", url)[0] == PreparationStep(
        "downloading file", 1000, len(CONTENT), "bytes"
    )
    assert server.requests == [("/file", "bytes=1000-")]


def test_needs_nothing_more_where_all_had_come(
    url: str, server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT)
    fetched(tmp_path / "file", url)
    assert server.requests == [("/file", f"bytes={len(CONTENT)}-")]


@pytest.mark.parametrize("left", [b"of another file", CONTENT + b"more"], ids=["shorter", "longer"])
def test_begins_again_where_what_was_left_is_of_another_file(
    url: str, tmp_path: Path, left: bytes
) -> None:
    (tmp_path / "file.part").write_bytes(left)
    fetched(tmp_path / "file", url)


def test_begins_again_where_the_server_knows_no_ranges(
    url: str, server: FileServer, tmp_path: Path
) -> None:
    server.ranges, server.cut_after = False, 300_000
    fetched(tmp_path / "file", url)


def test_gives_up_on_a_server_without_ranges_that_always_cuts(
    url: str, server: FileServer, tmp_path: Path
) -> None:
    server.ranges, server.cut_after, server.always_cut = False, 300_000, True
    with pytest.raises(DownloadError, match="the connection was cut"):
        fetched(tmp_path / "file", url)
    assert len(server.requests) < 10


def test_goes_on_after_a_server_fell_silent(url: str, server: FileServer, tmp_path: Path) -> None:
    server.stall_after = 200_000
    fetched(tmp_path / "file", url)
    assert server.requests[1] == ("/file", "bytes=200000-")


def test_gives_up_on_a_server_that_never_answers(
    url: str, server: FileServer, tmp_path: Path
) -> None:
    server.stall_after = 0
    with pytest.raises(DownloadError, match="does not answer"):
        fetched(tmp_path / "file", url)


def test_reads_to_the_end_where_no_length_is_told(
    url: str, server: FileServer, tmp_path: Path
) -> None:
    server.tell_length = False
    assert fetched(tmp_path / "file", url)[-1] == PreparationStep(
        "downloading file", len(CONTENT), None, "bytes"
    )


@pytest.mark.parametrize(
    ("status", "words"), [(404, "404 Not Found"), (403, "403"), (500, "500"), (503, "503")]
)
def test_says_what_the_server_answered(
    url: str, server: FileServer, tmp_path: Path, status: int, words: str
) -> None:
    server.status = status
    with pytest.raises(DownloadError, match=f"127.0.0.1:[0-9]+: it answered {words}"):
        fetched(tmp_path / "file", url)
    assert len(server.requests) == 1


def test_asks_the_next_server(url: str, server: FileServer, tmp_path: Path) -> None:
    fetched(tmp_path / "file", NOWHERE, f"{server.url}/absent", url)


def test_names_every_server_that_failed(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"127.0.0.1:9: Connection refused; .*404"):
        fetched(tmp_path / "file", NOWHERE, f"{server.url}/absent")


def test_refuses_a_file_of_another_checksum_and_keeps_nothing_of_it(
    url: str, server: FileServer, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError, match="wrong checksum"):
        fetched(tmp_path / "file", url, expected=CONTENT[:-1] + b"x")
    assert list(tmp_path.iterdir()) == []


def test_does_not_let_a_server_fill_the_disk(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn_tui.data.preparation.download.LARGEST_BYTES", 10_000)
    with pytest.raises(DownloadError, match="far more"):
        fetched(tmp_path / "file", url)
    assert list(tmp_path.iterdir()) == []


def test_keeps_what_came_where_it_is_interrupted(url: str, tmp_path: Path) -> None:
    def stop(what: PreparationStep | Remark) -> None:
        if isinstance(what, PreparationStep) and what.done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch([url], tmp_path / "file", md5(CONTENT), stop)
    kept = (tmp_path / "file.part").read_bytes()
    assert len(kept) > 100_000
    assert CONTENT.startswith(kept)
    fetched(tmp_path / "file", url)


def test_tells_a_full_disk_from_a_failing_server(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space left"):
        fetch([url], tmp_path / "file", md5(CONTENT))


def test_asks_whether_a_server_has_a_file_without_fetching_it(url: str, server: FileServer) -> None:
    refuse_unreachable([NOWHERE, url])
    server.status = 404
    with pytest.raises(DownloadError, match="404"):
        refuse_unreachable([url])


def test_refuses_an_address_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="no address"):
        fetch(["no address"], tmp_path / "file", "")
    with pytest.raises(DownloadError, match="name lookup failed"):
        fetch(["http://cnn-lab.invalid/file"], tmp_path / "file", "")


def test_checks_files_by_their_md5(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    assert checksum(tmp_path / "file") == md5(CONTENT)
