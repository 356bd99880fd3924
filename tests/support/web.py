# SPDX-License-Identifier: MIT
"""The real lighttpd with the project's own configuration, and a client.

One server serves all tests of a script: a symbolic link stands for the root,
and is pointed at the root of each test.
"""

import atexit
import http.client
import os
import signal
import socket
import subprocess
import tempfile

from support.answer import Answer, check
from support.case import wait_until
from support.cgi import BIN, REPOSITORY, TIMEOUT, encode
from support.description import hold
from support.workers import is_quiet

END_OF_SETTINGS = "# --- End of settings"
CONFIGURATION = os.path.join(REPOSITORY, "etc", "lighttpd.conf")


class Server:
    """A lighttpd of our own on a port that was free; close() ends it."""

    def __init__(self, root):
        self.log = tempfile.TemporaryFile()
        for _ in range(5):
            self.port = free_port()
            if self._start(write_configuration(root, self.port)):
                return
        raise AssertionError(f"lighttpd does not start: {self.said()}")

    def _start(self, configuration):
        """False if it ended, as when another took the port meanwhile."""
        path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
        self.process = subprocess.Popen(
            ["lighttpd", "-D", "-f", configuration],
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        if not wait_until(lambda: self._ended() or self._answers()):
            self.close()
        if "WARNING" in self.said():
            raise AssertionError(f"lighttpd warns: {self.said()}")
        return not self._ended()

    def _ended(self):
        return self.process.poll() is not None

    def _answers(self):
        try:
            self.connect().close()
            return True
        except OSError:
            return False

    def connect(self):
        return connect(self.port)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def close(self):
        if not self._ended():
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(TIMEOUT)


class Link:
    """Stands for the root of one test after the other."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="stoflow-link-")
        self.path = os.path.join(self.folder.name, "root")

    def point(self, root):
        """Stands for this root from now on; the link is never missing."""
        lay_out(root)
        fresh = self.path + ".part"
        os.symlink(root.path, fresh)
        os.rename(fresh, self.path)


class SharedServer:
    """The server of a script; it starts with the first test that wants it."""

    def __init__(self):
        self.link = self.server = None

    def serving(self, root):
        if self.link is None:
            self.link = Link()
        self.link.point(root)
        if self.server is None:
            self.server = Server(self.link)
            atexit.register(self.server.close)
        return self.server


SHARED = SharedServer()


def lay_out(root):
    """What the configuration names."""
    for folder in ("www", "tmp"):
        os.makedirs(os.path.join(root.path, folder), exist_ok=True)


def write_configuration(root, port):
    """The project's configuration with settings of our own, as a file."""
    with open(CONFIGURATION, encoding="utf-8") as file:
        _, mark, rest = file.read().partition(END_OF_SETTINGS)
    if not mark:
        raise AssertionError(f"{CONFIGURATION} has no {END_OF_SETTINGS!r}")
    lay_out(root)
    ours = {
        "var.programs": BIN,
        "var.pages": os.path.join(root.path, "www"),
        "var.root": root.path,
        "var.uploads": os.path.join(root.path, "tmp"),
        "server.bind": "127.0.0.1",
        # Another root may stand behind a path that was looked at just now.
        "server.stat-cache-engine": "disable",
    }
    path = os.path.join(root.path, "etc", "lighttpd.conf")
    rest = rest.partition("\n")[2]
    with open(path, "w", encoding="utf-8") as file:
        for name, value in ours.items():
            file.write(f'{name} = "{value}"\n')
        file.write(f"server.port = {port}\n{rest}")
    return path


class Rewritten:
    """Requests to a server that rewrites /api to the programs."""

    name = "lighttpd"
    prefix = ""
    counts = True  # whether the server hands on how long an answer is
    passes_slash = True  # whether a path with %2F reaches a program

    def __init__(self, root):
        self.root = root
        self.server = SHARED.serving(root)

    def request(
        self, method, target, body=None, token=None, headers=None, checked=True
    ):
        """The checked answer; the server's own errors need checked=False."""
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        body = encode(body)
        if body or method == "POST":
            headers.setdefault("Content-Type", "application/json")
            headers.setdefault("Content-Length", str(len(body)))
        client = http.client.HTTPConnection(
            "127.0.0.1", self.server.port, timeout=TIMEOUT
        )
        try:
            client.request(method, self.prefix + target, body, headers)
            answer = receive(client.getresponse(), checked, self.counts)
        finally:
            client.close()
        if checked:
            hold(method, target, answer, body)
        return answer

    def get(self, target, **options):
        return self.request("GET", target, **options)

    def post(self, target, body=None, **options):
        return self.request("POST", target, body, **options)

    def raw(self, request, half_close=True):
        """All that the server sends for these bytes, then the end."""
        with self.server.connect() as connection:
            connection.sendall(request)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            chunks = iter(lambda: connection.recv(65536), b"")
            return b"".join(chunks)

    def close(self):
        """The next test uses the server, too; but what it does behind an
        answer to this one has ended, before its root is removed."""
        wait_until(lambda: is_quiet(self.root))


class OwnServer(Rewritten):
    """The same with a server that ends with the test."""

    server_of = Server

    def __init__(self, root):
        self.server = self.server_of(root)

    def close(self):
        self.server.close()
        self.server.log.close()


class Dispatched(Rewritten):
    """Requests for hosts that rewrite nothing: /cgi-bin/api/…"""

    name = "lighttpd, /cgi-bin/api"
    prefix = "/cgi-bin"


def receive(response, checked=True, counts=True):
    body = response.read()
    headers = {}
    for name, value in response.getheaders():
        if name.lower() in headers:
            raise AssertionError(f"{name} twice: {response.getheaders()}")
        headers[name.lower()] = value
    if not counts and headers.get("transfer-encoding") == "chunked":
        headers["content-length"] = str(len(body))
    answer = Answer(response.status, headers, body, checked)
    if checked:
        check(answer)
    return answer


def connect(port):
    return socket.create_connection(("127.0.0.1", port), TIMEOUT)


def free_port():
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
