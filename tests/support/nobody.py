# SPDX-License-Identifier: MIT
"""Another account, for what root may do in any case: programs that it runs,
over a spool that root may have its hands in."""

import os
import subprocess
import unittest

from support.cgi import SANITIZERS, TIMEOUT, Direct, program

NOBODY = 65534


def runs_for(user, path):
    """Whether this user can run a program at `path`."""
    test = ["test", "-x", path]
    return subprocess.run(test, user=user, cwd="/").returncode == 0


def own_all(path, user, but=None):
    """Gives the user all that lies at `path`, but for one path."""
    for folder, _, files in os.walk(path):
        for each in [folder] + [os.path.join(folder, name) for name in files]:
            if each != but:
                os.chown(each, user, -1)


class AsNobody(Direct):
    """Calls the programs as nobody."""

    identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def skip_unless_root():
    """Only root can leave things in a spool that nobody may not touch."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root")
    if not runs_for(NOBODY, program("next-task")):
        raise unittest.SkipTest("nobody cannot run the programs here")


def give(path):
    """Makes nobody the owner of a file, or of a folder and all in it."""
    own_all(path, NOBODY)
    if not os.path.isdir(path):
        os.chown(path, NOBODY, -1)


def sweep_as_nobody(root, *arguments):
    """The lines that a sweep of nobody's prints."""
    done = subprocess.run(
        [program("sweeper"), *arguments],
        env={**SANITIZERS, "STOFLOW_ROOT": root.path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
    )
    if (done.returncode, done.stderr) != (0, b""):
        raise AssertionError(done)
    return done.stdout.decode().splitlines()
