#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Changes within one tick of the file system's clock.

A folder's time tells that it has changed, but two changes within a tick (up
to 10 ms) look like one. Newer kernels give some file systems finer times, so
the tests run here, on a ramfs, which has none, and where a tick is a second.
"""

import os
import tempfile
import time
import unittest

from support import main, mount
from support.case import EMPTY
from support.drops import MINE, STATS, Drops


URGENT = {**STATS, "priority": 500, "timeout": 3600}


class CoarseDisk(mount.Disk):
    """A file system whose times are those of the clock's ticks."""

    def __init__(self, base):
        super().__init__(base)
        self._mount("-t", "ramfs", "-o", "mode=700", "ramfs")


class WholeSeconds(mount.LoopDisk):
    """A file system whose times are whole seconds."""

    def __init__(self, base):
        super().__init__(base, make=("-I", "128"))
        os.chmod(self.path, 0o700)


class Ticks:
    """What is dropped right after a program looked is found by the next."""

    def setUp(self):
        super().setUp()
        self.sweep()  # makes the whole spool, caches and all

    def test_two_drops(self):
        """drop, poll, drop at once, poll: both are found, 200 times"""
        for user in (None, 42):
            for number in range(100):
                ids = [f"{user}-{number}-{half}" for half in "ab"]
                got = []
                for task_id in ids:
                    body = {**MINE, "task_id": task_id, "timeout": 3600}
                    self.root.drop(f"{task_id}.json", body, user=user)
                    got.append(self.poll_id())
                self.assertEqual(got, ids)

    def test_after_an_empty_poll(self):
        """an empty poll, a drop at once, a poll: it is found, 100 times"""
        self.create(user=43)
        for number in range(100):
            self.assertEqual(self.poll(), EMPTY)
            body = {**MINE, "task_id": f"n{number}", "timeout": 3600}
            self.root.drop("a.json", body, user=(None, 42)[number % 2])
            self.assertEqual(self.poll_id(), f"n{number}")

    def test_old_folder(self):
        """a drop whose folder bears an old time is found all the same"""
        self.poll()
        self.root.make("pending", 42)
        for user in (None, 42):
            with self.subTest(user=user):
                self.assertEqual(self.poll(), EMPTY)
                folder = ["pending"] + ([] if user is None else [user])
                self.root.drop("a.json", MINE, user=user)
                self.root.set_age(self.root.place(*folder), 86400)
                self.assert_delivered(action="get_stats")

    def test_deep_queue(self):
        """with a thousand queued, a drop right after a claim comes next"""
        names = self.queue_names(1000)
        ids = [name[: -len(".json")].rpartition("-")[2] for name in names]
        for number in range(100):
            self.assertEqual(self.poll_id(), ids[number])
            body = {**URGENT, "task_id": f"urgent-{number}"}
            self.root.drop("a.json", body, user=42)
            self.assertEqual(self.poll_id(), f"urgent-{number}")


    def test_create_into_a_deep_queue(self):
        """with 600 queued, what is created right after a poll is found"""
        self.queue_names(600)
        self.sweep()
        for number in range(3):
            time.sleep(1.1)
            self.poll()
            for half in "ab":
                task_id = f"t{number}{half}"
                self.create(task_id=task_id)
                target = f"/api/tasks/{task_id}?user_id=42"
                answer = self.api.get(target, token=self.backend)
                self.assertEqual(answer.status, 200, task_id)


class Here(Ticks, Drops):
    """Where the other tests run."""


class OnDisk(Ticks):
    """On a file system of its own, of the class `disk`."""

    @classmethod
    def setUpClass(cls):
        try:
            disk = cls.disk(tempfile.gettempdir())
        except mount.MountError as error:
            raise unittest.SkipTest(str(error))
        cls.addClassCleanup(disk.remove)
        cls.base = disk.path


class OnCoarseDisk(OnDisk, Drops):
    """On a ramfs."""

    disk = CoarseDisk


class OnWholeSeconds(OnDisk, Drops):
    """On an ext4 of small inodes."""

    disk = WholeSeconds


if __name__ == "__main__":
    main()
