#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is taken can be kept: each task and each result that passed a door,
however large, deep or numerous, is handed out, shown, taken in and retried."""

import json
import shutil

from support import Case, main
from support.case import GUIDE_USER, PARAMS
from support.web import Rewritten

BODY = 64 * 1024  # max_body of these tests
DEPTH = 64  # levels that a body may have
VALUES = 4 * 1024 * 1024  # values and keys that a body may hold


def padded(body, member, length=BODY):
    """The body as JSON, its member so long that it has `length` bytes."""
    body = {**body, member: {**body[member], "filler": ""}}
    body[member]["filler"] = "x" * (length - len(json.dumps(body)))
    return json.dumps(body)


def deep(levels):
    """JSON of so many arrays inside of each other."""
    return "[" * levels + "]" * levels


class Steps(Case):
    """What a backend and a plugin do."""

    def setUp(self):
        super().setUp()
        self.root.configure(limits={"max_body": "64K"})

    def post(self, target, body):
        return self.api.post(target, body, token=self.backend)

    def make(self, body, target="/api/tasks/create"):
        answer = self.post(target, body)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["task_id"]

    def show(self, task_id):
        answer = self.api.get(f"/api/tasks/{task_id}", token=self.backend)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def retry(self, task_id):
        answer = self.post(f"/api/tasks/{task_id}/retry", {"force": True})
        self.assertEqual(answer.status, 200, answer)

    def go_through(self, task_id, result, retry=None):
        """A task's whole life, twice."""
        for _ in range(2):
            pending = self.show(task_id)
            task = self.poll()
            self.assertEqual(task["task_id"], task_id)
            self.assertEqual(task["params"], pending["params"])
            self.finish(task_id, result)
            record = self.show(task_id)
            self.assertEqual(record["params"], task["params"])
            self.assertEqual(record["status"], "completed")
            self.assertEqual(record["result"], json.loads(result)["data"])
            self.assertEqual(self.ingest(), 0)
            (retry or self.retry)(task_id)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, {"success": False, "error": "\u0001" * 500})
        self.assertEqual(self.root.ls("rejected"), [])

    def ingest(self):
        """What is left for the catalogue once it has taken in what it can."""
        answer = self.api.get("/api/products?user_id=42", token=self.backend)
        self.assertEqual(answer.status, 200, answer)
        return len(self.root.ls("ingest", 42))

    def move_back(self, task_id):
        """A retry by hand."""
        done = self.root.place("done", 42, f"{task_id}.completed.json")
        shutil.move(done, self.root.place("pending", 42))
        self.sweep()


class Storable(Steps):
    # --- Bytes --------------------------------------------------------------

    def create_body(self, length=BODY):
        body = {"user_id": 42, "action": "get_stats"}
        return padded({**body, "params": PARAMS["get_stats"]}, "params", length)

    def result_body(self, length=BODY):
        return padded({"success": True, "data": {"item_id": 1}}, "data", length)

    def test_largest(self):
        """parameters and a result, each of max_body"""
        task_id = self.make(self.create_body())
        self.go_through(task_id, self.result_body())

    def test_largest_moved_by_hand(self):
        """the same, retried by mv"""
        task_id = self.make(self.create_body())
        self.go_through(task_id, self.result_body(), self.move_back)

    def test_largest_in_query_form(self):
        """the same, with the parameters as the body"""
        params = padded({"item_id": 1, "x": {}}, "x")
        target = "/api/tasks/create?user_id=42&action=get_stats"
        self.go_through(self.make(params, target), self.result_body())

    def test_largest_dropped(self):
        """the same, laid into pending/ as a file"""
        self.root.drop("x.json", self.create_body(), user=42)
        task_id = self.poll_id()
        self.finish(task_id, self.result_body())
        self.retry(task_id)
        self.go_through(task_id, self.result_body())

    def test_one_byte_more(self):
        """is refused by each door, and nothing is left of it"""
        task_id, _ = self.make(self.create_body()), self.poll()
        before = self.root.picture()
        for target, body in (
            ("/api/tasks/create", self.create_body(BODY + 1)),
            (f"/api/plugin/tasks/{task_id}/result", self.result_body(BODY + 1)),
        ):
            answer = self.post(target, body)
            self.assert_problem(answer, 413, "too_large")
        self.assertEqual(self.root.changes(before), [])
        self.root.drop("x.json", self.create_body(BODY + 1), user=42)
        self.assertIsNone(self.poll_id())
        self.assertEqual(self.root.ls("rejected"), ["x.json", "x.json.why"])

    def test_lowered(self):
        """what was taken stays, though max_body is less by now"""
        task_id = self.make(self.create_body())
        other = self.make(self.create_body())
        self.poll()
        self.finish(task_id, self.result_body())
        self.root.configure(limits={"max_body": "1K"})
        self.retry(task_id)
        self.assertEqual({self.poll_id(), self.poll_id()}, {task_id, other})
        self.finish(task_id)
        self.finish(other)

    # --- Depth --------------------------------------------------------------

    def test_deepest(self):
        """parameters and a result, each of as many levels as a body may have"""
        target = "/api/tasks/create?user_id=42&action=get_stats"
        params = f'{{"item_id":1,"x":{deep(DEPTH - 1)}}}'
        result = f'{{"success":true,"data":{deep(DEPTH - 1)}}}'
        self.go_through(self.make(params, target), result)
        params = f'{{"item_id":1,"x":{deep(DEPTH)}}}'
        answer = self.post(target, params)
        self.assert_problem(answer, 400, "malformed_json", "deep")

    def test_deepest_of_the_bridge(self):
        """a request that is executed lies a level deeper than it came"""
        self.poll()
        self.wait_for_plugin()
        body = deep(DEPTH - 2)
        request = f'{{"url":"https://www.vinted.fr/x","body":{body}}}'
        answer = self.post(
            "/api/plugin/execute?user_id=42&timeout=0",
            f'{{"action":"EXECUTE_HTTP_REQUEST","request":{request}}}',
        )
        self.assertEqual(answer.status, 504, answer)
        self.assertEqual(self.root.ls("rejected"), [])
        for name in self.root.ls("done", 42):
            record = self.show(name.split(".")[0])
            self.assertEqual(record["params"]["request"], json.loads(request))

    # --- The catalogue and the seller ---------------------------------------

    def test_long_texts(self):
        """a product is shown though a text of it is beyond all measure"""
        self.root.configure(limits={"max_body": "32M"})
        item = {"id": 7, "title": "Robe", "price": "5", "photos": []}
        item["description"] = "x" * (3 << 20)
        item["photos"] = [{"url": f"https://x/{n}"} for n in range(200000)]
        self.create("get_all_products")
        body = {"success": True, "data": {"items": [item]}}
        self.finish(self.poll_id(), body)
        self.assertEqual(self.ingest(), 0)
        target = "/api/products?user_id=42&limit=10"
        answer = self.api.get(target, token=self.backend)
        titles = [product["title"] for product in answer.json["products"]]
        self.assertEqual(titles, ["Robe"])

    def test_long_login(self):
        """a seller is known though the login is beyond all measure"""
        self.root.configure(limits={"max_body": "32M"})
        self.create("get_user_data")
        data = {**GUIDE_USER, "login": "x" * (2 << 20)}
        self.finish(self.poll_id(), {"success": True, "data": data})
        self.assertEqual(self.ingest(), 0)
        self.post("/api/sync/vinted", {"user_id": 42})
        self.assertEqual(self.poll()["action"], "get_all_products")


class Numerous(Steps):
    """Of the values there are too many for more than one transport."""

    def test_most_values(self):
        """parameters and a result, each of as many values as a body may hold"""
        self.root.configure(limits={"max_body": "32M"})
        target = "/api/tasks/create?user_id=42&action=get_stats"
        numbers = ",".join(["0"] * (VALUES - 5))
        params = f'{{"item_id":1,"x":[{numbers}]}}'
        task_id = self.make(params, target)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, f'{{"success":true,"data":[{numbers}]}}')
        self.assertEqual(len(self.show(task_id)["result"]), VALUES - 5)
        self.assertEqual(self.ingest(), 0)
        self.retry(task_id)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id)


class StorableServed(Storable):
    """The same through a web server."""

    transport = Rewritten


if __name__ == "__main__":
    main()
