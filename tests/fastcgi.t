#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tests of the protocol by FastCGI: through each server that speaks it, and
without one, all in one process. Of other scripts, given as arguments, likewise
the tests that go through a server and those that call the programs."""

import os
import sys
import unittest

from support import Case
from support.apache import ApacheRewritten
from support.campaign import SEED, UNLIMITED, draws, say, some_of
from support.case import EMPTY, finish, run
from support.cgi import SANITIZERS, Direct, program
from support.fastcgi import (
    FastDispatched,
    FastRewritten,
    FcgidRewritten,
    NginxDispatched,
    NginxRewritten,
    ProxiedRewritten,
)
from support.responder import BySharedResponder, children
from support.scripts import load
from support.web import Dispatched, Rewritten

# Which ways a test goes, by the way it goes without FastCGI: under the
# sanitizers one of them, as is drawn.
WAYS = {
    Direct: (BySharedResponder,),
    Rewritten: (FastRewritten, NginxRewritten),
    Dispatched: (FastDispatched, NginxDispatched),
    ApacheRewritten: (FcgidRewritten, ProxiedRewritten),
}
# Under the sanitizers, which see what is left of a request, some are drawn;
# plain, it is the first three alone.
SCRIPTS = (
    "protocol",
    "routes",
    "pages",
    "account",
    "create",
    "errors",
    "held",
    "origins",
    "pause",
    "photos",
    "products",
    "progress",
    "results",
    "status",
    "sync",
    "task",
    "tasks",
    "tokens",
)
# One program takes the routes of another's name; a responder holds all of them.
OTHERWISE = {("routes", "test_unknown")}


class Stays:
    """What answers is there before the request, and after it."""

    def test_stays(self):
        """the same processes answer one request after the other"""
        self.assertEqual(self.poll(), EMPTY)
        before = self.responders()
        self.assertNotEqual(before, set())
        for _ in range(5):
            self.assertEqual(self.poll(), EMPTY)
        self.assertTrue(before & self.responders())

    def responders(self):
        """The processes below the server, or beside it, that run the program
        and have nothing to do."""
        server = self.api.server
        beside = getattr(server, "spawned", server.process)
        return {
            pid
            for top in (server.process.pid, beside.pid)
            for pid in below(top)
            if is_program(pid)
        }


def below(pid):
    """A process and its descendants."""
    yield pid
    for child in children(pid):
        yield from below(child)


def is_program(pid):
    return os.path.realpath(f"/proc/{pid}/exe") == program("api")


def by(way, case):
    """The same tests that way."""
    return type(f"{case.__name__}By{way.__name__}", (case,), {"transport": way})


def ways_of(script, case):
    ways = WAYS.get(case.transport, ())
    if not ways or not SANITIZERS or UNLIMITED:
        return ways
    return [draws("way", script, case.__name__).choice(ways)]


DRAWN = 8


def scripts():
    if sys.argv[1:]:
        return sys.argv[1:]
    return some_of("fastcgi", SCRIPTS, DRAWN) if SANITIZERS else SCRIPTS[:3]


def cases():
    for ways in WAYS.values():
        for way in ways:
            if issubclass(way, Rewritten):
                yield "", by(way, type("Stays", (Stays, Case), {}))
    for script in scripts():
        for value in vars(load(script)).values():
            if isinstance(value, type) and issubclass(value, Case):
                for way in ways_of(script, value):
                    yield script, by(way, value)


def suite():
    tests = unittest.TestSuite()
    for script, case in cases():
        for name in unittest.defaultTestLoader.getTestCaseNames(case):
            if (script, name) not in OTHERWISE:
                tests.addTest(case(name))
    return tests


if __name__ == "__main__":
    say(f"STOFLOW_SEED={SEED} draws the same ways again")
    finish(run(suite()))
