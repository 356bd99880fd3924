#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lost answers of create_product, in every way in which they get lost: none is
listed twice, nearly all are settled by themselves, and none wrongly.

STOFLOW_LOST=1000 makes it so many; STOFLOW_SEED draws those of an earlier run.
"""

import os
import random
import sys

from support import Case, main
from support.case import GUIDE_CREATE
from support.reader import Tree
from support.shop import INTERRUPTED, UNKNOWN_WORD, Shop

BATCH = 25
RIGHT = 0.99  # the least share that must be settled by itself


class Lost:
    """One create_product, and what really became of it."""

    def __init__(self, task_id, params):
        self.id = task_id
        self.params = params
        self.item = None  # what the write made

    @property
    def marks(self):
        """By what a list tells it apart."""
        photos = [photo["id"] for photo in self.params["assigned_photos"]]
        return self.params["title"], self.params["price"], tuple(photos)


class Campaign(Case):
    def setUp(self):
        super().setUp()
        self.seed = os.environ.get("STOFLOW_SEED", str(random.getrandbits(32)))
        self.random = random.Random(self.seed)
        self.shop = Shop(self)
        for title in ("Jean", "Pull"):
            self.shop.put({"title": title, "price": "20.00"})
        self.shop.introduce()
        self.photo = 900000

    def draw_params(self, number):
        """Four in five with photos of their own, as Vinted wants them."""
        photos = []
        if self.random.random() < 0.8:
            for _ in range(self.random.randint(1, 4)):
                self.photo += 1
                photos.append({"id": self.photo, "orientation": 0})
        return {
            **GUIDE_CREATE,
            "title": f"Robe d'été n° {number}",
            "price": f"{self.random.randint(100, 9999999) / 100:.2f}",
            "assigned_photos": photos,
        }

    def draw_batch(self, first, count):
        """The params of so many; now and then the same twice, or with the
        same title and price and other photos."""
        drawn = []
        while len(drawn) < count:
            params = self.draw_params(first + len(drawn))
            drawn.append(params)
            if self.random.random() < 0.1 and len(drawn) < count:
                twin = dict(params)
                if params["assigned_photos"]:
                    self.photo += 1
                    twin["assigned_photos"] = [{"id": self.photo}]
                drawn.append(twin)
        return drawn

    def start(self, params):
        task_id = self.create("create_product", params, priority=500)
        self.assertEqual(self.poll_id(), task_id)
        return Lost(task_id, params)

    def lose(self, lost):
        """The answer is lost before, during or after the write, and the plugin
        says that it does not know, its browser is killed, or nobody says
        anything until the deadline. True: the write is still on its way."""
        when = self.random.choice(("before", "during", "after"))
        end = self.random.choice(("unknown", "killed", "deadline"))
        if when == "after":
            lost.item = self.shop.put(lost.params)
        if end == "deadline":
            self.make_overdue(lost.id)
        else:
            word = UNKNOWN_WORD if end == "unknown" else INTERRUPTED
            self.finish(lost.id, word)
        return when == "during" and self.random.random() < 0.5

    def list_by_hand(self, batch, lost):
        """The seller lists the same meanwhile, with photos of their own, as
        Vinted wants. Where the tasks gave none nothing tells which is which,
        and one by hand is taken for the one that lacks: so none lacks then."""
        self.photo += 1
        photos = [{"id": self.photo}]
        if not lost.params["assigned_photos"]:
            photos = []
            alike = [each for each in batch if each.marks == lost.marks]
            if any(each.item is None for each in alike):
                return
        self.shop.put({**lost.params, "assigned_photos": photos})

    def settle_batch(self):
        """Lists come until nothing waits for one."""
        for _ in range(20):
            self.sweep()
            task = self.poll()
            if task["task_id"] is not None:
                self.finish(task["task_id"], self.shop.listed())
                self.sweep()
            self.shop.pass_time()
            self.sweep()
            if self.poll_is_empty():
                return
        self.fail("lists are asked for without end")

    def poll_is_empty(self):
        return not any(
            "settle-" in name for name in self.root.ls("pending", 42)
        )

    def judge(self, batch):
        """How many are settled, by themselves and rightly."""
        settled = 0
        taken = {}
        tasks = Tree(self.root.path).tasks
        for lost in batch:
            record = tasks[42, lost.id].record
            if "settled" not in record:
                self.assertEqual(record["outcome"], "unknown")
                continue
            settled += 1
            if record["settled"] == "found":
                item = record["result"]["item"]["id"]
                self.assertNotIn(item, taken, "one item for two tasks")
                taken[item] = lost
        # Those that nothing tells apart may have each other's.
        made = {}
        for lost in batch:
            if lost.item is not None:
                made.setdefault(lost.marks, set()).add(lost.item)
        for item, lost in taken.items():
            self.assertIn(item, made.get(lost.marks, ()), "a wrong item")
        self.check_missing(batch, tasks, made)
        return settled

    def check_missing(self, batch, tasks, made):
        """What was told missing is missing: of those alike no more items are
        there than were found, or are asked about."""
        by_marks = {}
        for lost in batch:
            by_marks.setdefault(lost.marks, []).append(lost)
        for marks, alike in by_marks.items():
            records = [tasks[42, lost.id].record for lost in alike]
            missing = sum(r.get("settled") == "not found" for r in records)
            there = len(made.get(marks, ()))
            self.assertLessEqual(missing + there, len(alike), marks)

    def retry_all(self, batch):
        """A client that retries what has failed, never by force: each is then
        there once, but for what the seller is asked about."""
        for lost in batch:
            answer = self.api.post(
                f"/api/tasks/{lost.id}/retry", {}, token=self.backend
            )
            if answer.status != 200:
                self.assert_problem(answer, 409, "not_repeatable")
                continue
            self.assertEqual(self.poll_id(), lost.id)
            item = self.shop.put(lost.params)
            self.assertIsNone(self.made_by(batch, lost), "listed twice")
            lost.retried = item
            self.finish(
                lost.id,
                {"success": True, "data": {"item": self.shop.items[item]}},
            )
        self.sweep()

    @staticmethod
    def made_by(batch, lost):
        """The item of a task that is alike, and that none of them has."""
        alike = [each for each in batch if each.marks == lost.marks]
        retried = sum(hasattr(each, "retried") for each in alike)
        there = sum(each.item is not None for each in alike)
        return "twice" if retried + there >= len(alike) else None

    def test_campaign(self):
        """lost before, during and after; killed; late; twice; by hand"""
        count = int(os.environ.get("STOFLOW_LOST", "50"))
        settled = 0
        for first in range(0, count, BATCH):
            size = min(BATCH, count - first)
            batch = [self.start(p) for p in self.draw_batch(first, size)]
            pending = [lost for lost in batch if self.lose(lost)]
            for lost in batch:
                if self.random.random() < 0.05:
                    self.list_by_hand(batch, lost)
            self.sweep()
            for lost in pending:  # Vinted shows it a little later
                lost.item = self.shop.put(lost.params)
            self.settle_batch()
            settled += self.judge(batch)
            self.retry_all(batch)
        print(
            f"# seed {self.seed}: of {count} lost answers {settled} were "
            f"settled by themselves, none wrongly, none listed twice",
            file=sys.stdout,
        )
        self.assertGreaterEqual(settled / count, RIGHT if count > 200 else 0.9)


if __name__ == "__main__":
    main()
