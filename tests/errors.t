#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Bad input: a clear problem with a stable code, and nothing changes."""

import json
import os
import subprocess

from support import main
from support.cgi import TIMEOUT, parse, program
from support.refusal import CREATE, POLL, QUEUED, Refusals

# Every route that takes a body.
BODIES = (
    CREATE,
    "/api/plugin/tasks/executing-1/result",
    "/api/plugin/tasks/executing-1/progress",
    "/api/tasks/pending-1/cancel",
    "/api/tasks/pending-1/retry",
)


class Bodies(Refusals):
    """What is wrong inside a body."""

    def test_malformed_json(self):
        """the detail tells where the JSON breaks"""
        for body, offset in (
            (b"{", 1),
            (b'{"user_id": 42,}', 15),
            (b'{"user_id": nul}', 15),
            (b"{} {}", 3),
            (b"\xef\xbb\xbf{", 4),
            (b"\xef\xbb\xbf\xef\xbb\xbf{}", 3),
            (b"{}\xef\xbb\xbf", 2),
            ("{}".encode("utf-16"), 0),
            (b'{"a": "\xff"}', 7),
            (b'{"a": "\xc0\xaf"}', 7),
            (b'{"a": "\xed\xa0\x80"}', 8),
            (b'{"a": "\\ud80"}', 12),
            (b'{"a": "\\ud800\\udc0"}', 18),
            (b'{"a": "\\ud800", "b": nul}', 24),
            (b'{"a": "\\x"}', 8),
            (b'{"a": "\x01"}', 7),
            (b'{"a": 01}', 7),
            (b'{"a": 1.}', 8),
            (b'{"a": +1}', 6),
            (b'{"a": NaN}', 6),
            (b'{"a" 1}', 5),
            (b"{'a': 1}", 1),
            (b"\0", 0),
            (b"user_id=42&action=get_stats", 0),
        ):
            for target in BODIES:
                with self.subTest(body=repr(body), target=target):
                    answer = self.refused(
                        400, "malformed_json", "POST", target, body
                    )
                    self.assertRegex(answer.detail, rf"\b{offset}\b")

    def test_other_encodings(self):
        """a body that is not UTF-8 is told so"""
        for target in BODIES:
            for encoding in ("utf-16", "utf-32-be"):
                with self.subTest(encoding=encoding, target=target):
                    answer = self.refused(
                        400,
                        "malformed_json",
                        "POST",
                        target,
                        "{}  ".encode(encoding),
                    )
                    self.assertIn(encoding[:6].upper(), answer.detail)

    def test_empty_body(self):
        """a body of no bytes is no JSON"""
        for target in (CREATE, "/api/plugin/tasks/executing-1/result"):
            with self.subTest(target=target):
                self.refused(
                    400,
                    "malformed_json",
                    "POST",
                    target,
                    b"",
                    env={"CONTENT_LENGTH": "0"},
                )

    def test_no_object(self):
        """JSON that is no object"""
        for body in (b"[]", b"1", b"null", b'"x"', b"true"):
            for target in BODIES:
                with self.subTest(body=body.decode(), target=target):
                    self.refused(422, "invalid_field", "POST", target, body)

    def test_depth(self):
        """64 levels are taken, 65 are not"""
        for extra, status in ((0, 201), (1, 400)):
            depth = 62 + extra  # the body and params are two levels
            deep = "[" * depth + "]" * depth
            body = (
                '{"user_id":42,"action":"any","params":{"x":%s}}' % deep
            )
            if status == 201:
                answer = self.api.post(CREATE, body, token=self.backend)
                self.assertEqual(answer.status, 201, answer)
                self.before = self.root.picture()
            else:
                self.refused(400, "malformed_json", "POST", CREATE, body)

    def test_create_fields(self):
        """a wrong field of a create is named"""
        for key, value in (
            ("user_id", None),
            ("user_id", "42"),
            ("user_id", 0),
            ("user_id", -1),
            ("user_id", 4.2),
            ("user_id", 42.0),
            ("user_id", 2**63),
            ("user_id", 10**30),
            ("user_id", True),
            ("user_id", [42]),
            ("action", None),
            ("action", 1),
            ("action", ""),
            ("action", "GET_STATS"),
            ("action", "a" * 51),
            ("action", "a/b"),
            ("action", "a\0"),
            ("params", []),
            ("params", "{}"),
            ("params", 0),
            ("priority", "1"),
            ("priority", -1),
            ("priority", 1000),
            ("priority", 1.5),
            ("priority", False),
            ("timeout", 0),
            ("timeout", -60),
            ("timeout", 86401),
            ("timeout", 10**20),
            ("timeout", "60"),
            ("task_id", 1),
            ("task_id", ""),
            ("task_id", "."),
            ("task_id", ".."),
            ("task_id", "a/b"),
            ("task_id", "../../etc/tokens/x"),
            ("task_id", "a b"),
            ("task_id", "a\n"),
            ("task_id", "a\0b"),
            ("task_id", "é"),
            ("task_id", "a" * 65),
            ("task_id", "x.r1"),
        ):
            with self.subTest(key=key, value=str(value)[:20]):
                body = {**QUEUED, key: value}
                if value is None:
                    del body[key]
                self.refused(
                    422, "invalid_field", "POST", CREATE, body, detail=key
                )

    def test_create_query(self):
        """a wrong field in the query of a create is named"""
        for query, key in (
            ("user_id=x&action=get_stats", "user_id"),
            ("user_id=&action=get_stats", "user_id"),
            ("action=get_stats", "user_id"),
            ("user_id=42", "action"),
            ("user_id=42&action=", "action"),
            ("user_id=42&action=a%2Fb", "action"),
            ("user_id=42&action=get_stats&priority=1000", "priority"),
            ("user_id=42&action=get_stats&priority=", "priority"),
            ("user_id=42&action=get_stats&timeout=1e3", "timeout"),
            ("user_id=42&action=get_stats&task_id=..", "task_id"),
        ):
            with self.subTest(query=query):
                self.refused(
                    422,
                    "invalid_field",
                    "POST",
                    f"{CREATE}?{query}",
                    {},
                    detail=key,
                )

    def test_result_fields(self):
        """a wrong field of a result is named"""
        for key, value in (
            ("success", None),
            ("success", "true"),
            ("success", 1),
            ("lease", 5),
            ("lease", "UPPER"),
        ):
            with self.subTest(key=key, value=str(value)[:20]):
                body = {"success": True, "data": {}, key: value}
                if value is None:
                    del body[key]
                self.refused(
                    422,
                    "invalid_field",
                    "POST",
                    "/api/plugin/tasks/executing-1/result",
                    body,
                    detail=key,
                )

    def test_duplicate(self):
        """an id that is taken: the answer says what exists"""
        for task_id, state in (
            ("pending-1", "pending"),
            ("executing-1", "executing"),
        ):
            with self.subTest(state=state):
                body = {**QUEUED, "task_id": task_id}
                self.refused(
                    409, "task_exists", "POST", CREATE, body, detail=state
                )
        for task_id, success in (("c-1", True), ("f-1", False)):
            state = "completed" if success else "failed"
            with self.subTest(state=state):
                self.create(task_id=task_id, priority=500)
                self.assertEqual(self.poll_id(), task_id)
                self.finish(task_id, {"success": success})
                self.before = self.root.picture()
                body = {**QUEUED, "task_id": task_id}
                self.refused(
                    409, "task_exists", "POST", CREATE, body, detail=state
                )


class Queries(Refusals):
    """What is wrong in a query string."""

    def test_user_id(self):
        """user ids that are none"""
        for value in (
            "",
            "0",
            "-1",
            "+42",
            "042",
            "42x",
            "4%202",
            "1e3",
            "42.0",
            "0x2a",
            "9223372036854775808",
            "99999999999999999999999999",
            "../42",
            "*",
            "%D9%A4%D9%A2",
        ):
            with self.subTest(value=value):
                self.refused(
                    422,
                    "invalid_field",
                    "GET",
                    f"/api/plugin/tasks?user_id={value}",
                    detail="user_id",
                )

    def test_no_user_id(self):
        """a token for all users must say which"""
        self.refused(
            422, "invalid_field", "GET", "/api/plugin/tasks", detail="user_id"
        )

    def test_receive_id(self):
        """receive ids outside their grammar"""
        for value in ("", "short12", "a" * 33, "ABCDEFGH", "abcdefg-", "..%2F"):
            with self.subTest(value=value):
                self.refused(
                    422,
                    "invalid_field",
                    "GET",
                    f"{POLL}&receive_id={value}",
                    detail="receive_id",
                )

    def assert_bad(self, query):
        with self.subTest(query=query):
            self.refused(
                400, "bad_request", "GET", f"/api/plugin/tasks?{query}"
            )

    def test_twice(self):
        """a parameter that stands twice"""
        for query in (
            "user_id=42&user_id=43",
            "user_id=42&user_id=42",
            "user_id=42&%75ser_id=42",
            "user_id=42&receive_id=abcdefgh&receive_id=abcdefgi",
        ):
            self.assert_bad(query)

    def test_encoding(self):
        """percent signs that encode nothing"""
        for query in (
            "user_id=%",
            "user_id=%4",
            "user_id=%zz",
            "user_id=42%00",
            "user_id=%ff",
            "user_id=42&a=%00",
            "%4=1",
        ):
            self.assert_bad(query)

    def test_unknown(self):
        """unknown parameters are ignored, and so are empty pieces"""
        answer = self.api.get(POLL + "&&later=1&flag&=&", token=self.plugin)
        self.assertEqual(answer.status, 200, answer)

    def test_encoded(self):
        """what is percent-encoded is decoded"""
        answer = self.api.get(
            "/api/plugin/tasks?%75ser_id=4%32", token=self.plugin
        )
        self.assertEqual(answer.json["task_id"], "pending-1")


class Lengths(Refusals):
    """What a body's length may be, and what may be announced."""

    targets = (CREATE, "/api/plugin/tasks/pending-1/result")

    def body(self, target):
        return json.dumps(
            QUEUED if target == CREATE else {"success": True}
        ).encode()

    def test_bad(self):
        """a Content-Length that is no length"""
        for value in ("x", "-1", "+5", "1e2", "0x10", " 5", "5,5", "9" * 30):
            for target in self.targets:
                with self.subTest(value=value, target=target):
                    self.refused(
                        400,
                        "bad_content_length",
                        "POST",
                        target,
                        self.body(target),
                        env={"CONTENT_LENGTH": value},
                    )

    def test_missing(self):
        """no Content-Length, or an empty one"""
        for value in (None, ""):
            for target in self.targets:
                with self.subTest(value=value, target=target):
                    self.refused(
                        411,
                        "length_required",
                        "POST",
                        target,
                        self.body(target),
                        env={"CONTENT_LENGTH": value},
                    )

    def test_truncated(self):
        """a body that stops short changes nothing"""
        for target in self.targets:
            body = self.body(target)
            for missing in (1, 5, 10**6):
                with self.subTest(missing=missing, target=target):
                    self.refused(
                        400,
                        "truncated_body",
                        "POST",
                        target,
                        body,
                        env={"CONTENT_LENGTH": str(len(body) + missing)},
                    )

    def test_longer(self):
        """bytes behind the announced length are not read"""
        body = self.body(CREATE)
        answer = self.api.post(
            CREATE,
            body + b"garbage",
            token=self.backend,
            env={"CONTENT_LENGTH": str(len(body))},
        )
        self.assertEqual(answer.status, 201, answer)

    def test_too_large(self):
        """max_body and not a byte more"""
        self.root.configure(limits={"max_body": "2K"})
        for target in self.targets:
            with self.subTest(target=target):
                body = self.body(target).ljust(2049)
                self.refused(413, "too_large", "POST", target, body)
        body = self.body(CREATE).ljust(2048)
        answer = self.api.post(CREATE, body, token=self.backend)
        self.assertEqual(answer.status, 201, answer)

    def test_too_large_is_read(self):
        """what is too large is read to its end all the same

        A server that writes the whole body before it reads would otherwise
        never get to the answer.
        """
        self.root.configure(limits={"max_body": "2K"})
        body = b" " * 10**6
        process = self.start("POST", CREATE, subprocess.PIPE, body)
        process.stdin.write(body)
        process.stdin.flush()
        out, err = process.communicate(timeout=TIMEOUT)
        answer = parse(out, err, process.returncode)
        self.assert_problem(answer, 413, "too_large")

    def post_chunked(self, body):
        env = {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}
        return self.api.post(CREATE, body, token=self.backend, env=env)

    def test_chunked(self):
        """chunked without a length: 411 or read to its end, never half"""
        body = self.body(CREATE)
        answer = self.post_chunked(body)
        self.assertIn(answer.status, (201, 411), answer)
        framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        self.before = self.root.picture()
        answer = self.post_chunked(framed)
        self.assertIn(answer.status, (400, 411), answer)
        self.assert_unchanged()

    def test_chunked_is_read(self):
        """a body of no known length is read all the same

        Apache hands it on so, and loses the answer of a program that leaves
        without having read it.
        """
        body = b" " * 10**6
        env = self.api.environment("POST", CREATE, body, self.backend)
        del env["CONTENT_LENGTH"]
        env["HTTP_TRANSFER_ENCODING"] = "chunked"
        for ended in (True, False):
            with self.subTest(ended=ended):
                with self.launch(env, subprocess.PIPE) as process:
                    process.stdin.write(body)
                    process.stdin.flush()
                    if ended:
                        process.stdin.close()
                    answer = parse(process.stdout.read(), b"", 0)
                self.assert_problem(answer, 411, "length_required")

    def test_get_leaves_input_alone(self):
        """GET never reads: a pipe that stays open and empty blocks nothing"""
        for target in (POLL, "/api/health", "/api/sweeper"):
            for length in (None, "", "0", "5"):
                with self.subTest(target=target, length=length):
                    ours, theirs = os.pipe()
                    try:
                        process = self.start("GET", target, ours, b"", length)
                        out, err = process.communicate(timeout=TIMEOUT)
                    finally:
                        os.close(ours)
                        os.close(theirs)
                    answer = parse(out, err, process.returncode)
                    self.assertEqual(answer.status, 200, answer)

    def start(self, method, target, stdin, body, length=None):
        """A program on an input that the test keeps open."""
        env = self.api.environment(method, target, body, self.backend)
        if length is not None:
            env["CONTENT_LENGTH"] = length
        return self.launch(env, stdin)

    def launch(self, env, stdin):
        name = env["SCRIPT_NAME"].rpartition("/")[2]
        return subprocess.Popen(
            [program(name)],
            env=env,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
        )


if __name__ == "__main__":
    main()
