#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Texts cut in the middle of an emoji: a half is an escape such as \\ud83d,
which the grammar of JSON allows. It becomes U+FFFD wherever JSON comes in, and
no half ever goes out."""

import json

from support import main
from support.drops import Drops
from support.robot import Robot

HALF = "Robe \ud83d"  # json.dumps makes it an escape
MENDED = "Robe \ufffd"
PAIR = "Robe \U0001f600"
TASK = {"user_id": 42, "action": "get_stats", "task_id": "t1"}


class Halves(Drops):
    """Each way in, and what is told of it."""

    def told(self, task_id):
        """A task as a backend sees it; nothing in it is a half."""
        answer = self.api.get(f"/api/tasks/{task_id}", token=self.backend)
        self.assertEqual(answer.status, 200, answer)
        self.assert_unicode(answer.json)
        return answer.json

    def assert_unicode(self, value):
        """No text in it is half a character."""
        json.dumps(value, ensure_ascii=False).encode()

    def executing(self, action="get_stats"):
        task_id = self.create(action=action)
        self.assertEqual(self.poll_id(), task_id)
        return task_id

    def test_result(self):
        """a list with half a title is taken in"""
        task_id = self.executing("get_all_products")
        products = [
            {"id": 1, "title": HALF, "price": "5.00"},
            {"id": 2, "title": PAIR, "price": "5.00"},
        ]
        body = {"success": True, "data": {"products": products, "total": 2}}
        self.finish(task_id, body)
        self.finish(task_id, body)  # the same once more is the same
        kept = self.told(task_id)["result"]["products"]
        self.assertEqual(kept[0]["title"], MENDED)
        answer = self.api.get("/api/products", token=self.plugin)
        titles = [product["title"] for product in answer.json["products"]]
        self.assertEqual(titles, [MENDED, PAIR])

    def test_error(self):
        """nor is a failure lost, or when it was"""
        task_id = self.executing()
        body = {"success": False, "error": HALF, "executed_at": HALF}
        self.finish(task_id, body)
        told = self.told(task_id)
        self.assertEqual(told["error"], MENDED)
        self.assertEqual(told["executed_at"], MENDED)

    def test_create(self):
        """a create's parameters, keys and all"""
        params = {"item_id": 5, "note": HALF, HALF: PAIR}
        mended = {"item_id": 5, "note": MENDED, MENDED: PAIR}
        task_id = self.create(params=params)
        self.assertEqual(self.told(task_id)["params"], mended)
        self.assertEqual(self.poll()["params"], mended)
        self.finish(task_id)
        self.assertEqual(self.told(task_id)["params"], mended)

    def test_create_again(self):
        """under the same key it is the same task"""
        body = {**TASK, "params": {"item_id": 5, "note": HALF}}
        del body["task_id"]
        ids = []
        for _ in range(2):
            answer = self.api.post(
                "/api/tasks/create",
                body,
                token=self.backend,
                headers={"Idempotency-Key": "k1"},
            )
            self.assertEqual(answer.status, 201, answer)
            ids.append(answer.json["task_id"])
        self.assertEqual(len(set(ids)), 1)

    def test_drop(self):
        """a dropped file"""
        params = {"item_id": 5, "note": HALF, "low": "\ude00\ud83d"}
        self.root.drop("a.json", {**TASK, "params": params})
        self.assert_delivered(
            task_id="t1",
            params={"item_id": 5, "note": MENDED, "low": "\ufffd\ufffd"},
        )
        self.finish("t1")
        self.assertEqual(self.told("t1")["params"]["note"], MENDED)

    def test_execute(self):
        """a command and its answer"""
        request = {"url": "https://www.vinted.fr/", "headers": {"x": HALF}}
        seen = []

        def carry_out(action, params):
            seen.append(params["request"]["headers"]["x"])
            return {"success": True, "status": 200, "data": HALF}

        with Robot(self.api, self.plugin, carry_out):
            self.wait_for_plugin()
            answer = self.api.post(
                "/api/plugin/execute?user_id=42",
                {"action": "EXECUTE_HTTP_REQUEST", "request": request},
                token=self.backend,
            )
        self.assertEqual(answer.json["data"], MENDED)
        self.assertEqual(seen, [MENDED])

    def test_by_hand(self):
        """a record and a catalogue that a person has edited"""
        task_id = self.executing()
        self.finish(task_id, {"success": True, "data": {"x": PAIR}})
        path = self.root.place("done", 42, f"{task_id}.completed.json")
        text = self.root.read(path).decode()
        self.root.write(path, text.replace(r"\ude00", ""))
        self.assertEqual(self.told(task_id)["result"]["x"], MENDED)
        row = {"id": 1, "title": HALF, "seen_at": None}
        self.root.make("products")
        path = self.root.place("products", "42.ndjson")
        self.root.write(path, json.dumps(row, separators=(",", ":")) + "\n")
        for query in ("", "?format=ndjson", "?format=csv", "?q=robe"):
            with self.subTest(query=query):
                target = f"/api/products{query}"
                answer = self.api.get(target, token=self.plugin)
                self.assertEqual(answer.status, 200, answer)
                self.assertNotIn(b"\\ud8", answer.body)
                shown = answer.body.replace(rb"\ufffd", "\ufffd".encode())
                self.assertIn(MENDED.encode(), shown)

    def test_raw(self):
        """bytes that are no UTF-8 are refused as ever"""
        task_id = self.executing()
        for raw in (b"\xed\xa0\xbd", b"\xf0\x9f\x98", b"\xff"):
            body = b'{"success":true,"data":"%b \\ud83d"}' % raw
            with self.subTest(raw=raw):
                answer = self.post_result(task_id, body)
                self.assert_problem(answer, 400, "malformed_json", "UTF-8")
        self.assert_state(task_id, "executing")

    def test_place(self):
        """a fault elsewhere is told with its place, halves or not"""
        task_id = self.executing()
        answer = self.post_result(task_id, rb'{"a":"\ud83d","b":nul}')
        self.assert_problem(answer, 400, "malformed_json", "byte 21")


if __name__ == "__main__":
    main()
