#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What cannot be read, moved or removed blocks nothing, and is told of with
the line that mends it. The programs run as nobody; root lays it there."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

from support import Case, main
from support.case import EMPTY, PARAMS, RECEIVED, stamp, wait_until
from support.cgi import SANITIZERS, TIMEOUT, Direct, encode, program
from support.images import PNG
from support.nobody import (
    NOBODY,
    AsNobody,
    give,
    skip_unless_root,
    sweep_as_nobody,
)
from support.sources import REPOSITORY

IMAGE = base64.b64encode(PNG).decode()
STATS = {"action": "get_stats", "params": {"item_id": 5}}
DAYS = 99 * 86400
MANY = 140  # more than a poll routes or settles


class Stuck(Case):
    """A root of nobody's, in which root may lay things."""

    transport = AsNobody
    leaves_debris = "what is stuck stays"
    settle = 0  # seconds until what is there is old

    def setUp(self):
        skip_unless_root()
        super().setUp()
        self.root.configure(
            queue={"settle": self.settle, "keep_done": 30},
            action_some_action={"pace": 1},
        )
        for name in ("pending", "executing", "done"):
            self.root.make(name, 42)
        give(self.root.path)

    def lay(self, content, *place, mode=0o600, age=None):
        """A file of root's; its path. Not for a moment may others read what
        they shall not: a held poll would take it."""
        path = self.root.place(*place)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, mode & 0o600))
        self.root.write(path, content)
        os.chmod(path, mode)
        if age is not None:
            self.root.set_age(path, age)
        return path

    def lay_queued(self, task_id, owner=0, action="get_stats", **fields):
        """A task in the queue, of root's or nobody's, the older the earlier
        it is laid; its name."""
        self.laid = getattr(self, "laid", 0) + 1
        created = stamp(-9000 + self.laid)
        name = f"998-{created}-{action}-{task_id}.json"
        params = PARAMS.get(action, {})
        body = {"action": action, "params": params, **fields}
        path = self.lay(body, "pending", 42, name)
        os.chown(path, owner, owner)
        return name

    def lay_executing(self, task_id, owner):
        """An overdue one."""
        queued = f"998-{stamp(-9000)}-get_stats-{task_id}.json"
        name = f"{stamp(-60)}-abcdefgh-{queued}"
        path = self.lay(STATS, "executing", 42, name, mode=0o644)
        os.chown(path, owner, owner)
        return name

    def stick(self, *place):
        """A folder of root's in which each may remove but his own."""
        path = self.root.place(*place)
        os.chown(path, 0, 0)
        os.chmod(path, 0o1777)

    def freeze(self, path):
        """Marks it immutable, for as long as the test lasts."""
        done = subprocess.run(["chattr", "+i", path], capture_output=True)
        if done.returncode != 0:
            raise unittest.SkipTest("this file system has no chattr +i")
        self.addCleanup(subprocess.run, ["chattr", "-i", path], stderr=-3)

    def sweep(self, *arguments):
        return sweep_as_nobody(self.root, *arguments)

    def events(self):
        """The lines of the log that tell of what is stuck."""
        if not self.root.exists("log", "events.log"):
            return []
        text = self.root.read("log", "events.log").decode()
        return [line for line in text.splitlines() if " stuck " in line]

    def health(self):
        return self.api.get("/api/health", token=self.backend).json

    def assert_told(self, *paths):
        """Of these alone, everywhere, and in the log once; their lines that
        mend them."""
        for _ in range(3):
            self.poll()
            lines = [line for line in self.sweep() if "mend it with" in line]
        self.assertEqual(len(lines), len(paths), lines)
        self.assertEqual(len(self.events()), len(paths), self.events())
        health = self.health()
        self.assertEqual(health["status"], "degraded")
        answer = self.api.get("/api/health")
        self.assertEqual(answer.json["status"], "degraded")
        self.assertNotIn("stuck", answer.json)
        told = {one["path"]: one["fix"] for one in health["stuck"]}
        self.assertEqual(sorted(told), sorted(paths))
        answer = self.api.get("/api/health?selftest=1", token=self.backend)
        found = {one["check"]: one for one in answer.json["selftest"]}["stuck"]
        self.assertFalse(found["ok"])
        for path, fix in told.items():
            self.assertIn(fix, found["fix"])
            self.assertIn(path, found["detail"])
            for all_lines in (lines, self.events()):
                said = [one for one in all_lines if one.endswith(fix)]
                self.assertEqual(len(said), 1, all_lines)
                self.assertIn(f" {path}: ", said[0])
        return list(told.values())

    def assert_mended(self, fixes):
        """By these lines, for good."""
        for fix in fixes:
            done = subprocess.run(["sh", "-c", fix], capture_output=True)
            self.assertEqual((done.returncode, done.stderr), (0, b""), fix)
        self.sweep()
        health = self.health()
        self.assertEqual(health["stuck"], [])
        self.assertEqual(health["status"], "ok")
        names = self.root.ls("index")
        self.assertEqual([n for n in names if n.startswith("stuck")], [])


class Queue(Stuck):
    """Tasks in the queue."""

    def test_unreadable(self):
        """a task of root's among others"""
        self.lay_queued("a", NOBODY)
        name = self.lay_queued("b")
        self.lay_queued("c", NOBODY)
        self.assertEqual([self.poll_id() for _ in "abc"], ["a", "c", None])
        fixes = self.assert_told(f"pending/42/{name}")
        path = os.path.realpath(self.root.place("pending", 42, name))
        self.assertEqual(fixes, [f"chown -h {NOBODY} '{path}'"])
        self.assert_mended(fixes)
        self.assertEqual(self.poll_id(), "b")

    def test_closed_to_its_owner(self):
        """a task of ours that chmod 0 has closed"""
        name = self.lay_queued("a", NOBODY)
        self.lay_queued("b", NOBODY)
        os.chmod(self.root.place("pending", 42, name), 0)
        self.assertEqual([self.poll_id(), self.poll_id()], ["b", None])
        self.assert_mended(self.assert_told(f"pending/42/{name}"))
        self.assertEqual(self.poll_id(), "a")

    def test_by_receive_id(self):
        """it keeps no receive_id from another task"""
        self.lay_queued("a")
        self.lay_queued("b", NOBODY)
        for _ in range(2):
            self.assertEqual(self.poll_id(receive_id="abcdefgh"), "b")

    def test_deep(self):
        """in a queue with an index, in the middle and in front"""
        self.queue_names(600)
        give(self.root.path)
        names = self.root.ls("pending", 42)
        for name in (names[0], names[300]):
            os.chown(self.root.place("pending", 42, name), 0, 0)
        got = [self.poll_id() for _ in range(10)]
        want = [name.rpartition("-")[2][:-5] for name in names[1:11]]
        self.assertEqual(got, want)
        self.assertTrue(self.root.exists("index", "42.queue"))

    def test_many(self):
        """more than are told of"""
        for number in range(MANY):
            self.lay_queued(f"stuck{number}")
        self.lay_queued("good", NOBODY)
        self.assertEqual(self.poll_id(), "good")
        self.assertEqual(self.poll(), EMPTY)
        self.assertEqual(len(self.events()), 100)
        self.assertIn("left alone 92 more like these", self.sweep())

    def test_sticky(self):
        """a task of root's in a sticky folder"""
        name = self.lay_queued("a")
        self.lay_queued("b", NOBODY)
        os.chmod(self.root.place("pending", 42, name), 0o644)
        self.stick("pending", 42)
        self.assertEqual([self.poll_id(), self.poll_id()], ["b", None])
        self.assert_mended(self.assert_told(f"pending/42/{name}"))
        self.assertEqual(self.poll_id(), "a")

    def test_immutable(self):
        """a task after chattr +i"""
        name = self.lay_queued("a", NOBODY)
        self.lay_queued("b", NOBODY)
        self.freeze(self.root.place("pending", 42, name))
        self.assertEqual([self.poll_id(), self.poll_id()], ["b", None])
        self.assert_mended(self.assert_told(f"pending/42/{name}"))
        self.assertEqual(self.poll_id(), "a")

    def test_append_only(self):
        """a task after chattr +a, of which the kernel tells nothing"""
        name = self.lay_queued("a", NOBODY)
        self.lay_queued("b", NOBODY)
        path = self.root.place("pending", 42, name)
        self.freeze(path)
        subprocess.run(["chattr", "-i", "+a", path], check=True)
        self.addCleanup(subprocess.run, ["chattr", "-a", path], stderr=-3)
        self.assertEqual([self.poll_id(), self.poll_id()], ["b", None])
        self.assert_mended(self.assert_told(f"pending/42/{name}"))
        self.assertEqual(self.poll_id(), "a")

    def test_spoilt_and_immovable(self):
        """what is no task, where rejected/ is a plain file"""
        path = self.root.place("rejected")
        if os.path.exists(path):
            os.rmdir(path)
        name = self.lay_queued("a", NOBODY)
        self.root.write(self.root.place("pending", 42, name), "[]")
        self.lay_queued("b", NOBODY)
        self.lay("", "rejected")
        self.assertEqual(self.poll_id(), "b")
        self.assert_mended(self.assert_told("rejected"))
        self.assertEqual(self.poll(), EMPTY)
        self.assertIn(name, self.root.ls("rejected"))

    def test_expired(self):
        """more tasks than a poll records have expired, and cannot be moved"""
        for number in range(20):
            name = self.lay_queued(f"old{number}", expires_in=60)
            os.chmod(self.root.place("pending", 42, name), 0o644)
        self.lay_queued("good", NOBODY)
        self.stick("pending", 42)
        self.assertEqual(self.poll_id(), "good")
        self.assertGreater(len(self.events()), 0)

    def test_pace(self):
        """an action whose pace cannot be noted holds no other back"""
        self.lay_queued("a", NOBODY, action="some_action")
        self.lay_queued("b", NOBODY)
        os.mkdir(self.root.make("pace") + "/42", 0o755)
        os.chown(self.root.place("pace"), NOBODY, NOBODY)
        self.assertEqual([self.poll_id(), self.poll_id()], ["b", None])
        self.assert_mended(self.assert_told("pace/42"))
        self.assertEqual(self.poll_id(), "a")

    def test_cannot_tell(self):
        """whether one is done cannot be told, which stops that one alone"""
        self.lay_queued("a", NOBODY, action="create_product")
        self.lay_queued("b", NOBODY, action="create_product")
        answer = self.failing("newfstatat", "done/42/a.completed.json")
        self.assertEqual(answer.json.get("task_id"), "b", answer)
        self.assert_state("a", "pending")
        self.assertEqual(len(self.events()), 1)
        self.assertEqual(self.poll_id(), "a")

    def test_cannot_make_safe(self):
        """one cannot be made safe, which stops that one alone"""
        self.lay_queued("a", NOBODY, action="create_product")
        self.lay_queued("b", NOBODY, action="create_product")
        folder = os.path.realpath(self.root.place("executing", 42))
        answer = self.failing("fsync", folder)
        self.assertEqual(answer.json.get("task_id"), "b", answer)
        self.assert_state("a", "pending")

    def failing(self, call, path):
        """A poll whose first such call for the path fails."""
        rule = f"inject={call}:error=EIO:when=1"
        log = os.path.join(self.root.path, "strace.log")
        return self.api.get(
            "/api/plugin/tasks?user_id=42",
            token=self.backend,
            wrapper=("strace", "-q", "-o", log, "-P", path, "-e", rule),
            env={"ASAN_OPTIONS": "detect_leaks=0"},
        )


class Dropped(Stuck):
    """Files dropped into pending/ and pending/42/."""

    def places(self):
        """As parts of a path, and what a file there must say besides."""
        return (("pending",), {"user_id": 42}), (("pending", 42), {})

    def test_unreadable(self):
        """a drop of root's stays, is told of, and goes once it is mended"""
        for place, more in self.places():
            with self.subTest(place=place):
                path = self.lay({**STATS, **more}, *place, "a.json")
                give(self.lay({**STATS, **more}, *place, "b.json"))
                self.assertIsNotNone(self.poll_id())
                self.assertEqual(self.poll(), EMPTY)
                self.assertEqual(self.root.ls("rejected"), [])
                shown = os.path.relpath(path, self.root.spool)
                self.assert_mended(self.assert_told(shown))
                self.assertIsNotNone(self.poll_id())
                os.unlink(self.root.place("log", "events.log"))

    def test_hostile_name(self):
        """the line that mends it bears any name"""
        name = "it's $(touch x) `y` \\ \"z\".json"
        self.lay(STATS, "pending", 42, name)
        self.assertEqual(self.poll(), EMPTY)
        self.assert_mended(self.assert_told(f"pending/42/{name}"))
        self.assertIsNotNone(self.poll_id())

    def test_unprintable_name(self):
        """what a terminal would obey is shown, and its line works all the
        same"""
        for name, shown in (
            ("a\x1b[2J.json", "a\\033[2J.json"),
            ("a\nb%d\\.json", "a\\012b%d\\.json"),
            ("a\udcff'é.json", "a\\377'é.json"),
            ("a\x9b.json", "a\\302\\233.json"),
        ):
            with self.subTest(name=shown):
                self.lay(STATS, "pending", 42, name)
                self.assertEqual(self.poll(), EMPTY)
                self.assert_mended(self.assert_told(f"pending/42/{shown}"))
                self.assertIsNotNone(self.poll_id())
                os.unlink(self.root.place("log", "events.log"))

    def test_order(self):
        """the others keep their order"""
        for number in range(9):
            body = {**STATS, "task_id": f"t{number}"}
            path = self.lay(body, "pending", 42, f"{9 - number}.json")
            if number % 3:
                give(path)
        got = [self.poll_id() for _ in range(7)]
        self.assertEqual(got, ["t1", "t2", "t4", "t5", "t7", "t8", None])

    def test_folder_of_root(self):
        """mkdir -m 755 pending/42 as root, and a drop in it"""
        os.rmdir(self.root.place("pending", 42))
        os.mkdir(self.root.place("pending", 42), 0o755)
        give(self.lay(STATS, "pending", 42, "a.json"))
        give(self.lay({**STATS, "user_id": 43}, "pending", "b.json"))
        self.assertIsNotNone(self.poll_id(user=43))
        self.assertEqual(self.poll(), EMPTY)
        self.assert_mended(self.assert_told("pending/42"))
        self.assertIsNotNone(self.poll_id())

    def test_many(self):
        """more than a poll routes, which cannot be moved, before another"""
        for place, more in self.places():
            with self.subTest(place=place):
                for number in range(MANY):
                    self.lay(
                        {**STATS, **more}, *place, f"{number}.json", mode=0o644
                    )
                give(self.lay({**STATS, **more}, *place, "z.json"))
                self.stick(*place)
                if place == ("pending",):
                    self.sweep()  # to which polls leave so many of anybody's
                self.assertIsNotNone(self.poll_id())
                self.assertEqual(self.poll(), EMPTY)
                self.assertEqual(len(self.events()), 100)
                for number in range(MANY):
                    os.unlink(self.root.place(*place, f"{number}.json"))
                os.chmod(self.root.place(*place), 0o777)
                self.sweep()
                os.unlink(self.root.place("log", "events.log"))

    def test_immutable(self):
        """a drop after chattr +i"""
        path = self.lay(STATS, "pending", 42, "a.json", mode=0o644)
        give(self.lay(STATS, "pending", 42, "b.json"))
        self.freeze(path)
        self.assertIsNotNone(self.poll_id())
        self.assertEqual(self.poll(), EMPTY)
        self.assert_mended(self.assert_told("pending/42/a.json"))
        self.assertIsNotNone(self.poll_id())

    def test_rejected_a_file(self):
        """a drop that is no task, where rejected/ is a plain file"""
        os.rmdir(self.root.place("rejected"))
        self.lay("", "rejected")
        give(self.lay("[]", "pending", 42, "a.json"))
        give(self.lay(STATS, "pending", 42, "b.json"))
        self.assertIsNotNone(self.poll_id())
        self.assert_mended(self.assert_told("rejected"))
        self.assertIn("a.json", self.root.ls("rejected"))

    def setUp(self):
        super().setUp()
        self.sweep()  # which makes all folders

    def test_as_old_as_before(self):
        """a drop that could not be moved is not younger for it"""
        for place, more in self.places():
            with self.subTest(place=place):
                path = self.lay({**STATS, **more}, *place, "a.json")
                give(path)
                before = os.stat(path).st_ctime_ns
                rule = "inject=renameat:error=EIO"
                log = os.path.join(self.root.path, "strace.log")
                self.api.get(
                    "/api/plugin/tasks?user_id=42",
                    token=self.backend,
                    wrapper=("strace", "-q", "-o", log, "-e", rule),
                    env={"ASAN_OPTIONS": "detect_leaks=0"},
                )
                self.assertEqual(os.stat(path).st_ctime_ns, before)
                os.unlink(path)

    def test_folder_append_only(self):
        """a drop in a folder after chattr +a, and the line that mends it"""
        give(self.lay(STATS, "pending", 42, "a.json"))
        folder = self.root.place("pending", 42)
        self.freeze(folder)
        subprocess.run(["chattr", "-i", "+a", folder], check=True)
        self.addCleanup(subprocess.run, ["chattr", "-a", folder], stderr=-3)
        self.assertEqual(self.poll(), EMPTY)
        for one in self.health()["stuck"]:
            subprocess.run(one["fix"], shell=True, check=True)
        self.assertIsNotNone(self.poll_id())


class Mounted(Stuck):
    """A folder of a user's that is on another file system."""

    def test_folder(self):
        """nothing can be moved there, and that is told"""
        other = elsewhere(self.root.spool)
        self.addCleanup(shutil.rmtree, other)
        give(other)
        place = self.root.place("pending", 42)
        os.rmdir(place)
        os.symlink(other, place)
        give(self.lay({**STATS, "user_id": 42}, "pending", "a.json"))
        self.assertEqual(self.poll(), EMPTY)
        (told,) = self.assert_told("pending/42")
        self.assertIn("bring it to the file system", told)
        answer = self.api.post(
            "/api/tasks/create",
            {"user_id": 42, **STATS},
            token=self.backend,
        )
        self.assertEqual(answer.status, 503)
        self.assertIn("on another file system", answer.json["detail"])
        os.unlink(place)
        os.mkdir(place)
        give(place)
        self.assertIsNotNone(self.poll_id())


def elsewhere(spool):
    """A folder of its own on another file system."""
    for base in ("/dev/shm", "/tmp", "/var/tmp", REPOSITORY):
        if os.stat(base).st_dev != os.stat(spool).st_dev:
            return tempfile.mkdtemp(dir=base)
    raise unittest.SkipTest("there is but one file system here")


class Young(Stuck):
    """What has come a moment ago may yet be given its owner."""

    settle = 3600

    def test_not_told(self):
        """it is left alone, however old cp -p has made it"""
        for place in (("pending",), ("pending", 42)):
            path = self.lay(
                {**STATS, "user_id": 42}, *place, "a.json", age=DAYS
            )
            self.lay_queued("q")
            self.assertEqual(self.poll(), EMPTY)
            self.assertEqual(self.sweep(), [])
            self.assertEqual(self.events(), [])
            self.assertEqual(self.root.ls("rejected"), [])
            self.assertEqual(self.health()["status"], "ok")
            give(path)
            self.assertIsNotNone(self.poll_id())

    def test_held(self):
        """a held poll is woken by the moment before, and gets the task"""
        stamp_path = self.root.place("index", "42.seen")
        answers = []

        def poll():
            target = "/api/plugin/tasks?user_id=42&wait=20"
            answers.append(self.api.get(target, token=self.backend))

        thread = threading.Thread(target=poll)
        thread.start()
        self.addCleanup(thread.join)
        self.assertTrue(wait_until(lambda: os.path.exists(stamp_path)))
        path = self.lay(STATS, "pending", 42, "a.json")
        # Seen by a look, since it is read from then on at each.
        self.poll()
        give(path)
        thread.join()
        self.assertIsNotNone(answers[0].json["task_id"])
        self.assertEqual(self.root.ls("rejected"), [])


class Elsewhere(Stuck):
    """Leases, records, results on their way, photos and debris."""

    def test_leases(self):
        """more overdue tasks than a poll settles, which cannot be moved"""
        for number in range(MANY):
            self.lay_executing(f"stuck{number}", 0)
        good = {f"good{number}" for number in range(9)}
        for task_id in good:
            self.lay_executing(task_id, NOBODY)
        self.stick("executing", 42)
        self.assertEqual({self.poll_id() for _ in good}, good)
        self.assertEqual(self.poll(), EMPTY)
        self.assertEqual(len(self.events()), 100)

    def test_lease(self):
        """an overdue task of root's is told of, and settled once mended"""
        name = self.lay_executing("a", 0)
        os.chmod(self.root.place("executing", 42, name), 0o600)
        self.lay_executing("b", NOBODY)
        self.assertEqual(self.poll_id(), "b")
        self.assert_mended(self.assert_told(f"executing/42/{name}"))
        self.assertEqual(self.poll_id(), "a")

    def test_old_records(self):
        """a record that cannot be removed keeps none from being pruned"""
        for number in range(20):
            name = f"t{number}.completed.json"
            path = self.lay({}, "done", 42, name, mode=0o644, age=DAYS)
            if number != 7:
                give(path)
        self.stick("done", 42)
        self.assertIn("removed 19 finished tasks", self.sweep()[0])
        self.assertEqual(self.root.ls("done", 42), ["t7.completed.json"])
        self.assert_mended(self.assert_told("done/42/t7.completed.json"))

    def test_debris(self):
        """what cannot be removed from tmp/ keeps nothing else there"""
        self.sweep()
        for number in range(20):
            path = self.lay("", "tmp", f"d{number}", age=DAYS)
            if number != 7:
                give(path)
        self.stick("tmp")
        self.assertIn("removed 19 files", self.sweep()[0])
        self.assert_mended(self.assert_told("tmp/d7"))

    def test_photos(self):
        """an old photo that cannot be removed"""
        give(self.root.make("photos"))
        names = [f"{digit * 64}.png" for digit in "0123456789abcdef"]
        for name in names:
            path = self.lay("", "photos", name, age=DAYS)
            if name != names[7]:
                give(path)
        self.stick("photos")
        self.assertIn("removed 15 photos", self.sweep()[0])
        self.assert_mended(self.assert_told(f"photos/{names[7]}"))

    def test_reports(self):
        """what a plugin said of a task that it has no more"""
        self.root.make("progress", 42)
        give(self.root.place("progress"))
        for number in range(20):
            path = self.lay("{}", "progress", 42, f"t{number}.json")
            if number != 7:
                give(path)
        self.stick("progress", 42)
        self.assertIn("removed 19 reports", self.sweep()[0])
        self.assert_mended(self.assert_told("progress/42/t7.json"))

    def test_ingest(self):
        """a result on its way that cannot be read"""
        self.root.make("ingest", 42)
        give(self.root.place("ingest"))
        names = [f"{stamp(-number)}-t{number}.json" for number in range(9)]
        for name in names:
            path = self.lay({"status": "completed"}, "ingest", 42, name)
            if name != names[7]:
                give(path)
        self.sweep()
        self.assertEqual(self.root.ls("ingest", 42), [names[7]])
        self.assert_mended(self.assert_told(f"ingest/42/{names[7]}"))
        self.assertEqual(self.root.ls("ingest", 42), [])

    def test_catalogue(self):
        """a catalogue of root's"""
        self.root.make("ingest", 42)
        self.root.make("products")
        for name in ("ingest", "products"):
            give(self.root.place(name))
        record = {**STATS, "status": "completed", "completed_at": "x"}
        give(self.lay(record, "ingest", 42, f"{stamp()}-t.json"))
        self.lay("", "products", "42.ndjson")
        self.assert_mended(self.assert_told("products/42.ndjson"))
        self.assertEqual(self.root.ls("ingest", 42), [])

    def test_debris_of_a_result(self):
        """an entry that cannot be removed when its result is there"""
        task_id = self.create()
        self.poll()
        entry = self.root.ls("executing", 42)[0]
        path = self.root.place("executing", 42, entry)
        self.freeze(path)
        answer = self.post_result(task_id)
        self.assertEqual((answer.status, answer.json), (200, RECEIVED))
        self.assert_mended(self.assert_told(f"executing/42/{entry}"))
        self.assertEqual(self.root.ls("executing", 42), [])
        self.assertEqual(self.root.ls("tmp"), [])

    def test_locks(self):
        """a lock of root's is no lock: it is made anew"""
        self.root.make("ingest", 42)
        give(self.root.make("ingest"))
        give(self.root.make("index"))
        path = self.lay("", "index", "42.ingest")
        give(self.lay({}, "ingest", 42, f"{stamp()}-t.json"))
        self.sweep()
        self.assertEqual(os.stat(path).st_uid, NOBODY)

    def test_late_result(self):
        """a record of root's, over which a plugin's result would go"""
        task_id = self.create_overdue(action="create_product")
        self.assertEqual(self.poll(), EMPTY)
        path = self.root.place("done", 42, f"{task_id}.failed.json")
        os.chown(path, 0, 0)
        self.assertEqual(self.post_result(task_id).status, 503)
        fixes = self.assert_told(f"done/42/{task_id}.failed.json")
        self.assert_mended(fixes)
        self.assertEqual(self.post_result(task_id).status, 200)

    def test_logs(self):
        """a log of root's"""
        self.sweep()
        self.root.make("log")
        self.lay("", "log", "events.log")
        lines = self.sweep()
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("log/events.log", lines[0])
        self.assertEqual(
            [one["path"] for one in self.health()["stuck"]],
            ["log/events.log"],
        )
        self.assert_mended([lines[0].partition("mend it with: ")[2]])

    def test_each_folder(self):
        """any folder that root has closed, whether or not anybody needs it"""
        self.create()
        for user in (42, 43):
            for name in ("ingest", "progress", "pace", "keys", "unknown"):
                self.root.make(name, user)
        give(self.root.path)
        self.sweep()
        tops = self.root.ls()
        users = [f"{top}/42" for top in tops if self.root.exists(top, 42)]
        self.assertEqual((len(tops), len(users)), (15, 8))
        for folder in [*tops, *users]:
            with self.subTest(folder=folder):
                path = self.root.place(folder)
                os.chown(path, 0, 0)
                os.chmod(path, 0o755)
                lines = self.sweep()
                told = [line for line in lines if f" {folder}: " in line]
                self.assertEqual(len(told), 1, lines)
                health = self.api.get("/api/health")
                self.assertEqual(health.json["status"], "degraded")
                fix = told[0].partition("mend it with: ")[2]
                os.chmod(path, 0o700)
                self.assert_mended([fix])

    def test_dry_run(self):
        """a dry run tells of it and leaves no trace"""
        self.lay_queued("a")
        self.poll()
        before = self.root.picture()
        lines = self.sweep("--dry-run")
        self.assertEqual(len(lines), 1)
        self.assertIn("would have left alone pending/42/", lines[0])
        self.assertEqual(self.root.picture(), before)


class Others(Stuck):
    """One seller's folder has nothing to do with another's."""

    def close(self, *place):
        self.root.make(*place)
        path = self.root.place(*place)
        os.chown(path, 0, 0)
        os.chmod(path, 0o700)

    def test_result(self):
        """a result finds its task where another's folder is closed"""
        self.create(task_id="t")
        self.poll()
        self.close("executing", 43)
        answer = self.post_result("t", token=self.backend)
        self.assertEqual((answer.status, answer.json), (200, RECEIVED))

    def test_result_of_nobody(self):
        """but is not refused as unknown where it may be the other's"""
        self.close("executing", 43)
        answer = self.post_result("t", token=self.backend)
        self.assertEqual(answer.status, 503, answer)

    def test_health(self):
        """health counts what it can"""
        self.create()
        self.close("pending", 43)
        self.sweep()
        health = self.health()
        self.assertEqual(health["counts"]["pending"], 1)
        self.assertEqual(
            [one["path"] for one in health["stuck"]], ["pending/43"]
        )

    def test_who_may_see(self):
        """a seller's token is not told of another's, nor where the root is"""
        self.lay_queued("a")
        self.close("pending", 43)
        self.poll()
        self.sweep()
        answer = self.api.get("/api/health", token=self.plugin)
        self.assertEqual(len(answer.json["stuck"]), 1)
        self.assertNotIn(self.root.path, json.dumps(answer.json))
        self.assertIn("-a.json", answer.json["stuck"][0]["path"])
        self.close("photos")
        answer = self.api.get("/api/health", token=self.plugin)
        self.assertEqual(answer.json["stuck"][0]["path"], "photos")

    def test_list(self):
        """a list tells of a task that cannot be read what its name tells"""
        self.lay_queued("a")
        self.lay_queued("b", NOBODY)
        give(self.lay({}, "done", 42, "c.failed.json"))
        self.lay({}, "done", 42, "d.failed.json")
        answer = self.api.get("/api/tasks?user_id=42", token=self.backend)
        self.assertEqual(answer.status, 200, answer)
        listed = {one["task_id"]: one for one in answer.json["tasks"]}
        self.assertEqual(sorted(listed), ["a", "b", "c", "d"])
        self.assertEqual(listed["a"]["action"], "get_stats")
        self.assertIsNone(listed["a"]["timeout"])
        self.assertEqual(listed["b"]["timeout"], 60)

    def ask(self, method, target, body=None):
        return self.api.request(method, target, body, token=self.backend)

    def test_show(self):
        """nothing is made up of a task that cannot be read"""
        self.create(task_id="t", timeout=500)
        for move in (self.poll, lambda: self.finish("t"), lambda: None):
            path = self.task("t").path
            os.chown(path, 0, 0)
            answer = self.ask("GET", "/api/tasks/t?user_id=42")
            self.assert_problem(answer, 503, "unavailable")
            self.assertIn(os.path.relpath(path, self.root.spool), answer.detail)
            give(path)
            move()

    def test_record(self):
        """a record that cannot be read is told of by whoever meets it"""
        self.create(task_id="t")
        self.poll()
        self.finish("t")
        self.sweep()  # the catalogue has it
        path = self.task("t").path
        for method, target, body in (
            ("GET", "/api/tasks/t?user_id=42", None),
            ("GET", "/api/tasks?user_id=42", None),
            ("POST", "/api/tasks/t/retry?user_id=42", {}),
            ("POST", "/api/tasks/t/cancel?user_id=42", {}),
            ("POST", "/api/plugin/tasks/t/result", {"success": True}),
        ):
            with self.subTest(target=target):
                os.chown(path, 0, 0)
                self.ask(method, target, body)
                fixes = self.assert_told("done/42/t.completed.json")
                self.assert_mended(fixes)
                os.unlink(self.root.place("log", "events.log"))

    def test_folders(self):
        """where a folder is at fault the answer and the log name it"""
        self.create(task_id="t")
        self.sweep()  # which makes all folders
        body = {**STATS, "user_id": 42}
        poll, made = "/api/plugin/tasks?user_id=42", "/api/tasks/create"
        for method, target, content, folder in (
            ("POST", made, body, "pending/42"),
            ("POST", made, {**body, "task_id": "u"}, "tmp"),
            ("GET", poll, None, "pending/42"),
            ("GET", poll, None, "executing/42"),
            ("GET", "/api/tasks/t?user_id=42", None, "done/42"),
            ("GET", "/api/tasks/t", None, "done/42"),
            ("DELETE", "/api/tasks/u", None, "pending"),
            ("DELETE", "/api/tasks/u?user_id=42", None, "executing/42"),
            ("GET", "/api/tasks?user_id=42", None, "pending/42"),
            ("GET", "/api/plugin/status?user_id=42", None, "pending/42"),
            ("GET", "/api/products?user_id=42", None, "products"),
            ("POST", "/api/sync/vinted", {"user_id": 42}, "pending/42"),
            ("POST", "/api/plugin/tasks/t/result", {"success": True}, "done"),
            ("POST", "/api/photos", {"content": IMAGE}, "photos"),
        ):
            with self.subTest(target=target, folder=folder):
                path = self.root.place(folder)
                os.chmod(path, 0)
                answer = self.ask(method, target, content)
                os.chmod(path, 0o700)
                self.assert_problem(answer, 503, "unavailable")
                self.assertIn(f"({folder}", answer.detail)
                said = [e for e in self.events() if f" {folder}: " in e]
                self.assertEqual(len(said), 1, self.events())
                self.sweep()
                os.unlink(self.root.place("log", "events.log"))

    def retry(self):
        return self.ask(
            "POST", "/api/tasks/t/retry?user_id=42", {"force": True}
        )

    def assert_not_retried(self, path):
        """It says so of this alone, and the log does, until it is mended."""
        answer = self.retry()
        self.assert_problem(answer, 503, "unavailable")
        self.assertIn(f"({path})", answer.detail)
        self.assertIn("permission denied", answer.detail)
        said = [line.split(" stuck ")[1] for line in self.events()]
        self.assertEqual([one.partition(": ")[0] for one in said], [path])

    def test_retry_folders(self):
        """a retry names the folder that refuses"""
        self.create(task_id="t")
        self.poll()
        self.finish("t")
        self.sweep()  # which makes all folders
        for folder, mode in (
            ("executing/42", 0),
            ("pending/42", 0),
            ("pending/42", 0o500),
        ):
            with self.subTest(folder=folder, mode=mode):
                path = self.root.place(folder)
                os.chmod(path, mode)
                self.assert_not_retried(folder)
                os.chmod(path, 0o700)
                self.sweep()
                os.unlink(self.root.place("log", "events.log"))
        self.assertEqual(self.retry().status, 200)

    def test_retry_beside(self):
        """and what is left beside the record and cannot be removed"""
        self.create(task_id="t")
        self.poll()
        (entry,) = self.root.ls("executing", 42)
        path = self.root.place("executing", 42, entry)
        self.freeze(path)
        self.finish("t")
        self.assert_not_retried(f"executing/42/{entry}")
        os.unlink(self.root.place("tmp", "42-t.verdict"))
        self.assert_not_retried(f"executing/42/{entry}")
        self.assert_mended([self.health()["stuck"][0]["fix"]])
        self.assertEqual(self.retry().status, 200)

    def test_retry_beside_waiting(self):
        """the same where that lies in the queue"""
        self.create(task_id="t")
        (name,) = self.root.ls("pending", 42)
        self.freeze(self.root.place("pending", 42, name))
        record = {**STATS, "task_id": "t", "user_id": 42, "status": "failed"}
        give(self.lay(record, "done", 42, "t.failed.json"))
        self.assert_not_retried(f"pending/42/{name}")

    def test_retry_outlived(self):
        """the same of a failure that we had declared"""
        self.create_overdue(task_id="t", action="create_product")
        self.assertEqual(self.poll(), EMPTY)
        path = self.root.place("done", 42, "t.failed.json")
        self.freeze(path)
        self.finish("t")
        self.assert_not_retried("done/42/t.failed.json")
        os.unlink(self.root.place("tmp", "42-t.verdict"))
        self.assert_not_retried("done/42/t.failed.json")

    def test_writing(self):
        """where nothing can be written health says why"""
        self.create()
        os.chmod(self.root.place("tmp"), 0o500)
        answer = self.ask("GET", "/api/health")
        self.assert_problem(answer, 503, "unavailable")
        for word in ("(tmp: ", "mend it with: chmod "):
            self.assertIn(word, answer.detail)
        answer = self.api.get("/api/health", token=self.plugin)
        self.assertIn("(tmp: ", answer.detail)
        self.assertNotIn("mend it", answer.detail)
        self.sweep()  # which makes all folders
        for name in ("rejected", "tmp"):
            os.chmod(self.root.place(name), 0o500)
        answer = self.ask("GET", "/api/health")
        self.assertIn("(rejected: ", answer.detail)
        self.assertEqual(answer.detail.count("mend it with"), 1)
        for name in ("rejected", "tmp"):
            os.chmod(self.root.place(name), 0o700)


class RootsHand(Stuck):
    """Root starts programs over a spool of nobody's."""

    def setUp(self):
        super().setUp()
        os.chown(self.root.spool, NOBODY, NOBODY)

    def sweep_as_root(self, *wrapper):
        return subprocess.run(
            [*wrapper, program("sweeper")],
            env={
                **SANITIZERS,
                "STOFLOW_ROOT": self.root.path,
                "PATH": os.environ["PATH"],
            },
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def assert_nobodys(self, *path):
        status = os.stat(self.root.place(*path))
        self.assertEqual((status.st_uid, status.st_gid), (NOBODY,) * 2, path)

    def test_sweeper(self):
        """the sweeper leaves nothing of root's there"""
        give(self.lay({**STATS, "user_id": 46}, "pending", "a.json"))
        give(self.lay("?", "pending", "b.json"))
        done = self.sweep_as_root()
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertEqual(len(self.root.ls("pending", 46)), 1)
        for path in (("pending", 46), ("log", "events.log"), ("index",)):
            self.assert_nobodys(*path)
        self.create(user=46)

    def test_programs(self):
        """nor do the other programs"""
        body = {"user_id": 46, "action": "get_user_data"}
        answer = Direct(self.root).post(
            "/api/tasks/create", body, token=self.backend
        )
        self.assertEqual(answer.status, 201, answer)
        self.assert_nobodys("pending", 46)

    def test_cannot(self):
        """root that may not become another does nothing, and says so"""
        for right in ("setuid", "setgid"):
            with self.subTest(right=right):
                without = ("setpriv", f"--bounding-set=-{right}")
                done = self.sweep_as_root(*without)
                self.assert_refused(done.returncode, done.stderr)
                self.assert_refused(*self.create_as_root(without))

    def create_as_root(self, wrapper):
        """The exit status of the program, and its message."""
        api = Direct(self.root)
        body = encode({"user_id": 46, "action": "get_user_data"})
        env = api.environment(
            "POST", "/api/tasks/create", body, self.backend
        )
        env["PATH"] = os.environ["PATH"]
        done = api.run("create-task", env, body, wrapper)
        self.assertEqual(done.stdout, b"")
        return done.returncode, done.stderr.decode()

    def assert_refused(self, status, message):
        self.assertEqual(status, 111, message)
        self.assertIn(f"cannot become user {NOBODY}", message)
        self.assertEqual(self.root.ls("index"), [])
        self.assertEqual(self.root.ls("pending"), ["42"])


if __name__ == "__main__":
    main()
