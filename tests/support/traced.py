# SPDX-License-Identifier: MIT
"""A program under strace that stops at one of its system calls."""

import os
import re
import signal
import subprocess
import tempfile

from support.case import wait_until
from support.cgi import SANITIZERS, TIMEOUT, parse, program

# Between two of these calls others may change what the later one sees; at
# all the rest nothing can happen that could not happen at one of these.
NOTED = re.compile(
    r"open|read|write|stat|access|getdents|link|rename|unlink|mkdir|rmdir"
    r"|chmod|utimens|sync"
)


class Traced:
    """Runs a program; `call` is where it stops until the `with` ends:
    ("openat", 3) at its third openat. Without one it runs to its end."""

    def __init__(self, name, env, call=None, body=b""):
        self.trace = tempfile.NamedTemporaryFile()
        self.body = tempfile.TemporaryFile()
        self.body.write(body)
        self.body.seek(0)
        self.stopped = False
        stop = (
            [] if call is None else ["--inject=%s:signal=STOP:when=%d" % call]
        )
        sanitizer = SANITIZERS.get("ASAN_OPTIONS", "exitcode=86")
        self.process = subprocess.Popen(
            ["strace", "-o", self.trace.name, *stop, program(name)],
            env={
                **env,
                "PATH": os.environ["PATH"],
                # The leak detector traces, too, and there can be but one.
                "ASAN_OPTIONS": sanitizer + ":detect_leaks=0",
            },
            stdin=self.body,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
        )

    def __enter__(self):
        if not wait_until(self._settled):
            self._kill()
            raise AssertionError("it neither stops nor ends")
        return self

    def _settled(self):
        """Whether it has ended, or the trace says that it is stopped."""
        if self.process.poll() is not None:
            return True
        self.stopped = "--- stopped by SIGSTOP ---" in self._text()
        return self.stopped

    def __exit__(self, *_):
        for child in _children(self.process.pid) if self.stopped else ():
            os.kill(child, signal.SIGCONT)
        try:
            self.out, self.err = self.process.communicate(timeout=TIMEOUT)
        finally:
            self._kill()
            self.trace.close()
            self.body.close()

    def _kill(self):
        """Ends it and its tracer, if they still run."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _text(self):
        with open(self.trace.name) as file:
            return file.read()

    def calls(self, since=""):
        """Each call that matters, as its name and which of that name it was,
        from the first on whose line in the trace matches `since`."""
        calls, seen, started = [], {}, False
        for line in self._text().splitlines():
            name = re.match(r"(?!execve)(\w+)\(", line)
            if name is None:
                continue
            seen[name[1]] = seen.get(name[1], 0) + 1
            started = started or re.search(since, line) is not None
            if started and NOTED.search(name[1]) and name[1] != "fstat":
                calls.append((name[1], seen[name[1]]))
        return calls

    def answer(self):
        """The checked answer of a CGI program."""
        return parse(self.out, self.err, self.process.returncode)


def _children(process):
    with open(f"/proc/{process}/task/{process}/children") as file:
        return [int(child) for child in file.read().split()]
