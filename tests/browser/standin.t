#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The stand-in for Vinted tells what the site tells, and to whom."""

import base64
import http.client
import json
import os
import re
import ssl
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import main
from vinted import BRITON, OTHER, SELLER, Vinted, answers
from vinted.pages import FORMS
from vinted.wardrobe import FIRST_ID

WARDROBE = f"/api/v2/wardrobe/{SELLER['id']}/items?per_page=20&page="
CREATE = {"title": "t", "description": "d", "price": "1.00", "catalog_id": 5}


class StandIn(unittest.TestCase):
    def setUp(self):
        self.vinted = Vinted(45)
        self.addCleanup(self.vinted.close)
        self.site = self.vinted.site

    def ask(self, method, path, body=None):
        """(status, headers, text), as a page of whoever is signed in asks."""
        line = self.connect()
        headers = {
            "X-CSRF-Token": self.site.token,
            "X-Anon-Id": self.site.anon_id,
            "Cookie": f"_vinted_fr_session={self.site.session}",
        }
        line.request(method, path, body and json.dumps(body), headers)
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def connect(self):
        """Nobody has signed the stand-in's certificate."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        line = http.client.HTTPSConnection(
            "127.0.0.1", self.vinted.port, context=context, timeout=30
        )
        self.addCleanup(line.close)
        return line

    def call(self, method, path, body=None):
        """(status, JSON)."""
        status, _, text = self.ask(method, path, body)
        return status, json.loads(text)

    def listed(self):
        """The whole wardrobe, and the totals that its pages told."""
        ids, totals = [], []
        for page in (1, 2, 3):
            _, told = self.call("GET", f"{WARDROBE}{page}")
            ids += [item["id"] for item in told["items"]]
            totals.append(told["pagination"]["total_entries"])
        return ids, totals

    def test_views(self):
        """hidden items and drafts are for their owner"""
        self.site.items[FIRST_ID]["is_hidden"] = True
        self.site.items[FIRST_ID + 1]["is_draft"] = True
        ids, totals = self.listed()
        self.assertEqual((len(ids), totals), (45, [45] * 3))
        for user in (OTHER, None):
            self.site.sign_in(user)
            ids, totals = self.listed()
            self.assertEqual((len(ids), totals), (43, [43] * 3))
            status, _ = self.call("GET", f"/api/v2/items/{FIRST_ID}")
            self.assertEqual(status, 404)

    def test_others(self):
        """another account changes its own items only, in its own currency"""
        self.site.sign_in(BRITON)
        path = f"/api/v2/item_upload/items/{FIRST_ID}"
        self.assertEqual(self.call("GET", path)[0], 404)
        _, told = self.call(
            "POST", "/api/v2/item_upload/items", {"item": CREATE}
        )
        self.assertEqual(told["item"]["currency"], "GBP")
        self.assertIn(told["item"]["id"], self.site.others[BRITON["id"]])
        self.assertEqual(len(self.site.items), 45)

    def test_moving(self):
        """an item goes between two pages, and another slips over"""
        self.site.after("GET", "page=1$", lambda: self.site.remove(FIRST_ID))
        ids, totals = self.listed()
        self.assertEqual(totals, [45, 44, 44])
        self.assertNotIn(FIRST_ID + 20, ids)

    def test_ended(self):
        """a session ends between two calls"""
        self.site.after("GET", "page=1$", lambda: self.site.sign_in(None))
        path = "/api/v2/users/current"
        self.assertEqual(self.call("GET", path)[1]["user"], SELLER)
        self.listed()
        status, told = self.call("GET", path)
        self.assertEqual((status, told["code"]), (401, 100))

    def test_retired(self):
        """a retired route stays away, in JSON or in HTML"""
        for html in (False, True):
            self.site.faults.clear()
            self.site.retire("DELETE", "items", html)
            for _ in range(3):
                status, headers, _ = self.ask("DELETE", "/api/v2/items/1")
                self.assertEqual(status, 404)
                kind = headers["Content-Type"]
                self.assertEqual("html" in kind, html)

    def test_answers(self):
        """every answer comes as it is, once"""
        kept = vars(answers).values()
        told = [each for each in kept if isinstance(each, answers.Answer)]
        self.assertGreater(len(told), 8)
        for each in told:
            self.site.answer("GET", "current", each)
            status, headers, text = self.ask("GET", "/api/v2/users/current")
            self.assertEqual((status, text), (each.status, each.body))
            self.assertEqual(headers["Content-Type"], each.kind)
        self.assertEqual(self.call("GET", "/api/v2/users/current")[0], 200)

    def test_hanging(self):
        """a page hangs until the site is closed"""
        line = self.connect()
        line.request("GET", "/hang")
        answer = line.getresponse()
        self.assertTrue(answer.read(10))
        self.site.closing.set()
        self.assertIn(b"Accueil", answer.read())

    def test_stream(self):
        """its pieces make the same stream, wherever they are cut"""
        self.site.titles = ["Été </script> & \u2028 currentUser:{id:666}"]
        streams = set()
        for self.site.cut in (1, 2, 3, 41, 10**6):
            _, _, page = self.ask("GET", "/")
            streams.add(joined(page))
        [stream] = streams
        self.assertIn(self.site.titles[0], stream.decode())
        self.assertIn(self.site.page_token, stream.decode())

    def test_titles(self):
        """strangers' titles stand on the page in every form"""
        self.site.titles = ["Robe d'été"]
        for self.site.form in FORMS:
            _, _, page = self.ask("GET", "/")
            self.assertGreaterEqual(page.count("Robe d"), 2)


def joined(page):
    """What Next.js makes of a page's pieces."""
    stream = b""
    for script in re.findall(r"<script>self.__next_f.push\((.*)\)<", page):
        kind, text = json.loads(script)
        stream += text.encode() if kind == 1 else base64.b64decode(text)
    return stream


if __name__ == "__main__":
    main()
