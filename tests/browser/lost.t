#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A create_product whose answer is lost before, during or after the write, in
real browsers: lists settle it, and what is then retried is there once.

settle-plugin.t does so a thousand times, without a browser.
"""

import threading

from stage import CREATE, SELLER, SHOP, everywhere, main
from support.shop import Shop

PATH = "item_upload"
LATE = 120  # seconds: two lists, one after the other, and browsers that start


@everywhere
class Lost:
    """The seller's wardrobe is known to the backend."""

    items = 3

    def prepare(self):
        super().prepare()
        self.run_task("get_user_data")
        self.run_task("get_all_products", {"user_id": SELLER})
        self.assertEqual(len(self.catalogue()), self.items)

    # --- How it gets lost -------------------------------------------------

    def begin(self, when):
        """A task whose request has arrived, and a function that lets it go on:
        Vinted writes nothing, or only then, or has done so."""
        if when == "after":
            reached, gate = threading.Event(), threading.Event()
            self.site.after("POST", PATH, lambda: reached.set() or gate.wait())
            go_on = gate.set
        else:
            slow = self.site.hold("POST", PATH)
            reached, gate = slow.reached, slow.gate

            def go_on():
                slow.status = 0 if when == "during" else 502
                gate.set()

        self.addCleanup(gate.set)
        task = self.drop_task("create_product", CREATE, timeout=600)
        self.assertTrue(reached.wait(60))
        return task, go_on

    def close_tab(self, when):
        task, go_on = self.begin(when)
        self.browser.close_tab()
        self.assert_unknown(task)
        go_on()
        self.browser.new_tab(SHOP)
        return task

    def kill(self, when, is_late=False):
        task, go_on = self.begin(when)
        self.browser.kill()
        if is_late:
            self.make_overdue(task)
            self.sweep()
            self.assert_unknown(task)
        go_on()
        self.browser.open()
        self.browser.new_tab(SHOP)
        self.assert_unknown(task)
        return task

    # --- What becomes of it -----------------------------------------------

    def show(self, task):
        return self.api.get(f"/api/tasks/{task}", token=self.plugin).json

    def assert_unknown(self, task):
        """Or it has been settled meanwhile."""
        self.finished(task, LATE)
        record = self.show(task)
        self.assertTrue({"outcome", "settled"} & set(record), record)

    def settled(self, task):
        """Its record, once lists have told: minutes pass, and all that the
        plugin says is taken in."""
        clock = Shop(self)

        def turn():
            if self.root.ls("executing", 42):
                return False
            self.sweep(check=False)
            clock.pass_time()
            return "settled" in self.show(task)

        self.until(turn, LATE)
        return self.show(task)

    def made(self):
        """The numbers of what was listed."""
        with self.site.lock:
            items = list(self.site.items.values())
        return [i["id"] for i in items if i["title"] == CREATE["title"]]

    def retry(self, task):
        return self.api.post(
            f"/api/tasks/{task}/retry", {}, token=self.backend
        )

    def check_found(self, task):
        record = self.settled(task)
        self.assertEqual(record["settled"], "found", record)
        self.assertEqual([record["result"]["item"]["id"]], self.made())
        self.assert_problem(self.retry(task), 409, "not_repeatable")

    def check_not_found(self, task):
        record = self.settled(task)
        self.assertEqual(record["settled"], "not found", record)
        self.assertEqual(self.made(), [])
        self.assertEqual(self.retry(task).status, 200)
        self.assertEqual(self.finished(task, LATE)["status"], "completed")
        self.assertEqual(len(self.made()), 1)

    def test_refused(self):
        """before: something else answers in Vinted's place"""
        task, go_on = self.begin("before")
        go_on()
        self.assert_unknown(task)
        self.check_not_found(task)

    def test_closed_before(self):
        """before: the tab is closed"""
        self.check_not_found(self.close_tab("before"))

    def test_closed_during(self):
        """during: the tab is closed, and Vinted goes on"""
        self.check_found(self.close_tab("during"))

    def test_closed_after(self):
        """after: the tab is closed while the answer is on its way"""
        self.check_found(self.close_tab("after"))

    def test_killed_before(self):
        """before: the browser dies"""
        self.check_not_found(self.kill("before"))

    def test_killed_during(self):
        """during: the browser dies, and Vinted goes on"""
        self.check_found(self.kill("during"))

    def test_killed_after(self):
        """after: the browser dies"""
        self.check_found(self.kill("after"))

    def test_late(self):
        """after: the browser is dead until the deadline has passed"""
        self.check_found(self.kill("after", is_late=True))

    def test_told_late(self):
        """the deadline passes, and then the answer comes after all"""
        task, go_on = self.begin("after")
        self.make_overdue(task)
        self.sweep()
        self.assert_unknown(task)
        go_on()
        self.until(lambda: self.show(task)["status"] == "completed")
        record = self.show(task)
        self.assertEqual([record["result"]["item"]["id"]], self.made())
        self.assertNotIn("settled", record)


if __name__ == "__main__":
    main()
