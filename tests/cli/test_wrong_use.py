"""A command line that cannot be understood, or whose output nobody reads: one sentence or none."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_tui.cli.redirection import takes_no_file
from tests.subprocesses import cnn_lab


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["summary", "lenet5", "--dept", "3"], "No such option: --dept"),
        (["summary", "lenet5", "--depth", "x"], "Invalid value for '--depth'"),
        (["summary"], "Missing argument 'NET'. See cnn-lab summary --help."),
        (
            ["sumary", "lenet5"],
            "No such command 'sumary'. Did you mean 'summary', 'similarity'? See cnn-lab --help.",
        ),
        (["--nosuch"], "No such option: --nosuch"),
        (["topics", "--search"], "requires an argument. See cnn-lab topics --help."),
        (
            ["summary", "lenet5", "--json", "a b.json"],
            "--json prints to the standard output and takes no file. "
            "To write one: cnn-lab summary lenet5 --json > 'a b.json'",
        ),
    ],
)
def test_answers_a_wrong_command_line_with_one_sentence(words: list[str], sentence: str) -> None:
    done = cnn_lab(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert sentence in line


@pytest.mark.parametrize(
    ("words", "sentence", "instead"),
    [
        (
            ["predict", "last", "--csv", "out.csv", "--wrong"],
            "'out.csv' is no image: name a picture file.",
            "cnn-lab predict last --csv --wrong > out.csv",
        ),
        (["curves", "--json", "A.JSON"], "There is no run 'A.JSON'.", "--json > A.JSON"),
        (["predict", "last", "--csv", "out.csv"], "There is no run 'last'.", None),
        (["predict", "last", "--csv", "cat.png"], "There is no file cat.png.", None),
        (["predict", "last", "--png", "out.csv"], "out.csv is no PNG file.", None),
        (["runs", "export", "last", "--csv", "out.csv"], "out.csv is read-only.", None),
    ],
)
def test_says_how_to_write_what_an_option_prints_to_a_file(
    words: list[str], sentence: str, instead: str | None
) -> None:
    said = takes_no_file(words, sentence)
    assert said is None if instead is None else (said or "").endswith(instead)


def test_shows_a_file_name_without_its_escape_sequences(tmp_path: Path) -> None:
    done = cnn_lab("pool", "--input", "\x1b[31mnone.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert "none.csv" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.slow
def test_prints_the_same_document_in_any_encoding() -> None:
    plain = cnn_lab("topics", "--json", PYTHONIOENCODING="ascii")
    assert plain.stdout.isascii()
    assert json.loads(plain.stdout) == json.loads(cnn_lab("topics", "--json").stdout)


@pytest.mark.slow
@pytest.mark.parametrize("words", [["topics", "--json"], ["nets"], ["--help"]])
def test_leaves_quietly_when_nobody_reads_on(words: list[str]) -> None:
    buffered = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "cnn_tui", *words],
            stdout=closed,
            stderr=subprocess.PIPE,
            env=buffered,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == b""


def test_completes_the_first_word_too() -> None:
    asked = {"_CNN_LAB_COMPLETE": "complete_bash", "COMP_WORDS": "cnn-lab tr", "COMP_CWORD": "1"}
    assert cnn_lab(**asked).stdout.split() == ["train"]
