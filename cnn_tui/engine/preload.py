"""What the fork server imports, once, before it serves a job.

Beside torch: the modules that the first use of torch would import late. The
server's output goes nowhere, so that a warning cannot be written across a
Textual screen. It must only import, never compute: a parent that has run a
two-thread operation hangs its forked children.
"""

import contextlib
import importlib
import os

LATE_IMPORTS = (
    "torch._dynamo",
    "torch.fx.experimental.symbolic_shapes",
    "torch.nested._internal.nested_tensor",
)

_nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(_nowhere, 1)
os.dup2(_nowhere, 2)

importlib.import_module("torch")
for _module in LATE_IMPORTS:
    with contextlib.suppress(ImportError):  # torch's own layout: a help, not a need
        importlib.import_module(_module)
importlib.import_module("cnn_tui.engine.jobs")
