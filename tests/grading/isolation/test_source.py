"""The lab names what is wrong with a file that cannot be checked."""

import ast
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises, starter
from cnn_tui.grading.isolation.source import parse_python, read_source
from cnn_tui.next_steps import Action, step

DEEP = b"x = " + b"-" * 200_000 + b"1"


@pytest.mark.parametrize("exercise", exercises(), ids=lambda each: each.name)
def test_reads_the_very_bytes_of_a_file(exercise: object) -> None:
    path = starter(exercise)  # type: ignore[arg-type]
    assert read_source(path) == path.read_bytes()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"  \n\t\n", "is empty"),
        (b"x = 1\ndef f(:\n    pass\n", "syntax error in line 2: invalid syntax, at: def f(:"),
        (b"if True:\nx = 1\n", "line 2"),
        (b"def f():\n\tif x:\n        y\n\tz\n", "line 3"),
        (b'x = "\x1b[2J\n', "syntax error in line 1"),
        (b"x = 1\0\n", "NUL byte"),
        (b"x = 1\ny = '\xff'\n", "not UTF-8 text (line 2)"),
        ("x = 1\n".encode("utf-16"), "NUL byte"),
        (b"#" * ((1 << 20) + 1), "larger than 1 MiB"),
        (DEEP, "nested too deeply"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_refuses_a_file_that_is_no_python(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "exercise1.py"
    path.write_bytes(content)
    with pytest.raises(UsageError) as refusal:
        read_source(path)
    assert sentence in str(refusal.value)
    assert "\x1b" not in str(refusal.value)


def test_refuses_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="check its path") as error:
        read_source(tmp_path / "exercise1.py")
    assert error.value.next_steps == ()
    with pytest.raises(UsageError, match="no file") as error:
        read_source(tmp_path / "exercises" / "exercise1.py")
    assert error.value.next_steps == (step(Action.INIT, str(tmp_path)),)


def test_refuses_what_is_no_regular_file(tmp_path: Path) -> None:
    fifo, folder, link = (tmp_path / name for name in ("fifo.py", "folder.py", "link.py"))
    os.mkfifo(fifo)
    folder.mkdir()
    link.symlink_to(starter(exercises()[0]))
    for path, sentence in (
        (fifo, "not a regular file"),
        (folder, "not a regular file"),
        (link, "symbolic link"),
        (Path("/dev/zero"), "not a regular file"),
    ):
        with pytest.raises(UsageError, match=sentence):
            read_source(path)


def test_reads_a_file_with_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "exercise1.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\r\ny = 2\r\n")
    assert read_source(path).startswith(b"\xef\xbb\xbf")


@pytest.mark.slow
def test_parses_in_several_threads_at_once() -> None:
    source = "x = " + "+".join(["(1 + f(2, [3, 4]))"] * 300)
    with ThreadPoolExecutor(4) as threads:
        parsed = list(threads.map(lambda _: parse_python(source, "x.py"), range(20)))
    assert len({len(list(ast.walk(module))) for module in parsed}) == 1
