"""A file with a small network to start from; torch-free."""

from importlib.resources import files
from pathlib import Path

from cnn_tui.errors import UsageError

STARTER = "small_net.py"
NAME = "Net"
"""What the starter calls its network."""


def write_new_net(path: Path) -> Path:
    """Write the starter to a new file; returns its path.

    Raises UsageError for a file that is there, for a name that is none of a Python file, and
    where nothing can be written.
    """
    if path.suffix != ".py" or not path.stem.isidentifier():
        raise UsageError(
            f"{path} cannot hold a network: name a Python file in letters, digits and _, such as "
            "my_net.py.",
            fields=("file",),
        )
    try:
        code = files("cnn_tui.nets.starters").joinpath(STARTER).read_bytes()
        with path.open("xb") as file:
            file.write(code.replace(b"my_net.py", path.name.encode()))
    except FileExistsError as error:
        raise UsageError(
            f"{path} is there already, and is left as it is: name another file.", fields=("file",)
        ) from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", fields=("file",)
        ) from error
    return path
