# SPDX-License-Identifier: MIT
"""The extension's background under node, in a browser that is made here: see
plugin/background.mjs."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time

from support.cgi import REPOSITORY, TIMEOUT

PROGRAM = os.path.join(REPOSITORY, "tests", "plugin", "background.mjs")
LIMIT = 10 * TIMEOUT  # seconds that it may work; a hang must end as a failure
NODE = 20  # the first whose modules have all that the extension takes


def why_no_node():
    """Why it cannot run here; None if it can."""
    if not shutil.which("node"):
        return "there is no node"
    said = subprocess.run(
        ["node", "--print", "process.versions.node"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    ).stdout.strip()
    if int(said.partition(".")[0]) >= NODE:
        return None
    return f"it needs node {NODE}, and here is {said}"


class Killed(Exception):
    """The browser dies of this, at whatever step of the background."""


class Background:
    """`local` outlives the browser's end, `session` does not.

    `outside` is told each step by notice(step), and gives the answer of those
    that go to Vinted's tab, message(message), or to the backend, fetch(step):
    {"value": …}, {"error": …} or {"never": True}. silence() is asked for each
    call of storage: None, or that it is not answered, "late" where it is done.
    """

    def __init__(self, outside):
        self.outside = outside
        self.areas = {"local": {}, "session": {}}
        self.now = int(time.time() * 1000)
        self.process = None
        self.errors = tempfile.TemporaryFile()

    def run(self, seconds=60):
        """So much later it wakes, and works until it waits for nothing more;
        the browser is started if it does not run. False: it was killed."""
        self.now += 1000 * seconds
        if self.process:
            self._say({"wake": self.now})
        else:
            self._start()
        limit = threading.Timer(LIMIT, self.process.kill)
        limit.start()
        try:
            return self._serve()
        except Killed:
            self.kill()
            return False
        finally:
            limit.cancel()

    def _start(self):
        self.areas["session"].clear()
        self.process = subprocess.Popen(
            ["node", PROGRAM, str(self.now)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def _serve(self):
        while True:
            step = self._hear()
            self.now = step["now"]
            if step["step"] == "rest":
                return True
            self.outside.notice(step)
            self._say({"id": step["id"], **self._answer(step)})

    def _answer(self, step):
        if step["step"] == "message":
            return self.outside.message(step["message"])
        if step["step"] == "fetch":
            return self.outside.fetch(step)
        area = self.areas[step["area"]]
        silence = self.outside.silence()
        if step["step"] == "set" and silence in (None, "late"):
            area.update(step["values"])
        if silence:
            return {"never": True}
        if step["step"] == "set":
            return {}
        key = step["key"]
        return {"value": {key: area[key]} if key in area else {}}

    def _say(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def _hear(self):
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise AssertionError(self.errors.read().decode())
        return json.loads(line)

    def kill(self):
        """As a crash of the machine would end it."""
        if not self.process:
            return
        self.process.kill()
        self.process.wait(TIMEOUT)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

    def close(self):
        self.kill()
        self.errors.close()
