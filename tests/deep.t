#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A deep queue: its caches may be lost, torn, old or wrong."""

import json
import os
import random
import shutil
import time
import unittest

from support import Case, main
from support.case import id_of, wait_until
from support.cgi import SANITIZERS

RECHECK = 14  # seconds: a little later an index is built anew or dropped
DRAINED = 600  # tasks of a queue that is fetched to its end
POLLS = 100 if SANITIZERS else DRAINED  # with which some programs start slowly


class DeepCase(Case):
    """A user with many queued tasks, and ways to spoil the caches of them."""

    depth = 1000  # more than what is read without an index

    def setUp(self):
        super().setUp()
        self.names = self.queue_names(self.depth)
        self.ids = [id_of(name) for name in self.names]
        self.random = random.Random(20241207)
        self.old = os.path.join(self.root.path, "old-index")

    def take(self, count):
        return [self.poll_id() for _ in range(count)]

    def drain(self, spoilers):
        """The IDs that polls bring while the caches are spoiled, and those that
        are left."""
        got = []
        for turn in range(POLLS):
            if turn % 5 == 0:
                spoilers[turn // 5 % len(spoilers)]()
            got.append(self.poll_id())
        left = sorted(self.root.ls("pending", 42))
        self.assertEqual(left == [], POLLS == DRAINED)
        self.assertEqual(self.poll_id() is None, left == [])
        return got, [id_of(name) for name in left]

    def caches(self):
        index = self.root.place("index")
        return [os.path.join(index, name) for name in self.root.ls("index")]

    def forget_all_but(self, count):
        for name in self.names[: self.depth - count]:
            os.unlink(self.root.place("pending", 42, name))

    # --- Ways to spoil a cache ------------------------------------------------

    def delete(self):
        for path in self.caches():
            os.unlink(path)

    def delete_folder(self):
        shutil.rmtree(self.root.place("index"))

    def empty(self):
        for path in self.caches():
            os.truncate(path, 0)

    def truncate(self):
        for path in self.caches():
            size = os.path.getsize(path)
            os.truncate(path, self.random.randrange(size + 1))

    def zero(self):
        self.overwrite(lambda content: bytes(len(content)))

    def garble(self):
        self.overwrite(lambda content: self.random.randbytes(len(content)))

    def flip(self):
        """One byte becomes another."""

        def flipped(content):
            changed = bytearray(content)
            if changed:
                changed[self.random.randrange(len(changed))] ^= 0x15
            return bytes(changed)

        self.overwrite(flipped)

    def swap_lines(self):
        """The same lines in another order."""

        def shuffled(content):
            lines = content.splitlines(keepends=True)
            self.random.shuffle(lines)
            return b"".join(lines)

        self.overwrite(shuffled)

    def overwrite(self, change):
        """Puts other content into each cache and keeps its time."""
        for path in self.caches():
            times = os.stat(path)
            with open(path, "r+b") as file:
                content = change(file.read())
                file.seek(0)
                file.write(content)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def restore(self):
        """An older copy, with its times, as from a backup."""
        shutil.rmtree(self.root.place("index"))
        shutil.copytree(self.old, self.root.place("index"))


class FiveThousand(DeepCase):
    """The order of many."""

    depth = 5000

    def test_order(self):
        """the first hundreds come in dispatch order"""
        self.assertEqual(self.take(300), self.ids[:300])

    def test_drops_in_the_midst(self):
        """a hand drop or create of higher priority comes next, at once"""
        taken = 0
        for number in range(40):
            self.assertEqual(self.take(2), self.ids[taken : taken + 2])
            taken += 2
            task_id = f"urgent-{number}"
            body = {
                "action": "get_stats",
                "params": {"item_id": 5},
                "task_id": task_id,
                "user_id": 42,
                "priority": 500,
            }
            if number % 3 == 0:
                self.root.drop(f"{number}.json", body)
            elif number % 3 == 1:
                self.root.drop(f"{number}.json", body, user=42)
            else:
                self.create(**body)
            self.assertEqual(self.poll_id(), task_id)

    def test_removed_by_hand(self):
        """files removed by hand are skipped without a fuss"""
        self.assertEqual(self.take(10), self.ids[:10])
        for name in self.names[10:400]:
            os.unlink(self.root.place("pending", 42, name))
        self.assertEqual(self.take(10), self.ids[400:410])

    def test_caches_spoiled(self):
        """lost, torn, garbled or old: each task once, in order"""
        self.assertEqual(self.take(5), self.ids[:5])
        self.assertTrue(self.caches(), "a deep queue has a cache to spoil")
        shutil.copytree(self.root.place("index"), self.old)
        spoilers = (
            self.delete,
            self.empty,
            self.truncate,
            self.zero,
            self.garble,
            self.restore,
            self.delete_folder,
        )
        taken = 5
        for turn in range(70):
            spoiler = spoilers[turn % len(spoilers)]
            with self.subTest(turn=turn, by=spoiler.__name__):
                spoiler()
                count = self.random.randrange(1, 6)
                got, want = self.take(count), self.ids[taken : taken + count]
                taken += count
                self.assertEqual(got, want)


class OneThousand(DeepCase):
    """Enough for an index."""

    def test_completed_in_place(self):
        """a half-written drop is looked at again once it could have settled"""
        self.root.configure(queue={"settle": 1})
        text = json.dumps(
            {"action": "any_action", "task_id": "slow", "priority": 500}
        )
        path = self.root.drop("slow.json", text[:-5], user=42)
        self.assertEqual(self.take(2), self.ids[:2])
        with open(path, "a") as file:
            file.write(text[-5:])
        self.assertTrue(wait_until(lambda: self.poll_id() == "slow", 3))

    def test_moved_in_by_hand(self):
        """a file moved in under a queued name comes in its turn"""
        self.assertEqual(self.take(50), self.ids[:50])
        name = "000-20200101T000000.000000Z-get_stats-first.json"
        path = self.root.place("pending", name + ".part")
        self.root.write(path, {"action": "get_stats"})
        os.rename(path, self.root.place("pending", 42, name))
        self.assertEqual(self.poll_id(), "first")
        self.assertEqual(self.take(50), self.ids[50:100])

    def test_caches_forged(self):
        """names that lie in good shape: each task once, none lost"""
        self.forget_all_but(DRAINED)
        got, left = self.drain((self.flip, self.swap_lines))
        self.assertEqual(sorted(got + left), sorted(self.ids[-DRAINED:]))

    def test_caches_obstructed(self):
        """folders, pipes and links where the caches were: none is followed"""
        secret = os.path.join(self.root.path, "secret")
        self.root.write(secret, "secret")
        taken = 0
        for make in (
            os.mkdir,
            os.mkfifo,
            lambda path: os.symlink(secret, path),
            lambda path: os.symlink("nowhere", path),
        ):
            self.assertEqual(self.take(2), self.ids[taken : taken + 2])
            for path in self.caches():
                os.unlink(path)
                make(path)
            taken += 2
            self.assertEqual(self.take(2), self.ids[taken : taken + 2])
            taken += 2
            self.sweep()
            shutil.rmtree(self.root.place("index"))
        with open(secret) as file:
            self.assertEqual(file.read(), "secret")

    def test_emptied_to_the_end(self):
        """a whole queue drained while its caches are spoiled"""
        self.forget_all_but(DRAINED + 1)
        spoilers = (self.truncate, self.garble, self.restore, self.delete)
        self.take(1)
        shutil.copytree(self.root.place("index"), self.old)
        got, left = self.drain(spoilers)
        self.assertEqual(got + left, self.ids[-DRAINED:])

    @unittest.skipIf(SANITIZERS, "what takes too long there")
    def test_drained_and_paused(self):
        """one that has an index but no task left tells its pause"""
        began = time.monotonic()
        self.forget_all_but(513)
        self.assertEqual(self.take(514), [*self.ids[-513:], None])
        route = "/api/plugin/pause"
        self.api.post(route, {"paused": True}, token=self.plugin)
        if time.monotonic() - began > RECHECK:
            self.skipTest("this machine is too slow to drain an index")
        self.assertTrue(self.root.exists("index", "42.queue"))
        self.assertEqual(self.poll()["message"], "Queue paused")
        self.api.post(route, {"paused": False}, token=self.plugin)
        self.assertEqual(self.poll()["message"], "No pending tasks")

    def test_requeued_into_the_depth(self):
        """an overdue lease comes back before what is younger"""
        (task_id,) = self.take(1)
        self.make_overdue(task_id)
        self.assertEqual(self.take(2), [task_id, self.ids[1]])


if __name__ == "__main__":
    main()
