# SPDX-License-Identifier: MIT
"""The backend of the plugin's guide: FastAPI, SQLAlchemy and SQLite."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile

from support.cgi import TIMEOUT

APPLICATION = os.path.join(os.path.dirname(__file__), "fastapi_app.py")


class Application:
    """The FastAPI application in so many processes; close() ends them. To
    Requests it is a root and a server at once."""

    path = None

    def __init__(self, workers):
        self.name = f"FastAPI, {workers} worker" + "s" * (workers > 1)
        self.backend = secrets.token_hex(24)
        self.folder = tempfile.mkdtemp(prefix="fastapi-")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        # One after the other: the first makes the tables.
        self.processes = [self._start() for _ in range(workers)]

    def _start(self):
        descriptor = self.listener.fileno()
        database = os.path.join(self.folder, "tasks.sqlite")
        process = subprocess.Popen(
            [sys.executable, APPLICATION, str(descriptor)],
            env={
                **os.environ,
                "BENCH_DATABASE": database,
                "BENCH_TOKENS": self.backend,
            },
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        if process.stdout.readline() != b"ready\n":
            raise AssertionError("the FastAPI application does not start")
        return process

    def plugin(self, _):
        return self.backend

    def close(self):
        for one in self.processes:
            one.send_signal(signal.SIGTERM)
        for one in self.processes:
            one.wait(TIMEOUT)
            one.stdout.close()
        self.listener.close()
