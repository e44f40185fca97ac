"""The chapter's catalogue: topics in order, names, and what a damaged file says."""

import json
import os
import subprocess
import sys

import pytest

from cnn_tui.chapter import catalogue
from cnn_tui.chapter.catalogue import demo_info, demos, sections, topic, topics
from cnn_tui.errors import LabFault, UsageError

SECTIONS = (
    "Basics",
    "Pooling",
    "Architectures",
    "Batch normalization",
    "Dropout",
    "Practice: CIFAR-10",
    "Newer architectures",
    "Exercises",
    "Summary",
)


def test_keeps_the_chapters_order_of_sections():
    assert sections() == SECTIONS


def test_gives_every_topic_a_place_of_its_own():
    orders = [each.order for each in topics()]
    assert orders == sorted(set(orders))


def test_keeps_the_topics_of_a_section_together():
    in_order = [each.section for each in topics()]
    assert in_order == sorted(in_order, key=SECTIONS.index)


def test_finds_a_topic_however_its_name_is_spelled():
    assert topic("Pooling_WHY").slug == "pooling-why"


def test_finds_a_topic_by_a_beginning_that_no_other_has():
    assert topic("pooling-max").slug == "pooling-max-and-average"
    with pytest.raises(UsageError, match="no topic named 'pooling'"):
        topic("pooling")


@pytest.mark.slow
def test_lists_and_prints_topics_for_programs_and_plain_terminals():
    lab = [sys.executable, "-m", "cnn_tui", "topics"]
    listed = json.loads(subprocess.run([*lab, "--json"], check=True, capture_output=True).stdout)
    assert all({"slug", "title", "sources"} <= each.keys() for each in listed)
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    page = subprocess.run([*lab, "skip-conn"], check=True, capture_output=True, env=plain).stdout
    assert b"matrix of all dyi/dxj" in page


def test_suggests_the_nearest_topic():
    with pytest.raises(UsageError, match="did you mean lenet5"):
        topic("lenet-6")


def test_suggests_the_nearest_demo():
    with pytest.raises(UsageError, match="did you mean dropout-mask"):
        demo_info("dropout-masc")


def test_hides_the_authors_comments_from_readers():
    assert not any("<!--" in each.text for each in topics())


def test_names_the_topic_file_that_is_damaged(tmp_path, monkeypatch):
    (tmp_path / "broken.md").write_text("+++\ntitle = 'No end\n+++\ntext\n", encoding="utf-8")
    monkeypatch.setattr(catalogue, "TOPICS_FOLDER", tmp_path)
    with pytest.raises(LabFault, match=r"broken\.md is damaged"):
        topics.__wrapped__()


def test_knows_its_topics_and_demos_without_torch():
    code = (
        "import sys\n"
        "from cnn_tui.chapter import catalogue, records, run\n"
        "assert catalogue.topics() and catalogue.demos()\n"
        "free = [each for each in catalogue.demos() if not each.needs_torch]\n"
        "assert free and all(run.run_without_torch(each.name, {}) for each in free)\n"
        "heavy = {'torch', 'torchvision', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("info", demos(), ids=lambda info: info.name)
def test_offers_defaults_that_lie_within_their_limits(info):
    from cnn_tui.chapter.run import checked_parameters

    defaults = {each.name: each.default for each in info.parameters}
    assert checked_parameters(info, defaults) == defaults
