#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The access log: a line for each request, and nobody's secrets."""

import os
import re

from support import Case, main

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (?P<program>[a-z-]+) "
    r"(?P<user>-|\d+) (?P<task>-|[A-Za-z0-9_-]+) (?P<status>\d{3}) "
    r"(?P<ms>\d+) (?P<bytes>\d+)"
)
SECRETS = {
    "success": True,
    "data": {
        "user_id": 7,
        "login": "shop.ton.outfit",
        "email": "seller@example.com",
        "csrf_token": "75f6c9fa-dc8e-4e52-a000-e09dd4084b3e",
        "anon_id": "6f646e72-5010-4da3-8640-6c0cf62aa346",
    },
}


class Access(Case):
    def lines(self):
        text = self.root.read("log", "access.log").decode()
        found = []
        for line in text.splitlines():
            match = LINE.fullmatch(line)
            self.assertIsNotNone(match, line)
            found.append(match.groupdict())
        return found

    def told(self):
        return [
            tuple(line[k] for k in ("program", "user", "task", "status"))
            for line in self.lines()
        ]

    def test_story(self):
        """who asked for what, about which task, and what came of it"""
        task = self.create("get_user_data", task_id="t-1")
        self.assertEqual(self.poll_id(token=self.plugin), task)
        self.finish(task, SECRETS)
        self.assertIsNone(self.poll_id(token=self.plugin))
        self.assertEqual(
            self.told(),
            [
                ("create-task", "42", "t-1", "201"),
                ("next-task", "42", "t-1", "200"),
                ("result", "42", "t-1", "200"),
            ],
        )

    def test_empty_polls(self):
        """a poll that found nothing is told where that is wanted"""
        self.root.configure(log={"empty_polls": "yes"})
        self.assertIsNone(self.poll_id(token=self.plugin))
        self.assertEqual(self.told(), [("next-task", "42", "-", "200")])

    def test_sizes(self):
        """the bytes are those of the body"""
        answer = self.api.get("/api/tasks", token=self.plugin)
        (line,) = self.lines()
        self.assertEqual(int(line["bytes"]), len(answer.body))

    def test_refusals(self):
        """refusals are told, too"""
        self.api.get("/api/plugin/tasks?user_id=42", token="not-a-token")
        self.api.get("/api/plugin/tasks?user_id=43", token=self.plugin)
        statuses = [line["status"] for line in self.lines()]
        self.assertEqual(statuses, ["401", "403"])

    def test_no_secrets(self):
        """no token, no address and nothing else of a person is in a log"""
        task = self.create("get_user_data")
        self.poll_id(token=self.plugin)
        self.finish(task, SECRETS)
        self.api.get(
            "/api/plugin/tasks?user_id=43&email=seller@example.com",
            token=self.plugin,
        )
        refused = {"success": False, "error": "seller@example.com"}
        self.post_result(task, refused)
        self.api.get("/api/plugin/tasks", token="seller@example.com")
        text = b"".join(
            self.root.read("log", name) for name in self.root.ls("log")
        ).decode()
        self.assertGreater(text.count("\n"), 5)
        secrets = [v for v in SECRETS["data"].values() if isinstance(v, str)]
        for secret in (*secrets, self.plugin, self.backend, "@"):
            self.assertNotIn(secret, text)

    def test_unwritable(self):
        """a log that cannot be written is no reason to fail"""
        path = self.root.make("log", "access.log")
        answer = self.api.get("/api/tasks", token=self.plugin)
        self.assertEqual(answer.status, 200)
        os.rmdir(path)


class Rotation(Case):
    """The sweeper puts a log by that has grown too large."""

    def setUp(self):
        super().setUp()
        self.root.configure(log={"size": "2K", "keep": 2})
        self.root.make("log")

    def grow(self, letter, name="access.log"):
        self.put(name, letter * 2049)
        return self.sweep()

    def put(self, name, text):
        path = self.root.place("log", name)
        self.root.write(path, text)
        os.chmod(path, 0o600)

    def kept(self, *names):
        return [self.root.read("log", name)[:1].decode() for name in names]

    def test_rotation(self):
        """the newest is .1, and only so many are kept"""
        self.assertEqual(self.grow("a"), ["put by 1 log"])
        self.assertEqual(self.root.ls("log"), ["access.log.1"])
        self.grow("b")
        self.assertEqual(self.kept("access.log.1", "access.log.2"), ["b", "a"])
        self.grow("c")
        self.assertEqual(self.kept("access.log.1", "access.log.2"), ["c", "b"])
        self.assertEqual(self.root.ls("log"), ["access.log.1", "access.log.2"])

    def test_events(self):
        """the same for events.log, each by itself"""
        self.grow("a", "events.log")
        self.assertEqual(self.root.ls("log"), ["events.log.1"])

    def test_small(self):
        """a small one stays"""
        self.put("access.log", "x" * 2048)
        self.assertEqual(self.sweep(), [])
        self.assertEqual(self.root.ls("log"), ["access.log"])

    def test_none_kept(self):
        """keep = 0 keeps none"""
        self.root.configure(log={"size": "2K", "keep": 0})
        self.grow("a")
        self.assertEqual(self.root.ls("log"), [])

    def test_dry_run(self):
        """a dry run only tells"""
        self.put("access.log", "x" * 2049)
        said = self.sweep("--dry-run")
        self.assertEqual(said, ["would have put by 1 log"])
        self.assertEqual(self.root.ls("log"), ["access.log"])


if __name__ == "__main__":
    main()
