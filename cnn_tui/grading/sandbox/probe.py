"""What tries a level of the sandbox: it confines itself, and tries what must not work."""

import sys

from cnn_tui.grading.sandbox.confine import Walls, try_out


def main(level: str, folder: str, uid: str, *readable: str) -> None:
    """Print what is wrong with a level; nothing where all is well."""
    walls = Walls(readable, int(uid) if uid else None)
    wrong = try_out(walls, folder, needs_landlock=level == "landlock")
    sys.stdout.write(wrong)
