"""What is left to a process that reads what strangers have made: its memory, two pipes, and little time.

Pillow and qpdf are written in C and C++; who finds a fault in them with a forged file would act as the web process's
user. Here he has no file, no socket, no other process, and no path that he could so much as name.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys

ADDRESS_SPACE = 640 * 1024 * 1024
CPU_SECONDS = 20
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
RET_ALLOW, RET_REFUSE = 0x7FFF0000, 0x00050000 | 1  # EPERM, which the libraries take as any other failure
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
AUDIT_ARCH_X86_64, X32 = 0xC000003E, 0x40000000
# Of x86-64: read, write, close, fstat, lseek, mmap, mprotect, munmap, brk, rt_sigaction, rt_sigprocmask, rt_sigreturn,
# sched_yield, mremap, madvise, getpid, exit, getcwd, sigaltstack, gettid, futex, clock_gettime, exit_group, getrandom.
NEEDED = (0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 39, 60, 79, 131, 186, 202, 228, 231, 318)


def limit() -> None:
    """Bound memory and time, leave no core, and die with whoever waits; before the libraries are loaded."""
    for name, most in (
        (resource.RLIMIT_AS, ADDRESS_SPACE),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(name, (most, most))
    if sys.platform == "linux":
        _prctl(PR_SET_DUMPABLE, 0)
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def shut(parent: int) -> None:
    """Open nothing any more, once everything is loaded; ``parent`` is who started this process and waits for it."""
    if os.getppid() != parent:  # it died before it could take this process along
        raise SystemExit(1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    if sys.platform == "linux" and platform.machine() == "x86_64":
        _filter_calls()


def _filter_calls() -> None:
    """Let the kernel refuse every call but those that are needed (seccomp(2)): files go unopened, too."""
    steps = [(LOAD, 0, 0, 4), (JUMP_IF_EQUAL, 1, 0, AUDIT_ARCH_X86_64), (RETURN, 0, 0, RET_REFUSE)]
    steps += [(LOAD, 0, 0, 0), (JUMP_IF_AT_LEAST, 0, 1, X32), (RETURN, 0, 0, RET_REFUSE)]
    for call in NEEDED:
        steps += [(JUMP_IF_EQUAL, 0, 1, call), (RETURN, 0, 0, RET_ALLOW)]
    steps.append((RETURN, 0, 0, RET_REFUSE))
    written = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(written)))
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


def _prctl(what: int, first: int, second: int = 0) -> None:
    given = [ctypes.c_ulong(each) for each in (first, second, 0, 0)]
    if ctypes.CDLL(None, use_errno=True).prctl(what, *given):
        raise OSError(ctypes.get_errno(), "prctl")
