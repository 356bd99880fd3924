# SPDX-License-Identifier: MIT
"""A real web server under the project's own configuration.

One server serves all tests of a script, which is quicker than one for each: a
symbolic link stands for the root, and is pointed at the root of each test.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile

from support.case import wait_until
from support.cgi import REPOSITORY, TIMEOUT

END_OF_SETTINGS = "# --- End of settings"


class WebServer:
    """A server of our own on a port that was free; close() ends it.

    A subclass tells its command and its configuration, which may name what
    lies in `folder`, and `root`: the link there.
    """

    patience = TIMEOUT  # seconds until it must answer

    def __init__(self, root):
        self.folder = self.make_folder()
        self.root = os.path.join(self.folder, "root")
        self.log = open(os.path.join(self.folder, "said"), "ab")
        self.lay_out()
        self.point(root)
        for _ in range(5):
            self.port = free_port()
            if self._start():
                return
        raise AssertionError(f"it does not start: {self.said()}")

    def make_folder(self):
        return tempfile.mkdtemp(prefix="stoflow-server-")

    def lay_out(self):
        """Puts into the folder what the configuration names."""

    def configuration(self):
        """The text of the configuration, with the port."""
        raise NotImplementedError

    def command(self, path):
        """What starts it under the configuration in this file."""
        raise NotImplementedError

    def _start(self):
        """False if it ended, as when another took the port meanwhile."""
        path = os.path.join(self.folder, "conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.configuration())
        search = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
        self.process = subprocess.Popen(
            self.command(path),
            env={**os.environ, "PATH": search},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        return self._has_come_up()

    def _has_come_up(self):
        """Waits until that is certain."""
        if not wait_until(self._is_decided, self.patience):
            self._end()
        return not self._has_ended()

    def _is_decided(self):
        return self._has_ended() or self._answers()

    def _has_ended(self):
        return self.process.poll() is not None

    def _answers(self):
        """Some listen before they have read all of their configuration, so
        that only an answer shows that they run."""
        try:
            with self.connect() as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return connection.recv(1) != b""
        except OSError:
            return False

    def connect(self):
        return connect(self.port)

    def said(self):
        """What it wrote while starting, and its log if it has one."""
        text = ""
        for name in ("said", "log"):
            path = os.path.join(self.folder, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += file.read()
        return text

    def point(self, root):
        """Serves this root from now on; the link is never missing."""
        fresh = self.root + ".part"
        os.symlink(root.path, fresh)
        os.rename(fresh, self.root)

    def _end(self):
        if not self._has_ended():
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(TIMEOUT)

    def close(self):
        self._end()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


SHARED = {}


def shared(kind, root):
    """The server of this kind that all tests of the script share, serving
    this root; it starts with the first test that wants it."""
    if kind in SHARED:
        SHARED[kind].point(root)
    else:
        SHARED[kind] = kind(root)
        atexit.register(SHARED[kind].close)
    return SHARED[kind]


def below_settings(name):
    """What a configuration of etc/ says below its settings."""
    path = os.path.join(REPOSITORY, "etc", name)
    with open(path, encoding="utf-8") as file:
        _, mark, rest = file.read().partition(END_OF_SETTINGS)
    if not mark:
        raise AssertionError(f"{path} has no {END_OF_SETTINGS!r}")
    return rest.partition("\n")[2]


def connect(port):
    return socket.create_connection(("127.0.0.1", port), TIMEOUT)


def free_port():
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
