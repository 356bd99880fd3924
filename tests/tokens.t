#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who may ask for what: tokens, their scopes and their users."""

import base64
import os
import subprocess

from support import main
from support.case import iso
from support.refusal import CREATE, POLL, QUEUED, Refusals


def basic(token):
    return "Basic " + base64.b64encode(f"any:{token}".encode()).decode()


class Tokens(Refusals):
    """Who may ask for what."""

    def poll_with(self, status, code, **options):
        return self.refused(status, code, "GET", POLL, **options)

    def test_none(self):
        """no token, on every route"""
        for method, target in (
            ("GET", POLL),
            ("POST", "/api/plugin/tasks/executing-1/result"),
            ("POST", "/api/plugin/tasks/executing-1/progress"),
            ("GET", "/api/tasks/executing-1"),
            ("DELETE", "/api/tasks/executing-1"),
            ("POST", "/api/tasks/executing-1/cancel"),
            ("POST", "/api/tasks/executing-1/retry"),
            ("POST", CREATE),
            ("GET", "/api/sweeper"),
        ):
            with self.subTest(target=target):
                self.refused(401, "token_missing", method, target, token=None)

    def test_unknown(self):
        """a token that nobody made"""
        for token in ("x", "a" * 48, "é", "../../stoflow", "a" * 5000):
            with self.subTest(token=token[:20]):
                self.poll_with(
                    401,
                    "token_invalid",
                    token=None,
                    headers={"Authorization": b"Bearer " + token.encode()},
                )

    def test_malformed(self):
        """headers that hold no token"""
        good = self.plugin
        self.poll_with(
            401, "token_missing", token=None, headers={"Authorization": ""}
        )
        for value in (
            "Bearer",
            "Bearer ",
            good,
            f"Token {good}",
            f"Bearer{good}",
            f"Bearer {good} x",
            "Basic",
            "Basic !!!",
            "Basic " + base64.b64encode(b"no colon").decode(),
            "Basic " + base64.b64encode(f"u:{good}x".encode()).decode(),
            f"Bearer {good}, Bearer {good}",
            f"Bearer {good},Basic x",
        ):
            with self.subTest(value=value.replace(good, "TOKEN")):
                self.poll_with(
                    401,
                    "token_invalid",
                    token=None,
                    headers={"Authorization": value},
                )

    def test_accepted(self):
        """the forms that are taken"""
        good = self.plugin
        for env in (
            {"HTTP_AUTHORIZATION": f"Bearer {good}"},
            {"HTTP_AUTHORIZATION": f"bearer {good}"},
            {"HTTP_AUTHORIZATION": f"BEARER  {good}"},
            {"HTTP_X_STOFLOW_TOKEN": good},
            {"HTTP_AUTHORIZATION": "Basic eDp5", "HTTP_X_STOFLOW_TOKEN": good},
            {
                "HTTP_AUTHORIZATION": f"Bearer {good}",
                "HTTP_X_STOFLOW_TOKEN": "unknown",
            },
            {"REDIRECT_HTTP_AUTHORIZATION": f"Bearer {good}"},
            {
                "HTTP_AUTHORIZATION": "",
                "REDIRECT_HTTP_AUTHORIZATION": f"Bearer {good}",
            },
        ):
            with self.subTest(env=str(env).replace(good, "TOKEN")):
                answer = self.api.get("/api/health", env=env)
                self.assertEqual(answer.status, 200, answer)

    def test_password(self):
        """as a password it opens the sweeper's route and no other"""
        header = {"Authorization": basic(self.backend)}
        answer = self.api.get("/api/sweeper?dry_run=1", headers=header)
        self.assertEqual(answer.status, 200, answer)
        # That of a server before us, say: the token's own header is surer.
        for password, own, status in (
            (self.backend, "x", 401),
            ("x", self.backend, 200),
        ):
            both = {"Authorization": basic(password), "X-StoFlow-Token": own}
            answer = self.api.get("/api/sweeper?dry_run=1", headers=both)
            self.assertEqual(answer.status, status, answer)
        header = {"Authorization": basic(self.plugin)}
        for method, target in (
            ("GET", POLL),
            ("GET", "/api/health"),
            ("GET", "/api/products"),
            ("POST", CREATE),
        ):
            with self.subTest(target=target):
                self.refused(
                    401,
                    "token_invalid",
                    method,
                    target,
                    token=None,
                    headers=header,
                )

    def test_expired(self):
        """a token whose time has passed"""
        token = self.root.token(42, "plugin", expires=iso(-2)[:19] + "Z")
        answer = self.poll_with(401, "token_expired", token=token)
        self.assertIn("expired", answer.detail)

    def test_not_yet_expired(self):
        """a token whose time has not passed"""
        token = self.root.token(42, "plugin", expires=iso(60)[:19] + "Z")
        answer = self.api.get("/api/health", token=token)
        self.assertEqual(answer.status, 200, answer)

    def test_revoked(self):
        """rm of its file revokes a token at once"""
        token = self.root.token(42, "plugin")
        path = self.root.token_file(token, "user_id = 42\nscope = plugin\n")
        self.assertEqual(self.api.get("/api/health", token=token).status, 200)
        os.unlink(path)
        self.poll_with(401, "token_invalid", token=token)

    def test_broken_files(self):
        """a token file that says no clear thing lets nobody in"""
        for text in (
            "",
            "user_id = 42\n",
            "scope = plugin\n",
            "user_id = x\nscope = plugin\n",
            "user_id = 0\nscope = plugin\n",
            "user_id = 42\nscope = admin\n",
            "user_id = 42\nuser_id = 43\nscope = plugin\n",
            "user_id = 42\nscope = plugin\nexpires = soon\n",
            "user_id = 42\nscope = plugin\nexpires = 2099-13-01T00:00:00Z\n",
            "user_id = 42\nscope = plugin\nnote = " + "x" * 300 + "\n",
            "\0user_id = 42\nscope = plugin\n",
            "user_id = 42\n  scope = plugin\n",
        ):
            with self.subTest(text=repr(text)[:50]):
                path = self.root.token_file("broken-token", text)
                answer = self.api.get(POLL, token="broken-token")
                self.assertIn(answer.status, (401, 500, 503), answer)
                log = self.root.read("log", "events.log").decode()
                self.assertIn(os.path.relpath(path, self.root.path), log)
                self.assertNotIn("line 0", log)
                self.assert_unchanged()

    def test_scopes(self):
        """a scope that does not cover the route"""
        result = "/api/plugin/tasks/executing-1/result"
        for scope, method, target, body in (
            ("plugin", "POST", CREATE, QUEUED),
            ("plugin", "POST", "/api/plugin/tasks/create", QUEUED),
            ("plugin", "GET", "/api/sweeper", None),
            ("cron", "GET", POLL, None),
            ("cron", "POST", result, {"success": True}),
            ("cron", "POST", "/api/plugin/tasks/executing-1/progress", {}),
            ("cron", "GET", "/api/tasks/executing-1", None),
            ("plugin", "DELETE", "/api/tasks/pending-1", None),
            ("plugin", "POST", "/api/tasks/pending-1/cancel", None),
            ("plugin", "POST", "/api/tasks/pending-1/retry", None),
            ("cron", "POST", CREATE, QUEUED),
        ):
            with self.subTest(scope=scope, target=target):
                token = getattr(self, scope)
                self.refused(
                    403, "wrong_scope", method, target, body, token=token
                )

    def test_other_user(self):
        """a user_id that is not the token's"""
        self.refused(
            403,
            "wrong_user",
            "GET",
            "/api/plugin/tasks?user_id=43",
            token=self.plugin,
        )
        token = self.root.token(43, "backend")
        self.refused(403, "wrong_user", "POST", CREATE, QUEUED, token=token)

    def test_foreign_task(self):
        """another user's task is no task, whatever its state"""
        token = self.root.token(43, "plugin")
        for task_id in ("pending-1", "executing-1", "no-such-task"):
            with self.subTest(task_id=task_id):
                answer = self.refused(
                    404,
                    "unknown_task",
                    "POST",
                    f"/api/plugin/tasks/{task_id}/result",
                    {"success": True},
                    token=token,
                )
                self.assertEqual(answer.detail, "Task not found")

    def test_secret_stays(self):
        """no token ever stands in an answer or in the spool"""
        token = "s3cr3t-" + "x" * 30
        answer = self.refused(401, None, "GET", POLL, token=token)
        self.assertNotIn(b"s3cr3t", answer.body)
        found = subprocess.run(
            ["grep", "-rlE", f"s3cr3t|{self.backend}", self.root.path],
            capture_output=True,
        )
        self.assertEqual(found.stdout, b"")


if __name__ == "__main__":
    main()
