"""Compute what comes with the package, so that nobody has to wait for torch to see it.

Run it after a change of a network, of the analysis or of a demo: ``python -m tests.shipped_data``.
"""

import gzip
import os
import tempfile
from pathlib import Path

from cnn_tui.analysis.gradients import shipped as gradients
from cnn_tui.analysis.gradients.flow import gradient_flow
from cnn_tui.analysis.networks import shipped as networks
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.chapter import shipped as demonstrations
from cnn_tui.chapter.catalogue import demos
from cnn_tui.chapter.run import run_demo
from cnn_tui.data import shipped_digits
from cnn_tui.data.preparation import digits
from cnn_tui.nets.entries import NETS
from cnn_tui.workspace import WORKSPACE_VARIABLE


def main() -> None:
    """Write every file again."""
    shipped = [*((net.name, None) for net in NETS), *networks.QUOTED]
    summaries = (summarize(*each, memory=True) for each in shipped)
    _write(networks.FILE, networks.encode(summaries))
    gradients.FILE.write_text(gradients.encode(gradient_flow(gradients.DEPTHS)))
    shipped_digits.TEST_ROWS.write_text("\n".join(map(str, digits.order_of_test())) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # in no workspace: a demo that takes the last run finds none
        os.environ.pop(WORKSPACE_VARIABLE, None)
        results = (
            run_demo(each.name, **parameters)
            for each in demos()
            for parameters in demonstrations.shipped_parameters(each)
        )
        _write(demonstrations.FILE, demonstrations.encode(results))


def _write(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()
