"""``cnn-lab demo`` asks first what its demo will show, and ``progress`` counts the answers."""

import io
import json
import re
import sys
from typing import Any

import pytest

from cnn_tui.chapter.predicted import load
from cnn_tui.chapter.questions import DemoPrediction
from cnn_tui.chapter.records import DemoResult
from cnn_tui.chapter.shipped import shipped_result
from cnn_tui.cli import main
from cnn_tui.workspace import Workspace
from tests.cli.test_learn import on_a_terminal

DEMO = ("demo", "translation-invariance")
HALF = "You predicted about half: it was 4 of 7 (57 %)."
STYLES = re.compile(r"\x1b\[[\d;]*m")
KEPT = DemoPrediction("about half", "4 of 7 (57 %)", True)


class Terminal(io.StringIO):
    """Standard input of somebody who types."""

    def isatty(self) -> bool:
        return True


class Asker:
    """Runs one demo in this process; ``typed`` is what is typed into its terminal."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._patch = monkeypatch

    def __call__(self, *words: str, typed: str | None = None) -> tuple[int, str, str]:
        if typed is not None:
            self._patch.setattr(sys, "stdin", Terminal(typed))
            for stream in (sys.stdout, sys.stderr):
                self._patch.setattr(stream, "isatty", lambda: True)
        code = main(words)
        said = self._capsys.readouterr()
        return code, STYLES.sub("", said.out), STYLES.sub("", said.err)


@pytest.fixture
def ask(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> Asker:
    def shipped(name: str, /, **given: Any) -> DemoResult | None:
        return shipped_result(name, {key: each for key, each in given.items() if key != "cells"})

    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(workspace.root)
    monkeypatch.setattr("cnn_tui.chapter.run.run_demo", shipped)
    return Asker(capsys, monkeypatch)


def test_asks_once_and_compares_the_answer_with_what_came_out(
    ask: Asker, workspace: Workspace
) -> None:
    code, out, err = ask(*DEMO, typed="5\n3\n")
    assert code == 0
    assert "How many of these shifts leave the pooled row as it was?" in " ".join(err.split())
    assert "  3  about half" in err
    assert "the number of a choice, 1 to 4, not '5'" in err, "a slip is asked about again"
    assert out.startswith(f"✓ {HALF}\n")
    assert load(workspace) == {"translation-invariance": KEPT}
    code, out, err = ask(*DEMO, typed="")
    assert (code, err) == (0, "")
    assert out.startswith(f"✓ Earlier: {HALF}\n")
    assert "Predictions 1/1 right. List them: cnn-lab progress --predictions" in ask("progress")[1]


def test_lists_what_was_predicted(ask: Asker, workspace: Workspace) -> None:
    assert "No prediction was made yet" in ask("progress", "--predictions")[1]
    ask(*DEMO, "--answer", "all")
    code, out, _ = ask("progress", "--predictions")
    assert code == 0
    assert "✗ translation-invariance\n" in out
    assert "  You predicted all: it was 4 of 7 (57 %)." in out
    asked = "How many of these shifts leave the pooled row as it was?"
    assert asked in " ".join(out.split())
    (listed,) = json.loads(ask("progress", "--predictions", "--json")[1])
    assert listed.pop("question").endswith(asked)
    assert listed == {
        "demo": "translation-invariance",
        "answer": "all",
        "outcome": "4 of 7 (57 %)",
        "correct": False,
    }


def test_shows_an_earlier_answer_only_where_the_question_was_the_same(ask: Asker) -> None:
    ask(*DEMO, "--answer", "all")
    assert "Earlier:" in ask(*DEMO, typed="")[1]
    code, out, err = ask(*DEMO, "--cells", "6", typed="")
    assert code == 0
    assert "Earlier:" not in out and not err, "the answer was about another row"


def test_says_where_what_was_predicted_cannot_be_read(ask: Asker, workspace: Workspace) -> None:
    workspace.state.mkdir(exist_ok=True)
    (workspace.state / "predictions.json").write_text("{")
    for words in (["progress"], ["progress", "--predictions"]):
        assert "predictions.json is damaged" in " ".join(ask(*words)[2].split())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--answer", "3"], "--answer is for one demo"),
        (["--no-question"], "--no-question is for one demo"),
        ([*DEMO[1:], "--source", "--answer", "3"], "leave --answer out"),
    ],
)
def test_refuses_an_answer_to_nothing(ask: Asker, words: list[str], sentence: str) -> None:
    code, _, err = ask("demo", *words)
    assert code == 2
    assert sentence in " ".join(err.split())


@pytest.mark.parametrize("typed", ["\n", ""])
def test_runs_the_demo_without_an_answer(ask: Asker, workspace: Workspace, typed: str) -> None:
    code, out, err = ask(*DEMO, typed=typed)
    assert (code, "Enter skips" in err) == (0, True)
    assert out.startswith("How much of a shift max pooling absorbs")
    assert not workspace.state.exists()
    assert "Predictions" not in ask("progress")[1]


@pytest.mark.parametrize("words", [(*DEMO, "--no-question"), (*DEMO, "--json")])
def test_does_not_ask_where_it_must_not(ask: Asker, words: tuple[str, ...]) -> None:
    code, out, err = ask(*words, typed="3\n")
    assert (code, err) == (0, "")
    assert "You predicted" not in out


def test_does_not_ask_a_pipe(ask: Asker) -> None:
    code, _, err = ask(*DEMO)
    assert (code, err) == (0, "")


def test_takes_the_answer_as_an_option(ask: Asker, workspace: Workspace) -> None:
    assert ask(*DEMO, "--answer", "all")[1].startswith("✗ You predicted all: it was 4 of 7")
    document = json.loads(ask(*DEMO, "--answer", "3", "--json")[1])
    assert document["question"].endswith("?")
    assert (document["answer"], document["correct"]) == ("about half", True)
    assert load(workspace) == {"translation-invariance": KEPT}
    silent = json.loads(ask(*DEMO, "--json")[1])
    assert (silent["question"], silent["answer"], silent["correct"]) == (
        document["question"],
        None,
        None,
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            (*DEMO, "--answer", "most of all"),
            "the number of a choice, 1 to 4, not 'most of all'",
        ),
        (("demo", "vit-patches", "--answer", "many"), "such as 12 or 0.5, not 'many'"),
        (
            ("demo", "dropout-mask", "--p", "0", "--answer", "1"),
            "The demo dropout-mask asks nothing here: leave --answer out.",
        ),
    ],
)
def test_says_in_one_sentence_what_is_no_answer(
    ask: Asker, words: tuple[str, ...], sentence: str
) -> None:
    code, out, err = ask(*words)
    assert (code, out) == (2, "")
    assert sentence in err
    assert len(err.splitlines()) == 1


def test_shows_the_demo_where_nothing_can_be_kept(ask: Asker, workspace: Workspace) -> None:
    workspace.state.write_text("no folder")
    code, out, err = ask(*DEMO, "--answer", "3")
    assert (code, HALF in out) == (0, True)
    assert "could not be saved" in err


@pytest.mark.slow
def test_asks_on_a_real_terminal(workspace: Workspace) -> None:
    shown, code = on_a_terminal([*DEMO], workspace, b"3\n", asked=b"(Enter skips)")
    assert code == 0
    assert HALF in " ".join(shown.decode().split())
    assert load(workspace) == {"translation-invariance": KEPT}
