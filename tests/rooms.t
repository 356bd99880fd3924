#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The rooms of lib/: a source that includes from above does not build."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from support import main
from support.cgi import TIMEOUT
from support.sources import REPOSITORY, read

ROOMS = re.search(r"^ROOMS := (.*)$", read("Makefile"), re.M)[1].split()


class Rooms(unittest.TestCase):
    """A copy of the tree, in which a source of each room is added to."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="stoflow-test-")
        self.addCleanup(folder.cleanup)
        self.tree = folder.name
        shutil.copy(os.path.join(REPOSITORY, "Makefile"), self.tree)
        for name in ("lib", "etc"):
            shutil.copytree(
                os.path.join(REPOSITORY, name), os.path.join(self.tree, name)
            )

    def header_of(self, room):
        (path, *_) = sorted(glob.glob(f"{self.tree}/lib/{room}/*.h"))
        return os.path.basename(path)

    def build(self, room, header):
        """Compiles a source of the room that includes this header."""
        path = os.path.join(self.tree, "lib", room, "newcomer.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'#include "{header}"\n')
        done = subprocess.run(
            ["make", f"build/debug/lib/{room}/newcomer.o"],
            cwd=self.tree,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
        os.remove(path)
        return done.returncode, done.stderr

    def test_known(self):
        """the rooms are the folders of lib/"""
        self.assertEqual(sorted(ROOMS), sorted(os.listdir(f"{self.tree}/lib")))

    def test_below(self):
        """a room sees itself and the one below it"""
        for below, room in zip(ROOMS[:1] + ROOMS, ROOMS):
            with self.subTest(room=room):
                status, errors = self.build(room, self.header_of(below))
                self.assertEqual((status, errors), (0, ""))

    def test_above(self):
        """a room does not see the next one, and is told why"""
        for room, above in zip(ROOMS, ROOMS[1:]):
            with self.subTest(room=room):
                header = self.header_of(above)
                status, errors = self.build(room, header)
                self.assertEqual(status, 2)
                self.assertIn(f"#error lib/{above}/{header} is ", errors)
                self.assertIn(" ".join(ROOMS), errors)

    def test_way_round(self):
        """nor does a way round by a folder's name lead there"""
        above = self.header_of(ROOMS[1])
        status, errors = self.build(ROOMS[0], f"../{ROOMS[1]}/{above}")
        self.assertEqual(status, 2)
        self.assertIn("an include names no folder", errors)


if __name__ == "__main__":
    main()
