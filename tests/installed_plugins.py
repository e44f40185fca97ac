"""Packages that add something to the lab, installed as pip would into a folder of their own."""

from collections.abc import Mapping
from pathlib import Path


def install(folder: Path, package: str, group: str, target: str, files: Mapping[str, str]) -> None:
    """Put ``files`` and the metadata of ``package`` into ``folder``, for Python's search path.

    Its one entry point of ``group`` is called like the package, and names ``target``.
    """
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    metadata = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        f"[console_scripts]\ntool = {package}:main\n\n[{group}]\n{package} = {target}\n"
    )
