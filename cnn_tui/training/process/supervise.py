"""The process that stands for a run of several: it starts torchrun, and has the last word.

It holds the run's lock, is what SIGTERM goes to, and does nothing else, so that
it outlives whatever happens to the processes that train. They die with it: the
kernel ends torchrun when this process ends, and each of them when torchrun does.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from cnn_tui.next_steps import Action, step
from cnn_tui.processes import die_with_parent, is_locked
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.process.not_resumed import as_before, has_come_far
from cnn_tui.training.process.reasons import left_word
from cnn_tui.training.records import Ended, EndState, Event, Reason, Started
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.listing import LOGGED_ERROR
from cnn_tui.training.store.metrics import MetricsWriter, last_event, read_events

JOIN_SECONDS = 600
"""How long hosts wait for each other, unless JOIN_VARIABLE says otherwise."""

JOIN_VARIABLE = "CNN_LAB_JOIN_SECONDS"

SHUTDOWN_SECONDS = 15
"""How long torchrun lets processes end once one of them has, before it kills them."""

POLL_SECONDS = 0.1
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
OF_TORCHRUN = (
    *("TORCHELASTIC_", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    *("GROUP_RANK", "GROUP_WORLD_SIZE", "ROLE_", "MASTER_ADDR", "MASTER_PORT"),
)
"""How the variables begin that torchrun gives its processes."""


def supervise(
    run: RunFolder,
    config: TrainConfig,
    stop: Callable[[], bool],
    checkpoint_asked: Callable[[], bool],
) -> int:
    """Train ``run`` in several processes; returns 0, or 1 where it failed."""
    started, before = time.time(), last_event(run.metrics_file)
    with tempfile.TemporaryDirectory() as logs:
        command = [*_torchrun(config, logs), str(run.path), "--supervised"]
        torchrun = subprocess.Popen(
            command, env=_environment(config), stdin=subprocess.DEVNULL, preexec_fn=_be_torchrun
        )
        stopped = _wait(torchrun, run, stop, checkpoint_asked)
    while is_locked(run.rank_lock_file):  # dying with torchrun, where the kernel sees to it
        _signal_writer(run, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
    end = last_event(run.metrics_file)
    if isinstance(end, Ended) and end.time >= started:
        return 1 if end.state == "failed" or end.not_resumed else 0
    if stopped:
        at = end.step if end else 0
        _tell_end(run, config, "stopped", Reason(f"Stopped on request after step {at:,}."))
        return 0
    met = run.rank_lock_file.exists() and run.rank_lock_file.stat().st_mtime >= started
    reason = _why(run, config, met=met)
    with contextlib.suppress(OSError):  # The disk may be full, and the log elsewhere.
        if before is not None and has_come_far(before) and not _has_begun(run, started):
            _write(run, as_before(before, reason, refused=False))
        else:
            _tell_end(run, config, "failed", reason)
    print(f"{LOGGED_ERROR}{reason.sentence}", file=sys.stderr, flush=True)
    return 1


def unexpected_end(run: RunFolder, config: TrainConfig) -> Reason:
    """What is told where a process has died without a word."""
    where = "here or on another host" if config.nnodes > 1 else f"(see {run.log_file})"
    return Reason(
        f"A process of this run ended unexpectedly {where}: go on from the last checkpoint.",
        next_steps=(step(Action.RESUME, run.run),),
    )


def _be_torchrun() -> None:
    """End with this process, and not by a signal that is meant for the process that writes."""
    die_with_parent()
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)


def _wait(
    torchrun: "subprocess.Popen[bytes]",
    run: RunFolder,
    stop: Callable[[], bool],
    checkpoint_asked: Callable[[], bool],
) -> bool:
    """Wait for torchrun's end, and pass requests on; returns whether there was one to stop."""
    asked = for_checkpoint = False
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            torchrun.wait(POLL_SECONDS)
            return asked
        if stop() and not asked:
            asked = True
            _pass_on(torchrun, run)
        for_checkpoint = checkpoint_asked() or for_checkpoint
        if for_checkpoint and is_locked(run.rank_lock_file):
            for_checkpoint = not _signal_writer(run, signal.SIGUSR1)


def _pass_on(torchrun: "subprocess.Popen[bytes]", run: RunFolder) -> None:
    """Ask the process that writes, which tells the others; torchrun would kill them too soon.

    Where it does not train yet, there is nothing that could be lost.
    """
    if not (is_locked(run.rank_lock_file) and _signal_writer(run, signal.SIGTERM)):
        torchrun.kill()


def _signal_writer(run: RunFolder, number: signal.Signals) -> bool:
    """Signal the process that holds the second lock; returns whether it has said who it is."""
    try:
        os.kill(int(run.rank_lock_file.read_text()), number)
    except (OSError, ValueError):
        return False
    return True


def _torchrun(config: TrainConfig, logs: str) -> list[str]:
    return [
        *(sys.executable, "-P", "-m", "torch.distributed.run"),
        *("--nproc-per-node", str(config.nproc), "--max-restarts", "0"),
        *("--tee", "3", "--log-dir", logs),
        *_meeting(config),
        *("-m", "cnn_tui.training.process.worker"),
    ]


def _meeting(config: TrainConfig) -> list[str]:
    """How the processes find each other."""
    if config.rdzv_endpoint is None:
        # torchrun alone would have them meet at this machine's name, which may not be known here.
        return ["--standalone", "--local-addr", "127.0.0.1"]
    conf = dict.fromkeys(("join_timeout", "read_timeout"), str(_join_seconds()))
    if config.rdzv_endpoint.rpartition(":")[0] not in LOOPBACK:
        # torch looks only at this machine's name, under which it may not be known.
        conf["is_host"] = str(_is_free_here(config.rdzv_endpoint)).lower()
    return [
        *("--nnodes", str(config.nnodes), "--rdzv-backend", "c10d", "--rdzv-id", "cnn-lab"),
        *("--rdzv-endpoint", config.rdzv_endpoint),
        *("--rdzv-conf", ",".join(f"{name}={value}" for name, value in conf.items())),
        *("--local-addr", _own_address(config.rdzv_endpoint)),
    ]


def _environment(config: TrainConfig) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(OF_TORCHRUN)
    }
    defaults = {
        "OMP_NUM_THREADS": "1",  # until the worker sets its own; torchrun would warn
        "PYTHONSAFEPATH": "1",
        "TORCHELASTIC_LOG_LINE_PREFIX_TEMPLATE": "[rank ${rank}] ",
        "TORCH_ELASTIC_SHUTDOWN_TIMEOUT": str(SHUTDOWN_SECONDS),
        "PET_SIGNALS_TO_HANDLE": "SIGTERM,SIGINT",  # and not SIGHUP, which a run survives
    }
    if interface := _interface(config):
        defaults["GLOO_SOCKET_IFNAME"] = interface
    return defaults | inherited


def _interface(config: TrainConfig) -> str | None:
    """The network interface over which gloo should reach the others; None: let it choose."""
    if config.rdzv_endpoint is None:
        return next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), None)
    address = _own_address(config.rdzv_endpoint)
    return next((name for _, name in socket.if_nameindex() if _address_of(name) == address), None)


def _address_of(interface: str) -> str | None:
    """The IPv4 address of a network interface; None where it has none, or nobody can tell."""
    import fcntl

    siocgifaddr, name = 0x8915, interface.encode()[:15].ljust(40, b"\0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            return socket.inet_ntoa(fcntl.ioctl(probe, siocgifaddr, name)[20:24])
        except OSError:
            return None


def _is_free_here(endpoint: str) -> bool:
    """Whether ``endpoint`` is an address of this machine, and its port not taken by another."""
    for family, kind, protocol, address in _resolved(endpoint, socket.SOCK_STREAM):
        with contextlib.suppress(OSError), socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)  # of other machines' addresses the system refuses this
            return True
    return False


def _own_address(endpoint: str) -> str:
    """The address under which the other hosts reach this one: from where it reaches them."""
    for family, kind, protocol, address in _resolved(endpoint, socket.SOCK_DGRAM):
        with contextlib.suppress(OSError), socket.socket(family, kind, protocol) as probe:
            probe.connect(address)
            return str(probe.getsockname()[0])
    return socket.gethostname()


def _resolved(
    endpoint: str, kind: socket.SocketKind
) -> Iterator[tuple[socket.AddressFamily, socket.SocketKind, int, Any]]:
    """The socket addresses of HOST:PORT; none where the name is not known."""
    host, _, port = endpoint.rpartition(":")
    with contextlib.suppress(OSError):
        for family, of_kind, protocol, _, address in socket.getaddrinfo(
            host.strip("[]"), int(port), type=kind
        ):
            yield family, of_kind, protocol, address


def _join_seconds() -> int:
    given = os.environ.get(JOIN_VARIABLE, "")
    return int(given) if given.isdecimal() and int(given) else JOIN_SECONDS


def _why(run: RunFolder, config: TrainConfig, *, met: bool) -> Reason:
    if word := left_word(run.failure_file):
        return word
    if met:
        return unexpected_end(run, config)
    if config.nnodes == 1:
        return Reason(
            f"The {config.nproc} processes of this run could not be started: see {run.log_file}."
        )
    return Reason(
        f"The {config.nnodes} hosts did not meet at {config.rdzv_endpoint} within "
        f"{_join_seconds():,} seconds: give the same command on each of them, let that address be "
        "one of theirs with its port open and free, and go on.",
        fields=("rdzv_endpoint",),
        next_steps=(step(Action.RESUME, run.run),),
    )


def _tell_end(run: RunFolder, config: TrainConfig, state: EndState, reason: Reason) -> None:
    """Write the run's last event, with how far it had come."""
    before = last_event(run.metrics_file)
    _write(
        run,
        Ended(
            time=time.time(),
            step=before.step if before else 0,
            epoch=before.epoch if before else 0,
            epochs=config.epochs,
            best_val_accuracy=before.best_val_accuracy if before else None,
            state=state,
            message=reason.sentence,
            fields=reason.fields,
            next_steps=reason.next_steps,
            test_loss=None,
            test_accuracy=None,
            images_per_second=None,
            seconds=before.trained_seconds or 0.0 if before else 0.0,
        ),
    )


def _write(run: RunFolder, event: Event) -> None:
    writer = MetricsWriter(run.metrics_file)
    writer.write(event)
    writer.close()


def _has_begun(run: RunFolder, since: float) -> bool:
    """Whether training has begun, or gone on, since then."""
    told = reversed(read_events(run.metrics_file))
    return any(isinstance(each, Started) and each.time >= since for each in told)
