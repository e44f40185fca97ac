"""The lab passes nothing that is not right, whatever a submission tries."""

import platform
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnn_tui.grading.catalogue import exercise_named, hidden_tests, solution
from cnn_tui.grading.sandbox import levels
from tests.grading.attacks import AT_IMPORT, IN_A_CALL, Attack
from tests.grading.conftest import Grade, grading_on, reference
from tests.grading.intrusions import INTRUSIONS, ROOTLIKE, Intrusion

QUICK = [each for each in IN_A_CALL if not each.takes_its_time]
"""Some of them are always tried, and all of them on each level by the slow tests."""
EVERY_LEVEL = [each.name for each in levels.probe() if each.works]
WALLED = tuple(
    pytest.param(
        level.name,
        marks=[
            pytest.mark.skipif(not level.works, reason=f"{level.name}: {level.reason}"),
            # The best one has its proof in every run, the next one in the slow tests.
            *([] if level.name == EVERY_LEVEL[0] else [pytest.mark.slow]),
        ],
    )
    for level in levels.probe()
    if level.name != levels.LIMITS
)


@pytest.fixture(scope="module", params=WALLED)
def walled(request: pytest.FixtureRequest) -> Iterator[Grade]:
    """Judges on each level that has walls."""
    with grading_on(request.param) as grade:
        yield grade


@pytest.fixture(scope="module", params=EVERY_LEVEL)
def on_level(request: pytest.FixtureRequest) -> Iterator[Grade]:
    """Judges on each level that works here; one host serves all attacks."""
    with grading_on(request.param) as grade:
        yield grade


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server that takes every call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("attack", QUICK[::4], ids=lambda each: each.name)
def test_fails_the_check_that_a_submission_attacks(grade: Grade, attack: Attack) -> None:
    assert_fails(grade, attack)


def assert_fails(grade: Grade, attack: Attack) -> None:
    verdict = grade("exercise1", attack.source, check_seconds=attack.check_seconds)
    result = verdict.results["max_pool"]
    assert result.status == "failed"
    assert attack.reason in result.message
    assert verdict.results["avg_pool"].status == "passed"


@pytest.mark.parametrize("intrusion", INTRUSIONS, ids=lambda each: each.name)
def test_keeps_a_submission_within_its_walls(
    walled: Grade, tmp_path: Path, port: int, intrusion: Intrusion
) -> None:
    tmp_path.chmod(0o755)
    assert_denied(walled, intrusion, tmp_path, port)
    assert not list(tmp_path.iterdir())
    assert tmp_path.stat().st_mode & 0o777 == 0o755


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="its numbers are of x86-64")
@pytest.mark.parametrize("intrusion", ROOTLIKE, ids=lambda each: each.name)
def test_refuses_calls_that_submissions_do_not_need(
    walled: Grade, tmp_path: Path, port: int, intrusion: Intrusion
) -> None:
    assert_denied(walled, intrusion, tmp_path, port)


def assert_denied(grade: Grade, intrusion: Intrusion, outside: Path, port: int) -> None:
    pooling = exercise_named("exercise1")
    places = {"tests": hidden_tests(pooling), "solution": solution(pooling)}
    source = intrusion.source(**places, outside=outside, port=port)
    result = grade("exercise1", source).results["max_pool"]
    assert result.status == "failed", "it got through"
    assert any(f"raised {reason}" in result.message for reason in intrusion.reasons), result


def test_tells_every_gap_of_the_weakest_level() -> None:
    gaps = {each.gap for each in (*INTRUSIONS, *ROOTLIKE)}
    assert gaps == set(levels.GAPS["limits"])


@pytest.mark.slow
@pytest.mark.parametrize("attack", IN_A_CALL, ids=lambda each: each.name)
def test_fails_every_attack_on_every_level(on_level: Grade, attack: Attack) -> None:
    assert_fails(on_level, attack)
    assert on_level("exercise1", reference("exercise1")).passed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("net", "reason"),
    [
        ("return None", "expected an nn.Module, got None"),
        ("return [nn.ReLU()]", "expected an nn.Module, got a list"),
        ("return lambda images: images", "expected an nn.Module, got an object of type function"),
        ("return nn.Sequential()", "no layer in it has a weight of shape (16, 1, 3, 3)"),
        ("return Liar({})", "no layer in it"),
        ("return Liar([1])", "Liar.state_dict raised"),
        ("return Liar({1: torch.ones(2)})", "returned no dict of names"),
        ("return Liar({'weight': torch.ones(0), 'bias': torch.ones(())})", "no layer in it"),
        ("return Liar({'running_mean': torch.ones(1 << 20)})", "no layer in it"),
        ("return Liar(make_right_net(False).state_dict())", "expected shape (8, 10), got shape"),
    ],
)
def test_fails_what_is_no_network(grade: Grade, net: str, reason: str) -> None:
    liar = """
class Liar(nn.Module):
    def __init__(self, state): super().__init__(); self.state = state
    def state_dict(self): return self.state
    def load_state_dict(self, state): pass
    def forward(self, images): return images
make_right_net = make_net
"""
    source = f"{reference('exercise3')}\n{liar}\ndef make_net(batch_norm):\n    {net}\n"
    verdict = grade("exercise3", source, until_first_failure=True)
    assert verdict.first_failure == "plain_net"
    assert reason in verdict.results["plain_net"].message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ("return None", "expected 12 pairs, one for each epoch, got None"),
        ("return iter([])", "got an object of type list_iterator"),
        ("return [(1.0, 1.0)]", "got a list of length 1"),
        ("return [(1.0,)] * 12", "expected a (loss, accuracy) pair for epoch 1"),
        ("return [('low', 'high')] * 12", "expected a number, got 'low'"),
        ("return [(float('nan'), 1.0)] * 12", "got nan"),
        (
            "return [(0.0, 1.0)] * 12",
            "loss of epoch 1 on 51 images in batches of 16, at learning rate 0: expected",
        ),
        ("return [(torch.ones(3), 1.0)] * 12", "expected a number, got a tensor of shape (3,)"),
    ],
)
def test_fails_a_history_that_was_made_up(grade: Grade, history: str, reason: str) -> None:
    source = f"{reference('exercise3')}\ndef train(*_):\n    {history}\n"
    verdict = grade("exercise3", source, until_first_failure=True)
    assert verdict.first_failure == "history"
    assert reason in verdict.results["history"].message


@pytest.mark.parametrize("attack", AT_IMPORT, ids=lambda each: each.name)
def test_says_why_a_file_cannot_be_loaded(grade: Grade, attack: Attack) -> None:
    verdict = grade("exercise1", attack.source)
    assert attack.reason in verdict.unusable
    assert not verdict.results


def test_stops_a_file_that_never_finishes_loading(grade: Grade) -> None:
    verdict = grade("exercise1", "while True: pass\n", load_seconds=1)
    assert "did not finish within 1 s" in verdict.stopped
    assert not verdict.results


@pytest.mark.slow
def test_stops_all_checks_when_their_time_is_up(grade: Grade) -> None:
    slow = reference("exercise1") + "\nimport time\ndef max_pool(*_): time.sleep(60)\n"
    verdict = grade("exercise1", slow, total_seconds=1)
    assert verdict.results["max_pool"].status == "failed"
    assert verdict.results["avg_pool"].status == "not reached"
    assert "used up" in verdict.results["avg_pool"].message


def test_checks_the_next_submission_as_if_nothing_had_happened(grade: Grade) -> None:
    spoiler = "import torch\ntorch.Tensor.amax = None\ntorch.nn.functional.max_pool2d = None\n"
    grade("exercise1", spoiler)
    assert grade("exercise1", reference("exercise1")).passed
