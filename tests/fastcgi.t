#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tests of the protocol through servers that speak FastCGI.

Other scripts as arguments: their tests that go through a lighttpd do so by
FastCGI."""

import importlib.machinery
import importlib.util
import os
import sys
import unittest

from support import Case
from support.case import finish, run
from support.fastcgi import FastDispatched, FastRewritten
from support.web import Dispatched, Rewritten

FOLDER = os.path.dirname(__file__)
SCRIPTS = ("protocol", "held")
# Which way a test goes, by the way it goes without FastCGI.
WAYS = {Rewritten: (FastRewritten,), Dispatched: (FastDispatched,)}


def load(name):
    """The module that a script is."""
    path = os.path.join(FOLDER, f"{name}.t")
    loader = importlib.machinery.SourceFileLoader(name, path)
    spec = importlib.util.spec_from_loader(name, loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def by_fastcgi(value):
    """The same tests, each way."""
    if not isinstance(value, type) or not issubclass(value, Case):
        return
    for way in WAYS.get(value.transport, ()):
        name = f"{value.__name__}By{way.__name__}"
        yield type(name, (value,), {"transport": way})


def suite():
    tests = unittest.TestSuite()
    for script in sys.argv[1:] or SCRIPTS:
        for value in vars(load(script)).values():
            for case in by_fastcgi(value):
                tests.addTests(
                    unittest.defaultTestLoader.loadTestsFromTestCase(case)
                )
    return tests


if __name__ == "__main__":
    finish(run(suite()))
