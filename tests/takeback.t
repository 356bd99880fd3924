#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Taking a task back from a plugin by hand: mv executing/ to pending/."""

import os

from support import Case, main
from support.case import PARAMS

NEW = {"action": "get_stats", "params": PARAMS["get_stats"], "user_id": 42}
# Method, route, and what the answer says of a task that was taken back.
ASKED = (
    ("GET", "/api/tasks/{}", "status", "pending"),
    ("DELETE", "/api/tasks/{}", "status", "cancelled"),
    ("POST", "/api/tasks/{}/retry", "code", "task_not_finished"),
    ("POST", "/api/plugin/tasks/{}/progress", "code", "lease_lost"),
    ("POST", "/api/tasks/create", "code", "task_exists"),
)


class TakeBack(Case):
    """What is moved back is the same task, handed out once more."""

    def take_back(self, task_id):
        task = self.task(task_id)
        place = self.root.place("pending", 42, task.name)
        os.rename(task.path, place)

    def test_created(self):
        """a created task keeps its id, rank and age"""
        self.create(task_id="t1", priority=9)
        self.create(task_id="t2", priority=9)
        self.assertEqual(self.poll_id(), "t1")
        self.take_back("t1")
        self.assertEqual(self.poll_id(), "t1")
        self.assertEqual(self.task("t1").generation, 1)
        self.assertEqual(self.task("t1").priority, 9)

    def test_dropped_without_an_id(self):
        """so does a dropped one that had no id but in its name"""
        self.root.drop("x.json", {"action": "get_user_data"}, user=42)
        task_id = self.poll_id()
        self.take_back(task_id)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id)
        self.assert_state(task_id, "completed")

    def test_result_meanwhile(self):
        """the plugin that still had it may post its result all the same"""
        self.root.drop("x.json", {"action": "get_user_data"}, user=42)
        task_id = self.poll_id()
        self.take_back(task_id)
        self.finish(task_id)
        self.assertEqual(self.poll_id(), None)

    def test_asked_for_at_once(self):
        """whoever asks for it before a poll has come finds it"""
        for number, (method, path, member, value) in enumerate(ASKED):
            with self.subTest(path=path):
                task_id = f"t{number}"
                self.create(task_id=task_id)
                self.assertEqual(self.poll_id(), task_id)
                self.take_back(task_id)
                target = path.format(task_id)
                body = {**NEW, "task_id": task_id}
                answer = self.api.request(
                    method, target, body, token=self.backend
                )
                self.assertEqual(answer.json[member], value, answer)
                self.assertEqual(self.root.ls("rejected"), [])
                if value != "cancelled":
                    self.assertEqual(self.poll_id(), task_id)

    def test_key(self):
        """the same request with its key gets the same answer"""
        ask = ("/api/tasks/create", NEW)
        key = {"token": self.backend, "headers": {"Idempotency-Key": "k"}}
        task_id = self.api.post(*ask, **key).json["task_id"]
        self.assertEqual(self.poll_id(), task_id)
        self.take_back(task_id)
        answer = self.api.post(*ask, **key)
        self.assertEqual(answer.json, {"task_id": task_id})
        self.assertEqual(self.poll_id(), task_id)

    def test_finished(self):
        """a record that is moved back is at once the task that waits again"""
        self.create(task_id="t1")
        self.assertEqual(self.poll_id(), "t1")
        self.finish("t1")
        for name in self.root.ls("done", 42):
            place = self.root.place("pending", 42, name)
            os.rename(self.root.place("done", 42, name), place)
        answer = self.api.get("/api/tasks/t1", token=self.backend)
        self.assertEqual(answer.json["status"], "pending")
        self.assertEqual(self.poll_id(), "t1")

    def test_a_name_that_lies(self):
        """a name whose action is not the file's is only a name"""
        stamp = "20241207T100015.123456Z"
        name = f"{stamp}-abc-998-{stamp}-get_stats-mine.json"
        self.root.drop(name, {"action": "get_user_data"}, user=42)
        self.assertNotEqual(self.poll_id(), "mine")
        self.root.drop("x.failed.json", {**NEW, "task_id": "x"}, user=42)
        self.assertEqual(self.poll_id(), "x")


if __name__ == "__main__":
    main()
