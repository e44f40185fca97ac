"""Whether a published data set can be had.

Started as ``python -m cnn_tui.data.preparation.probe NAME DATA_DIR``. Exits with 2, and the
reason on stdout, where it cannot.
"""

import sys
from pathlib import Path

from cnn_tui.data.catalogue import data_info, parse
from cnn_tui.data.preparation.published import refuse_unavailable
from cnn_tui.errors import ExitCode, UsageError


def main(name: str, data_dir: str) -> int:
    """Ask the servers of one data set; returns the process's exit code."""
    try:
        refuse_unavailable(data_info(parse(name)), Path(data_dir))
    except UsageError as error:
        print(error)
        return ExitCode.UNUSABLE_INPUT
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
