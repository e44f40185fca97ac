"""Runs that die at every call that changes a file, and disks that fill up at any of them."""

import json
import os
import pty
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from cnn_tui.errors import ExitCode, RunError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process import launcher
from cnn_tui.training.records import EpochMetrics
from cnn_tui.training.store import deletion, listing
from cnn_tui.training.store.folder import RunFolder, create_run
from cnn_tui.training.store.metrics import decode, read_events
from cnn_tui.workspace import Workspace
from tests.made_up_runs import alive

PROJECT = Path(__file__).parents[3]
EPOCHS = 2
PATIENCE = 60.0


@dataclass
class Zygote:
    """The process whose forks are the workers."""

    process: subprocess.Popen[str]

    def work(
        self, run: RunFolder, *, limits: dict[str, int] | None = None, **fate: object
    ) -> tuple[int, dict[str, int]]:
        """Let one worker live: how it ended, and its calls by name if it was not killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"run": str(run.path), "fate": fate, **(limits or {})}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["code"], answer["calls"]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.training.process.dying"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield Zygote(process)
    process.stdin.close()
    process.wait(10)


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "space")


def config(data: str = "digits", **overrides: object) -> TrainConfig:
    settings = {"epochs": EPOCHS, "batch_size": 256, "image_size": 16, "device": "cpu"}
    return default_config(
        "lenet5", data, precision="fp32", threads=1, checkpoint_seconds=0.0, **settings | overrides
    )


def create(space: Workspace, settings: TrainConfig | None = None) -> RunFolder:
    return create_run(space, settings or config(), data_dir=space.root / "cache")


@pytest.fixture(scope="module")
def whole(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run to which nothing happened."""
    run = create(Workspace(tmp_path_factory.mktemp("whole")))
    assert zygote.work(run)[0] == 0
    return run


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> TrainConfig:
    """A run on a folder of images that has to be prepared first."""
    folder = tmp_path_factory.mktemp("pictures")
    for index, name in enumerate(("dark", "light")):
        (folder / name).mkdir(parents=True)
        for number in range(8):
            image = Image.new("L", (16, 16), 200 * index + number)
            image.save(folder / name / f"{number}.png")
    return config(f"folder:{folder}", epochs=1, batch_size=4)


@pytest.fixture(scope="module")
def prepared(
    zygote: Zygote, tmp_path_factory: pytest.TempPathFactory, pictures: TrainConfig
) -> RunFolder:
    """Such a run, to which nothing happened, with a cache of its own."""
    run = create(Workspace(tmp_path_factory.mktemp("prepared")), pictures)
    assert zygote.work(run)[0] == 0
    return run


def check_readable(run: RunFolder) -> None:
    """Whatever was cut off, every file is whole, or is known for what it is."""
    status = listing.status(run)
    assert (status.state, status.trouble) == ("interrupted", None)
    assert status.next_steps == (step(Action.RESUME, run.run),)
    if run.metrics_file.exists():
        *lines, torn = run.metrics_file.read_bytes().split(b"\n")
        assert all(decode(line) is not None for line in lines)
        assert decode(torn) is None
    for weights in run.checkpoints.glob("*.safetensors"):
        assert load_file(weights)
    for state in run.checkpoints.glob("optimizer-*.pt"):
        assert torch.load(state, weights_only=True)


def check_same(run: RunFolder, whole: RunFolder) -> None:
    """The run has finished as one that nothing happened to, and nothing is left over."""
    status, expected = listing.status(run), listing.status(whole)
    assert (status.state, status.test_loss) == ("finished", expected.test_loss)
    for name in ("last", "best"):
        ours, theirs = (
            load_file(each.checkpoints / f"{name}.safetensors") for each in (run, whole)
        )
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    events = read_events(run.metrics_file)
    epochs = [event.epoch for event in events if isinstance(event, EpochMetrics)]
    assert epochs == list(range(1, status.epochs + 1))
    steps = [event.step for event in events]
    assert steps == sorted(steps)
    assert sorted(file_names(run.path)) == sorted(file_names(whole.path))


def file_names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*")]


@pytest.mark.slow
def test_a_run_killed_in_every_kind_of_call_goes_on_to_the_same_bits(
    zygote: Zygote, space: Workspace, whole: RunFolder
) -> None:
    code, calls = zygote.work(create(space))
    assert code == 0
    run = create(space)
    assert calls.keys() >= {"write", "fsync", "replace", "unlink", "write_bytes", "save_file"}
    for call in calls:
        code, _ = zygote.work(run, call=call, number=1, half=True)
        assert code == -signal.SIGKILL
        check_readable(run)
    assert zygote.work(run)[0] == 0
    check_same(run, whole)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_run_killed_at_any_call_goes_on_to_the_same_bits(
    zygote: Zygote, space: Workspace
) -> None:
    whole = create(space)
    calls = zygote.work(whole)[1]
    moments = [(call, number) for call, count in calls.items() for number in range(count)]
    assert len(moments) >= 100
    for call, number in moments:
        run = create(space)
        code, _ = zygote.work(run, call=call, number=number, half=True)
        assert code == -signal.SIGKILL
        if listing.status(run).state != "finished":  # all was told, and only tidying was left
            check_readable(run)
            assert zygote.work(run)[0] == 0
        check_same(run, whole)
        deletion.delete(run)


@pytest.mark.slow
@pytest.mark.parametrize(("call", "number"), [("write", 1), ("write_parts", 0), ("replace", 1)])
def test_a_run_killed_while_it_prepares_its_data_starts_anew(
    zygote: Zygote,
    space: Workspace,
    pictures: TrainConfig,
    prepared: RunFolder,
    call: str,
    number: int,
) -> None:
    run = create(space, pictures)
    code, _ = zygote.work(run, call=call, number=number, half=True)
    assert code == -signal.SIGKILL
    assert list((space.root / "cache").glob("*.safetensors")) == []
    check_readable(run)
    assert zygote.work(run)[0] == 0
    check_same(run, prepared)
    assert sum(path.suffix == ".tmp" for path in (space.root / "cache").iterdir()) == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_killed_anywhere_in_its_preparation_starts_anew(
    zygote: Zygote, tmp_path: Path, pictures: TrainConfig, prepared: RunFolder
) -> None:
    calls = zygote.work(create(Workspace(tmp_path / "count"), pictures))[1]
    for call, count in calls.items():
        for number in range(min(count, 24)):
            space = Workspace(tmp_path / f"{call}-{number}")
            run = create(space, pictures)
            assert zygote.work(run, call=call, number=number, half=True)[0] == -signal.SIGKILL
            if listing.status(run).state != "finished":
                check_readable(run)
                assert zygote.work(run)[0] == 0
            check_same(run, prepared)


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
def test_a_run_killed_at_100_random_moments_goes_on_to_the_same_bits(
    zygote: Zygote, space: Workspace
) -> None:
    whole, run = (create(space, config(epochs=500)) for _ in range(2))
    assert zygote.work(whole)[0] == 0
    draws = random.Random(0)
    for _ in range(100):
        code, _ = zygote.work(run, limits={"kill_after": draws.uniform(0, 0.4)})
        assert code == -signal.SIGKILL
        check_readable(run)
    assert zygote.work(run)[0] == 0
    check_same(run, whole)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("write_text", 1),  # the header with what was decided
        ("write", 3),  # the metrics
        ("write_bytes", 2),  # the optimizer's state of the last checkpoint
        ("save_file", 2),  # the weights of the last checkpoint
        ("save_best", 0),
    ],
)
def test_a_full_disk_stops_a_run_with_a_sentence(
    zygote: Zygote, space: Workspace, whole: RunFolder, call: str, number: int
) -> None:
    run = create(space)
    assert zygote.work(run, call=call, number=number, half=True, fault="full")[0] == 1
    status = listing.status(run)
    assert status.state == "failed"
    assert "is full: free some space" in status.message
    assert "Traceback" not in run.log_file.read_text()
    assert zygote.work(run)[0] == 0
    check_same(run, whole)


@pytest.mark.slow
def test_a_disk_that_takes_not_even_the_last_word_leaves_a_sentence_in_the_log(
    zygote: Zygote, space: Workspace, whole: RunFolder
) -> None:
    run = create(space)
    for call, number in (("write_text", 0), ("write", 3)):
        assert zygote.work(run, call=call, number=number, half=True, fault="full for good")[0] == 1
        status = listing.status(run)
        assert status.state == "interrupted"
        assert "No space left" in status.message or "is full: free some space" in status.message
    assert zygote.work(run)[0] == 0
    check_same(run, whole)


@pytest.mark.slow
def test_a_file_that_the_system_lets_grow_no_further_stops_a_run_with_a_sentence(
    zygote: Zygote, space: Workspace, whole: RunFolder
) -> None:
    run = create(space)
    assert zygote.work(run, limits={"largest_file": 50_000})[0] == 1
    status = listing.status(run)
    assert status.state == "failed"
    assert "is full: free some space" in status.message
    assert file_names(run.checkpoints) == []
    assert zygote.work(run)[0] == 0
    check_same(run, whole)


@pytest.mark.slow
@pytest.mark.parametrize(("call", "number"), [("write_bytes", 2), ("write", 4)])
def test_a_second_request_to_stop_disturbs_no_checkpoint(
    zygote: Zygote, space: Workspace, whole: RunFolder, call: str, number: int
) -> None:
    run = create(space)
    assert zygote.work(run, call=call, number=number, fault="term")[0] == 0
    status = listing.status(run)
    assert status.state == "stopped"
    assert 0 < status.step < 12
    assert zygote.work(run)[0] == 0
    check_same(run, whole)


@pytest.mark.slow
@pytest.mark.parametrize(("call", "number"), [("write", 1), ("write_parts", 0)])
def test_a_run_can_be_stopped_while_it_prepares_its_data(
    zygote: Zygote,
    space: Workspace,
    pictures: TrainConfig,
    prepared: RunFolder,
    call: str,
    number: int,
) -> None:
    run = create(space, pictures)
    assert zygote.work(run, call=call, number=number, fault="term")[0] == 0
    status = listing.status(run)
    assert (status.state, status.step) == ("stopped", 0)
    assert zygote.work(run)[0] == 0
    check_same(run, prepared)


@pytest.mark.slow
@pytest.mark.parametrize(("facts", "said"), [({}, "cannot be read"), ({"format": "2"}, "newer")])
def test_a_checkpoint_that_cannot_be_used_is_refused_in_a_sentence(
    zygote: Zygote, space: Workspace, facts: dict[str, str], said: str
) -> None:
    run = create(space)
    zygote.work(run, call="save_best", number=0)
    save_file({"weights": torch.zeros(1)}, run.checkpoints / "last.safetensors", facts)
    assert zygote.work(run)[0] == 1
    status = listing.status(run)
    assert (status.state, status.refused) == ("interrupted", True)
    assert said in status.message
    assert "\n" not in status.message


@contextmanager
def working(zygote: Zygote, run: RunFolder) -> Iterator[None]:
    """Let a worker live meanwhile."""
    worker = threading.Thread(target=zygote.work, args=(run,))
    worker.start()
    try:
        yield
    finally:
        launcher.stop(run)
        worker.join()


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def step_of(run: RunFolder) -> int:
    return listing.status(run).step


@pytest.mark.slow
def test_two_who_stop_a_run_at_the_same_time_are_told_the_same(
    zygote: Zygote, space: Workspace
) -> None:
    run = create(space, config(epochs=5000))
    with working(zygote, run):
        wait_until(lambda: step_of(run) > 0)
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(launcher.stop, [run, run])
        assert first == second == launcher.stop(run)
        assert first.state == "stopped"


@pytest.mark.slow
def test_nobody_signals_a_stranger_that_has_a_dead_workers_number(
    zygote: Zygote, space: Workspace
) -> None:
    run = create(space)
    zygote.work(run, call="write", number=2)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        run.pid_file.write_text(str(stranger.pid))
        assert launcher.stop(run).state == "interrupted"
        # As in the instant in which a new worker is started, or on another machine.
        with alive(run):
            run.pid_file.write_text(str(stranger.pid))
            with pytest.raises(RunError, match="another machine"):
                launcher.stop(run, timeout=0.2)
        assert stranger.poll() is None
        deletion.delete(run)
        stranger.communicate(b"\n")
        assert stranger.returncode == 0


@pytest.mark.slow
def test_a_run_outlives_the_terminal_in_which_it_was_started(workspace: Workspace) -> None:
    words = ["train", "lenet5", "--epochs", "5000", "--device", "cpu"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(workspace.root)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests under nohup inherit it ignored
        os.execv(sys.executable, [sys.executable, "-m", "cnn_tui", *words])
    os.set_blocking(terminal, False)

    def it_trains() -> bool:
        with suppress(BlockingIOError):
            os.read(terminal, 65_536)
        return any(status.step for status in listing.list_runs(workspace))

    wait_until(it_trains)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == ExitCode.INTERRUPTED
    (status,) = listing.list_runs(workspace)
    assert status.state == "running"
    run = RunFolder(workspace.runs / status.run)
    os.kill(int(run.pid_file.read_text()), signal.SIGHUP)
    wait_until(lambda: step_of(run) > status.step)
    assert launcher.stop(run).state == "stopped"
