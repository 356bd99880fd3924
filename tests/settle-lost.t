#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lost answers of create_product, in every way in which they get lost, by a
model of the plugin: see support/lost.py."""

from support import main
from support.lost import Lost, LostAnswers
from support.shop import INTERRUPTED, UNKNOWN_WORD, Shop


class Modelled(LostAnswers):
    def setUp(self):
        super().setUp()
        self.shop = Shop(self)
        for title in ("Jean", "Pull"):
            self.shop.put({"title": title, "price": "20.00"})
        self.shop.introduce()

    def lose_batch(self, drawn):
        batch = []
        batch += [self.start(params, batch) for params in drawn]
        pending = [lost for lost in batch if self.lose(lost)]
        for lost in batch:
            self.list_by_hand(lost)
        self.sweep()
        for lost in pending:  # Vinted shows it a little later
            lost.made.append(self.shop.put(lost.params))
        return batch

    def start(self, params, batch):
        task_id = self.create("create_product", params, priority=500)
        self.assertEqual(self.poll_id(), task_id)
        return Lost(task_id, params, batch)

    def lose(self, lost):
        """The answer is lost before, during or after the write, and the plugin
        says that it does not know, its browser is killed, or nobody says
        anything until the deadline. True: the write is still on its way."""
        when = self.random.choice(("before", "during", "after"))
        end = self.random.choice(("unknown", "killed", "deadline"))
        if when == "after":
            lost.made.append(self.shop.put(lost.params))
        if end == "deadline":
            self.make_overdue(lost.id)
        else:
            word = UNKNOWN_WORD if end == "unknown" else INTERRUPTED
            self.finish(lost.id, word)
        return when == "during" and self.random.random() < 0.5

    def settle_batch(self):
        for _ in range(20):
            self.sweep()
            task = self.poll()
            if task["task_id"] is not None:
                self.finish(task["task_id"], self.shop.listed())
                self.sweep()
            self.shop.pass_time()
            self.sweep()
            if not self.waits_for_lists():
                return
        self.fail("lists are asked for without end")

    def carry_out(self, retried):
        for lost in retried:
            self.assertEqual(self.poll_id(), lost.id)
            item = self.shop.put(lost.params)
            lost.made.append(item)
            data = {"item": self.shop.items[item]}
            self.finish(lost.id, {"success": True, "data": data})
        self.sweep()

    def test_campaign(self):
        """lost before, during and after; killed; late; twice; by hand"""
        self.lose_all()


del LostAnswers

if __name__ == "__main__":
    main()
