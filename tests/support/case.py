# SPDX-License-Identifier: MIT
"""What every test starts from and must leave behind."""

import json
import os
import subprocess
import sys
import time
import unittest
from datetime import datetime, timedelta, timezone

from tap.runner import TAPTestResult, TAPTestRunner

from support.cgi import SANITIZERS, TIMEOUT, Direct, program
from support.grammar import EXECUTING
from support.reader import Tree
from support.root import Root
from support.workers import is_quiet

EMPTY = {"task_id": None, "message": "No pending tasks"}
RECEIVED = {
    "status": "received",
    "message": "Task result saved successfully",
}
# The least that each action of the guide needs.
PARAMS = {
    "get_all_products": {"user_id": 29535217},
    "get_stats": {"item_id": 123456},
    "delete_product": {"item_id": 123456},
    "update_product": {"item_id": 123456, "price": "12.00"},
    "update_prices": {"updates": [{"item_id": 123, "price": "10.00"}]},
    "create_product": {
        "title": "T-shirt Nike Noir",
        "description": "T-shirt Nike en excellent état",
        "price": "15.00",
        "catalog_id": 5,
    },
    "upload_photo": {
        "item_id": 123456,
        "photo_url": "https://backend.com/photos/abc.jpg",
    },
}
# What the guides show of a seller, of a product to be made, and of a list.
GUIDE_USER = {
    "user_id": 29535217,
    "login": "shop.ton.outfit",
    "email": "user@example.com",
    "anon_id": "6f646e72-5010-4da3-8640-6c0cf62aa346",
    "csrf_token": "75f6c9fa-dc8e-4e52-a000-e09dd4084b3e",
    "real_name": "John Doe",
    "business_account": 23111,
}
GUIDE_CREATE = {
    **PARAMS["create_product"],
    "brand_id": 53,
    "size_id": 206,
    "color_ids": [1],
    "status_ids": [6],
}
GUIDE_PRODUCTS = [
    {
        "id": 123456,
        "title": "T-shirt Nike",
        "price": "15.00",
        "brand": {"title": "Nike"},
        "size_title": "M",
    },
    {"id": 7750837522, "title": "Jean", "price": 20.5, "size": "W34"},
]


class Case(unittest.TestCase):
    """A root, a token of each scope, and the programs called directly.

    Whatever a test does, the spool must be sound when it ends, and clean
    after one more sweep; `leaves_debris` says why a test is exempt.
    """

    transport = Direct
    base = None  # where its root is made
    queue = {}  # keys of [queue] in stoflow.ini
    leaves_debris = None
    maxDiff = None

    def setUp(self):
        self.root = Root(self.base, **self.queue)
        self.addCleanup(self.root.remove)
        self.plugin = self.root.token(42, "plugin")
        self.backend = self.root.token("*", "backend")
        self.cron = self.root.token("*", "cron")
        self.api = self.transport(self.root)
        self.addCleanup(self.api.close)

    def tearDown(self):
        if self.leaves_debris is None:
            self.wait_for_quiet()
            self.assert_sound()
            self.sweep()
            self.assert_sound(after_sweep=True)

    def wait_for_quiet(self):
        """Waits for what the programs do after their answers."""
        self.assertTrue(wait_until(lambda: is_quiet(self.root)))

    def assert_sound(self, after_sweep=False):
        """The spool keeps every invariant that a reader can see."""
        tree = Tree(self.root.path)
        self.assertEqual(tree.violations(after_sweep), [])
        return tree

    def assert_problem(self, answer, status, code=None, detail=None):
        """A problem of this status; `detail` is a part of its detail."""
        self.assertEqual(answer.status, status, answer)
        if code is not None:
            self.assertEqual(answer.code, code, answer)
        if detail is not None:
            self.assertIn(detail, answer.detail)

    def task(self, task_id, user=42):
        """The task as an independent reader of the tree finds it."""
        tree = Tree(self.root.path)
        return tree.tasks.get((user, task_id))

    def assert_state(self, task_id, state, user=42):
        task = self.task(task_id, user)
        self.assertIsNotNone(task, f"no task {task_id}")
        self.assertEqual(task.state, state)
        return task

    def create(self, action="get_stats", params=None, user=42, **fields):
        """Creates a task, with the least parameters unless others are
        given, and returns its id."""
        body = {"user_id": user, "action": action, **fields}
        body["params"] = PARAMS.get(action, {}) if params is None else params
        answer = self.api.post("/api/tasks/create", body, token=self.backend)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["task_id"]

    def poll(self, user=42, receive_id=None, token=None):
        """One poll's JSON."""
        query = f"user_id={user}"
        if receive_id is not None:
            query += f"&receive_id={receive_id}"
        answer = self.api.get(
            f"/api/plugin/tasks?{query}", token=token or self.backend
        )
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def poll_id(self, **options):
        """The id of the task that a poll gets; None if there is none."""
        return self.poll(**options)["task_id"]

    def wait_for_plugin(self):
        """Until it counts as connected: that a poll was there is noted once
        its answer has gone out."""
        self.assertTrue(
            wait_until(lambda: self.root.exists("index", "42.seen"))
        )

    def post_result(self, task_id, body=None, token=None):
        """Posts a result (a plain success unless given), unchecked."""
        if body is None:
            body = {"success": True, "data": {}}
        return self.api.post(
            f"/api/plugin/tasks/{task_id}/result",
            body,
            token=token or self.plugin,
        )

    def finish(self, task_id, body=None):
        """Posts a result that must be taken."""
        answer = self.post_result(task_id, body)
        self.assertEqual((answer.status, answer.json), (200, RECEIVED))

    def make_overdue(self, task_id, user=42, seconds=3600):
        """Lets a lease end in the past: the name is the truth."""
        task = self.task(task_id, user)
        match = EXECUTING.fullmatch(task.name)
        name = stamp(-seconds) + task.name[match.end("deadline") :]
        os.rename(task.path, self.root.place("executing", user, name))

    def create_overdue(self, *task, **fields):
        """Creates a task that a plugin was handed, whose lease has ended."""
        task_id = self.create(*task, **fields)
        self.assertEqual(self.poll_id(), task_id)
        self.make_overdue(task_id)
        return task_id

    def take_place(self, name):
        """Takes one of the places of those that wait, as they do."""
        path = os.path.join(self.root.make("index"), name)
        place = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.addCleanup(os.close, place)
        os.lockf(place, os.F_LOCK, 0)

    def sweep(self, *arguments, check=True):
        """Runs the sweeper as a shell command; the lines it printed."""
        done = self.run_sweeper(*arguments)
        if check:
            self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode().splitlines()

    def run_sweeper(self, *arguments):
        return subprocess.run(
            [program("sweeper"), *arguments],
            env={**SANITIZERS, "STOFLOW_ROOT": self.root.path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
        )

    def queue_names(self, count, action="get_stats", user=42, first=0):
        """Writes tasks straight into the queue: (rank, number) by name.

        Task number N is called "tN"; ranks and ages vary, so that neither
        the order of writing nor the order of ids is the order of dispatch.
        However slow the machine, no lease passes by itself.
        """
        folder = self.root.make("pending", user)
        task = {"action": action, "params": {}, "timeout": 3600}
        text = json.dumps(task).encode()
        names = []
        for number in range(first, first + count):
            rank = 990 + number % 7
            created = stamp(-100000 + (number * 7919) % 99991)
            name = f"{rank}-{created}-{action}-t{number}.json"
            path = os.path.join(folder, name)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(descriptor, text)
            os.close(descriptor)
            names.append(name)
        return sorted(names)


def id_of(name):
    """The id in a name as Case.queue_names makes it."""
    return name[: -len(".json")].rpartition("-")[2]


def stamp(seconds=0):
    """A moment so many seconds from now, as file names write it."""
    moment = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return moment.strftime("%Y%m%dT%H%M%S.%fZ")


def iso(seconds=0):
    """A moment so many seconds from now, as JSON holds it."""
    moment = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def wait_until(holds, seconds=60):
    """Waits for holds() to be true; False when it takes too long."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class Result(TAPTestResult):
    """One line a test, and one for each case of it (subTest) that fails."""

    def addSubTest(self, test, subtest, err):
        if err is not None:
            super().addSubTest(test, subtest, err)

    def _description(self, test):
        text = super()._description(test)
        if hasattr(test, "_subDescription"):
            text += " " + test._subDescription()
        # A line break would end the TAP line, a "#" begin a directive.
        return " ".join(text.split()).replace("#", "number ")


def main():
    """Runs the tests of the calling script, as TAP on standard output."""
    finish(
        run(
            unittest.defaultTestLoader.loadTestsFromModule(
                sys.modules["__main__"]
            )
        )
    )


def run(suite):
    """Runs the tests of a suite, as TAP on standard output; their result."""
    runner = TAPTestRunner()
    runner.resultclass = Result
    runner.set_stream(True)
    return runner.run(suite)


def finish(result):
    """Ends the script as its tests have ended."""
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
