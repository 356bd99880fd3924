#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of operators and sellers: who is let in, and what can go wrong."""

import os
import re

from page import Site
from stage import main
from visit import ChromiumVisit, FirefoxVisit

from support.web import OwnServer, Server



class Door(Site):
    """Signing in, and how it ends."""

    def test_enter(self):
        """a wrong token is refused, a right one stays in its tab alone"""
        self.browser.go(f"{self.url}/")
        self.until(lambda: self.is_shown("#enter"))
        self.assertEqual(self.focus(), "token")
        self.shoot(f"site-enter-{self.name}")
        self.assert_accessible()
        self.sign_in("x" * 48, "")
        self.until_read("The token is not accepted.", "#notice")
        self.assertTrue(self.is_shown("#enter"))
        self.assert_accessible()
        self.shoot(f"site-refused-{self.name}")
        self.sign_in(self.plugin, "")
        self.until(lambda: self.is_shown("#inside"))
        self.assertFalse(self.is_shown("#notice"))
        self.assertEqual(self.focus(), "main")
        self.until_read("No tasks here.")
        self.assert_accessible()
        self.shoot(f"site-empty-{self.name}")
        self.browser.go(f"{self.url}/")
        self.until(lambda: self.is_shown("#inside"))
        kept = "return [localStorage.length, document.cookie]"
        self.assertEqual(self.browser.script(kept), [0, ""])
        self.browser.click("#leave")
        self.until(lambda: self.is_shown("#enter"))
        kept = "return sessionStorage.length"
        self.assertEqual(self.browser.script(kept), 0)
        for passed in self.relay.passed:
            self.assertNotIn(self.plugin, passed.path)

    def test_user(self):
        """a token for all users wants one; one for 42 is good for no other"""
        self.browser.go(f"{self.url}/")
        self.sign_in(self.backend, "")
        self.until_read("user_id", "#notice")
        self.assertTrue(self.is_shown("#enter"))
        self.sign_in(self.plugin, "43")
        self.until_read("This token is not good for that user.", "#notice")
        self.sign_in(self.backend, "43")
        self.until(lambda: self.is_shown("#inside"))
        self.submit("get_user_data", {})
        self.until(lambda: self.root.ls("pending", 43))
        [name] = self.root.ls("pending", 43)
        self.assertEqual(self.root.json("pending", 43, name)["user_id"], 43)

    def test_scope(self):
        """a token that does not allow something says so"""
        self.enter(self.plugin, "")
        self.submit("get_user_data", {})
        self.until_read("This token does not allow that.", "#notice")
        self.browser.click("#notice-close")
        self.assertFalse(self.is_shown("#notice"))
        self.assertEqual(self.root.ls("pending", 42), [])

    def test_backend_down(self):
        """the page says that the backend is gone, and when it is back"""
        self.enter()
        self.relay.is_down = True
        self.until_read("The server does not answer", "#notice")
        self.shoot(f"site-down-{self.name}")
        self.relay.is_down = False
        self.until(lambda: not self.is_shown("#notice"))

    def test_revoked(self):
        """a token that is revoked meanwhile leads back to the door"""
        self.enter(self.plugin, "")
        folder = os.path.join(self.root.path, "etc", "tokens")
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name))
        self.until(lambda: self.is_shown("#enter"))
        self.until_read("The token is not accepted.", "#notice")
        self.cron = self.root.token("*", "cron")


class FirefoxDoor(Door, FirefoxVisit):
    """In Firefox."""


class ChromiumDoor(Door, ChromiumVisit):
    """In Chromium."""


class PlainServer(Server):
    def configuration(self):
        rules = r"(?s)url\.rewrite-once = \(.*?\n\)\n"
        text, count = re.subn(rules, "", super().configuration())
        assert count == 1, "the rewriting rules are not found"
        return text


class Plain(OwnServer):
    """A server that rewrites nothing: the API is below /cgi-bin."""

    prefix = "/cgi-bin"
    kind = PlainServer


class WithoutRewriting(FirefoxVisit):
    """A host without rewriting rules."""

    transport = Plain

    def test_plain(self):
        """the page finds the API below /cgi-bin by itself"""
        self.enter()
        task = self.drop_task("get_stats", {"item_id": 5})
        self.until(lambda: "get_stats" in self.row(task))
        self.browser.click("#create button")
        self.until_read("Added to the queue", "#notice")
        self.assertTrue(self.relay.seen("GET", "^/cgi-bin/api/tasks"))


if __name__ == "__main__":
    main()
