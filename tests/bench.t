#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the benchmark looks at goes on meanwhile, and must not end it."""

import os
import subprocess
import sys
import types
import unittest
from unittest import mock

from support import Case, main
from support import waiting as polls
from support.case import wait_until
from support.sources import REPOSITORY

sys.path.insert(0, os.path.join(REPOSITORY, "tests", "bench"))

import waiting

SERVER = types.SimpleNamespace(process=types.SimpleNamespace(pid=os.getpid()))


class Vanishing(unittest.TestCase):
    """A held poll ends when it likes, also between two looks into /proc."""

    def start(self, *command):
        child = subprocess.Popen(command, stdin=subprocess.PIPE)
        self.addCleanup(child.communicate)
        return child

    def test_program_that_has_ended(self):
        """a program that has ended since it was listed waits no more"""
        gone = self.start("true")
        gone.wait()
        read = waiting.read

        def listed(path):
            return str(gone.pid) if path.endswith("/children") else read(path)

        with mock.patch.object(waiting, "read", listed):
            self.assertEqual(waiting.sizes_of_waiting(SERVER), {})

    def test_descriptor_that_is_closed(self):
        """nor does one that has closed a descriptor since that was listed"""
        self.start("cat")
        with mock.patch.object(os, "listdir", lambda _: ["0", "1000000"]):
            self.assertEqual(waiting.sizes_of_waiting(SERVER), {})


class Held(polls.Held, Case):
    """A poll that is held, under a server."""

    def test_sizes(self):
        """what waits is found, and what it holds in memory"""
        self.held(wait=25)
        sizes = {}
        self.assertTrue(wait_until(lambda: sizes.update(self.sizes()) or sizes))
        self.assertGreater(int(sizes["Rss"]), 0)
        self.assertGreaterEqual(int(sizes["Rss"]), int(sizes["Pss"]))
        self.create()

    def sizes(self):
        return waiting.sizes_of_waiting(self.api.server)


if __name__ == "__main__":
    main()
