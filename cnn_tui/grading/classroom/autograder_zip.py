"""The zip that a teacher uploads to Gradescope: its two scripts, the lab and the hidden tests.

The lab goes in as a wheel, built from the files that are running, so that submissions are
graded by the version that the teacher tried. The reference solutions stay out.
"""

import base64
import hashlib
import io
import secrets
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import SOLUTIONS, own_exercises
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.records import MAX_SEED

PACKAGE = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "autograder"
TESTS = "tests"
WHEEL = "Wheel-Version: 1.0\nGenerator: cnn-lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
EXECUTABLE = 0o100755
PLAIN = 0o100644


def autograder_zip(exercises: Sequence[Exercise], seed: int | None, *, own_tests: bool) -> bytes:
    """The zip that grades ``exercises``; with ``own_tests``, they are a teacher's.

    ``seed`` None draws the one of everybody's inputs.

    Raises UsageError for an exercise of another package, which the zip cannot
    install, and where the lab was not installed.
    """
    if not own_tests:
        _refuse_other_packages(exercises)
    name, wheel = lab_wheel()
    files = {script.name: script.read_bytes() for script in sorted(SCRIPTS.iterdir())}
    executable = set(files)
    drawn = secrets.randbelow(MAX_SEED + 1) if seed is None else seed
    files["settings.sh"] = _settings(exercises, drawn, own_tests=own_tests)
    files[name] = wheel
    if own_tests:
        for each in exercises:
            assert each.tests is not None
            files[f"{TESTS}/{each.tests.name}"] = each.tests.read_bytes()
    return _zip(files, executable)


def lab_wheel() -> tuple[str, bytes]:
    """The running lab as a wheel without reference solutions, and its file name.

    Raises UsageError where the lab runs without having been installed.
    """
    try:
        installed = distribution("cnn-lab")
    except PackageNotFoundError as error:
        raise UsageError(
            "The lab runs without being installed, so that it cannot be packed: "
            "install it with pip first."
        ) from error
    stem = f"cnn_lab-{installed.version}"
    files = _package_files() | _metadata(installed, f"{stem}.dist-info")
    record = f"{stem}.dist-info/RECORD"
    lines = [f"{name},{_digest(data)},{len(data)}" for name, data in files.items()]
    files[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    return f"{stem}-py3-none-any.whl", _zip(files, set())


def _refuse_other_packages(exercises: Sequence[Exercise]) -> None:
    others = [each.name for each in exercises if each not in own_exercises()]
    if others:
        raise UsageError(
            f"{others[0]} comes from another package, which the zip would lack: "
            "name the folder of its hidden tests.",
            fields=("tests",),
        )


def _settings(exercises: Sequence[Exercise], seed: int, *, own_tests: bool) -> bytes:
    """What ``run_autograder`` reads; names of exercises are letters, digits, - and _."""
    names = " ".join(each.name for each in exercises)
    return f'SEED={seed}\nEXERCISES="{names}"\nTESTS={TESTS if own_tests else ""}\n'.encode()


def _package_files() -> dict[str, bytes]:
    files = (path for path in sorted(PACKAGE.rglob("*")) if path.is_file())
    return {
        path.relative_to(PACKAGE.parent).as_posix(): path.read_bytes()
        for path in files
        if "__pycache__" not in path.parts and SOLUTIONS[0] not in path.parents
    }


def _metadata(installed: Distribution, folder: str) -> dict[str, bytes]:
    texts = {name: installed.read_text(name) or "" for name in ("METADATA", "entry_points.txt")}
    texts["WHEEL"] = WHEEL
    return {f"{folder}/{name}": text.encode() for name, text in texts.items()}


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"


def _zip(files: Mapping[str, bytes], executable: set[str]) -> bytes:
    """Without times, so that the same lab and settings give the same bytes."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = ZipInfo(name)
            entry.external_attr = (EXECUTABLE if name in executable else PLAIN) << 16
            archive.writestr(entry, data, ZIP_DEFLATED)
    return buffer.getvalue()
