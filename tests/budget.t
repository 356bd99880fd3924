#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How many requests may be sent to Vinted within a time: [all] budget."""

import os
import re
from datetime import datetime, timedelta

from support import Case, main
from support.case import EMPTY
from support.reader import Tree
from support.waiting import Held
from support.web import Rewritten

USED_UP = {"task_id": None, "message": "Budget used up"}
RULE = "20/5m"


class Budget(Case):
    rule = RULE

    def setUp(self):
        super().setUp()
        self.root.configure(all={"budget": self.rule})

    def counts(self):
        """COUNT-LEASE.sent and COUNT-TOLD-LEASE.open, without the moments."""
        names = [name for name in self.root.ls("pace", 42) if "." in name]
        return sorted(name.split("Z-", 1)[1] for name in names)

    def let_pass(self, days):
        """As if what was counted had been counted so much earlier."""
        folder = self.root.place("pace", 42)
        for name in self.root.ls("pace", 42):
            day = datetime.strptime(name[:8], "%Y%m%d") - timedelta(days=days)
            os.rename(
                os.path.join(folder, name),
                os.path.join(folder, day.strftime("%Y%m%d") + name[8:]),
            )

    def told(self, requests=None, **members):
        body = {"success": True, "data": {}, **members}
        return body if requests is None else {**body, "requests": requests}

    def progress(self, task_id, **body):
        answer = self.api.post(
            f"/api/plugin/tasks/{task_id}/progress", body, token=self.backend
        )
        self.assertEqual(answer.status, 200, answer)
        return answer.json


class Spent(Budget):
    """What is handed out, and what is said of it."""

    def test_used_up(self):
        """a task is told what is left; a poll over budget when to come"""
        for name in ("t1", "t2", "t3"):
            self.create(task_id=name)
        self.assertEqual(self.poll()["budget"], 20)
        self.assertEqual(
            self.poll(), {**USED_UP, "next_poll_interval_ms": 5000}
        )
        self.finish("t1", self.told(15))
        answer = self.poll()
        self.assertEqual((answer["task_id"], answer["budget"]), ("t2", 5))
        self.finish("t2", self.told(5))
        self.assertEqual(
            self.poll(), {**USED_UP, "next_poll_interval_ms": 30000}
        )
        self.let_pass(days=1)
        self.assertEqual(self.poll_id(), "t3")
        self.assertEqual(len(self.counts()), 1)

    def test_ls(self):
        """ls shows what is counted, and rm frees it"""
        self.create(task_id="t1"), self.create(task_id="t2")
        lease = self.poll()["lease"]
        self.assertEqual(self.counts(), [f"20-0-{lease}.open"])
        tree = Tree(self.root.path)
        self.assertEqual(tree.violations(), [])
        self.finish("t1", self.told(20))
        self.assertEqual(self.counts(), [f"20-{lease}.sent"])
        for name in self.root.ls("pace", 42):
            os.unlink(self.root.place("pace", 42, name))
        self.assertEqual(self.poll_id(), "t2")

    def test_old_plugin(self):
        """one that tells no number has used what it was given"""
        self.create(task_id="t1"), self.create(task_id="t2")
        lease = self.poll()["lease"]
        self.finish("t1")
        self.assertEqual(self.counts(), [f"20-{lease}.sent"])
        self.assertIsNone(self.poll_id())

    def test_nothing_was_sent(self):
        """but not where its failure shows that nothing was sent"""
        self.root.configure(all={"budget": RULE}, retry={"delay": 86400})
        self.create(task_id="t1"), self.create(task_id="t2")
        self.poll()
        failure = {"success": False, "error": "Aucun onglet Vinted ouvert"}
        self.finish("t1", failure)
        self.assert_state("t1", "pending")
        self.assertEqual(self.counts(), [])
        self.assertEqual(self.poll_id(), "t2")

    def test_bridge(self):
        """what a request of the bridge sends is known: it takes no more"""
        request = {"url": "https://www.vinted.fr/api/v2/x"}
        self.create("execute_http_request", request, task_id="t1")
        self.create(
            "execute_batch_requests", {"requests": [request] * 18}, task_id="t2"
        )
        self.create(
            "execute_batch_requests", {"requests": [request] * 2}, task_id="t3"
        )
        self.assertEqual(self.poll()["budget"], 1)
        self.assertEqual(self.poll()["budget"], 18)
        self.assertEqual(self.poll()["message"], "Budget used up")
        self.finish("t1", self.told(0))
        self.assertEqual(self.poll()["budget"], 2)

    def test_all_actions_and_browsers(self):
        """it counts whatever is sent for the account, and nobody else's"""
        self.create(task_id="t1"), self.create("get_user_data", task_id="t2")
        self.create(task_id="other", user=43)
        self.assertEqual(self.poll_id(receive_id="firefox1"), "t1")
        self.assertIsNone(self.poll_id(receive_id="chromium"))
        self.assertEqual(self.poll(user=43)["budget"], 20)

    def test_again(self):
        """the same hand-out is told the same once more"""
        self.create(task_id="t1")
        for _ in range(3):
            answer = self.poll(receive_id="firefox1")
            self.assertEqual((answer["task_id"], answer["budget"]), ("t1", 20))
        self.assertEqual(self.counts(), ["20-0-firefox1.open"])

    def test_progress(self):
        """progress tells how many it has sent and learns what is left"""
        self.create(task_id="t1")
        lease = self.poll()["lease"]
        self.assertEqual(self.progress("t1")["budget"], 20)
        self.assertEqual(self.progress("t1", requests=12)["budget"], 8)
        self.assertEqual(self.progress("t1", requests=20)["budget"], 0)
        self.assertEqual(
            self.counts(),
            [f"0-20-{lease}.open", f"12-{lease}.sent", f"8-{lease}.sent"],
        )
        self.finish("t1", self.told(21))
        self.assertIn(f"1-{lease}.sent", self.counts())

    def test_twice(self):
        """a result that comes twice counts once"""
        self.create(task_id="t1")
        lease = self.poll()["lease"]
        for _ in range(2):
            self.finish("t1", self.told(3, lease=lease))
        self.assertEqual(self.counts(), [f"3-{lease}.sent"])

    def test_strange_numbers(self):
        """whatever `requests` is, the result counts"""
        for number, requests in enumerate((-1, "3", None, [], 1e300, True)):
            task_id = self.create(task_id=f"t{number}")
            self.assertEqual(self.poll_id(), task_id)
            self.finish(task_id, {"success": True, "requests": requests})
            self.let_pass(days=1)

    def test_sweeper(self):
        """the sweeper removes what counts no more, also without a budget"""
        self.create(task_id="t1")
        self.poll()
        self.finish("t1", self.told(3))
        self.root.configure()
        self.assertIn(
            "removed 1 count of requests long ago", self.sweep()
        )
        self.assertEqual(self.counts(), [])

    def test_none(self):
        """without a budget nothing is counted or said"""
        self.root.configure()
        self.create(task_id="t1")
        self.assertNotIn("budget", self.poll())
        self.assertNotIn("budget", self.progress("t1", requests=3))
        self.finish("t1", self.told(9))
        self.assertEqual(self.root.ls("pace", 42), [])
        self.assertEqual(self.poll(), EMPTY)

    def test_wrong(self):
        """what is no budget is an error that names the line"""
        self.root.write_ini("[all]\n\nbudget = 20 in 5 minutes\n")
        answer = self.api.get(
            "/api/plugin/tasks?user_id=42", token=self.backend
        )
        self.assert_problem(answer, 500, "configuration")
        self.assertTrue(re.search(r"line 3.*20/5m", answer.detail), answer)
        self.root.configure()


class SpentOverHttp(Spent):
    """The same through a web server."""

    transport = Rewritten


class Waiting(Held, Budget):
    """A poll that is held."""

    def test_woken(self):
        """it gets its task in the moment in which another's result comes"""
        self.create(task_id="t1"), self.create(task_id="t2")
        self.poll()
        thread = self.held()
        self.finish("t1", self.told(3))
        self.assert_delivered(thread, "t2")

    def test_end(self):
        """at its end it says why there is none"""
        self.create(task_id="t1"), self.create(task_id="t2")
        self.poll()
        thread = self.start(wait=1)
        thread.join()
        self.assertEqual(thread.answer.json, USED_UP)


if __name__ == "__main__":
    main()
