#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lost answers of create_product, in every way in which they get lost, by the
extension's own background under node, before the stand-in's wardrobe: see
support/lost.py."""

import json
import unittest
from dataclasses import dataclass
from urllib.parse import urlsplit

from support import main
from support.background import Background, Killed, why_no_node
from support.lost import Lost, LostAnswers
from support.shop import Shop
from vinted.answers import HTML, JSON, PAGE
from vinted.interface import answer_call, take
from vinted.site import Seen, Site

LONG = 600  # seconds of a lease: none ends by itself, however slow the machine
ROUNDS = 400  # far beyond what a batch takes
# What becomes of the answer to a write, or of who waits for it.
WAYS = (
    "silence",  # the page waits in vain
    "cut",  # the line breaks
    "gateway",  # something before Vinted answers in its place
    "page",  # HTML under 200
    "bare",  # JSON without an item
    "closed",  # the tab is gone
    "hung",  # the page says nothing, ever
    "killed",  # the browser dies, and is back in time
    "late",  # the browser dies, and is back after the deadline
    "asleep",  # the machine sleeps until after the deadline
)
STEPS = 12  # of the background, about, from the poll to the write


@dataclass
class Fate:
    when: str  # of the write, the answer is lost: "before", "during", "after"
    way: str


class Wardrobe(Shop):
    """The stand-in's, in place of a model."""

    def __init__(self, case, site):
        super().__init__(case)
        self.site = site

    def put(self, params, published=None):
        item = self.site.new_item()
        take(self.site, item, dict(params))
        return item["id"]


class Outside:
    """A Vinted tab and the backend, and what goes wrong with them."""

    def __init__(self, case, site):
        self.case = case
        self.site = site
        self.random = case.random
        self.lost = {}  # by their ids, those that there are now
        self.fates = {}  # of those that have not met theirs
        self.late = []  # the ids of those whose deadline is to pass
        self.pending = []  # writes that are still on their way
        self.current = None  # the task that was handed out last
        self.countdown = 0  # steps until the browser dies; 0: it does not
        self.speaking = None  # calls until storage falls silent; None: never

    def notice(self, step):
        if self.countdown:
            self.countdown -= 1
            if not self.countdown:
                raise Killed

    def silence(self):
        """Of a call of storage; from the first on there is no other."""
        if self.speaking:
            self.speaking -= 1
        if self.speaking != 0:
            return None
        return self.random.choice(("lost", "late"))

    # --- The backend ------------------------------------------------------

    def fetch(self, step):
        """A result may get lost on its way, and so may what is said to it."""
        is_result = step["method"] == "POST" and "/result" in step["url"]
        mishap = self.random.random() if is_result and self.lost else 1
        if mishap < 0.05:
            return {"error": "Failed to fetch"}
        answer = self.ask_backend(step)
        if mishap < 0.1:
            return {"error": "Failed to fetch"}
        if "/plugin/tasks?" in step["url"]:
            self.hand_out(answer.json["task_id"])
        headers, text = answer.headers, answer.body.decode()
        return {"value": {"status": answer.status, "headers": headers,
                          "statusText": "", "type": "basic", "text": text}}

    def ask_backend(self, step):
        url = urlsplit(step["url"])
        target = url.path + (url.query and f"?{url.query}")
        token = step["headers"]["Authorization"].partition(" ")[2]
        return self.case.api.request(
            step["method"], target, step.get("body"), token=token
        )

    def hand_out(self, task_id):
        """It is the last one until the seller lets the plugin poll again."""
        self.case.pause_plugin()
        self.current = task_id
        fate = self.fates.get(task_id)
        is_list = task_id is not None and task_id not in self.lost
        is_bad = self.lost and is_list and self.random.random() < 0.1
        if is_bad or (fate and fate.way == "early"):
            self.fates.pop(task_id, None)
            steps = self.random.randint(1, 2 * STEPS)
            if self.random.random() < 0.5:
                self.countdown = steps
            else:
                self.speaking = steps

    # --- Vinted -----------------------------------------------------------

    def message(self, message):
        """To the tab's page."""
        if message["stoflow"] == "request":
            return self.answer(message["request"])
        page = {"csrf_token": self.site.token, "anon_id": self.site.anon_id}
        url = "https://www.vinted.fr/"
        return {"value": {"load": "1", "url": url, "page": page}}

    def answer(self, request):
        url = urlsplit(request["url"])
        path = url.path + (url.query and f"?{url.query}")
        body = request.get("body", "").encode()
        seen = Seen(request["method"], path, request["headers"], body)
        if seen.method == "POST":
            return self.create(seen)
        return self.said(self.call(seen))

    def call(self, seen):
        cookies = {"_vinted_fr_session": self.site.session}
        status, told = answer_call(self.site, seen, cookies)
        return status, JSON, json.dumps(told)

    @staticmethod
    def said(answer):
        status, kind, text = answer
        headers = {"content-type": kind}
        return {"value": {"status": status, "statusText": "",
                          "headers": headers, "text": text}}

    def create(self, seen):
        """The write of a create_product, which meets its fate once."""
        lost = self.lost[self.current]
        fate = self.fates.pop(lost.id, None)
        if fate is None:
            return self.said(self.write(lost, seen))
        told = None
        if fate.when == "after":
            told = self.write(lost, seen)
        elif fate.when == "during" and self.random.random() < 0.5:
            self.pending.append((lost, seen))
        self.case.list_by_hand(lost)
        return self.lose(lost, fate.way, told)

    def write(self, lost, seen):
        answer = self.call(seen)
        lost.made.append(json.loads(answer[2])["item"]["id"])
        return answer

    def land(self):
        """What was on its way arrives."""
        for lost, seen in self.pending:
            self.write(lost, seen)
        self.pending.clear()

    def lose(self, lost, way, told):
        if way in ("killed", "late"):
            self.late += [lost.id] if way == "late" else []
            raise Killed
        if way == "asleep":
            self.case.miss_deadline(lost.id)
            if told and self.random.random() < 0.5:
                return self.said(told)
        said = {
            "gateway": (502, HTML, "<h1>Bad Gateway</h1>"),
            "page": (PAGE.status, PAGE.kind, PAGE.body),
            "bare": (200, JSON, '{"code":0}'),
        }
        if way in said:
            return self.said(said[way])
        if way == "hung":
            return {"never": True}
        if way == "closed":
            return {"error": "Receiving end does not exist"}
        words = "Failed to fetch" if way == "cut" else "pas de réponse"
        return {"value": {"error": words}}


@unittest.skipIf(why_no_node(), why_no_node())
class Plugin(LostAnswers):
    count = 24

    def setUp(self):
        super().setUp()
        site = Site(items=2)
        self.shop = Wardrobe(self, site)
        self.outside = Outside(self, site)
        self.background = Background(self.outside)
        self.addCleanup(self.background.close)
        self.background.areas["local"]["settings"] = {
            "backendUrl": "http://backend.example",
            "token": self.plugin,
            "userId": "42",
            "mode": "interval",
            "configured": True,
        }
        self.introduce()

    def introduce(self):
        """The backend learns who the seller is, and their wardrobe."""
        self.create(action="get_user_data")
        self.work()
        answer = self.api.post(
            "/api/sync/vinted", {"user_id": 42}, token=self.backend
        )
        self.assertEqual(answer.status, 200, answer)
        self.work()

    def pause_plugin(self, paused=True):
        """As a click in the popup does."""
        self.background.areas["local"]["settings"]["paused"] = paused

    def miss_deadline(self, task_id):
        self.make_overdue(task_id)
        self.sweep()

    def work(self):
        """The plugin polls until there is nothing, and nothing waits to be
        delivered."""
        for _ in range(ROUNDS):
            self.outside.current = None
            self.pause_plugin(False)
            minutes = self.random.randint(1, 10)
            is_alive = self.background.run(60 * minutes)
            self.outside.countdown = 0
            self.outside.speaking = None
            while self.outside.late:
                self.miss_deadline(self.outside.late.pop())
            self.sweep()
            outbox = self.background.areas["local"].get("outbox")
            if is_alive and self.outside.current is None and not outbox:
                return
        self.fail("the plugin never comes to rest")

    def lose_batch(self, drawn):
        batch = []
        for params in drawn:
            task_id = self.create(
                "create_product", params, priority=500, timeout=LONG
            )
            batch.append(Lost(task_id, params, batch))
            self.outside.fates[task_id] = self.draw_fate()
        self.outside.lost = {lost.id: lost for lost in batch}
        self.work()
        if self.random.random() < 0.5:
            self.outside.land()
        return batch

    def draw_fate(self):
        """Now and then the browser dies at any step, as likely as not after
        the answer came, or its storage falls silent."""
        when = self.random.choice(("before", "during", "after"))
        is_early = self.random.random() < 0.15
        return Fate(when, "early" if is_early else self.random.choice(WAYS))

    def settle_batch(self):
        for _ in range(20):
            self.sweep()
            self.work()
            self.outside.land()
            self.shop.pass_time()
            self.sweep()
            if not self.waits_for_lists():
                return
        self.fail("lists are asked for without end")

    def carry_out(self, retried):
        self.work()

    def test_campaign(self):
        """lost before, during and after; killed; late; twice; by hand"""
        self.lose_all()


del LostAnswers

if __name__ == "__main__":
    main()
