"""The files of a new exercise: a small one that works, for a teacher to change.

``{name}`` stands for the exercise's name. No submission sees this file.
"""

FILES = {
    "README.md": """\
# {name}

| File | What it is |
| --- | --- |
| `starter/{name}.py` | what learners get |
| `solution/{name}.py` | your reference: keep it to yourself |
| `tests/{name}.py` | hidden tests, and the points of each |
| `mutants/{name}/*.py` | wrong solutions, one mistake each: every one must fail |

1. Change the four to your exercise. What tests can use is listed by
   `python -c "import cnn_tui.grading.testing as t; help(t)"`.
2. `cnn-lab new-exercise . --check` runs the tests on the reference (must pass), on the starter
   and on the mutants (must fail). A mutant that survives has a mistake that no test notices: add
   a test.
3. `cnn-lab check --tests tests --dry-run FILE.py` runs them on one more file, of any name.
4. Hand out the starter, collect files named `{name}.py`, and grade them:
   `cnn-lab grade submissions/ --tests tests --out grades.csv`.

More exercises fit in here: add a file of each name to `tests`, `solution` and `starter`.
""",
    "starter/{name}.py": '''\
def global_average(x):
    """The mean of each map: x has shape (N, C, H, W), the result (N, C).

    Raises ValueError where x does not have four dimensions.
    """
    raise NotImplementedError
''',
    "solution/{name}.py": '''\
def global_average(x):
    """The mean of each map: x has shape (N, C, H, W), the result (N, C)."""
    if x.dim() != 4:
        raise ValueError("x must have four dimensions")
    return x.mean(dim=(2, 3))
''',
    "tests/{name}.py": '''\
"""Hidden tests: learners read the first line of each docstring, and what expect... says."""

import torch

from cnn_tui.grading.testing import expect_raises, expect_tensor, needs, points

TITLE = "Global average pooling"


@points(2)
def test_mean(submission, generator):
    """global_average is the mean of each map."""
    x = torch.randn(2, 3, 5, 4, generator=generator)
    got = submission.call("global_average", x)
    expect_tensor(got, x.mean(dim=(2, 3)), "global_average of 5x4 maps")


@points(1)
@needs("mean")
def test_one_cell(submission):
    """A map of one cell comes back as it is."""
    x = torch.tensor([[1.0, 2.0]])
    got = submission.call("global_average", x.reshape(1, 2, 1, 1))
    expect_tensor(got, x, "global_average of 1x1 maps")


@points(1)
def test_dimensions(submission):
    """global_average raises ValueError where x does not have four dimensions."""
    with expect_raises(ValueError, "global_average of a tensor of shape (3, 4)"):
        submission.call("global_average", torch.ones(3, 4))
''',
    "mutants/{name}/maximum.py": """\
def global_average(x):
    if x.dim() != 4:
        raise ValueError("x must have four dimensions")
    return x.amax(dim=(2, 3))
""",
    "mutants/{name}/no_error.py": """\
def global_average(x):
    return x.flatten(2).mean(dim=2) if x.dim() == 4 else x
""",
    "mutants/{name}/over_channels.py": """\
def global_average(x):
    if x.dim() != 4:
        raise ValueError("x must have four dimensions")
    return x.mean(dim=(1, 2))
""",
    "mutants/{name}/squeezed.py": """\
def global_average(x):
    if x.dim() != 4:
        raise ValueError("x must have four dimensions")
    return x.mean(dim=(2, 3)) if x.shape[2:] != (1, 1) else x.squeeze()
""",
    "mutants/{name}/sum.py": """\
def global_average(x):
    if x.dim() != 4:
        raise ValueError("x must have four dimensions")
    return x.sum(dim=(2, 3))
""",
}
"""Path in the exercise's folder → text."""
