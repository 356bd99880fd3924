# SPDX-License-Identifier: MIT
"""The way from the browser to the backend, as bad as a test wants it."""

import http.client
import json
import re
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from vinted.server import Background

TIMEOUT = 60


@dataclass
class Passed:
    """A request that came by."""

    at: float  # time.monotonic()
    method: str
    path: str
    headers: dict
    body: bytes
    status: int  # 0: it got no answer

    def __str__(self):
        return f"{self.at:.3f} {self.method} {self.path} {self.status}"


class Relay:
    """Hands on to 127.0.0.1:PORT; runs until close()."""

    def __init__(self, port):
        self.target = port
        self.is_down = False  # every connection is hung up on
        self.passed = []
        self.mishaps = []
        self.changes = []
        self.http = Background(Handler)
        self.http.relay = self
        self.port = self.http.server_port
        self.http.start()

    def lose(self, method, path):
        """The next such request arrives, and its answer does not."""
        self.mishaps.append((method, path, 0, {}, b""))

    def answer(self, method, path, status, headers=None, body=b"{}"):
        """The next such request is answered here, with JSON unless said
        otherwise."""
        headers = {"Content-Type": "application/json", **(headers or {})}
        self.mishaps.append((method, path, status, headers, body))

    def refuse(self, method, path, status, code, headers=None):
        """The next such request is refused as our own program does it."""
        problem = {"status": status, "code": code, "detail": code}
        kind = {"Content-Type": "application/problem+json"}
        headers = {**kind, **(headers or {})}
        body = json.dumps(problem).encode()
        self.answer(method, path, status, headers, body)

    def change(self, path, change):
        """From now on `change` is given what such a GET is answered in JSON,
        and may alter it."""
        self.changes.append((path, change))

    def changed(self, path, body):
        for pattern, change in self.changes:
            if re.search(pattern, path):
                answer = json.loads(body)
                change(answer)
                body = json.dumps(answer).encode()
        return body

    def take_mishap(self, method, path):
        for mishap in self.mishaps:
            if mishap[0] == method and re.search(mishap[1], path):
                self.mishaps.remove(mishap)
                return mishap
        return None

    def seen(self, method, path):
        """The requests of this method whose path and query hold this."""
        return [
            each
            for each in list(self.passed)
            if each.method == method and re.search(path, each.path)
        ]

    def close(self):
        self.http.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """What came by is kept in relay.passed."""

    def handle_any(self):
        relay = self.server.relay
        if relay.is_down:
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        now, headers = time.monotonic(), dict(self.headers)
        passed = Passed(now, self.command, self.path, headers, body, 0)
        relay.passed.append(passed)
        mishap = relay.take_mishap(self.command, self.path)
        if mishap and mishap[2]:
            passed.status = mishap[2]
            return self.say(*mishap[2:])
        status, headers, body = self.hand_on(body)
        if mishap or relay.is_down:
            self.close_connection = True
            return
        passed.status = status
        if self.command == "GET" and status == 200:
            body = relay.changed(self.path, body)
        self.say(status, headers, body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = handle_any

    def hand_on(self, body):
        client = http.client.HTTPConnection(
            "127.0.0.1", self.server.relay.target, timeout=TIMEOUT
        )
        try:
            headers = dict(self.headers)
            headers.pop("Connection", None)
            client.request(self.command, self.path, body, headers)
            response = client.getresponse()
            return response.status, response.headers, response.read()
        finally:
            client.close()

    def say(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
