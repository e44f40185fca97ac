"""Whatever a submission returns, a test that uses it fails the check and never breaks."""

from pathlib import Path

import pytest

from tests.grading.classroom.test_natural_tests import written
from tests.grading.conftest import Grade

HEAD = """
import json, torch
import torch.nn.functional as F

def apart(a, b):
    return torch.linalg.norm(a.missing - b)
"""
USES = """
expect_equal(g, [1, 2], "g")
expect_equal(g, {"a": torch.ones(2)}, "g")
expect_number(g, 3.5, "g")
expect_tensor(g, torch.ones(7), "g")
expect_array(g, np.zeros(7), "g")
expect_items(g, 7, "g", "seven")
expect_module(g, "g").missing
expect(False, described(g))
expect(bool(g > 3) and False, "no")
expect(False, f"{g:.3f}" + g)
a, b, c = g
sorted(g)[0] - "x"
[each.missing for each in g]
list(map(lambda each: each.missing, g))[99]
g(torch.ones(1, 1)).missing
g[0]["a"].missing
g.keys().missing
g.method("missing")
g.state_dict()["missing"]
(g - torch.ones(3)).missing
(-g).missing
{**g}["missing"]
[][int(g)]
max(g) - "x"
json.loads(g)["missing"]
torch.stack([g, g]).missing
torch.allclose(g, torch.ones(2, dtype=torch.float64)).missing
F.max_pool2d(g, 2).missing
np.asarray(g).reshape(5, 5)
apart(g, torch.ones(2))
submission.call_again().missing
submission.call("same", g).missing
"""
ODD = {
    "None": "None",
    "a number": "0.5",
    "a dict": "{'a': None}",
    "a tensor": "torch.ones(2)",
    "an array": "np.ones((2, 2))",
    "an object": "object()",
    "text": "'x'",
    "too large a number": "10 ** 400",
}


@pytest.mark.slow
@pytest.mark.parametrize("value", ODD.values(), ids=list(ODD))
def test_grades_whatever_a_submission_returns(grade: Grade, tmp_path: Path, value: str) -> None:
    uses = enumerate(USES.strip().splitlines())
    body = "def test_{}(submission):\n    g = submission.call('odd')\n    {}\n"
    tests = written(tmp_path, HEAD + "\n".join(body.format(f"u{n}", use) for n, use in uses))
    source = f"import numpy as np, torch\ndef odd(): return {value}\ndef same(x): return x\n"
    results = grade("homework1", source, tests=tests).results
    assert len(results) == len(USES.strip().splitlines())
    assert {each.id: each.message for each in results.values() if each.status != "failed"} == {}
