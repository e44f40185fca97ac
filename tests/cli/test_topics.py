"""``cnn-lab topics``: the tree, a page, and their JSON."""

import json

import pytest

from tests.subprocesses import cnn_lab, run_python, starts_in_the_c_locale


def test_lists_every_topic_under_its_section() -> None:
    done = cnn_lab("topics")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    sections = [line for line in lines if line.startswith(("├── ", "└── "))]
    assert len(sections) == 8
    assert "Pooling" in sections[0]
    assert any("pooling-why" in line for line in lines)


def test_lists_the_topics_as_one_json_document() -> None:
    done = cnn_lab("topics", "--json")
    listed = json.loads(done.stdout)
    assert done.stderr == ""
    assert set(listed[0]) >= {"slug", "title", "section", "demos", "exercises", "nets"}
    assert listed[0]["slug"] == "pooling-why"


def test_prints_plain_markdown_into_a_pipe() -> None:
    done = cnn_lab("topics", "Pooling-Max-And-Average")
    assert done.returncode == 0
    assert done.stdout.startswith("# Max and average pooling\n")
    assert "\x1b" not in done.stdout
    assert "cnn-lab demo max-and-average" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@starts_in_the_c_locale
def test_keeps_to_plain_signs_where_the_c_locale_asks_for_them() -> None:
    assert cnn_lab("topics", "densenet", LC_ALL="C").stdout.isascii()
    wrong = cnn_lab("demo", "dropout-mask", "--p", "2×", LC_ALL="C")
    assert wrong.returncode == 2
    assert "p cannot be '2x'" in wrong.stderr
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


def test_reads_topics_without_torch() -> None:
    run_python(
        "import sys\n"
        "from cnn_tui.cli import main\n"
        "for words in (['topics'], ['topics', 'vgg'], ['topics', '--json'], ['demo']):\n"
        "    assert main(words) == 0\n"
        "heavy = {'torch', 'torchvision', 'numpy', 'plotext'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
