"""A process that has imported torch and the lab, and forks for each command that a test runs.

Most of what a command costs is these imports. Reads one request a line (JSON) and answers
with one exit code a line; like the lab's engine, it only imports and never computes.
"""

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import sys
import weakref
from typing import Any

import cnn_tui.__main__

ROOMS = ("analysis", "chapter", "cli", "data", "nets", "render", "training")
"""What most commands import, and torch with it."""


def main() -> None:
    """Import what the children will want, then serve requests until standard input ends."""
    for room in ROOMS:
        package = importlib.import_module(f"cnn_tui.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    _say_the_version()
    _leave_to_the_system()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _say_the_version() -> None:
    """Import what a command imports only once it runs: half of what a short one costs."""
    sys.argv = ["cnn-lab", "--version"]
    with contextlib.redirect_stdout(io.StringIO()):
        cnn_tui.__main__.main()


def _leave_to_the_system() -> None:
    """Let no child collect, or tidy up at its end, what only the imports have made."""
    for finalizer in weakref.finalize._registry:  # type: ignore[attr-defined]
        finalizer.atexit = False
    gc.collect()
    gc.freeze()


def _become(request: dict[str, Any]) -> None:
    """Be what ``python -m cnn_tui`` would have been; does not return."""
    code = 1
    try:
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.path[0] = request["cwd"]
        sys.argv = ["cnn-lab", *request["words"]]
        for descriptor, path in enumerate(request["files"]):
            opened = os.open(path, os.O_RDWR)
            os.dup2(opened, descriptor)
            os.close(opened)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", 1, encoding="utf-8", closefd=False)  # noqa: SIM115
        code = cnn_tui.__main__.main()
        atexit._run_exitfuncs()
        sys.stdout.flush()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
