#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pages of other origins: who may read an answer, and who is told so."""

from support import Case, main
from support.web import Rewritten

SHOP = "https://shop.example"
OTHER = "https://other.example"
POLL = "/api/plugin/tasks?user_id=42"


class Origins(Case):
    """etc/stoflow.ini lists two origins."""

    def setUp(self):
        super().setUp()
        self.list(f"{SHOP}, http://localhost:5173")

    def list(self, origins):
        self.root.configure(site={"origins": origins})

    def preflight(self, origin, path="/api/tasks/create", method="POST"):
        return self.api.request(
            "OPTIONS",
            path,
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization",
            },
        )

    def poll_from(self, origin):
        headers = {"Origin": origin}
        return self.api.get(POLL, token=self.plugin, headers=headers)

    def test_preflight(self):
        """a listed origin is told what it may send, without a token"""
        for origin in (SHOP, "http://localhost:5173"):
            answer = self.preflight(origin)
            self.assertEqual((answer.status, answer.body), (204, b""))
            headers = answer.headers
            self.assertEqual(headers["access-control-allow-origin"], origin)
            self.assertEqual(headers["access-control-allow-methods"], "POST")
            allowed = headers["access-control-allow-headers"].lower()
            for name in ("authorization", "content-type", "idempotency-key"):
                self.assertIn(name, allowed)
            self.assertGreater(int(headers["access-control-max-age"]), 0)
            self.assertEqual(headers["vary"], "Origin")

    def test_preflight_refused(self):
        """any other origin is not, and neither is a path without a route"""
        for origin in (OTHER, SHOP + ":8443", "null", SHOP + ","):
            answer = self.preflight(origin)
            self.assert_problem(answer, 403, "origin_not_allowed")
            self.assertNotIn("access-control-allow-origin", answer.headers)
        answer = self.preflight(SHOP, "/api/plugin/x/create")
        self.assert_problem(answer, 404, "unknown_route")

    def test_none_listed(self):
        """without a list nobody is"""
        self.list("none")
        self.assertEqual(self.preflight(SHOP).status, 403)
        answer = self.poll_from(SHOP)
        self.assertEqual(answer.status, 200)
        self.assertNotIn("access-control-allow-origin", answer.headers)

    def test_any(self):
        """a star is any origin, and no answer depends on which"""
        self.list("*")
        answer = self.preflight(OTHER)
        self.assertEqual(answer.status, 204)
        self.assertEqual(answer.headers["access-control-allow-origin"], "*")
        self.assertNotIn("vary", answer.headers)

    def test_answers(self):
        """answers may be read by listed origins alone"""
        for origin, readable in ((SHOP, True), (OTHER, False)):
            answer = self.poll_from(origin)
            self.assertEqual(answer.status, 200)
            self.assertEqual(
                answer.headers.get("access-control-allow-origin"),
                origin if readable else None,
            )
            self.assertEqual(answer.headers["vary"], "Origin")

    def test_refusals(self):
        """a page can read why it was refused"""
        answer = self.api.get(POLL, headers={"Origin": SHOP})
        self.assert_problem(answer, 401, "token_missing")
        self.assertEqual(answer.headers["access-control-allow-origin"], SHOP)

    def test_options_alone(self):
        """OPTIONS that is no preflight is a method like any other"""
        answer = self.api.request("OPTIONS", POLL, headers={"Origin": SHOP})
        self.assert_problem(answer, 405, "method_not_allowed")
        self.assertEqual(answer.headers["allow"], "GET")


class OriginsOverHttp(Origins):
    """The same through a web server."""

    transport = Rewritten


if __name__ == "__main__":
    main()
