"""The lab grades a class's zip as Canvas or Moodle hands it out."""

import zipfile
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.classroom.class_files import submissions_of
from cnn_tui.grading.classroom.submissions import ClassSubmission

Members = dict[str, str | bytes]


def made(path: Path, members: Members) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def collected(path: Path) -> tuple[list[ClassSubmission], list[str]]:
    spool = path.parent / "spool"
    spool.mkdir()
    return submissions_of(path, exercises(), spool, everyone=False, jobs=1)


def test_reads_a_class_from_canvas(tmp_path: Path) -> None:
    inner = made(tmp_path / "inner.zip", {"exercise1.py": "zipped"}).read_bytes()
    members: Members = {
        "doealice_12345_67890_exercise1.py": "first try",
        "doealice_12345_67891_exercise1-1.py": "second try",
        "doealice_12345_67892_report.pdf": "a report",
        "eveadam_LATE_12346_67893_exercise1.py.txt": "late",
        "foxben_12347_67894_work.zip": inner,
        "gaocem_12348_text.html": "<p>typed</p>",
        "../evil_12349_67895_exercise1.py": "out",
        "notes.txt": "the teacher's",
    }
    found, remarks = collected(made(tmp_path / "class.zip", members))
    assert [(each.learner, each.marks.id, each.marks.late) for each in found] == [
        ("../evil_12349_67895_exercise1.py", "", None),
        ("doealice", "12345", False),
        ("eveadam", "12346", True),
        ("foxben", "12347", False),
        ("gaocem", "12348", False),
        ("notes.txt", "", None),
    ]
    by_learner = {each.learner: each for each in found}
    alice = by_learner["doealice"]
    assert alice.path.read_text() == "second try"
    assert alice.remark == (
        "doealice_12345_67891_exercise1-1.py was taken, and not doealice_12345_67890_exercise1.py."
    )
    assert alice.shown == "class.zip: doealice_12345_67891_exercise1-1.py"
    assert by_learner["eveadam"].path.read_text() == "late"
    assert by_learner["foxben"].path.read_text() == "zipped"
    assert by_learner["gaocem"].unusable == (
        "No file is named like exercise1.py: gaocem_12348_text.html."
    )
    assert not (tmp_path / "spool" / "evil_12349_67895_exercise1.py").exists()
    assert any("names a file outside of the archive" in remark for remark in remarks)
    assert not any("spool" in f"{each.shown}{each.unusable}{each.remark}" for each in found)


@pytest.mark.parametrize("end", ["", "_"])
def test_joins_the_folders_of_one_learner_from_moodle(tmp_path: Path, end: str) -> None:
    members: Members = {
        f"Ada Ng_11_assignsubmission_file{end}/exercise1 (1).py": "right",
        f"Ada Ng_11_assignsubmission_onlinetext{end}/onlinetext.html": "<p>Hello</p>",
        f"Ada Ng_12_assignsubmission_file{end}/exercise1.py": "another Ada",
        f"Bea Cruz_13_assignsubmission_onlinetext{end}/onlinetext.html": "<p>Hello</p>",
        "Cem Doe_14_assignsubmission_file_exercise1.py": "as files",
        "Cem Doe_14_assignsubmission_file_exercise2.py": "as files too",
    }
    found, remarks = collected(made(tmp_path / "class.zip", members))
    assert remarks == []
    assert [
        (each.learner, each.marks.id, each.exercise and each.exercise.name) for each in found
    ] == [
        ("Ada Ng_11", "11", "exercise1"),
        ("Ada Ng_12", "12", "exercise1"),
        ("Bea Cruz", "13", None),
        ("Cem Doe", "14", "exercise1"),
        ("Cem Doe", "14", "exercise2"),
    ]
    assert found[0].path.read_text() == "right"
    assert found[2].unusable.endswith("no file named like exercise1.py: it holds onlinetext.html.")


def test_looks_into_a_folder_that_was_zipped_whole(tmp_path: Path) -> None:
    members: Members = {"hw/ada/exercise1.py": "x", "hw/bea_exercise1.py": "x", "__MACOSX/hw/a": ""}
    found, _ = collected(made(tmp_path / "class.zip", members))
    assert [each.learner for each in found] == ["ada", "bea"]


def test_says_which_members_it_leaves_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        link = zipfile.ZipInfo("ada_exercise1.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bea_exercise1.py", "x = 1")
        archive.writestr(f"{'c' * 300}_exercise1.py", "x = 1")
    found, remarks = collected(tmp_path / "class.zip")
    reasons = {each.learner[:3]: each.unusable.rpartition(": it ")[2] for each in found}
    assert reasons == {
        "ada": "is a link or a device, not a file.",
        "bea": "",
        "ccc": "has a name that no file can have.",
    }
    assert len(remarks) == 2


def test_refuses_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_text("no zip")
    with pytest.raises(UsageError, match=r"class\.zip is damaged"):
        collected(tmp_path / "class.zip")
    with pytest.raises(UsageError, match="no file that can be read"):
        submissions_of(tmp_path / "no.zip", exercises(), tmp_path, everyone=False, jobs=1)


def test_takes_the_later_of_two_uploads_of_one_name(tmp_path: Path) -> None:
    members: Members = {
        "doealice_12345_67899_exercise1.py": "before",
        "doealice_12345_678100_exercise1.py": "after",
    }
    ((alice,), _) = collected(made(tmp_path / "class.zip", members))
    assert alice.path.read_text() == "after"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_unpacks_the_first_of_two_members_of_one_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("ada_exercise1.py", "first")
        archive.writestr("ada_exercise1.py", "second")
    found, remarks = collected(tmp_path / "class.zip")
    assert [each.path.read_text() for each in found if not each.unusable] == ["first"]
    assert remarks == [
        "ada_exercise1.py was left out: it has the name of another file in the archive."
    ]
