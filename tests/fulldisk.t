#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Real full disks and full inode tables, on file systems of our own.

A disk is filled by creates until they are refused; then something else takes
what is left, a little at a time, and at each step a plugin and a backend go
on. Whatever is answered must be so on the disk, and what is refused must have
left nothing.
"""

import atexit
import os
import subprocess
import unittest

from support import main, mount
from support.case import PARAMS
from support.cgi import SANITIZERS, TIMEOUT, Direct, program
from support.images import JPEG, PNG, encode, name_of, png
from support.reader import Tree
from support.stage import TOKENS, Stage, clear, workshop

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
REFUSALS = (503, 507)

WORKSHOP = workshop()
atexit.register(clear, WORKSHOP)


class Ballast:
    """What else is on the disk: bytes in one file, and empty files."""

    def __init__(self, disk):
        self.folder = os.path.join(disk.path, "ballast")
        os.mkdir(self.folder)
        self.file = open(os.path.join(self.folder, "bytes"), "wb")
        self.size = 0
        self.files = 0
        self.full = False

    def grow(self, size):
        """Takes so many bytes; False when they were not to be had."""
        try:
            os.posix_fallocate(self.file.fileno(), self.size, size)
            self.size += size
        except OSError:
            self.full = True
        return not self.full

    def add_file(self):
        """Takes one inode."""
        try:
            path = os.path.join(self.folder, str(self.files))
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            self.files += 1
        except OSError:
            self.full = True
        return not self.full

    def drop(self):
        """Gives everything back."""
        self.file.close()
        clear(self.folder)


class OnDisk(unittest.TestCase):
    """The tests of one disk; `make_disk` makes it."""

    reason = None  # why it cannot be made here

    def setUp(self):
        if self.reason:
            self.skipTest(self.reason)
        self.disk = self.make_disk()
        self.addCleanup(self.disk.remove)
        path = os.path.join(self.disk.path, "root")
        self.stage = Stage.set_up(path)
        self.api = Direct(self.stage)
        self.ballast = Ballast(self.disk)
        self.addCleanup(self.ballast.drop)


class FullDisk(OnDisk):
    """Tasks and results, until nothing is left."""

    create_size = 0  # bytes of a create's parameters

    def setUp(self):
        super().setUp()
        self.acknowledged = {}  # id: the states it may be in
        self.refused = 0

    # --- What a backend and a plugin do -------------------------------------

    def create(self, size=0, **members):
        """True if it was acknowledged, and then it is there; else it was
        refused, and then nothing is."""
        before = self.names("pending")
        body = {"user_id": 42, "action": "create_product", **members}
        body["timeout"] = 86400  # the story may be a long one
        body["params"] = {**PARAMS["create_product"], "text": "x" * size}
        answer = self.api.post(
            "/api/tasks/create", body, token=TOKENS["backend"][0]
        )
        new = self.names("pending") - before
        if answer.status == 201:
            task_id = answer.json["task_id"]
            self.assertEqual(len(new), 1, answer)
            self.assertIn(task_id, new.pop())
            self.acknowledged[task_id] = ("pending", "executing")
            return True
        self.refuse(answer)
        self.assertEqual(new, set(), "a refused create left a task")
        return False

    def refuse(self, answer):
        """Full is no fault of the client's, and it may come again."""
        self.assertIn(answer.status, REFUSALS, answer)
        self.refused += 1

    def poll(self):
        """The id of the claimed task, None if there is none, False if it was
        refused."""
        answer = self.api.get(
            "/api/plugin/tasks?user_id=42", token=TOKENS["plugin"][0]
        )
        if answer.status != 200:
            self.refuse(answer)
            return False
        if answer.json["task_id"] is not None:
            self.claims += 1
        return answer.json["task_id"]

    def finish(self, task_id, size=0):
        """True if the result was acknowledged, and then it is there."""
        body = {"success": True, "data": {"text": "y" * size}}
        answer = self.api.post(
            f"/api/plugin/tasks/{task_id}/result",
            body,
            token=TOKENS["plugin"][0],
        )
        if answer.status != 200:
            self.refuse(answer)
            return False
        record = self.stage.json("done", 42, f"{task_id}.completed.json")
        self.assertEqual(record["result"], body["data"])
        self.acknowledged[task_id] = ("completed",)
        return True

    def sweep(self):
        answer = self.api.get("/api/sweeper", token=TOKENS["cron"][0])
        if answer.status != 200:
            self.refuse(answer)
        return answer.status == 200

    # --- What must hold -----------------------------------------------------

    def names(self, place):
        return set(self.stage.ls(place, 42))

    def look(self, after_sweep=False):
        """No invariant is broken, and nothing acknowledged is missing."""
        tree = Tree(self.stage.path)
        self.assertEqual(tree.violations(after_sweep), [])
        for task_id, states in self.acknowledged.items():
            task = tree.tasks.get((42, task_id))
            self.assertIsNotNone(task, f"{task_id} is gone")
            self.assertIn(task.state, states)
        return tree

    # --- The story ----------------------------------------------------------

    def test_it_fills_up(self):
        self.claims = 0
        running = self.start_some(24)
        self.fill_by_creates()
        print(f"# left when creates are refused: {self.disk.free()}")
        self.assertFalse(self.create(), "the reserve is open to small tasks")
        self.assertTrue(
            self.finish(running.pop(), 16 * KILOBYTE),
            "a create is refused too late for a result to fit",
        )
        self.assertTrue(
            all([self.finish(running.pop()) for _ in range(6)]),
            "creates are refused too late for some results to fit",
        )
        self.look()
        self.take_the_rest(running)
        self.go_on_again(running)

    def start_some(self, count):
        """Tasks that a plugin has in hand when the disk fills up."""
        for number in range(count):
            self.assertTrue(self.create(task_id=f"early-{number}"))
        claimed = [self.poll() for _ in range(count)]
        self.assertEqual(len(set(claimed)), count)
        return claimed

    def fill_by_creates(self):
        for number in range(2000):
            if not self.create(self.create_size):
                break
            if number % 16 == 0:
                self.look()
        else:
            self.fail("creates are never refused")
        self.look()

    def take_the_rest(self, running):
        """From there to nothing at all, a step at a time."""
        steps = 0
        while not self.ballast.full and steps < 400:
            self.shrink()
            self.one_step(running, steps)
            steps += 1
        self.assertTrue(self.ballast.full, "the disk does not get full")
        for more in range(12):
            self.one_step(running, more)
        print(f"# {steps} steps to a full disk, {self.refused} refusals")

    def one_step(self, running, number):
        """Everybody goes on; full or not, all of it must be sound."""
        self.create(self.create_size)
        self.create(task_id=f"step-{number}")
        if number % 3 == 0 and running:
            # A result that is refused is sent again later on.
            if self.finish(running[-1], (number % 5) * 4 * KILOBYTE):
                running.pop()
        if number % 4 == 1:
            task_id = self.poll()
            if task_id:
                running.insert(0, task_id)
        if number % 8 == 2:
            self.sweep()
        self.look()

    def go_on_again(self, running):
        """Space comes back, and everything goes on as if nothing had been."""
        self.ballast.drop()
        for name in self.stage.ls("pending", 42)[8:]:
            # A person makes room: rm of what waits is a cancelled task.
            os.unlink(self.stage.place("pending", 42, name))
            self.acknowledged = {
                task_id: states
                for task_id, states in self.acknowledged.items()
                if task_id not in name
            }
        self.assertTrue(self.create(task_id="after"))
        while running:
            self.assertTrue(self.finish(running.pop()))
        self.stage.let_debris_age()
        self.assertTrue(self.sweep())
        tree = self.look(after_sweep=True)
        waiting = [task.id for task in tree.in_state("pending")]
        polled = [self.poll() for _ in range(len(waiting) + 1)]
        self.assertEqual(polled[:-1], waiting)
        self.assertIsNone(polled[-1])
        self.look()


class BytesTest(FullDisk):
    """Bytes run out."""

    create_size = 96 * KILOBYTE
    step = 0

    def shrink(self):
        """Coarse steps to begin with, then one page at a time."""
        left = self.disk.free()[0]
        self.ballast.grow(max(4 * KILOBYTE, min(left // 4, left - 128 * 1024)))


class InodesTest(FullDisk):
    """Inodes run out, while there are bytes enough."""

    def shrink(self):
        left = self.disk.free()[1]
        for _ in range(max(1, min(left // 4, left - 48))):
            self.ballast.add_file()


class OnMemory:
    """A small tmpfs."""

    reason = mount.why_not(WORKSHOP, "tmpfs")
    most_files = 0  # no limit but its size

    def make_disk(self):
        return mount.MemoryDisk(WORKSHOP, 24 * MEGABYTE, self.most_files)


class OnExt4:
    """A small ext4."""

    reason = mount.why_not(WORKSHOP, "ext4")
    make = ()  # what mkfs is told

    def make_disk(self):
        return mount.LoopDisk(
            WORKSHOP, "ext4", 24 * MEGABYTE, make=self.make
        )


class MemoryBytesTest(OnMemory, BytesTest):
    """A small tmpfs."""


class MemoryInodesTest(OnMemory, InodesTest):
    """A tmpfs of few files."""

    most_files = 500


class Ext4BytesTest(OnExt4, BytesTest):
    """A small ext4."""


class Ext4InodesTest(OnExt4, InodesTest):
    """An ext4 of few files."""

    make = ("-N", "512")


class ShareTest(OnMemory, OnDisk):
    """One plugin's large results, by user_space as it is by default."""

    def deliver(self):
        """The status that a large result is answered with."""
        answer = self.api.post(
            "/api/tasks/create",
            {"user_id": 42, "action": "get_stats", "params": {"item_id": 1}},
            token=TOKENS["backend"][0],
        )
        task_id = answer.json["task_id"]
        plugin = TOKENS["plugin"][0]
        self.api.get("/api/plugin/tasks?user_id=42", token=plugin)
        return self.api.post(
            f"/api/plugin/tasks/{task_id}/result",
            {"success": True, "data": {"text": "x" * MEGABYTE}},
            token=plugin,
        ).status

    def test_half(self):
        """leave half of the disk to all others"""
        before = self.disk.free()[0]
        taken = 0
        while self.deliver() == 200:
            taken += 1
        self.assertEqual(self.deliver(), 507)
        self.assertLess(abs(before / 2 - taken * MEGABYTE), 2 * MEGABYTE)
        self.assertGreater(self.disk.free()[0], before / 3)


class Photos(OnDisk):
    """Photos, which are large: one fails where others still fit."""

    image = png(seed=b"large" * MEGABYTE)

    def upload(self, image):
        return self.api.post(
            "/api/photos", image, token=TOKENS["backend"][0]
        )

    def create(self, image):
        """A task that brings its photo along."""
        params = {"item_id": 5, "photo_data": encode(image)}
        return self.api.post(
            "/api/tasks/create?user_id=42&action=upload_photo",
            params,
            token=TOKENS["backend"][0],
        )

    def leave(self, size):
        """Takes what there is but for so many bytes."""
        while self.disk.free()[0] > size + 64 * KILOBYTE:
            self.assertTrue(self.ballast.grow(self.disk.free()[0] - size))

    def fill_up(self):
        while self.ballast.grow(4 * KILOBYTE):
            pass

    def assert_refused(self, answer):
        """Full, says the answer, and there is nothing new on the disk."""
        self.assertEqual(answer.status, 507, answer)
        self.assertEqual(answer.json["code"], "no_space")
        self.assertIn("retry-after", answer.headers)
        self.assertEqual(self.stage.ls("photos"), [name_of(PNG, "png")])
        self.assertEqual(self.stage.ls("tmp"), [])
        self.assertEqual(self.stage.ls("pending", 42), [])
        self.assert_sound()

    def assert_sound(self):
        self.assertEqual(Tree(self.stage.path).violations(True), [])

    def assert_kept(self):
        """What was stored before can be stored again, and fetched."""
        self.assertEqual(self.upload(PNG).status, 200)
        answer = self.api.get(f"/api/photos/{name_of(PNG, 'png')}")
        self.assertEqual((answer.status, answer.body), (200, PNG))

    def test_photos(self):
        """a photo is stored whole or not at all"""
        self.assertEqual(self.upload(PNG).status, 201)
        self.leave(len(self.image) - MEGABYTE)
        self.assert_refused(self.upload(self.image))
        self.assert_refused(self.create(self.image))
        self.leave(64 * KILOBYTE)
        self.assert_refused(self.upload(JPEG))
        self.assert_refused(self.create(JPEG))
        self.assert_kept()
        self.fill_up()
        self.assert_refused(self.upload(JPEG))
        self.assert_refused(self.create(JPEG))
        self.assert_kept()
        self.ballast.drop()
        self.assertEqual(self.upload(self.image).status, 201)
        stored = self.stage.read("photos", name_of(self.image, "png"))
        self.assertEqual(stored, self.image)
        self.assertEqual(self.create(JPEG).status, 201)
        [name] = self.stage.ls("pending", 42)
        url = self.stage.json("pending", 42, name)["params"]["photo_url"]
        self.assertTrue(url.endswith(name_of(JPEG, "jpg")))
        self.assert_sound()


class MemoryPhotosTest(OnMemory, Photos):
    """On a small tmpfs."""


class Ext4PhotosTest(OnExt4, Photos):
    """On a small ext4."""


class ReadOnlyTest(OnMemory, OnDisk):
    """One that has become read-only, as ext4 does after an error."""

    def sweep(self):
        """By cron: the exit status and what is complained of."""
        done = subprocess.run(
            [program("sweeper"), "--root", self.stage.path],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=SANITIZERS,
            timeout=TIMEOUT,
            check=False,
        )
        return done.returncode, done.stderr.decode()

    def test_sweep(self):
        """a sweep that can do nothing says so, by cron and by URL"""
        self.assertEqual(self.sweep(), (0, ""))
        self.ballast.drop()
        self.disk.allow("ro")
        status, told = self.sweep()
        answer = self.api.get("/api/sweeper", token=TOKENS["cron"][0])
        self.disk.allow("rw")
        self.assertEqual(status, 111)
        self.assertIn("the file system is read-only", told)
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("read-only", answer.json["detail"])
        self.assertEqual(self.sweep(), (0, ""))


del OnDisk, FullDisk, BytesTest, InodesTest, Photos


if __name__ == "__main__":
    main()
