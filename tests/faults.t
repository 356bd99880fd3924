#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The list of deliberate faults (tests/faults/) fits the sources of today.
Whether each of them is found is for `make faults`, which takes an hour."""

import os
import re
import sys
import unittest

from support import main
from support.sources import REPOSITORY as TOP

sys.path.insert(0, os.path.join(TOP, "tests", "faults"))

import faults


class FaultsTest(unittest.TestCase):
    """Which faults there are, and what is said of them."""

    def test_sites(self):
        """each fault has its place, and a name of its own"""
        names = [fault.name for fault in faults.all_faults(TOP)]
        self.assertEqual(len(names), len(set(names)))
        for _, function, _ in faults.LEFT_OUT:
            with self.subTest(function=function):
                self.assertTrue(
                    any(re.search(rf" {function}( \d+)?$", x) for x in names)
                )

    def test_accounted(self):
        """what is said is said of a fault that there is"""
        names = {fault.name for fault in faults.all_faults(TOP)}
        said = faults.accounted()
        self.assertLessEqual(set(said), names)
        for name, (kind, what) in said.items():
            with self.subTest(name=name):
                self.assertIn(kind, ("with", "test", "the same"))
                self.assertTrue(what)
                if kind == "test" and what.startswith("tests/"):
                    self.assertTrue(os.path.exists(os.path.join(TOP, what)))


if __name__ == "__main__":
    main()
