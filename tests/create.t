#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Creates: what a task may ask for, and the parameters it must come with."""

import os
from urllib.parse import urlencode

from support import Case, main
from support.case import PARAMS, iso, stamp
from support.refusal import CREATE, Refusals
from support.web import Rewritten

UNFIT = (
    ("get_stats", {}, "params.item_id", "is missing"),
    ("get_stats", {"item_id": "5"}, "params.item_id", "whole number"),
    ("get_all_products", {}, "params.user_id", "is missing"),
    ("create_product", {"title": "x"}, "params.description", "is missing"),
    ("update_product", {"item_id": 5}, "params", "what to change"),
    ("delete_product", {"item_id": 0}, "params.item_id", "positive"),
    ("update_prices", {"updates": []}, "params.updates", "one object"),
    (
        "update_prices",
        {"updates": [{"item_id": 1, "price": 1}, {"item_id": 2}]},
        "params.updates[1].price",
        "is missing",
    ),
    ("upload_photo", {"item_id": 5}, "params.photo_url", "photo_data"),
)

# What the body and the query may both say, and another value.
TWICE = (
    ("user_id", 42, 43),
    ("task_id", "mine", "yours"),
    ("priority", 1, 500),
    ("timeout", 5, 7),
    ("not_before", "2099-01-01T00:00:00Z", "2099-01-02T00:00:00Z"),
    ("expires_in", 60, 61),
    ("retries", 0, 1),
)


class Wishes:
    """not_before, expires_in and retries; a subclass says how requests
    come."""

    def wish(self, as_query=False, **wishes):
        """A create that bears wishes in its body or its query."""
        if as_query:
            query = {"user_id": 42, "action": "get_stats", **wishes}
            target, body = f"{CREATE}?{urlencode(query)}", {"item_id": 5}
        else:
            body = {"user_id": 42, "action": "get_stats", **wishes}
            target, body["params"] = CREATE, {"item_id": 5}
        return self.api.post(target, body, token=self.backend)

    def test_scheduled(self):
        """a scheduled task bears the moment it is due in its name"""
        for as_query in (False, True):
            with self.subTest(as_query=as_query):
                before = iso()
                answer = self.wish(
                    as_query,
                    not_before="2099-01-01T00:00:00+01:00",
                    expires_in=3600,
                    retries=0,
                )
                self.assertEqual(answer.status, 201, answer)
                due = "2098-12-31T23:00:00.000000Z"
                self.assertEqual(answer.json["not_before"], due)
                self.assertEqual(list(answer.json), ["task_id", "not_before"])
                task = self.assert_state(answer.json["task_id"], "pending")
                self.assertEqual(task.created, "20981231T230000.000000Z")
                record = task.record
                self.assertEqual(record["not_before"], due)
                self.assertEqual(record["expires_in"], 3600)
                self.assertEqual(record["retries"], 0)
                self.assertLess(before, record["created_at"])
                self.assertLess(record["created_at"], iso())

    def test_past(self):
        """a moment that has passed schedules nothing"""
        before = stamp()
        answer = self.wish(not_before=iso(-60))
        task = self.assert_state(answer.json["task_id"], "pending")
        self.assertLess(before, task.created)
        self.assertEqual(self.poll_id(), task.id)


class WishesTest(Wishes, Case):
    """Called directly."""


class WishesServedTest(Wishes, Case):
    """Through the web server."""

    transport = Rewritten


class WrongWishes(Refusals):
    """Wishes that cannot be read."""

    WRONG = (
        ("not_before", "tomorrow"),
        ("not_before", "2099-01-01"),
        ("not_before", "2099-01-01T00:00:00"),
        ("not_before", "2099-02-30T00:00:00Z"),
        ("expires_in", 0),
        ("expires_in", 31622401),
        ("retries", -1),
        ("retries", 1001),
    )

    def unfit(self, body, detail=None, target=CREATE):
        return self.refused(
            422, "invalid_field", "POST", target, body, detail=detail
        )

    def test_body(self):
        """in the body"""
        more = (
            ("not_before", 4070908800),
            ("expires_in", "60"),
            ("retries", 1.5),
            ("then", {"action": "get_stats", "task_id": "x"}),
            ("then", []),
        )
        for key, value in self.WRONG + more:
            with self.subTest(key=key, value=value):
                body = {"user_id": 42, "action": "get_user_data", key: value}
                self.unfit(body, f'"{key}"')

    def test_query(self):
        """in the query"""
        more = (
            ("not_before", "2099-01-01T00:00:00 01:00"),
            ("expires_in", "x"),
            ("expires_in", ""),
            ("retries", "1.5"),
        )
        for key, value in self.WRONG + more:
            with self.subTest(key=key, value=value):
                query = {"user_id": 42, "action": "get_user_data", key: value}
                self.unfit({}, f'"{key}"', f"{CREATE}?{urlencode(query)}")

    def test_params(self):
        """unfit parameters, in both forms"""
        for action, params, member, word in UNFIT:
            query = urlencode({"user_id": 42, "action": action})
            whole = {"user_id": 42, "action": action, "params": params}
            for target, body in (
                (CREATE, whole),
                (f"{CREATE}?{query}", params),
            ):
                with self.subTest(action=action, target=target):
                    answer = self.unfit(body, target=target)
                    self.assertIn(f'"{member}" ', answer.detail)
                    self.assertIn(word, answer.detail)

    def test_no_params(self):
        """no parameters where some are needed"""
        body = {"user_id": 42, "action": "get_stats"}
        self.unfit(body, '"params.item_id" is missing')


class GivenTwice(Refusals):
    """A member in the body and in the query, on every route that takes it in
    both."""

    ROUTES = (
        ("account", "/api/account/change", {}),
        ("pause", "/api/plugin/pause", {"paused": True}),
        ("sync", "/api/sync/vinted", {}),
        ("execute", "/api/plugin/execute", {"action": "PING"}),
    )

    def assert_differs(self, target, body, member, value, other):
        target = f"{target}?{urlencode({member: other})}"
        answer = self.refused(
            422, "invalid_field", "POST", target, {**body, member: value}
        )
        for word in (f'"{member}" is "{other}" in the query', str(value)):
            self.assertIn(word, answer.detail)

    def test_create(self):
        """a task is not queued by one of two values"""
        body = {"user_id": 42, "action": "get_user_data"}
        for member, value, other in TWICE:
            with self.subTest(member=member):
                self.assert_differs(CREATE, body, member, value, other)

    def test_users(self):
        """nothing is done for one of two users"""
        for name, target, body in self.ROUTES:
            with self.subTest(route=name):
                self.assert_differs(target, body, "user_id", 42, 43)

    def test_wait(self):
        """a command does not wait for one of two times"""
        body = {"user_id": 42, "action": "GET_USER_DATA"}
        target = "/api/plugin/execute"
        self.assert_differs(target, body, "timeout", 1, 2)

    def test_same(self):
        """the same value twice is that value"""
        for member, value, _ in TWICE:
            body = {"user_id": 42, "action": "get_user_data", member: value}
            target = f"{CREATE}?{urlencode({member: value})}"
            answer = self.api.post(target, body, token=self.backend)
            self.assertEqual(answer.status, 201, answer)
        for name, target, body in self.ROUTES[:2]:
            with self.subTest(route=name):
                target, body = f"{target}?user_id=42", {**body, "user_id": 42}
                answer = self.api.post(target, body, token=self.backend)
                self.assertEqual(answer.status, 200, answer)

    def test_params(self):
        """what the parameters hold is theirs, whatever the query says"""
        target = f"{CREATE}?user_id=42&action=get_all_products"
        answer = self.api.post(target, {"user_id": 7}, token=self.backend)
        self.assertEqual(answer.status, 201, answer)


class Params(Case):
    """Parameters of the known actions, by create and by drop."""

    def test_guide(self):
        """the least that the guide asks for is enough"""
        for action, params in PARAMS.items():
            with self.subTest(action=action):
                task_id = self.create(action=action, params=params)
                self.assertEqual(self.task(task_id).record["params"], params)

    def test_unknown_action(self):
        """of an unknown action nothing is asked"""
        self.create(action="some_new_thing", params={"item_id": "x"})

    def test_drops(self):
        """a drop is rejected with the words that a create is refused with"""
        for number, (action, params, _, _) in enumerate(UNFIT):
            with self.subTest(action=action):
                body = {"user_id": 42, "action": action, "params": params}
                answer = self.api.post(CREATE, body, token=self.backend)
                self.assert_problem(answer, 422)
                name = f"{number}.json"
                self.root.drop(name, body)
                self.assertIsNone(self.poll_id())
                why = self.root.read("rejected", name + ".why").decode()
                self.assertEqual(why.splitlines()[0], answer.detail)

    def test_record_comes_back(self):
        """a record is retried whatever its parameters"""
        name = self.queue_names(1)[0]
        task_id = self.poll_id()
        self.assertIn(f"-{task_id}.json", name)
        self.finish(task_id, {"success": False, "error": "x"})
        done = self.root.place("done", 42, f"{task_id}.failed.json")
        with open(done, "rb") as file:
            self.root.drop("again.json", file.read(), user=42)
        os.unlink(done)
        self.assertEqual(self.poll_id(), task_id)


if __name__ == "__main__":
    main()
