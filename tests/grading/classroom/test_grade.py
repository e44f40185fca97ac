"""The lab grades a class: each learner for themselves, once, and to the end."""

import csv
import json
import os
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.errors import ExitCode, LabFault, RunError, UsageError
from cnn_tui.grading.catalogue import exercises, hidden_tests, starter
from cnn_tui.grading.classroom import grade as classroom
from cnn_tui.grading.classroom import journal
from cnn_tui.grading.classroom.grade import GradingRequest, exercises_for, exit_code, grade_folder
from cnn_tui.grading.classroom.outputs import Output, chosen, returned
from cnn_tui.grading.classroom.returns import totals_of
from cnn_tui.grading.classroom.workers import Grade
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.judge.plan import read_plan, result
from cnn_tui.grading.records import CheckReport

FIRST = exercises()[0]


class MadeUpChecks:
    """Passes files that say "right"; does what else they say."""

    def __init__(self) -> None:
        self.seeds: list[int | None] = []
        self.waits = threading.Event()
        self.busy: list[str] = []

    def check(
        self,
        exercise: Exercise,
        path: Path,
        *,
        seed: int | None,
        timeout: float | None,
        stop: threading.Event | None,
        helpers: Mapping[str, bytes] | None = None,
    ) -> CheckReport:
        self.seeds.append(seed)
        word = path.read_text()
        if word == "fault":
            raise LabFault("The host is gone.")
        if word == "surprise":
            raise ZeroDivisionError("never mind")
        if word == "wait":
            self.waits.set()
            assert stop is not None
            assert stop.wait(30)
            raise RunError("The check was stopped.")
        busy = "It was too busy." if word.startswith("busy") else ""
        if busy:
            self.busy.append(word)
            path.write_text({"busy": "right", "busy twice": "busy"}.get(word, word))
        passed = word == "right"
        status = "error" if word == "mistake" else "passed" if passed else "failed"
        plan = read_plan(hidden_tests(exercise))
        checks = tuple(result(each, status, "") for each in plan)  # type: ignore[arg-type]
        score = sum(each.points for each in checks)
        return CheckReport(
            exercise.name,
            exercise.title,
            str(path),
            passed,
            score,
            10,
            "limits",
            seed or 0,
            checks,
            not_graded=busy or ("hw.py, line 3" if word == "mistake" else ""),
        )


class Told:
    """Keeps what a listener hears."""

    def __init__(self, on_grade: Callable[[Grade], None] = lambda grade: None) -> None:
        self.remarks: list[str] = []
        self.total = 0
        self.grades: list[Grade] = []
        self._on_grade = on_grade

    def remark(self, sentence: str) -> None:
        self.remarks.append(sentence)

    def begin(self, total: int) -> None:
        self.total = total

    def graded(self, grade: Grade) -> None:
        self.grades.append(grade)
        self._on_grade(grade)


@pytest.fixture
def checks() -> MadeUpChecks:
    return MadeUpChecks()


def make_order(
    tmp_path: Path, works: dict[str, str], *outs: str, **fields: object
) -> GradingRequest:
    folder = tmp_path / "class"
    folder.mkdir(exist_ok=True)
    for learner, word in works.items():
        (folder / f"{learner}_exercise1.py").write_text(word)
    outputs = chosen([tmp_path / out for out in outs], None)
    return replace(GradingRequest(folder, exercises(), "limits", outputs=outputs, jobs=2), **fields)


def graded(
    order: GradingRequest, checks: MadeUpChecks, told: Told | None = None
) -> dict[str, Grade]:
    grades = grade_folder(order, lambda: nullcontext(checks), told or Told())
    return {grade.learner: grade for grade in grades}


def test_grades_everyone_with_the_same_inputs(tmp_path: Path, checks: MadeUpChecks) -> None:
    told = Told()
    grades = graded(make_order(tmp_path, {"ada": "right", "bea": "wrong"}), checks, told)
    assert {learner: grade.word for learner, grade in grades.items()} == {
        "ada": "passed",
        "bea": "not passed",
    }
    assert len(set(checks.seeds)) == 1
    assert told.total == len(told.grades) == 2
    assert exit_code(list(grades.values())) == ExitCode.DONE


def test_grades_again_whose_helper_files_changed(tmp_path: Path, checks: MadeUpChecks) -> None:
    order = make_order(tmp_path, {}, "grades.json", allow_helpers=True)
    for learner in ("ada", "bea"):
        (order.folder / learner).mkdir()
        (order.folder / learner / "exercise1.py").write_text("right")
        (order.folder / learner / "pools.py").write_text("x = 1")
    grades = graded(order, checks)
    assert grades["ada"].report.remarks == ("Taken as helper files: pools.py.",)
    (order.folder / "ada" / "pools.py").write_text("x = 2")
    kept = {learner: grade.kept for learner, grade in graded(order, checks).items()}
    assert kept == {"ada": False, "bea": True}
    without = graded(replace(order, allow_helpers=False), checks)
    assert not any(grade.kept or grade.report.remarks for grade in without.values())


@pytest.mark.parametrize("word", ["fault", "surprise"])
def test_goes_on_where_it_fails_with_one(tmp_path: Path, checks: MadeUpChecks, word: str) -> None:
    works = {"ada": "right", "bea": word, "cem": "right"}
    order = make_order(tmp_path, works, "grades.json")
    grades = graded(order, checks)
    assert [grade.word for grade in grades.values()] == ["passed", "not graded", "passed"]
    assert {check.status for check in grades["bea"].report.checks} == {"error"}
    assert exit_code(list(grades.values())) == ExitCode.LAB_FAULT
    checks.seeds.clear()
    (tmp_path / "class" / "bea_exercise1.py").write_text("right")
    assert graded(order, checks)["bea"].word == "passed"
    assert len(checks.seeds) == 1


def test_tries_again_what_the_machine_was_too_busy_for(
    tmp_path: Path, checks: MadeUpChecks
) -> None:
    told = Told()
    works = {"ada": "busy", "bea": "right", "cem": "busy twice", "dan": "busy for good"}
    order = make_order(tmp_path, works, "grades.json")
    grades = graded(order, checks, told)
    assert [grades[name].word for name in sorted(grades)] == [*["passed"] * 3, "not graded"]
    assert len(told.grades) == told.total == 4
    assert len(checks.busy) == 1 + 2 + 3
    assert exit_code(list(grades.values())) == ExitCode.LAB_FAULT
    written = {each["learner"]: each for each in json.loads((tmp_path / "grades.json").read_text())}
    assert (written["dan"]["status"], written["ada"]["status"]) == ("not graded", "passed")
    assert written["dan"]["not_graded"] == "It was too busy."


def test_grades_what_was_not_graded_when_it_goes_on(tmp_path: Path, checks: MadeUpChecks) -> None:
    order = make_order(tmp_path, {"ada": "right", "dan": "busy for good"}, "grades.json")
    graded(order, checks)
    grades = graded(order, checks)
    assert grades["ada"].kept and not grades["dan"].kept
    assert len(checks.busy) == 2 * 3


def test_does_not_try_a_mistake_in_the_tests_again(tmp_path: Path, checks: MadeUpChecks) -> None:
    grades = graded(make_order(tmp_path, {"ada": "right", "bea": "mistake"}), checks)
    assert grades["bea"].word == "not graded"
    assert len(checks.seeds) == 2
    assert exit_code(list(grades.values())) == ExitCode.LAB_FAULT


def test_tries_again_one_at_a_time(tmp_path: Path, checks: MadeUpChecks) -> None:
    works = {f"learner{number}": "busy" for number in range(4)}
    opened = []

    @contextmanager
    def open_checks() -> Iterator[MadeUpChecks]:
        opened.append(threading.current_thread().name)
        yield checks

    order = make_order(tmp_path, works)
    grades = grade_folder(order, open_checks, Told())
    assert {grade.word for grade in grades} == {"passed"}
    assert opened[-1] == "grader-0"
    assert len(opened) == 3


def test_gives_up_where_nothing_can_be_graded(tmp_path: Path, checks: MadeUpChecks) -> None:
    works = {f"learner{number}": "fault" for number in range(50)}
    with pytest.raises(LabFault, match="The host is gone"):
        graded(make_order(tmp_path, works), checks)
    assert len(checks.seeds) < 20


def test_grades_again_only_what_has_changed(
    tmp_path: Path, checks: MadeUpChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(tmp_path, {"ada": "right", "bea": "wrong"}, "grades.csv")
    before = graded(order, checks)
    assert [grade.kept for grade in before.values()] == [False, False]
    (tmp_path / "class" / "bea_exercise1.py").write_text("right")
    after = graded(order, checks)
    assert [(grade.kept, grade.word) for grade in after.values()] == [
        (True, "passed"),
        (False, "passed"),
    ]
    assert after["ada"].report == before["ada"].report
    assert len(set(checks.seeds)) == 1, "the class keeps its seed"
    for changed in (
        replace(order, seed=7),
        replace(order, timeout=5.0),
        replace(order, sandbox="landlock"),
        replace(order, exercises=(replace(FIRST, check_seconds=1.0),)),
    ):
        assert not any(grade.kept for grade in graded(changed, checks).values())
        assert all(grade.kept for grade in graded(changed, checks).values())
    again = replace(order, again=True)
    assert not any(grade.kept for grade in graded(again, checks).values())
    monkeypatch.setattr(journal, "__version__", "another")
    assert not any(grade.kept for grade in graded(order, checks).values())


def test_grades_again_when_the_hidden_tests_change(tmp_path: Path, checks: MadeUpChecks) -> None:
    tests = tmp_path / "tests" / "exercise1.py"
    tests.parent.mkdir()
    tests.write_bytes(hidden_tests(FIRST).read_bytes())
    order = make_order(tmp_path, {"ada": "right"}, "grades.csv")
    order = replace(order, exercises=(replace(FIRST, tests=tests),))
    graded(order, checks)
    assert graded(order, checks)["ada"].kept
    tests.write_bytes(hidden_tests(FIRST).read_bytes() + b"\n")
    assert not graded(order, checks)["ada"].kept


def test_goes_on_after_a_journal_was_torn(tmp_path: Path, checks: MadeUpChecks) -> None:
    order = make_order(tmp_path, {"ada": "right", "bea": "right"}, "grades.json", jobs=1)
    graded(order, checks)
    file = tmp_path / "grades.journal"
    file.write_bytes(file.read_bytes()[:-40])
    kept = [grade.kept for grade in graded(order, checks).values()]
    assert kept == [True, False]
    assert all(grade.kept for grade in graded(order, checks).values())


@pytest.mark.parametrize(
    "line", [b"[]", b'{"learner": "ada"}', b"\xff", b'{"seed": -1}', b"[" * 100_000]
)
def test_reads_past_what_is_no_line_of_a_journal(
    tmp_path: Path, checks: MadeUpChecks, line: bytes
) -> None:
    order = make_order(tmp_path, {"ada": "right"}, "grades.json")
    graded(order, checks)
    with (tmp_path / "grades.journal").open("ab") as file:
        file.write(line + b"\n")
    assert graded(order, checks)["ada"].kept


def test_stops_at_once_and_keeps_what_is_done(tmp_path: Path, checks: MadeUpChecks) -> None:
    def interrupt(grade: Grade) -> None:
        assert checks.waits.wait(30)
        raise KeyboardInterrupt

    works = {"ada": "right", "bea": "wait", "cem": "right", "dan": "right"}
    order = make_order(tmp_path, works, "grades.json")
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        graded(order, checks, Told(interrupt))
    assert time.monotonic() - begun < 10
    assert not [each for each in threading.enumerate() if each.name.startswith("grader")]
    assert not (tmp_path / "grades.json").exists()
    (tmp_path / "class" / "bea_exercise1.py").write_text("right")
    assert graded(order, checks)["ada"].kept


def test_refuses_to_grade_twice_at_once_into_one_file(tmp_path: Path, checks: MadeUpChecks) -> None:
    order = make_order(tmp_path, {"ada": "right"}, "grades.csv")
    other = make_order(tmp_path, {}, "other.json", "grades.csv")
    with (
        journal.opened([tmp_path / "grades.csv"]),
        pytest.raises(UsageError, match="Another process grades into"),
    ):
        graded(order, checks)
    with (
        journal.opened([tmp_path / "grades.csv"]),
        pytest.raises(UsageError, match="Another process grades into"),
    ):
        graded(other, checks)
    assert graded(other, checks)["ada"].word == "passed"
    assert (tmp_path / "other.journal").exists()


def test_writes_every_format(tmp_path: Path, checks: MadeUpChecks) -> None:
    works = {"ada": "right", "=cmd()": "wrong"}
    order = make_order(tmp_path, works, "grades.csv", "grades.json", "grades.xml")
    order = replace(order, outputs=(*order.outputs, Output(tmp_path / "results", "gradescope")))
    (order.folder / "cem.zip").write_bytes(b"no zip")
    graded(order, checks)
    rows = list(csv.DictReader((tmp_path / "grades.csv").open(encoding="utf-8")))
    assert [row["learner"] for row in rows] == ["'=cmd()", "ada", "cem"]
    assert [row["score"] for row in rows] == ["0", "10", "0"]
    document = json.loads((tmp_path / "grades.json").read_text())
    assert [grade["learner"] for grade in document] == ["=cmd()", "ada", "cem"]
    assert "cem.zip is damaged" in document[2]["unusable"]
    assert {"exercise", "passed", "score", "max_score", "sandbox", "seed", "checks"} <= set(
        document[1]
    )
    assert len(ET.parse(tmp_path / "grades.xml").getroot()) == 3
    results = json.loads((tmp_path / "results" / "ada" / "results.json").read_text())
    assert results["score"] == 10


def test_writes_below_its_folder_whatever_learners_are_called(
    tmp_path: Path, checks: MadeUpChecks
) -> None:
    order = make_order(tmp_path, {"ada": "right"}, "grades.json")
    names = [b" ..", b"\xff" * 200, b"con"]
    for name in names:
        folder = order.folder / os.fsdecode(name)
        folder.mkdir()
        (folder / "exercise1.py").write_text("wrong")
    results = tmp_path / "results.json"
    results.write_text("not theirs")
    order = replace(order, outputs=(*order.outputs, Output(tmp_path / "out", "gradescope")))
    assert len(graded(order, checks)) == 4
    assert results.read_text() == "not theirs"
    assert len(list((tmp_path / "out").glob("*/results.json"))) == 4
    assert len(json.loads((tmp_path / "grades.json").read_text())) == 4


def test_loses_no_other_output_with_one_that_cannot_be_written(
    tmp_path: Path, checks: MadeUpChecks
) -> None:
    order = make_order(tmp_path, {"ada": "right", "bea": "right", "cem": "right"})
    blocked = tmp_path / "out"
    blocked.mkdir()
    (blocked / "ada").write_text("a file where a folder should be")
    (blocked / "bea" / "results.json").mkdir(parents=True)
    outputs = (Output(blocked, "gradescope"), Output(tmp_path / "grades.csv", "csv"))
    told = Told()
    with pytest.raises(LabFault, match="out/ada cannot be made"):
        graded(replace(order, outputs=outputs), checks, told)
    assert "out/bea/results.json" in told.remarks[0]
    assert (blocked / "cem" / "results.json").exists()
    assert (tmp_path / "grades.csv").read_text().count("exercise1,") == 3


def test_tells_in_a_grade_which_file_was_taken(tmp_path: Path, checks: MadeUpChecks) -> None:
    order = make_order(tmp_path, {}, "grades.csv")
    (order.folder / "ada_exercise1.py.txt").write_text("right")
    assert graded(order, checks)["ada"].report.remarks == (
        "ada_exercise1.py.txt was taken for exercise1.py.",
    )
    assert "was taken for exercise1.py." in (tmp_path / "grades.csv").read_text()
    assert graded(order, checks)["ada"].report.remarks


def test_says_in_a_grade_what_an_older_file_lacks(tmp_path: Path, checks: MadeUpChecks) -> None:
    older = starter(exercises()[0]).read_text().replace("version 2", "version 1")
    works = {"ada": older.replace("def agreement", "def corr"), "bea": older, "cem": "right"}
    grades = graded(make_order(tmp_path, works), checks)
    assert grades["ada"].report.remarks == (
        "exercise1.py was begun before version 2 of the exercise, and lacks agreement: "
        "today's starter has them.",
    )
    assert not grades["bea"].report.remarks
    assert not grades["cem"].report.remarks


@pytest.mark.parametrize(
    ("name", "format", "sentence"),
    [
        ("grades", None, "does not tell its format"),
        ("grades.txt", None, "does not tell its format"),
        ("grades.txt", "cvs", "did you mean csv"),
        ("missing/grades.csv", None, "cannot be written"),
        ("file", "gradescope", "is a file"),
        ("grades.csv", "gradescope", "does not tell its own format"),
    ],
)
def test_refuses_an_output_that_it_cannot_write(
    tmp_path: Path, name: str, format: str | None, sentence: str
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=sentence):
        chosen([tmp_path / name], format)


def test_asks_the_format_only_of_what_does_not_tell_it(tmp_path: Path) -> None:
    outputs = chosen([tmp_path / "g.csv", tmp_path / "gs"], "gradescope")
    assert [each.format for each in outputs] == ["csv", "gradescope"]


def test_grades_the_exercises_that_are_named() -> None:
    assert exercises_for([], None) == exercises()
    assert exercises_for(["1", "Exercise-1"], None) == (FIRST,)
    with pytest.raises(UsageError, match="did you mean"):
        exercises_for(["exercsie1"], None)


def test_needs_no_torch() -> None:
    from tests.subprocesses import run_python

    run_python(
        f"import sys, {classroom.__name__};"
        "assert not {'torch', 'numpy', 'pytest', 'rich'} & set(sys.modules)"
    )


def test_brings_grades_back_to_moodle_and_to_learners(tmp_path: Path, checks: MadeUpChecks) -> None:
    order = make_order(tmp_path, {})
    works = {
        "Ada Ng_11_assignsubmission_file_exercise1.py": "right",
        "=x_12_assignsubmission_file_exercise1.py": "wrong",
        "a..\\..\\b_exercise1.py": "right",
    }
    for name, word in works.items():
        (order.folder / name).write_text(word)
    worksheet = tmp_path / "w.csv"
    worksheet.write_text("Identifier,Full name,Grade\nParticipant 11,Ada Ng,\nParticipant 12,=x,\n")
    back = returned(["exercise1"], worksheet=worksheet, feedback=tmp_path / "pages")
    told = Told()
    grades = graded(replace(order, outputs=back), checks, told)
    assert {grade.marks.id for grade in grades.values()} >= {"11", "12"}
    rows = list(csv.reader((tmp_path / "w-graded.csv").open(encoding="utf-8")))
    points = grades["Ada Ng"].report.score
    assert rows[1:] == [["Participant 11", "Ada Ng", str(points)], ["Participant 12", "'=x", "0"]]
    pages = sorted(str(path.relative_to(tmp_path / "pages")) for path in tmp_path.rglob("*.html"))
    assert pages == [
        "=x_12_assignfeedback_file/feedback.html",
        "Ada Ng_11_assignfeedback_file/feedback.html",
        "a.._.._b.html",
    ]
    assert len(list((tmp_path / "pages").rglob("*.md"))) == 3
    assert any("b has no row in w.csv." in remark for remark in told.remarks)


def test_names_a_gradebook_with_its_assignment(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a column of Canvas' gradebook"):
        returned(["exercise1"], assignment="Homework")
    (tmp_path / "pages").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        returned(["exercise1"], feedback=tmp_path / "pages")


def test_gives_no_total_to_whom_nothing_could_be_graded() -> None:
    report = CheckReport("exercise1", "", "", True, 3, 4, "limits", 0, ())
    other = replace(report, exercise="exercise2", score=2, max_score=6)
    busy, none = (
        replace(report, not_graded="Busy."),
        replace(report, exercise="", max_score=0, score=0),
    )
    pairs = [("ada", report), ("ada", other), ("bea", report), ("cem", busy), ("dan", none)]
    totals, points = totals_of([Grade(learner, each) for learner, each in pairs])
    assert [(total.learner, total.score) for total in totals] == [
        *(("ada", 5), ("bea", 3), ("cem", None), ("dan", None))
    ]
    assert points == 10
