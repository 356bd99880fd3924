#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Files dropped by hand: where they may lie and what may stand in them."""

import json
import os
import shutil
import time

from support import main
from support.case import EMPTY, stamp
from support.drops import HALF, MINE, OLD, STATS, Drops
from support.reader import Tree


class Places(Drops):
    """Both places, and what may be said where."""

    def test_top(self):
        """pending/X.json with user_id inside"""
        self.root.drop("a.json", {**MINE, "priority": 7, "timeout": 9})
        self.assert_delivered(
            action="get_stats",
            params={"item_id": 5},
            priority=7,
            timeout=9,
        )

    def test_folder(self):
        """pending/42/X.json needs no user_id"""
        self.root.drop("a.json", STATS, user=42)
        self.assert_delivered(action="get_stats", params={"item_id": 5})

    def test_folder_with_user(self):
        """pending/42/X.json may name its user"""
        self.root.drop("a.json", MINE, user=42)
        self.assert_delivered(action="get_stats")

    def test_action_alone(self):
        """params may be missing"""
        self.root.drop("a.json", {"action": "get_user_data"}, user=42)
        self.assert_delivered(action="get_user_data", params={})

    def test_content_is_kept(self):
        """the dropped file itself becomes the task, byte for byte"""
        text = b' {"params":{"x":1.10},\n\t"action":"get_user_data"} \n'
        path = self.root.drop("a.json", text, user=42)
        inode = os.stat(path).st_ino
        told = self.poll()
        task = self.task(told["task_id"])
        with open(task.path, "rb") as file:
            self.assertEqual(file.read(), text)
        self.assertEqual(os.stat(task.path).st_ino, inode)

    def test_any_mode(self):
        """a file with any mode is taken"""
        path = self.root.drop("a.json", STATS, user=42)
        os.chmod(path, 0o444)
        self.assert_delivered(action="get_stats")

    def test_other_users(self):
        """a poll of one user routes the top for all, and hands out its own"""
        self.root.drop("a.json", {**STATS, "user_id": 43, "task_id": "b"})
        self.assertEqual(self.poll(), EMPTY)
        self.assertEqual(self.poll_id(user=43), "b")

    def test_queued_name_by_hand(self):
        """a file dropped under a queued name is that task"""
        name = f"900-{stamp()}-get_stats-by-hand.json"
        self.root.drop(name, STATS, user=42)
        told = self.assert_delivered(task_id="by-hand", priority=99)
        self.assertEqual(told["params"], {"item_id": 5})

    def test_queued_name_with_other_content(self):
        """a queued name that contradicts its content is rejected"""
        for key, value in (
            ("action", "create_product"),
            ("task_id", "another"),
            ("user_id", 43),
        ):
            with self.subTest(key=key):
                name = f"900-{stamp()}-get_stats-x-{key}.json"
                content = {**STATS, key: value}
                self.root.drop(name, content, user=42, age=OLD)
                self.assertEqual(self.poll(), EMPTY)
                self.assertFalse(self.root.exists("pending", 42, name))
                self.assertTrue(self.root.exists("rejected", name + ".why"))

    def test_queued_name_of_a_live_task(self):
        """a second file under the id of a live task is no second task"""
        self.create(task_id="twice")
        name = f"000-{stamp(-9999)}-get_stats-twice.json"
        self.root.drop(name, STATS, user=42, age=OLD)
        ids = [self.poll_id(), self.poll_id()]
        self.assertEqual(ids, ["twice", None])
        self.finish("twice")
        self.assertEqual(self.poll(), EMPTY)

    def test_many(self):
        """hundreds at a time are all taken in"""
        for number in range(150):
            self.root.drop(f"{number}.json", {**MINE, "task_id": f"a{number}"})
            self.root.drop(
                f"{number}.json", {**STATS, "task_id": f"b{number}"}, user=42
            )
        self.sweep()
        tree = Tree(self.root.path)
        self.assertEqual(tree.drops, [])
        self.assertEqual(len(tree.in_state("pending")), 300)

    def test_many_by_polls(self):
        """polls alone take them in too, a bounded number each"""
        for number in range(300):
            self.root.drop(f"{number}.json", MINE)
        got = set()
        while (task_id := self.poll_id()) is not None:
            got.add(task_id)
        self.assertEqual(len(got), 300)


class Contents(Drops):
    """What stands in the file."""

    def setUp(self):
        super().setUp()
        self.settle(0)

    def test_half_written(self):
        """every part of a task that is still being copied is left alone"""
        self.settle(3600)
        text = json.dumps(MINE, indent=1).encode()
        for length in range(len(text)):
            self.root.drop(f"{length}.json", text[:length], age=0)
            self.root.drop(f"{length}.json", text[:length], user=42, age=0)
        before = len(self.root.ls("pending"))
        self.assertEqual(self.poll(), EMPTY)
        self.assertEqual(self.rejected(), [])
        self.assertEqual(len(self.root.ls("pending")), before)

    def test_completed_in_place(self):
        """a copy that is finished in place is found, in both places"""
        self.settle(3600)
        self.sweep()
        for user in (None, 42):
            with self.subTest(user=user):
                path = self.root.drop("a.json", HALF, user=user, age=0)
                # Such an old folder is no reason to look again by itself.
                self.root.set_age(os.path.dirname(path), OLD)
                self.assertEqual(self.poll(), EMPTY)
                with open(path, "a") as file:
                    file.write(json.dumps(MINE)[len(HALF) :])
                self.assert_delivered(action="get_stats")

    def test_never_completed(self):
        """half a file that nobody finishes is set aside in its time"""
        for user in (None, 42):
            with self.subTest(user=user):
                name = f"{user}.json"
                self.settle(3600)
                path = self.root.drop(name, HALF, user=user, age=0)
                self.assertEqual(self.poll(), EMPTY)
                self.settle(0)
                self.assertEqual(self.poll(), EMPTY)
                self.assertFalse(os.path.exists(path))
                self.assertTrue(self.root.exists("rejected", name + ".why"))

    def test_dated_while_copied(self):
        """what gives a file its old time before it is whole, or one to come"""
        for age in (-86400, -10, 10, 86400, 40 * 366 * 86400):
            for user in (None, 42):
                with self.subTest(age=age, user=user):
                    self.settle(3600)
                    path = self.root.drop("a.json", HALF, user=user, age=age)
                    self.assertEqual(self.poll(), EMPTY)
                    self.assertTrue(os.path.exists(path))
                    self.root.write(path, MINE)
                    self.root.set_age(path, age)
                    self.assert_delivered(action="get_stats")
                    self.settle(0)
                    self.root.drop("b.json", HALF, user=user, age=age)
                    self.assertEqual(self.poll(), EMPTY)
                    folder = ("pending",) if user is None else ("pending", user)
                    self.assertNotIn("b.json", self.root.ls(*folder))

    def test_not_json(self):
        """old files that are no JSON are rejected with the place"""
        for label, content in {
            "empty": b"",
            "blank": b" \n",
            "half": HALF,
            "two boms": b"\xef\xbb\xbf" * 2 + json.dumps(MINE).encode(),
            "nul": json.dumps(MINE).encode() + b"\0",
            "nuls": b"\0" * 100,
            "utf-16": json.dumps(MINE).encode("utf-16"),
            "latin-1": '{"action":"get_stats","params":{"x":"é"}}'.encode(
                "latin-1"
            ),
            "two roots": json.dumps(MINE) * 2,
            "trailing comma": '{"action":"get_stats",}',
            "single quotes": str(MINE),
            "comment": "{} // no",
            "too deep": '{"action":"get_stats","params":{"x":'
            + "[" * 63
            + "]" * 63
            + "}}",
        }.items():
            with self.subTest(content=label):
                name = f"{label}.json"
                path = self.root.drop(name, content, user=42, age=OLD)
                self.assertEqual(self.poll(), EMPTY)
                self.assertFalse(os.path.exists(path))
                why = self.root.read("rejected", name + ".why").decode()
                self.assertGreater(len(why), 10)
                kept = self.root.read("rejected", name)
                if isinstance(content, str):
                    content = content.encode()
                self.assertEqual(kept, content)

    def test_byte_order_mark(self):
        """what Windows puts before UTF-8 is passed over"""
        text = b"\xef\xbb\xbf" + json.dumps(MINE).encode()
        for user in (None, 42):
            self.root.drop("a.json", text, user=user, age=OLD)
            task_id = self.poll_id()
            self.assertIsNotNone(task_id)
            with open(self.task(task_id).path, "rb") as file:
                self.assertEqual(file.read(), text)
            self.finish(task_id)
            record = self.root.place("done", 42, f"{task_id}.completed.json")
            with open(record, "rb") as file:
                self.assertEqual(file.read(1), b"{")
        self.leaves_debris = "what a person wrote, which the reader refuses"

    def test_other_encodings(self):
        """a file in UTF-16 is told so, and not that a value is missing"""
        for encoding in (
            "utf-16",
            "utf-16-le",
            "utf-16-be",
            "utf-32",
            "utf-32-le",
            "utf-32-be",
        ):
            with self.subTest(encoding=encoding):
                text = json.dumps(MINE).encode(encoding)
                name = f"{encoding}.json"
                self.root.drop(name, text, user=42, age=OLD)
                self.assertEqual(self.poll(), EMPTY)
                why = self.root.read("rejected", name + ".why").decode()
                self.assertIn(encoding[:6].upper() + " instead", why)

    def test_offset(self):
        """the reason tells where the JSON breaks"""
        self.root.drop("a.json", '{"action": nul}', user=42, age=OLD)
        self.poll()
        self.assert_rejected("a.json", "14")

    def test_no_object(self):
        """JSON that is no object is rejected"""
        for content in ("[]", "1", '"x"', "null", "true"):
            with self.subTest(content=content):
                path = self.root.drop("a.json", content, age=OLD)
                self.assertEqual(self.poll(), EMPTY)
                self.assertFalse(os.path.exists(path))
        names = [n for n in self.rejected() if not n.endswith(b".why")]
        self.assertEqual(len(names), 5)

    def test_wrong_members(self):
        """a wrong member is named, at once and not after settle"""
        for key, value in (
            ("action", None),
            ("action", 5),
            ("action", ""),
            ("action", "Get_Stats"),
            ("action", "get-stats"),
            ("action", "a" * 51),
            ("action", "../x"),
            ("params", []),
            ("params", "x"),
            ("priority", "high"),
            ("priority", 1.5),
            ("priority", -1),
            ("priority", 1000),
            ("timeout", 0),
            ("timeout", 86401),
            ("timeout", True),
            ("user_id", "42"),
            ("user_id", 0),
            ("user_id", -42),
            ("user_id", 2**63),
            ("user_id", None),
            ("task_id", 7),
            ("task_id", ""),
            ("task_id", "a b"),
            ("task_id", "../../etc/passwd"),
            ("task_id", "a" * 65),
            ("task_id", "a\n"),
        ):
            with self.subTest(key=key, value=str(value)[:20]):
                content = {**MINE, key: value}
                if value is None:
                    del content[key]
                path = self.root.drop("a.json", content)
                self.assertEqual(self.poll(), EMPTY)
                self.assertFalse(os.path.exists(path))
                self.assert_rejected("a.json", key)
                for name in self.root.ls("rejected"):
                    os.unlink(self.root.place("rejected", name))

    def test_other_user(self):
        """a file that names another user than its folder is rejected"""
        self.root.drop("a.json", {**STATS, "user_id": 43}, user=42)
        self.assertEqual(self.poll(), EMPTY)
        self.assertEqual(self.poll(user=43), EMPTY)
        self.assert_rejected("a.json", "user_id")

    def test_largest(self):
        """the largest numbers that are allowed are taken"""
        user = 2**63 - 1
        content = {
            "action": "a" * 50,
            "task_id": "Z" * 64,
            "user_id": user,
            "priority": 999,
            "timeout": 86400,
        }
        self.root.drop("a.json", content)
        told = self.poll(user=user)
        self.assertEqual(told["task_id"], "Z" * 64)
        self.assertEqual(told["timeout"], 86400)

    def test_duplicate_ids(self):
        """the id of a pending, executing or done task is taken"""
        for state in ("pending", "executing", "completed"):
            with self.subTest(state=state):
                task_id = f"id-{state}"
                self.create(task_id=task_id)
                if state != "pending":
                    self.assertEqual(self.poll_id(), task_id)
                if state == "completed":
                    self.finish(task_id)
                name = f"{state}.json"
                self.root.drop(name, {**MINE, "task_id": task_id})
                found = self.poll_id()
                self.assertEqual(found, task_id if state == "pending" else None)
                why = self.root.read("rejected", name + ".why").decode()
                self.assertIn(task_id, why)
                if state == "pending":
                    self.finish(task_id)

    def test_twins(self):
        """of two drops with one id one is taken, one rejected"""
        for first, second in ((None, None), (42, 42), (None, 42)):
            with self.subTest(first=first, second=second):
                body = {**MINE, "task_id": f"twin-{first}-{second}"}
                self.root.drop("a.json", body, user=first)
                self.root.drop("b.json", body, user=second)
                ids = [self.poll_id(), self.poll_id()]
                self.assertEqual(ids, [body["task_id"], None])
        self.assertEqual(len(Tree(self.root.path).rejected), 3)

    def test_same_id_of_two_users(self):
        """ids are unique per user only"""
        for user in (42, 43):
            self.root.drop("a.json", {**STATS, "task_id": "one"}, user=user)
        self.assertEqual(self.poll_id(), "one")
        self.assertEqual(self.poll_id(user=43), "one")

    def test_huge(self):
        """a sparse file of 100 MB is rejected and costs little"""
        path = self.root.drop("a.json", b"", user=42)
        os.truncate(path, 100 * 1024 * 1024)
        self.root.set_age(path, OLD)
        self.root.drop("b.json", STATS, user=42)
        started = time.monotonic()
        self.assert_delivered(action="get_stats")
        self.assertLess(time.monotonic() - started, 5)
        self.assert_rejected("a.json")

    def test_huge_and_whole(self):
        """what is larger than max_body is rejected though it is a task"""
        self.root.configure(limits={"max_body": "1K"})
        self.root.drop("a.json", {**STATS, "x": "x" * 1024}, user=42, age=OLD)
        self.assertEqual(self.poll(), EMPTY)
        self.assert_rejected("a.json")

    def test_collisions(self):
        """files rejected under one name are all kept"""
        for number in range(4):
            self.root.drop("a.json", f"wrong {number}", age=OLD)
            self.root.drop("a.json", f"own {number}", user=42, age=OLD)
            self.poll()
        tree = self.assert_sound()
        contents = set()
        for path in tree.rejected:
            with open(path) as file:
                contents.add(file.read())
        want = {f"{kind} {n}" for kind in ("wrong", "own") for n in range(4)}
        self.assertEqual(contents, want)

    def test_mended(self):
        """a rejected file, mended and moved back, is taken"""
        self.root.drop("a.json", HALF, user=42, age=OLD)
        self.poll()
        self.assert_rejected("a.json")
        path = self.root.place("rejected", "a.json")
        self.root.write(path, MINE)
        shutil.move(path, self.root.place("pending", "a.json"))
        self.assert_delivered(action="get_stats")
        self.root.set_age(self.root.place("rejected", "a.json.why"), 3600)
        self.sweep()
        self.assertEqual(self.rejected(), [])


if __name__ == "__main__":
    main()
