"""The lab refuses a file that it could not write before it works for it, and writes it whole."""

import os
from pathlib import Path

import pytest

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.grading.formats.files import expect_targets, expect_writable, write_whole


def test_writes_a_new_file_and_replaces_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.xml"
    for text, held in (("first\n", "first\n"), ("é\udc80", "é\\udc80")):
        expect_writable(path)
        write_whole(path, text)
        assert path.read_text(encoding="utf-8") == held
    assert list(tmp_path.iterdir()) == [path]


def test_follows_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    expect_writable(link)
    write_whole(link, "text")
    assert link.is_symlink()
    assert target.read_text() == "text"


def test_refuses_what_is_no_plain_file(tmp_path: Path) -> None:
    fifo, dangling = tmp_path / "fifo", tmp_path / "dangling"
    os.mkfifo(fifo)
    dangling.symlink_to(tmp_path / "no" / "such")
    for path in (tmp_path, fifo, dangling, Path(os.devnull), tmp_path / "no" / "out", Path()):
        with pytest.raises(UsageError):
            expect_writable(path)
    with pytest.raises(UsageError, match="cannot be written"):
        expect_writable(tmp_path / ("x" * 300))
    assert fifo.is_fifo()


def test_never_writes_over_a_python_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a Python file"):
        expect_writable(tmp_path / "exercise1.py")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_refuses_what_is_protected(tmp_path: Path) -> None:
    protected = tmp_path / "out.xml"
    protected.touch(mode=0o400)
    with pytest.raises(UsageError, match="write-protected"):
        expect_writable(protected)


def test_says_so_where_writing_fails_after_all(tmp_path: Path) -> None:
    with pytest.raises(LabFault, match=r"out\.xml could not be written"):
        write_whole(tmp_path / "gone" / "out.xml", "text")


def test_lets_only_one_document_go_to_standard_output(tmp_path: Path) -> None:
    expect_targets({"--junit": "-", "--gradescope": str(tmp_path / "results.json")})
    expect_targets({"--junit": None, "--gradescope": None}, printed=["--json"])
    with pytest.raises(UsageError, match="--junit and --gradescope would both print"):
        expect_targets({"--junit": "-", "--gradescope": "-"})
    with pytest.raises(UsageError, match="--json and --junit would both print"):
        expect_targets({"--junit": "-", "--gradescope": None}, printed=["--json"])


def test_wants_a_file_of_its_own_for_each_document(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("out")
    targets = {"--junit": str(tmp_path / "out"), "--gradescope": str(tmp_path / "link")}
    with pytest.raises(UsageError, match="--junit and --gradescope name the same file"):
        expect_targets(targets)
