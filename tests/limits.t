#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Limits of the host (setrlimit(2)): there is always an answer, what can never
succeed says so, and what is left undone is told."""

import json
import os
import signal
import subprocess
import unittest

from support import Case, main
from support.case import PARAMS, RECEIVED, wait_until
from support.cgi import SANITIZERS, TIMEOUT, parse, program, program_of
from support.images import PNG
from support.nobody import NOBODY, own_all, runs_for

FILE = 8192  # bytes that a file may have, of a host that lets none be larger
LISTS = "get_all_products"
SEEN = ("index", "42.seen")


def limited(*limits):
    """A wrapper that runs a program under these limits of prlimit(1)."""
    return ("prlimit", *limits)


class Limits(Case):
    def post(self, target, body, *limits, token=None):
        return self.api.post(
            target,
            body,
            token=token or self.backend,
            wrapper=limited(*limits) if limits else (),
        )

    def get(self, target, *limits):
        return self.api.get(
            target,
            token=self.backend,
            wrapper=limited(*limits) if limits else (),
        )

    def make(self, size, *limits, **fields):
        params = {**PARAMS["get_stats"], "filler": "x" * size}
        body = {"user_id": 42, "action": "get_stats", **fields}
        return self.post(
            "/api/tasks/create", {**body, "params": params}, *limits
        )

    def result(self, task_id, size, *limits):
        return self.post(
            f"/api/plugin/tasks/{task_id}/result",
            {"success": True, "data": {"filler": "x" * size}},
            *limits,
        )

    def sweep_limited(self, *limits):
        """By cron, under limits: the exit status and what it complains of."""
        done = subprocess.run(
            [*limited(*limits), program("sweeper"), "--root", self.root.path],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT,
        )
        return done.returncode, done.stderr.decode()

    def events(self, word):
        """The lines of events.log that begin with the word."""
        if not self.root.exists("log", "events.log"):
            return []
        lines = self.root.read("log", "events.log").decode().splitlines()
        return [line for line in lines if line.split(" ")[1] == word]

    def check(self, name, *limits):
        """What the selftest finds."""
        answer = self.get("/api/health?selftest=1", *limits)
        self.assertEqual(answer.status, 200, answer)
        found = answer.json["selftest"]
        return next(row for row in found if row["check"] == name)

    def assert_too_large(self, answer):
        self.assert_problem(answer, 413, "too_large_here", "this host")
        self.assertNotIn("Try again later", answer.detail)
        self.assertEqual(self.root.ls("tmp"), [])


class Files(Limits):
    """RLIMIT_FSIZE."""

    limit = f"--fsize={FILE}"

    def test_create(self):
        """a task that no file can hold is refused for good, its ID is free"""
        for _ in range(2):
            answer = self.make(20000, self.limit, task_id="big")
            self.assert_too_large(answer)
        self.assertEqual(len(self.events("refused")), 2)
        answer = self.make(10, self.limit, task_id="big")
        self.assertEqual(answer.status, 201, answer)

    def test_room(self):
        """a task is refused whose record no file could hold"""
        self.assert_too_large(self.make(FILE - 4096, self.limit))
        answer = self.make(FILE - 4096 - 1000, self.limit)
        self.assertEqual(answer.status, 201, answer)
        task_id = self.poll_id()
        answer = self.post(
            f"/api/plugin/tasks/{task_id}/result",
            {"success": False, "error": "\u0001" * 600},
            self.limit,
        )
        self.assertEqual((answer.status, answer.json), (200, RECEIVED))

    def test_drop(self):
        """so is a file laid into pending/, with the reason beside it"""
        body = {"action": "get_stats", "params": {"item_id": 1}}
        body["filler"] = "x" * (FILE - 4096)
        self.root.drop("x.json", body, user=42)
        answer = self.get("/api/plugin/tasks?user_id=42", self.limit)
        self.assertIsNone(answer.json["task_id"])
        self.assertIn(b"This host", self.root.read("rejected", "x.json.why"))

    def test_result(self):
        """a result that no file can hold is refused, a smaller one taken"""
        task_id = self.create()
        self.poll()
        self.assert_too_large(self.result(task_id, 20000, self.limit))
        self.assert_state(task_id, "executing")
        answer = self.result(task_id, 20, self.limit)
        self.assertEqual((answer.status, answer.json), (200, RECEIVED))

    def test_photo(self):
        """so is a photo"""
        answer = self.post("/api/photos", PNG, "--fsize=10")
        self.assert_too_large(answer)
        self.assertEqual(self.root.ls("photos"), [])

    def test_log(self):
        """a log at the limit costs no answer, and is put by"""
        self.root.configure(log={"size": "1M"})
        task_id = self.create()
        self.poll()
        logs = [self.root.place("log", n) for n in ("access.log", "events.log")]
        for log in logs:
            self.root.write(log, b"x" * FILE)
            os.chmod(log, 0o600)
        self.result(task_id, 20, self.limit)
        self.assert_too_large(self.make(20000, self.limit))
        self.assertEqual(self.make(20, self.limit).status, 201)
        done = self.sweep_under(self.limit)
        self.assertIn(b"put by 2 logs", done.stdout)
        self.assert_too_large(self.make(20000, self.limit))
        self.assertEqual(len(self.events("refused")), 1)

    def test_catalogue(self):
        """a catalogue that no file can hold is told, and everything goes on"""
        items = [{"id": n + 1, "title": "x" * 100} for n in range(200)]
        self.create(LISTS)
        self.finish(self.poll_id(), {"success": True, "data": items})
        self.create()
        answer = self.get("/api/products?user_id=42", self.limit)
        self.assertEqual((answer.status, answer.json["products"]), (200, []))
        for _ in range(3):
            self.get("/api/products?user_id=42", self.limit)
            done = self.sweep_under(self.limit)
            self.assertEqual(done.returncode, 111)
            self.assertIn(b"this host lets no file", done.stderr)
        self.assertEqual(self.events("ingest"), [])
        (told,) = self.events("stuck")
        self.assertIn("ingest/42: this host lets no file", told)
        (found,) = self.get("/api/health").json["stuck"]
        self.assertEqual(found["path"], "ingest/42")
        self.assertFalse(self.check("stuck", self.limit)["ok"])
        answer = self.post("/api/sync/vinted", {"user_id": 42}, self.limit)
        self.assert_problem(answer, 500, "host_limit")
        self.assertEqual(self.root.ls("tmp"), [])
        self.assertEqual(len(self.root.ls("ingest", 42)), 1)
        self.assertIsNotNone(self.poll_id())
        answer = self.get("/api/products?user_id=42&limit=500")
        self.assertEqual(len(answer.json["products"]), 200)

    def test_queue(self):
        """the index of a queue that no file can hold is done without"""
        self.queue_names(600)
        got = set()
        for _ in range(3):
            answer = self.get("/api/plugin/tasks?user_id=42", self.limit)
            self.assertEqual(answer.status, 200, answer)
            got.add(answer.json["task_id"])
        self.assertEqual(len(got), 3)

    def test_selftest(self):
        """the selftest names the limit, and what to write instead"""
        self.assertTrue(self.check("limits")["ok"])
        found = self.check("limits", self.limit)
        self.assertFalse(found["ok"])
        self.assertIn(str(FILE), found["detail"])
        self.assertIn("max_body = 2048", found["fix"])
        self.root.configure(limits={"max_body": 2048})
        self.assertTrue(self.check("limits", self.limit)["ok"])

    def sweep_under(self, *limits):
        return subprocess.run(
            [*limited(*limits), program("sweeper"), "--root", self.root.path],
            env=SANITIZERS,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
        )


@unittest.skipIf(SANITIZERS, "a sanitizer needs terabytes of addresses")
class Memory(Limits):
    """RLIMIT_AS."""

    limit = f"--as={8 << 20}"
    size = 6 << 20

    def test_create(self):
        """a task that memory cannot hold is refused for good"""
        self.assert_too_large(self.make(self.size, self.limit))
        self.assertEqual(self.root.ls("pending", 42), [])

    def test_result(self):
        """so is a result; a smaller one is taken"""
        task_id = self.create()
        self.poll()
        self.assert_too_large(self.result(task_id, self.size, self.limit))
        answer = self.result(task_id, 20, self.limit)
        self.assertEqual((answer.status, answer.json), (200, RECEIVED))

    def test_show(self):
        """a record that memory cannot hold is no reason to come again"""
        task_id = self.create()
        self.poll()
        self.result(task_id, self.size)
        answer = self.get(f"/api/tasks/{task_id}", self.limit)
        self.assert_problem(answer, 500, "host_limit", "this host")
        self.assertNotIn("retry-after", answer.headers)

    def test_poll(self):
        """a task that cannot be told is left, told of once, and passed over"""
        for size in (self.size, (3 << 20) + 1):
            big = self.make(size, priority=5).json["task_id"]
            small = self.create()
            for want in (small, None):
                answer = self.get("/api/plugin/tasks?user_id=42", self.limit)
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(answer.json["task_id"], want)
            self.assert_state(big, "pending")
            self.assertEqual(len(self.events("memory")), 1)
            self.assertEqual(self.poll_id(), big)

    def test_drop(self):
        """a drop that memory cannot hold is left, and told of"""
        params = {**PARAMS["get_stats"], "filler": "x" * self.size}
        body = {"user_id": 42, "action": "get_stats", "params": params}
        for user in (None, 42):
            path = self.root.drop("big.json", body, user)
            for _ in range(2):
                status, told = self.sweep_limited(self.limit)
                self.assertEqual(status, 111)
                self.assertIn("is left: this host gives", told)
            self.assertTrue(os.path.exists(path))
        events = self.events("memory")
        self.assertEqual(len(events), 2, events)
        self.assertIn("pending/big.json is left", events[0])
        self.sweep()
        self.assertEqual(len(self.root.ls("pending", 42)), 2)

    def test_selftest(self):
        """the selftest names the limit, and what to write instead"""
        found = self.check("limits", self.limit)
        self.assertFalse(found["ok"])
        self.assertIn("max_body = 1048576 ", found["fix"])
        self.root.configure(limits={"max_body": 1048576})
        self.assertTrue(self.check("limits", self.limit)["ok"])


class Descriptors(Limits):
    """RLIMIT_NOFILE."""

    @unittest.skipIf(SANITIZERS, "a sanitizer opens files of its own")
    def test_too_few(self):
        """a host that lets hardly any file be open is named"""
        self.sweep()
        before = self.root.picture()
        for most in (3, 4):
            answer = self.make(1, f"--nofile={most}")
            self.assert_problem(answer, 500, "host_limit", "files")
        self.assertEqual(self.root.changes(before), [])
        self.assertFalse(self.check("limits", "--nofile=16")["ok"])

    @unittest.skipIf(SANITIZERS, "a sanitizer opens files of its own")
    def test_sweeper(self):
        """a sweep that could not look everywhere does not say that it did"""
        self.create()
        self.sweep()
        for most in (4, 5):
            status, told = self.sweep_limited(f"--nofile={most}")
            self.assertEqual(status, 111)
            self.assertIn("some of its work is left", told)
            self.assertIn("(ulimit -n)", told)
        self.assertEqual(self.sweep_limited("--nofile=16"), (0, ""))

    def test_closed(self):
        """the sweeper works with its descriptors closed, or leading nowhere"""
        for output, status in ((">&-", 0), (">/dev/full", 111)):
            self.root.drop("x.json", {"user_id": 42, "action": "get_stats"})
            command = f'exec "$0" --root "$1" <&- {output} 2>&-'
            done = subprocess.run(
                ["sh", "-c", command, program("sweeper"), self.root.path],
                env=SANITIZERS,
                timeout=TIMEOUT,
            )
            self.assertEqual(done.returncode, status)
            self.assertEqual(self.root.ls("pending", 42), [])


class Signals(Limits):
    """What a host says when a limit is reached."""

    def test_held(self):
        """a program that is told so answers all the same"""
        env = self.api.environment(
            "GET", "/api/plugin/tasks?user_id=42&wait=20", b"", self.backend
        )
        poll = subprocess.Popen(
            [program("next-task")],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.assertTrue(wait_until(lambda: self.root.exists(*SEEN)))
        poll.send_signal(signal.SIGXCPU)
        poll.send_signal(signal.SIGXFSZ)
        task_id = self.create()
        out, err = poll.communicate(timeout=TIMEOUT)
        answer = parse(out, err, poll.returncode)
        self.assertEqual(answer.json["task_id"], task_id)


@unittest.skipIf(SANITIZERS, "a sanitizer needs a process of its own")
class Processes(Limits):
    """RLIMIT_NPROC, which binds all but root."""

    queue = {"background": "yes", "sweep_every": 1}

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0 or not runs_for(NOBODY, program("result")):
            self.skipTest("nobody cannot run the programs here")
        own_all(self.root.path, NOBODY)

    def request(self, method, target, body=b""):
        """A request to a program that may not have a second process."""
        env = self.api.environment(method, target, body, self.backend)
        wrapper = ("setpriv", f"--reuid={NOBODY}", "--clear-groups")
        name = program_of(target.partition("?")[0])
        done = subprocess.run(
            [*wrapper, *limited("--nproc=1"), program(name)],
            env=env,
            input=body,
            capture_output=True,
            timeout=TIMEOUT,
            cwd="/",
        )
        return parse(done.stdout, done.stderr, done.returncode)

    def test_refused(self):
        """nothing is lost, and it is told: once in the log, in health too"""
        body = {"user_id": 42, "action": LISTS, "params": {"user_id": 7}}
        for _ in range(2):
            answer = self.request(
                "POST", "/api/tasks/create", json.dumps(body).encode()
            )
            self.assertEqual(answer.status, 201, answer)
            target = "/api/plugin/tasks?user_id=42"
            task_id = self.request("GET", target).json["task_id"]
            items = [{"id": 5, "title": "Robe"}]
            answer = self.request(
                "POST",
                f"/api/plugin/tasks/{task_id}/result",
                json.dumps({"success": True, "data": items}).encode(),
            )
            self.assertEqual((answer.status, answer.json), (200, RECEIVED))
        self.assertEqual(len(self.events("background")), 1)
        self.assertEqual(len(self.root.ls("ingest", 42)), 2)
        health = self.request("GET", "/api/health?selftest=1").json
        self.assertIsNotNone(health["background_refused"])
        found = {row["check"]: row for row in health["selftest"]}
        self.assertFalse(found["processes"]["ok"])
        answer = self.request("GET", "/api/products?user_id=42")
        self.assertEqual(answer.json["products"][0]["title"], "Robe")

    def tearDown(self):
        own_all(self.root.path, os.geteuid())
        super().tearDown()


if __name__ == "__main__":
    main()
