#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The reader that all tests trust: it must see what is wrong in a spool."""

import json
import os
import shutil
import unittest

from support import main
from support.grammar import DONE_MEMBERS
from support.reader import Tree
from support.root import Root

CREATED = "20241207T100015.123456Z"
QUEUED = f"998-{CREATED}-get_stats-abc-1.json"
EXECUTING = f"20991207T100015.123456Z-lease1-{QUEUED}"
MOMENT = "2024-12-07T10:00:15.123456Z"


def record(**members):
    """A complete record of a finished task."""
    whole = dict.fromkeys(DONE_MEMBERS)
    whole.update(task_id="abc-1", user_id=42, action="get_stats", params={})
    whole.update(priority=1, timeout=60, created_at=MOMENT, attempts=1)
    whole.update(status="completed", completed_at=MOMENT, started_at=MOMENT)
    whole.update(members)
    return whole


class Reader(unittest.TestCase):
    """Spools made by hand, sound and broken."""

    def setUp(self):
        self.root = Root()
        self.addCleanup(self.root.remove)
        self.root.make("pending")

    def put(self, path, content, mode=0o600):
        folder, _, name = path.rpartition("/")
        self.root.make(*folder.split("/"))
        full = self.root.place(folder, name)
        self.root.write(full, content)
        os.chmod(full, mode)
        return full

    def violations(self, after_sweep=False):
        return Tree(self.root.path).violations(after_sweep)

    def assert_seen(self, *words, after_sweep=False):
        """Exactly one violation, which says these words."""
        found = self.violations(after_sweep)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def test_no_spool(self):
        """a root without a spool is sound"""
        empty = Root()
        self.addCleanup(empty.remove)
        self.assertEqual(Tree(empty.path).violations(True), [])

    def test_states(self):
        """every state, as name and place tell it"""
        self.put(f"pending/42/{QUEUED}", {"action": "get_stats"})
        self.put(
            f"executing/43/{EXECUTING[:-5]}.r2.json", {"action": "get_stats"}
        )
        self.put("done/44/abc-1.completed.json", record(user_id=44))
        self.put(
            "done/45/abc-1.failed.json", record(user_id=45, status="failed")
        )
        tree = Tree(self.root.path)
        self.assertEqual(tree.violations(after_sweep=True), [])
        states = {user: task.state for (user, _), task in tree.tasks.items()}
        self.assertEqual(
            states,
            {42: "pending", 43: "executing", 44: "completed", 45: "failed"},
        )
        task = tree.tasks[43, "abc-1"]
        self.assertEqual((task.lease, task.generation), ("lease1", 2))
        self.assertEqual((task.priority, task.action), (1, "get_stats"))

    def test_drops_and_strangers(self):
        """what is no task yet, and what never will be"""
        self.put("pending/a.json", "{", mode=0o644)
        self.put("pending/42/a.json", "{", mode=0o644)
        self.put("pending/42/a.json.part", "{")
        self.put("pending/.hidden.json", "{")
        tree = Tree(self.root.path)
        self.assertEqual(tree.violations(after_sweep=True), [])
        self.assertEqual([drop.user for drop in tree.drops], [42, None])
        self.assertEqual(len(tree.strangers), 2)

    def test_what_holds_back(self):
        """a pause and paces, which are no strangers"""
        self.put("pending/42/PAUSED", "a captcha", mode=0o644)
        path = self.put("pace/42/get_stats", "")
        os.utime(path, (1000, 2000))
        tree = Tree(self.root.path)
        self.assertEqual(tree.violations(after_sweep=True), [])
        self.assertEqual(tree.strangers, [])
        self.assertEqual(tree.paused, {42: b"a captcha"})
        self.assertEqual(tree.paces, {(42, "get_stats"): 2000})
        self.root.write(path, "text")
        self.assert_seen("not empty")

    def test_precedence(self):
        """done before executing before pending; the rest is debris"""
        self.put(f"pending/42/{QUEUED}", {})
        self.put(f"executing/42/{EXECUTING}", {})
        tree = Tree(self.root.path)
        self.assertEqual(tree.tasks[42, "abc-1"].state, "executing")
        self.put("done/42/abc-1.completed.json", record())
        tree = Tree(self.root.path)
        self.assertEqual(tree.tasks[42, "abc-1"].state, "completed")
        self.assertEqual(tree.violations(), [])
        self.assertEqual(len(tree.violations(after_sweep=True)), 2)

    def test_twice_in_one_state(self):
        """two entries of one state are a violation at any time"""
        self.put(f"pending/42/{QUEUED}", {})
        self.put(f"pending/42/{QUEUED[:-5]}.r1.json", {})
        self.assert_seen("second entry")

    def test_two_verdicts(self):
        """two records are debris only if one was declared by us"""
        failed = record(status="failed")
        self.put("done/42/abc-1.completed.json", record())
        path = self.put("done/42/abc-1.failed.json", failed)
        self.assert_seen("neither declared")
        self.root.write(path, {**failed, "declared": "timeout"})
        self.assertEqual(self.violations(), [])
        self.assert_seen("outlived", after_sweep=True)

    def test_debris(self):
        """what only a sweep clears"""
        for path in (
            "tmp/x",
            "rejected/a.json.why",
            f"ingest/42/{CREATED}-abc-1.json",
        ):
            with self.subTest(path=path):
                full = self.put(path, {})
                self.assertEqual(self.violations(), [])
                self.assert_seen("debris", after_sweep=True)
                os.unlink(full)

    def test_names(self):
        """names outside the grammar"""
        for path in (
            "executing/42/x.json",
            f"executing/42/{QUEUED}",
            "executing/x",
            "executing/042/x",
            "done/42/abc.json",
            "done/42/.x.completed.json",
            "ingest/42/abc-1.json",
            "products/42.json",
            "users/x.json",
            "index/.x",
            "elsewhere/x",
            f"executing/42/{EXECUTING.replace('lease1', 'LEASE')}",
            f"executing/42/{EXECUTING[:-5]}.r0.json",
        ):
            with self.subTest(path=path):
                self.put(path, {})
                self.assertEqual(len(self.violations()), 1)
                shutil.rmtree(self.root.place(path.split("/")[0]))

    def test_contents(self):
        """contents that contradict the name, or are no JSON"""
        for path, content, words in (
            (f"pending/42/{QUEUED}", "{", "not JSON"),
            (f"pending/42/{QUEUED}", "[]", "not a JSON object"),
            (f"pending/42/{QUEUED}", {"user_id": 43}, "user_id"),
            (f"pending/42/{QUEUED}", {"task_id": "x"}, "task_id"),
            (f"executing/42/{EXECUTING}", {"action": "x"}, "action"),
            (f"executing/42/{EXECUTING}", {"params": 1}, "params"),
            ("done/42/abc-1.completed.json", "{", "not JSON"),
            ("done/42/abc-1.completed.json", {}, "record lacks"),
            ("done/42/abc-1.failed.json", record(), "status"),
            ("done/43/abc-1.completed.json", record(), "user_id"),
            ("done/42/abc.completed.json", record(), "task_id"),
            ("done/42/abc-1.completed.json", record(error="x" * 501), "error"),
            ("done/42/abc-1.completed.json", record(params=[]), "params"),
            ("done/42/abc-1.completed.json", record(attempts="1"), "attempts"),
            ("done/42/abc-1.completed.json", record(created_at=1), "created"),
            ("products/42.ndjson", '{"id":2}\n{"id":1}\n', "sorted"),
            ("products/42.ndjson", '{"id":1}\n{"id":1}\n', "sorted"),
            ("products/42.ndjson", '{"id":1}\n{"id":', "torn"),
            ("products/42.ndjson", "x\n", "no product"),
            ("users/42.json", "x", "not JSON"),
        ):
            with self.subTest(path=path, words=words):
                if words == "torn":
                    content = content.replace('{"id":', '{"id":1}', 1)
                full = self.put(path, content)
                found = self.violations()
                self.assertTrue(any(words in each for each in found), found)
                os.unlink(full)

    def test_modes(self):
        """modes that let others read"""
        for path, content in (
            (f"pending/42/{QUEUED}", {"created_at": MOMENT}),
            ("done/42/abc-1.completed.json", record()),
            ("products/42.ndjson", ""),
            ("log/events.log", ""),
            ("index/sweeper", ""),
        ):
            with self.subTest(path=path):
                full = self.put(path, content, mode=0o640)
                self.assert_seen("mode 0640")
                os.chmod(full, 0o600)
                os.chmod(os.path.dirname(full), 0o750)
                self.assert_seen("mode 0750")
                os.chmod(os.path.dirname(full), 0o700)
                os.unlink(full)

    def test_kinds(self):
        """links and pipes where files should be"""
        self.root.make("done", 42)
        path = self.root.place("done", 42, "abc-1.completed.json")
        os.symlink("/dev/null", path)
        self.assert_seen("not a regular file")
        os.unlink(path)
        os.mkfifo(path)
        self.assert_seen("not a regular file")

    def test_rejected(self):
        """a rejected file has a reason that is not empty"""
        self.put("rejected/a.json", "{", mode=0o644)
        self.assert_seen("without a reason")
        path = self.put("rejected/a.json.why", "")
        self.assert_seen("empty reason")
        self.root.write(path, json.dumps("a reason"))
        tree = Tree(self.root.path)
        self.assertEqual(tree.violations(after_sweep=True), [])
        self.assertEqual(len(tree.rejected), 1)


if __name__ == "__main__":
    main()
