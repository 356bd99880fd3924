#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Polls that are held open until a task comes."""

import queue
import threading
import time

from support import Case, main
from support.apache import ApacheRewritten, HtaccessDispatched
from support.case import EMPTY, wait_until
from support.waiting import HELD, Held


class Waiting(Held, Case):
    """A poll with wait= through lighttpd, and what ends it."""

    def test_created(self):
        """a task that is created goes to the poll that waits for it"""
        thread = self.held()
        self.create(task_id="t1")
        self.assert_delivered(thread, "t1")

    def test_dropped_at_the_top(self):
        """so does one dropped into pending/"""
        thread = self.held()
        self.root.drop(
            "x.json", {"user_id": 42, "action": "any_action", "task_id": "t1"}
        )
        self.assert_delivered(thread, "t1")

    def test_dropped_in_a_new_folder(self):
        """and one dropped into a folder that was not there before"""
        thread = self.held()
        self.root.drop("x.json", {"action": "any_action", "task_id": "t1"}, 42)
        self.assert_delivered(thread, "t1")

    def test_completed_in_place(self):
        """a half-written drop is delivered when its other half comes"""
        thread = self.held()
        path = self.root.drop("x.json", b'{"action":"any_action",', 42)
        with open(path, "ab") as file:
            file.write(b'"task_id":"t1"}')
        self.assert_delivered(thread, "t1")

    def test_overdue(self):
        """a lease that passes meanwhile is settled, and its task delivered"""
        self.create(task_id="t1", timeout=1)
        self.assertEqual(self.poll_id(), "t1")
        self.assert_delivered(self.start(), "t1")
        self.assertEqual(self.task("t1").generation, 1)

    def test_only_one_wakes_with_it(self):
        """of two that wait, one gets the task, the other the next"""
        threads = [self.held(), self.held()]
        self.create(task_id="t1")
        self.create(task_id="t2")
        for thread in threads:
            thread.join()
        got = sorted(t.answer.json["task_id"] for t in threads)
        self.assertEqual(got, ["t1", "t2"])

    def test_other_user(self):
        """a task of somebody else ends nobody's wait"""
        thread = self.held()
        self.create(task_id="other", user=7)
        self.create(task_id="t1")
        self.assert_delivered(thread, "t1")

    def test_received_again(self):
        """a held poll repeated with its receive_id gets the same task"""
        thread = self.held(query="&receive_id=abcdefgh")
        self.create(task_id="t1")
        self.assert_delivered(thread, "t1")
        self.create(task_id="t2")
        again = self.poll(receive_id="abcdefgh")
        self.assertEqual(again["task_id"], "t1")


class WaitingAtApache(Waiting):
    """The same through Apache."""

    transport = ApacheRewritten


class WaitingAtHost(Waiting):
    """The same through Apache's /cgi-bin/api."""

    transport = HtaccessDispatched


class Shared(Held, Case):
    """A plugin that asks now and then, and one that is held, of one user."""

    TASKS = 80

    def setUp(self):
        super().setUp()
        self.created = queue.SimpleQueue()
        self.got = []
        self.wrong = []

    def take(self, query=""):
        """One poll, and the result of what it got."""
        answer = self.api.get(
            f"/api/plugin/tasks?user_id=42{query}", token=self.plugin
        )
        task_id = answer.json["task_id"]
        if task_id is not None:
            self.got.append(task_id)
            self.finish(task_id)
        return task_id

    def work(self, function):
        def guarded():
            try:
                function()
            except AssertionError as error:
                self.wrong.append(error)

        thread = threading.Thread(target=guarded)
        thread.start()
        return thread

    def ask_now_and_then(self):
        """Once for each task that is created."""
        while self.created.get():
            self.take()

    def be_held(self):
        number = 0
        while self.take(f"&wait={HELD}&receive_id=poll{number:08}") != "end":
            number += 1

    def test_shared(self):
        """each task goes to one of them, once, and its result is taken"""
        threads = [self.work(self.ask_now_and_then), self.work(self.be_held)]
        for number in range(self.TASKS):
            self.create(task_id=f"t{number}")
            self.created.put(True)
        self.created.put(False)
        threads[0].join()
        self.assertTrue(wait_until(lambda: len(self.got) >= self.TASKS))
        self.create(task_id="end")
        threads[1].join()
        self.assertEqual(self.wrong, [])
        want = ["end"] + [f"t{number}" for number in range(self.TASKS)]
        self.assertEqual(sorted(self.got), sorted(want))
        states = {t.state for t in self.assert_sound().tasks.values()}
        self.assertEqual(states, {"completed"})


class Bounds(Case):
    """What wait= may be, and how many may wait."""

    queue = {"max_waiters": 1}

    def test_no_place_left(self):
        """past max_waiters the answer is immediate and says when to ask"""
        self.take_place("waiter.0")
        answer = self.api.get(
            "/api/plugin/tasks?user_id=42&wait=25", token=self.plugin
        )
        self.assertEqual(
            answer.json, {**EMPTY, "next_poll_interval_ms": 5000}, answer
        )

    def test_no_place_left_of_the_user(self):
        """nor does one user take the places of all others"""
        self.root.configure(queue={"max_waiters": 8, "user_waiters": 1})
        self.take_place("42.waiter.0")
        answer = self.api.get(
            "/api/plugin/tasks?user_id=42&wait=25", token=self.plugin
        )
        self.assertEqual(
            answer.json, {**EMPTY, "next_poll_interval_ms": 5000}, answer
        )
        answer = self.api.get(
            "/api/plugin/tasks?user_id=43&wait=1", token=self.backend
        )
        self.assertEqual(answer.json, EMPTY, answer)

    def test_no_place_left_for_a_task(self):
        """a task that is there is handed out all the same"""
        self.root.configure(queue={"max_waiters": 0})
        self.create(task_id="t1")
        answer = self.api.get(
            "/api/plugin/tasks?user_id=42&wait=25", token=self.plugin
        )
        self.assertEqual(answer.json["task_id"], "t1")

    def test_alias_and_end(self):
        """timeout= is the same; at its end the answer is the empty one"""
        started = time.monotonic()
        answer = self.api.get(
            "/api/plugin/tasks?user_id=42&timeout=1", token=self.plugin
        )
        self.assertEqual(answer.json, EMPTY)
        self.assertGreaterEqual(time.monotonic() - started, 1)

    def test_wrong(self):
        """what is no number of seconds is refused by name"""
        for value in ("", "x", "-1", "1.5", "1s", "99999999999999999999"):
            with self.subTest(value=value):
                answer = self.api.get(
                    f"/api/plugin/tasks?user_id=42&wait={value}",
                    token=self.plugin,
                )
                self.assert_problem(answer, 422, "invalid_field", '"wait"')


if __name__ == "__main__":
    main()
