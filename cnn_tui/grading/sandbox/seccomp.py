"""A seccomp filter: which system calls a submission may not make, for good.

A submission needs its own memory, its own threads, and the files that it may
open. What starts processes, reaches others, opens a network, or changes the
system is refused with "Operation not permitted". A system call that is newer
than the tables below does not exist for it. See seccomp(2) and, for the
program's format, https://docs.kernel.org/networking/filter.html.
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

SET_SECCOMP = 22
MODE_FILTER = 2

ALLOW, ERRNO, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""BPF: load a word, jump by comparison with a constant, return."""
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16

CLONE_THREAD = 0x00010000
FIRST_UNKNOWN = 470
"""Both tables' numbers are the same from 424 on; 469 was the last one when this was written."""


def _numbers(table: str) -> dict[str, int]:
    return {
        name: int(number) for name, _, number in (each.partition("=") for each in table.split())
    }


COMMON = _numbers("""
pidfd_send_signal=424 io_uring_setup=425 io_uring_enter=426 io_uring_register=427
open_tree=428 move_mount=429 fsopen=430 fsconfig=431 fsmount=432 fspick=433 pidfd_open=434
pidfd_getfd=438 process_madvise=440 mount_setattr=442 quotactl_fd=443 memfd_secret=447
process_mrelease=448 fchmodat2=452 setxattrat=463 removexattrat=466 open_tree_attr=467
""")
"""Since both tables were joined, numbers hold for every architecture."""
CLONE3 = 435
"""Its flags lie in memory, where a filter cannot look; without it, libraries use ``clone``."""

X86_64 = _numbers("""
fork=57 vfork=58 execve=59 execveat=322 socket=41 connect=42 accept=43 accept4=288 bind=49
listen=50 ptrace=101 process_vm_readv=310 process_vm_writev=311 kcmp=312 tkill=200
rt_sigqueueinfo=129 rt_tgsigqueueinfo=297 mount=165 umount2=166 pivot_root=155 chroot=161
unshare=272 setns=308 bpf=321 perf_event_open=298 userfaultfd=323 memfd_create=319
add_key=248 request_key=249 keyctl=250 name_to_handle_at=303 open_by_handle_at=304
personality=135 shmget=29 semget=64 msgget=68 mq_open=240 chmod=90 fchmod=91 fchmodat=268
mknod=133 mknodat=259 chown=92 fchown=93 lchown=94 fchownat=260 utime=132 utimes=235
futimesat=261 utimensat=280 setxattr=188 lsetxattr=189 fsetxattr=190 removexattr=197
lremovexattr=198 fremovexattr=199 setpriority=141 ioprio_set=251 sched_setscheduler=144
sched_setattr=314 sched_setparam=142 reboot=169 swapon=167 swapoff=168 acct=163
sethostname=170 setdomainname=171 settimeofday=164 clock_settime=227 adjtimex=159
clock_adjtime=305 init_module=175 finit_module=313 delete_module=176 kexec_load=246
kexec_file_load=320 syslog=103 quotactl=179 iopl=172 ioperm=173 modify_ldt=154 uselib=134
migrate_pages=256 move_pages=279 fanotify_init=300 lookup_dcookie=212
shmat=30 shmctl=31 semop=65 semctl=66 semtimedop=220 msgsnd=69 msgrcv=70 msgctl=71 mq_unlink=241
inotify_add_watch=254
""")
AARCH64 = _numbers("""
execve=221 execveat=281 socket=198 connect=203 accept=202 accept4=242 bind=200 listen=201
ptrace=117 process_vm_readv=270 process_vm_writev=271 kcmp=272 tkill=130 rt_sigqueueinfo=138
rt_tgsigqueueinfo=240 mount=40 umount2=39 pivot_root=41 chroot=51 unshare=97 setns=268
bpf=280 perf_event_open=241 userfaultfd=282 memfd_create=279 add_key=217 request_key=218
keyctl=219 name_to_handle_at=264 open_by_handle_at=265 personality=92 shmget=194 semget=190
msgget=186 mq_open=180 fchmod=52 fchmodat=53 mknodat=33 fchown=55 fchownat=54 utimensat=88
setxattr=5 lsetxattr=6 fsetxattr=7 removexattr=14 lremovexattr=15 fremovexattr=16
setpriority=140 ioprio_set=30 sched_setscheduler=119 sched_setattr=274 sched_setparam=118
reboot=142 swapon=224 swapoff=225 acct=89 sethostname=161 setdomainname=162 settimeofday=170
clock_settime=112 adjtimex=171 clock_adjtime=266 init_module=105 finit_module=273
delete_module=106 kexec_load=104 kexec_file_load=294 syslog=116 quotactl=60
migrate_pages=238 move_pages=239 fanotify_init=262 lookup_dcookie=18
shmat=196 shmctl=195 semop=193 semctl=191 semtimedop=192 msgsnd=189 msgrcv=188 msgctl=187
mq_unlink=181 inotify_add_watch=27
""")


O_TMPFILE = 0o20000000
"""The bit of ``open``'s flags that asks for a file without a name, whose size no folder tells."""
OPENAT2 = 437
"""Its flags lie in memory, where a filter cannot look; without it, libraries use ``openat``."""


@dataclass(frozen=True)
class Architecture:
    """The numbers of one machine architecture; ``audit`` is what the kernel calls it."""

    audit: int
    refused: dict[str, int]
    clone: int
    kill: int
    tgkill: int
    prlimit64: int
    sched_setaffinity: int
    socketpair: int
    fcntl: int
    ioctl: int
    openat: int
    open: int | None
    """Where the machine has the call without a folder."""
    foreign_from: int
    """From this number on, calls belong to another interface on the same machine (x32)."""


ARCHITECTURES = {
    "x86_64": Architecture(
        0xC000003E, X86_64 | COMMON, 56, 62, 234, 302, 203, 53, 72, 16, 257, 2, 0x40000000
    ),
    "aarch64": Architecture(
        0xC00000B7, AARCH64 | COMMON, 220, 129, 131, 261, 122, 199, 25, 29, 56, None, 0x40000000
    ),
}
STREAMS = (1, 0x801, 0x80001, 0x80801)
"""SOCK_STREAM, with or without SOCK_NONBLOCK and SOCK_CLOEXEC: the others take an address."""
REFUSED_FCNTL = (8, 10, 15)
"""F_SETOWN, F_SETSIG and F_SETOWN_EX have the kernel send signals to others."""
REFUSED_IOCTL = (0x5412, 0x8901, 0x8902)
"""TIOCSTI types into a terminal; FIOSETOWN and SIOCSPGRP are F_SETOWN again."""

Instruction = tuple[int, int, int, int]
REFUSE: Instruction = (RETURN, 0, 0, ERRNO | errno.EPERM)
UNKNOWN: Instruction = (RETURN, 0, 0, ERRNO | errno.ENOSYS)
PERMIT: Instruction = (RETURN, 0, 0, ALLOW)


def machine() -> str:
    """The architecture of this machine, as its tables are called."""
    return {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine(), platform.machine())


def install() -> None:
    """Put the filter on this process and all threads that it will have; raises OSError.

    It must have one thread, and ``no_new_privs``. The filter holds for the
    process that installs it: a call that names another is refused.
    """
    if machine() not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no seccomp filter is known for {machine()}")
    code = assemble(program(ARCHITECTURES[machine()], os.getpid()))
    buffer = ctypes.create_string_buffer(code)
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(SET_SECCOMP, ctypes.c_ulong(MODE_FILTER), header, zero, zero):
        code_of_error = ctypes.get_errno()
        raise OSError(code_of_error, f"seccomp: {os.strerror(code_of_error)}")


def program(architecture: Architecture, pid: int) -> list[Instruction]:
    """The filter as BPF instructions (code, jump if true, jump if false, constant)."""
    return [
        *_known_calls_only(architecture),
        *_on(CLONE3, UNKNOWN),
        *_on(OPENAT2, UNKNOWN),
        *_without_bit(architecture.openat, 2, O_TMPFILE),
        *([] if architecture.open is None else _without_bit(architecture.open, 1, O_TMPFILE)),
        *_with_bit(architecture.clone, 0, CLONE_THREAD),
        *_about(architecture.kill, 0, pid),
        *_about(architecture.tgkill, 0, pid),
        *_about(architecture.prlimit64, 0, 0, pid),
        *_about(architecture.sched_setaffinity, 0, 0, pid),
        *_about(architecture.socketpair, 1, *STREAMS),
        *_unless(architecture.fcntl, 1, REFUSED_FCNTL),
        *_unless(architecture.ioctl, 1, REFUSED_IOCTL),
        *(step for number in architecture.refused.values() for step in _on(number, REFUSE)),
        PERMIT,
    ]


def _known_calls_only(architecture: Architecture) -> list[Instruction]:
    """Go on, with the call's number loaded, for calls of this machine that are in the tables."""
    return [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (EQUAL, 1, 0, architecture.audit),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER_AT),
        (AT_LEAST, 0, 1, architecture.foreign_from),
        REFUSE,
        (AT_LEAST, 0, 1, FIRST_UNKNOWN),
        UNKNOWN,
    ]


def _on(number: int, *then: Instruction) -> list[Instruction]:
    """Instructions for one call, the last of which end it."""
    return [(EQUAL, 0, len(then), number), *then]


def _about(number: int, argument: int, *allowed: int) -> list[Instruction]:
    """Allow a call only where its argument is one of ``allowed``."""
    tests = [
        (EQUAL, len(allowed) - 1 - index, int(index == len(allowed) - 1), value)
        for index, value in enumerate(allowed)
    ]
    return _on(number, _load_argument(argument), *tests, PERMIT, REFUSE)


def _unless(number: int, argument: int, refused: tuple[int, ...]) -> list[Instruction]:
    """Refuse a call where its argument is one of ``refused``."""
    tests = [(EQUAL, len(refused) - index, 0, value) for index, value in enumerate(refused)]
    return _on(number, _load_argument(argument), *tests, PERMIT, REFUSE)


def _with_bit(number: int, argument: int, bit: int) -> list[Instruction]:
    """Allow a call only where its argument has a bit set."""
    return _on(number, _load_argument(argument), (ANY_BIT, 0, 1, bit), PERMIT, REFUSE)


def _without_bit(number: int, argument: int, bit: int) -> list[Instruction]:
    """Refuse a call where its argument has a bit set."""
    return _on(number, _load_argument(argument), (ANY_BIT, 0, 1, bit), REFUSE, PERMIT)


def assemble(instructions: list[Instruction]) -> bytes:
    """BPF instructions as the kernel reads them."""
    return b"".join(struct.pack("HBBI", *each) for each in instructions)


def _load_argument(index: int) -> Instruction:
    # The lower half: process ids, flags and commands are 32-bit numbers to the kernel.
    return (LOAD, 0, 0, ARGUMENTS_AT + 8 * index)
