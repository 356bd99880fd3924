#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Progress: leases that are renewed, and what is told of a running task."""

import os
import threading

from support import Case, main
from support.case import iso, stamp
from support.grammar import EXECUTING
from support.reader import Tree
from support.web import Rewritten


class Progress(Case):
    """A task that a plugin has, and says so."""

    def setUp(self):
        super().setUp()
        self.id = self.create(timeout=600)
        self.lease = self.poll()["lease"]

    def say(self, body=None, task_id=None, token=None):
        target = f"/api/plugin/tasks/{task_id or self.id}/progress"
        return self.api.post(target, body, token=token or self.plugin)

    def said(self):
        """What a backend sees of it."""
        answer = self.api.get(f"/api/tasks/{self.id}", token=self.backend)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def assert_renewed(self, answer, cancel=False):
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["status"], "renewed")
        self.assertEqual(answer.json["cancel"], cancel)
        deadline = "".join(c for c in answer.json["deadline"] if c not in "-:")
        self.assertEqual(self.task(self.id).deadline, deadline)

    def test_renewed(self):
        """the deadline moves to the timeout from now; nothing else does"""
        self.make_overdue(self.id, seconds=1)
        before = self.task(self.id)
        started = os.lstat(before.path).st_mtime_ns
        earliest = stamp(600)
        self.assert_renewed(self.say({"lease": self.lease}))
        after = self.assert_state(self.id, "executing")
        self.assertTrue(earliest <= after.deadline <= stamp(600))
        self.assertEqual(os.lstat(after.path).st_mtime_ns, started)
        end = EXECUTING.fullmatch(before.name).end("deadline")
        self.assertEqual(before.name[end:], after.name[end:])

    def test_never_earlier(self):
        """a deadline that is later already stays"""
        task = self.task(self.id)
        later = stamp(7200)
        name = later + task.name[len(later) :]
        os.rename(task.path, self.root.place("executing", 42, name))
        self.assert_renewed(self.say())
        self.assertEqual(self.task(self.id).deadline, later)

    def test_empty_body(self):
        """a sign of life alone is enough, and leaves what was said before"""
        self.assert_renewed(self.say({"done": 1}))
        for body in (None, {}, {"done": None, "message": None}, {"x": 1}):
            self.assert_renewed(self.say(body))
        self.assertEqual(self.said()["progress"]["done"], 1)

    def test_shown(self):
        """what was said is shown to whoever looks"""
        self.assertNotIn("progress", self.said())
        before = iso()
        body = {"done": 3, "total": 80, "message": 'page "3" – é😀\n'}
        self.assert_renewed(self.say(body))
        told = self.said()["progress"]
        self.assertTrue(before <= told.pop("at") <= iso())
        self.assertEqual(told, body)
        self.assert_renewed(self.say({"done": 4}))
        told = self.said()["progress"]
        del told["at"]
        self.assertEqual(told, {"done": 4, "total": None, "message": None})

    def test_of_another_lease(self):
        """what was said under a lease that is lost is not shown any more"""
        self.say({"done": 3})
        self.make_overdue(self.id)
        self.assertEqual(self.poll_id(), self.id)
        self.assertNotIn("progress", self.said())
        self.assertIn(f"{self.id}.json", self.root.ls("progress", 42))

    def test_a_hint_may_go(self):
        """rm and nonsense in progress/ harm nothing"""
        self.say({"done": 3})
        path = self.root.place("progress", 42, f"{self.id}.json")
        for spoilt in (b"", b"{", b"[]", b'{"lease":1}', b"\xff" * 9000):
            self.root.write(path, spoilt)
            self.assertNotIn("progress", self.said())
        self.say({"done": 4})
        self.assertEqual(self.said()["progress"]["done"], 4)
        os.unlink(path)
        self.assertNotIn("progress", self.said())

    def test_gone_with_the_result(self):
        """a result takes it away"""
        self.say({"done": 3})
        self.assertEqual(self.root.ls("progress", 42), [f"{self.id}.json"])
        self.finish(self.id)
        self.assertEqual(self.root.ls("progress", 42), [])

    def test_gone_with_the_sweep(self):
        """the sweeper removes what was said of a task taken back"""
        self.say({"done": 3})
        self.make_overdue(self.id)
        self.sweep("--dry-run")
        self.assertEqual(self.root.ls("progress", 42), [f"{self.id}.json"])
        said = self.sweep()
        self.assertIn("removed 1 report on tasks not executing", said)
        (note,) = self.root.ls("progress", 42)
        self.assertTrue(note.endswith(f"-{self.id}.r1.leases"))

    def test_stays_while_executing(self):
        """and not what is said of one that executes"""
        self.say({"done": 3})
        self.assertEqual(self.sweep(), [])
        self.assertEqual(self.said()["progress"]["done"], 3)

    def test_wrong_members(self):
        """a wrong lease is named, and nothing is renewed"""
        before = self.root.picture()
        for value in (5, "", "UPPER", "x" * 33):
            with self.subTest(value=value):
                answer = self.say({"lease": value})
                self.assert_problem(answer, 422, "invalid_field", "lease")
        self.assert_problem(self.say(b"[]"), 422)
        self.assert_problem(self.say(b"{"), 400, "malformed_json")
        self.assertEqual(self.root.changes(before), [])

    def test_strange_members(self):
        """what only informs never keeps a lease from being renewed"""
        long, cut = "é😀" * 101, ("é😀" * 100)[:199] + "…"
        for member, values in {
            "done": (("3", None), (1.5, 1), (-1, None), (True, None)),
            "total": (({}, None), (1e300, None), (2**63, None), (8e1, 80)),
            "message": ((1, None), (["x"], None), (long, cut)),
        }.items():
            for value, shown in values:
                with self.subTest(member=member, value=value):
                    body = {"done": 9, "message": "x", member: value}
                    self.assert_renewed(self.say(body))
                    self.assertEqual(self.said()["progress"][member], shown)

    def test_half_an_emoji(self):
        """a message cut in an emoji is shown as Unicode"""
        self.assert_renewed(self.say(rb'{"message":"page \ud83d"}'))
        self.assertEqual(self.said()["progress"]["message"], "page \ufffd")

    def test_longest_message(self):
        """200 characters are taken, also of four bytes each"""
        self.assert_renewed(self.say({"message": "😀" * 200}))
        self.assertEqual(self.said()["progress"]["message"], "😀" * 200)

    def test_wrong_lease(self):
        """another lease than the task's renews nothing"""
        before = self.root.picture()
        answer = self.say({"lease": "another1", "done": 3})
        self.assert_problem(answer, 409, "lease_lost")
        self.assertEqual(self.root.changes(before), [])

    def test_lost(self):
        """a task that was taken back is lost, and so is a finished one"""
        self.make_overdue(self.id)
        self.sweep()
        self.assert_problem(self.say(), 409, "lease_lost")
        self.assert_state(self.id, "pending")
        self.poll()
        answer = self.say({"lease": self.lease})
        self.assert_problem(answer, 409, "lease_lost")
        self.finish(self.id)
        self.assert_problem(self.say(), 409, "lease_lost")

    def test_unknown(self):
        """a task that is not there, or another user's"""
        answer = self.say(task_id="nobody")
        self.assert_problem(answer, 404, "unknown_task", "Task not found")
        other = self.root.token(43, "plugin")
        self.assert_problem(self.say(token=other), 404, "unknown_task")
        self.assertEqual(self.say(token=self.backend).status, 200)
        cron = self.say(token=self.cron)
        self.assert_problem(cron, 403, "wrong_scope")

    def test_being_withdrawn(self):
        """what a cancel that crashed has left is no plugin's task"""
        task = self.task(self.id)
        match = EXECUTING.fullmatch(task.name)
        rest = task.name[match.end("lease") :]
        place = self.root.place("executing", 42, f"{stamp(-1)}-cancel{rest}")
        os.rename(task.path, place)
        self.assert_problem(self.say(), 409, "lease_lost")
        self.sweep()
        record = self.assert_state(self.id, "failed").record
        self.assertEqual(record["declared"], "cancelled")

    def test_done_meanwhile(self):
        """an entry that a crash left beside a record is not renewed"""
        task = self.task(self.id)
        entry = task.path
        kept = entry + ".kept"
        os.rename(entry, kept)
        os.link(kept, entry)
        self.finish(self.id)
        os.rename(kept, entry)
        self.assert_problem(self.say(), 409, "lease_lost")

    def test_spoilt_file(self):
        """a task whose file was spoilt can still be renewed"""
        self.leaves_debris = "the spoilt file"
        self.root.write(self.task(self.id).path, b"{spoilt")
        answer = self.say()
        self.assertEqual(answer.status, 200, answer)

    def test_wrong_settings(self):
        """a mistake in stoflow.ini does not take a lease away"""
        self.root.write_ini("nonsense\n")
        self.assert_renewed(self.say({"done": 1}))
        self.root.configure()

    def test_at_the_same_time(self):
        """of many renewals and a sweep each is renewed or told that it lost"""
        answers = []

        def say_often():
            for number in range(8):
                answers.append(self.say({"done": number}))

        self.make_overdue(self.id, seconds=1)
        threads = [threading.Thread(target=say_often) for _ in range(3)]
        for thread in threads:
            thread.start()
        self.sweep()
        for thread in threads:
            thread.join()
        for answer in answers:
            self.assertIn(answer.status, (200, 409), answer)
        tree = Tree(self.root.path)
        self.assertEqual(tree.violations(), [])
        self.assertEqual(len(tree.tasks), 1)
        state = self.task(self.id).state
        last = "executing" if answers[-1].status == 200 else "pending"
        self.assertEqual(state, last)


class Served(Progress):
    """The same through a web server."""

    transport = Rewritten


if __name__ == "__main__":
    main()
