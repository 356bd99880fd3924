#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""POST /api/plugin/execute: the bridge to the plugin."""

import os
import threading
import time

from support import Case, main
from support.case import GUIDE_USER, wait_until
from support.web import Dispatched, Rewritten

URL = "https://www.vinted.fr/api/v2/users/current"
REQUEST = {
    "url": URL,
    "method": "GET",
    "headers": {"X-Custom-Header": "value"},
    "credentials": "include",
    "timeout": 30000,
}
ANSWER = {
    "success": True,
    "status": 200,
    "statusText": "OK",
    "headers": {"content-type": "application/json"},
    "data": {"user": {"id": 12345678901234567890}},
}
NOTHING = {
    "success": False,
    "status": 0,
    "statusText": "",
    "headers": {},
    "data": None,
}
ONE = {"action": "EXECUTE_HTTP_REQUEST", "request": REQUEST}
BATCH = {"action": "EXECUTE_BATCH_REQUESTS", "requests": [REQUEST, REQUEST]}
ORDER = {"action": "EXECUTE_SEQUENTIAL_REQUESTS", "requests": [REQUEST]}
GET_USER = {"action": "GET_USER_DATA"}
PING = {"action": "PING"}
COMMANDS = (PING, GET_USER, ONE, BATCH, ORDER)
LATE = 20  # seconds; an answer that comes so late was woken by nothing


class Execute(Case):
    """Commands, and a plugin that is there."""

    def setUp(self):
        super().setUp()
        self.connect()

    def connect(self):
        """The plugin polls, and finds nothing."""
        self.assertIsNone(self.poll_id())
        self.wait_for_plugin()

    def execute(self, body, query="user_id=42", token=None):
        return self.api.post(
            f"/api/plugin/execute?{query}", body, token=token or self.backend
        )

    def start(self, body, query="user_id=42"):
        """Sends a command; join() the thread for its answer."""

        def send():
            started = time.monotonic()
            thread.answer = self.execute(body, query)
            thread.seconds = time.monotonic() - started

        thread = threading.Thread(target=send)
        thread.answer = None
        thread.start()
        self.addCleanup(thread.join)
        return thread

    def fetch(self):
        """The task that a command has become, as the plugin gets it."""
        tasks = []

        def look():
            tasks.append(self.poll())
            return tasks[-1]["task_id"] is not None

        self.assertTrue(wait_until(look))
        return tasks[-1]

    def answered(self, body, result, query="user_id=42"):
        """The answer to a command whose task gets this result."""
        thread = self.start(body, query)
        self.task_got = self.fetch()
        self.finish(self.task_got["task_id"], result)
        thread.join()
        self.assertLess(thread.seconds, LATE)
        return thread.answer

    def done(self, body, data):
        """The same where the task succeeds."""
        answer = self.answered(body, {"success": True, "data": data})
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def failed(self, body, error):
        """The same where the task fails."""
        return self.answered(body, {"success": False, "error": error})


class Commands(Execute):
    """What becomes of each command."""

    def test_ping(self):
        """a plugin that polls is there; no task is made"""
        self.assertEqual(self.execute(PING).json, {"pong": True})
        self.assertEqual(self.root.ls("pending", 42), [])

    def test_user_data(self):
        """the user data, flat, as the plugin gave them"""
        self.assertEqual(self.done(GET_USER, GUIDE_USER), GUIDE_USER)
        self.assertEqual(self.task_got["action"], "get_user_data")
        self.assertEqual(self.task_got["params"], {})

    def test_request(self):
        """a request's answer, as the plugin gave it"""
        self.assertEqual(self.done(ONE, ANSWER), ANSWER)
        self.assertEqual(self.task_got["action"], "execute_http_request")
        self.assertEqual(self.task_got["params"], {"request": REQUEST})

    def test_batch(self):
        """several requests' answers"""
        for command, action in (
            (BATCH, "execute_batch_requests"),
            (ORDER, "execute_sequential_requests"),
        ):
            with self.subTest(action=action):
                results = {"success": True, "results": [ANSWER, ANSWER]}
                self.assertEqual(self.done(command, results), results)
                self.assertEqual(self.task_got["action"], action)
                self.assertEqual(
                    self.task_got["params"], {"requests": command["requests"]}
                )

    def test_known_after(self):
        """the catalogue knows at once what a request has changed, if proven"""
        put = {
            "action": "EXECUTE_HTTP_REQUEST",
            "request": {
                "url": "https://www.vinted.fr/api/v2/item_upload/items/7",
                "method": "PUT",
                "body": {"item": {"id": 7, "title": "Jean", "price": 12.5}},
            },
        }
        for data in ("<html>", {}, {"code": 99}, {"item": {"id": 8}}):
            self.done(put, {**ANSWER, "data": data})
            self.assertEqual(self.products(), [])
        self.done(put, {**ANSWER, "data": {"code": 0, "item": {"id": 7}}})
        (row,) = self.products()
        self.assertEqual((row["id"], row["price"]), (7, "12.50"))

    def test_reads_leave_no_trace(self):
        """a request that only reads is not kept for the catalogue"""
        self.root.configure(queue={"background": "no"})
        self.done(ONE, ANSWER)
        self.assertEqual(self.root.ls("ingest", 42), [])
        self.assertEqual(self.products(), [])

    def products(self):
        answer = self.api.get("/api/products?user_id=42", token=self.backend)
        return answer.json["products"]

    def test_task(self):
        """the task goes before all others, is never repeated, and expires"""
        for number in range(3):
            self.create(task_id=f"t{number}", priority=998)
        thread = self.start(GET_USER, "user_id=42&timeout=7")
        self.assertTrue(
            wait_until(lambda: len(self.root.ls("pending", 42)) == 4)
        )
        name = self.root.ls("pending", 42)[0]
        task = self.root.json("pending", 42, name)
        self.assertEqual(
            [
                task[k]
                for k in ("priority", "retries", "timeout", "expires_in")
            ],
            [999, 0, 17, 7],
        )
        got = self.poll()
        self.assertEqual(got["action"], "get_user_data")
        self.finish(got["task_id"], {"success": True, "data": GUIDE_USER})
        thread.join()
        self.assertEqual(thread.answer.json, GUIDE_USER)

    def test_vinted_refuses(self):
        """a refusal of Vinted's is an answer"""
        refusal = {**ANSWER, "success": False, "status": 404, "data": None}
        self.assertEqual(self.done(ONE, refusal), refusal)

    def test_older_shapes(self):
        """what an answer lacks is filled in"""
        for data, want in (
            ({"status": 204, "data": None}, {"success": True, "status": 204}),
            ({"status": 500, "data": 1}, {"success": False, "status": 500}),
            (
                {"success": False, "status": 0, "error": "no tab"},
                {"success": False, "status": 0, "error": "no tab"},
            ),
        ):
            with self.subTest(data=data):
                have = self.done(ONE, data)
                self.assertEqual({**have, **want}, have)
                self.assertLessEqual(set(NOTHING), set(have))
        have = self.done(ONE, {"items": [], "status": 3})
        self.assertEqual(have["data"], {"items": [], "status": 3})
        self.assertEqual((have["success"], have["status"]), (True, 200))
        have = self.done(BATCH, [ANSWER])
        self.assertEqual(have, {"success": True, "results": [ANSWER]})
        have = self.done(BATCH, {"results": []})
        self.assertEqual(have, {"success": True, "results": []})

    def test_failed(self):
        """a task that fails is an answer to a request"""
        why = "Aucun onglet Vinted ouvert"
        self.assertEqual(self.failed(ONE, why).json, {**NOTHING, "error": why})
        for command in (BATCH, ORDER):
            self.assertEqual(
                self.failed(command, why).json,
                {"success": False, "results": [], "error": why},
            )

    def test_failed_user_data(self):
        """but no user data is a problem, with the plugin's reason"""
        why = 'Session "expirée"'
        answer = self.failed(GET_USER, why)
        self.assert_problem(answer, 502, "plugin_failed")
        self.assertEqual(answer.detail, why)
        answer = self.answered(GET_USER, {"success": True, "data": None})
        self.assert_problem(answer, 502, "plugin_failed")

    def test_large(self):
        """an answer of megabytes arrives whole"""
        data = {**ANSWER, "data": "é" * 1_500_000}
        self.assertEqual(self.done(ONE, data), data)

    def test_files(self):
        """a multipart request reaches the plugin as it was sent"""
        file = {"field": "photo[file]", "filename": "a.jpg"}
        file |= {"content": "/9j/" * 5000, "mime_type": "image/jpeg"}
        request = {**REQUEST, "method": "POST", "content_type": "multipart"}
        request |= {"body": {"photo[type]": "item"}, "files": [file]}
        command = {"action": "EXECUTE_HTTP_REQUEST", "request": request}
        self.assertEqual(self.done(command, ANSWER), ANSWER)
        self.assertEqual(self.task_got["params"], {"request": request})

    def test_two_at_once(self):
        """two commands get each its own answer"""
        threads = [
            self.start({**ONE, "request": {"url": f"{URL}?{number}"}})
            for number in range(2)
        ]
        for _ in threads:
            task = self.fetch()
            data = {**ANSWER, "data": task["params"]["request"]["url"]}
            self.finish(task["task_id"], {"success": True, "data": data})
        for number, thread in enumerate(threads):
            thread.join()
            self.assertEqual(thread.answer.json["data"], f"{URL}?{number}")


class Unanswered(Execute):
    """What happens where no answer comes."""

    def records(self):
        return [
            self.root.json("done", 42, name)
            for name in self.root.ls("done", 42)
        ]

    def test_not_connected(self):
        """without a plugin the answer is immediate, and no task is left"""
        os.unlink(self.root.place("index", "42.seen"))
        before = self.root.picture()
        for command in COMMANDS:
            answer = self.execute(command)
            self.assert_problem(answer, 503, "plugin_not_connected")
            self.assertEqual(answer.detail, "Plugin non connecté")
        self.assertEqual(self.root.changes(before), [])
        self.assertNotIn("events.log", self.root.ls("log"))

    def test_gone(self):
        """the same where it has not polled for a while"""
        now = time.time()
        os.utime(self.root.place("index", "42.seen"), (now - 99, now - 60))
        self.assert_problem(self.execute(ONE), 503, "plugin_not_connected")

    def test_other_user(self):
        """the plugin of one user is not that of another"""
        answer = self.execute(PING, "user_id=7")
        self.assert_problem(answer, 503, "plugin_not_connected")

    def test_paused(self):
        """nor is anything queued while the user's queue is paused"""
        self.root.pause("a captcha\n")
        answer = self.execute(ONE)
        self.assert_problem(answer, 503, "unavailable", "a captcha")
        self.assertEqual(self.root.ls("pending", 42), ["PAUSED"])
        self.assertEqual(self.execute(PING).json, {"pong": True})

    def test_not_fetched(self):
        """what nobody fetched in time is withdrawn"""
        for command in COMMANDS[1:]:
            answer = self.execute(command, "user_id=42&timeout=0")
            self.assert_problem(answer, 504, "plugin_timeout", "withdrawn")
        self.assertIsNone(self.poll_id())
        records = self.records()
        self.assertEqual(len(records), 4)
        self.assertEqual({r["declared"] for r in records}, {"cancelled"})

    def test_not_finished(self):
        """a plugin that is at it is told to stop"""
        thread = self.start(ONE, "user_id=42&timeout=1")
        task = self.fetch()
        thread.join()
        self.assert_problem(thread.answer, 504, "plugin_timeout", "withdrawn")
        self.assertGreaterEqual(thread.seconds, 1)
        self.assert_state(task["task_id"], "executing")
        answer = self.api.post(
            f"/api/plugin/tasks/{task['task_id']}/progress",
            {},
            token=self.plugin,
        )
        self.assertIs(answer.json["cancel"], True)
        self.finish(task["task_id"])

    def test_cancelled_meanwhile(self):
        """a task that somebody else cancels ends the wait"""
        thread = self.start(ONE)
        self.assertTrue(
            wait_until(lambda: len(self.root.ls("pending", 42)) == 1)
        )
        task_id = next(t.id for t in self.assert_sound().in_state("pending"))
        answer = self.api.request(
            "DELETE", f"/api/tasks/{task_id}", token=self.backend
        )
        self.assertEqual(answer.status, 200, answer)
        thread.join()
        self.assert_problem(thread.answer, 502, "plugin_failed", "cancel")
        self.assertLess(thread.seconds, LATE)

    def test_lease_passes(self):
        """a lease that passes without a word is a time-out, too"""
        thread = self.start(ONE)
        task = self.fetch()
        self.make_overdue(task["task_id"])
        self.assertIsNone(self.poll_id())
        thread.join()
        self.assert_problem(thread.answer, 504, "plugin_timeout")
        self.assertLess(thread.seconds, LATE)

    def test_removed_by_hand(self):
        """a task that was removed by hand is not missed"""
        thread = self.start(ONE, "user_id=42&timeout=1")
        self.assertTrue(
            wait_until(lambda: len(self.root.ls("pending", 42)) == 1)
        )
        os.unlink(
            self.root.place("pending", 42, self.root.ls("pending", 42)[0])
        )
        thread.join()
        self.assert_problem(thread.answer, 504, "plugin_timeout")

    def test_no_place(self):
        """past max_waiters a command is refused, and nothing queued"""
        self.root.configure(queue={"max_waiters": 1})
        self.take_place("executor.0")
        self.assert_problem(self.execute(ONE), 503, "unavailable")
        self.assertEqual(self.root.ls("pending", 42), [])
        self.assertEqual(self.execute(PING).json, {"pong": True})

    def test_places_of_polls(self):
        """held polls take no places of commands"""
        self.root.configure(queue={"max_waiters": 1})
        self.take_place("waiter.0")
        answer = self.execute(ONE, "user_id=42&timeout=0")
        self.assert_problem(answer, 504, "plugin_timeout")


class Bodies(Execute):
    """What a body must be, and who may send it."""

    def refused(self, body, name, reason=""):
        answer = self.execute(body)
        self.assert_problem(answer, 422, "invalid_field", f'"{name}" {reason}')
        self.assertEqual(self.root.ls("pending", 42), [])

    def test_action(self):
        """the command"""
        self.refused({}, "action", "is missing")
        self.refused({"action": None}, "action", "is missing")
        for action in ("", "ping", "get_user_data", 5, ["PING"]):
            self.refused({"action": action}, "action", "must be PING")

    def test_members(self):
        """the member that each command needs"""
        self.refused({"action": ONE["action"]}, "request", "is missing")
        self.refused({"action": ONE["action"], "request": None}, "request")
        for action in (BATCH["action"], ORDER["action"]):
            self.refused({"action": action}, "requests", "is missing")
            for requests in (REQUEST, "x", 5):
                self.refused(
                    {"action": action, "requests": requests}, "requests"
                )
        for request in ([REQUEST], "x", 5, True):
            self.refused({**ONE, "request": request}, "request")

    def test_requests(self):
        """each member of a request, alone and in a list"""
        for member, values in {
            "url": (None, 5, [], {}),
            "method": ("", "TRACE", "GeT", 5, []),
            "headers": ([], "x", {"a": []}, {"a": True}),
            "credentials": (True, 5),
            "timeout": ("5", -1, True),
            "content_type": ("xml", 5),
            "files": ({}, "x"),
        }.items():
            for value in values:
                request = {**REQUEST, member: value}
                with self.subTest(member=member, value=value):
                    self.refused(
                        {**ONE, "request": request}, f"request.{member}"
                    )
                    self.refused(
                        {**BATCH, "requests": [REQUEST, request]},
                        f"requests[1].{member}",
                    )
        self.refused({**ORDER, "requests": [REQUEST, 5]}, "requests[1]")

    def test_files(self):
        """each member of a file"""
        good = {"field": "f", "content": ""}
        for file, member in (
            (5, ""),
            ({"content": ""}, ".field"),
            ({"field": "f"}, ".content"),
            ({**good, "content": 5}, ".content"),
            ({**good, "filename": 5}, ".filename"),
            ({**good, "mime_type": []}, ".mime_type"),
        ):
            request = {**REQUEST, "files": [good, file]}
            with self.subTest(file=file):
                self.refused(
                    {**ONE, "request": request}, f"request.files[1]{member}"
                )

    def test_lenient(self):
        """what the guide's client leaves out, sends as null or adds"""
        for request in (
            {"url": URL},
            {**REQUEST, "body": None, "headers": None, "files": None},
            {**REQUEST, "method": "post", "body": [1], "other": {}},
            {**REQUEST, "timeout": 1.5},
        ):
            answer = self.execute(
                {**ONE, "request": request}, "user_id=42&timeout=0"
            )
            self.assert_problem(answer, 504, "plugin_timeout")

    def test_timeout(self):
        """how long to wait, in the query or the body"""
        for value in ("", "x", "-1", "1.5"):
            answer = self.execute(ONE, f"user_id=42&timeout={value}")
            self.assert_problem(answer, 422, "invalid_field", '"timeout"')
        for value in ("5", -1, 1.5, True):
            self.refused({**ONE, "timeout": value}, "timeout")
        answer = self.execute({**ONE, "timeout": 0})
        self.assert_problem(answer, 504, "plugin_timeout", "within 0 seconds")

    def test_how_long(self):
        """the task is given ten seconds more than it is waited for"""
        for body, want in (
            (GET_USER, 30),
            (ONE, 35),
            ({**ONE, "request": {"url": URL}}, 30),
            ({**ONE, "request": {"url": URL, "timeout": 45001}}, 51),
            ({**ONE, "request": {"url": URL, "timeout": 10**18}}, 120),
            (BATCH, 60),
            ({**BATCH, "timeout": 90}, 90),
            ({**BATCH, "timeout": 9000}, 120),
        ):
            with self.subTest(body=body):
                self.answered(body, {"success": False, "error": "x"})
                self.assertEqual(self.task_got["timeout"], want + 10)

    def test_user(self):
        """user_id in the body, the query or the token"""
        own = self.root.token(42, "backend")
        for body, query, token in (
            ({**PING, "user_id": 42}, "", self.backend),
            ({**PING, "user_id": None}, "user_id=42", self.backend),
            (PING, "", own),
        ):
            self.assertEqual(
                self.execute(body, query, token).json, {"pong": True}
            )
        answer = self.execute(PING, "")
        self.assert_problem(answer, 422, "invalid_field", '"user_id"')
        for user in ("42", 0, -1, 1.5, 2**63):
            self.refused({**PING, "user_id": user}, "user_id")
        for body, query in (({**PING, "user_id": 7}, ""), (PING, "user_id=7")):
            answer = self.execute(body, query, own)
            self.assert_problem(answer, 403, "wrong_user")

    def test_callers(self):
        """only a backend commands"""
        for token in (self.plugin, self.cron):
            answer = self.execute(PING, token=token)
            self.assert_problem(answer, 403, "wrong_scope")
        answer = self.api.post("/api/plugin/execute", PING)
        self.assert_problem(answer, 401, "token_missing")
        answer = self.api.get("/api/plugin/execute", token=self.backend)
        self.assert_problem(answer, 405, "method_not_allowed")

    def test_not_json(self):
        """what is no object is no command"""
        self.assert_problem(self.execute(b"{"), 400, "malformed_json")
        for body in (b"[]", b"5", b'"PING"'):
            self.assert_problem(self.execute(body), 422, "invalid_field")


class Served(Execute):
    """Through a web server."""

    transport = Rewritten

    def test_commands(self):
        """each command"""
        self.assertEqual(self.execute(PING).json, {"pong": True})
        self.assertEqual(self.done(GET_USER, GUIDE_USER), GUIDE_USER)
        self.assertEqual(self.done(ONE, ANSWER), ANSWER)
        results = {"success": True, "results": [ANSWER]}
        self.assertEqual(self.done(BATCH, results), results)
        answer = self.execute(ORDER, "user_id=42&timeout=0")
        self.assert_problem(answer, 504, "plugin_timeout")

    def test_waiting_plugin(self):
        """a plugin that holds a poll gets the task at once"""
        target = "/api/plugin/tasks?user_id=42&wait=20"
        got = []

        def poll():
            task = self.api.get(target, token=self.plugin).json
            got.append(task)
            self.finish(task["task_id"], {"success": True, "data": ANSWER})

        thread = threading.Thread(target=poll)
        thread.start()
        self.addCleanup(thread.join)
        answer = self.execute(ONE)
        self.assertEqual(answer.json, ANSWER)
        thread.join()


class ServedByDispatcher(Served):
    """The same through /cgi-bin/api."""

    transport = Dispatched


if __name__ == "__main__":
    main()
