"""Fresh processes for tests: Python code, and the ``cnn-lab`` command."""

import atexit
import functools
import json
import os
import select
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

SECONDS = 120
PROJECT = Path(__file__).parents[1]

starts_in_the_c_locale = pytest.mark.skipif(
    sys.version_info < (3, 13) and not str(PROJECT).isascii(),
    reason="in the C locale this Python does not start where a .pth file names such a folder",
)
OF_THE_INTERPRETER = ("PYTHON", "LC_", "LANG")
"""Variables that begin so are read when Python starts: a fork of another process ignores them."""


def run_python(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a fresh interpreter; it must succeed."""
    done = _run([sys.executable, "-c", code], **options)
    assert done.returncode == 0, done.stderr
    return done


def cnn_lab(
    *words: str | Path,
    cwd: Path | None = None,
    stdin: str = "",
    cold: bool = False,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run ``cnn-lab`` without a terminal; none of the caller's own settings leak in.

    It is forked from a process that has torch ready; ``cold`` starts a Python of its own.
    """
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CNN_LAB_")}
    variables = {**clean, **environment}
    if cold or any(name.startswith(OF_THE_INTERPRETER) for name in environment):
        command = [sys.executable, "-m", "cnn_tui", *map(str, words)]
        return _run(command, cwd=cwd, input=stdin, env=variables)
    return _forked(list(map(str, words)), str(cwd or Path.cwd()), stdin, variables)


def _forked(
    words: list[str], cwd: str, stdin: str, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.NamedTemporaryFile("w+")) for _ in range(3)]
        files[0].write(stdin)
        files[0].flush()
        names = [each.name for each in files]
        request = {"words": words, "cwd": cwd, "environment": variables, "files": names}
        code = _ask(json.dumps(request))
        out, err = (Path(name).read_text(encoding="utf-8") for name in names[1:])
    return subprocess.CompletedProcess(words, code, out, err)


def _ask(request: str) -> int:
    zygote = _zygote()
    assert zygote.stdin is not None and zygote.stdout is not None
    zygote.stdin.write(f"{request}\n")
    zygote.stdin.flush()
    if not select.select([zygote.stdout], [], [], SECONDS)[0]:
        _end(zygote)
        raise subprocess.TimeoutExpired(request, SECONDS)
    return int(zygote.stdout.readline())


@functools.cache
def _zygote() -> subprocess.Popen[str]:
    zygote = subprocess.Popen(
        [sys.executable, "-m", "tests.zygote"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    atexit.register(_end, zygote)
    return zygote


def _end(zygote: subprocess.Popen[str]) -> None:
    zygote.kill()
    zygote.wait()
    _zygote.cache_clear()


def _run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    options = {"timeout": SECONDS, **options}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command, capture_output=True, text=True, check=False, **options
    )
