#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Idempotency-Key: a create that may be repeated."""

import json

from support import Case, main
from support.case import PARAMS
from support.crowd import crowd

PRODUCT = PARAMS["create_product"]


class Idempotency(Case):
    """The same key makes one task, whatever became of it."""

    def request(self, key="k-1", user=42, params=None, **fields):
        body = {
            "user_id": user,
            "action": "create_product",
            "params": params or PRODUCT,
            **fields,
        }
        return self.api.post(
            "/api/tasks/create",
            body,
            token=self.backend,
            headers={"Idempotency-Key": key},
        )

    def made(self, **options):
        answer = self.request(**options)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["task_id"]

    def test_in_every_state(self):
        """the repeated request gets the first answer, in every state"""
        first = self.made()
        self.assertEqual(self.made(), first)
        self.assertEqual(self.poll_id(), first)
        self.assertEqual(self.made(), first)
        self.finish(first)
        self.assertEqual(self.made(), first)
        self.assertEqual(self.poll_id(), None)

    def test_white_space(self):
        """white space and the order of other members make no difference"""
        first = self.made()
        answer = self.api.post(
            "/api/tasks/create?user_id=42&action=create_product",
            json.dumps(PRODUCT, indent=3),
            token=self.backend,
            headers={"Idempotency-Key": "k-1"},
        )
        self.assertEqual((answer.status, answer.json["task_id"]), (201, first))

    def test_other_request(self):
        """the key of another request is refused, and nothing is made"""
        self.made()
        for change in (
            {"params": {**PRODUCT, "title": "Jeans"}},
            {"not_before": "2099-01-01T00:00:00Z"},
            {"expires_in": 60},
            {"retries": 0},
            {"priority": 9},
            {"action": "upload_photo", "params": PARAMS["upload_photo"]},
        ):
            with self.subTest(change=change):
                answer = self.request(**change)
                self.assert_problem(answer, 409, "idempotency_key_reused")
        self.assertEqual(len(self.assert_sound().tasks), 1)

    def test_other_key_and_user(self):
        """another key, and the same key of another user, make another task"""
        made = {self.made(), self.made(key="k-2")}
        self.assertEqual(len(made), 2)
        self.made(user=7)
        self.assertEqual(len(self.assert_sound().tasks), 3)

    def test_own_id(self):
        """with a task_id of its own the task bears that"""
        self.assertEqual(self.made(task_id="mine"), "mine")
        self.assertEqual(self.made(task_id="mine"), "mine")

    def test_wrong_keys(self):
        """a key that is none is refused"""
        for key in ("", "x" * 256, "é", "a\tb"):
            with self.subTest(key=key):
                answer = self.request(key=key)
                self.assert_problem(answer, 400, "bad_request", "Idempotency")

    def test_crowd(self):
        """of many at once one makes the task, and all are told its id"""
        made = crowd(8, lambda _: self.made())
        self.assertEqual(len(set(made)), 1)
        self.assertEqual(len(self.assert_sound().tasks), 1)


if __name__ == "__main__":
    main()
