#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""GET /api/tasks: a user's tasks, a page at a time."""

import json
import os
import random
import time
from urllib.parse import quote

from support import Case, main
from support.cgi import Direct
from support.pages import Paged
from support.web import Dispatched, Rewritten

HEAD = {
    "task_id",
    "user_id",
    "action",
    "status",
    "priority",
    "timeout",
    "created_at",
    "attempts",
}
FINISHED = HEAD | {
    "started_at",
    "completed_at",
    "executed_at",
    "execution_time_ms",
    "error",
}


class Tasks(Paged, Case):
    """Lists read with a plugin's token."""

    path = "/api/tasks"
    rows = "tasks"
    key = "task_id"

    def put_done(self, task_id, age, state="completed", user=42, **members):
        """A record of a task that ended so many seconds ago."""
        record = {
            "task_id": task_id,
            "user_id": user,
            "action": "get_stats",
            "params": {},
            "priority": 1,
            "timeout": 60,
            "created_at": "2024-12-07T10:00:00.000000Z",
            "status": state,
            "error": None,
            "started_at": "2024-12-07T10:00:01.000000Z",
            "completed_at": "2024-12-07T10:00:02.000000Z",
            "executed_at": None,
            "execution_time_ms": None,
            "attempts": 1,
            **members,
            "result": None,
        }
        folder = self.root.make("done", user)
        path = os.path.join(folder, f"{task_id}.{state}.json")
        self.root.write(path, json.dumps(record))
        os.chmod(path, 0o600)
        self.root.set_age(path, age)
        return path

    def some(self):
        """Two tasks executing, three pending, three finished."""
        for task_id, priority in (("e1", 900), ("e2", 800)):
            self.create(task_id=task_id, priority=priority)
            self.assertEqual(self.poll_id(), task_id)
        for task_id, priority in (("p3", 1), ("p1", 700), ("p2", 2)):
            self.create(task_id=task_id, priority=priority)
        self.put_done("f2", 200)
        self.put_done("f3", 300, "failed")
        self.put_done("f1", 100)


class Lists(Tasks):
    """What stands in a list, and in what order."""

    def test_empty(self):
        """a user without tasks"""
        self.assertEqual(self.page(), {"tasks": [], "next_cursor": None})

    def test_all(self):
        """executing, pending with the next first, finished newest first"""
        self.some()
        want = ["e1", "e2", "p1", "p2", "p3", "f1", "f2", "f3"]
        self.assertEqual(self.ids(), want)
        for limit in range(1, 10):
            with self.subTest(limit=limit):
                self.assertEqual(self.all_ids(f"limit={limit}"), want)

    def test_by_status(self):
        """one state at a time, and the statuses that tell them"""
        self.some()
        for status, want in {
            "executing": ["e1", "e2"],
            "pending": ["p1", "p2", "p3"],
            "completed": ["f1", "f2"],
            "failed": ["f3"],
        }.items():
            tasks = self.page(f"status={status}")["tasks"]
            self.assertEqual([t["task_id"] for t in tasks], want)
            self.assertEqual({t["status"] for t in tasks}, {status})
            self.assertEqual(self.all_ids(f"status={status}&limit=1"), want)

    def test_last_page_promises_nothing(self):
        """a cursor is given only where something follows"""
        self.some()
        self.assertIsNone(self.page("limit=8")["next_cursor"])
        self.assertIsNone(self.page("limit=2&status=executing")["next_cursor"])
        self.assertIsNotNone(self.page("limit=2")["next_cursor"])
        self.assertIsNotNone(self.page("limit=7")["next_cursor"])

    def test_live_members(self):
        """what is told of a task that is pending or executing"""
        self.create(task_id="t1", priority=7, timeout=9)
        self.create(task_id="t2", priority=5)
        self.poll()
        running, waiting = self.page()["tasks"]
        self.assertEqual(
            set(running), HEAD | {"started_at", "deadline", "cancel_requested"}
        )
        self.assertEqual(set(waiting), HEAD)
        self.assertEqual(
            [running[k] for k in ("task_id", "user_id", "action", "status")],
            ["t1", 42, "get_stats", "executing"],
        )
        self.assertEqual(
            [running[k] for k in ("priority", "timeout", "attempts")],
            [7, 9, 1],
        )
        self.assertEqual(
            [waiting[k] for k in ("timeout", "attempts")], [60, 0]
        )

    def test_finished_members(self):
        """what is told of a task that is finished: no params, no result"""
        self.create(task_id="t1", params={"item_id": 1})
        self.poll()
        done = {"executed_at": "2024-12-07T10:00:15Z", "execution_time_ms": 7}
        self.finish("t1", {"success": True, "data": {"b": 2}, **done})
        record = self.root.json("done", 42, "t1.completed.json")
        (task,) = self.page()["tasks"]
        self.assertEqual(set(task), FINISHED)
        self.assertEqual({k: record[k] for k in FINISHED}, task)

    def test_declared(self):
        """a failure that only we declared says so"""
        self.create_overdue("create_product", task_id="t1")
        self.assertIsNone(self.poll_id())
        (task,) = self.page("status=failed")["tasks"]
        self.assertEqual(task["declared"], "timeout")
        self.assertIsInstance(task["error"], str)

    def test_of_two_records_one(self):
        """a declared failure beside a success is not there"""
        self.leaves_debris = "it is put there"
        self.put_done("t1", 10)
        self.put_done("t1", 20, "failed", declared="timeout")
        self.assertEqual(self.ids(), ["t1"])
        self.assertEqual(self.ids("status=failed"), [])

    def test_debris(self):
        """nor is an entry of a task that is executing or done already"""
        self.leaves_debris = "it is put there"
        for number in range(4):
            self.create(task_id=f"t{number}")
        self.assertEqual(self.poll_id(), "t0")
        executing = self.root.ls("executing", 42)[0]
        queued = executing.split("-", 2)[2]
        os.link(
            self.root.place("executing", 42, executing),
            self.root.place("pending", 42, queued),
        )
        self.put_done("t1", 5)
        self.assertEqual(self.ids("status=pending"), ["t2", "t3"])
        self.assertEqual(self.ids(), ["t0", "t2", "t3", "t1"])
        self.put_done("t0", 6)
        self.assertEqual(self.ids(), ["t2", "t3", "t1", "t0"])

    def test_drops(self):
        """a file that is not routed yet is no task"""
        self.root.drop("x.json", {"action": "get_user_data"}, 42)
        self.assertEqual(self.ids(), [])
        self.poll()
        self.assertEqual(len(self.ids()), 1)

    def test_large_result(self):
        """a large result is not read, nor large params misread"""
        path = self.put_done("t1", 5, params={"result": "x" * 9000, "a": [1]})
        with open(path, "r+") as file:
            text = file.read()
            head, _, _ = text.rpartition("null}")
            file.seek(0)
            file.write(f'{head}"{"y" * 3_000_000}"}}')
        self.root.set_age(path, 5)
        limited = ("sh", "-c", 'ulimit -v 4096; exec "$0"')
        api = Direct(self.root)
        if not os.environ.get("ASAN_OPTIONS"):
            answer = api.get("/api/tasks", token=self.plugin, wrapper=limited)
            self.assertEqual(answer.status, 200)
        (task,) = self.page()["tasks"]
        self.assertEqual(
            [task["task_id"], task["status"], task["created_at"]],
            ["t1", "completed", "2024-12-07T10:00:00.000000Z"],
        )

    def test_spoilt_records(self):
        """a record that a person has spoilt is told by its name"""
        self.leaves_debris = "it is put there"
        for text in (
            "",
            "{",
            "[]",
            "x",
            '{"result":1}',
            '{"action":{"a":1},"result":',
            '"result":}}}}]]',
            '{"a":"\\',
            "{" * 100,
            '{"params":{"result":1',
        ):
            with self.subTest(text=text):
                path = self.put_done("t1", 5)
                self.root.write(path, text)
                (task,) = self.page()["tasks"]
                self.assertEqual(task["task_id"], "t1")
                self.assertEqual(task["user_id"], 42)
                self.assertEqual(task["status"], "completed")
        os.unlink(path)
        os.mkfifo(path)
        self.assertEqual(self.ids(), ["t1"])

    def test_first_member(self):
        """a result that a person has put first hides what follows, no more"""
        self.leaves_debris = "it is put there"
        path = self.put_done("t1", 5)
        self.root.write(path, '{"result": {"a": 1}, "action": "get_stats"}')
        (task,) = self.page()["tasks"]
        self.assertEqual(task["task_id"], "t1")


class Moving(Tasks):
    """Lists while tasks come and go."""

    def test_taken_between(self):
        """pending tasks that stay come once, whatever is taken or queued"""
        chance = random.Random(1)
        for number in range(60):
            self.create(task_id=f"t{number}", priority=chance.randrange(9))
        stay = set(self.ids("status=pending&limit=500"))
        new = iter(range(100, 10000))

        def move():
            task_id = self.poll_id()
            stay.discard(task_id)
            self.finish(task_id)
            self.create(task_id=f"t{next(new)}", priority=chance.randrange(9))

        found = self.all_ids("status=pending&limit=7", move)
        self.assertEqual(len(found), len(set(found)))
        self.assertLessEqual(stay, set(found))

    def test_finished_between(self):
        """finished ones come once, while more are finished"""
        for number in range(30):
            self.put_done(f"t{number}", 1000 + 60 * number)
        want = [f"t{number}" for number in range(30)]
        new = iter(range(100, 10000))

        def finish():
            self.put_done(f"t{next(new)}", 5, "failed")

        self.assertEqual(self.all_ids("limit=4", finish), want)

    def test_pruned_between(self):
        """nor does the cursor need its record"""
        for number in range(9):
            self.put_done(f"t{number}", 1000 + 60 * number)
        cursor = self.page("limit=3")["next_cursor"]
        os.unlink(self.root.place("done", 42, "t2.completed.json"))
        self.assertEqual(
            self.ids(f"cursor={cursor}"), [f"t{n}" for n in range(3, 9)]
        )

    def test_same_moment(self):
        """records of one moment are told apart"""
        moment = time.time() - 100
        for number in range(20):
            path = self.put_done(f"t{number}", 0)
            os.utime(path, (moment, moment))
        found = self.all_ids("limit=3")
        self.assertEqual(sorted(found), sorted(f"t{n}" for n in range(20)))

    def test_requeued_between(self):
        """a deadline that passes does not show a task twice in its state"""
        for number in range(6):
            self.create(task_id=f"t{number}")
        self.assertEqual(self.poll_id(), "t0")
        first = self.page("status=pending&limit=1")
        self.assertEqual([t["task_id"] for t in first["tasks"]], ["t1"])
        self.assertEqual(self.poll_id(), "t1")
        self.make_overdue("t1")
        self.assertEqual(self.poll_id(), "t1")
        self.make_overdue("t1")
        self.sweep()
        self.assert_state("t1", "pending")
        found = self.ids(f"status=pending&cursor={first['next_cursor']}")
        self.assertEqual(found, ["t2", "t3", "t4", "t5"])

    def test_many(self):
        """a deep queue and as many records"""
        names = self.queue_names(3000)
        ids = [n.rsplit("-", 1)[1][: -len(".json")] for n in names]
        self.assertEqual(self.ids("limit=500"), ids[:500])
        self.assertEqual(self.all_ids("status=pending&limit=499"), ids)
        for number in range(1000):
            self.put_done(f"d{number}", 5000 - number)
        self.assertEqual(
            self.ids("status=completed&limit=3"), ["d999", "d998", "d997"]
        )


class Wrong(Tasks):
    """What is refused, and whom."""

    def test_fields(self):
        """what makes no sense is refused by name"""
        self.assert_refused(
            status=("", "done", "Pending", "pending,failed"),
            limit=("", "0", "-1", "501", "ten", "1.5", "9" * 30),
            cursor=("", "x", "e", "x.1", "p", "p" * 300, "p." + "9" * 300),
            user_id=("", "x", "0"),
        )

    def test_odd_cursors(self):
        """a cursor of somebody's own making does no harm"""
        self.some()
        for cursor in (
            "e.",
            "p.",
            "f.",
            "p./../..",
            "f.x%00",
            "e.\xff",
            "p. ",
        ):
            with self.subTest(cursor=cursor):
                answer = self.get(f"cursor={quote(cursor)}")
                self.assertIn(answer.status, (200, 400), answer)
        self.assertEqual(self.ids("cursor=p."), self.ids()[2:])
        self.assertEqual(self.ids("cursor=f.&status=pending"), [])

    def test_callers(self):
        """plugin and backend tokens, each for its own users"""
        self.create(task_id="t7", user=7)
        answer = self.get("user_id=7", self.backend)
        self.assertEqual(answer.json["tasks"][0]["task_id"], "t7")
        self.assertEqual(self.ids(), [])
        self.assert_problem(self.get("", self.backend), 422, "invalid_field")
        self.assert_problem(self.get("user_id=7"), 403, "wrong_user")
        self.assert_problem(self.get("", self.cron), 403, "wrong_scope")
        answer = self.api.get("/api/tasks")
        self.assert_problem(answer, 401, "token_missing")
        answer = self.api.post("/api/tasks", {}, token=self.backend)
        self.assert_problem(answer, 405, "method_not_allowed")

    def test_reads_only(self):
        """nothing is changed"""
        self.some()
        self.root.drop("x.json", {"action": "get_user_data"}, 42)
        before = self.root.picture()
        self.ids()
        self.assertEqual(self.root.changes(before), [])


class Served(Tasks):
    """Through a web server."""

    transport = Rewritten

    def test_list(self):
        """every state, in pages"""
        self.some()
        want = ["e1", "e2", "p1", "p2", "p3", "f1", "f2", "f3"]
        self.assertEqual(self.all_ids("user_id=42&limit=3"), want)


class ServedByDispatcher(Served):
    """The same through /cgi-bin/api."""

    transport = Dispatched


if __name__ == "__main__":
    main()
