# SPDX-License-Identifier: MIT
"""The real lighttpd with the project's own configuration, and a client of any
web server."""

import http.client
import os
import socket

from support.answer import Answer, check
from support.case import wait_until
from support.cgi import BIN, TIMEOUT, Client, encode
from support.description import hold
from support.server import WebServer, below_settings, shared
from support.workers import is_quiet


class Server(WebServer):
    """A lighttpd; pages and uploads lie in the root."""

    def point(self, root):
        for folder in ("www", "tmp"):
            os.makedirs(os.path.join(root.path, folder), exist_ok=True)
        super().point(root)

    def command(self, path):
        return ["lighttpd", "-D", "-f", path]

    def configuration(self):
        ours = {
            "var.programs": BIN,
            "var.pages": os.path.join(self.root, "www"),
            "var.root": self.root,
            "var.uploads": os.path.join(self.root, "tmp"),
            "server.bind": "127.0.0.1",
            # Another root may stand behind a path that was looked at just now.
            "server.stat-cache-engine": "disable",
        }
        lines = [f'{name} = "{value}"\n' for name, value in ours.items()]
        lines.append(f"server.port = {self.port}\n")
        return "".join(lines) + below_settings("lighttpd.conf")

    def _start(self):
        started = super()._start()
        if "WARNING" in self.said():
            raise AssertionError(f"lighttpd warns: {self.said()}")
        return started


class Rewritten(Client):
    """Requests to a server that rewrites /api to the programs."""

    kind = Server
    prefix = ""
    counts = True  # whether the server hands on how long an answer is
    passes_slash = True  # whether a path with %2F reaches a program
    says_cut = (None, 400)  # what becomes of a body that ends too early
    says_far = (413,)  # and of one beyond the limit of the server

    def __init__(self, root):
        self.root = root
        self.server = shared(self.kind, root)

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

    def __init__(self, root):
        self.server = self.kind(root)

    def close(self):
        self.server.close()


class Dispatched(Rewritten):
    """Requests for hosts that rewrite nothing: /cgi-bin/api/…"""

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
