#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What goes wrong at Vinted, and what the backend is told of it."""

import base64
import json
import os

from stage import CREATE, SELLER, SHOP, everywhere, main

NO_TAB = "Aucun onglet Vinted ouvert"
NO_USER_ID = "User ID non disponible"
STALE_TOKEN = "CSRF token expired"
PHOTO = {"photo_data": base64.b64encode(b"\xff\xd8\xff\xe0").decode()}
UPDATE = {"item_id": 7750837000, "price": "12.00"}


@everywhere
class Faults:
    """Each is told in the words of the guides, with Vinted's status."""

    def test_no_tab(self):
        """without a Vinted tab nothing is tried"""
        self.browser.close_tab()
        record = self.fail_task("get_all_products", {"user_id": SELLER})
        self.assertEqual(record["error"], NO_TAB)
        self.assertEqual(self.site.seen("GET", "wardrobe"), [])

    def test_tab_opened(self):
        """what failed for want of a tab is done when there is one"""
        self.root.configure(retry={"delay": 1})
        self.browser.close_tab()
        task = self.drop_task("create_product", CREATE)
        self.until(lambda: self.relay.seen("POST", "/result"))
        self.browser.new_tab(SHOP)
        record = self.finished(task)
        self.assertEqual(record["status"], "completed")
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)

    def test_no_user_id(self):
        """whose products, nobody has said"""
        self.assertEqual(self.list_somebody()["error"], NO_USER_ID)
        self.run_task("get_user_data")
        told = self.list_somebody()
        self.assertEqual(told["data"]["total"], self.items)

    def list_somebody(self):
        """The result of a list without the seller's id, which another backend
        than ours would hand out."""
        before = len(self.relay.seen("POST", "/result"))
        task = {"task_id": f"x{before}", "action": "get_all_products"}
        body = json.dumps({**task, "params": {}, "timeout": 60}).encode()
        self.relay.answer("GET", "/plugin/tasks", 200, body=body)
        self.relay.answer(
            "POST",
            f"/{task['task_id']}/result",
            200,
            body=b'{"status":"received"}',
        )
        self.until(lambda: len(self.relay.seen("POST", "/result")) > before)
        return json.loads(self.relay.seen("POST", "/result")[-1].body)

    def test_signed_out(self):
        """nobody is signed in"""
        self.site.signed_in = False
        self.browser.go(SHOP)
        record = self.fail_task("get_user_data")
        self.assertEqual(record["error"], NO_USER_ID)

    def test_stale_token(self):
        """a stale token is replaced by reloading the tab once"""
        for self.site.refusal in (401, 403):
            before = self.site.loads
            self.site.stale_token()
            self.run_task("update_product", UPDATE)
            self.assertEqual(self.site.loads, before + 1)
        self.assertEqual(len(self.site.seen("PUT")), 2)

    def test_stale_for_ever(self):
        """a token that is still refused after that fails the task"""
        before = self.site.loads
        self.site.stale_token(for_ever=True)
        record = self.fail_task("update_product", UPDATE)
        self.assertEqual(record["error"], STALE_TOKEN)
        self.assertEqual(record["result"]["status"], 401)
        self.assertEqual(self.site.loads, before + 1)

    def test_block(self):
        """a page that wants a captcha solved ends the task at once"""
        self.site.block("GET", r"wardrobe.*\?page=2")
        record = self.fail_task("get_all_products", {"user_id": SELLER})
        self.assertIn("captcha", record["error"])
        self.assertEqual(record["result"]["status"], 403)
        self.assertIn("captcha-delivery", record["result"]["body"])
        self.assertEqual(len(self.site.seen("GET", "wardrobe")), 2)
        self.assertEqual(self.site.loads, 1)
        self.until(lambda: "PAUSED" in self.root.ls("pending", 42))
        self.browser.new_tab(self.browser.page + "popup/popup.html")
        queue = "return document.getElementById('queue').textContent"
        self.until(lambda: "captcha" in self.browser.script(queue))
        self.shoot(f"popup-blocked-{self.name}")

    def test_block_in_prices(self):
        """what was changed before a block is told"""
        updates = [{"item_id": n, "price": "9.00"} for n in self.site.items]
        path = f"items/{updates[1]['item_id']}"
        self.site.block("PUT", path)
        record = self.fail_task("update_prices", {"updates": updates})
        told = record["result"]
        self.assertEqual(told["status"], 403)
        self.assertEqual((told["updated"], told["total"]), (1, self.items))
        self.assertEqual(len(self.site.seen("PUT")), 2)

    def test_cloudflare(self):
        """a page of Cloudflare is a block, whatever its status, and pauses"""
        page = "<!doctype html><title>Just a moment...</title>"
        headers = {"Content-Type": "text/html", "cf-mitigated": "challenge"}
        for status in (403, 503):
            self.site.fail(
                "GET", "wardrobe", status, headers=headers, body=page
            )
            record = self.fail_task("get_all_products", {"user_id": SELLER})
            self.assertEqual(record["result"]["code"], "blocked")
            self.assertEqual(record["result"]["status"], status)
            self.until(lambda: "PAUSED" in self.root.ls("pending", 42))
            os.remove(self.root.place("pending", 42, "PAUSED"))

    def test_own_words(self):
        """a refusal is told in Vinted's own words"""
        words = {"code": 99, "errors": [{"field": "price", "value": "trop 😀"}]}
        body = json.dumps(words)
        self.site.fail("POST", "item_upload", 400, body=body)
        record = self.fail_task("create_product", CREATE)
        self.assertEqual(
            record["error"], "Vinted a répondu 400 : price : trop 😀"
        )
        self.assertEqual(record["result"]["code"], "refused")

    def test_no_proof(self):
        """a page under 200 is no success, and what is not read not written"""
        html = {"Content-Type": "text/html"}
        for method, path, action, params, code in (
            ("POST", "/delete", "delete_product", {}, "unreadable"),
            ("PUT", "item_upload", "update_product", {}, "unreadable"),
            ("GET", "item_upload", "update_product", {}, "unreadable"),
            ("POST", "item_upload", "create_product", CREATE, "unknown"),
            ("POST", "photos", "upload_photo", PHOTO, "unknown"),
        ):
            params = {**UPDATE, **params}
            self.site.fail(method, path, 200, headers=html, body="<p>Hello")
            record = self.fail_task(action, params)
            self.assertEqual(record["result"]["code"], code, action)
        self.assertEqual(len(self.site.seen("PUT")), 1)

    def test_tab_hangs(self):
        """a second tab that never finishes loading stops nothing"""
        self.browser.new_tab(SHOP)
        self.browser.script("setTimeout(() => { location.href = '/hang' })")
        self.until(lambda: self.site.seen("GET", "/hang"))
        told = self.run_task("get_user_data")
        self.assertEqual(told["user_id"], SELLER)

    def test_too_many(self):
        """a read that came too soon is tried again when Vinted says"""
        self.site.fail("GET", "wardrobe", 429, headers={"Retry-After": "1"})
        self.site.fail("GET", "wardrobe", 502)
        told = self.run_task("get_all_products", {"user_id": SELLER})
        self.assertEqual(len(told["products"]), self.items)
        self.assertEqual(len(self.site.seen("GET", "wardrobe")), 5)

    def test_write_once(self):
        """a write that Vinted refuses is not repeated"""
        self.site.fail("PUT", "items", 429, times=9)
        record = self.fail_task("update_product", UPDATE)
        self.assertEqual(record["result"]["status"], 429)
        self.assertEqual(len(self.site.seen("PUT")), 1)

    def test_wrong_item(self):
        """an item that is not there is Vinted's 404"""
        record = self.fail_task("get_stats", {"item_id": 5})
        self.assertEqual(
            record["error"], "Vinted a répondu 404 : Contenu introuvable"
        )
        self.assertEqual(record["result"]["status"], 404)

    def test_strange_action(self):
        """an action that nobody knows fails"""
        record = self.fail_task("make_coffee")
        self.assertEqual(record["error"], "Action inconnue : make_coffee")

    def test_without_pagination(self):
        """a list of unknown length is read to its end, and is not proof"""
        self.site.has_pagination = False
        told = self.run_task("get_all_products", {"user_id": SELLER})
        self.assertEqual(len(told["products"]), self.items)
        self.assertIsNone(told["total"])

    def test_tab_closed(self):
        """a tab that is closed under a request is told as it is"""
        slow = self.site.hold("PUT", "items")
        task = self.drop_task("update_product", UPDATE, retries=0)
        self.assertTrue(slow.reached.wait(30))
        self.browser.close_tab()
        record = self.finished(task)
        slow.gate.set()
        self.assertIn("Onglet Vinted fermé", record["error"])
        self.assertEqual(record["result"]["code"], "unknown")


if __name__ == "__main__":
    main()
