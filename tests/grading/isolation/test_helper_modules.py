"""A submission imports its helper files, and an error in one is shown with its file and line."""

import pytest

from tests.grading.conftest import Grade, reference

IMPORTS = "from pools import *\n"


def test_imports_helper_files_that_import_each_other(grade: Grade) -> None:
    helpers = {"pools": b"from inner import *\n", "inner": reference("exercise1").encode()}
    verdict = grade("exercise1", IMPORTS, helpers=helpers)
    assert (verdict.unusable, verdict.not_passed) == ("", {})


@pytest.mark.parametrize(
    ("helpers", "sentence"),
    [
        ({"pools": b"x = 1\ndef f(:\n"}, "SyntaxError: invalid syntax (pools.py, line 2: def f(:)"),
        ({"pools": b"\n1 / 0\n"}, "division by zero (pools.py, line 2: 1 / 0)"),
        ({"pools/__init__": b"from .inner import x\n", "pools/inner": b"\n\n1 / 0\n"},
         "division by zero (pools/inner.py, line 3: 1 / 0)"),
        ({"others": b""}, "No module named 'pools' (line 1: from pools import *). A check sees "
         "only this file, its helper files (others.py) and installed packages."),
        ({}, "A check sees only this file, helper files beside it and installed packages, and no "
         "helper file was taken: where one was refused, the report says why."),
        (None, "A teacher can allow helper files beside it."),
    ],
)  # fmt: skip
def test_says_where_a_helper_file_is_wrong(
    grade: Grade, helpers: dict[str, bytes] | None, sentence: str
) -> None:
    assert grade("exercise1", IMPORTS, helpers=helpers).unusable.endswith(sentence)


@pytest.mark.slow
def test_one_submission_never_sees_the_helper_files_of_another(grade: Grade) -> None:
    grade("exercise1", IMPORTS, helpers={"pools": b""})
    assert "No module named 'pools'" in grade("exercise1", IMPORTS).unusable


def test_imports_a_package_whose_modules_import_each_other(grade: Grade) -> None:
    helpers = {
        "utils/__init__": b"from .pools import *\nfrom utils import pools\nassert __path__ == []\n",
        "utils/pools": b"from .inner.maps import *\n",
        "utils/inner/__init__": b"",
        "utils/inner/maps": reference("exercise1").encode(),
    }
    verdict = grade("exercise1", "from utils import *\n", helpers=helpers)
    assert (verdict.unusable, verdict.not_passed) == ("", {})
