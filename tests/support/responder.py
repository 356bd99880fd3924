# SPDX-License-Identifier: MIT
"""The program api as a FastCGI responder of a test's own, without a server, and
the server's side of the protocol (FastCGI 1.0, sections 3 to 5)."""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

from support.case import wait_until
from support.cgi import SANITIZERS, TIMEOUT, Direct, program

BEGIN, END, PARAMS, STDIN, STDOUT, STDERR = 1, 3, 4, 5, 6, 7
KEEP = 1  # a flag of BEGIN: the server would use the connection again
REQUEST = 1  # the number that every request here bears
PART = 65528  # bytes of a record at the most, and a multiple of 8

DYING = ("setpriv", "--pdeathsig", "KILL")  # with the test


class Lost(AssertionError):
    """A connection that ended before the request did."""


def record(kind, content=b""):
    head = struct.pack(">BBHHBx", 1, kind, REQUEST, len(content), 0)
    return head + content


def records(kind, content):
    """A stream, and its end."""
    parts = range(0, len(content), PART)
    whole = b"".join(record(kind, content[at : at + PART]) for at in parts)
    return whole + record(kind)


def pair(name, value):
    name, value = os.fsencode(name), os.fsencode(value)
    lengths = b"".join(
        bytes([size]) if size < 128 else struct.pack(">I", size | 1 << 31)
        for size in (len(name), len(value))
    )
    return lengths + name + value


def opening(environment, flags=0):
    """What begins a request: all but its body."""
    params = b"".join(pair(*item) for item in environment.items())
    body = struct.pack(">HB5x", 1, flags)  # as a responder
    return record(BEGIN, body) + records(PARAMS, params)


class Connection:
    """To a responder, for one request."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(path)

    def send(self, data):
        try:
            self.socket.sendall(data)
        except BrokenPipeError:
            pass  # which answer() will tell

    def answer(self):
        """(what came on standard output, on standard error, the status)."""
        out, err, status = self.come()
        if status is None:
            raise Lost(f"after {out} and {err}")
        return out, err, status

    def come(self):
        """The same; the status is None where the end has not come."""
        data = b"".join(iter(lambda: self._receive(), b""))
        self.close()
        streams = {STDOUT: b"", STDERR: b""}
        status = None
        while len(data) >= 8:
            _, kind, _, length, padding = struct.unpack(">BBHHBx", data[:8])
            content = data[8 : 8 + length]
            data = data[8 + length + padding :]
            if kind == END:
                status = struct.unpack(">I", content[:4])[0]
            else:
                streams[kind] += content
        return streams[STDOUT], streams[STDERR], status

    def _receive(self):
        try:
            return self.socket.recv(1 << 16)
        except ConnectionResetError:
            return b""

    def close(self):
        self.socket.close()


class Responder:
    """`variables` are those of the process; `wrapper` is a command to run it
    under."""

    def __init__(self, wrapper=(), **variables):
        self.folder = tempfile.mkdtemp(prefix="stoflow-responder-")
        self.path = os.path.join(self.folder, "socket")
        self.log = open(os.path.join(self.folder, "said"), "w+b")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(self.path)
            listening.listen(1000)
            self.process = subprocess.Popen(
                [*DYING, *wrapper, program("api")],
                env={**SANITIZERS, **variables},
                stdin=listening,
                stderr=self.log,
                cwd="/",
            )

    @property
    def pid(self):
        return self.process.pid

    def workers(self):
        """The processes that it keeps."""
        return children(self.pid)

    def connect(self):
        return Connection(self.path)

    def ask(self, environment, body=b"", flags=0):
        """The answer to one request, as Connection.answer has it."""
        connection = self.connect()
        connection.send(opening(environment, flags) + records(STDIN, body))
        return connection.answer()

    def end(self, number=signal.SIGTERM):
        """Tells it to end: (exit status, what it wrote to standard error)."""
        self.process.send_signal(number)
        return self.wait()

    def end_workers(self):
        """Tells those that it runs to end, where it is a wrapper."""
        for pid in self.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def wait(self):
        """The same of one that ends by itself."""
        status = self.process.wait(TIMEOUT)
        self.log.seek(0)
        return status, self.log.read().decode()

    def close(self):
        if self.process.returncode is None:
            self.end_workers()
            self.end()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []  # it has ended


def is_gone(pid):
    """Whether no such process is there, but for one nobody has waited for."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_for_end(pids):
    return wait_until(lambda: all(map(is_gone, pids)))


class ByResponder(Direct):
    """Requests to a responder."""

    responder = None

    def run(self, name, env, body, wrapper):
        if wrapper:  # which measures the one program that it is given
            return super().run(name, env, body, wrapper)
        out, err, status = self.responder.ask(env, body)
        return subprocess.CompletedProcess([name], status, out, err)


class BySharedResponder(ByResponder):
    """One for all tests of a script: whatever was asked before."""

    shared = []

    def __init__(self, root):
        super().__init__(root)
        if not self.shared:
            self.shared.append(Responder())
            atexit.register(self.shared[0].close)
        self.responder = self.shared[0]
