#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Routes, methods and ids that there are not; what a server adds to it."""

import json
import os

from support import main
from support.apache import (
    ApacheRewritten,
    HtaccessDispatched,
    HtaccessRewritten,
)
from support.case import EMPTY
from support.refusal import CREATE, POLL, QUEUED, Refusals
from support.web import Dispatched, Rewritten


class Routes(Refusals):
    """Paths and methods that there are not."""

    def test_unknown(self):
        """a path that is no route of the program"""
        for name, path in (
            ("next-task", "/api"),
            ("next-task", "/api/plugin"),
            ("next-task", "/api/plugin/tasks/x"),
            ("next-task", "/api/health"),
            ("next-task", "/plugin/tasksx"),
            ("result", ""),
            ("result", "/api/plugin/tasks/result"),
            ("result", "/api/tasks/create"),
            ("result", "/api/plugin/tasks/executing-1"),
            ("result", "/api/plugin/tasks/executing-1/result/x"),
            ("progress", ""),
            ("progress", "/api/plugin/tasks/executing-1"),
            ("task", ""),
            ("task", "/api/tasks/executing-1/"),
            ("task", "/api/tasks/executing-1/retried"),
            ("create-task", "/api/task"),
            ("create-task", "/api/tasks/create/x"),
            ("health", "/api/healthy"),
            ("sweeper", "/api/sweep"),
            ("api", ""),
            ("api", "/"),
            ("api", "/api"),
            ("api", "/nothing"),
            ("api", "/../next-task"),
            ("api", "/plugin/tasks/../../../bin/sh"),
            ("api", "/api/api/plugin/tasks"),
            ("api", "/" + "x" * 5000),
        ):
            posts = ("result", "create-task", "progress")
            method = "POST" if name in posts else "GET"
            body = {"success": True} if name == "result" else QUEUED
            with self.subTest(name=name, path=path[:40]):
                self.refused(
                    404,
                    "unknown_route",
                    method,
                    POLL,
                    body if method == "POST" else None,
                    env={
                        "PATH_INFO": path,
                        "SCRIPT_NAME": f"/cgi-bin/{name}",
                    },
                    program_name=name,
                )

    def test_methods(self):
        """a method that the route has not: 405 with Allow"""
        for target, allowed in (
            (POLL, {"GET"}),
            ("/api/plugin/tasks/executing-1/result", {"POST"}),
            ("/api/plugin/tasks/executing-1/progress", {"POST"}),
            ("/api/tasks/executing-1", {"GET", "DELETE"}),
            ("/api/tasks/executing-1/cancel", {"POST"}),
            ("/api/tasks/executing-1/retry", {"POST"}),
            (CREATE, {"POST"}),
            ("/api/health", {"GET"}),
            ("/api/sweeper", {"GET", "POST"}),
        ):
            for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "get"):
                if method in allowed:
                    continue
                for name in (None, "api"):
                    with self.subTest(target=target, method=method, name=name):
                        answer = self.refused(
                            405,
                            "method_not_allowed",
                            method,
                            target,
                            program_name=name,
                        )
                        told = answer.headers["allow"].replace(" ", "")
                        self.assertLessEqual(allowed, set(told.split(",")))
                        self.assertNotIn(method, told.split(","))

    def test_ids(self):
        """ids in a path that are none name no task"""
        for text in (
            b".",
            b"..",
            b"...",
            b"a/b",
            b"../executing-1",
            b"executing-1/..",
            b"a b",
            b"a\nb",
            b"executing-1\n",
            b"\xff",
            b"\xc3\xa9",
            b"a" * 65,
            b"executing-1.r1",
            b"*",
            b"%65xecuting-1",
            b"executing-1\\",
        ):
            with self.subTest(text=repr(text)[:30]):
                path = b"/api/plugin/tasks/" + text + b"/result"
                answer = self.api.post(
                    "/api/plugin/tasks/x/result",
                    {"success": True},
                    token=self.backend,
                    env={"PATH_INFO": path},
                )
                self.assert_problem(answer, 404)
                self.assert_unchanged()

    def test_empty_id(self):
        """no id at all"""
        self.refused(
            404,
            None,
            "POST",
            "/api/plugin/tasks//result",
            {"success": True},
        )

    def test_longest_id(self):
        """64 characters are an id, 65 are none"""
        task_id = self.create(task_id="x" * 64, priority=500)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id)

    def test_environment(self):
        """a server that sets next to nothing"""
        for unset in ("PATH_INFO", "QUERY_STRING", "REQUEST_METHOD"):
            with self.subTest(unset=unset):
                answer = self.api.get(
                    POLL, token=self.plugin, env={unset: None}
                )
                self.assertIn(answer.status, (200, 400, 405), answer)

    def test_broken_ini(self):
        """a stoflow.ini that says no clear thing is told, with its line"""
        for text in (
            "[queue]\nbackgroud = no\n",
            "[queue]\nsettle = x\n",
            "[qeue]\nsettle = 2\n",
            "settle = 2\n",
            "[queue]\nsettle = 2\nsettle = 3\n",
            "[queue]\nsettle\n",
            "[queue]\n[queue\n",
            "[queue]\nsettle = 2 " + "x" * 300 + "\n",
            "[action X]\ntimeout = 5\n",
            "[all]\ntimeout = 0\n",
            "[limits]\nmax_body = 1G\n",
        ):
            with self.subTest(text=repr(text)[:40]):
                self.root.write_ini(text)
                answer = self.api.get(POLL, token=self.plugin)
                self.assertIn(answer.status, (500, 503), answer)
                line = text.rstrip("\n").count("\n") + 1
                self.assertRegex(answer.detail, rf"\b{line}\b")
                self.assert_unchanged()
        self.root.configure()

    def test_ini_as_a_whole(self):
        """where no line is at fault, none is named"""
        path = os.path.join(self.root.path, "etc", "stoflow.ini")
        for make in (
            lambda: os.mkdir(path),
            lambda: self.root.write(path, b"\xff\xfe["),
        ):
            os.unlink(path)
            make()
            answer = self.api.get(POLL, token=self.plugin)
            self.assert_problem(answer, 500, "configuration")
            self.assertRegex(answer.detail, r"^etc/stoflow\.ini: ")
            log = self.root.read("log", "events.log").decode()
            self.assertRegex(log, r"config etc/stoflow\.ini: ")
            self.assertNotIn("line 0", log)
            if os.path.isdir(path):
                os.rmdir(path)
                self.root.configure()
        self.root.configure()


class Served(Refusals):
    """What a web server makes of bad requests."""

    transport = Rewritten

    def raw_create(self, head, body=b""):
        lines = [
            b"POST %s/api/tasks/create HTTP/1.1" % self.api.prefix.encode(),
            b"Host: localhost",
            b"Connection: close",
            b"Authorization: Bearer " + self.backend.encode(),
            *head,
        ]
        text = self.api.raw(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        return int(text.split(b" ")[1]) if text else None

    def test_truncated(self):
        """a body that stops short changes nothing"""
        status = self.raw_create([b"Content-Length: 100"], b'{"user_id":42')
        self.assertIn(status, self.api.says_cut)
        self.assert_unchanged()

    def test_chunked(self):
        """a chunked body arrives whole, or is refused"""
        body = json.dumps(QUEUED).encode()
        framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        status = self.raw_create([b"Transfer-Encoding: chunked"], framed)
        self.assertIn(status, (201, 411))
        tree = self.assert_sound()
        self.assertEqual(len(tree.tasks), 3 if status == 201 else 2)

    def test_tokens(self):
        """missing and wrong tokens"""
        self.refused(401, "token_missing", "GET", POLL, token=None)
        self.refused(401, "token_invalid", "GET", POLL, token="wrong")

    def test_two_headers(self):
        """two Authorization headers are not one"""
        self.api.get(POLL, token=self.plugin)
        self.before = self.root.picture()
        line = b"Authorization: Bearer " + self.backend.encode()
        body = json.dumps(QUEUED).encode()
        length = b"Content-Length: %d" % len(body)
        status = self.raw_create([line, length], body)
        self.assertIn(status, (400, 401))
        self.assert_unchanged()

    def test_routes(self):
        """unknown routes and methods"""
        self.refused(404, "unknown_route", "GET", "/api/nothing")
        answer = self.refused(405, "method_not_allowed", "POST", POLL, {})
        self.assertEqual(answer.headers["allow"], "GET")
        self.refused(405, "method_not_allowed", "GET", CREATE)

    def test_methods(self):
        """methods beyond GET and POST are the program's to answer"""
        for method in ("DELETE", "OPTIONS", "PUT"):
            with self.subTest(method=method):
                answer = self.api.request(method, POLL, checked=False)
                self.assertEqual(answer.headers["cache-control"], "no-store")
                self.assert_unchanged()

    def test_ids(self):
        """hostile ids in a path"""
        for text in ("..%2Fx", "a%2Fb", "%2e%2e", "a" * 65, "a%20b"):
            with self.subTest(text=text[:20]):
                answer = self.api.post(
                    f"/api/plugin/tasks/{text}/result",
                    {"success": True},
                    token=self.backend,
                    checked="%2F" not in text or self.api.passes_slash,
                )
                self.assertEqual(answer.status, 404, answer)
                self.assert_unchanged()

    def test_controls(self):
        """control characters in a path, which the server itself refuses"""
        for text in ("a%00b", "a%0Ab", "a%7Fb"):
            with self.subTest(text=text):
                answer = self.api.post(
                    f"/api/plugin/tasks/{text}/result",
                    {"success": True},
                    token=self.backend,
                    checked=False,
                )
                self.assertIn(answer.status, (400, 404))
                self.assert_unchanged()

    def test_too_large(self):
        """max_body is told by the program"""
        self.root.configure(limits={"max_body": "2K"})
        body = json.dumps(QUEUED).encode().ljust(2049)
        self.refused(413, "too_large", "POST", CREATE, body)

    def test_far_too_large(self):
        """beyond the server's own limit the server tells it"""
        status = self.raw_create([b"Content-Length: 9999999999"])
        self.assertIn(status, self.api.says_far)
        self.assert_unchanged()

    def test_nothing_but_programs(self):
        """no source, no token, no spool is ever sent"""
        for path in (
            "/cgi-bin/next-task.c",
            "/cgi-bin/",
            "/cgi-bin/../etc/stoflow.ini",
            "/etc/stoflow.ini",
            "/spool/",
            "/../etc/stoflow.ini",
            "/%2e%2e/etc/stoflow.ini",
        ):
            with self.subTest(path=path):
                answer = self.api.get(path, checked=False)
                self.assertIn(answer.status, (400, 403, 404), answer)

    def test_empty_queue_still_served(self):
        """after all that an ordinary poll works"""
        self.assertEqual(self.poll_id(), "pending-1")
        self.assertEqual(self.poll(), EMPTY)


class ServedByDispatcher(Served):
    """The same through /cgi-bin/api."""

    transport = Dispatched

    def test_nothing_but_programs(self):
        """(the paths of the other class have no place here)"""


class ServedByApache(Served):
    """What Apache makes of them with etc/apache.conf."""

    transport = ApacheRewritten


class ServedByHtaccess(Served):
    """And where it has no more than etc/htaccess."""

    transport = HtaccessRewritten


class ServedByHtaccessDispatcher(ServedByDispatcher):
    """The same through its /cgi-bin/api, without mod_rewrite."""

    transport = HtaccessDispatched


if __name__ == "__main__":
    main()
