#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of operators and sellers: whose shop the queue is for."""

import os

from page import EVIL, Site
from stage import SELLER, main
from visit import ChromiumVisit, FirefoxVisit

LOGIN = "shop.ton.outfit"
OTHER = 666


class Account(Site):
    """The Vinted account of the queue, and another one."""

    def sign_in_at_vinted(self, number, login):
        """A plugin finds this account."""
        task = self.create("get_user_data")
        self.assertEqual(self.poll_id(), task)
        account = {"id": number, "login": login}
        data = {"user_id": number, "login": login}
        result = {"success": True, "data": data, "account": account}
        self.finish(task, result)
        self.sweep(check=False)

    def meet_other(self):
        """The queue is one account's, another one is signed in."""
        self.sign_in_at_vinted(SELLER, LOGIN)
        self.fill_catalogue(5)
        self.sign_in_at_vinted(OTHER, EVIL)

    def is_paused(self):
        return self.root.exists("pending", 42, "PAUSED")

    def test_account(self):
        """whose shop it is stands beside whether the plugin polls"""
        self.sign_in_at_vinted(SELLER, LOGIN)
        self.enter()
        self.until_read(f"{LOGIN} ({SELLER})", "#account")
        self.assertIn("since", self.read("#account"))
        self.assertFalse(self.is_shown("#other"))
        self.browser.click("#leave")
        self.until(lambda: self.read("#account") == "")

    def test_other(self):
        """another account is named, and the queue goes on by a click"""
        self.meet_other()
        self.enter()
        self.until(lambda: self.is_shown("#other"))
        told = self.read("#other")
        for words in (
            f"{LOGIN} ({SELLER})",
            f"{EVIL} ({OTHER})",
            "Nothing was written",
            "kept whole",
        ):
            self.assertIn(words, told)
        self.assertFalse(self.is_shown("#paused"))
        self.until_read("5 products", "#products-count")
        self.shoot(f"site-account-{self.name}")
        self.assert_accessible()
        self.browser.click("#other-resume")
        self.until(lambda: not self.is_paused())
        self.until(lambda: not self.is_shown("#other-resume"))
        self.sign_in_at_vinted(SELLER, LOGIN)
        self.until(lambda: not self.is_shown("#other"))

    def test_other_unnoted(self):
        """what the pause says is enough to ask the same"""
        self.meet_other()
        os.remove(self.root.place("users", "42.other"))
        self.enter()
        self.until(lambda: self.is_shown("#other-resume"))
        self.assertIn(f"as {OTHER}, on", self.read("#other-seen"))

    def test_other_by_hand(self):
        """a pause for another reason is told beside it"""
        self.meet_other()
        open(self.root.place("pending", 42, "PAUSED"), "w").close()
        self.enter()
        self.until(lambda: self.is_shown("#other"))
        self.until_read("Paused by hand.", "#paused-reason")
        self.assertFalse(self.is_shown("#other-resume"))

    def hold(self):
        """The account was changed while two tasks waited."""
        self.sign_in_at_vinted(SELLER, LOGIN)
        waits = [self.create() for _ in range(3)]
        self.assertEqual(self.poll_id(), waits[0])
        answer = self.api.post(
            "/api/account/change", {"user_id": 42}, token=self.backend
        )
        self.assertEqual(answer.status, 200, answer)
        self.enter()
        self.until(lambda: self.is_shown("#held"))
        self.assertFalse(self.is_shown("#paused"))
        self.until_read("Pending (2)", "#states")

    def test_held(self):
        """what waits for another account is given up by a click"""
        self.hold()
        self.shoot(f"site-held-{self.name}")
        self.assert_accessible()
        self.browser.click("#held-cancel")
        self.until_read("3 tasks cancelled", "#notice")
        self.until(lambda: not self.is_shown("#held"))
        self.assertFalse(self.is_paused())
        self.assertEqual(self.root.ls("pending", 42), [])

    def test_held_and_done(self):
        """or done with the new one"""
        self.hold()
        self.browser.click("#held-resume")
        self.until(lambda: not self.is_shown("#held"))
        self.assertFalse(self.is_paused())
        self.assertIsNotNone(self.poll_id())

    def test_change(self):
        """to work with the other one needs a person's word"""
        self.meet_other()
        self.enter()
        self.until(lambda: self.is_shown("#other"))
        self.until_read("5 products", "#products-count")
        for word in (False, True):
            self.assertTrue(self.is_paused())
            self.press_asking(
                "#other button",
                "Work with that other account",
                f"Work with {EVIL} ({OTHER}) from now on?",
                word,
            )
        self.until_read(f"catalogue of {LOGIN} ({SELLER}) is kept", "#notice")
        self.until(lambda: not self.is_shown("#other"))
        self.assertFalse(self.is_paused())
        self.until_read("0 products", "#products-count")
        self.assertTrue(self.root.exists("products", f"42.{SELLER}.ndjson"))
        self.sign_in_at_vinted(OTHER, EVIL)
        self.until_read(f"{EVIL} ({OTHER})", "#account")


class FirefoxAccount(Account, FirefoxVisit):
    """In Firefox."""


class ChromiumAccount(Account, ChromiumVisit):
    """In Chromium."""


if __name__ == "__main__":
    main()
