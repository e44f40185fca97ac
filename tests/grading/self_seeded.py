"""Right solutions that seed random numbers wherever a learner may: at the top and in functions."""

import ast

from tests.grading.blame import functions
from tests.grading.conftest import reference

SEEDS_ITSELF = ("make_block", "make_stack")
"""Of exercise 2: a block with a seed of its own would have the weights of every other block."""
SEED = "torch.manual_seed(1337)\n"


def self_seeded(exercise: str) -> str:
    """The reference with a seed below its imports, and one at the start of each function."""
    source = reference(exercise)
    lines = source.splitlines(keepends=True)
    starts = [
        node.body[1].lineno - 1
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        and node.name in functions(exercise)
        and node.name not in SEEDS_ITSELF
    ]
    for start in sorted(starts, reverse=True):
        lines.insert(start, f"    {SEED}")
    top = next(i for i, line in enumerate(lines) if line.startswith("from torch import Tensor"))
    lines.insert(top + 1, f"\n{SEED}")
    return "".join(lines)
