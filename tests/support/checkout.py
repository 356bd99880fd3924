# SPDX-License-Identifier: MIT
"""Fresh copies of this checkout, and `make run` in them. No test runs in the
checkout itself: whoever works there may have a queue in it."""

import os
import shutil
import signal
import subprocess
import tempfile
from types import SimpleNamespace

from support.case import wait_until
from support.cgi import REPOSITORY, TIMEOUT, program
from support.server import WebServer
from support.workers import is_quiet

ANYWHERE = {"node_modules", "__pycache__", "stoflow.xpi"}
# What a fresh clone does not have in its folders.
MADE = {
    "": {"build", "run", ".git"},
    "etc": {"tokens", "run.tokens", "run.conf"},
}
# What it has, where it has nothing else.
KEPT = {"cgi-bin": ".c", "spool": "README.md"}


def made(folder, names):
    """Those of the names that a fresh clone does not have."""
    inside = os.path.relpath(folder, REPOSITORY)
    if inside in KEPT:
        return {name for name in names if not name.endswith(KEPT[inside])}
    return ANYWHERE | MADE.get("" if inside == "." else inside, set())


class Checkout:
    """A copy as fresh as a clone, in which perhaps the programs are made."""

    def __init__(self, built=True):
        self.folder = tempfile.TemporaryDirectory(prefix="stoflow-checkout-")
        self.path = os.path.join(self.folder.name, "stoflow")
        self.spool = self.place("spool")
        shutil.copytree(REPOSITORY, self.path, ignore=made)
        if built:
            for name in os.listdir(self.place("cgi-bin")):
                built_one = program(name.removesuffix(".c"))
                shutil.copy(built_one, self.place("cgi-bin"))

    def place(self, *parts):
        return os.path.join(self.path, *parts)

    def call(self, *command):
        """The ended process of a command in it, whatever its exit status."""
        return subprocess.run(
            command,
            cwd=self.path,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def wait(self):
        """Until nobody is at work on its queue."""
        wait_until(lambda: is_quiet(self))

    def remove(self):
        self.wait()
        self.folder.cleanup()


def environment():
    """A program finds the checkout that it stands in."""
    return {k: v for k, v in os.environ.items() if k != "STOFLOW_ROOT"}


class MakeRun(WebServer):
    """What `command` serves in a checkout: `make run` or what that ends in.
    Its queue is in the folder `root`."""

    def __init__(self, checkout, *command, root=None):
        self.checkout = checkout
        self.words = command or ("etc/run", "{}")
        super().__init__(SimpleNamespace(path=root or checkout.path))

    def _start(self):
        self.process = subprocess.Popen(
            [word.format(self.port) for word in self.words],
            cwd=self.checkout.path,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        return self._has_come_up()

    def _end(self):
        """As Ctrl-C in its terminal does."""
        if not self._has_ended():
            os.killpg(self.process.pid, signal.SIGINT)
            self.process.wait(TIMEOUT)

    def token(self, name):
        """The token that it has made and told."""
        path = os.path.join(self.root, "etc", "run.tokens")
        with open(path, encoding="utf-8") as file:
            lines = dict(line.rstrip("\n").split(" = ") for line in file)
        if lines[name] not in self.said():
            raise AssertionError(f"the token {name} is not told")
        return lines[name]
