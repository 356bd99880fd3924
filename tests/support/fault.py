# SPDX-License-Identifier: MIT
"""Faults put into a running program by strace(1).

    calls = trace(command)
    for point in kill_points(calls) + error_points(calls, lambda _: ERRORS):
        outcome = strike(command, point)

strace counts each system call by its name and for each process by itself, so
a point is "the third openat", not "the 57th call". A SIGKILL that waits when
a call is entered keeps the call from being made: the points of all calls are
the moments between every two of them.
"""

import os
import re
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass

from support.cgi import SANITIZERS
from support.responder import STDIN, Responder, opening, records

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

CONNECTION = r"\d+<(?:socket|UNIX)"  # of a FastCGI responder
LINE = re.compile(r"(?P<process>\d+) +(?P<call>\w+)\((?P<rest>.*)")
DEADLINE = 60  # seconds; no run takes one, so what runs longer has hung

# LeakSanitizer is itself a tracer and cannot work below another one.
NO_LEAK_CHECK = ":detect_leaks=0"


@dataclass(frozen=True)
class Command:
    """A program, what it is given, and where strace may write its log."""

    argv: tuple
    environment: dict
    body: bytes
    root: str  # of the tree
    log: str
    responds: bool = False  # it gets the request by FastCGI


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
    calls: tuple = ()  # those made to fail, as strace shows them

    def _hit(self, pattern):
        return any(re.match(pattern, call) for call in self.calls)

    @property
    def answer_cut(self):
        """The fault hit the giving of the answer itself."""
        return self._hit(rf"(write|writev|close)\((1<|{CONNECTION})")

    @property
    def request_cut(self):
        """The fault hit the taking of the request."""
        return self._hit(rf"(read|readv)\((0<|{CONNECTION})")

    @property
    def flush_cut(self):
        """The fault hit what makes a file or a name safe from power loss:
        its flush, or the close of a file just written to tmp/. One that has
        gone from there was flushed before, by its name in the queue."""
        return self._hit(r"(fsync|fdatasync)\(") or self._hit(
            r"close\(\d+<.*/spool/tmp/"
            r"(?!.*(\.(hold|verdict[.\d]*)>|\(deleted\)))"
        )


class Hung(AssertionError):
    """A program that does not come to an end."""


def _give_up(*_):
    raise Hung(f"no end within {DEADLINE} seconds")


def launch(argv, environment, body=b""):
    """Runs a command to its end: (output, exit status or minus the signal).

    Does the same as subprocess.run, which for its timeout looks again and
    again whether the command has ended, and so is slower than the command.
    """
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(DEADLINE)
    with subprocess.Popen(
        argv,
        env={**SANITIZERS, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=False,
    ) as process:
        try:
            _feed(process.stdin, body)
            output = process.stdout.read()
        except Hung:
            process.kill()
            raise
    signal.alarm(0)
    return output, process.returncode


def _feed(pipe, body):
    """The bodies here fit into a pipe, so that this never waits."""
    try:
        pipe.write(body)
        pipe.close()
    except BrokenPipeError:
        pass  # killed before it took the request


def _strace(options, command):
    """Runs to the end of every process, background work included."""
    argv = ["strace", "-f", "-q", "-o", command.log, *options, *command.argv]
    options = SANITIZERS.get("ASAN_OPTIONS", "") + NO_LEAK_CHECK
    if command.responds:
        return respond(argv, {"ASAN_OPTIONS": options}, command)
    environment = {**command.environment, "ASAN_OPTIONS": options}
    return launch(argv, environment, command.body)


def respond(argv, environment, command):
    """The same of a FastCGI responder that ends after one request. Where that
    was lost it waits for another one, and has to be told."""
    responder = Responder(argv[:-1], STOFLOW_REQUESTS="1", **environment)
    output, status = b"", None
    try:
        connection = responder.connect()
        connection.send(opening(command.environment))
        connection.send(records(STDIN, command.body))
        output, _, status = connection.come()
    except ConnectionRefusedError:
        pass  # killed before it took the request
    try:
        if status is None:
            responder.end_workers()
        return output, responder.wait()[0]
    finally:
        responder.close()


def _read_log(command):
    with open(command.log, errors="replace") as file:
        return file.read()


def trace(command):
    """Runs undisturbed: what came of it, and its points [(call, number)]."""
    output, status = _strace([], command)
    text = _read_log(command)
    return Outcome(output, status, True), _numbered(text, command.root)


def _numbered(log, root):
    """Each call once as (name, how many of that name by now), in order. What
    a sanitizer does before main is its own affair, and it cannot bear errors:
    there the count is from where the program asks for its root."""
    points = {}
    before = {("execve", 1)}  # strace's own start of the program
    counts = {}
    started = "/proc/self/maps" not in log
    for match in filter(None, map(LINE.match, log.splitlines())):
        call = match["call"]
        seen = counts.setdefault(match["process"], Counter())
        seen[call] += 1
        started = started or (root in match["rest"] and call != "execve")
        if started:
            points[call, seen[call]] = None
        else:
            before.add((call, seen[call]))
    return [place for place in points if place not in before]


def kill_points(calls):
    """SIGKILL at each call."""
    return [Point(call, number, "KILL") for call, number in calls]


def error_points(calls, errors_of):
    """Each call that can fail made to fail, with each of errors_of(call)."""
    return [
        Point(call, number, error)
        for call, number in calls
        if call in FALLIBLE
        for error in errors_of((call, number))
    ]


def strike(command, point):
    """Runs with the fault at the point and tells what came of it."""
    kind = "signal" if point.fault == "KILL" else "error"
    inject = f"{point.call}:{kind}={point.fault}:when={point.number}"
    options = ["-y", "-e", f"trace={point.call}", "-e", f"inject={inject}"]
    output, status = _strace(options, command)
    text = _read_log(command)
    outcome = Outcome(output, status, False)
    if point.fault == "KILL":
        outcome.struck = "killed by SIGKILL" in text
        return outcome
    outcome.calls = tuple(
        match["call"] + "(" + match["rest"]
        for match in map(LINE.match, text.splitlines())
        if match and match["rest"].endswith("(INJECTED)")
    )
    outcome.struck = bool(outcome.calls)
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
