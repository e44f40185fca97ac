"""The running lab as a wheel, for a platform that grades with it.

It is built from the files that are running, so that submissions are graded by the version that
the teacher tried. The reference solutions stay out.
"""

import base64
import hashlib
import io
from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import SOLUTIONS, own_exercises
from cnn_tui.grading.exercises import Exercise

PACKAGE = Path(__file__).parents[2]
WHEEL = "Wheel-Version: 1.0\nGenerator: cnn-lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
EXECUTABLE = 0o100755
PLAIN = 0o100644


def lab_wheel() -> tuple[str, bytes]:
    """The file name of the wheel, and what it holds.

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
    return f"{stem}-py3-none-any.whl", zipped(files)


def refuse_other_packages(exercises: Sequence[Exercise]) -> None:
    """Raise UsageError for an exercise of another package, which the wheel lacks."""
    others = [each.name for each in exercises if each not in own_exercises()]
    if others:
        raise UsageError(
            f"{others[0]} comes from another package, which would be missing there: "
            "name the folder of its hidden tests.",
            fields=("tests",),
        )


def zipped(files: Mapping[str, bytes], executable: Collection[str] = ()) -> bytes:
    """A zip without times, so that the same lab and settings give the same bytes."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = ZipInfo(name)
            entry.external_attr = (EXECUTABLE if name in executable else PLAIN) << 16
            archive.writestr(entry, data, ZIP_DEFLATED)
    return buffer.getvalue()


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
