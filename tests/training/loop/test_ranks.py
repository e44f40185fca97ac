"""Runs that several processes share. They are few: each process imports torch anew."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.loop import ranks
from cnn_tui.training.loop.ranks import Ranks
from cnn_tui.training.process import launcher
from cnn_tui.training.process.execute import execute
from cnn_tui.training.process.supervise import JOIN_VARIABLE
from cnn_tui.training.records import EpochMetrics, Event, Resumed, Started
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, create_run
from cnn_tui.training.store.locks import is_alive
from cnn_tui.training.store.metrics import last_event, read_events
from cnn_tui.workspace import Workspace
from tests.training.process.test_launcher import space, wait_for_end, wait_for_step

__all__ = ["space"]


def shared(net: str = "lenet5", **overrides: object) -> TrainConfig:
    options = {"nproc": 2, "threads": 1, "precision": "fp32", **overrides}
    return default_config(net, "digits", device="cpu", **options)


def trained_by_one(space: Workspace, net: str = "lenet5", **overrides: object) -> RunFolder:
    run = create_run(space, shared(net, **{**overrides, "nproc": 1}))
    assert execute(run, lambda: False) == 0
    return run


def events(run: RunFolder) -> tuple[Event, ...]:
    return read_events(run.metrics_file)


def epochs(run: RunFolder) -> list[EpochMetrics]:
    return [event for event in events(run) if isinstance(event, EpochMetrics)]


def started(run: RunFolder) -> Started:
    return next(event for event in events(run) if isinstance(event, Started))


def check_same_curve(one: RunFolder, several: RunFolder, tolerance: float) -> None:
    """Within float error, which grows as the steps add up."""
    assert listing.status(several).state == "finished", several.log_file.read_text()
    for alone, together in zip(epochs(one), epochs(several), strict=True):
        assert together.step == alone.step
        assert together.train_loss == pytest.approx(alone.train_loss, rel=tolerance)
        assert together.val_loss == pytest.approx(alone.val_loss, rel=tolerance)
        assert together.train_accuracy == pytest.approx(alone.train_accuracy, abs=0.01)
    ends = listing.status(one), listing.status(several)
    assert ends[1].test_loss == pytest.approx(ends[0].test_loss, rel=tolerance)


def processes_of(run: RunFolder) -> list[int]:
    """Every process that was started with the run's folder as an argument."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and str(run.path).encode() in entry.joinpath(
                "cmdline"
            ).read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def wait_until(happened: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def rank_pid(run: RunFolder) -> int:
    """The process of rank 0."""
    return int(run.rank_lock_file.read_text())


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


@pytest.mark.slow
def test_two_processes_train_what_one_does(space: Workspace) -> None:
    options = {"epochs": 1, "batch_size": 63, "val_fraction": 0.5}
    several = launcher.launch(space, shared(**options))
    one = trained_by_one(space, **options)
    wait_for_end(several)
    check_same_curve(one, several, 1e-4)
    assert (started(several).processes, started(several).steps_per_epoch) == (2, 12)
    assert "[rank 0] lenet5 on digits" in several.log_file.read_text()
    assert not is_alive(several)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("net", "options"),
    [
        ("lenet5", {"lr": 1e-3, "augment": "crop+flip", "cutout": 5, "clip_grad": 1.0}),
        ("lenet5", {"lr": 1e-3, "accumulate": 3, "clip_grad": 1.0, "ema": 0.9}),
        ("simpleresnet", {"lr": 1e-3, "image_size": 16}),
        # Threads alone move this deep network's losses by a hundredth, so it hardly learns here.
        ("googlenet", {"lr": 1e-7, "image_size": 16, "dropout": 0.0}),
    ],
)
def test_uneven_shares_and_batch_norm_stay_on_the_curve_of_one_process(
    space: Workspace, net: str, options: dict[str, object]
) -> None:
    # Shares of 32 and 33, and a last batch of 4; SGD, as Adam's first steps make a
    # full stride of the least rounding error.
    options |= {"epochs": 1, "batch_size": 65, "val_fraction": 0.5, "optimizer": "sgd"}
    several = launcher.launch(space, shared(net, **options))
    one = trained_by_one(space, net, **options)
    wait_for_end(several)
    check_same_curve(one, several, 1e-3)


@pytest.mark.slow
def test_processes_in_fp16_scale_their_loss_alike(space: Workspace) -> None:
    options = {"precision": "fp16", "epochs": 1, "batch_size": 65, "optimizer": "sgd", "lr": 1e-3}
    several = launcher.launch(space, shared(**options))
    one = trained_by_one(space, **options)
    wait_for_end(several)
    check_same_curve(one, several, 0.02)


@pytest.mark.slow
def test_a_shared_run_stops_and_goes_on(space: Workspace) -> None:
    run = launcher.launch(space, shared(epochs=2000))
    wait_for_step(run)
    os.kill(int(run.pid_file.read_text()), signal.SIGHUP)
    os.kill(rank_pid(run), signal.SIGHUP)
    os.kill(parent_of(rank_pid(run)), signal.SIGHUP)
    wait_for_step(run, beyond=last_event(run.metrics_file).step)
    stopped = launcher.stop(run)
    assert stopped.state == "stopped", run.log_file.read_text()
    assert launcher.stop(run) == stopped
    assert processes_of(run) == []
    launcher.resume(run)
    wait_for_step(run, beyond=stopped.step)
    assert launcher.stop(run).step > stopped.step


@pytest.mark.slow
def test_every_process_may_be_told_to_stop(space: Workspace) -> None:
    run = launcher.launch(space, shared(epochs=2000))
    wait_for_step(run)
    for pid in processes_of(run):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    wait_for_end(run)
    assert listing.status(run).state == "stopped"


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["rank 0", "rank 1", "torchrun"])
def test_a_killed_process_ends_the_run_which_goes_on_to_its_end(
    space: Workspace, victim: str
) -> None:
    run = launcher.launch(space, shared(epochs=40, batch_size=64, checkpoint_seconds=0.0))
    wait_for_step(run, beyond=20)
    first = rank_pid(run)
    torchrun = parent_of(first)
    ranks_running = [pid for pid in processes_of(run) if parent_of(pid) == torchrun]
    assert len(ranks_running) == 2
    (second,) = set(ranks_running) - {first}
    killed = time.monotonic()
    os.kill({"rank 0": first, "rank 1": second, "torchrun": torchrun}[victim], signal.SIGKILL)
    wait_for_end(run)
    assert time.monotonic() - killed < 10
    status = listing.status(run)
    assert status.state == "failed"
    assert "A process of this run ended unexpectedly" in status.message
    assert status.next_steps == (step(Action.RESUME, run.run),)
    assert processes_of(run) == []
    launcher.resume(run)
    wait_for_end(run)
    assert listing.status(run).state == "finished"
    assert [event.epoch for event in epochs(run)] == list(range(1, 41))


@pytest.mark.slow
def test_no_process_outlives_the_one_that_stands_for_the_run(space: Workspace) -> None:
    run = launcher.launch(space, shared(epochs=2000))
    wait_for_step(run)
    os.kill(int(run.pid_file.read_text()), signal.SIGKILL)
    wait_for_end(run)
    assert listing.status(run).state == "interrupted"
    wait_until(lambda: not processes_of(run))
    launcher.resume(run)
    wait_for_step(run, beyond=1)


@pytest.mark.slow
def test_a_shared_run_is_stopped_before_it_trains(space: Workspace) -> None:
    run = launcher.launch(space, shared(epochs=2000))
    wait_until(lambda: run.pid_file.exists())
    assert launcher.stop(run).state == "stopped"
    assert processes_of(run) == []


@pytest.mark.slow
def test_a_failure_of_one_process_is_told_for_all(space: Workspace) -> None:
    run = launcher.launch(space, shared(epochs=3, lr=100.0, optimizer="sgd", schedule="constant"))
    wait_for_end(run)
    status = listing.status(run)
    assert status.state == "failed"
    assert "lower learning rate than 100" in status.message


OUT_OF_MEMORY = """
import os, sys, threading, time

def fail():
    while not hasattr(sys.modules.get("cnn_tui.training.loop.epochs"), "evaluate"):
        time.sleep(0.01)
    import torch
    def no_memory(*_):
        raise torch.OutOfMemoryError("CUDA out of memory.")
    sys.modules["cnn_tui.training.loop.epochs"].loss_of = no_memory

if os.environ.get("RANK") == "1":
    threading.Thread(target=fail, daemon=True).start()
"""


@pytest.mark.slow
def test_memory_that_one_process_lacks_is_told(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(OUT_OF_MEMORY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = launcher.launch(space, shared(epochs=2000, batch_size=64))
    wait_for_end(run)
    status = listing.status(run)
    assert status.state == "failed"
    assert "smaller batch size, such as 32" in status.message
    assert processes_of(run) == []


@pytest.mark.slow
def test_torchrun_starts_the_processes_of_a_folder_by_itself(space: Workspace) -> None:
    run = create_run(space, shared(epochs=2, nproc=1))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "cnn_tui.training.worker", str(run.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert listing.status(run).state == "finished"
    assert started(run).processes == 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_hosts_that_do_not_come_fail_the_run(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(JOIN_VARIABLE, "3")
    settings = shared(nproc=1, nnodes=2, rdzv_endpoint=f"127.0.0.1:{free_port()}")
    run = launcher.launch(space, settings)
    wait_for_end(run)
    status = listing.status(run)
    assert status.state == "failed"
    assert "The 2 hosts did not meet at 127.0.0.1:" in status.message
    assert "within 3 seconds" in status.message


@pytest.mark.slow
def test_two_commands_that_differ_fail_with_the_option(tmp_path: Path) -> None:
    endpoint = f"127.0.0.1:{free_port()}"
    hosts = [Workspace(tmp_path / name) for name in ("one", "other")]
    both = []
    for host, lr in zip(hosts, (0.01, 0.02), strict=True):
        host.root.mkdir()
        settings = shared(nproc=1, nnodes=2, rdzv_endpoint=endpoint, lr=lr)
        both.append(launcher.launch(host, settings))
    for run in both:
        wait_for_end(run)
        assert listing.status(run).state == "failed"
        # Who speaks first is a matter of time.
        told = re.search(r"rate is (\S+) on one of them and (\S+) on", listing.status(run).message)
        assert told and set(told.groups()) == {"0.01", "0.02"}


class Hosts:
    """Two network namespaces that see each other, and nothing else."""

    def __init__(self, name: str) -> None:
        self.names = [f"{name}-a", f"{name}-b"]
        self.addresses = ["10.201.77.1", "10.201.77.2"]
        links = [f"{name}a", f"{name}b"]
        for host in self.names:
            self.run("ip", "netns", "add", host)
        self.run("ip", "link", "add", links[0], "type", "veth", "peer", "name", links[1])
        for host, link, address in zip(self.names, links, self.addresses, strict=True):
            self.run("ip", "link", "set", link, "netns", host)
            self.run("ip", "-n", host, "addr", "add", f"{address}/24", "dev", link)
            self.run("ip", "-n", host, "link", "set", link, "up")
            self.run("ip", "-n", host, "link", "set", "lo", "up")

    def run(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True)

    def start(self, host: int, *command: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["ip", "netns", "exec", self.names[host], *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def remove(self) -> None:
        for host in self.names:
            subprocess.run(["ip", "netns", "delete", host], check=False, capture_output=True)


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Two hosts of this test's own; skips where the system does not let them be made."""
    if shutil.which("ip") is None:
        pytest.skip("two hosts need iproute2's ip")
    if os.geteuid() != 0:
        pytest.skip("two hosts need root, to make network namespaces")
    name = f"lab{os.getpid() % 10_000}"
    try:
        made = Hosts(name)
    except subprocess.CalledProcessError as error:
        for host in ("a", "b"):
            subprocess.run(["ip", "netns", "delete", f"{name}-{host}"], check=False)
        pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
    yield made
    made.remove()


@pytest.fixture
def spaces(tmp_path: Path) -> Iterator[list[Workspace]]:
    """A workspace for each of two hosts that share no disk."""
    spaces = [Workspace(tmp_path / name) for name in ("a", "b")]
    for each in spaces:
        (each.root / "exercises").mkdir(parents=True)
    yield spaces
    for each in spaces:
        for status in listing.list_runs(each):
            launcher.stop(RunFolder(each.runs / status.run))


def lab(space: Workspace, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "cnn_tui", *arguments, "--workspace", str(space.root)]


def only_run(space: Workspace) -> RunFolder:
    (status,) = listing.list_runs(space)
    return RunFolder(space.runs / status.run)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_hosts_train_what_one_does(
    space: Workspace, spaces: list[Workspace], hosts: Hosts
) -> None:
    options = {"epochs": 2, "batch_size": 64}
    command = ["train", "lenet5", "--epochs", "2", "--batch-size", "64", "--device", "cpu"]
    command += ["--threads", "1", "--nnodes", "2", "--rdzv-endpoint", "10.201.77.1:29411", "--json"]
    # The host that the others look for comes last: they wait for it.
    second = hosts.start(1, *lab(spaces[1], *command))
    time.sleep(2)
    first = hosts.start(0, *lab(spaces[0], *command))
    for process in (first, second):
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, out + err
    one = trained_by_one(space, **options)
    for host in spaces:
        run = only_run(host)
        check_same_curve(one, run, 1e-3)
        assert started(run).processes == 2
        assert (run.checkpoints / "best.safetensors").exists()
    weights = [load_file(only_run(host).checkpoints / "last.safetensors") for host in spaces]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_hosts_go_on_from_where_the_first_of_them_was(
    spaces: list[Workspace], hosts: Hosts
) -> None:
    command = ["train", "lenet5", "--epochs", "60", "--batch-size", "64", "--device", "cpu"]
    command += ["--threads", "1", "--nnodes", "2", "--rdzv-endpoint", "10.201.77.1:29412"]
    both = [hosts.start(i, *lab(spaces[i], *command)) for i in range(2)]
    wait_until(lambda: all(listing.list_runs(each) for each in spaces))
    folders = [only_run(each) for each in spaces]
    for run in folders:
        wait_until(lambda run=run: is_alive(run))
        wait_for_step(run, beyond=100)
    os.kill(rank_pid(folders[1]), signal.SIGKILL)
    for process in both:
        assert process.wait(60) == 1
    for run in folders:
        assert listing.status(run).state == "failed"
        assert "ended unexpectedly here or on another host" in listing.status(run).message
    # The second host has lost everything: it gets the first one's checkpoint.
    for file in folders[1].checkpoints.iterdir():
        file.unlink()
    both = [hosts.start(i, *lab(spaces[i], "resume", "last")) for i in range(2)]
    for run in folders:
        wait_until(lambda run=run: is_alive(run))
        wait_until(lambda run=run: any(isinstance(event, Resumed) for event in events(run)))
        wait_for_step(run, beyond=last_event(run.metrics_file).step)
    launcher.stop(folders[0])
    for process in both:
        assert process.wait(60) == 0
    assert [listing.status(run).state for run in folders] == ["stopped", "stopped"]
    assert listing.status(folders[0]).step == listing.status(folders[1]).step


WAITS = """
import sys, time
from datetime import timedelta
from torch import distributed as dist
from cnn_tui.training.loop import ranks
plain = dist.init_process_group
dist.init_process_group = lambda backend: plain(backend, timeout=timedelta(seconds=1))
joined = ranks.join(lambda: False, lambda: False, one_writer=True)
if joined.rank == 0:
    time.sleep(2)
getattr(joined, sys.argv[1])()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("call", "code"), [("wait", 0), ("add", 1)])
def test_processes_wait_for_data_longer_than_for_each_others_steps(call: str, code: int) -> None:
    """With a second for gloo's half hour."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    shared |= {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", WAITS, call],
            env={**os.environ, **shared, "RANK": rank, "LOCAL_RANK": rank},
            stderr=subprocess.PIPE,
        )
        for rank in "01"
    ]
    (_, _), (_, said) = (process.communicate(timeout=60) for process in both)
    assert both[1].returncode == code, said
    assert (b"Timed out waiting" in said) == bool(code)  # torch also says so of connecting


def test_a_process_alone_needs_nobody(tmp_path: Path) -> None:
    asked = count()
    alone = Ranks(lambda: next(asked) > 0)
    assert not alone.should_stop()
    assert alone.should_stop()
    assert alone.add(1.5, 2) == [1.5, 2]
    assert alone.first(3.0) == 3.0
    assert alone.own("dropout") == "dropout"
    alone.wait()
    alone.spread(tmp_path)
    alone.refuse_differences({"lr": 1})
    net = torch.nn.Linear(1, 1)
    assert alone.share(net) is net


def test_each_process_hides_its_own_neurons() -> None:
    assert Ranks(lambda: False, rank=2, size=3).own("dropout") == "dropout/2"


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    three = Ranks(lambda: False, size=3, local_size=3)
    with pytest.raises(UsageError, match="3 processes need as many GPUs, and torch finds 2 here"):
        ranks.take_device(three, "auto")
    ranks.take_device(three, "cpu")


def test_a_batch_needs_an_image_for_every_process() -> None:
    with pytest.raises(UsageError, match="A batch size of 4 cannot be shared by 6 processes"):
        shared(nproc=3, nnodes=2, rdzv_endpoint="a:1", batch_size=4)


@pytest.mark.parametrize(
    ("options", "field", "sentence"),
    [
        ({"nnodes": 2}, "rdzv_endpoint", "2 hosts need a place to meet, HOST:PORT"),
        ({"rdzv_endpoint": "gpu1:29400"}, "nnodes", "give 2 hosts or more"),
        ({"nnodes": 2, "rdzv_endpoint": "gpu1"}, "rdzv_endpoint", "must be HOST:PORT"),
        ({"nnodes": 2, "rdzv_endpoint": "gpu1:0"}, "rdzv_endpoint", "must be HOST:PORT"),
        ({"nnodes": 2, "rdzv_endpoint": "gpu1:65536"}, "rdzv_endpoint", "must be HOST:PORT"),
    ],
)
def test_hosts_need_a_place_to_meet(options: dict[str, object], field: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as error:
        shared(**options)
    assert error.value.fields == (field,)
