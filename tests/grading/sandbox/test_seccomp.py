"""The lab's filter refuses what a submission does not need, on every architecture it knows."""

import errno
import os
import struct

import pytest

from cnn_tui.grading.sandbox.seccomp import (
    ALLOW,
    ARCHITECTURES,
    CLONE3,
    CLONE_THREAD,
    ERRNO,
    KILL_PROCESS,
    OPENAT2,
    REFUSED_FCNTL,
    REFUSED_IOCTL,
    Architecture,
    assemble,
    program,
)

PID = 4321
REFUSED, UNKNOWN = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
HARMLESS = {"x86_64": {"read": 0, "mmap": 9, "futex": 202}, "aarch64": {"read": 63, "mmap": 222}}


def decide(code: bytes, number: int, *arguments: int, audit: int) -> int:
    """What the kernel would do: the filter's four kinds of instructions, run by hand."""
    data = struct.pack("=IIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    steps = list(struct.iter_unpack("HBBI", code))
    at = word = 0
    while True:
        operation, if_true, if_false, constant = steps[at]
        at += 1
        if operation == 0x20:
            (word,) = struct.unpack_from("=I", data, constant)
        elif operation == 0x06:
            return constant
        else:
            holds = {
                0x15: word == constant,
                0x35: word >= constant,
                0x45: bool(word & constant),
            }[operation]
            at += if_true if holds else if_false


@pytest.fixture(params=ARCHITECTURES)
def name(request: pytest.FixtureRequest) -> str:
    """An architecture."""
    return str(request.param)


def verdict(name: str, number: int, *arguments: int, audit: int | None = None) -> int:
    architecture = ARCHITECTURES[name]
    code = assemble(program(architecture, PID))
    return decide(code, number, *arguments, audit=architecture.audit if audit is None else audit)


def test_refuses_every_call_of_its_table(name: str) -> None:
    refused = ARCHITECTURES[name].refused
    assert {"socket", "execve", "ptrace", "mount", "bpf", "io_uring_setup"} <= set(refused)
    assert {verdict(name, number) for number in refused.values()} == {REFUSED}


def test_allows_what_every_program_needs(name: str) -> None:
    assert {verdict(name, number) for number in HARMLESS[name].values()} == {ALLOW}


def test_allows_threads_and_no_processes(name: str) -> None:
    clone = ARCHITECTURES[name].clone
    assert verdict(name, clone, CLONE_THREAD | 0x100) == ALLOW
    assert verdict(name, clone, 17) == REFUSED
    assert verdict(name, CLONE3, 0) == UNKNOWN


@pytest.mark.parametrize("call", ["kill", "tgkill", "prlimit64", "sched_setaffinity"])
def test_lets_a_process_act_on_itself_only(name: str, call: str) -> None:
    number = getattr(ARCHITECTURES[name], call)
    assert verdict(name, number, PID) == ALLOW
    assert verdict(name, number, PID + 1) == REFUSED
    assert verdict(name, number, 0xFFFFFFFF) == REFUSED
    own = ALLOW if call in ("prlimit64", "sched_setaffinity") else REFUSED
    assert verdict(name, number, 0) == own


def test_refuses_commands_that_have_the_kernel_act_for_it(name: str) -> None:
    architecture: Architecture = ARCHITECTURES[name]
    for number, refused in (
        (architecture.fcntl, REFUSED_FCNTL),
        (architecture.ioctl, REFUSED_IOCTL),
    ):
        assert {verdict(name, number, 3, command) for command in refused} == {REFUSED}
        assert verdict(name, number, 3, 1) == ALLOW


def test_allows_pairs_of_sockets_that_reach_nobody_else(name: str) -> None:
    number = ARCHITECTURES[name].socketpair
    assert verdict(name, number, 1, 1) == verdict(name, number, 1, 0x80001) == ALLOW
    assert {verdict(name, number, 1, kind) for kind in (2, 3, 5, 0x80002)} == {REFUSED}


def test_refuses_files_without_a_name(name: str) -> None:
    architecture = ARCHITECTURES[name]
    calls = [(architecture.openat, (3, 0))]
    if architecture.open is not None:
        calls.append((architecture.open, (0,)))
    for number, before in calls:
        assert verdict(name, number, *before, os.O_CREAT | os.O_RDWR) == ALLOW
        assert verdict(name, number, *before, os.O_DIRECTORY) == ALLOW
        assert verdict(name, number, *before, os.O_TMPFILE | os.O_RDWR) == REFUSED
    assert verdict(name, OPENAT2) == UNKNOWN


def test_knows_no_call_of_the_future_or_of_another_interface(name: str) -> None:
    assert verdict(name, 470) == UNKNOWN
    assert verdict(name, 0x40000000 + 1) == REFUSED
    assert verdict(name, 0, audit=0x40000003) == KILL_PROCESS
