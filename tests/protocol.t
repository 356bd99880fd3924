#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The guide's requests and answers, over every way a request can come."""

import json
import os
import re
import stat

from support import Case, main
from support.apache import (
    ApacheRewritten,
    HtaccessDispatched,
    HtaccessRewritten,
)
from support.case import EMPTY, GUIDE_PRODUCTS, PARAMS
from support.cgi import Direct
from support.grammar import DONE_MEMBERS
from support.web import Dispatched, Rewritten

UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
LEASE = re.compile(r"[a-z0-9]{1,32}")


class Dispatcher(Direct):
    """The program api, called directly: it holds every page."""

    def request(self, method, target, *arguments, **options):
        options.setdefault("program_name", "api")
        return super().request(method, target, *arguments, **options)


class Protocol:
    """The routes of the queue; a subclass says how requests come."""

    def test_nothing_pending(self):
        """an empty poll answers exactly what the guide says"""
        self.assertEqual(self.poll(token=self.plugin), EMPTY)

    def test_story(self):
        """drop, poll, result, record, catalogue: the guide's example"""
        self.root.drop(
            "sync.json",
            {
                "user_id": 42,
                "task_id": "abc123",
                "action": "get_all_products",
                "params": {"user_id": 29535217},
            },
        )
        task = self.poll(token=self.plugin)
        lease = task.pop("lease")
        self.assertRegex(lease, LEASE)
        self.assertEqual(
            task,
            {
                "task_id": "abc123",
                "action": "get_all_products",
                "params": {"user_id": 29535217},
                "priority": 1,
                "timeout": 60,
            },
        )
        executing = self.assert_state("abc123", "executing")
        self.assertEqual(executing.lease, lease)
        self.assertEqual(self.root.ls("pending"), ["42"])
        self.finish(
            "abc123",
            {
                "success": True,
                "data": {"products": GUIDE_PRODUCTS, "total": 2},
                "execution_time_ms": 15000,
                "executed_at": "2024-12-07T10:00:15Z",
            },
        )
        self.assertEqual(self.root.ls("done", 42), ["abc123.completed.json"])
        record = self.root.json("done", 42, "abc123.completed.json")
        self.assertEqual(record["result"]["products"], GUIDE_PRODUCTS)
        self.assertEqual(record["execution_time_ms"], 15000)
        self.assertEqual(record["executed_at"], "2024-12-07T10:00:15Z")
        self.assertEqual(record["attempts"], 1)
        self.assertLess(record["created_at"], record["started_at"])
        self.assertLess(record["started_at"], record["completed_at"])
        self.assertIsNone(record["error"])
        self.sweep()
        lines = self.root.read("products", "42.ndjson").splitlines()
        products = [json.loads(line) for line in lines]
        self.assertEqual([p["id"] for p in products], [123456, 7750837522])
        self.assertEqual(self.poll(token=self.plugin), EMPTY)

    def test_failure(self):
        """a reported failure is a result like any other"""
        task_id = self.create()
        self.poll()
        self.finish(
            task_id,
            {
                "success": False,
                "error": "HTTP 500",
                "execution_time_ms": 3,
                "executed_at": "2024-12-07T10:00:15.250Z",
            },
        )
        task = self.assert_state(task_id, "failed")
        self.assertEqual(task.record["error"], "HTTP 500")
        self.assertIsNone(task.record["result"])
        self.assertNotIn("declared", task.record)

    def test_who_was_signed_in(self):
        """a result says who was signed in, and how much was asked of Vinted"""
        account = {"id": 29535217, "login": "claire"}
        kept, odd = self.create(), self.create()
        done = {"success": True, "data": None}
        self.poll()
        self.poll()
        self.finish(kept, {**done, "account": account, "requests": 3})
        self.finish(odd, {**done, "account": "claire", "requests": -1})
        record = self.assert_state(kept, "completed").record
        self.assertEqual((record["account"], record["requests"]), (account, 3))
        record = self.assert_state(odd, "completed").record
        self.assertFalse({"account", "requests"} & set(record))

    def test_partial(self):
        """why a list is not whole stands in the list of tasks, too"""
        reason = "2 annonces ont bougé"
        data = {"products": [], "complete": False, "reason": reason}
        user = {"user_id": 29535217}
        listed = self.create("get_all_products", user)
        whole = self.create("get_all_products", user)
        other = self.create("my_own", {})
        for task in (listed, whole, other):
            self.assertEqual(self.poll_id(), task)
        for task in (listed, other):
            self.finish(task, {"success": True, "data": data})
        self.finish(whole, {"success": True, "data": {"products": []}})
        record = self.assert_state(listed, "completed").record
        self.assertEqual(record["partial"], reason)
        tasks = self.api.get("/api/tasks?user_id=42", token=self.backend).json
        told = {each["task_id"]: each.get("partial") for each in tasks["tasks"]}
        self.assertEqual(told, {listed: reason, whole: None, other: None})

    def test_create_as_fastapi(self):
        """create with user_id and action in the query, params as body"""
        params = {**PARAMS["create_product"], "color_ids": [1]}
        answer = self.api.post(
            "/api/tasks/create?user_id=42&action=create_product&priority=5",
            params,
            token=self.backend,
        )
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(list(answer.json), ["task_id"])
        task_id = answer.json["task_id"]
        self.assertRegex(task_id, UUID4)
        task = self.assert_state(task_id, "pending")
        self.assertEqual((task.priority, task.rank), (5, "994"))
        self.assertEqual(task.action, "create_product")
        self.assertEqual(stat.S_IMODE(os.stat(task.path).st_mode), 0o600)
        self.assertEqual(task.record["params"], params)
        self.assertEqual(
            list(task.record),
            list(DONE_MEMBERS[:7]),
            "a created task's file has the canonical members",
        )
        told = self.poll()
        self.assertEqual(told["task_id"], task_id)
        self.assertEqual(told["params"], params)
        self.assertEqual(told["priority"], 5)

    def test_create_in_one_body(self):
        """create with everything in one JSON body"""
        answer = self.api.post(
            "/api/tasks/create",
            {
                "user_id": 42,
                "task_id": "Own_id-1",
                "action": "get_stats",
                "params": {"item_id": 123456},
                "priority": 999,
                "timeout": 7,
                "a_later_field": [],
            },
            token=self.backend,
        )
        self.assertEqual(
            (answer.status, answer.json), (201, {"task_id": "Own_id-1"})
        )
        told = self.poll()
        self.assertEqual((told["priority"], told["timeout"]), (999, 7))
        self.assertEqual(told["params"], {"item_id": 123456})

    def test_create_alias(self):
        """/api/plugin/tasks/create is the same route"""
        answer = self.api.post(
            "/api/plugin/tasks/create",
            {"user_id": 42, "action": "any_action", "params": {}},
            token=self.backend,
        )
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(self.poll_id(), answer.json["task_id"])

    def test_body_without_params(self):
        """in the query form, no body at all means no parameters"""
        answer = self.api.post(
            "/api/tasks/create?user_id=42&action=get_user_data",
            b"{}",
            token=self.backend,
        )
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(self.poll()["params"], {})

    def test_exact_values(self):
        """numbers beyond 2^53, decimals and escapes pass unchanged"""
        spelling = (
            '{"n": 12345678901234567890123, "x": 1.10, "e": 1E400,'
            ' "u": "\\u00e9\\ud83d\\ude00\\/", "é": "é", "z": -0}'
        )
        body = (
            '{"user_id":42,"action":"any_action","params":%s}' % spelling
        ).encode()
        answer = self.api.post("/api/tasks/create", body, token=self.backend)
        task_id = answer.json["task_id"]
        query = "/api/plugin/tasks?user_id=42"
        told = self.api.get(query, token=self.plugin).body
        self.assertIn(compact(spelling), compact(told.decode()))
        result = '{"success": true, "data": %s}' % spelling
        self.finish(task_id, result)
        record = self.root.read("done", 42, f"{task_id}.completed.json")
        self.assertEqual(
            compact(record.decode()).count(compact(spelling)),
            2,
            "params and result as they came",
        )

    def test_other_users(self):
        """each user has a queue of their own"""
        other = self.create(user=43)
        mine = self.create(user=42)
        self.assertEqual(self.poll_id(token=self.plugin), mine)
        self.assertEqual(self.poll(token=self.plugin), EMPTY)
        self.assertEqual(self.poll_id(user=43), other)

    def test_token_says_whose(self):
        """a plugin token's own user is meant where no user_id is given"""
        task_id = self.create()
        answer = self.api.get("/api/plugin/tasks", token=self.plugin)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["task_id"], task_id)

    def test_unknown_action(self):
        """any well-formed action is queued and delivered as it is"""
        task_id = self.create(action="some_new_thing", params={"a": [1]})
        told = self.poll()
        self.assertEqual(told["action"], "some_new_thing")
        self.finish(task_id)
        self.assert_state(task_id, "completed")

    def test_repeated_result(self):
        """the same result again gets the same answer"""
        task_id = self.create()
        self.poll()
        for _ in range(3):
            self.finish(task_id, {"success": True, "data": {"views": 1}})
        self.assertEqual(len(self.root.ls("done", 42)), 1)

    def test_health(self):
        """health tells counts by state, with a token of any scope"""
        self.create()
        self.create()
        self.poll()
        for token in (self.plugin, self.backend, self.cron):
            answer = self.api.get("/api/health", token=token)
            self.assertEqual(answer.status, 200, answer)
        text = json.dumps(answer.json)
        for word in ("pending", "executing", "version"):
            self.assertIn(word, text)

    def test_health_without_token(self):
        """without a token health tells no more than that it is up"""
        answer = self.api.get("/api/health")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(sorted(answer.json), ["status", "version"])

    def test_large_result(self):
        """3 MB of products are taken in whole"""
        products = [
            {"id": 10**10 + n, "title": f"é{n}", "description": "x" * 1900}
            for n in range(1595)
        ]
        task_id = self.create(action="get_all_products")
        self.poll()
        data = {"products": products, "total": 1595}
        self.finish(task_id, {"success": True, "data": data})
        self.sweep()
        lines = self.root.read("products", "42.ndjson").splitlines()
        ids = [json.loads(line)["id"] for line in lines]
        self.assertEqual(ids, [product["id"] for product in products])

    def test_sweeper(self):
        """the sweeper runs by URL, by GET and by POST"""
        for method in ("GET", "POST"):
            self.root.drop("a.json", {"action": "get_stats"}, user=42)
            answer = self.api.request(method, "/api/sweeper", token=self.cron)
            self.assertEqual(answer.status, 200, answer)
            self.assertFalse(self.root.exists("pending", 42, "a.json"))


def compact(text):
    """JSON text without white space (the texts here have none in strings)."""
    return re.sub(r"\s", "", text)


class DirectTest(Protocol, Case):
    """Each program called by environment and standard input."""

    def test_routes_without_api(self):
        """PATH_INFO may lack /api, and empty means the main route"""
        for path in ("/plugin/tasks", "", None):
            with self.subTest(path=str(path)):
                task_id = self.create()
                answer = self.api.get(
                    "/api/plugin/tasks?user_id=42",
                    token=self.plugin,
                    env={"PATH_INFO": path},
                )
                self.assertEqual(answer.json["task_id"], task_id)
        for path in ("/tasks/create", "", None):
            with self.subTest(create=str(path)):
                answer = self.api.post(
                    "/api/tasks/create?user_id=42&action=get_user_data",
                    {},
                    token=self.backend,
                    env={"PATH_INFO": path},
                )
                self.assertEqual(answer.status, 201)

    def test_spool_is_made(self):
        """the first program makes the spool with its modes"""
        mask = os.umask(0)
        self.addCleanup(os.umask, mask)
        self.create()
        os.umask(0o777)
        self.poll()
        self.finish(self.create())


class DispatcherTest(Protocol, Case):
    """Every route through the program api, called directly."""

    transport = Dispatcher


class RewrittenTest(Protocol, Case):
    """Every route through lighttpd, which rewrites /api."""

    transport = Rewritten

    def test_programs_are_not_served(self):
        """the server runs the programs and never sends them"""
        for path in ("/cgi-bin/next-task", "/cgi-bin/api"):
            self.api.get(path)  # the answer's contract is all that counts


class DispatchedTest(Protocol, Case):
    """Every route through lighttpd's /cgi-bin/api, without rewriting."""

    transport = Dispatched


class ApacheTest(Protocol, Case):
    """Every route through Apache with etc/apache.conf."""

    transport = ApacheRewritten


class HtaccessTest(Protocol, Case):
    """Every route through an Apache that has no more than etc/htaccess."""

    transport = HtaccessRewritten


class HtaccessDispatchedTest(Protocol, Case):
    """Every route through Apache's /cgi-bin/api, without mod_rewrite."""

    transport = HtaccessDispatched


if __name__ == "__main__":
    main()
