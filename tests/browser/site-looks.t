#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Our pages in every light: French, dark, narrow, and for everybody."""

import os
import unittest

from page import Site
from stage import main
from visit import ChromiumVisit, FirefoxVisit

from support.tools import why_no_tool


class Looks(Site):
    """How the pages look, and what they load."""

    def test_french(self):
        """French, for whoever prefers it to English"""
        self.speak("de, fr-FR, en")
        self.browser.go(f"{self.url}/")
        self.until_read("Se connecter", "#enter")
        self.sign_in(self.backend, "42")
        self.until_read("❌ Plugin StoFlow non connecté", "#plugin")
        self.drop_task("get_stats", {"item_id": 5})
        self.until_read("en attente", "#tasks")
        self.assertIn("Lire les vues et les favoris\nget_stats", self.row("t1"))
        self.until_read("0 produit", "#products-count")
        self.assertEqual(
            self.browser.script("return document.documentElement.lang"), "fr"
        )
        self.poll()
        self.until_read("✅ Plugin StoFlow connecté et prêt", "#plugin")
        self.submit("update_product", {"item_id": "5"})
        self.until_read("Un champ manque ou n'est pas valable.", "#notice")
        self.assertIn("must say what to change", self.read("#notice-detail"))
        self.shoot(f"site-french-{self.name}")
        self.assert_accessible()
        self.finish("t1")

    def test_dark(self):
        """in the dark everything can be read as well"""
        self.prefer_dark()
        self.fill_catalogue(5)
        task = self.drop_task("get_stats", {"item_id": 5}, retries=0)
        self.assertEqual(self.poll_id(), task)
        self.finish(task, {"success": False, "error": "HTTP 404"})
        self.drop_task("get_stats", {"item_id": 6})
        self.enter()
        self.until_read("HTTP 404")
        self.until_read("5 products")
        self.shoot(f"site-dark-{self.name}")
        self.assert_accessible()

    def test_nothing_from_elsewhere(self):
        """no policy is violated, and nothing but our own is asked for"""
        self.fill_catalogue(5)
        for page in ("", "bridge.html"):
            self.enter() if page == "" else self.browser.go(
                f"{self.url}/{page}"
            )
            self.until_read("StoFlow")
            asked = self.browser.script(
                "return performance.getEntries().map((each) => each.name)"
                ".filter((name) => /^[a-z]+:/.test(name))"
            )
            self.assertTrue(asked)
            for name in asked:
                self.assertTrue(name.startswith(self.url), name)
        self.assertEqual(self.complaints(), [])
        blocked = """
            return new Promise((resolve) => {
                addEventListener("securitypolicyviolation",
                    (event) => resolve(event.violatedDirective));
                document.body.append(Object.assign(
                    document.createElement("img"),
                    {src: "https://www.vinted.fr/x.png"}));
            });"""
        self.assertEqual(self.browser.script(blocked), "img-src")
        self.until(self.complaints)

    def test_framed(self):
        """no page shows ours in a frame, not even another of ours"""
        path = os.path.join(self.root.path, "www", "frame.html")
        with open(path, "w") as file:
            file.write(
                """<!doctype html><title>frame</title>
                <iframe src="index.html" onload="document.title += 'd'">"""
            )
        self.browser.go(f"{self.url}/frame.html")
        self.until(
            lambda: self.browser.script("return document.title") == "framed"
        )
        shown = "return document.querySelector('iframe').contentDocument"
        self.assertIsNone(self.browser.script(f"{shown} && 'ours'"))


class FirefoxLooks(Looks, FirefoxVisit):
    """In Firefox."""


class ChromiumLooks(Looks, ChromiumVisit):
    """In Chromium."""

    def test_phone(self):
        """a phone shows everything without scrolling sideways"""
        self.fill_catalogue(5)
        task = self.drop_task("get_stats", {"item_id": 5}, retries=0)
        self.poll_id()
        error = "https://www.vinted.fr/" + "long" * 60
        self.finish(task, {"success": False, "error": error})
        self.as_phone()
        self.browser.go(f"{self.url}/")
        self.until(lambda: self.is_shown("#enter"))
        self.assert_fits()
        self.enter()
        self.until_read("longlong")
        self.until_read("5 products")
        self.assert_fits()
        self.shoot("site-phone")
        self.assert_accessible()
        offered = "#create-action option"
        values = "return [...document.querySelectorAll(arguments[0])].map("
        values += "(each) => each.value)"
        for action in self.browser.script(values, offered):
            self.choose_action(action)
            self.assert_fits()
        self.press_in_row(task, "Show")
        self.until(lambda: self.is_shown("dialog"))
        self.assert_fits()
        self.shoot("site-phone-dialog")
        self.assert_accessible()
        self.browser.go(f"{self.url}/bridge.html")
        self.until_read("StoFlow plugin not connected", "#plugin")
        self.assert_fits()
        self.shoot("site-phone-bridge")


class Barriers(FirefoxVisit):
    """What looks for barriers does find them."""

    @unittest.skipIf(why_no_tool("browser"), why_no_tool("browser"))
    def test_barriers(self):
        """a picture without words and pale letters are found on our page"""
        self.enter()
        self.browser.script(
            """const pale = document.createElement("p");
            pale.textContent = "pale";
            pale.style.color = "#ddd";
            document.querySelector("#queue").append(
                document.createElement("img"), pale);"""
        )
        found = [rule for rule, _ in self.barriers()]
        self.assertEqual(sorted(found), ["color-contrast", "image-alt"])


if __name__ == "__main__":
    main()
