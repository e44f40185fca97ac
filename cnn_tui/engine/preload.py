"""What the fork server imports, once, before it serves a job.

Beside torch: the modules that its first use would import late, torchvision's
networks, and the rooms whose jobs are asked for again and again. The server's
output goes nowhere, so that a warning cannot be written across a
Textual screen. It must only import, never compute: a parent that has run a
two-thread operation hangs its forked children.
"""

import contextlib
import importlib
import os
import signal

LATE_IMPORTS = (
    "torch._dynamo",
    "torch.fx.experimental.symbolic_shapes",
    "torch.nested._internal.nested_tensor",
    "torchvision.models",
)
ROOMS = (
    "cnn_tui.analysis.networks.summary",
    "cnn_tui.analysis.activations.capture",
    "cnn_tui.engine.jobs",
)

_nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(_nowhere, 1)
os.dup2(_nowhere, 2)
if hasattr(signal, "SIGTSTP"):  # a suspended lab finds its answers when it comes back
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)

importlib.import_module("torch")
for _module in LATE_IMPORTS:
    with contextlib.suppress(ImportError):  # torch's own layout: a help, not a need
        importlib.import_module(_module)
for _module in ROOMS:
    importlib.import_module(_module)
