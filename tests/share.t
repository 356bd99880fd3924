#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a plugin's token may put on the disk: [limits] user_space."""

import os

from support import Case, main
from support.case import RECEIVED
from support.web import Rewritten

LARGE = {"success": True, "data": {"text": "x" * 300_000}}
SMALL = {"success": True, "data": {"text": "x" * 200_000}}


class Share(Case):
    """A user whose finished tasks take as much as they may."""

    def setUp(self):
        super().setUp()
        self.root.configure(limits={"user_space": "400K"})

    def start(self, task_id):
        self.create(task_id=task_id)
        self.assertEqual(self.poll_id(), task_id)
        return task_id

    def fill(self):
        self.finish(self.start("t1"), LARGE)
        self.finish(self.start("t2"), SMALL)

    def sync(self, token):
        return self.api.post("/api/sync/vinted", {"user_id": 42}, token=token)

    def test_large(self):
        """a large result of a plugin is refused, and can be posted later"""
        self.fill()
        self.start("t3")
        before = self.root.picture()
        answer = self.post_result("t3", LARGE, token=self.plugin)
        self.assert_problem(answer, 507, "no_space")
        self.assertIn("user_space", answer.detail)
        self.assertEqual(self.root.changes(before), [])
        os.unlink(self.task("t1").path)
        answer = self.post_result("t3", LARGE, token=self.plugin)
        self.assertEqual((answer.status, answer.json), (200, RECEIVED))

    def test_others(self):
        """what is smaller, stands already or is the backend's is taken"""
        self.fill()
        for task_id, token, body in (
            ("t1", self.plugin, LARGE),
            (self.start("t3"), self.plugin, SMALL),
            (self.start("t4"), self.backend, LARGE),
        ):
            with self.subTest(task_id=task_id):
                answer = self.post_result(task_id, body, token=token)
                self.assertEqual((answer.status, answer.json), (200, RECEIVED))

    def test_sync(self):
        """a plugin starts no sync, the backend does"""
        self.assertEqual(self.sync(self.plugin).status, 200)
        self.finish(self.poll_id(), SMALL)
        self.fill()
        self.assert_problem(self.sync(self.plugin), 507, "no_space")
        self.assertEqual(self.sync(self.backend).status, 200)

    def test_many(self):
        """many small ones fill it, too"""
        for number in range(101):
            self.root.write(
                os.path.join(
                    self.root.make("done", 42), f"s{number}.completed.json"
                ),
                {},
            )
        self.assert_problem(self.sync(self.plugin), 507, "no_space")
        self.root.configure(limits={"user_space": "none"})
        self.assertEqual(self.sync(self.plugin).status, 200)
        for number in range(101):
            os.unlink(self.root.place("done", 42, f"s{number}.completed.json"))


class ShareOverHttp(Share):
    """The same through a web server."""

    transport = Rewritten


if __name__ == "__main__":
    main()
