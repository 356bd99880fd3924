# SPDX-License-Identifier: MIT
"""Steps for the load driver, and blocks of them run in turns."""

import os
import subprocess
import tempfile

from support.cgi import Direct, encode, program, program_of

ROUNDS = float(os.environ.get("ROUNDS", "100")) / 100
TIMEOUT = 300  # a hang ends as a failure


def rounds(count):
    """As many rounds as wanted, at least two."""
    return range(max(2, round(count * ROUNDS)))


class Load:
    """Runs the compiled load driver."""

    def __init__(self, path):
        self.path = path
        self.waiting = os.path.join(os.path.dirname(path), "handover")
        self.folder = tempfile.mkdtemp(prefix="steps-")
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

    def shell(self, name, root):
        """A program called as an operator calls it."""
        return self.step(f"exec {program(name)}\nSTOFLOW_ROOT={root.path}\n")

    def run(self, steps, count=1, clients=1):
        """(samples, KiB): a list of seconds for each step, and the most
        memory that a program held."""
        told = tell(self.path, count, clients, *steps)
        samples = [[] for _ in steps]
        peak = 0
        for line in told.split(b"\n"):
            words = line.split()
            if len(words) == 3:
                samples[int(words[1])].append(int(words[2]) / 1e9)
            elif words:
                peak = max(peak, int(words[1]))
        expected = count * clients
        if any(len(one) != expected for one in samples):
            raise AssertionError(f"{len(samples[0])} samples, not {expected}")
        return samples, peak

    def hand_over(self, count, pause, *steps):
        """Seconds from an act to the answer of the poll that waits for it;
        see handover.c."""
        told = tell(self.waiting, count, pause, *steps)
        return [int(line) / 1e9 for line in told.split()]


def tell(*command):
    """What a driver prints."""
    return subprocess.run(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        timeout=TIMEOUT,
        check=True,
    ).stdout


class Series:
    """Samples by name, added to block by block."""

    def __init__(self, load):
        self.load = load
        self.samples = {}

    def add(self, names, steps, count=1, clients=1):
        """Runs a block; a name of None is not kept. Returns the peak KiB."""
        samples, peak = self.load.run(steps, count, clients)
        for name, more in zip(names, samples):
            if name is not None:
                self.samples.setdefault(name, []).extend(more)
        return peak

    def __getitem__(self, name):
        return self.samples[name]


class Requests:
    """A root's requests as steps: through the server, or by fork and exec."""

    def __init__(self, load, root, server=None):
        self.load = load
        self.root = root
        self.server = server
        self.direct = Direct(root)

    def step(self, method, target, body=None, token=None):
        body = encode(body)
        if self.server is None:
            return self._exec(method, target, body, token)
        head = [f"{method} {target} HTTP/1.1", "Host: localhost"]
        if token is not None:
            head.append(f"Authorization: Bearer {token}")
        if method == "POST":
            head.append("Content-Type: application/json")
            head.append(f"Content-Length: {len(body)}")
        text = "\r\n".join(head) + "\r\n\r\n"
        port = f"http {self.server.port}\n"
        return self.load.step(port.encode() + text.encode() + body)

    def _exec(self, method, target, body, token):
        env = self.direct.environment(method, target, body, token)
        lines = [b"exec " + program(_name(target)).encode()]
        for name, value in env.items():
            lines.append(name.encode() + b"=" + encode(value))
        if body:
            lines.append(b"<" + self.load.step(body).encode())
        return self.load.step(b"\n".join(lines) + b"\n")

    def hello(self):
        return self.step("GET", "/cgi-bin/hello?user_id=42")

    def least(self):
        """A file made durable by a CGI that does nothing else; see least.c."""
        self.root.make("bare")
        return self.step("GET", "/cgi-bin/least")

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


def _name(target):
    if target.startswith("/cgi-bin/"):
        return target[len("/cgi-bin/") :].partition("?")[0]
    return program_of(target.partition("?")[0])
