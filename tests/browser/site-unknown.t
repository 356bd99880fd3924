#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of operators and sellers: what nobody knows, and what went wrong."""

import json

from page import EVIL, Site
from stage import main
from visit import ChromiumVisit, FirefoxVisit

from support.case import PARAMS

LISTING = "https://www.vinted.fr/items/7750837522-t-shirt?referrer=catalog"


class Unknown(Site):
    """Tasks that a person has to see to."""

    def lose(self, action="create_product"):
        """A task of which no word came; returns its id."""
        task = self.drop_task(action, PARAMS[action])
        self.assertEqual(self.poll_id(), task)
        self.make_overdue(task)
        self.until(lambda: self.is_over(task))
        return task

    def is_over(self, task):
        """After one sweep, which does nothing while another is under way."""
        self.sweep(check=False)
        return self.root.exists("done", 42, f"{task}.failed.json")

    def said(self, task):
        """What was said of a task that was to be settled."""
        self.until(lambda: self.relay.seen("POST", f"{task}/settle"))
        [asked] = self.relay.seen("POST", f"{task}/settle")
        return json.loads(asked.body)

    def test_found(self):
        """that it is there, and under which number"""
        task = self.lose()
        self.enter()
        words = "Nobody knows whether it was listed"
        self.until(lambda: words in self.row(task))
        self.shoot(f"site-unknown-{self.name}")
        self.assert_accessible()
        self.press_in_row(task, "Show")
        self.until(lambda: self.is_shown("#task"))
        self.assertIn(words, self.read("#task-members"))
        self.press_button("#task-actions button", "It is on Vinted")
        self.until(lambda: self.is_shown("#settle"))
        self.assertFalse(self.is_shown("#task"))
        self.assert_accessible()
        self.shoot(f"site-settle-{self.name}")
        for wrong in ("", "https://www.vinted.fr/member/5"):
            self.browser.fill("#listing", wrong)
            self.browser.click("#settle .main")
            self.assertTrue(self.is_shown("#settle"))
        self.browser.fill("#listing", LISTING)
        self.browser.click("#settle .main")
        word = {"found": True, "item_id": 7750837522}
        self.assertEqual(self.said(task), word)
        self.until(lambda: "Found on Vinted" in self.row(task))
        self.assertFalse(self.is_shown("#settle"))
        self.assertIn("completed", self.row(task))
        self.assertNotIn("It is not there", self.row(task))

    def test_found_photo(self):
        """no number is asked of a photo"""
        self.enter()
        task = self.lose("upload_photo")
        self.until(lambda: "whether the photo was added" in self.row(task))
        self.press_in_row(task, "It is on Vinted")
        self.assertEqual(self.said(task), {"found": True})
        self.until(lambda: "Found on Vinted" in self.row(task))

    def test_not_found(self):
        """that it is not there is asked again; then it may be done again"""
        task = self.lose()
        self.enter()
        self.until(lambda: "Nobody knows" in self.row(task))
        absent = (f'[data-task="{task}"] button', "It is not there",
                  "Have you looked on Vinted?")
        self.press_asking(*absent, False)
        self.assertEqual(self.relay.seen("POST", "/tasks"), [])
        self.press_asking(*absent, True)
        self.assertEqual(self.said(task), {"found": False})
        self.until(lambda: "may safely be done again" in self.row(task))
        self.press_in_row(task, "Show")
        self.until(lambda: self.is_shown("#task"))
        self.assertIn("may safely be done again", self.read("#task-members"))
        self.press_button("#task-actions button", "Retry")
        self.until(lambda: "pending" in self.row(task))

    def test_forced(self):
        """to do it again all the same needs a person's word first"""
        task = self.lose()
        self.enter()
        self.until(lambda: "Nobody knows" in self.row(task))
        retry = (f'[data-task="{task}"] button', "Retry",
                 "may have acted on Vinted already")
        self.press_asking(*retry, False)
        self.assertEqual(self.relay.seen("POST", "/tasks"), [])
        self.press_asking(*retry, True)
        self.until(lambda: "pending" in self.row(task))
        [asked] = self.relay.seen("POST", f"{task}/retry")
        self.assertEqual(json.loads(asked.body), {"force": True})

    def tell(self, task, **members):
        """Has the backend tell these of a task from now on."""

        def change(answer):
            for each in answer.get("tasks", [answer]):
                if each.get("task_id") == task:
                    each.update(members)

        self.relay.change("/tasks", change)

    def test_last_error(self):
        """a task that waits again says why it failed the last time"""
        self.enter()
        task = self.drop_task("get_stats", {"item_id": 5})
        self.until(lambda: self.row(task) != "")
        self.tell(
            task,
            last_error=f"Aucun onglet Vinted ouvert {EVIL}",
            last_error_at="2026-11-02T10:00:00.000000Z",
        )
        self.until(lambda: "Aucun onglet Vinted ouvert" in self.row(task))
        self.assertRegex(self.row(task), r"last failure \(11/2/26")
        self.press_in_row(task, "Show")
        self.until(lambda: self.is_shown("#task"))
        told = self.read("#task-members")
        self.assertIn(f"Last failure\nAucun onglet Vinted ouvert {EVIL}", told)
        self.assertIn("When it failed\n11/2/26", told)

    def test_partial(self):
        """a list that is not whole says why"""
        self.enter()
        task = self.drop_task("get_all_products", {"user_id": 29535217})
        self.assertEqual(self.poll_id(), task)
        reason = "2 annonces manquent"
        data = {"products": [], "total": 2, "complete": False, "reason": reason}
        self.finish(task, {"success": True, "data": data})
        self.until(lambda: f"incomplete list: {reason}" in self.row(task))


class FirefoxUnknown(Unknown, FirefoxVisit):
    """In Firefox."""


class ChromiumUnknown(Unknown, ChromiumVisit):
    """In Chromium."""


if __name__ == "__main__":
    main()
