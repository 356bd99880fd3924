#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pausing a queue by the API: the same as touch and rm of PAUSED."""

import os

from support import Case, main
from support.web import Rewritten

ROUTE = "/api/plugin/pause"


class Pause(Case):
    def ask(self, token=None, **body):
        return self.api.post(ROUTE, body, token=token or self.plugin)

    def paused(self):
        return "PAUSED" in self.root.ls("pending", 42)

    def test_pause_and_resume(self):
        """the file comes and goes, and the reason is in it"""
        answer = self.ask(paused=True, reason="en vacances")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["paused"]["reason"], "en vacances")
        text = self.root.read("pending", 42, "PAUSED").decode()
        self.assertEqual(text, "en vacances\n")
        answer = self.ask(paused=False)
        self.assertEqual((answer.status, answer.json), (200, {"paused": None}))
        self.assertFalse(self.paused())

    def test_twice(self):
        """the first reason stands; resuming twice is no error"""
        self.ask(paused=True, reason="captcha")
        answer = self.ask(paused=True, reason="another")
        self.assertEqual(answer.json["paused"]["reason"], "captcha")
        for _ in range(2):
            answer = self.ask(paused=False)
            self.assertEqual(answer.json, {"paused": None})

    def test_without_reason(self):
        """without a reason it is paused by hand"""
        answer = self.ask(paused=True)
        self.assertEqual(answer.json["paused"]["reason"], "paused by hand")
        self.assertEqual(self.root.read("pending", 42, "PAUSED"), b"")

    def test_strange_reasons(self):
        """whatever the reason is, the queue pauses; one line of it stays"""
        for reason, kept in (
            (1, "paused by hand"),
            ("", "paused by hand"),
            ("x" * 199, "x" * 199),
            ("x" * 200, "x" * 196 + "…"),
            ("😀" * 50, "😀" * 48 + "…"),
            ("a\r\nb\0c", "a  b c"),
            ("<p>captcha \ud83d", "<p>captcha \ufffd"),
            ("a\x7fb\u009bc\u202ed", "a b  c   d"),
        ):
            with self.subTest(reason=reason):
                answer = self.ask(paused=True, reason=reason)
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(answer.json["paused"]["reason"], kept)
                self.ask(paused=False)

    def test_touched(self):
        """what touch has made is taken away"""
        self.root.pause()
        self.ask(paused=False)
        self.assertFalse(self.paused())

    def test_folder(self):
        """a folder in its place is not removed, but named"""
        self.leaves_debris = "the folder"
        self.root.make("pending", 42)
        os.mkdir(self.root.place("pending", 42, "PAUSED"))
        answer = self.ask(paused=False)
        self.assert_problem(answer, 500, "spoilt_file", "pending/42/PAUSED")
        self.assertIn("Resuming the queue", answer.detail)

    def test_fields(self):
        """each field is checked"""
        for body, name in (
            ({}, "paused"),
            ({"paused": "yes"}, "paused"),
            ({"paused": True, "user_id": 0}, "user_id"),
        ):
            answer = self.ask(**body)
            self.assert_problem(answer, 422, "invalid_field", f'"{name}"')
        self.assertFalse(self.paused())

    def test_users(self):
        """a token's own user; one for all must say whose"""
        self.assert_problem(
            self.ask(paused=True, user_id=43), 403, "wrong_user"
        )
        self.assert_problem(
            self.ask(self.backend, paused=True), 422, "invalid_field"
        )
        answer = self.ask(self.backend, paused=True, user_id=43)
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.root.ls("pending", 43), ["PAUSED"])


class PauseOverHttp(Pause):
    """The same through a web server."""

    transport = Rewritten


if __name__ == "__main__":
    main()
