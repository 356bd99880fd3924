# SPDX-License-Identifier: MIT
"""Requests that one process answers twice, which must be the same."""

import os
import re
import shutil
import stat
import subprocess
import tempfile

from support.cgi import BIN, SANITIZERS, TIMEOUT, Direct, parse
from support.sources import REPOSITORY

VARIANT = os.path.dirname(BIN) if SANITIZERS else "build/debug"
PROGRAM = os.path.join(REPOSITORY, VARIANT, "twice")

# What may differ: what is drawn by lot, what the clock says, and how much room
# the disk has.
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
STAMP = r"\d{4}-?\d\d-?\d\dT\d\d:?\d\d:?\d\d(?:\.\d+)?Z"
NUMBERS = "bytes_free|inodes_free|next_poll_interval_ms|oldest_pending_seconds"
BLANKS = [
    (re.compile(rf"{UUID}|{STAMP}"), "?"),
    (re.compile(r'("lease":"|\?-)[a-z0-9]{1,32}("|-\d{3}-\?)'), r"\1?\2"),
    (re.compile(rf'("(?:{NUMBERS})":)\d+'), r"\1?"),
]


class Twice(Direct):
    """Calls a program that holds the pages of all others, and answers each
    request twice: for the root, and for a copy of it."""

    name = "twice"

    def run(self, name, env, body, wrapper):
        if wrapper:  # which measures the one program that it is given
            return super().run(name, env, body, wrapper)
        with tempfile.TemporaryDirectory(prefix="stoflow-twice-") as folder:
            root = twin = env.get("STOFLOW_ROOT", "")
            if root == self.root.path:
                twin = os.path.join(folder, "root")
                shutil.copytree(root, twin, True, copy_function=copy_file)
            second = os.path.join(folder, "answer")
            with open(os.path.join(folder, "body"), "w+b") as given:
                given.write(body)
                given.flush()
                done = subprocess.run(
                    [PROGRAM, name, twin, second],
                    env=env,
                    stdin=given,
                    capture_output=True,
                    timeout=TIMEOUT,
                    cwd="/",
                )
            if done.returncode == 0 and not done.stderr:
                with open(second, "rb") as file:
                    compare(seen(done.stdout, root), seen(file.read(), twin))
                compare(listing(root), listing(twin))
        return done


def copy_file(source, target):
    """Leaves the atime of the source alone, in which a program may have noted
    something."""

    def unseen(path, flags):
        return os.open(path, flags | os.O_NOATIME)

    if stat.S_ISFIFO(os.lstat(source).st_mode):
        os.mkfifo(target)
        return
    with open(source, "rb", opener=unseen) as one, open(target, "wb") as other:
        shutil.copyfileobj(one, other)
    shutil.copystat(source, target)


def seen(text, root):
    """An answer as lines, without what may differ. That its length is right
    parse() has seen."""
    answer = parse(text, b"", 0)
    body = answer.body.decode("utf-8", "backslashreplace")
    headers = [
        f"{name}: {value}"
        for name, value in answer.headers.items()
        if name != "content-length"
    ]
    return [
        blank(line.replace(root, "ROOT"))
        for line in [f"status {answer.status}", *headers, *body.splitlines()]
    ]


def listing(root):
    """What lies in a spool, but for the caches: whether one of these may be
    written depends on how long ago its folder changed."""
    spool = os.path.join(root, "spool")
    paths = [
        os.path.relpath(os.path.join(folder, name), spool)
        for folder, folders, files in os.walk(spool)
        for name in folders + files
    ]
    return sorted(blank(p) for p in paths if not p.startswith("index/"))


def blank(text):
    for pattern, instead in BLANKS:
        text = pattern.sub(instead, text)
    return text


def compare(first, second):
    """Raises AssertionError with what the second time was different."""
    if first == second:
        return
    gone = [f"- {line}" for line in first if line not in second]
    come = [f"+ {line}" for line in second if line not in first]
    lines = "\n".join(gone + come) or "the order of the lines"
    raise AssertionError(f"answered another way the second time:\n{lines}")
