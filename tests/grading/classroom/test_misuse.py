"""A test that breaks on what a submission returned fails the learner, not the teacher.

What breaks on the test's own values stays an error of the test.
"""

from pathlib import Path

from tests.grading.classroom.test_natural_tests import written
from tests.grading.conftest import Grade

SUBMISSION = """
import torch
from torch import nn
N = None
class Stack:
    def pop(self): return None
def nothing(*args): return None
make_net = nothing
def number(): return 3
def one(x): return x
def three(): return 1, 2, 3
def words(): return ["a", "b"]
def flat(): return torch.ones(3)
def scores(): return {"loss": None}
def net(): return nn.Linear(2, 2)
def many(): return [0] * 19_000
"""
LEARNERS = {
    "attribute": (
        "submission.call('make_net').parameters()",
        "make_net() returned None (is a return missing?); "
        "the test uses it as an object with .parameters.",
    ),
    "constant": (
        "submission.attribute('N').real",
        "N is None (is a return missing?); the test uses it as an object with .real.",
    ),
    "variable": (
        "net = submission.call('make_net')\n    other = None\n    net.eval()",
        "make_net() returned None (is a return missing?); "
        "the test uses it as an object with .eval.",
    ),
    "call": (
        "submission.call('number')(torch.ones(1))",
        "number() returned 3; the test uses it as a function.",
    ),
    "tensor": (
        "got = submission.call('number')\n    got.shape",
        "number() returned 3; the test uses it as an object with .shape.",
    ),
    "key": (
        "submission.call('words')['loss']",
        "words() returned a list of length 2; the test uses it as a dict with the key 'loss'.",
    ),
    "index": (
        "submission.call('three')[3]",
        "three() returned a tuple of length 3; the test uses it as a collection with an item [3].",
    ),
    "unpacked": (
        "a, b = submission.call('three')",
        "three() returned a tuple of length 3; the test uses it as 2 values.",
    ),
    "unpacked_none": (
        "a, *b = submission.call('nothing')",
        "nothing() returned None (is a return missing?); the test uses it as at least 1 value.",
    ),
    "unpacked_items": (
        "for a, b in submission.call('three'):\n        pass",
        "three() returned a tuple of length 3; "
        "the test uses it as a collection whose items are 2 values each.",
    ),
    "iterated": (
        "for each in submission.call('number'):\n        pass",
        "number() returned 3; the test uses it as a collection of items.",
    ),
    "collected": (
        "[each for each in submission.call('number')]",
        "number() returned 3; the test uses it as a collection of items.",
    ),
    "items": (
        "[each.mean() for each in submission.call('words')]",
        "In what words() returned, the test found 'a' where it needs an object with .mean.",
    ),
    "part": (
        "submission.call('scores')['loss'].item()",
        "In what scores() returned, the test found None where it needs an object with .item.",
    ),
    "computed": (
        "submission.call('flat') - torch.ones(4)",
        "flat() returned a tensor of shape (3,); the test uses it as a value to compute with "
        "(RuntimeError: The size of tensor a (3) must match the size of tensor b (4)",
    ),
    "compared": (
        "expect(submission.call('nothing') > 0, '')",
        "nothing() returned None (is a return missing?); the test uses it as a value to compute "
        "with (TypeError: '>' not supported",
    ),
    "twice": (
        "submission.call('one', None) - submission.call('one', 3)",
        "The test cannot use what one() returned as a value to compute with (TypeError: ",
    ),
    "written": (
        "expect(False, f'{submission.call(\"words\"):.3f}')",
        "words() returned a list of length 2; the test uses it as a value to write as text "
        "(TypeError: unsupported format string passed to list",
    ),
    "raised": (
        "with expect_raises(ValueError, 'one'):\n        submission.call('nothing').eval()",
        "nothing() returned None (is a return missing?); the test uses it as an object with .eval.",
    ),
    "spread": (
        "{**submission.call('number')}",
        "number() returned 3; the test uses it as a dict.",
    ),
    "mask": (
        "bool(submission.call('flat') > 3)",
        "The test cannot use a part of what flat() returned as an argument of bool() "
        "(RuntimeError: Boolean value of Tensor",
    ),
    "added": (
        "submission.call('net') + 1",
        "net() returned an object of type Linear; the test uses it as a value to compute with "
        "(TypeError: unsupported operand type(s) for +: 'object' and 'int')",
    ),
    "passed": (
        "F.max_pool2d(submission.call('nothing'), 2)",
        "nothing() returned None (is a return missing?); "
        "the test uses it as an argument of max_pool2d() (TypeError: ",
    ),
    "sent": (
        "many = submission.call('many')\n    submission.call('one', [many, [0] * 2000])",
        "The test cannot use a part of what many() returned as an argument of one() "
        "(the value is nested too deeply or has too many parts).",
    ),
    "held": (
        "got = []\n    got.append(submission.call('nothing'))\n    torch.stack(got)",
        "In what nothing() returned, the test found a list of length 1 "
        "where it needs an argument of stack()",
    ),
    "helper": (
        "apart(submission.call('nothing'), torch.ones(2))",
        "nothing() returned None (is a return missing?); the test uses it as an object with .abs.",
    ),
    "method": (
        "submission.call('Stack').method('pop') + 1",
        "The test cannot use what Stack().pop() returned as a value to compute with",
    ),
    "remote": (
        "submission.call('net')['weight']",
        "net() returned an object of type Linear; "
        "the test uses it as a dict with the key 'weight'.",
    ),
    "forward": (
        "y = submission.call('net')(torch.ones(1, 2))\n    y[4]",
        "net()(…) returned a tensor of shape (1, 2); "
        "the test uses it as a collection with an item [4].",
    ),
    "fixture(submission, built)": (
        "built.eval()",
        "nothing() returned None (is a return missing?); the test uses it as an object with .eval.",
    ),
}
TEACHERS = {
    "name": ("got = submission.call('flat')\n    got + nein", "NameError"),
    "own_none": ("submission.call('nothing')\n    own = None\n    own.shape", "AttributeError"),
    "rebound": (
        "own = submission.call('nothing')\n    own = None\n    own.shape",
        "AttributeError",
    ),
    "submission": ("submission.make_net()", "AttributeError"),
    "helper": ("apart(submission.call('flat'), 'x')", "AttributeError"),
    "arguments": ("expect_tensor(submission.call('flat'))", "missing 2 required"),
    "the_labs": ("expect_tensor(submission.call('flat'), 3, 'flat')", "AttributeError"),
    "sent": ("submission.call('one', object())", "a object cannot be sent to one"),
    "sent_in_a_loop": (
        "for _ in submission.call('one', object()):\n        pass",
        "a object cannot be sent to one",
    ),
    "raised": ("raise ValueError(submission.call('nothing'))", "ValueError"),
    "asserted": ("assert submission.call('nothing')", "a bare assert"),
    "called": ("torch.pi(submission.call('flat'))", "not callable"),
    "own_item": (
        "own = [None]\n    for i, _ in enumerate(submission.call('flat')):\n        own[i].shape",
        "AttributeError",
    ),
    "own_names": (
        "[each for each in submission.call('flat')]\n    [each.shape for each in [None]]",
        "AttributeError",
    ),
    "own_argument": (
        "got = submission.call('flat').reshape(1, 1, 3)\n    F.max_pool2d(got, [None])",
        "TypeError",
    ),
    "own_text": (
        "got, own = submission.call('number'), None\n    expect(False, f'{own:.1f} and {got:.1f}')",
        "TypeError",
    ),
    "operand": ("{}[0] + submission.call('number')", "KeyError"),
}
HEAD = """
import torch
import torch.nn.functional as F

@pytest.fixture
def built(submission):
    net = submission.call("nothing")
    return net

def apart(got, wanted):
    return wanted.abs() - got.abs()
"""


def hidden_tests_of(folder: Path, cases: dict[str, tuple[str, str]]) -> Path:
    tests = (
        f"def test_{name if '(' in name else name + '(submission)'}:\n    {body}\n"
        for name, (body, _) in cases.items()
    )
    return written(folder, HEAD + "\n".join(tests))


def test_fails_a_submission_for_what_a_test_cannot_use(grade: Grade, tmp_path: Path) -> None:
    results = grade("homework1", SUBMISSION, tests=hidden_tests_of(tmp_path, LEARNERS)).results
    for name, (_, sentence) in LEARNERS.items():
        result = results[name.partition("(")[0]]
        assert (result.status, result.message[: len(sentence)]) == ("failed", sentence), name


def test_leaves_a_mistake_of_the_test_to_the_teacher(grade: Grade, tmp_path: Path) -> None:
    results = grade("homework1", SUBMISSION, tests=hidden_tests_of(tmp_path, TEACHERS)).results
    for name, (_, reason) in TEACHERS.items():
        assert results[name].status == "error", (name, results[name].message)
        assert reason in results[name].message, name
