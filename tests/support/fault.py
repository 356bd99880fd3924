# SPDX-License-Identifier: MIT
"""Faults put into a running program by strace(1).

    calls = trace(command)
    for point in kill_points(calls) + error_points(calls):
        outcome = strike(command, point)

strace counts each system call by its name and for each process by itself, so
a point is "the third openat", not "the 57th call". A SIGKILL that waits when
a call is entered keeps the call from being made: the points of all calls are
the moments between every two of them.
"""

import os
import re
import subprocess
from collections import Counter
from dataclasses import dataclass

ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EACCES")

# Every call that reaches the file system or the answer. Those that give
# memory, time or the process itself are not here: none of ERRORS is theirs.
FALLIBLE = frozenset(
    "access chmod close copy_file_range dup dup2 dup3 execve faccessat"
    " faccessat2 fallocate fchdir fchmod fchmodat fcntl fdatasync flock fstat"
    " fstatfs fsync ftruncate getdents64 link linkat lseek lstat mkdir"
    " mkdirat newfstatat open openat pread64 preadv pwrite64 pwritev read"
    " readlink readlinkat readv rename renameat renameat2 rmdir sendfile stat"
    " statfs statx symlinkat sync_file_range truncate unlink unlinkat"
    " utimensat write writev".split()
)

LINE = re.compile(r"(?P<process>\d+) +(?P<call>\w+)\((?P<rest>.*)")
DEADLINE = 60  # seconds; no run takes one, so a run that does has hung

# LeakSanitizer is itself a tracer and cannot work below another one.
ALWAYS = {"ASAN_OPTIONS": "detect_leaks=0:exitcode=86:halt_on_error=1"}


@dataclass(frozen=True)
class Command:
    """A program, what it is given, and where strace may write its log."""

    argv: tuple
    environment: dict
    body: bytes
    root: str  # the first call that names it ends the process's own start
    log: str


@dataclass(frozen=True)
class Point:
    """One call of a program, and what befalls it there."""

    call: str
    number: int  # from 1, among the calls of that name
    fault: str  # KILL, or the name of an error

    def __str__(self):
        return f"{self.fault} at {self.call} {self.number}"


@dataclass
class Outcome:
    """What became of a run."""

    output: bytes
    status: int  # exit status, or minus the signal that ended it
    struck: bool  # the point was reached
    call: str = ""  # "name(arguments" of the call that was made to fail

    @property
    def answer_cut(self):
        """The fault hit the giving of the answer itself."""
        return re.match(r"(write|writev|close)\(1\b", self.call) is not None

    @property
    def request_cut(self):
        """The fault hit the taking of the request."""
        return re.match(r"read(v)?\(0\b", self.call) is not None


def _strace(options, command):
    """Runs to the end of every process, background work included."""
    return subprocess.run(
        ["strace", "-f", "-q", "-o", command.log, *options, *command.argv],
        env={**ALWAYS, **command.environment},
        input=command.body,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=DEADLINE,
        check=False,
        close_fds=False,
    )


def _read_log(command):
    with open(command.log, errors="replace") as file:
        return file.read()


def trace(command):
    """Runs undisturbed: what came of it, and its points [(call, number)]."""
    run = _strace([], command)
    text = _read_log(command)
    outcome = Outcome(run.stdout, run.returncode, True)
    return outcome, _numbered(text, command.root)


def _numbered(log, root):
    """Each call once as (name, how many of that name by now), in order, from
    where the program first asks for its root or its request."""
    points = {}
    counts = {}
    started = False
    for line in log.splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        call, rest = match["call"], match["rest"]
        seen = counts.setdefault(match["process"], Counter())
        seen[call] += 1
        if call != "execve" and (root in rest or rest[:2] == "0,"):
            started = True
        if started:
            points[call, seen[call]] = None
    return list(points)


def kill_points(calls):
    """SIGKILL at each call."""
    return [Point(call, number, "KILL") for call, number in calls]


def error_points(calls, each=False):
    """Each call that can fail made to fail: with each error, or with one of
    them in turn."""
    points = []
    fallible = [place for place in calls if place[0] in FALLIBLE]
    for index, (call, number) in enumerate(fallible):
        errors = ERRORS if each else (ERRORS[index % len(ERRORS)],)
        points += [Point(call, number, error) for error in errors]
    return points


def strike(command, point):
    """Runs with the fault at the point and tells what came of it."""
    kind = "signal" if point.fault == "KILL" else "error"
    inject = f"{point.call}:{kind}={point.fault}:when={point.number}"
    options = ["-e", f"trace={point.call}", "-e", f"inject={inject}"]
    run = _strace(options, command)
    text = _read_log(command)
    outcome = Outcome(run.stdout, run.returncode, False)
    if point.fault == "KILL":
        outcome.struck = "killed by SIGKILL" in text
        return outcome
    for line in text.splitlines():
        match = LINE.match(line)
        if match and line.endswith("(INJECTED)"):
            outcome.struck = True
            outcome.call = match["call"] + "(" + match["rest"]
    return outcome


def why_not():
    """None where strace works here, else the reason why not."""
    try:
        run = subprocess.run(
            ["strace", "-f", "-qq", "-o", os.devnull, "true"],
            stderr=subprocess.PIPE,
            check=False,
        )
    except FileNotFoundError:
        return "strace is not installed"
    if run.returncode != 0:
        return run.stderr.decode(errors="replace").strip()
    return None
