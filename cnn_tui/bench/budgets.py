"""What the lab's own speed should keep to; ratios are to a reference in the same run."""

from cnn_tui.bench.estimate import Budget

PROCESS_DRIFT = 0.02
"""Whole processes: what else the machine does, and how their files lie in its caches."""

ARITHMETIC_DRIFT = 0.004
"""Loops that take turns in one process: how their tensors happen to lie in memory."""

HELP = Budget(at_most=1.5, drift=PROCESS_DRIFT)
FIRST_PAINT = Budget(at_most=1.4, drift=PROCESS_DRIFT)
SUMMARY_FROM_SHELL = Budget(at_most=0.15, drift=PROCESS_DRIFT)
SUMMARY_TIME = Budget(at_most=0.05, drift=PROCESS_DRIFT)
SUMMARY_MEMORY = Budget(at_most=20, unit="MB")
CATALOGUE_TIME = Budget(at_most=15, unit="s")
TRAINING_ON_CPU = Budget(at_least=1.6)
"""Where the reference is data-bound; arithmetic alone leaves nothing to gain."""
TRAINING_ON_GPU = Budget(at_least=10)
COMPUTE_LIMIT = Budget(at_least=0.96, drift=ARITHMETIC_DRIFT)
TUI_ATTACHED = Budget(at_least=0.99, drift=ARITHMETIC_DRIFT)
CHECK_COLD = Budget(at_most=1.1, drift=PROCESS_DRIFT)
CHECK_WARM = Budget(at_most=0.6, unit="s", drift=PROCESS_DRIFT)
CLASS_PACE = Budget(at_least=60, unit="per minute")
NOTHING = Budget(at_most=0, unit="")
"""False verdicts, processes and files left."""
MANY_RUNS = Budget(at_most=1.5, drift=PROCESS_DRIFT)
RUNS_AGAIN = Budget(at_most=0.5)
