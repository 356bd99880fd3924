#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every action, from a dropped file to its record and the catalogue."""

import base64
import os

from stage import SELLER, SHOP, everywhere, main
from vinted.pages import FORMS
from vinted.wardrobe import FIRST_ID

from support.case import GUIDE_CREATE, GUIDE_USER

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


@everywhere
class Actions:
    """The actions of the guide, but the one that lists products."""

    def test_user_data(self):
        """get_user_data reads every form of page"""
        for form in FORMS:
            with self.subTest(form=form):
                self.site.form = form
                self.browser.go(SHOP)
                tokens = {
                    "anon_id": self.site.anon_id,
                    "csrf_token": self.site.token,
                }
                told = self.run_task("get_user_data")
                self.assertEqual(told, {**GUIDE_USER, **tokens})
        self.sweep(check=False)
        self.assertIn(str(SELLER), self.root.read("users", "42.json").decode())

    def test_item(self):
        """a product is created, changed, counted and deleted"""
        made = self.run_task("create_product", GUIDE_CREATE)["item"]
        self.assertEqual(made["title"], GUIDE_CREATE["title"])
        number = made["id"]
        kept = self.site.items[number]
        self.assertEqual((kept["price"], kept["status_id"]), ("15.00", 6))
        self.assertEqual(self.catalogue()[number]["price"], "15.00")

        change = {"item_id": number, "price": "12.00"}
        change["description"] = "Prix réduit !"
        told = self.run_task("update_product", change)["item"]
        self.assertEqual(told["id"], number)
        self.assertEqual(kept["description"], "Prix réduit !")
        self.assertEqual(kept["title"], made["title"])
        self.assertEqual(kept["price"], "12.00")
        self.assertEqual(self.catalogue()[number]["price"], "12.00")

        kept.update(view_count=125, favourite_count=8, message_count=3)
        counts = {"view_count": 125, "favourite_count": 8, "message_count": 3}
        for self.site.has_stats in (True, False):
            told = self.run_task("get_stats", {"item_id": number})
            self.assertEqual(told, counts)
        self.assertEqual(self.catalogue()[number]["view_count"], 125)

        told = self.run_task("delete_product", {"item_id": number})
        self.assertEqual(told, {"success": True})
        self.assertNotIn(number, self.site.items)
        self.assertEqual(self.catalogue()[number]["status"], "deleted")

    def test_delete_forms(self):
        """delete_product knows both requests, and that an item may be gone"""
        self.site.delete_by = "DELETE"
        for _ in range(2):
            told = self.run_task("delete_product", {"item_id": FIRST_ID})
            self.assertEqual(told, {"success": True})
        self.assertNotIn(FIRST_ID, self.site.items)

    def test_prices(self):
        """update_prices changes each that it can"""
        updates = [
            {"item_id": FIRST_ID, "price": "10.00"},
            {"item_id": 5, "price": "15.00"},
            {"item_id": FIRST_ID + 2, "price": "20.00"},
        ]
        told = self.run_task("update_prices", {"updates": updates})
        results = told.pop("results")
        self.assertEqual(told, {"updated": 2, "failed": 1, "total": 3})
        self.assertEqual([r["success"] for r in results], [True, False, True])
        self.assertEqual(results[1]["status"], 404)
        self.assertEqual(self.site.items[FIRST_ID]["price"], "10.00")
        self.assertEqual(self.site.items[FIRST_ID]["title"], "Article 0")
        self.assertEqual(self.catalogue()[FIRST_ID + 2]["price"], "20.00")

    def test_photos(self):
        """upload_photo takes a URL or the photo itself, and adds it"""
        with open(os.path.join(self.root.path, "www", "p.jpg"), "wb") as file:
            file.write(JPEG)
        for source in (
            {"photo_url": f"{self.url}/p.jpg"},
            {"photo_data": base64.b64encode(JPEG).decode()},
        ):
            params = {"item_id": FIRST_ID, **source}
            told = self.run_task("upload_photo", params)
            self.assertEqual(self.site.photos[told["photo"]["id"]], JPEG)
        item = self.site.items[FIRST_ID]
        known = [FIRST_ID * 10, *self.site.photos]
        self.assertEqual([p["id"] for p in item["photos"]], known)
        self.assertEqual(item["title"], "Article 0")
        self.assertEqual(len(self.catalogue()[FIRST_ID]["photos"]), 2)


@everywhere
class Wardrobe:
    """get_all_products over the guide's 1595 products."""

    items = 1595

    def test_all(self):
        """every product comes, and the console says so as in the guide"""
        self.browser.watch()
        params = {"user_id": SELLER}
        told = self.run_task("get_all_products", params, timeout=300)
        self.assertEqual(told["total"], 1595)
        numbers = [product["id"] for product in told["products"]]
        self.assertEqual(numbers, list(self.site.items))
        rows = self.catalogue()
        self.assertEqual(len(rows), 1595)
        self.assertEqual({row["status"] for row in rows.values()}, {"active"})
        for number, row in list(rows.items())[:10]:
            item = self.site.items[number]
            self.assertEqual(row["size"], item["size_title"])
            self.assertEqual(float(row["price"]), float(item["price"]))
        self.assert_console()

    def assert_console(self):
        expected = [
            "[Task Poller] ✅ Démarrage polling (intervalle: 1000ms)",
            "[Task Poller] ✅ Nouvelle tâche: get_all_products t1",
            "[Task Poller] 🚀 Exécution tâche t1: get_all_products",
            "[Task Poller] Total: 1595 produits, 80 pages",
            "[Task Poller] Page 1/80: 20 produits",
            "[Task Poller] Page 80/80: 15 produits",
            "[Task Poller] ✅ Résultat envoyé pour t1",
        ]
        self.until(lambda: expected[-1] in self.browser.console())
        said = [line for line in self.browser.console() if line in expected]
        self.assertEqual(said, expected)


@everywhere
class Requests:
    """execute_*: requests that the backend has written itself."""

    def test_one(self):
        """execute_http_request answers what Vinted answered"""
        request = {"url": SHOP + "api/v2/users/current", "method": "GET"}
        told = self.run_task("execute_http_request", {"request": request})
        self.assertEqual((told["success"], told["status"]), (True, 200))
        self.assertEqual(told["statusText"], "OK")
        self.assertEqual(told["data"]["user"]["id"], SELLER)
        self.assertEqual(told["headers"]["content-type"], "application/json")
        _, seen = self.site.seen("GET", "users/current")
        self.assertEqual(seen.headers["X-CSRF-Token"], self.site.token)

    def test_refusal(self):
        """a status that is no success is a result, too"""
        request = {"url": SHOP + "api/v2/items/5", "method": "GET"}
        told = self.run_task("execute_http_request", request)
        self.assertEqual((told["success"], told["status"]), (False, 404))

    def test_hosts(self):
        """no request goes to another host"""
        for url in (self.url, "http://www.vinted.fr/", "https://vinted.fr.x/"):
            record = self.fail_task("execute_http_request", {"url": url})
            self.assertIn("Hôte non autorisé", record["error"])

    def test_multipart(self):
        """files go out as a form"""
        request = {
            "url": SHOP + "api/v2/photos",
            "method": "POST",
            "content_type": "multipart",
            "body": {"photo[type]": "item", "photo[temp_uuid]": "u"},
            "files": [
                {
                    "field": "photo[file]",
                    "filename": "a.jpg",
                    "content": base64.b64encode(JPEG).decode(),
                    "mime_type": "image/jpeg",
                }
            ],
        }
        told = self.run_task("execute_http_request", {"request": request})
        self.assertEqual(self.site.photos[told["data"]["id"]], JPEG)

    def test_batch(self):
        """execute_batch_requests has all under way at once"""
        path = SHOP + f"api/v2/wardrobe/{SELLER}/items?page="
        requests = [{"url": path + str(page)} for page in (1, 2, 3)]
        gates = [self.site.hold("GET", f"page={page}$") for page in (1, 2, 3)]
        task = self.drop_task("execute_batch_requests", {"requests": requests})
        for gate in gates:
            self.assertTrue(gate.reached.wait(30))
        for gate in gates:
            gate.gate.set()
        told = self.finished(task)["result"]
        self.assertTrue(told["success"])
        counts = [len(each["data"]["items"]) for each in told["results"]]
        self.assertEqual(counts, [20, 20, 5])

    def test_sequence(self):
        """execute_sequential_requests stops at the first failure"""
        paths = ("users/current", "items/5", f"items/{FIRST_ID}")
        requests = [{"url": f"{SHOP}api/v2/{path}"} for path in paths]
        told = self.run_task(
            "execute_sequential_requests", {"requests": requests}
        )
        statuses = [each["status"] for each in told["results"]]
        self.assertEqual((told["success"], statuses), (True, [200, 404]))
        self.assertEqual(self.site.seen("GET", f"items/{FIRST_ID}"), [])


if __name__ == "__main__":
    main()
