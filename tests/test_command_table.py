"""Whatever the app does, a command does too: a page says which, and is held against both."""

import re
from collections import Counter
from pathlib import Path

import pytest

import cnn_tui
from cnn_tui.tui.commands import COMMANDS, NO_COMMAND
from cnn_tui.tui.widgets.key_line import spelled
from tests.cli.commands import document, every_command, parsed
from tests.command_table import HOW_TO_WRITE, PAGE, entries, page
from tests.subprocesses import run_python
from tests.tui.keys import keys_by_id

PACKAGE = Path(cnn_tui.__file__).parent


def test_names_a_command_or_a_reason_for_every_key() -> None:
    keys = keys_by_id()
    assert len(keys) > 100
    assert sorted(keys.keys() - entries().keys()) == [], "cnn_tui.tui.commands lacks these keys"
    assert sorted(entries().keys() - keys.keys()) == [], "cnn_tui.tui.commands has no such keys"


def test_spells_keys_in_texts_and_commands_as_the_app_does() -> None:
    texts = [PAGE.parents[1] / "README.md", *sorted((PACKAGE / "cli").rglob("*.py"))]
    other = re.compile(r"ctrl\+\w|Ctrl[+-]\w|`?<?\^[A-Z]\b")
    found = {each.name: other.findall(each.read_text(encoding="utf-8")) for each in texts}
    assert {name: keys for name, keys in found.items() if keys} == {}
    assert spelled("ctrl+p") == "ctrl-p"
    assert "`ctrl-p`" in texts[0].read_text(encoding="utf-8")


def test_names_each_key_once() -> None:
    ids = [*COMMANDS, *(name for names in NO_COMMAND.values() for name in names)]
    assert [name for name, count in Counter(ids).items() if count > 1] == []


@pytest.mark.parametrize("line", sorted(set(COMMANDS.values())))
def test_names_commands_that_exist_and_take_what_they_are_given(line: str) -> None:
    _, name = parsed(line)
    assert name.removeprefix("cnn-lab ") == re.split(r" (?=[A-Z-]|run:|exerciseN)", line)[0]


@pytest.mark.parametrize("line", ["nosuch", "summary", "summary NET --deep N", "runs drop RUN"])
def test_notices_a_command_line_that_is_refused(line: str) -> None:
    with pytest.raises(Exception, match=r"No such|Missing parameter"):
        parsed(line)


def test_keeps_the_page_of_keys_and_commands_up_to_date() -> None:
    if not PAGE.exists():
        pytest.skip(f"{PAGE.name} is not part of this copy")
    is_up_to_date = PAGE.read_text(encoding="utf-8") == page()
    assert is_up_to_date, f"write {PAGE.name} again: {HOW_TO_WRITE}"


def test_has_a_json_document_for_all_that_a_command_prints() -> None:
    without = {name for name, command in every_command().items() if document(command) is None}
    for_platforms = {"gradescope-zip", "github-workflow"}
    does_something_only = {
        *("reset", "init", "runs export", "runs delete", "new-net"),
        *for_platforms,
    }
    assert without == {f"cnn-lab {each}" for each in does_something_only}


@pytest.mark.parametrize("option", ["--exercise", "--tests", "--allow-helpers", "--sandbox"])
def test_declares_what_commands_for_a_class_share_once(option: str) -> None:
    declared = {
        (each.help, each.metavar)
        for command in every_command().values()
        for each in command.params
        if option in each.opts
    }
    assert len(declared) == 1


def test_costs_the_app_nothing_at_its_start() -> None:
    code = "import sys, cnn_tui.tui.app; assert 'cnn_tui.tui.commands' not in sys.modules"
    run_python(code)
