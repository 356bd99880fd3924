# SPDX-License-Identifier: MIT
"""A root that is filled, and requests to it, each of which is a process that
is timed from its beginning to its end."""

import os
import subprocess
import time

from spool import Bench
from support.cgi import BIN, Direct, encode, program_of

SELLER, OTHER = 42, 43


class Bed:
    """Nothing happens in it but what is asked. `folder` holds the programs."""

    def __init__(self, folder=BIN, background="no"):
        self.folder = folder
        self.root = Bench(background=background, sweep_every=86400)
        self.direct = Direct(self.root, folder)
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # What vanishes meanwhile is no error of rm's.
        subprocess.run(["rm", "-rf", self.root.path], check=True)

    def next(self):
        """A number that no other has."""
        self.number += 1
        return self.number

    def token(self, user=SELLER):
        return self.root.plugin(user)

    def program(self, name):
        return os.path.join(self.folder, name)

    def environment(self, method, target, body=b"", token=None):
        token = token or self.token()
        return self.direct.environment(method, target, body, token)

    def cost(self, method, target, body=None, token=None):
        """What one request costs, as run() tells it."""
        body = encode(body)
        env = self.environment(method, target, body, token)
        name = program_of(target.partition("?")[0])
        return run([self.program(name)], env, body)

    def get(self, target, token=None):
        return self.cost("GET", target, token=token)

    def post(self, target, body, token=None):
        return self.cost("POST", target, body, token)

    def sweep(self):
        env = {"STOFLOW_ROOT": self.root.path}
        return run([self.program("sweeper")], env)


def run(command, env=None, body=b"", fine=(0,)):
    """Seconds of processor time, and seconds until it has ended and all that
    it wrote was read. `fine` are the exit statuses that it may end with."""
    begin = time.monotonic()
    child = subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    child.stdin.write(body)
    child.stdin.close()
    first = child.stdout.read(300)
    for _ in iter(lambda: child.stdout.read1(1 << 20), b""):
        continue
    _, status, used = os.wait4(child.pid, 0)
    took = time.monotonic() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode not in fine or first.startswith(b"Status: 5"):
        raise AssertionError(f"{command}: {status} {first!r}")
    return used.ru_utime + used.ru_stime, took
