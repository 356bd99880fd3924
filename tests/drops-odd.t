#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Files dropped by hand under odd names, of odd kinds, at odd moments."""

import os
import subprocess
import threading
import time
import unittest

from support import main
from support.case import EMPTY, stamp
from support.cgi import TIMEOUT, parse, program
from support.drops import HALF, MINE, OLD, STATS, Drops
from support.nobody import NOBODY, own_all, runs_for
from support.reader import Tree
from support.traced import Traced


class Names(Drops):
    """A file's own name means nothing and may be any bytes."""

    def test_hostile(self):
        """valid tasks under hostile names are all delivered"""
        names = [
            b"new\nline.json",
            b"-rf.json",
            b"--help.json",
            b"\xff\xfe\x80.json",
            b"a b\t'\"`$(x);|&<>*?[]{}!#~\\.json",
            b"%s%n%00.json",
            b"42.json",
            b"x" * 250 + b".json",
            "é".encode() * 125 + b".json",
            b"\x7f\x1b[31m.json",
            b"a.json.json",
            b"a..json",
            b"998-20241207T100015.123456Z-get_stats-x.r0.json",
            b"998-20241307T100015.123456Z-get_stats-x.json",
            b"998-20241207T100015.123456Z-get_stats-.json",
            b"998-20241207T100015.123456Z-get_stats-y.r1.json.json",
        ]
        for user in (None, 42):
            for name in names:
                with self.subTest(name=repr(name)[:60], user=user):
                    path = self.root.drop(name, MINE, user=user)
                    self.assert_delivered(action="get_stats")
                    self.assertFalse(os.path.lexists(path))
        self.assertEqual(self.rejected(), [])

    def test_hostile_and_wrong(self):
        """wrong files under hostile names are kept, with their reasons"""
        names = [
            b"new\nline.json",
            b"\xff\xfe\x80.json",
            b"x" * 250 + b".json",
            b"-rf.json",
            b"%s%n.json",
        ]
        self.settle(0)
        for name in names:
            self.root.drop(name, HALF, age=OLD)
            self.root.drop(name, HALF, user=42, age=OLD)
        self.assertEqual(self.poll(), EMPTY)
        tree = self.assert_sound()
        self.assertEqual(len(tree.rejected), 2 * len(names))
        self.assertEqual(tree.drops, [])

    def test_no_terminal_obeys(self):
        """what a terminal would obey reaches no .why and no log as it is"""
        obeyed = ["\x1b", "\x7f", "\u009b", "\u202e", "\u2067", "\u2028"]
        self.settle(0)
        for number, character in enumerate(obeyed):
            name = f"{number}{character}gpj.json"
            self.root.drop(name, HALF, user=42, age=OLD)
        self.assertEqual(self.poll(), EMPTY)
        kept = self.rejected()
        self.assertEqual(len(kept), 2 * len(obeyed))
        told = [self.root.read("log", "events.log")]
        told += [self.root.read(b"rejected", n) for n in kept if b".why" in n]
        for text in told:
            for character in obeyed:
                self.assertNotIn(character, text.decode())

    def test_left_alone(self):
        """what is not *.json, or hidden, is not touched"""
        names = [
            ".hidden.json",
            ".json",
            ".a.json.swp",
            "a.json~",
            "a.json.part",
            "#a.json#",
            "4913",
            "43",
            "README",
            "a.JSON",
            "json",
        ]
        for name in names:
            self.root.drop(name, MINE, age=60)
            self.root.drop(name, STATS, user=42, age=60)
        self.assertEqual(self.poll(), EMPTY)
        self.sweep()
        for name in names:
            self.assertTrue(self.root.exists("pending", name), name)
            self.assertTrue(self.root.exists("pending", 42, name), name)
        self.assertEqual(self.rejected(), [])

    def test_no_users(self):
        """folders that are no user's are left alone"""
        for name in ("0", "042", "-1", "+42", "abc", str(2**63), "42 "):
            self.root.drop("a.json", STATS, user=name, age=OLD)
        self.assertEqual(self.poll(), EMPTY)
        self.sweep()
        for name in ("0", "042", "-1", "+42", "abc", str(2**63), "42 "):
            self.assertEqual(self.root.ls("pending", name), ["a.json"])


class Kinds(Drops):
    """What is no regular file."""

    def setUp(self):
        super().setUp()
        self.outside = os.path.join(self.root.path, "outside")
        os.mkdir(self.outside)
        self.secret = os.path.join(self.outside, "secret.json")
        self.root.write(self.secret, {**MINE, "params": {"secret": 1}})

    def put(self, user, make):
        self.root.make("pending", *([] if user is None else [user]))
        folder = [] if user is None else [user]
        path = self.root.place("pending", *folder, "a.json")
        make(path)
        return path

    def assert_set_aside(self, make, secret=b"secret"):
        """Not delivered, not followed, not blocking, in either place."""
        for user in (None, 42):
            with self.subTest(user=user):
                path = self.put(user, make)
                self.root.drop("b.json", MINE, user=user)
                self.assert_delivered(params={"item_id": 5})
                if os.path.lexists(path):
                    self.root.set_age(path, OLD)
                self.assertEqual(self.poll(), EMPTY)
                self.assertFalse(os.path.lexists(path), "it still lies there")
        for name in self.rejected():
            if name.endswith(b".why"):
                self.assertNotIn(secret, self.root.read("rejected", name))
        self.assertTrue(os.path.exists(self.secret))

    def test_directory(self):
        """a folder called a.json"""
        self.assert_set_aside(os.mkdir)

    def test_full_directory(self):
        """a folder called a.json with a task in it"""

        def make(path):
            os.mkdir(path)
            self.root.write(os.path.join(path, "b.json"), MINE)

        self.assert_set_aside(make)

    def test_fifo(self):
        """a FIFO, which nobody ever opens for writing"""
        self.assert_set_aside(os.mkfifo)

    def test_dangling_link(self):
        """a symbolic link to nothing"""
        self.assert_set_aside(lambda path: os.symlink("nowhere", path))

    def test_link_to_a_file(self):
        """a symbolic link to a task elsewhere"""
        self.assert_set_aside(lambda path: os.symlink(self.secret, path))

    def test_link_to_a_directory(self):
        """a symbolic link to a folder"""
        self.assert_set_aside(lambda path: os.symlink(self.outside, path))

    def test_link_to_itself(self):
        """a symbolic link to itself"""
        self.assert_set_aside(lambda path: os.symlink("a.json", path))

    def test_link_under_a_queued_name(self):
        """a link or FIFO under a queued name is not followed either"""
        self.root.make("pending", 42)
        for number, make in enumerate(
            (os.mkfifo, os.mkdir, lambda path: os.symlink(self.secret, path))
        ):
            name = f"000-{stamp(-9999)}-get_stats-odd{number}.json"
            make(self.root.place("pending", 42, name))
        self.root.drop("b.json", STATS, user=42)
        self.assert_delivered(params={"item_id": 5})
        self.assertEqual(self.poll(), EMPTY)
        self.assertEqual(len(self.root.ls("pending", 42)), 0)
        self.assert_reasons("it is no regular file")

    def assert_reasons(self, reason):
        """Each .why begins with it."""
        names = [n for n in self.rejected() if n.endswith(b".why")]
        self.assertTrue(names)
        for name in names:
            why = self.root.read("rejected", name).decode().splitlines()
            self.assertEqual(why[0], reason)

    def test_too_large(self):
        """of one that is too large to be read just that is said"""
        self.root.make("pending", 42)
        name = f"000-{stamp(-9999)}-get_stats-large.json"
        path = self.root.place("pending", 42, name)
        self.root.write(path, b"{")
        os.truncate(path, 2**31)
        self.assertEqual(self.poll(), EMPTY)
        self.assert_reasons("it is larger than what can be read")

    def test_unreadable(self):
        """a file that may not be read does not block the queue"""
        if os.geteuid() != 0:
            user = os.geteuid()
        else:
            user = NOBODY  # root may read everything
            if not runs_for(user, program("next-task")):
                raise unittest.SkipTest("nobody cannot run the programs here")
        self.root.drop("b.json", STATS, user=42)
        path = self.root.drop("a.json", STATS, user=42, age=OLD)
        os.chmod(path, 0)
        own_all(self.root.path, user, but=path)
        done = subprocess.run(
            [program("next-task")],
            env=self.api.environment(
                "GET", "/api/plugin/tasks?user_id=42", b"", self.backend
            ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            user=None if os.geteuid() != 0 else user,
            cwd="/",
        )
        answer = parse(done.stdout, done.stderr, done.returncode)
        self.assertEqual(answer.json["params"], {"item_id": 5})
        left = [n for n in Tree(self.root.path).drops if n.path]
        self.assertTrue(left or self.rejected(), "never lost")
        os.chmod(self.root.path, 0o755)


class Moments(Drops):
    """Files that come while, or right after, a program looks."""

    def setUp(self):
        super().setUp()
        # However long a test takes, what it was handed does not come again.
        self.root.configure(action_get_stats={"timeout": 86400})

    def test_while_polling(self):
        """drops that go on during polls are all found, none twice"""
        # 100 come to pending/ itself: where more than DROPS_PER_POLL lie there
        # polls leave them to the sweeper, and here it does not come again.
        count = 300

        def drop_all():
            for number in range(count):
                body = {**MINE, "task_id": f"d{number}"}
                name = f"{number}.json"
                part = self.root.drop(name + ".part", body)
                user = [42] if number % 3 else []
                os.rename(part, self.root.place("pending", *user, name))

        self.sweep()
        self.root.make("pending", 42)
        thread = threading.Thread(target=drop_all)
        thread.start()
        got = []
        end = time.monotonic() + TIMEOUT
        while len(got) < count and time.monotonic() < end:
            task_id = self.poll_id()
            if task_id is not None:
                got.append(task_id)
                end = time.monotonic() + TIMEOUT
        thread.join()
        self.assertEqual(sorted(got), sorted(f"d{n}" for n in range(count)))

    def test_at_each_system_call(self):
        """a drop at any system call of a poll is found by it or the next"""
        self.sweep()
        for user in (None, 42):
            self.root.make("pending", 42)
            self.poll()
            with self.traced_poll() as poll:
                calls = poll.calls()
            self.assertGreater(len(calls), 10, "a poll makes more calls")
            for number, call in enumerate(calls):
                self.drop_at(call, user, f"{user}-{number}")

    def traced_poll(self, call=None):
        env = self.api.environment(
            "GET", "/api/plugin/tasks?user_id=42", b"", self.backend
        )
        return Traced("next-task", env, call)

    def drop_at(self, call, user, task_id):
        """Drops a task at one call of a poll, which may or may not see it."""
        with self.traced_poll(call) as poll:
            if poll.stopped:
                body = {**MINE, "task_id": task_id}
                self.root.drop("a.json", body, user=user)
        got = [poll.answer().json["task_id"], self.poll_id(), self.poll_id()]
        want = [None, None, task_id if poll.stopped else None]
        self.assertEqual(sorted(map(str, got)), sorted(map(str, want)), call)


if __name__ == "__main__":
    main()
