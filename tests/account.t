#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whose account at Vinted a user of ours is, and what another one does."""

import json
import os
import time

from support import Case, main
from support.case import PARAMS, iso
from support.web import Rewritten

ROUTE = "/api/account/change"
MINE = {"id": 29535217, "login": "claire"}
OTHER = {"id": 666, "login": "zoé"}
CHANGED = "the Vinted account was changed"
EMPTY = {"account": None, "paused": None}


class Accounts(Case):
    """User 42 is MINE, has one product, and OTHER comes."""

    def hand_out(self, action, params):
        task = self.create(action, params, priority=9)
        self.assertEqual(self.poll_id(), task)
        return task

    def done(self, action, params, account, data, **more):
        """Has the plugin carry out a task, signed in so."""
        task = self.hand_out(action, params)
        body = {"success": True, "data": data, **more}
        if account is not None:
            body["account"] = account
        self.finish(task, body)
        return task

    def own_list(self, account, *ids, **more):
        products = [{"id": item, "title": f"robe {item}"} for item in ids]
        data = {"products": products, "total": len(ids), **more}
        wardrobe = {"user_id": (account or MINE)["id"]}
        return self.done("get_all_products", wardrobe, account, data)

    def user_data(self, account, told=True):
        data = {"user_id": account["id"], "login": account["login"]}
        given = account if told else None
        return self.done("get_user_data", {}, given, data)

    def rows(self, name="42.ndjson"):
        if name not in self.root.ls("products"):
            return None
        lines = self.root.read("products", name).splitlines()
        return {row["id"]: row for row in map(json.loads, lines)}

    def ids(self, name="42.ndjson"):
        rows = self.rows(name)
        return None if rows is None else sorted(rows)

    def status(self):
        answer = self.api.get("/api/plugin/status", token=self.plugin)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def change(self, token=None, **body):
        return self.api.post(ROUTE, body, token=token or self.plugin)

    def changed(self):
        answer = self.change()
        self.assertEqual((answer.status, answer.json), (200, EMPTY), answer)

    def changed_holding(self):
        """Something waits, or a plugin has it."""
        answer = self.change()
        self.assertEqual(answer.status, 200, answer)
        self.assertIn(CHANGED, answer.json["paused"]["reason"])
        self.resume()

    def owner(self):
        return self.root.read("products", "42.account").decode()

    def resume(self):
        os.unlink(self.root.place("pending", 42, "PAUSED"))

    def log(self):
        return self.root.read("log", "events.log").decode()


class Fixed(Accounts):
    """The account is fixed by the first result that tells."""

    def test_by_user_data(self):
        """a plugin of the guide fixes it by its get_user_data"""
        self.assertIsNone(self.status()["account"])
        self.user_data(MINE, told=False)
        self.sweep()
        account = self.status()["account"]
        self.assertEqual({key: account[key] for key in MINE}, MINE)
        self.assertEqual(
            self.root.json("users", "42.json")["since"], account["since"]
        )

    def test_by_list(self):
        """a list of one's own wardrobe fixes it, and a poll tells it then"""
        self.own_list(MINE, 1)
        self.sweep()
        self.assertEqual(self.status()["account"]["id"], MINE["id"])
        self.create()
        self.assertEqual(self.poll().get("account"), MINE)

    def test_not_known(self):
        """a poll tells no account that is not known"""
        self.create()
        self.assertNotIn("account", self.poll())

    def test_old_list(self):
        """a list of an older plugin fixes nothing, and proves nothing"""
        self.own_list(None, 1, 2)
        self.own_list(None, 1)
        self.own_list(None, 1)
        self.sweep()
        self.assertIsNone(self.status()["account"])
        self.assertNotIn("missing_since", self.rows()[2])
        self.assertIn("who was signed in", self.log())

    def test_two_wardrobes(self):
        """where nobody is known the first list says whose the catalogue is"""
        self.own_list(None, 1, 2)
        self.sweep()
        self.assertIsNone(self.status()["account"])
        wardrobe = {"user_id": OTHER["id"]}
        data = {"products": [{"id": 7, "title": "robe 7"}], "total": 1}
        self.done("get_all_products", wardrobe, None, data)
        self.done("get_stats", {"item_id": 2}, None, {"view_count": 1})
        self.sweep()
        self.assertEqual(self.ids(), [1, 2])
        self.assertEqual(self.rows()[2]["view_count"], 1)
        self.user_data(OTHER)
        self.done("get_all_products", wardrobe, OTHER, data)
        self.sweep()
        self.assertEqual(self.ids(), [7])
        self.assertEqual(self.ids(f"42.{MINE['id']}.ndjson"), [1, 2])

    def test_wardrobe_of_the_seller(self):
        """and the seller who is known then has it"""
        self.own_list(None, 1, 2)
        self.user_data(MINE)
        self.sweep()
        self.assertEqual(self.ids(), [1, 2])
        owner = self.root.read("products", "42.account").decode()
        self.assertEqual(owner, f"{MINE['id']}\n")

    def test_wardrobe_of_another(self):
        """a list of a stranger's wardrobe brings the seller no products"""
        self.own_list(MINE, 1)
        data = {"products": [{"id": 2, "title": "robe"}], "total": 1}
        for account in (MINE, None):
            self.done(
                "get_all_products", {"user_id": OTHER["id"]}, account, data
            )
            self.sweep()
            self.assertEqual(self.ids(), [1])
        self.assertIn("another wardrobe", self.log())


class Another(Accounts):
    """Another account is signed in."""

    def setUp(self):
        super().setUp()
        self.own_list(MINE, 1)
        self.sweep()

    def test_forgotten(self):
        """who is seller, and who is not, may be removed by hand"""
        os.unlink(self.root.place("products", "42.account"))
        for _ in range(2):
            self.own_list(OTHER, 2)
            self.sweep()
            self.assertEqual(self.ids(), [1])
            number = self.root.read("products", "42.account").strip()
            self.assertEqual(number, str(MINE["id"]).encode())
            self.assertIsNotNone(self.status()["other_account"])
            os.unlink(self.root.place("users", "42.other"))
            status = self.status()
            self.assertIsNone(status["other_account"])
            self.assertIn(str(OTHER["id"]), status["paused"]["reason"])
            self.resume()

    def assert_refused(self, task):
        """Nothing was taken in, and everybody is told."""
        self.sweep()
        self.assert_state(task, "completed")
        self.assertEqual(self.ids(), [1])
        self.assertEqual(
            self.root.json("users", "42.json")["vinted_user_id"], MINE["id"]
        )
        status = self.status()
        self.assertEqual(status["account"]["id"], MINE["id"])
        other = status["other_account"]
        self.assertEqual((other["id"], other["login"]), tuple(OTHER.values()))
        reason = f"another Vinted account ({OTHER['id']}) is signed in"
        self.assertIn(reason, status["paused"]["reason"])
        text = self.root.read("pending", 42, "PAUSED").decode()
        self.assertIn(f"un autre compte Vinted ({OTHER['id']})", text)
        self.assertIn("another account at Vinted", self.log())
        self.assertEqual(self.poll()["message"], "Queue paused")

    def test_list(self):
        """its list marks nothing missing and brings nothing"""
        self.assert_refused(self.own_list(OTHER, 7))

    def test_user_data(self):
        """its get_user_data does not become the seller"""
        self.assert_refused(self.user_data(OTHER))

    def test_user_data_of_an_older_plugin(self):
        """nor does that of a plugin that tells no account"""
        self.assert_refused(self.user_data(OTHER, told=False))

    def test_create(self):
        """its product is not ours"""
        item = {"item": {"id": 8, "title": "t"}}
        params = PARAMS["create_product"]
        self.assert_refused(self.done("create_product", params, OTHER, item))

    def test_not_carried_out(self):
        """a plugin that saw it in time posts a failure"""
        task = self.create("delete_product", {"item_id": 1})
        self.poll()
        data = {"code": "wrong_account", "expected": MINE["id"], "found": 666}
        error = "Ce n'est pas le bon compte"
        self.finish(task, {"success": False, "error": error, "data": data})
        self.assert_state(task, "failed")
        self.assertEqual(self.status()["other_account"]["id"], 666)
        self.assertEqual(self.poll()["message"], "Queue paused")

    def test_before_the_next_poll(self):
        """the queue pauses with the answer, not when it is taken in"""
        self.create()
        self.done("get_stats", {"item_id": 1}, OTHER, {"view_count": 1})
        self.assertEqual(self.poll()["message"], "Queue paused")

    def test_resumed(self):
        """once resumed it goes on, also if the result comes again"""
        task = self.own_list(OTHER, 7)
        self.resume()
        self.sweep()
        data = {"products": [{"id": 7, "title": "robe 7"}], "total": 1}
        body = {"success": True, "data": data, "account": OTHER}
        self.assertEqual(self.post_result(task, body).status, 200)
        self.assertIsNone(self.status()["paused"])

    def test_own_again(self):
        """the seller's own account takes the note away"""
        self.own_list(OTHER, 7)
        self.resume()
        self.own_list(MINE, 1, 2)
        self.sweep()
        self.assertIsNone(self.status()["other_account"])
        self.assertEqual(self.ids(), [1, 2])


class Changed(Accounts):
    """The deliberate change."""

    def setUp(self):
        super().setUp()
        self.own_list(MINE, 1, 2)
        self.sweep()

    def test_there_and_back(self):
        """each account has its own catalogue, whole"""
        before = self.root.read("products", "42.ndjson")
        self.own_list(OTHER, 7)
        self.changed()
        self.assertIsNone(self.status()["account"])
        self.assertIsNone(self.status()["other_account"])
        aside = f"42.{MINE['id']}.ndjson"
        self.assertEqual(self.root.read("products", aside), before)
        self.assertIn(f"42.{MINE['id']}.json", self.root.ls("users"))
        self.own_list(OTHER, 7)
        self.sweep()
        self.assertEqual(self.ids(), [7])
        self.assertEqual(self.root.read("products", aside), before)
        self.assertEqual(self.status()["account"]["id"], OTHER["id"])
        self.changed()
        self.own_list(MINE, 1, 3)
        self.sweep()
        self.assertEqual(self.ids(), [1, 2, 3])
        self.assertEqual(self.ids(f"42.{OTHER['id']}.ndjson"), [7])
        self.assertNotIn(aside, self.root.ls("products"))
        self.assertNotIn(f"42.{MINE['id']}.json", self.root.ls("users"))

    def test_what_came_before(self):
        """what came in before the change is the old account's"""
        self.own_list(MINE, 1, 2, 3)
        self.changed()
        self.assertEqual(self.ids(f"42.{MINE['id']}.ndjson"), [1, 2, 3])

    def test_again(self):
        """it may be sent again, and where nobody was the seller"""
        for _ in range(2):
            self.changed()
        self.assertEqual(self.ids(), None)
        self.assertEqual(self.ids(f"42.{MINE['id']}.ndjson"), [1, 2])
        self.assertEqual(self.log().count("given up"), 1)

    def test_handed_out_before(self):
        """what was handed out before counts for nothing unless it tells"""
        list_of_42 = self.hand_out("get_all_products", {"user_id": 29535217})
        stats = self.hand_out("get_stats", {"item_id": 5})
        told = self.hand_out("get_stats", {"item_id": 6})
        self.changed_holding()
        self.assertRegex(
            self.owner(),
            rf"^{MINE['id']} until \d{{4}}-[-:.\dT]{{21}}Z\n$",
        )
        data = {"products": [{"id": 5, "title": "robe"}], "total": 1}
        self.finish(list_of_42, {"success": True, "data": data})
        seen = {"success": True, "data": {"view_count": 9}}
        self.finish(stats, seen)
        self.finish(told, {**seen, "account": MINE})
        self.sweep()
        self.assertIsNone(self.status()["account"])
        self.assertIn(self.ids(), (None, []))
        self.assertIn("handed out before", self.log())
        self.own_list(OTHER, 7)
        self.sweep()
        self.assertEqual(self.ids(), [7])
        self.done("get_stats", {"item_id": 8}, None, {"view_count": 1})
        self.sweep()
        self.assertEqual(self.ids(), [7, 8])

    def test_handed_out_before_by_the_one_who_is(self):
        """what tells that the seller was signed in counts all the same"""
        task = self.hand_out("get_stats", {"item_id": 5})
        self.changed_holding()
        self.user_data(OTHER)
        self.sweep()
        seen = {"success": True, "data": {"view_count": 9}}
        self.finish(task, {**seen, "account": OTHER})
        self.sweep()
        self.assertEqual(self.ids(), [5])

    def test_list_after_users_went(self):
        """without users/42.json the catalogue still says whose it is"""
        os.unlink(self.root.place("users", "42.json"))
        data = {"products": [{"id": 7, "title": "robe"}], "total": 1}
        self.done("get_all_products", {"user_id": OTHER["id"]}, None, data)
        self.sweep()
        self.assertEqual(self.ids(), [1, 2])

    def test_by_hand(self):
        """mv of users/42.json does the same when the next account comes"""
        users = self.root.place("users")
        os.rename(f"{users}/42.json", f"{users}/42.{MINE['id']}.json")
        self.own_list(OTHER, 7)
        self.sweep()
        self.assertEqual(self.ids(), [7])
        self.assertEqual(self.ids(f"42.{MINE['id']}.ndjson"), [1, 2])

    def test_by_hand_to_the_other(self):
        """who was the other one is so no more"""
        users = self.root.place("users")
        self.own_list(OTHER, 7)
        self.sweep()
        self.resume()
        os.rename(f"{users}/42.json", f"{users}/42.{MINE['id']}.json")
        self.user_data(OTHER, told=False)
        self.sweep()
        self.assertEqual(self.status()["account"]["id"], OTHER["id"])
        self.assertIsNone(self.status()["other_account"])

    def test_back_by_hand(self):
        """users/42.json of before brings its catalogue back"""
        users = self.root.place("users")
        os.rename(f"{users}/42.json", f"{users}/42.{MINE['id']}.json")
        self.own_list(OTHER, 7)
        self.sweep()
        os.rename(f"{users}/42.json", f"{users}/42.{OTHER['id']}.json")
        os.rename(f"{users}/42.{MINE['id']}.json", f"{users}/42.json")
        self.done("get_stats", {"item_id": 2}, MINE, {"view_count": 9})
        self.sweep()
        self.assertEqual(self.ids(), [1, 2])
        self.assertEqual(self.rows()[2]["view_count"], 9)
        self.assertEqual(self.ids("42.666.ndjson"), [7])

    def test_changed_after_a_swap_by_hand(self):
        """a change before any result finds the catalogue of the one before"""
        path = self.root.place("users", "42.json")
        mine = self.root.json("users", "42.json")
        os.rename(path, self.root.place("users", f"42.{MINE['id']}.json"))
        other = {**mine, "vinted_user_id": OTHER["id"]}
        self.root.write(path, json.dumps(other))
        os.chmod(path, 0o600)
        self.changed()
        self.assertEqual(self.ids(f"42.{MINE['id']}.ndjson"), [1, 2])
        self.assertIsNone(self.ids(f"42.{OTHER['id']}.ndjson"))

    def test_mark_removed(self):
        """products/42.account may go: users/42.json says the same"""
        os.unlink(self.root.place("products", "42.account"))
        self.own_list(MINE, 1, 2, 3)
        self.changed()
        self.own_list(OTHER, 7)
        self.sweep()
        self.assertEqual(self.ids(), [7])
        self.assertEqual(self.ids(f"42.{MINE['id']}.ndjson"), [1, 2, 3])

    def test_name_taken(self):
        """a catalogue that lies under the name already is not lost"""
        path = self.root.place("products", f"42.{MINE['id']}.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"id":99}\n')
        os.chmod(path, 0o600)
        self.changed()
        self.assertEqual(self.ids(f"42.{MINE['id']}.ndjson"), [1, 2])
        kept = [
            name
            for name in self.root.ls("products")
            if name.startswith(f"42.{MINE['id']}-")
        ]
        self.assertEqual([self.ids(name) for name in kept], [[99]])

    def test_other_pause(self):
        """a queue that pauses for another reason goes on pausing"""
        lunch = {"paused": True, "reason": "lunch"}
        self.api.post("/api/plugin/pause", lunch, token=self.plugin)
        answer = self.change()
        self.assertEqual(answer.json["paused"]["reason"], "lunch")

    def test_what_waits_is_held(self):
        """what waits was meant for the one before: a person says what now"""
        waits = self.create("create_product", PARAMS["create_product"])
        answer = self.change()
        self.assertEqual(answer.status, 200, answer)
        self.assertIn(CHANGED, answer.json["paused"]["reason"])
        self.assertIsNone(self.poll_id())
        text = self.root.read("pending", 42, "PAUSED").decode()
        self.assertIn("le compte Vinted a été changé", text)
        self.assertEqual(self.change().json, answer.json)
        self.resume()
        self.assertEqual(self.poll_id(), waits)

    def test_what_waits_for_another_is_held(self):
        """also where the queue is paused because another is signed in"""
        self.create("create_product", PARAMS["create_product"])
        self.user_data(OTHER)
        self.sweep()
        self.assertIn("is signed in", self.status()["paused"]["reason"])
        self.assertIn(CHANGED, self.change().json["paused"]["reason"])

    def test_what_waits_is_held_in_another_pause(self):
        """what ends that pause does not let it out for another account"""
        self.create("create_product", PARAMS["create_product"])
        lunch = {"paused": True, "reason": "lunch"}
        self.api.post("/api/plugin/pause", lunch, token=self.plugin)
        self.assertIn(CHANGED, self.change().json["paused"]["reason"])

    def test_what_a_plugin_has_is_held(self):
        """what a plugin puts off was meant for the one before, too"""
        self.root.configure(retry={"delay": 1})
        task = self.hand_out("create_product", PARAMS["create_product"])
        self.assertIn(CHANGED, self.change().json["paused"]["reason"])
        data = {"code": "no_tab"}
        error = "Aucun onglet Vinted ouvert"
        self.finish(task, {"success": False, "error": error, "data": data})
        self.sweep()
        self.assert_state(task, "pending")
        self.assertIsNone(self.poll_id())

    def test_what_was_dropped_is_held(self):
        """a dropped file is a task, before any poll has met it"""
        params = PARAMS["create_product"]
        task = {"user_id": 42, "action": "create_product", "params": params}
        for user in (None, 42):
            self.root.drop("mine.json", json.dumps(task), user)
            self.changed_holding()
            self.assertIsNotNone(self.poll_id())
            for name in self.root.ls("executing", 42):
                os.unlink(self.root.place("executing", 42, name))

    def test_what_waits_is_held_after_a_change_by_hand(self):
        """nobody is on record any more, but somebody was"""
        users = self.root.place("users")
        self.create("create_product", PARAMS["create_product"])
        os.rename(f"{users}/42.json", f"{users}/42.{MINE['id']}.json")
        self.changed_holding()

    def test_nobody_told(self):
        """what tells no account between two sellers is nobody's"""
        self.changed()
        self.done("get_stats", {"item_id": 1}, None, {"view_count": 1})
        self.own_list(None, 1)
        self.sweep()
        self.assertIsNone(self.ids())
        self.assertIn("nobody is the seller since", self.log())
        self.user_data(MINE, told=False)
        self.sweep()
        self.assertEqual(self.ids(), [1, 2])
        self.done("get_stats", {"item_id": 3}, None, {"view_count": 1})
        self.sweep()
        self.assertEqual(self.ids(), [1, 2, 3])

    def test_clock_was_ahead(self):
        """what says that it began after it ended was maybe before"""
        task = self.hand_out("get_stats", {"item_id": 5})
        (name,) = self.root.ls("executing", 42)
        ahead = time.time() + 600
        os.utime(self.root.place("executing", 42, name), (ahead, ahead))
        self.changed_holding()
        self.user_data(OTHER)
        self.sweep()
        self.finish(task, {"success": True, "data": {"view_count": 9}})
        self.sweep()
        self.assertNotIn(5, self.ids() or [])

    def test_clock_was_ahead_when_changed(self):
        """who is surely another one comes next, whatever the clock says"""
        self.changed()
        path = self.root.place("products", "42.account")
        soon = iso(600)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"{MINE['id']} until {soon}\n")
        self.own_list(OTHER, 7)
        self.sweep()
        self.assertEqual(self.ids(), [7])
        self.done("get_stats", {"item_id": 7}, None, {"view_count": 9})
        self.sweep()
        self.assertEqual(self.rows()[7]["view_count"], 9)

    def test_changed_at_a_moment_to_come(self):
        """a change while the clock was ahead counts from now on"""
        with open(
            self.root.place("products", "42.account"), "w", encoding="ascii"
        ) as file:
            file.write(f"{MINE['id']} since 2099-01-01T00:00:00.000000Z\n")
        self.own_list(MINE, 1, 2)
        self.sweep()
        self.assertRegex(self.owner(), rf"^{MINE['id']} since 20[2-8]")
        self.done("get_stats", {"item_id": 3}, None, {"view_count": 1})
        self.sweep()
        self.assertEqual(self.ids(), [1, 2, 3])

    def test_tokens(self):
        """a plugin's token is for its own user"""
        self.assertEqual(self.change(user_id=42).status, 200)
        self.assert_problem(self.change(user_id=43), 403)
        self.assertEqual(
            self.change(token=self.backend, user_id=43).json, EMPTY
        )


class ChangedOverHttp(Changed):
    """The same through a web server."""

    transport = Rewritten


if __name__ == "__main__":
    main()
