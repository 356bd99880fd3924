#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""www/openapi.yaml says what the code does, and is well made.

Every answer that any test gets is held against it, too: see
tests/support/description.py. That this can fail is shown here.
"""

import json
import os
import re
import subprocess
import unittest

from support import main
from support.answer import Answer
from support.cgi import TIMEOUT
from support.description import document, find_operation, hold, operations
from support.sources import (
    REPOSITORY,
    actions,
    failures,
    problems,
    read,
    routes,
)
from support.tools import tool, why_no_tool

LINTER = tool("tools", "@redocly", "cli", "bin", "cli.js")
DOCUMENT = os.path.join("www", "openapi.yaml")
# Codes that every operation may answer, and every one that takes a body.
ALWAYS = {
    "bad_request",
    "method_not_allowed",
    "configuration",
    "host_limit",
    "spoilt_file",
    "unavailable",
}
WITH_TOKEN = {"token_missing", "token_invalid", "token_expired", "wrong_scope"}
WITH_BODY = {
    "malformed_json",
    "truncated_body",
    "bad_content_length",
    "length_required",
    "too_large",
    "too_large_here",
    "invalid_field",
}


def schemas():
    return document()["components"]["schemas"]


def values(schema):
    """What an enum or const allows."""
    return set(schema["enum"] if "enum" in schema else [schema["const"]])


def problems_of(operation):
    """(status, code) of each problem that an operation may answer."""
    found = set()
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        kind = content.get("application/problem+json")
        if kind is None:
            continue
        _, own = kind["schema"]["allOf"]
        members = own["properties"]
        if members["status"]["const"] != int(status):
            raise AssertionError(f"{members['status']} under {status}")
        found |= {(int(status), code) for code in values(members["code"])}
    return found


class Lint(unittest.TestCase):
    """The linter, with its recommended rules."""

    maxDiff = None

    def test_lint(self):
        """no error and no warning"""
        if why_no_tool("tools"):
            self.skipTest(why_no_tool("tools"))
        self.assertTrue(os.path.exists(LINTER), "run: etc/setup check")
        done = subprocess.run(
            [
                "node",
                LINTER,
                "lint",
                "--config=tests/tools/redocly.yaml",
                "--format=json",
                DOCUMENT,
            ],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "REDOCLY_TELEMETRY": "off",
                "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual([p["message"] for p in told["problems"]], [])
        self.assertEqual(set(told["totals"].values()), {0})

    def test_lock(self):
        """the lock file names versions, and no place to get them from"""
        lock = json.loads(read("tests", "tools", "package-lock.json"))
        wanted = json.loads(read("tests", "tools", "package.json"))
        for name, version in wanted["devDependencies"].items():
            locked = lock["packages"][f"node_modules/{name}"]
            self.assertEqual(locked["version"], version)
        self.assertNotIn('"resolved"', json.dumps(lock))


class Tables(unittest.TestCase):
    """The tables of the code against the description."""

    maxDiff = None

    def test_routes(self):
        """the operations are the routes of route.c, with their scopes"""
        known = {
            (method, pattern, scopes) for method, pattern, _, scopes in routes()
        }
        self.assertGreater(len(known), 4)
        told = {
            (method, path, frozenset(operation["x-scopes"]))
            for method, path, _, operation in operations()
            if method != "OPTIONS"
        }
        self.assertEqual(told, known)

    def test_security(self):
        """a token is needed where scopes are named, and nowhere else"""
        for method, path, _, operation in operations():
            with self.subTest(method=method, path=path):
                security = operation.get("security", document()["security"])
                optional = security == [] or {} in security
                self.assertEqual(optional, operation["x-scopes"] == [])

    def test_parameters(self):
        """what a path names in braces is described, and nothing else"""
        for method, path, item, operation in operations():
            with self.subTest(method=method, path=path):
                every = item.get("parameters", [])
                every = every + operation.get("parameters", [])
                told = {p["name"] for p in every if p["in"] == "path"}
                self.assertEqual(told, set(re.findall(r"\{(\w+)\}", path)))

    def test_problems(self):
        """the codes are those of problem.c, with their statuses"""
        known = problems()
        self.assertGreater(len(known), 15)
        told = set()
        for _, _, _, operation in operations():
            told |= problems_of(operation)
        self.assertEqual(told, known)
        listed = schemas()["Problem"]["properties"]["code"]["enum"]
        self.assertEqual(len(listed), len(set(listed)))
        self.assertEqual(set(listed), {code for _, code in known})

    def test_common_problems(self):
        """what every operation of a kind may answer, each tells"""
        for method, path, _, operation in operations():
            wanted = set() if method == "OPTIONS" else set(ALWAYS)
            if operation["x-scopes"]:
                wanted |= WITH_TOKEN
            if "requestBody" in operation:
                wanted |= WITH_BODY
            with self.subTest(method=method, path=path):
                told = {code for _, code in problems_of(operation)}
                self.assertEqual(wanted - told, set())

    def test_failures(self):
        """the kinds of failure are those of the plugin"""
        schema = schemas()["Failure"]
        self.assertEqual(schema["properties"]["code"]["enum"], failures())
        data = schemas()["Result"]["properties"]["data"]
        self.assertIn(schema, data["anyOf"])

    def test_actions(self):
        """the actions are those of action.c, each with its schemas"""
        known = {name: repeat.lower() for name, repeat in actions()}
        self.assertGreater(len(known), 5)
        schema = schemas()["KnownAction"]
        self.assertEqual(sorted(schema["enum"]), sorted(known))
        told = schema["x-actions"]
        self.assertEqual({n: told[n]["repeatable"] for n in told}, known)
        for name, row in told.items():
            with self.subTest(action=name):
                self.assertIn(row["params"], schemas())
                self.assertIn(row["result"], schemas())

    def test_params(self):
        """the parameters in a draft are those that the table names"""
        told = schemas()["KnownAction"]["x-actions"]
        held = {}
        for rule in schemas()["Draft"]["allOf"]:
            params = rule["then"]["properties"]["params"]
            for action in values(rule["if"]["properties"]["action"]):
                # Where nothing is checked, any parameters will do, too.
                held[action] = params.get("anyOf", [params])[0]
        for action, row in told.items():
            with self.subTest(action=action):
                wanted = schemas()[row["params"]]
                self.assertIs(held.get(action, schemas()["Params"]), wanted)


class Held(unittest.TestCase):
    """What is not described fails."""

    headers = {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-type": "application/json",
    }
    poll = "/api/plugin/tasks?user_id=42"
    empty = {"task_id": None, "message": "No pending tasks"}
    task = {
        "task_id": "t1",
        "action": "get_stats",
        "params": {"item_id": 123456},
        "priority": 1,
        "timeout": 60,
        "lease": "firefox1",
    }

    def answer(self, value, status=200, **headers):
        changed = {**self.headers}
        for name, text in headers.items():
            changed[name.replace("_", "-")] = text
        changed = {k: v for k, v in changed.items() if v is not None}
        return Answer(status, changed, json.dumps(value).encode())

    def problem(self, code, status, **headers):
        value = {
            "type": "about:blank",
            "title": "Title",
            "status": status,
            "detail": "Detail.",
            "code": code,
        }
        kind = "application/problem+json"
        return self.answer(value, status, content_type=kind, **headers)

    def fails(self, text, method, target, answer, body=b""):
        with self.assertRaisesRegex(AssertionError, text):
            hold(method, target, answer, body)

    def test_right(self):
        """answers as described"""
        for value in (self.task, self.empty):
            hold("GET", self.poll, self.answer(value))
            hold("GET", "/plugin/tasks", self.answer(value, date="today"))
        hold("GET", self.poll, self.problem("wrong_user", 403))

    def test_members(self):
        """a member too many, one too few, one of the wrong type"""
        for change in (
            {"extra": 1},
            {"priority": "1"},
            {"priority": True},
            {"priority": 1000},
            {"task_id": ""},
            {"task_id": None},
            {"lease": "UPPER"},
            {"params": []},
        ):
            with self.subTest(change=change):
                value = {**self.task, **change}
                self.fails("the body", "GET", self.poll, self.answer(value))
        for name in self.task:
            with self.subTest(without=name):
                value = {k: v for k, v in self.task.items() if k != name}
                self.fails("the body", "GET", self.poll, self.answer(value))

    def test_composed(self):
        """a member too many of a task, which is described in parts"""
        moment = "2026-11-22T07:17:01.943680Z"
        head = {
            "task_id": "t1",
            "user_id": 42,
            "action": "get_stats",
            "status": "pending",
            "priority": 1,
            "timeout": 60,
            "created_at": moment,
            "attempts": 0,
        }
        page = {"tasks": [head], "next_cursor": None}
        hold("GET", "/api/tasks", self.answer(page))
        show = {**head, "params": {}}
        hold("GET", "/api/tasks/t1", self.answer(show))
        for change in ({"extra": 1}, {"lease": "a"}, {"deadline": moment}):
            with self.subTest(change=change):
                wrong = {"tasks": [{**head, **change}], "next_cursor": None}
                self.fails("body", "GET", "/api/tasks", self.answer(wrong))
                wrong = {**show, **change}
                self.fails("body", "GET", "/api/tasks/t1", self.answer(wrong))

    def test_status(self):
        """a status that is not described, or with the wrong code"""
        self.fails("status 201", "GET", self.poll, self.answer(self.task, 201))
        answer = self.problem("task_exists", 409)
        self.fails("status 409", "GET", self.poll, answer)
        answer = self.problem("wrong_user", 422)
        self.fails("the body", "GET", self.poll, answer)

    def test_headers(self):
        """a header too few, too many or with another value"""
        for text, headers in (
            ("no Cache-Control", {"cache_control": None}),
            ("Cache-Control", {"cache_control": "public"}),
            ("not described.*x-more", {"x_more": "1"}),
            ("text/html is not described", {"content_type": "text/html"}),
            ("Expose-Headers", {"access_control_expose_headers": "*"}),
        ):
            with self.subTest(headers=headers):
                answer = self.answer(self.empty, **headers)
                self.fails(text, "GET", self.poll, answer)
        answer = self.problem("unavailable", 503)
        self.fails("no Retry-After", "GET", self.poll, answer)
        answer = self.problem("unavailable", 503, retry_after="soon")
        self.fails("Retry-After", "GET", self.poll, answer)
        answer = self.problem("unavailable", 503, retry_after="5")
        hold("GET", self.poll, answer)

    def test_unknown_route(self):
        """a path that is not described has no answer but a 404"""
        hold("GET", "/api/nothing", self.problem("unknown_route", 404))
        for answer in (self.answer({}), self.problem("wrong_user", 403)):
            self.fails("route is not", "GET", "/api/nothing", answer)

    def test_unknown_method(self):
        """another method of a path that is described is a 405"""
        answer = self.problem("method_not_allowed", 405, allow="GET")
        hold("PUT", self.poll, answer)
        self.fails("405", "PUT", self.poll, self.answer(self.task))

    def test_request(self):
        """a request that was granted is as described"""
        target = "/api/tasks/create"
        made = self.answer({"task_id": "t1"}, 201)
        params = {"item_id": 1, "later": None}
        draft = {"action": "get_stats", "user_id": 42, "params": params}
        hold("POST", target, made, json.dumps(draft).encode())
        query = target + "?action=get_stats&user_id=42"
        hold("POST", query, made, json.dumps(params).encode())
        hold("POST", query, made)
        for change in (
            {"action": 1},
            {"user_id": "42"},
            {"params": {"item_id": "1"}},
            {"action": "update_prices"},
        ):
            with self.subTest(change=change):
                body = json.dumps({**draft, **change}).encode()
                self.fails("request's body", "POST", target, made, body)
        wrong = query + "&priority=1000"
        self.fails("parameter priority", "POST", wrong, made)
        target = "/api/plugin/tasks/t1/result"
        received = {
            "status": "received",
            "message": "Task result saved successfully",
        }
        self.fails("no body", "POST", target, self.answer(received))

    def test_find(self):
        """a path without a parameter goes before one with"""
        _, create = find_operation("POST", "/tasks/create")
        self.assertEqual(create["operationId"], "createTask")
        _, show = find_operation("GET", "/tasks/abc123")
        self.assertEqual(show["operationId"], "showTask")


if __name__ == "__main__":
    main()
