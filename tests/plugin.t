#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The extension's package: the same sources give the same bytes."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
import zipfile

from support import main
from support.cgi import REPOSITORY

PACK = os.path.join(REPOSITORY, "etc", "pack-plugin")
SOURCES = os.path.join(REPOSITORY, "www", "plugin")
UNPACKED = {"README.md"}


def sources():
    """The bytes of each file by its name in the folder."""
    found = {}
    for folder, _, names in os.walk(SOURCES):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, SOURCES)] = file.read()
    return found


class Package(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="stoflow-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def pack(self, source, name, **environment):
        target = os.path.join(self.folder, name)
        done = subprocess.run(
            [PACK, source, target],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.returncode, target

    def packed(self, source, name, **environment):
        status, target = self.pack(source, name, **environment)
        self.assertEqual(status, 0)
        with open(target, "rb") as file:
            return file.read()

    def copy(self):
        """The sources as another machine has them: written in another order,
        at another time, with other modes."""
        folder = os.path.join(self.folder, "copy")
        backwards = sorted(sources().items(), reverse=True)
        for number, (name, content) in enumerate(backwards):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o640)
            os.utime(path, (number * 86400 + 400000000,) * 2)
        return folder

    def test_same(self):
        """the same bytes on another machine, at another time"""
        ours = self.packed(SOURCES, "a.xpi")
        theirs = self.packed(
            self.copy(), "b.xpi", TZ="Asia/Kathmandu", LC_ALL="C.UTF-8"
        )
        self.assertEqual(ours, theirs)

    def test_order(self):
        """the order and the date do not depend on the disk and the clock"""
        self.packed(SOURCES, "a.xpi")
        with zipfile.ZipFile(os.path.join(self.folder, "a.xpi")) as package:
            names = package.namelist()
            dates = {each.date_time for each in package.infolist()}
        self.assertEqual(names, sorted(names))
        self.assertEqual(dates, {(2000, 1, 1, 0, 0, 0)})

    def test_content(self):
        """every file as it is, but for what only Chromium reads"""
        self.packed(SOURCES, "a.xpi")
        path = os.path.join(self.folder, "a.xpi")
        with zipfile.ZipFile(path) as package:
            inside = {name: package.read(name) for name in package.namelist()}
        outside = sources()
        for name in UNPACKED:
            del outside[name]
        ours = json.loads(outside.pop("manifest.json"))
        theirs = json.loads(inside.pop("manifest.json"))
        self.assertEqual(inside, outside)
        del ours["background"]["service_worker"]
        self.assertEqual(theirs, ours)

    def test_failure(self):
        """nothing is left of a package that could not be made"""
        status, _ = self.pack(os.path.join(self.folder, "no"), "a.xpi")
        self.assertNotEqual(status, 0)
        self.assertEqual(os.listdir(self.folder), [])
        empty = os.path.join(self.folder, "empty")
        os.mkdir(empty)
        status, _ = self.pack(empty, "a.xpi")
        self.assertNotEqual(status, 0)
        self.assertEqual(os.listdir(self.folder), ["empty"])


if __name__ == "__main__":
    main()
