#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of operators and sellers, clicked through in real browsers."""

import csv
import os
import re
import tempfile
import unittest

from stage import main
from support.images import PNG, name_of
from support.web import Rewritten, Server
from visit import AXE, ChromiumVisit, FirefoxVisit

EVIL = "<img src=x onerror=\"document.title='evil'\">"
FORMS = {
    "get_user_data": ({}, {}),
    "get_all_products": ({"user_id": "29535217"}, {"user_id": 29535217}),
    "create_product": (
        {
            "title": "T-shirt “été” 👕",
            "description": "Deux\nlignes",
            "price": "15,50",
            "catalog_id": "5",
            "brand_id": "53",
            "size_id": "206",
            "color_ids": "1, 12",
            "status_ids": "6",
        },
        {
            "title": "T-shirt “été” 👕",
            "description": "Deux\nlignes",
            "price": "15.50",
            "catalog_id": 5,
            "brand_id": 53,
            "size_id": 206,
            "color_ids": [1, 12],
            "status_ids": [6],
        },
    ),
    "update_product": (
        {"item_id": "7750837522", "price": "12"},
        {"item_id": 7750837522, "price": "12"},
    ),
    "update_prices": (
        {"updates": "123, 10.00\n\n456;15,5\n789 20"},
        {
            "updates": [
                {"item_id": 123, "price": "10.00"},
                {"item_id": 456, "price": "15.5"},
                {"item_id": 789, "price": "20"},
            ]
        },
    ),
    "delete_product": ({"item_id": "123456"}, {"item_id": 123456}),
    "get_stats": ({"item_id": "123456"}, {"item_id": 123456}),
    "upload_photo": (
        {"item_id": "5", "photo_url": "https://example.com/a.jpg"},
        {"item_id": 5, "photo_url": "https://example.com/a.jpg"},
    ),
    "execute_http_request": (
        {"url": "https://www.vinted.fr/api/v2/users/current", "method": "GET"},
        {
            "request": {
                "url": "https://www.vinted.fr/api/v2/users/current",
                "method": "GET",
            }
        },
    ),
}


def products(count):
    """What a list of so many products brings, of every kind of text."""
    return [
        {
            "id": 7750837000 + n,
            "title": f"Article {n} {EVIL if n == 3 else ''}",
            "price": f"{n}.50",
            "currency": "EUR",
            "brand": {"title": ("Nike", "=1+1", "Écru")[n % 3]},
            "size_title": "M",
            "url": f"https://www.vinted.fr/items/{7750837000 + n}",
            "view_count": n * 7 % 100,
        }
        for n in range(count)
    ]


class Site:
    """What every browser must show."""

    def fill_catalogue(self, count=120):
        task = self.create("get_all_products", {"user_id": 29535217})
        self.assertEqual(self.poll_id(), task)
        listed = products(count)
        data = {"products": listed, "total": count}
        self.finish(task, {"success": True, "data": data})
        self.sweep(check=False)

    def choose_action(self, action):
        self.browser.script(
            """const choice = document.querySelector("#create-action");
            choice.value = arguments[0];
            choice.dispatchEvent(new Event("change"));""",
            action,
        )

    def submit(self, action, fields):
        """Fills in the form of an action and sends it."""
        self.choose_action(action)
        for name, text in fields.items():
            self.browser.fill(f"#create-fields [name={name}]", text)
        self.browser.click("#create button")

    def press_in_row(self, task, label):
        """The button of this label in a task's row."""
        self.browser.script(
            """const row = document.querySelector(
                `[data-task="${arguments[0]}"]`);
            [...row.querySelectorAll("button")].find(
                (each) => each.textContent === arguments[1]).click();""",
            task,
            label,
        )

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
        self.until_read("Nothing here.")
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

    def focus(self):
        return self.browser.script("return document.activeElement.id")

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

    def test_forms(self):
        """each action's form makes the file that it should"""
        self.enter()
        for action, (fields, params) in FORMS.items():
            with self.subTest(action):
                self.submit(action, fields)
                self.until(lambda: self.root.ls("pending", 42))
                task = self.queued()
                self.assertEqual(task.pop("params"), params)
                self.until_read(task["task_id"], "#notice")
                self.assertEqual(
                    (task["user_id"], task["action"], task["priority"]),
                    (42, action, 1),
                )
                [name] = self.root.ls("pending", 42)
                os.remove(self.root.place("pending", 42, name))
        offered = self.browser.script(
            "return [...document.querySelectorAll('#create-action option')]"
            ".map((each) => each.value)"
        )
        self.assertEqual(offered, list(FORMS))

    def test_bad_fields(self):
        """what cannot be right is not sent, and the page says why"""
        self.enter()
        self.submit("update_prices", {"updates": "123, 10\n456"})
        self.until_read("Line 2: expected", "#notice")
        self.submit("get_stats", {"item_id": "9" * 17})
        self.until_read("Number too large: 9999", "#notice")
        self.submit("update_product", {"item_id": "5"})
        self.until_read("must say what to change", "#notice")
        self.assertEqual(self.root.ls("pending", 42), [])

    def test_options(self):
        """priority, a moment to wait for, and a moment to give up"""
        self.enter()
        self.browser.click("#create summary")
        self.choose_action("get_user_data")
        self.browser.fill("#create [name=priority]", "7")
        self.browser.fill("#create [name=expires_in]", "3600")
        self.browser.script(
            "document.querySelector('[name=not_before]').value = arguments[0]",
            "2040-01-02T03:04",
        )
        self.browser.click("#create button")
        self.until(lambda: self.root.ls("pending", 42))
        due = self.browser.script(
            "return new Date('2040-01-02T03:04').toISOString()"
        )
        task = self.queued()
        self.assertEqual((task["priority"], task["expires_in"]), (7, 3600))
        self.assertIn(task["not_before"][:19], due)
        self.until_read("not before", "#tasks")
        self.shoot(f"site-options-{self.name}")
        self.assert_accessible()

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

    def choose_tab(self, label):
        self.until(lambda: label in self.read_all("#states button"))
        self.browser.script(
            """[...document.querySelectorAll("#states button")].find(
                (each) => each.textContent === arguments[0]).click();""",
            label,
        )

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
        self.until(lambda: self.is_shown("#paused"))
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

    def test_catalogue(self):
        """search, status, sorting and pages"""
        self.fill_catalogue()
        self.enter()
        self.until_read("120 products", "#products-count")
        self.assertEqual(len(self.read_all("#products tr")), 50)
        self.assertEqual(self.column(2)[0], "Article 119")
        self.assertIn("Page 1 of 3", self.read("#pages"))
        self.shoot(f"site-catalogue-{self.name}")
        self.assert_accessible()
        self.browser.click("#next")
        self.browser.click("#next")
        self.assertIn("Page 3 of 3", self.read("#pages"))
        self.assertEqual(len(self.read_all("#products tr")), 20)
        self.browser.click("#products-head th:nth-child(3) button")
        self.assertIn("Page 1 of 3", self.read("#pages"))
        self.assertEqual(
            self.column(3)[:3], ["0.50 EUR", "1.50 EUR", "2.50 EUR"]
        )
        self.browser.click("#products-head th:nth-child(3) button")
        self.assertEqual(self.column(3)[0], "119.50 EUR")
        self.assertEqual(
            self.browser.script(
                "return document.querySelector('[aria-sort]').ariaSort"
            ),
            "descending",
        )
        self.browser.fill("#search-text", "éCRU article 11")
        self.until_read("5 products", "#products-count")
        self.browser.fill("#search-text", "no such thing")
        self.until_read("0 products", "#products-count")
        self.assertFalse(self.is_shown("#pages"))
        self.browser.fill("#search-text", "")
        self.choose_status("sold")
        self.until_read("0 products", "#products-count")
        self.choose_status("active")
        self.until_read("120 products", "#products-count")

    def choose_status(self, status):
        self.browser.script(
            """const choice = document.querySelector("#search-status");
            choice.value = arguments[0];
            choice.dispatchEvent(new Event("change"));""",
            status,
        )

    def column(self, number):
        return self.read_all(f"#products td:nth-child({number})")

    def test_catalogue_follows(self):
        """what a task brings in while the page is open appears by itself"""
        self.enter()
        self.until_read("0 products", "#products-count")
        for count in (3, 5):
            self.fill_catalogue(count)
            self.until_read(f"{count} products", "#products-count")

    def test_hostile(self):
        """titles, errors and reasons are text, whatever they hold"""
        self.fill_catalogue(5)
        params = {"item_id": 5, "note": EVIL}
        task = self.drop_task("get_stats", params, retries=0)
        self.assertEqual(self.poll_id(), task)
        self.finish(task, {"success": False, "error": EVIL})
        self.enter()
        self.until(lambda: EVIL in self.row(task))
        self.assertIn(f"Article 3 {EVIL}", self.column(2))
        self.press_in_row(task, "Show")
        self.until(lambda: self.is_shown("dialog"))
        self.assertIn(EVIL, self.read("#task-members"))
        self.assertEqual(
            self.browser.script(
                "return [document.images.length, document.title]"
            ),
            [0, "StoFlow"],
        )

    def test_sync(self):
        """the button queues what a sync needs, and the page says so"""
        self.enter(self.plugin, "")
        self.browser.click("#sync")
        self.until_read("Synchronisation started", "#notice")
        self.until_read("get_user_data", "#tasks")
        self.assertEqual(self.queued()["action"], "get_user_data")


class FirefoxSite(Site, FirefoxVisit):
    """In Firefox."""

    def test_backend_down(self):
        """the page says that the backend is gone, and when it is back"""
        self.enter()
        self.relay.is_down = True
        self.until_read("The server does not answer", "#notice")
        self.shoot("site-down")
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

    def test_photo(self):
        """a file becomes a photo of the backend"""
        self.enter()
        self.choose_action("upload_photo")
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            file.write(PNG)
            file.flush()
            self.browser.fill("[name=item_id]", "5")
            self.send_keys("[name=photo_file]", file.name)
            self.shoot("site-photo")
            self.assert_accessible()
            self.browser.click("#create button")
            self.until(lambda: self.root.ls("pending", 42))
        params = self.queued()["params"]
        photo = f"{self.url}/api/photos/{name_of(PNG, 'png')}"
        self.assertEqual(params, {"item_id": 5, "photo_url": photo})
        self.assertEqual(self.root.read("photos", name_of(PNG, "png")), PNG)

    def test_retry(self):
        """what may have acted is done again on a person's word only"""
        self.enter()
        params = dict(FORMS["create_product"][1])
        task = self.drop_task("create_product", params)
        self.assertEqual(self.poll_id(), task)
        self.make_overdue(task)
        self.sweep(check=False)
        self.until(lambda: "failed" in self.row(task))
        self.press_in_row(task, "Retry")
        self.until(lambda: "duplicate" in self.question())
        self.browser.call("WebDriver:DismissAlert")
        self.assertIn("failed", self.row(task))
        self.assertEqual(self.root.ls("pending", 42), [])
        self.press_in_row(task, "Retry")
        self.until(lambda: "duplicate" in self.question())
        self.browser.call("WebDriver:AcceptAlert")
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
        told = self.read("#task-members")
        for words in (task, "HTTP 404", "completed_at", "attempts"):
            self.assertIn(words, told)
        self.browser.click("#task summary")
        self.assertIn('"item_id": 5', self.read("#task-json"))
        self.shoot("site-dialog")
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

    def test_csv(self):
        """the table is downloaded as the backend gives it"""
        self.fill_catalogue(5)
        folder = os.path.join(self.root.path, "downloads")
        os.mkdir(folder)
        self.set_preference("browser.download.folderList", 2)
        self.set_preference("browser.download.dir", folder)
        self.enter()
        self.until_read("5 products", "#products-count")
        self.browser.fill("#search-text", "article")
        self.browser.click("#csv")
        path = os.path.join(folder, "products.csv")
        self.until(lambda: os.path.exists(path) and os.path.getsize(path))
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["id"] for row in rows],
                         [str(7750837000 + n) for n in range(5)])
        self.assertEqual(rows[0]["price"], "0.50")
        self.assertEqual(rows[1]["brand"], "'=1+1")
        answer = self.api.get("/api/products?format=csv", token=self.plugin)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), answer.body)

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

    def label(self):
        return self.browser.script("return document.activeElement.innerText")

    def tab_to(self, wanted):
        """Goes on by Tab until this id or label has the focus."""
        for _ in range(40):
            if wanted in (self.focus(), self.label()):
                ring = "document.activeElement.matches(':focus-visible')"
                self.assertTrue(self.browser.script(f"return {ring}"))
                return
            self.press("Tab")
        self.fail(f"Tab never reaches {wanted}")

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
        complaints = self.browser.privileged(
            """return Services.console.getMessageArray().map(String)
                .filter((each) => each.includes(arguments[0]));""",
            self.url,
        )
        self.assertEqual(complaints, [])
        blocked = """
            return new Promise((resolve) => {
                addEventListener("securitypolicyviolation",
                    (event) => resolve(event.violatedDirective));
                document.body.append(Object.assign(
                    document.createElement("img"),
                    {src: "https://www.vinted.fr/x.png"}));
            });"""
        self.assertEqual(self.browser.script(blocked), "img-src")

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

    def test_dark(self):
        """in the dark everything can be read as well"""
        self.set_preference(
            "layout.css.prefers-color-scheme.content-override", 0
        )
        self.fill_catalogue(5)
        task = self.drop_task("get_stats", {"item_id": 5}, retries=0)
        self.assertEqual(self.poll_id(), task)
        self.finish(task, {"success": False, "error": "HTTP 404"})
        self.drop_task("get_stats", {"item_id": 6})
        self.enter()
        self.until_read("HTTP 404")
        self.until_read("5 products")
        self.shoot("site-dark")
        self.assert_accessible()

    def test_french(self):
        """French, for whoever prefers it to English"""
        self.set_preference("intl.accept_languages", "de, fr-FR, en")
        self.browser.go(f"{self.url}/")
        self.until_read("Se connecter", "#enter")
        self.sign_in(self.backend, "42")
        self.until_read("❌ Plugin StoFlow non connecté", "#plugin")
        self.drop_task("get_stats", {"item_id": 5})
        self.until_read("en attente", "#tasks")
        self.until_read("0 produits", "#products-count")
        self.assertEqual(
            self.browser.script("return document.documentElement.lang"), "fr"
        )
        self.poll()
        self.until_read("✅ Plugin StoFlow connecté et prêt", "#plugin")
        self.shoot("site-french")
        self.assert_accessible()
        self.finish("t1")

    def test_texts(self):
        """both languages say the same things, and nothing is left unsaid"""
        self.browser.go(f"{self.url}/")
        told = self.browser.script(
            """return import("/app/texts.js").then(
                ({ words }) => Object.values(words).map(Object.keys))"""
        )
        french, english = told
        self.assertEqual(french, english)


class Barriers(FirefoxVisit):
    """What looks for barriers does find them."""

    @unittest.skipUnless(
        os.path.exists(AXE), "npm ci --prefix tests/browser has not been run"
    )
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


class Plain(Rewritten):
    """A server that rewrites nothing: the API is below /cgi-bin."""

    prefix = "/cgi-bin"

    def __init__(self, root):
        self.server = PlainServer(root)


class PlainServer(Server):
    def _start(self, configuration):
        with open(configuration, encoding="utf-8") as file:
            text = file.read()
        text, count = re.subn(r"(?s)url\.rewrite-once = \(.*?\n\)\n", "", text)
        assert count == 1, "the rewriting rules are not found"
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(text)
        return super()._start(configuration)


class WithoutRewriting(FirefoxVisit):
    """A host without rewriting rules."""

    transport = Plain

    def test_plain(self):
        """the page finds the API below /cgi-bin by itself"""
        self.enter()
        task = self.drop_task("get_stats", {"item_id": 5})
        self.until(lambda: "get_stats" in self.row(task))
        self.browser.click("#create button")
        self.until_read("added", "#notice")
        self.assertTrue(self.relay.seen("GET", "^/cgi-bin/api/tasks"))


class ChromiumSite(Site, ChromiumVisit):
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
        for action in FORMS:
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


if __name__ == "__main__":
    main()
