#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""GET /api/plugin/status: whether a plugin polls, and what awaits it."""

import os
import time
from datetime import datetime, timezone

from support import Case, main
from support.case import stamp, wait_until
from support.web import Dispatched, Rewritten

CONNECTED = "✅ Plugin StoFlow connecté et prêt"
MISSING = "❌ Plugin StoFlow non connecté"
NEVER = {
    "connected": False,
    "message": MISSING,
    "since": None,
    "last_seen": None,
    "account": None,
    "other_account": None,
    "paused": None,
    "pending": 0,
    "executing": 0,
    "next_due": None,
    "products_changed": None,
}


def seconds(text):
    """How long ago a moment was."""
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    return (now - moment).total_seconds()


class Status(Case):
    """The status of user 42."""

    def get(self, query="", token=None):
        return self.api.get(
            f"/api/plugin/status?{query}", token=token or self.plugin
        )

    def status(self):
        answer = self.get("user_id=42")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(set(answer.json), set(NEVER))
        return answer.json

    def seen(self, since, until):
        """Lays the stamp of polls: since so many seconds, until in so many."""
        self.poll()
        now = time.time()
        path = self.root.place("index", "42.seen")
        os.utime(path, (now - since, now + until))


class Presence(Status):
    """connected, since, last_seen."""

    def test_never(self):
        """a user who never polled"""
        self.assertEqual(self.status(), NEVER)

    def test_polling(self):
        """a poll makes it connected"""
        self.poll()
        status = self.status()
        self.assertEqual(
            (status["connected"], status["message"]), (True, CONNECTED)
        )
        self.assertLess(seconds(status["since"]), 60)
        self.assertLess(seconds(status["last_seen"]), 60)

    def test_since(self):
        """since when it has been polling"""
        self.seen(since=600, until=5)
        status = self.status()
        self.assertTrue(status["connected"])
        self.assertAlmostEqual(seconds(status["since"]), 600, delta=30)

    def test_gone(self):
        """one that has not come again is gone, but was seen"""
        self.seen(since=600, until=-300)
        status = self.status()
        self.assertEqual(
            (status["connected"], status["message"], status["since"]),
            (False, MISSING, None),
        )
        self.assertIsNotNone(status["last_seen"])

    def test_stamp_lost(self):
        """the stamp may be deleted: the next poll makes it"""
        self.poll()
        os.unlink(self.root.place("index", "42.seen"))
        self.assertEqual(self.status(), NEVER)
        self.poll()
        self.assertTrue(self.status()["connected"])

    def test_of_another(self):
        """a poll of another user says nothing of this one"""
        self.poll(user=7)
        self.assertEqual(self.status(), NEVER)


class Backlog(Status):
    """paused, pending, executing, next_due, products_changed."""

    def test_counts(self):
        """what is pending and what is executing"""
        for number in range(3):
            self.create(task_id=f"t{number}")
        self.poll()
        status = self.status()
        self.assertEqual((status["pending"], status["executing"]), (2, 1))
        self.assertIsNone(status["next_due"])

    def test_paused(self):
        """a pause by hand shows, with its reason"""
        path = self.root.pause()
        paused = self.status()["paused"]
        self.assertEqual(set(paused), {"since", "reason"})
        self.assertEqual(paused["reason"], "paused by hand")
        self.assertLess(seconds(paused["since"]), 60)
        self.root.write(path, b"the captcha\xff\nand more\n")
        self.assertIn("the captcha", self.status()["paused"]["reason"])
        os.unlink(path)
        self.assertIsNone(self.status()["paused"])

    def test_scheduled(self):
        """next_due is when the first scheduled task comes due"""
        folder = self.root.make("pending", 42)
        for number, ahead in enumerate((7200, 3600)):
            name = f"998-{stamp(ahead)}-get_stats-t{number}.json"
            path = os.path.join(folder, name)
            self.root.write(path, '{"action":"get_stats"}')
            os.chmod(path, 0o600)
        status = self.status()
        self.assertEqual(status["pending"], 2)
        self.assertAlmostEqual(-seconds(status["next_due"]), 3600, delta=60)
        self.create(task_id="now")
        self.assertIsNone(self.status()["next_due"])

    def test_paced(self):
        """or when the pace lets the next one go"""
        self.root.configure(all={"pace": "600"})
        for number in range(3):
            self.create(task_id=f"t{number}")
        self.assertIsNone(self.status()["next_due"])
        self.poll()
        due = self.status()["next_due"]
        self.assertIsNotNone(due)
        self.assertAlmostEqual(-seconds(due), 600, delta=60)
        self.create("get_user_data", task_id="other")
        self.assertIsNone(self.status()["next_due"])

    def test_products(self):
        """when the catalogue was written, by whomever"""
        folder = self.root.make("products")
        path = os.path.join(folder, "42.ndjson")
        self.root.write(path, b'{"id":1,"title":"a"}\n')
        os.chmod(path, 0o600)
        for age in (600, 60):
            self.root.set_age(path, age)
            changed = self.status()["products_changed"]
            self.assertAlmostEqual(seconds(changed), age, delta=30)
        os.unlink(path)
        self.assertIsNone(self.status()["products_changed"])

    def test_drops(self):
        """what is not routed yet is not counted"""
        self.root.drop("x.json", {"action": "get_stats"}, 42)
        self.assertEqual(self.status()["pending"], 0)


class Callers(Status):
    """Who may ask."""

    def test_callers(self):
        """plugin and backend tokens, each for its own users"""
        self.assertEqual(self.get().json, NEVER)
        answer = self.get("user_id=7", self.backend)
        self.assertEqual(answer.json, NEVER)
        self.assert_problem(self.get("", self.backend), 422, "invalid_field")
        self.assert_problem(self.get("user_id=7"), 403, "wrong_user")
        self.assert_problem(self.get("", self.cron), 403, "wrong_scope")
        answer = self.api.get("/api/plugin/status")
        self.assert_problem(answer, 401, "token_missing")
        answer = self.api.post("/api/plugin/status", {}, token=self.backend)
        self.assert_problem(answer, 405, "method_not_allowed")

    def test_reads_only(self):
        """nothing is changed"""
        self.create(task_id="t1")
        before = self.root.picture()
        self.status()
        self.assertEqual(self.root.changes(before), [])


class Served(Status):
    """Through a web server."""

    transport = Rewritten

    def test_status(self):
        """before and after a poll"""
        self.assertEqual(self.status(), NEVER)
        self.poll()  # which is noted once its answer has gone out
        self.assertTrue(
            wait_until(lambda: self.status()["message"] == CONNECTED)
        )


class ServedByDispatcher(Served):
    """The same through /cgi-bin/api."""

    transport = Dispatched


if __name__ == "__main__":
    main()
