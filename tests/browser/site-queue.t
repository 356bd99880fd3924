#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of operators and sellers: the queue, and a task's story."""

from page import EVIL, Site
from stage import main
from visit import ChromiumVisit, FirefoxVisit

from support.case import PARAMS



class Queue(Site):
    """What is shown of tasks, and done to them."""

    def test_live(self):
        """a dropped file appears by itself, and goes its way under the tabs"""
        self.enter()
        self.until_read("❌ StoFlow plugin not connected", "#plugin")
        task = self.drop_task("get_stats", {"item_id": 5})
        self.until(lambda: "pending" in self.row(task))
        self.until_read("Pending (1)", "#states")
        self.assertEqual(self.poll_id(), task)
        self.until(lambda: "executing" in self.row(task))
        self.until_read("✅ StoFlow plugin connected and ready", "#plugin")
        self.choose_tab("Pending (0)")
        self.until(lambda: self.row(task) == "")
        self.choose_tab("Executing (1)")
        self.until(lambda: self.row(task) != "")
        self.tell_progress(task, done=3, total=80, message="page 3")
        self.until(lambda: "3/80 page 3" in self.row(task))
        self.shoot(f"site-executing-{self.name}")
        self.assert_accessible()
        self.finish(task, {"success": False, "error": "item gone"})
        self.until(lambda: self.row(task) == "")
        self.choose_tab("Failed")
        self.until(lambda: "item gone" in self.row(task))

    def tell_progress(self, task, **body):
        answer = self.api.post(
            f"/api/plugin/tasks/{task}/progress", body, token=self.plugin
        )
        self.assertEqual(answer.status, 200, answer)

    def test_pause(self):
        """a pause by hand shows with its reason, and ends by a click"""
        self.enter()
        task = self.drop_task("get_stats", {"item_id": 5})
        self.until(lambda: self.row(task) != "")
        self.root.make("pending", 42)
        with open(self.root.place("pending", 42, "PAUSED"), "w") as file:
            file.write(f"Vinted demande un captcha {EVIL}\n")
        self.until_read("captcha <img src=x", "#paused-reason")
        self.assertFalse(self.is_shown("#pause"))
        self.shoot(f"site-paused-{self.name}")
        self.assert_accessible()
        self.browser.click("#resume")
        self.until(lambda: not self.is_shown("#paused"))
        self.assertFalse(self.root.exists("pending", 42, "PAUSED"))
        self.browser.click("#pause")
        self.until(lambda: self.root.exists("pending", 42, "PAUSED"))
        self.until_read("Paused by hand.", "#paused-reason")
        self.browser.click("#resume")
        self.until(lambda: not self.root.exists("pending", 42, "PAUSED"))

    def test_cancel(self):
        """a waiting task is cancelled, a running one is asked to stop"""
        self.enter()
        waiting = self.drop_task("get_stats", {"item_id": 5})
        self.until(lambda: self.row(waiting) != "")
        self.press_in_row(waiting, "Cancel")
        self.until(lambda: "cancelled" in self.row(waiting))
        record = self.root.json("done", 42, f"{waiting}.failed.json")
        self.assertEqual(record["declared"], "cancelled")
        running = self.drop_task("get_stats", {"item_id": 6})
        self.assertEqual(self.poll_id(), running)
        self.until(lambda: "executing" in self.row(running))
        self.press_in_row(running, "Cancel")
        self.until(lambda: "cancel requested" in self.row(running))
        self.assertTrue(
            self.root.exists("progress", 42, f"{running}.cancel")
        )
        self.assertNotIn("Cancel\n", self.row(running))
        self.finish(running)

    def test_retry(self):
        """what has acted is done again on a person's word only"""
        self.enter()
        params = PARAMS["create_product"]
        task = self.drop_task("create_product", params)
        self.assertEqual(self.poll_id(), task)
        self.finish(task)
        self.until(lambda: "completed" in self.row(task))
        self.assertIn("Create a product\ncreate_product", self.row(task))
        self.press_in_row(task, "Retry")
        self.until(lambda: "duplicate" in self.browser.question())
        self.answer(False)
        self.assertIn("completed", self.row(task))
        self.assertEqual(self.root.ls("pending", 42), [])
        self.press_in_row(task, "Retry")
        self.until(lambda: "duplicate" in self.browser.question())
        self.answer(True)
        self.until(lambda: "pending" in self.row(task))
        self.assertEqual(self.queued()["params"], params)

    def test_dialog(self):
        """a task's whole story, and what can be done to it"""
        self.enter()
        task = self.drop_task("get_stats", {"item_id": 5}, retries=0)
        self.assertEqual(self.poll_id(), task)
        self.finish(task, {"success": False, "error": "HTTP 404"})
        self.until(lambda: "HTTP 404" in self.row(task))
        self.press_in_row(task, "Show")
        self.until(lambda: self.is_shown("dialog"))
        self.assertEqual(self.focus(), "task-title")
        told = self.read("#task-members")
        for words in (task, "HTTP 404", "Result received", "60 sec"):
            self.assertIn(words, told)
        self.browser.click("#task summary")
        self.assertIn('"item_id": 5', self.read("#task-json"))
        self.shoot(f"site-dialog-{self.name}")
        self.assert_accessible()
        self.press("Escape")
        self.until(lambda: not self.is_shown("dialog"))
        self.press_in_row(task, "Show")
        self.until(lambda: self.is_shown("dialog"))
        self.browser.script(
            """[...document.querySelectorAll("#task-actions button")].find(
                (each) => each.textContent === "Retry").click();"""
        )
        self.until(lambda: "pending" in self.row(task))
        self.assertFalse(self.is_shown("dialog"))

    def test_sync(self):
        """the button queues what a sync needs, and the page says so"""
        self.enter(self.plugin, "")
        self.browser.click("#sync")
        self.until_read("Synchronisation started", "#notice")
        self.until_read("get_user_data", "#tasks")
        self.assertEqual(self.queued()["action"], "get_user_data")

    def test_keyboard(self):
        """the whole way by Tab and Enter, and the focus is not lost"""
        self.browser.go(f"{self.url}/")
        self.until(lambda: self.focus() == "token")
        self.press(*self.backend, "Tab", *"42", "Enter")
        self.until(lambda: self.is_shown("#inside"))
        self.until(lambda: self.focus() == "main")
        self.tab_to("sync")
        self.press("Enter")
        self.until(lambda: self.root.ls("pending", 42))
        self.until_read("get_user_data", "#tasks")
        self.until(lambda: self.is_shown("#tasks button"))
        self.assertEqual(self.focus(), "sync")
        self.tab_to("Show")
        # Rows come, go and change around the one that has the focus.
        first = self.queued()["task_id"]
        other = self.drop_task("get_stats", {"item_id": 5}, priority=9)
        self.until(lambda: self.row(other) != "")
        self.assertEqual(self.label(), "Show")
        self.assertEqual(self.poll_id(), other)
        self.until(lambda: "executing" in self.row(other))
        self.finish(other)
        self.until(lambda: "completed" in self.row(other))
        self.assertEqual(self.poll_id(), first)
        self.until(lambda: "executing" in self.row(first))
        self.assertEqual(self.label(), "Show")
        self.press("Enter")
        self.until(lambda: self.is_shown("dialog"))
        self.assertIn(first, self.read("#task-members"))
        self.press("Escape")
        self.until(lambda: not self.is_shown("dialog"))
        self.tab_to("create-action")
        self.press("Tab", "Tab", "Enter")
        self.until_read("get_user_data", "#tasks")
        self.tab_to("search-text")
        self.press(*"abc")
        self.until(lambda: self.relay.seen("GET", "q=abc"))
        self.finish(first)

    def tab_to(self, wanted):
        """Goes on by Tab until this id or label has the focus."""
        for _ in range(40):
            if wanted in (self.focus(), self.label()):
                ring = "document.activeElement.matches(':focus-visible')"
                self.assertTrue(self.browser.script(f"return {ring}"))
                return
            self.press("Tab")
        self.fail(f"Tab never reaches {wanted}")


class FirefoxQueue(Queue, FirefoxVisit):
    """In Firefox."""


class ChromiumQueue(Queue, ChromiumVisit):
    """In Chromium."""


if __name__ == "__main__":
    main()
