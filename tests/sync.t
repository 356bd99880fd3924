#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Synchronising with Vinted: one listing, after asking whose it is."""

import json
import os

from support import Case, main
from support.case import GUIDE_PRODUCTS
from support.crowd import crowd
from support.refusal import Refusals
from support.web import Dispatched, Rewritten

SYNC = "/api/sync/vinted"
LISTED = {
    "success": True,
    "data": {"products": GUIDE_PRODUCTS, "total": len(GUIDE_PRODUCTS)},
}
SELLER = {"success": True, "data": {"user_id": 29535217, "login": "shop"}}


class Sync:
    """A subclass says how requests come."""

    def sync(self, body=None, token=None):
        answer = self.api.post(
            SYNC,
            {"user_id": 42} if body is None else body,
            token=token or self.backend,
        )
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def take_in(self):
        """The result is taken in, as a host without background work does."""
        self.sweep()

    def know_the_seller(self):
        task_id = self.create(action="get_user_data")
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, SELLER)
        self.take_in()

    def test_known(self):
        """the guide's example: the listing of the seller's wardrobe"""
        self.know_the_seller()
        told = self.sync()
        self.assertEqual(list(told), ["message", "task_id"])
        self.assertEqual(told["message"], "Sync started")
        task = self.poll(token=self.plugin)
        self.assertEqual(task["task_id"], told["task_id"])
        self.assertEqual(task["action"], "get_all_products")
        self.assertEqual(task["params"], {"user_id": 29535217})
        self.assertEqual(task["priority"], 1)
        self.finish(told["task_id"], LISTED)
        self.take_in()
        lines = self.root.read("products", "42.ndjson").splitlines()
        self.assertEqual(len(lines), len(GUIDE_PRODUCTS))

    def test_chain(self):
        """an unknown seller is asked for first, and the listing follows"""
        told = self.sync()
        self.assertEqual(
            list(told), ["message", "task_id", "next_task_id"], told
        )
        self.assertEqual(told["message"], "Sync started")
        task = self.poll(token=self.plugin)
        self.assertEqual(task["task_id"], told["task_id"])
        self.assertEqual(task["action"], "get_user_data")
        self.assertEqual(task["params"], {})
        self.assertNotIn("then", task)
        self.finish(told["task_id"], SELLER)
        self.take_in()
        self.assertIsNotNone(self.task(told["next_task_id"]))
        task = self.poll(token=self.plugin)
        self.assertEqual(task["task_id"], told["next_task_id"])
        self.assertEqual(task["action"], "get_all_products")
        self.assertEqual(task["params"], {"user_id": 29535217})
        self.finish(task["task_id"], LISTED)
        self.assertNotIn("next_task_id", self.sync())

    def test_under_way(self):
        """one that is under way is returned, whatever it is at"""
        told = self.sync()
        again = {**told, "message": "Sync already under way"}
        self.assertEqual(self.sync(), again)
        self.poll()
        self.assertEqual(self.sync(), again)
        self.finish(told["task_id"], SELLER)
        # Not taken in yet: who asks takes it in.
        last = {"message": again["message"], "task_id": told["next_task_id"]}
        self.assertEqual(self.sync(), last)
        self.poll()
        self.assertEqual(self.sync(), last)
        self.finish(last["task_id"], LISTED)
        self.assertEqual(self.sync()["message"], "Sync started")

    def test_priority(self):
        """both come at the priority that was asked for"""
        told = self.sync({"user_id": 42, "priority": 9, "then": 5})
        self.assertEqual(self.poll()["priority"], 9)
        self.finish(told["task_id"], SELLER)
        self.take_in()
        self.assertIsNotNone(self.task(told["next_task_id"]))
        self.assertEqual(self.poll()["priority"], 9)


class SyncTest(Sync, Case):
    """Called directly; nothing happens but what the test does."""

    def test_whose(self):
        """the token says whose, where the request does not"""
        for body in ({}, b"", {"user_id": None}):
            with self.subTest(body=body):
                answer = self.api.post(SYNC, body, token=self.plugin)
                self.assertEqual(answer.status, 200, answer)
        task_id = answer.json["task_id"]
        answer = self.api.post(SYNC + "?user_id=7", {}, token=self.backend)
        self.assertEqual(answer.json["message"], "Sync started")
        self.assertIsNotNone(self.task(answer.json["task_id"], 7))
        self.assertIsNotNone(self.task(task_id, 42))

    def test_crowd(self):
        """of many at once one starts it, and all are told the same"""
        told = crowd(12, lambda member: self.sync())
        self.assertEqual(len({each["task_id"] for each in told}), 1)
        self.assertEqual(len({each["next_task_id"] for each in told}), 1)
        started = [t for t in told if t["message"] == "Sync started"]
        self.assertEqual(len(started), 1)
        self.assertEqual(len(self.assert_sound().tasks), 1)

    def test_no_number(self):
        """a result that tells no number: nothing follows, and it is logged"""
        told = self.sync()
        self.poll()
        self.finish(told["task_id"], {"success": True, "data": {"login": "x"}})
        self.sweep()
        self.assertIsNone(self.task(told["next_task_id"]))
        log = self.root.read("log", "events.log").decode()
        self.assertIn("nothing follows it", log)
        self.assertEqual(self.sync()["message"], "Sync started")

    def test_failed(self):
        """a get_user_data that failed ends the sync"""
        told = self.sync()
        self.poll()
        failure = {"success": False, "error": "HTTP 500"}
        self.finish(told["task_id"], failure)
        self.sweep()
        self.assertIsNone(self.task(told["next_task_id"]))
        again = self.sync()
        self.assertEqual(again["message"], "Sync started")
        self.assertNotEqual(again["task_id"], told["task_id"])

    def test_retried(self):
        """the record moved back to pending/ still knows what follows"""
        told = self.sync()
        self.poll()
        self.finish(told["task_id"], {"success": False, "error": "x"})
        name = f"{told['task_id']}.failed.json"
        record = self.root.place("done", 42, name)
        self.assertEqual(
            self.root.json("done", 42, name)["then"]["task_id"],
            told["next_task_id"],
        )
        os.rename(record, self.root.place("pending", 42, name))
        self.assertEqual(self.poll_id(), told["task_id"])
        self.finish(told["task_id"], SELLER)
        self.sweep()
        self.assertEqual(self.poll_id(), told["next_task_id"])

    def test_dropped(self):
        """a drop may bear a "then" of ours, and none of others"""
        for number, action in enumerate(
            ("get_all_products", "delete_product")
        ):
            with self.subTest(action=action):
                then = {"action": action, "task_id": f"next-{number}"}
                body = {"action": "get_user_data", "then": then}
                self.root.drop("x.json", {**body, "task_id": f"t{number}"}, 42)
                self.assertEqual(self.poll_id(), f"t{number}")
                self.finish(f"t{number}", SELLER)
                self.sweep()
                follows = action == "get_all_products"
                self.assertEqual(
                    self.poll_id(), then["task_id"] if follows else None
                )


class SyncServedTest(Sync, Case):
    """Through the web server, with what follows an answer."""

    transport = Rewritten
    queue = {"background": "yes", "sweep_every": 86400}

    def setUp(self):
        super().setUp()
        self.sweep()  # so that none follows an answer

    def take_in(self):
        """The process that follows the result's answer does it."""
        self.wait_for_quiet()


class SyncDispatchedTest(Sync, Case):
    """Through /cgi-bin/api."""

    transport = Dispatched


class Refused(Refusals):
    """Bad requests change nothing."""

    def test_fields(self):
        """a wrong member is named"""
        for key, value in (
            ("user_id", "42"),
            ("user_id", 0),
            ("user_id", 4.2),
            ("user_id", []),
            ("priority", 1000),
            ("priority", -1),
            ("priority", "1"),
        ):
            with self.subTest(key=key, value=value):
                body = {"user_id": 42, key: value}
                self.refused(
                    422, "invalid_field", "POST", SYNC, body, detail=f'"{key}"'
                )

    def test_whose(self):
        """nobody's, or another user's"""
        self.refused(422, "invalid_field", "POST", SYNC, {})
        for target, body in (
            (SYNC, {"user_id": 7}),
            (SYNC + "?user_id=7", {}),
        ):
            self.refused(
                403, "wrong_user", "POST", target, body, token=self.plugin
            )

    def test_scope(self):
        """a token that is made for other things"""
        self.refused(403, "wrong_scope", "POST", SYNC, {}, token=self.cron)

    def test_methods(self):
        """only POST"""
        answer = self.refused(405, "method_not_allowed", "GET", SYNC)
        self.assertEqual(answer.headers["allow"], "POST")

    def test_malformed(self):
        """no JSON, or no object"""
        self.refused(400, "malformed_json", "POST", SYNC, b"{")
        self.refused(422, "invalid_field", "POST", SYNC, json.dumps([]))


if __name__ == "__main__":
    main()
