#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whose account it is, whatever strangers write on Vinted's pages, and what its
lists prove."""

import json

from stage import CREATE, SELLER, SHOP, everywhere, main
from vinted import BRITON, OTHER, answers
from vinted import SELLER as OWNER
from vinted.pages import FORMS
from vinted.wardrobe import FIRST_ID

from support.case import GUIDE_USER

FALSE = "11111111-1111-4111-8111-111111111111"
# Each was believed by a reader that looks for words.
TITLES = [
    "Robe currentUser:{id:666,login:1}",
    f"Robe csrf_token:'{FALSE}'",
    f'{{"CSRF_TOKEN":"{FALSE}","anon_id":"{FALSE}"}}',
    f'\n7:{{"CSRF_TOKEN":"{FALSE}","currentUser":{{"id":666,"login":"x"}}}}\n',
    f'Été"}}],"CSRF_TOKEN":"{FALSE}',
    f"</script><script>vinted.config={{csrf_token:'{FALSE}'}}</script>",
]
TAKEN = b'{"status":"received","message":"Task result saved successfully"}'
SHORTLY = {"user_id": SELLER, "throttle": 0}


@everywhere
class Account:
    """Vinted alone says who is signed in."""

    def hand_out(self, action, params, account):
        """The result of a task as a backend hands it out that knows whose
        account its user's is."""
        before = len(self.relay.seen("POST", "/result"))
        task = {"task_id": f"x{before}", "action": action, "timeout": 60}
        task.update(params=params, account=account)
        body = json.dumps(task).encode()
        self.relay.answer("GET", "/plugin/tasks", 200, body=body)
        path = f"/{task['task_id']}/result"
        self.relay.answer("POST", path, 200, body=TAKEN)
        self.until(lambda: len(self.relay.seen("POST", "/result")) > before)
        return json.loads(self.relay.seen("POST", "/result")[-1].body)

    def test_strangers(self):
        """what strangers write is not believed, in any form of page"""
        self.site.titles = TITLES
        self.assertEqual(self.told_by(FORMS, cut=41), [])
        self.assertEqual(self.told_by(["stream"], cut=1), [])

    def told_by(self, forms, cut):
        """The forms under which get_user_data tells anything else."""
        self.site.cut = cut
        wrong = []
        for self.site.form in forms:
            self.browser.go(SHOP)
            known = {
                **GUIDE_USER,
                "anon_id": self.site.anon_id,
                "csrf_token": self.site.token,
            }
            if self.run_task("get_user_data") != known:
                wrong.append(self.site.form)
        return wrong

    def test_other(self):
        """nothing is written under another account than the queue's"""
        expected = {"id": SELLER, "login": "shop.ton.outfit"}
        good = self.hand_out("create_product", CREATE, expected)
        self.assertEqual((good["success"], good["account"]), (True, expected))
        self.site.switch(OTHER)
        found = {"id": OTHER["id"], "login": OTHER["login"]}
        for action, params in (
            ("create_product", CREATE),
            ("update_product", {"item_id": FIRST_ID, "price": "1.00"}),
            ("delete_product", {"item_id": FIRST_ID}),
            ("execute_http_request", {"url": SHOP + "x", "method": "POST"}),
        ):
            bad = self.hand_out(action, params, expected)
            self.assertEqual((bad["success"], bad["account"]), (False, found))
            ids = {"expected": SELLER, "found": OTHER["id"]}
            self.assertEqual(bad["data"], {"code": "wrong_account", **ids})
        self.assertEqual(len(self.site.seen("POST", "/api/")), 1)
        self.assertEqual(self.site.seen("PUT") + self.site.seen("DELETE"), [])
        self.browser.new_tab(self.browser.page + "popup/popup.html")
        popup = "return document.body.innerText"
        self.until(lambda: OTHER["login"] in self.browser.script(popup))
        self.shoot(f"popup-other-account-{self.name}")

    def test_two_sites(self):
        """of several tabs the one where somebody is signed in is taken"""
        self.site.switch(None)
        self.browser.new_tab("https://www.vinted.co.uk/")
        self.site.switch(OWNER)
        loads = self.site.loads
        told = self.run_task("get_user_data")
        self.assertEqual(told["user_id"], SELLER)
        self.assertEqual(self.site.loads, loads)

    def test_pounds(self):
        """whoever sells in another country is known there, too"""
        self.site.sign_in(BRITON)
        self.browser.go("https://www.vinted.co.uk/")
        told = self.run_task("get_user_data")
        self.assertEqual(told["user_id"], BRITON["id"])
        made = self.run_task("create_product", CREATE)["item"]
        self.assertIn(made["id"], self.site.others[BRITON["id"]])

    def test_strange_answers(self):
        """what is no word of Vinted's names nobody, and nothing is written"""
        expected = {"id": SELLER, "login": "shop.ton.outfit"}
        for answer, code in (
            (answers.PAGE, "unreadable"),
            (answers.EMPTY, "unreadable"),
            (answers.CODE, "unreadable"),
            (answers.SIGNED_OUT, "signed_out"),
        ):
            self.site.answer("GET", "current", answer, times=9)
            told = self.hand_out("create_product", CREATE, expected)
            self.assertEqual(told["success"], False)
            self.assertEqual(told["data"]["code"], code)
            self.assertNotIn("account", told)
            self.site.faults.clear()
        self.assertEqual(self.site.seen("POST", "/api/"), [])


@everywhere
class Lists:
    """What a list says of itself."""

    def list(self):
        told = self.run_task("get_all_products", SHORTLY)
        return told, (told["complete"], told["owner"])

    def test_owner(self):
        """the owner's list is complete, hidden items and drafts among it"""
        self.site.items[FIRST_ID]["is_hidden"] = True
        self.site.items[FIRST_ID + 1]["is_draft"] = True
        told, proof = self.list()
        self.assertEqual(proof, (True, True))
        self.assertIsNone(told["reason"])
        self.assertEqual((len(told["products"]), told["total"]), (45, 45))
        for product in told["products"]:
            self.assertTrue(product["url"].startswith(SHOP + "items/"))
            self.assertTrue(product["photos"][0]["url"].startswith("https://"))
        rows = self.catalogue()
        states = [rows[FIRST_ID + n]["status"] for n in range(3)]
        self.assertEqual(states, ["hidden", "draft", "active"])

    def test_strangers(self):
        """a list that somebody else or nobody is shown is not"""
        self.site.items[FIRST_ID]["is_hidden"] = True
        for user in (OTHER, None):
            self.site.switch(user)
            self.browser.go(SHOP)
            told, proof = self.list()
            self.assertEqual(proof, (False, False))
            self.assertIn("les articles masqués", told["reason"])
            self.assertEqual((len(told["products"]), told["total"]), (44, 44))

    def test_ended(self):
        """nor one in the midst of which the session ended"""
        self.site.after("GET", "[?&]page=2&", lambda: self.site.switch(None))
        told, proof = self.list()
        self.assertEqual(proof, (False, False))
        self.assertEqual(len(told["products"]), 45)
        self.assertIn("La session a changé", told["reason"])

    def test_moved(self):
        """nor one that moved while it was read"""
        remove = self.site.remove
        self.site.after("GET", "[?&]page=1&", lambda: remove(FIRST_ID))
        told, proof = self.list()
        self.assertEqual(proof, (False, True))
        self.assertIn("changé pendant la lecture", told["reason"])
        self.assertEqual((len(told["products"]), told["total"]), (44, 45))

    def test_heavy(self):
        """items with all that Vinted tells of them come slim"""
        self.site.is_heavy = True
        told, proof = self.list()
        self.assertEqual(proof, (True, True))
        self.assertLess(len(json.dumps(told)), 45 * 2500)
        self.assertEqual({len(p["photos"]) for p in told["products"]}, {8})


if __name__ == "__main__":
    main()
