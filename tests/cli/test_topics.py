"""``cnn-lab topics``: the tree, a page, and their JSON."""

import json
from pathlib import Path

import pytest

from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.page import reading_minutes
from cnn_tui.chapter.reading import ReadingMarks, load, remember
from cnn_tui.chapter.snippets import program, snippets
from cnn_tui.workspace import Workspace
from tests.subprocesses import cnn_lab, run_python, starts_in_the_c_locale


def test_lists_every_topic_under_its_section() -> None:
    done = cnn_lab("topics")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    sections = [line for line in lines if line.startswith(("├── ", "└── "))]
    assert len(sections) == 9
    assert "Basics" in sections[0]
    assert any("pooling-why" in line for line in lines)


def test_lists_the_topics_as_one_json_document() -> None:
    done = cnn_lab("topics", "--json")
    listed = json.loads(done.stdout)
    assert done.stderr == ""
    assert set(listed[0]) >= {"slug", "title", "section", "demos", "exercises", "nets"}
    assert listed[0]["slug"] == "convolution"
    (vgg,) = [each for each in listed if each["slug"] == "vgg"]
    assert (vgg["before"], vgg["minutes"]) == (["alexnet"], reading_minutes(topic("vgg")))
    assert vgg["goal"] == topic("vgg").goal


def test_prints_plain_markdown_into_a_pipe() -> None:
    done = cnn_lab("topics", "Pooling-Max-And-Average")
    assert done.returncode == 0
    assert done.stdout.startswith("# Max and average pooling\n")
    assert "\x1b" not in done.stdout
    assert "cnn-lab demo max-and-average" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.slow
@starts_in_the_c_locale
def test_keeps_to_plain_signs_where_the_c_locale_asks_for_them() -> None:
    assert cnn_lab("topics", "densenet", LC_ALL="C").stdout.isascii()
    wrong = cnn_lab("demo", "dropout-mask", "--p", "2×", LC_ALL="C")
    assert wrong.returncode == 2
    assert "not '2x'" in wrong.stderr
    asked = cnn_lab("topics", "densenet", LC_ALL="C", PYTHONUTF8="1")
    assert "┌" in asked.stdout


def test_prints_one_topic_as_json() -> None:
    page = json.loads(cnn_lab("topics", "vgg", "--json").stdout)
    assert page["slug"] == "vgg"
    assert "3×3" in page["text"]


@pytest.mark.parametrize(("name", "nearest"), [("lenet6", "lenet5"), ("batchnorm", "batchnorm")])
def test_suggests_the_nearest_topic_and_exits_with_2(name: str, nearest: str) -> None:
    done = cnn_lab("topics", name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert f"did you mean {nearest}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_searches_the_topics_and_prints_the_lines_that_have_the_word() -> None:
    done = cnn_lab("topics", "--search", "Whisker")
    assert done.returncode == 0
    topic, heading, line, *_, ending = done.stdout.splitlines()
    assert topic == "pooling-why  Why pool at all  Pooling"
    assert heading == "  What it is for"
    assert "a whisker one pixel to the left" in line
    assert ending == "One topic. Read one with: cnn-lab topics pooling-why"


def test_searches_for_all_of_several_words() -> None:
    both = cnn_lab("topics", "--search", "dropout vgg").stdout
    assert "dropout-placement" in both
    assert "dropout-why" not in both
    assert "dropout-why" in cnn_lab("topics", "--search", "dropout").stdout


def test_prints_what_a_search_found_as_json() -> None:
    found = json.loads(cnn_lab("topics", "--search", "whisker", "--json").stdout)
    (listed,) = [
        each
        for each in json.loads(cnn_lab("topics", "--json").stdout)
        if each["slug"] == "pooling-why"
    ]
    (match,) = found[0].pop("matches")
    assert found == [listed]
    assert (match["heading"], match["in_answer"]) == ("What it is for", False)
    assert "whisker" in match["excerpt"]


def test_says_what_to_try_where_a_search_finds_nothing() -> None:
    done = cnn_lab("topics", "--search", "no-such-word")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == (
        "No topic has “no-such-word”: try fewer or shorter words, or list every topic with "
        "cnn-lab topics.\n"
    )
    assert json.loads(cnn_lab("topics", "--search", "no-such-word", "--json").stdout) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--search", ""], "--search takes two characters or more"),
        (["--search", " a "], "--search takes two characters or more"),
        (["norm", "--search", "batch"], 'quote them: --search "batch norm"'),
        (["--search", "batch", "--read"], "--search marks nothing"),
        (["--unread"], "cnn-lab topics SLUG --read"),
        (["nosuch", "--read"], "cnn-lab topics"),
        (["vgg", "--read"], "cnn-lab init"),
        (["--code"], "cnn-lab topics SLUG --code"),
        (["--scratch"], "cnn-lab topics SLUG --scratch"),
        (["vgg", "--code", "--scratch"], "leave out one of them"),
        (["vgg", "--code", "--read"], "give it without --read and --unread"),
        (["--scratch", "--search", "norm"], "give it without --search"),
        (["exercise1", "--code"], "exercise1 has no code"),
        (["exercise1", "--scratch", "--workspace", "."], "is not a workspace"),
        (["resnet", "--scratch"], "cnn-lab init"),
        (["--glossary", "strid"], "did you mean stride? See: cnn-lab topics --glossary"),
        (["--glossary", "--search", "batch"], "--glossary explains terms"),
        (["--glossary", "vgg", "--unread"], "--glossary explains terms"),
        (["--glossary", "vgg", "--code"], "--glossary explains terms and takes no --code"),
    ],
)
def test_refuses_what_cannot_be_meant(words: list[str], sentence: str, tmp_path: Path) -> None:
    done = cnn_lab("topics", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_explains_one_term_or_all_of_them() -> None:
    done = cnn_lab("topics", "--glossary", "Receptive-Field")
    assert done.returncode == 0
    first, line, *_, ending = done.stdout.splitlines()
    assert first == "receptive field  pooling-why"
    assert line.startswith("  The part of the image")
    assert ending == "Read more: cnn-lab topics pooling-why"
    everything = cnn_lab("topics", "--glossary").stdout
    assert "\nsoftmax  predictions\n" in everything
    assert "terms. Look one up: cnn-lab topics --glossary 'receptive field'" in everything
    assert max(map(len, everything.splitlines())) <= 80


def test_marks_a_topic_as_read_for_the_app_and_the_list(workspace: Workspace) -> None:
    done = cnn_lab("topics", "VGG", "--read", cwd=workspace.root)
    assert (done.stdout, done.stderr) == ("", "vgg is marked as read.\n")
    assert load(workspace).read == {"vgg"}
    assert "(2014) ✓\n" in cnn_lab("topics", cwd=workspace.root).stdout
    listed = json.loads(cnn_lab("topics", "--json", cwd=workspace.root).stdout)
    assert [each["slug"] for each in listed if each["read"]] == ["vgg"]
    cnn_lab("topics", "vgg", "--unread", cwd=workspace.root)
    assert load(workspace).read == frozenset()


def test_keeps_the_place_of_the_reader_where_a_topic_is_marked(workspace: Workspace) -> None:
    remember(workspace, "densenet", {"resnet": True})
    page = json.loads(cnn_lab("topics", "vgg", "--read", "--json", cwd=workspace.root).stdout)
    assert (page["slug"], page["read"]) == ("vgg", True)
    assert load(workspace) == ReadingMarks(frozenset({"resnet", "vgg"}), "densenet")


def test_prints_the_code_of_a_topic_as_python(tmp_path: Path) -> None:
    done = cnn_lab("topics", "resnet", "--code", LC_ALL="C", cwd=tmp_path)
    code = program(topic("resnet"))
    assert done.stdout == code.replace("×", "x") != ""
    page = json.loads(cnn_lab("topics", "resnet", "--json", cwd=tmp_path).stdout)
    assert page["snippets"] == list(snippets(topic("resnet")))


def test_writes_the_code_of_a_topic_once(workspace: Workspace) -> None:
    path = workspace.root / "scratch" / "resnet.py"
    done = cnn_lab("topics", "resnet", "--scratch", cwd=workspace.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"Wrote {path}, which runs as it is: python3 {path}\n"
    path.write_text("mine = 1\n")
    again = cnn_lab("topics", "resnet", "--scratch", "--json", cwd=workspace.root)
    answer = {"slug": "resnet", "path": str(path), "state": "changed"}
    assert json.loads(again.stdout) == answer
    assert path.read_text() == "mine = 1\n"


def test_reads_topics_without_torch() -> None:
    run_python(
        "import sys\n"
        "from cnn_tui.cli import main\n"
        "for words in (['topics'], ['topics', 'vgg'], ['topics', '--json'], ['demo'],\n"
        "              ['topics', '--search', 'vgg']):\n"
        "    assert main(words) == 0\n"
        "heavy = {'torch', 'torchvision', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
