# SPDX-License-Identifier: MIT
"""Samples of a row and of what stands beside it, taken in turns; and the
steps that the load driver carries out."""

import os
import subprocess
import tempfile

from spool import SCALE
from support.cgi import encode

TIMEOUT = 300  # a hang ends as a failure


def rounds(count):
    """As many rounds as wanted, at least two."""
    return range(max(2, round(count * SCALE)))


def compare(row, takers, clients=1):
    """Samples by name. A taker takes some, for so many clients; whatever makes
    the machine slow meanwhile meets all of them alike, and none always comes
    behind the same."""
    names = [row.name(), *row.beside()]
    samples = {name: [] for name in names}
    for _ in rounds(row.rounds):
        for name in names:
            samples[name] += takers[name](clients)
        names.reverse()
    return samples


def measure(report, rows, takers):
    """Rows whose takers need nothing in between, with few clients and many."""
    for row in rows:
        for clients in row.clients:
            many = f", {clients} client" + "s" * (clients > 1)
            addition = many if len(row.clients) > 1 else ""
            report.row(row, compare(row, takers, clients), addition)


class Load:
    """Runs the compiled load driver; `folder` is where all is made."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "programs", "load")
        self.waiting = os.path.join(folder, "programs", "handover")
        self.folder = tempfile.mkdtemp(prefix="steps-", dir=folder)
        self.count = 0

    def step(self, text):
        """A step's file; see load.h."""
        self.count += 1
        path = os.path.join(self.folder, str(self.count))
        with open(path, "wb") as file:
            file.write(encode(text))
        return path

    def write(self, folder, text):
        return self.step(f"write {folder}\n".encode() + encode(text))

    def drop(self, folder, text):
        return self.step(f"drop {folder}\n".encode() + encode(text))

    def exec(self, path, environment=None, body=b""):
        """A program by itself."""
        lines = [b"exec " + encode(path)]
        for name, value in (environment or {}).items():
            lines.append(encode(name) + b"=" + encode(value))
        if body:
            lines.append(b"<" + encode(self.step(body)))
        return self.step(b"\n".join(lines) + b"\n")

    def run(self, steps, count=1, clients=1):
        """A list of seconds for each step."""
        return self.run_and_look(steps, count, clients)[0]

    def run_and_look(self, steps, count=1, clients=1):
        """(the same, the most bytes of memory that a program held)."""
        told = tell(self.path, count, clients, *steps)
        samples = [[] for _ in steps]
        peak = 0
        for line in told.split(b"\n"):
            words = line.split()
            if len(words) == 3:
                samples[int(words[1])].append(int(words[2]) / 1e9)
            elif words:
                peak = max(peak, int(words[1]) * 1024)
        expected = count * clients
        if any(len(one) != expected for one in samples):
            raise AssertionError(f"{len(samples[0])} samples, not {expected}")
        return samples, peak

    def hand_over(self, count, pause, *steps):
        """Seconds from an act to the answer of the poll that waits for it;
        see handover.c."""
        told = tell(self.waiting, count, pause, *steps)
        return [int(line) / 1e9 for line in told.split()]

    def taker(self, *steps, count=20, before=()):
        """Takes what all these steps cost together, for each client the less
        often the more there are. Those of `before` do not count."""

        def take(clients):
            each = max(2, count // clients)
            if before:
                self.run(before, each, clients)
            return list(map(sum, zip(*self.run(steps, each, clients))))

        return take


def tell(*command):
    """What a driver prints."""
    return subprocess.run(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        timeout=TIMEOUT,
        check=True,
    ).stdout


class Requests:
    """A root's requests as steps through a server."""

    def __init__(self, load, root, server):
        self.load = load
        self.root = root
        self.server = server

    def step(self, method, target, body=None, token=None):
        body = encode(body)
        head = [f"{method} {target} HTTP/1.1", "Host: localhost"]
        if token is not None:
            head.append(f"Authorization: Bearer {token}")
        if method == "POST":
            head.append("Content-Type: application/json")
            head.append(f"Content-Length: {len(body)}")
        text = "\r\n".join(head) + "\r\n\r\n"
        port = f"http {self.server.port}\n"
        return self.load.step(port.encode() + text.encode() + body)

    def poll(self, user):
        target = f"/api/plugin/tasks?user_id={user}"
        return self.step("GET", target, token=self.root.plugin(user))

    def result(self, user, body):
        """A result for the task that came last."""
        target = "/api/plugin/tasks/@ID@/result"
        return self.step("POST", target, body, self.root.plugin(user))

    def create(self, body):
        token = self.root.backend
        return self.step("POST", "/api/tasks/create", body, token)
