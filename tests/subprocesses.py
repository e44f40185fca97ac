"""Fresh processes for tests: Python code, and the ``cnn-lab`` command."""

import os
import subprocess
import sys
from pathlib import Path

SECONDS = 120


def run_python(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a fresh interpreter; it must succeed."""
    done = _run([sys.executable, "-c", code], **options)
    assert done.returncode == 0, done.stderr
    return done


def cnn_lab(
    *words: str | Path, cwd: Path | None = None, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``cnn-lab`` without a terminal; none of the caller's own settings leak in."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CNN_LAB_")}
    return _run(
        [sys.executable, "-m", "cnn_tui", *map(str, words)],
        cwd=cwd,
        input=stdin,
        env={**clean, **environment},
    )


def _run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command, capture_output=True, text=True, timeout=SECONDS, check=False, **options
    )
