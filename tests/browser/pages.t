#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the seller sees: the options and the popup, with pictures of them."""

import json

from stage import SAID, SELLER, InChromium, InFirefox, main


class Pages:
    """Pictures go to build/screenshots/, for people to look at."""

    def test_options(self):
        """the test button tells what is wrong"""
        self.browser.go(self.browser.page + "options/options.html")
        form = "return document.querySelector('form').dataset.ready"
        self.until(lambda: self.browser.script(form))
        self.assertEqual(self.say_test(), self.text("testGood"))
        self.shoot(f"options-{self.name}")
        self.browser.fill("#token", "x" * 48)
        self.assertIn("401", self.say_test())
        self.browser.fill("#backendUrl", "http://127.0.0.1:1")
        self.assertIn("❌", self.say_test())
        self.browser.fill("#backendUrl", "ftp://127.0.0.1")
        self.browser.click("#save")
        self.assertEqual(self.browser.script(SAID), self.text("badUrl"))
        self.until_polls(2)  # the last of them may be under way
        self.assertEqual(self.polls()[-2].status, 200)

    def say_test(self):
        """What stands below the button after a click."""
        self.browser.click("#test")
        self.until(
            lambda: self.browser.script(SAID).startswith(("✅", "❌"))
        )
        return self.browser.script(SAID)

    def text(self, name):
        """A text of the extension, in the browser's language."""
        source = "return (globalThis.browser ?? chrome).i18n.getMessage"
        return self.browser.script(source + "(arguments[0])", name)

    def test_popup(self):
        """the popup tells of the task, the last error, and the seller"""
        self.until_polls(1)
        self.browser.new_tab(self.browser.page + "popup/popup.html")
        self.until(lambda: self.popup().find(self.text("connected")) >= 0)
        self.shoot(f"popup-idle-{self.name}")
        slow = self.site.hold("GET", r"wardrobe.*\?page=2")
        params = {"user_id": SELLER}
        task = self.drop_task("get_all_products", params)
        self.assertTrue(slow.reached.wait(60))
        self.until(lambda: self.said_of("get_all_products", "Page 1/3"))
        self.shoot(f"popup-task-{self.name}")
        slow.gate.set()
        self.finished(task)
        self.run_task("get_user_data")
        self.until(lambda: "shop.ton.outfit (29535217)" in self.popup())
        self.fail_task("get_stats", {"item_id": 5})
        self.until(lambda: self.said_of("get_stats", "Vinted a répondu 404"))
        self.relay.is_down = True
        self.until(lambda: self.text("notConnected") in self.popup())
        self.assertIn(self.text("lastError"), self.popup())
        self.shoot(f"popup-error-{self.name}")

    def test_other_account(self):
        """the popup tells of another account, by a task and by the pause"""
        self.until_polls(1)
        self.browser.new_tab(self.browser.page + "popup/popup.html")
        task = {
            "task_id": "of-claire",
            "action": "update_product",
            "params": {"item_id": 7750837000, "price": "12.00"},
            "account": {"id": 666, "login": "claire"},
        }
        self.relay.answer(
            "GET", "/plugin/tasks", 200, body=json.dumps(task).encode()
        )
        self.until(lambda: "claire (666)" in self.popup())
        told = self.popup()
        self.assertIn(self.text("otherAccount"), told)
        self.assertIn(f"shop.ton.outfit ({SELLER})", told)
        self.shoot(f"popup-other-{self.name}")
        self.run_task("get_user_data")
        self.until(lambda: "claire" not in self.popup())
        self.root.make("pending", 42)
        path = self.root.place("pending", 42, "PAUSED")
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                f"another Vinted account ({SELLER}) is signed in, not 666; …"
            )
        self.until(lambda: self.text("otherAccount") in self.popup())
        self.assertNotIn(self.text("queuePaused"), self.popup())
        self.assertEqual(self.site.seen("PUT"), [])

    def said_of(self, action, words):
        """Whether the popup says this of an action, by its words."""
        name = self.text(f"action_{action}")
        return bool(name) and f"{name} · {words}" in self.popup()

    def popup(self):
        return self.browser.script("return document.body.innerText")


class FirefoxPages(Pages, InFirefox):
    """In Firefox."""

    def test_elsewhere(self):
        """the right to reach a backend elsewhere is asked for, and given"""
        granted = """return browser.permissions.contains(
            {origins: ["http://backend.test/*"]})"""
        page = self.browser.page + "options/options.html"
        self.browser.new_tab(page)
        self.assertFalse(self.browser.script(granted))
        host = f"backend.test:{self.relay.port}"
        self.url = f"http://{host}"
        self.configure()
        self.browser.go(page)
        self.assertTrue(self.browser.script(granted))
        self.until(lambda: host in [p.headers["Host"] for p in self.polls()])
        self.run_task("get_user_data")
        [result] = self.relay.seen("POST", "/result")
        self.assertEqual(result.headers["Host"], host)


class ChromiumPages(Pages, InChromium):
    """In Chromium."""


class French(InFirefox):
    """A browser that speaks French."""

    language = "fr"

    def test_french(self):
        """the pages speak it, too"""
        self.browser.go(self.browser.page + "options/options.html")
        form = "return document.querySelector('form').dataset.ready"
        self.until(lambda: self.browser.script(form))
        page = self.browser.script("return document.body.innerText")
        self.assertIn("Tester la connexion", page)
        self.browser.click("#test")
        good = "✅ Connexion réussie : le backend a répondu."
        self.until(lambda: self.browser.script(SAID) == good)
        self.shoot("options-french")
        self.browser.go(self.browser.page + "popup/popup.html")
        self.until(
            lambda: "✅ Connecté au backend"
            in self.browser.script("return document.body.innerText")
        )
        self.shoot("popup-french")


if __name__ == "__main__":
    main()
