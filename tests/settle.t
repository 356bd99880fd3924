#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What became of a create_product that ended without a word: settled by lists
of the wardrobe, by the seller, or not at all; and never a second listing."""

import json
import os

from support import Case, main
from support.case import GUIDE_CREATE, PARAMS
from support.shop import ACCOUNT, INTERRUPTED, UNKNOWN_WORD, Shop

OTHER = {"id": 99, "login": "other"}
PHOTOS = {"assigned_photos": [{"id": 900001, "orientation": 0}]}


class Settling(Case):
    """A seller whose wardrobe is known, and holds two items."""

    def setUp(self):
        super().setUp()
        self.shop = Shop(self)
        for title in ("Jean", "Pull"):
            self.shop.put({"title": title, "price": "20.00"})
        self.shop.introduce()

    def start(self, params=None, **fields):
        """A create_product in a plugin's hands."""
        params = params or GUIDE_CREATE
        task_id = self.create("create_product", params, **fields)
        self.assertEqual(self.poll_id(), task_id)
        return task_id

    def lose(self, params=None, word=UNKNOWN_WORD, **fields):
        """One that ends without anybody knowing."""
        task_id = self.start(params, **fields)
        if word is None:
            self.make_overdue(task_id)
        else:
            self.finish(task_id, word)
        self.sweep()
        return task_id

    def show(self, task_id):
        answer = self.api.get(f"/api/tasks/{task_id}", token=self.plugin)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def retry(self, task_id, **body):
        return self.api.post(
            f"/api/tasks/{task_id}/retry", body, token=self.backend
        )

    def settle(self, task_id, **body):
        return self.api.post(
            f"/api/tasks/{task_id}/settle", body, token=self.plugin
        )

    def list_once(self, **options):
        self.shop.answer_list(**options)
        self.sweep()

    def list_twice(self, **options):
        self.list_once(**options)
        self.shop.pass_time()
        self.sweep()
        self.list_once(**options)

    def assert_unknown(self, task_id):
        record = self.show(task_id)
        self.assertEqual(record["status"], "failed")
        self.assertEqual(record["outcome"], "unknown")
        self.assertNotIn("settled", record)
        self.assert_problem(self.retry(task_id), 409, "not_repeatable")

    def assert_asked(self, task_id):
        """The seller has to tell, and no more lists are asked for."""
        self.assert_unknown(task_id)
        self.sweep()
        self.assertIsNone(self.poll_id())

    def assert_found(self, task_id, item):
        record = self.show(task_id)
        self.assertEqual(record["status"], "completed")
        self.assertEqual(record["settled"], "found")
        self.assertEqual(record["result"]["item"]["id"], item)
        self.assertNotIn("outcome", record)
        self.assert_problem(self.retry(task_id), 409, "not_repeatable")

    def assert_not_found(self, task_id):
        record = self.show(task_id)
        self.assertEqual(record["status"], "failed")
        self.assertEqual(record["settled"], "not found")
        self.assertIn("not found", record["error"])
        self.assertEqual(self.retry(task_id).status, 200)


class Lists(Settling):
    def test_found(self):
        """a listing whose answer was lost is found, and in the catalogue"""
        for word in (UNKNOWN_WORD, INTERRUPTED, None):
            params = {**GUIDE_CREATE, "title": f"Robe {word}"[:40]}
            task_id = self.lose(params, word, priority=7)
            self.assert_unknown(task_id)
            item = self.shop.put(params)
            task = self.shop.answer_list()
            self.assertEqual(task["priority"], 7)
            self.assertEqual(
                task["params"], {"user_id": 29535217, "per_page": 96}
            )
            self.sweep()
            self.sweep()
            self.assert_found(task_id, item)
            rows = self.api.get(
                "/api/products?user_id=42&limit=100", token=self.plugin
            ).json["products"]
            row = next(row for row in rows if row["id"] == item)
            self.assertEqual(row["listed_by"], task_id)

    def test_forgotten(self):
        """a case removed by hand is nobody's but the seller's any more"""
        kept = []
        for priority in (1, 2, 3):  # before the list for the one before
            params = {**GUIDE_CREATE, "title": f"Robe {priority}"}
            kept.append(self.lose(params, priority=priority))
            for name in self.root.ls("unknown", 42):
                os.unlink(self.root.place("unknown", 42, name))
            item = self.shop.put(params)
        while self.root.ls("pending", 42):  # the lists that wait already
            self.list_once()
            self.shop.pass_time()
        self.sweep()
        self.assertEqual(self.root.ls("unknown", 42), [])
        self.assertIsNone(self.poll_id())
        for task_id in kept:
            self.assert_unknown(task_id)
        first, second, third = kept
        self.assertEqual(self.settle(first, found=False).status, 200)
        self.assert_not_found(first)
        self.assertEqual(self.retry(second, force=True).status, 200)
        answer = self.settle(third, found=True, item_id=item)
        self.assertEqual(answer.status, 200, answer)
        self.assert_found(third, item)

    def test_missing(self):
        """what two complete lists apart lack has failed, and may be retried"""
        task_id = self.lose()
        self.list_once()
        self.assert_unknown(task_id)
        waiting = self.api.get(
            "/api/tasks?user_id=42&status=pending", token=self.plugin
        ).json["tasks"]
        self.assertEqual(
            [task["action"] for task in waiting], ["get_all_products"]
        )
        self.assertIn("not_before", waiting[0])
        self.shop.pass_time()
        self.sweep()
        self.list_once()
        self.assert_not_found(task_id)

    def test_found_in_the_second(self):
        """Vinted shows late what it has taken"""
        task_id = self.lose()
        self.list_once()
        item = self.shop.put(GUIDE_CREATE)
        self.shop.pass_time()
        self.sweep()
        self.list_once()
        self.assert_found(task_id, item)

    def test_no_proof(self):
        """a list of the guide's plugin may say found, and never not found"""
        task_id = self.lose()
        self.list_once(account=None)
        self.assert_asked(task_id)
        other = self.lose({**GUIDE_CREATE, "title": "Autre", "price": "3.00"})
        item = self.shop.put({"title": "Autre", "price": "3.00"})
        self.list_once(account=None)
        self.assert_found(other, item)
        self.assert_asked(task_id)

    def test_incomplete(self):
        """nor does one that says itself that it is not whole"""
        for data in ({"complete": False}, {"owner": False}, {"total": 9}):
            task_id = self.lose()
            self.list_once(**data)
            self.assert_asked(task_id)
            self.settle(task_id, found=False)

    def test_failed_list(self):
        """a list that comes to nothing leaves the question to the seller"""
        task_id = self.lose()
        asked = self.poll_id()
        self.finish(asked, {"success": False, "error": "bloqué"})
        self.assert_asked(task_id)

    def test_later_sync(self):
        """a sync settles what the seller was asked about"""
        task_id = self.lose()
        self.list_once(account=None)
        item = self.shop.put(GUIDE_CREATE)
        answer = self.api.post(
            "/api/sync/vinted", {"user_id": 42}, token=self.backend
        )
        self.assertEqual(self.poll_id(), answer.json["task_id"])
        self.finish(answer.json["task_id"], self.shop.listed())
        self.sweep()
        self.assert_found(task_id, item)

    def test_sync_returns_it(self):
        """a sync that is asked for meanwhile is this list"""
        self.lose()
        answer = self.api.post(
            "/api/sync/vinted", {"user_id": 42}, token=self.backend
        )
        self.assertEqual(answer.json["task_id"], self.poll_id())

    def test_unknown_seller(self):
        """whose wardrobe it is is asked first"""
        os.remove(self.root.place("users", "42.json"))
        task_id = self.lose()
        item = self.shop.put(GUIDE_CREATE)
        task = self.poll()
        self.assertEqual(task["action"], "get_user_data")
        self.finish(
            task["task_id"],
            {"success": True, "data": {"user_id": 29535217, "login": "shop"}},
        )
        self.sweep()
        self.list_once()
        self.assert_found(task_id, item)

    def test_changed_account(self):
        """another account's wardrobe lacks it, which proves nothing"""
        task_id = self.lose()
        self.poll_id()
        answer = self.api.post(
            "/api/account/change", {"user_id": 42}, token=self.backend
        )
        self.assertEqual(answer.status, 200, answer)
        self.resume()
        self.shop.introduce(OTHER)
        self.sweep()
        self.assert_unknown(task_id)

    def test_handed_out_before_the_change(self):
        """what may have gone to another account is not found by its words"""
        task_id = self.start()
        self.change(OTHER)
        self.make_overdue(task_id)
        self.sweep()
        self.shop.put({**GUIDE_CREATE, **PHOTOS})
        self.list_once(account=OTHER)
        self.assert_asked(task_id)

    def test_handed_out_before_a_change_by_hand(self):
        """nor where users/42.json of before came back by mv"""
        self.change(OTHER)
        task_id = self.start()
        users = self.root.place("users")
        os.rename(f"{users}/42.json", f"{users}/42.99.json")
        os.rename(f"{users}/42.29535217.json", f"{users}/42.json")
        self.make_overdue(task_id)
        self.sweep()
        self.shop.put(GUIDE_CREATE)
        self.list_once()
        self.assert_asked(task_id)

    def resume(self):
        path = self.root.place("pending", 42, "PAUSED")
        if os.path.exists(path):
            os.unlink(path)

    def change(self, account):
        """The account is given up, and another is signed in from now on."""
        answer = self.api.post(
            "/api/account/change", {"user_id": 42}, token=self.backend
        )
        self.assertEqual(answer.status, 200, answer)
        self.resume()
        data = {"user_id": account["id"], "login": account["login"]}
        task_id = self.create(action="get_user_data", priority=999)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, {"success": True, "data": data})
        self.sweep()

    def test_found_after_there_and_back(self):
        """what a list finds is the seller's, whenever it was handed out"""
        self.shop.put({"title": "Veste", "price": "9.00"})
        task_id = self.lose(word={**UNKNOWN_WORD, "account": ACCOUNT})
        self.change(OTHER)
        self.change(ACCOUNT)
        item = self.shop.put({**GUIDE_CREATE, **PHOTOS})
        self.list_once()
        self.assert_found(task_id, item)
        self.sweep()
        lines = self.root.read("products", "42.ndjson").splitlines()
        rows = {row["id"]: row for row in map(json.loads, lines)}
        self.assertEqual(rows[item]["listed_by"], task_id)
        self.assertEqual(self.show(task_id)["account"], ACCOUNT)

    def lose_at_another(self, word):
        """Lost while OTHER was the seller, who is ACCOUNT again then. No list
        had been queued."""
        self.change(OTHER)
        task_id = self.lose(word=word)
        for name in self.root.ls("pending", 42):
            os.unlink(self.root.place("pending", 42, name))
        self.change(ACCOUNT)
        return task_id

    def test_account_came_back(self):
        """nor where that account was the seller's before, and is so again"""
        for word in ({**UNKNOWN_WORD, "account": OTHER}, None):
            task_id = self.lose_at_another(word)
            self.list_once()
            self.assert_asked(task_id)
            (entry,) = self.root.ls("unknown", 42)
            self.assertIn("-asked-", entry)
            self.assertEqual(self.settle(task_id, found=False).status, 200)
            self.sweep()

    def test_same_words_elsewhere(self):
        """what another account lists in the same words is another item"""
        word = {**UNKNOWN_WORD, "account": OTHER}
        task_id = self.lose_at_another(word)
        self.shop.put(GUIDE_CREATE)
        self.list_once()
        self.assert_asked(task_id)

    def test_one_list_for_all(self):
        """twenty lost answers need no twenty lists"""
        tasks = [
            self.start({**GUIDE_CREATE, "title": f"Robe {n}"})
            for n in range(20)
        ]
        for task_id in tasks:
            self.finish(task_id, UNKNOWN_WORD)
            self.sweep()
        items = [
            self.shop.put({**GUIDE_CREATE, "title": f"Robe {n}"})
            for n in range(20)
        ]
        self.list_once()
        for task_id, item in zip(tasks, items):
            self.assert_found(task_id, item)
        self.assertIsNone(self.poll_id())


class Matching(Settling):
    def test_twice_the_same(self):
        """two tasks, two items: each has one; one item: one may be retried"""
        tasks = [self.start(), self.start()]
        for task_id in tasks:
            self.finish(task_id, UNKNOWN_WORD)
        self.sweep()
        item = self.shop.put(GUIDE_CREATE)
        self.list_twice()
        records = [self.show(task_id) for task_id in tasks]
        self.assertEqual(
            sorted(record["settled"] for record in records),
            ["found", "not found"],
        )
        found = next(r for r in records if r["settled"] == "found")
        self.assertEqual(found["result"]["item"]["id"], item)

    def test_by_hand(self):
        """more items than tasks: which is ours cannot be told"""
        task_id = self.lose()
        self.shop.put(GUIDE_CREATE)
        self.shop.put(GUIDE_CREATE)
        self.list_once()
        self.assert_asked(task_id)

    def test_photos(self):
        """photos tell one from the other, and alone decide"""
        task_id = self.lose({**GUIDE_CREATE, **PHOTOS})
        other = {"assigned_photos": [{"id": 55}]}
        self.shop.put({**GUIDE_CREATE, **other})
        item = self.shop.put({**GUIDE_CREATE, "title": "Changé", **PHOTOS})
        self.list_once()
        self.assert_found(task_id, item)

    def test_photos_missing(self):
        """an item with other photos is another one"""
        task_id = self.lose({**GUIDE_CREATE, **PHOTOS})
        self.shop.put({**GUIDE_CREATE, "assigned_photos": [{"id": 55}]})
        self.list_twice()
        self.assert_not_found(task_id)

    def test_known_before(self):
        """the same was listed by a task of ours before"""
        first = self.start()
        item = self.shop.put(GUIDE_CREATE)
        self.finish(
            first, {"success": True, "data": {"item": self.shop.items[item]}}
        )
        self.sweep()
        task_id = self.lose()
        self.list_twice()
        self.assert_not_found(task_id)

    def test_running(self):
        """an item may be that of a task whose plugin has not answered yet"""
        first = self.start()
        task_id = self.lose()
        item = self.shop.put(GUIDE_CREATE)
        self.list_once()
        self.assert_unknown(task_id)
        self.finish(
            first, {"success": True, "data": {"item": self.shop.items[item]}}
        )
        self.sweep()
        self.list_twice()
        self.assert_not_found(task_id)

    def test_published_before(self):
        """one that was published hours before is not ours, nor is it surely
        not: the clocks may differ"""
        task_id = self.lose()
        self.shop.put({**GUIDE_CREATE, **PHOTOS}, published=1700000000)
        self.list_once()
        self.assert_asked(task_id)

    def test_resembling(self):
        """an item that came then and has another price may have been ours"""
        task_id = self.lose()
        self.shop.put({**GUIDE_CREATE, "price": "14.00"})
        self.list_once()
        self.assert_asked(task_id)

    def test_shapes(self):
        """capitals, blanks and the form of the price make no difference"""
        task_id = self.lose(
            {**GUIDE_CREATE, "title": " ROBE  d'été ", "price": 15}
        )
        item = self.shop.put({"title": "Robe d'Été", "price": "15.0"})
        self.list_once()
        self.assert_found(task_id, item)


class Words(Settling):
    def test_late_word(self):
        """the plugin's own word takes the place of what was settled"""
        task_id = self.lose()
        self.list_twice()
        item = self.shop.put(GUIDE_CREATE)
        self.finish(
            task_id, {"success": True, "data": {"item": {"id": item}}}
        )
        record = self.show(task_id)
        self.assertEqual(record["status"], "completed")
        self.assertNotIn("settled", record)

    def test_late_word_found(self):
        """a success also that of what was found, a failure does not"""
        task_id = self.lose()
        item = self.shop.put(GUIDE_CREATE)
        self.list_once()
        self.assert_found(task_id, item)
        self.finish(task_id, UNKNOWN_WORD)
        self.assert_problem(
            self.post_result(task_id, {"success": False, "error": "non"}),
            409,
            "result_conflict",
        )
        body = {"success": True, "data": {"item": {"id": item, "title": "x"}}}
        self.finish(task_id, body)
        self.finish(task_id, body)
        self.assertNotIn("settled", self.show(task_id))

    def test_unknown_then_known(self):
        """who did not know may know later"""
        task_id = self.lose()
        self.finish(task_id, {"success": False, "error": "Titre trop court"})
        record = self.show(task_id)
        self.assertNotIn("outcome", record)
        self.assertEqual(self.retry(task_id).status, 200)

    def test_forced(self):
        """a try that is made all the same is another one"""
        task_id = self.lose()
        self.assertEqual(self.retry(task_id, force=True).status, 200)
        self.sweep()
        self.assertEqual(self.task(task_id).state, "pending")

    def test_seller(self):
        """the seller's own word"""
        first = self.lose()
        second = self.lose(priority=9)
        self.assert_problem(
            self.settle(first, found=True), 422, "invalid_field", "item_id"
        )
        self.assert_problem(self.settle(first), 422, "invalid_field", "found")
        answer = self.settle(first, found=True, item_id=7750837999)
        self.assertEqual(
            answer.json, {"task_id": first, "status": "completed"}
        )
        self.sweep()
        self.assert_found(first, 7750837999)
        answer = self.settle(second, found=False)
        self.assertEqual(answer.json["status"], "failed")
        for task_id in (first, second):
            self.assert_problem(
                self.settle(task_id, found=False), 409, "outcome_known"
            )
        self.assert_not_found(second)
        self.assert_problem(
            self.settle(second, found=False), 409, "task_not_finished"
        )
        self.assert_problem(
            self.settle("none", found=False), 404, "unknown_task"
        )

    def test_photo(self):
        """of a photo only the seller can tell"""
        task_id = self.create("upload_photo", PARAMS["upload_photo"])
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, UNKNOWN_WORD)
        self.assert_asked(task_id)
        self.assertEqual(self.settle(task_id, found=True).status, 200)

    def test_repeatable(self):
        """what may be repeated is simply a failure"""
        task_id = self.create("delete_product")
        self.poll_id()
        self.finish(task_id, UNKNOWN_WORD)
        self.assertNotIn("outcome", self.show(task_id))
        self.assertEqual(self.retry(task_id).status, 200)

    def test_listed(self):
        """lists of tasks tell of it, too"""
        task_id = self.lose()
        answer = self.api.get(
            "/api/tasks?user_id=42&status=failed", token=self.plugin
        )
        self.assertEqual(answer.json["tasks"][0]["outcome"], "unknown")
        self.assertEqual(answer.json["tasks"][0]["task_id"], task_id)


del Settling

if __name__ == "__main__":
    main()
