"""The lab reads learner, number and lateness from the names that platforms give to files."""

import pytest

from cnn_tui.grading.classroom.platforms import own_name, parse


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("doealice_12345_67890_exercise1.py", ("doealice", "12345", False, "exercise1.py")),
        ("doealice_LATE_12345_67890_exercise1-1.py", ("doealice", "12345", True, "exercise1-1.py")),
        ("ngzoë_7_8_my_9_10_work.zip", ("ngzoë", "7", False, "my_9_10_work.zip")),
        ("LATE_anon_aB3xY_67890_a.py", ("anon_aB3xY", "anon_aB3xY", True, "a.py")),
        ("anon_aB3xY_67890_1_a.py", ("anon_aB3xY", "anon_aB3xY", False, "1_a.py")),
        ("doealice_12345_text.html", ("doealice", "12345", False, "text.html")),
        ("Zoë Ng_42_assignsubmission_file_", ("Zoë Ng", "42", None, "")),
        ("Zoë Ng_42_assignsubmission_file", ("Zoë Ng", "42", None, "")),
        ("Zoë Ng_42_assignsubmission_onlinetext", ("Zoë Ng", "42", None, "")),
        ("Zoë Ng_42_assignsubmission_file_a_b.py", ("Zoë Ng", "42", None, "a_b.py")),
        ("Participant_42_assignsubmission_file", ("Participant 42", "42", None, "")),
    ],
)
def test_reads_the_names_of_canvas_and_moodle(
    name: str, expected: tuple[str, str, bool | None, str]
) -> None:
    parsed = parse(name)
    assert parsed is not None
    assert (parsed.learner, parsed.marks.id, parsed.marks.late, parsed.file) == expected


@pytest.mark.parametrize("name", ["alice_exercise1.py", "exercise1.py", "submission_98765", "a_1"])
def test_reads_nothing_from_other_names(name: str) -> None:
    assert parse(name) is None
    assert own_name(name) == name
