"""The lab finds submissions that are alike, whatever their names and layout, and no others."""

import ast
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercise_named, own_exercises
from cnn_tui.grading.classroom.similarity.compare import (
    LARGE_CLASS,
    ComparedFile,
    compare_class,
    read_file,
    similar_pairs,
    starter_text,
)
from cnn_tui.grading.classroom.similarity.winnowing import MAX_TOKENS, tokens_of
from cnn_tui.grading.limits import LEAST_ALIKE
from tests.grading.classroom.similarity.disguises import DISGUISES, Disguise
from tests.grading.conftest import reference
from tests.grading.test_alternatives import ALTERNATIVES

EXERCISE = exercise_named("1")
STARTER = starter_text(EXERCISE)
OWN = reference("exercise1")
OTHER = ALTERNATIVES["exercise1_loops"].read_text()


def files(sources: Mapping[str, str]) -> list[ComparedFile]:
    return [ComparedFile(name, name, text, tokens_of(text)) for name, text in sources.items()]


def pairs(
    sources: Mapping[str, str], starter: str = STARTER, least: float = LEAST_ALIKE
) -> list[object]:
    found, _ = similar_pairs("exercise1", files(sources), starter, least=least)
    return [(pair.learner, pair.other) for pair in found]


def solutions(exercise: str) -> dict[str, str]:
    """The reference and the alternatives, which share no author's solution."""
    others = {name: path.read_text() for name, path in ALTERNATIVES.items()}
    return {"reference": reference(exercise)} | {
        name: text for name, text in others.items() if name.startswith(exercise)
    }


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda disguise: disguise.__name__)
def test_finds_every_disguised_copy(disguise: Disguise) -> None:
    exercise = "exercise1"
    for text in solutions(exercise).values():
        assert pairs({"ada": text, "bea": disguise(text)}) == [("ada", "bea")]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", own_exercises(), ids=lambda exercise: exercise.name)
def test_lists_no_two_independent_solutions(exercise) -> None:
    assert pairs(solutions(exercise.name), starter_text(exercise)) == []


def test_lists_no_two_independent_solutions_of_a_short_exercise() -> None:
    assert pairs(solutions("exercise1")) == []
    assert pairs(solutions("exercise1"), least=0.0)


def test_names_the_lines_of_both() -> None:
    moved = "\n".join(["x = 1", "y = x", *OTHER.splitlines()])
    ((pair,), _) = similar_pairs("exercise1", files({"ada": OTHER, "bea": moved}))
    last = pair.lines[-1][1]
    assert last >= len(OTHER.splitlines()) - 1
    assert pair.other_lines[-1][1] == last + 2
    assert pair.share == 1 > pair.other_share


def test_does_not_count_what_stands_in_the_starter() -> None:
    found, left_out = similar_pairs("exercise1", files({"ada": STARTER, "bea": STARTER}), STARTER)
    assert found == []
    assert [each.learner for each in left_out] == ["ada", "bea"]
    assert "also in the starter" in left_out[0].reason


def test_marks_nothing_that_stands_in_the_starter() -> None:
    text = f"{STARTER}\n{OTHER}"
    ((pair,), _) = similar_pairs("exercise1", files({"ada": text, "bea": text}), STARTER)
    assert pair.lines[0][0] > len(STARTER.splitlines())


def test_does_not_compare_what_says_too_little() -> None:
    repeating = "x = 1\n" * 99
    found, left_out = similar_pairs("exercise1", files({"ada": repeating, "bea": repeating}))
    assert (found, len(left_out)) == ([], 2)
    assert left_out[0].reason == "It says too little to be compared."


def test_does_not_count_what_most_of_a_class_has() -> None:
    shared = {f"learner{number}": OWN for number in range(LARGE_CLASS)}
    found, left_out = similar_pairs("exercise1", files(shared), STARTER)
    assert (found, len(left_out)) == ([], LARGE_CLASS)
    assert "in most files of the class" in left_out[0].reason
    few = dict(list(shared.items())[: LARGE_CLASS - 1])
    assert len(pairs(few)) == (LARGE_CLASS - 1) * (LARGE_CLASS - 2) // 2


def test_compares_the_threshold_with_the_share_itself() -> None:
    sources = {"ada": OWN, "bea": f"{OWN.partition('def difference')[0]}\n{OTHER}"}
    (pair,), _ = similar_pairs("exercise1", files(sources), STARTER, least=0.0)
    larger = max(pair.share, pair.other_share)
    assert pairs(sources, least=larger) == [("ada", "bea")]
    assert pairs(sources, least=larger + 1e-9) == []


def test_lists_the_most_alike_first_and_else_by_name() -> None:
    longer = f"{OWN}\n{OTHER}"
    sources = {"dan": OTHER, "cem": longer, "bea": OWN, "ada": OWN}
    order = [("bea", "ada"), ("dan", "cem"), ("cem", "ada"), ("cem", "bea")]
    assert pairs(sources) == order
    backwards = pairs(dict(reversed(sources.items())))
    assert [set(pair) for pair in backwards] == [set(pair) for pair in order]


def test_names_everyone_who_is_not_compared(tmp_path: Path) -> None:
    notebook = {
        "nbformat": 4,
        "metadata": {},
        "cells": [{"cell_type": "code", "source": OWN}],
    }
    handed_in = {
        "ada_exercise1.py": OWN.encode(),
        "bea_exercise1.ipynb": json.dumps(notebook).encode(),
        "cem_exercise1.py": b"",
        "dan_exercise1.py": b"x = 1\n",
        "eve_exercise1.py": b"def (:\n",
        "fay_exercise1.py": b"\xff\xfe",
        "gus_exercise1.py": b"[%s]" % (b"1," * (MAX_TOKENS // 2)),
        "hal.zip": b"no zip",
        "notes.txt": b"hello",
    }
    for name, content in handed_in.items():
        (tmp_path / name).write_bytes(content)
    report = compare_class(tmp_path, [EXERCISE])
    (pair,) = report.pairs
    assert (pair.learner, pair.other, report.compared) == ("ada", "bea", 2)
    reasons = {each.learner: each.reason for each in report.not_compared}
    expected = {
        "cem": "is empty",
        "dan": "too short",
        "eve": "syntax error",
        "fay": "not UTF-8",
        "gus": "too long",
        "hal": "hal.zip is damaged",
        "notes.txt": "was left out",
    }
    assert reasons.keys() == expected.keys()
    for learner, part in expected.items():
        assert part in reasons[learner]
    assert set(report.texts) == {("exercise1", "ada"), ("exercise1", "bea")}


def test_compares_no_two_attempts_of_one_learner(tmp_path: Path) -> None:
    for name in ("ada", "bea"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "exercise1.py").write_text(OWN)
    (tmp_path / "ada_exercise1.py").write_text(OWN)
    heard: list[str] = []
    report = compare_class(tmp_path, [EXERCISE], remark=heard.append)
    found = [{pair.learner, pair.other} for pair in report.pairs]
    assert found == [{"ada", "bea"}, {"ada_exercise1.py", "bea"}]
    assert "would all be ada" in heard[0]


def test_names_who_lacks_the_exercise_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "ada_exercise1.py").write_text(OWN)
    (tmp_path / "bea_exercise2.py").write_text(OWN)
    report = compare_class(tmp_path, [EXERCISE, exercise_named("2")], everyone=True)
    lacking = [(each.learner, each.exercise) for each in report.not_compared]
    assert lacking == [("ada", "exercise2"), ("bea", "exercise1")]


def test_refuses_what_holds_no_submissions(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no submissions"):
        compare_class(tmp_path, [EXERCISE])


def test_refuses_a_class_of_which_no_file_can_be_compared(tmp_path: Path) -> None:
    for name in ("ada", "bea"):
        (tmp_path / f"{name}_exercise1.py").write_bytes(b"")
    said = r"holds no file that can be compared: ada: .*is empty.* And 1 more cannot be compared\."
    with pytest.raises(UsageError, match=said):
        compare_class(tmp_path, [EXERCISE])


def test_takes_the_starter_that_lies_beside_a_teachers_tests(tmp_path: Path) -> None:
    from cnn_tui.grading.classroom.new_exercise import write_example
    from cnn_tui.grading.classroom.teacher_tests import exercises_in

    write_example(tmp_path / "homework1")
    (own,) = exercises_in(tmp_path / "homework1" / "tests")
    starter = tmp_path / "homework1" / "starter" / own.file_name
    assert starter_text(own) == starter.read_text()


def test_reads_lines_as_python_does(tmp_path: Path) -> None:
    (tmp_path / "exercise1.py").write_bytes(OTHER.replace("\n", "\r\n").encode())
    read = read_file("ada", tmp_path / "exercise1.py")
    assert read.text == OTHER
    assert read.tokens.lines == tokens_of(OTHER).lines


def moved(source: str, *helpers: str, unmoved: int = 0) -> dict[str, str]:
    """The files of an exercise whose functions but some are in helper files in turn."""
    body = ast.parse(source).body
    functions = [each for each in body if isinstance(each, ast.FunctionDef)]
    others = [each for each in body if each not in functions]
    kept, gone = functions[:unmoved], functions[unmoved:]
    files = {
        name: ast.unparse([*others, *gone[at :: len(helpers)]])  # type: ignore[call-overload]
        for at, name in enumerate(helpers)
    }
    modules = [name.removesuffix(".py").replace("/", ".") for name in helpers]
    imports = "\n".join(f"from {module} import *" for module in modules)
    return {"exercise1.py": f"{imports}\n{ast.unparse([*others, *kept])}", **files}  # type: ignore[call-overload]


def hand_in(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.parametrize("unmoved", [0, 3])
def test_finds_a_copy_whose_functions_were_moved_into_helper_files(
    tmp_path: Path, unmoved: int
) -> None:
    hand_in(tmp_path / "ada", {"exercise1.py": OWN})
    files = moved(OWN, "pools.py", "utils/maps.py", unmoved=unmoved)
    if not unmoved:
        files["exercise1.py"] = "from utils.maps import *\nfrom pools import *\n"
    hand_in(tmp_path / "bea", {**files, "utils/__init__.py": ""})
    hand_in(tmp_path / "cem", {"exercise1.py": OTHER, "own.py": "x = [a for a in b]\n" * 9})
    heard: list[str] = []
    report = compare_class(tmp_path, [EXERCISE], remark=heard.append)
    (pair,) = report.pairs
    assert (pair.learner, pair.other) == ("ada", "bea")
    assert min(pair.share, pair.other_share) > 0.6
    named = {"pools.py", "utils/maps.py", *([""] if unmoved else [])}
    assert pair.lines_by_file.keys() == {""}
    assert pair.other_lines_by_file.keys() == named
    for name, parts in pair.other_lines_by_file.items():
        lines = files[name or "exercise1.py"].splitlines()
        assert all(first <= last <= len(lines) for first, last in parts)
        marked = "".join("\n".join(lines[first - 1 : last]) for first, last in parts)
        assert "return " in marked
    shown = report.helper_texts["exercise1", "bea"]
    assert shown["utils/maps.py"] == files["utils/maps.py"]
    assert "bea: Taken as helper files: pools.py, utils/__init__.py, utils/maps.py." in heard


def test_says_which_helper_file_is_not_compared(tmp_path: Path) -> None:
    for learner in ("ada", "bea"):
        hand_in(tmp_path / learner, {"exercise1.py": OWN})
    large = "[%s]" % ("1," * (MAX_TOKENS // 3))
    files = {"large.py": large, "long.py": large, "torn.py": "'''", "z.py": OTHER}
    hand_in(tmp_path / "ada", files)
    heard: list[str] = []
    report = compare_class(tmp_path, [EXERCISE], remark=heard.append)
    assert report.helper_texts["exercise1", "ada"].keys() == {"large.py", "z.py"}
    assert any("ada: long.py is too long to compare" in each for each in heard)
    assert any("ada: torn.py cannot be divided into tokens" in each for each in heard)


def test_does_not_count_helper_files_that_a_teacher_gave(tmp_path: Path) -> None:
    tests = tmp_path / "own" / "tests" / "homework1.py"
    homework = replace(EXERCISE, name="homework1", tests=tests, starter=None)
    given = {"homework1.py": STARTER, "pools.py": OTHER}
    hand_in(tmp_path / "own" / "starter", given)
    hand_in(tests.parent, {"homework1.py": ""})
    for learner, text in (("ada", OWN), ("bea", "x = [a + 1 for a in b]\n" * 9)):
        hand_in(tmp_path / "class" / learner, {**given, "homework1.py": text})
    assert compare_class(tmp_path / "class", [homework]).pairs == ()
