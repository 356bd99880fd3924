#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every request of these tests once more, answered twice by one process."""

import sys
import unittest

from support import Case
from support.campaign import some_of
from support.case import finish, run
from support.cgi import SANITIZERS, Direct
from support.scripts import load
from support.twice import Twice

# Under the sanitizers, which see what is left of a request, a few are drawn;
# plain, it is the first alone.
SCRIPTS = (
    "account",
    "protocol",
    "routes",
    "errors",
    "origins",
    "tokens",
    "create",
    "pause",
    "photos",
    "products",
    "progress",
    "results",
    "status",
    "sync",
    "task",
    "tasks",
)
# In these others work on the root while a request is answered, so that no copy
# of it can be the same.
MEANWHILE = {
    "test_at_the_same_time",
    "test_cancel_or_claim",
    "test_cancel_or_settle",
    "test_crowd",
    "test_growing",
    "test_rewritten_meanwhile",
}


DRAWN = 6


def scripts():
    if sys.argv[1:]:
        return sys.argv[1:]
    return some_of("twice", SCRIPTS, DRAWN) if SANITIZERS else SCRIPTS[:1]


def is_direct(value):
    """Whether it is a class of tests that call the programs themselves."""
    return (
        isinstance(value, type)
        and issubclass(value, Case)
        and issubclass(value.transport, Direct)
    )


def twice(case):
    """The same tests, with every request answered twice."""

    class Both(Twice, case.transport):
        pass

    return type(case.__name__, (case,), {"transport": Both})


def suite():
    tests = unittest.TestSuite()
    loader = unittest.defaultTestLoader
    for script in scripts():
        for case in filter(is_direct, vars(load(script)).values()):
            both = twice(case)
            names = set(loader.getTestCaseNames(both)) - MEANWHILE
            tests.addTests(map(both, sorted(names)))
    return tests


if __name__ == "__main__":
    finish(run(suite()))
