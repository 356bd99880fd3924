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
from support.cgi import BIN, SANITIZERS, TIMEOUT
from support.sources import REPOSITORY, read

ROOMS = re.search(r"^ROOMS := (.*)$", read("Makefile"), re.M)[1].split()


# What the sources of lib/ were compiled into, by the run that this is part of.
VARIANT = os.path.dirname(BIN) if SANITIZERS else "build/debug"
ARCHIVE = os.path.join(REPOSITORY, VARIANT, "libstoflow.a")


def calls():
    """{object: {objects of which it names something}} in lib/."""
    listed = subprocess.run(
        ["nm", "-A", "--no-sort", ARCHIVE],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = re.findall(r":(\w+)\.o:\S* +([A-Z]) (\w+)$", listed, re.M)
    owner = {name: file for file, kind, name in rows if kind in "TDRBC"}
    found = {file: set() for file, _, _ in rows}
    for file, kind, name in rows:
        if kind == "U" and name in owner:
            found[file].add(owner[name])
    return found


class Files(unittest.TestCase):
    """The sources of lib/, by the names that they take from each other."""

    def test_circles(self):
        """no circle of them: each stands on others that do not know it"""
        left = calls()
        self.assertGreater(len(left), 50)
        while free := {file for file in left if not left[file] - {file}}:
            left = {
                file: names - free
                for file, names in left.items()
                if file not in free
            }
        self.assertEqual(left, {}, "a circle, and what stands on it")


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
