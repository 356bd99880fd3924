#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The three ways of the guides, as far as Vinted: a plugin that polls, one
that the bridge page hands its tasks, and the Python client over both."""

from stage import SELLER, Stage, main
from visit import ChromiumVisit, FirefoxVisit

from support.case import GUIDE_CREATE, GUIDE_USER
from support.client import Examples, VintedProxyClient
from support.images import JPEG

ITEM = 7750837000
USERS = "https://www.vinted.fr/api/v2/users/current"


class Client(Examples):
    """A plugin that polls by itself. Vinted has two pages of items."""

    shared = False
    items = 120

    def prepare(self):
        Stage.prepare(self)
        super().prepare()

    def setUp(self):
        super().setUp()
        self.client = VintedProxyClient(self.url, self.backend, 42)
        self.connect()
        self.until(self.client.ping)

    def connect(self):
        """What is needed before tasks are carried out."""

    def session(self):
        me = self.client.get_user_data()
        self.assertIsNotNone(me, self.client.last_error)
        return {name: me[name] for name in ("csrf_token", "anon_id")}

    def test_reads(self):
        """who is signed in, all products, the numbers of one"""
        me = self.client.get_user_data()
        tokens = {"anon_id": self.site.anon_id, "csrf_token": self.site.token}
        self.assertEqual(me, {**GUIDE_USER, **tokens})
        session = {name: me[name] for name in ("csrf_token", "anon_id")}
        found = self.client.get_all_products(SELLER, **session, throttle=0.1)
        self.assertEqual({each["id"] for each in found}, set(self.site.items))
        for each in found:
            self.assertIsInstance(each["price"], (str, float))
            self.assertIn(each["brand"], ("Nike", "Lee", "Levi's"))
            self.assertTrue(each["size"])
        self.assertEqual(len(self.site.seen("GET", "wardrobe")), 2)
        for has_stats in (True, False):
            self.site.has_stats = has_stats
            stats = self.client.get_item_stats(ITEM + 7, **session)
            self.assertTrue(stats["success"], stats)
            self.assertEqual(stats["data"]["view_count"], 7)
            self.assertEqual(stats["data"]["favourite_count"], 7)

    def test_site(self):
        """where the seller is signed in is found by asking there"""
        client = VintedProxyClient(self.url, self.backend, 42, site=None)
        self.assertEqual(client.site, "https://www.vinted.fr")

    def test_writes(self):
        """a product is made, changed, photographed and taken away"""
        session = self.session()
        made = self.client.create_product(**session, **GUIDE_CREATE)
        self.assertTrue(made["success"], made)
        item = made["data"]["item"]["id"]
        kept = self.site.items[item]
        self.assertEqual(
            (kept["title"], kept["price"], kept["status_id"]),
            ("T-shirt Nike Noir", "15.00", 6),
        )
        changed = self.client.update_product(item, **session, price="12.00")
        self.assertTrue(changed["success"], changed)
        self.assertEqual(
            (kept["title"], kept["price"]), ("T-shirt Nike Noir", "12.00")
        )
        photo = self.client.upload_photo(
            item, **session, photo_data=JPEG, filename="photo.jpg"
        )
        self.assertTrue(photo["success"], photo)
        number = photo["data"]["id"]
        self.assertEqual(self.site.photos[number], JPEG)
        self.assertEqual([each["id"] for each in kept["photos"]], [number])
        for way in ("POST", "DELETE"):
            self.site.delete_by = way
            gone = self.client.delete_product(item, **session)
            self.assertEqual((gone["success"], gone["status"]), (True, 204))
            self.assertNotIn(item, self.site.items)
            item = ITEM
        nothing = self.client.update_product(1, **session, price="1.00")
        self.assertEqual((nothing["success"], nothing["status"]), (False, 404))
        self.assertEqual(self.site.seen("PUT", "items/1$"), [])

    def test_requests(self):
        """requests of one's own, one by one and several at once"""
        session = self.session()
        headers = {
            "X-CSRF-Token": session["csrf_token"],
            "X-Anon-Id": session["anon_id"],
        }
        told = self.client.execute_request(USERS, headers=headers)
        self.assertEqual((told["success"], told["status"]), (True, 200))
        self.assertEqual(told["data"]["user"]["id"], SELLER)
        refused = self.client.execute_request(
            "https://www.vinted.fr/api/v2/no/such", headers=headers
        )
        self.assertEqual((refused["success"], refused["status"]), (False, 404))
        wardrobe = f"https://www.vinted.fr/api/v2/wardrobe/{SELLER}/items"
        common = {"method": "GET", "headers": headers}
        pages = [
            {"url": f"{wardrobe}?page={n}", **common} for n in (1, 2, 3)
        ]
        for execute in (
            self.client.execute_batch,
            self.client.execute_sequential,
        ):
            told = execute(pages)
            self.assertTrue(told["success"], told)
            self.assertEqual(
                [each["data"]["items"][0]["id"] for each in told["results"]],
                [ITEM, ITEM + 20, ITEM + 40],
            )
        stranger = self.client.execute_request("https://example.com/")
        self.assertEqual((stranger["success"], stranger["status"]), (False, 0))
        self.assertTrue(stranger["error"])

    def test_sync(self):
        """from nothing to a catalogue by one call"""
        record = self.client.sync(timeout=120)
        self.assertEqual(record["action"], "get_all_products")
        self.assertEqual(record["result"]["total"], self.items)
        self.until(
            lambda: len(list(self.client.products())) == self.items
        )
        self.assertEqual(
            [each["id"] for each in self.client.products("article 119")],
            [ITEM + 119],
        )

    def test_examples(self):
        """the guide's three use cases"""
        self.site.items = dict(list(self.site.items.items())[:3])
        ids = [row["id"] for row in self.sync_to_file()]
        self.assertEqual(sorted(ids), sorted(self.site.items))
        self.assertEqual(
            [row["title"] for row in self.export_to_csv()],
            ["Article 0", "Article 1", "Article 2"],
        )
        self.update_all_prices("9.50")
        prices = {each["price"] for each in self.site.items.values()}
        self.assertEqual(prices, {"9.50"})


class Bridged(Client):
    """A plugin whose own polling is off, and the bridge page."""

    mode = "off"

    def connect(self):
        self.enter(self.plugin, "")
        self.browser.click("a[href='bridge.html']")
        self.until_read("This page relays tasks to the plugin.", "#relay")
        self.assertIn("✅ StoFlow plugin connected", self.read("#plugin"))

    def test_buttons(self):
        """the page's own tests"""
        self.press_test("User data")
        self.until_read("shop.ton.outfit", "#answer")
        self.assertNotIn(self.site.token, self.read())
        self.press_test("Products")
        self.until_read('"total": 120', "#answer")
        self.press_test("Health of the backend")
        self.until_read('"status": "ok"', "#answer")
        self.shoot(f"bridge-tests-{self.name}")
        self.assert_fits()
        self.assert_accessible()

    def press_test(self, label):
        self.browser.script(
            """[...document.querySelectorAll("#tests button")].find(
                (each) => each.textContent === arguments[0]).click();""",
            label,
        )

    def test_relay(self):
        """a dropped task goes through the page, and fails through it"""
        self.run_task("get_user_data")
        self.until_read("✅ Result sent for t1", "#log")
        record = self.fail_task("get_stats", {"item_id": 5})
        self.assertIn("404", record["error"])
        self.until_read("❌ t2 failed", "#log")
        self.shoot(f"bridge-journal-{self.name}")

    def test_cancel(self):
        """a cancel reaches the plugin through the page"""
        slow = self.site.hold("GET", r"wardrobe.*\?page=2")
        params = {"user_id": SELLER, "throttle": 3}
        task = self.drop_task("get_all_products", params)
        self.assertTrue(slow.reached.wait(60))
        self.assertEqual(self.client.cancel_task(task)["status"], "executing")
        slow.gate.set()
        record = self.finished(task)
        self.assertEqual(
            (record["status"], record["error"]), ("failed", "Annulé")
        )
        self.assertEqual(self.site.seen("GET", r"wardrobe.*\?page=4"), [])


class FirefoxPolls(Client, FirefoxVisit):
    """In Firefox, which polls."""


class FirefoxBridged(Bridged, FirefoxVisit):
    """In Firefox, through the bridge page."""


class ChromiumBridged(Bridged, ChromiumVisit):
    """In Chromium, through the bridge page."""


if __name__ == "__main__":
    main()
