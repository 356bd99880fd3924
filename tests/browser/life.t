#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Backgrounds that are suspended, browsers that die, backends that are away."""

import json
import time

from stage import CREATE, SELLER, SHOP, everywhere, main

QUIET = 45  # seconds: browsers suspend a background after 30
LIST = {"user_id": SELLER}
SLOW_LIST = {**LIST, "throttle": 50}  # as if it never came to the next page


@everywhere
class Life:
    """What must not be lost is not lost."""

    def test_quiet(self):
        """it polls on when nothing happens for longer than half a minute"""
        self.until_polls(1)
        began = time.monotonic()
        self.until(lambda: time.monotonic() - began > QUIET, QUIET + 10)
        late = [p for p in self.polls() if p.at - began > QUIET - 10]
        self.assertGreater(len(late), 3)
        self.run_task("get_user_data")

    def test_suspended(self):
        """an alarm wakes a background that was suspended all the same"""
        self.until_polls(1)
        self.browser.stop_background()
        task = self.drop_task("get_user_data")
        self.assertEqual(self.finished(task, 90)["status"], "completed")

    def kill_within(self, slow, action, params):
        """The record of a task in the midst of which the browser dies."""
        task = self.drop_task(action, params)
        self.assertTrue(slow.reached.wait(60))
        self.browser.kill()
        slow.gate.set()
        self.browser.open()
        self.browser.new_tab(SHOP)
        return self.finished(task, 90)

    def test_killed_reading(self):
        """a task that may be repeated goes on when the browser is back"""
        slow = self.site.hold("GET", r"wardrobe.*\?page=2")
        record = self.kill_within(slow, "get_all_products", LIST)
        self.assertEqual(record["status"], "completed")
        self.assertEqual(record["result"]["total"], self.items)
        self.assertEqual(record["attempts"], 1)

    def test_killed_writing(self):
        """a task that must not run twice does not when the browser is back"""
        slow = self.site.hold("POST", "item_upload")
        record = self.kill_within(slow, "create_product", CREATE)
        self.assertEqual(record["status"], "failed")
        self.assertIn("Interrompu", record["error"])
        self.assertEqual(record["result"]["code"], "unknown")
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)

    def test_killed_before_writing(self):
        """one that had not come to its write is executed again"""
        slow = self.site.hold("GET", "users/current")
        record = self.kill_within(slow, "create_product", CREATE)
        self.assertEqual(record["status"], "completed")
        self.assertEqual(record["attempts"], 1)
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)

    def test_killed_before_delivery(self):
        """a result that was not delivered is kept over the browser's end"""
        self.until_polls(1)
        self.relay.answer("POST", "/result", 503)
        self.drop_task("create_product", CREATE)
        self.until(lambda: self.relay.seen("POST", "/result"))
        self.relay.is_down = True
        self.browser.kill()
        self.relay.is_down = False
        self.browser.open()
        record = self.finished("t1", 90)
        self.assertEqual(record["status"], "completed")
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)


@everywhere
class Backend:
    """A backend that cannot be reached, or whose answers are lost."""

    def test_away(self):
        """a result is delivered when the backend is back"""
        slow = self.site.hold("PUT", "items")
        update = {"item_id": 7750837000, "price": "12.00"}
        task = self.drop_task("update_product", update)
        self.assertTrue(slow.reached.wait(60))
        self.relay.is_down = True
        slow.gate.set()
        self.until(lambda: "503" in self.popup() or "127.0.0.1" in self.popup())
        self.relay.is_down = False
        self.assertEqual(self.finished(task)["status"], "completed")
        self.assertEqual(len(self.site.seen("PUT")), 1)

    def popup(self):
        """What stands in the popup."""
        page = self.browser.page + "popup/popup.html"
        if self.browser.script("return location.href") != page:
            self.browser.new_tab(page)
        return self.browser.script("return document.body.innerText")

    def test_lost_task(self):
        """a task whose answer was lost comes again to the same poll"""
        self.until_polls(1)
        self.root.drop("x.json", {"user_id": 42, "action": "get_user_data"})
        self.relay.lose("GET", "/plugin/tasks")
        self.until(lambda: self.root.ls("done", 42))
        record = self.root.json("done", 42, self.root.ls("done", 42)[0])
        self.assertEqual(record["status"], "completed")
        self.assertEqual(record["attempts"], 1)

    def test_lost_acknowledgement(self):
        """a result whose acknowledgement was lost is posted again"""
        self.relay.lose("POST", "/result")
        self.run_task("create_product", CREATE)

        def statuses():
            return [post.status for post in self.relay.seen("POST", "/result")]

        self.until(lambda: statuses() == [0, 200])
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)
        self.run_task("get_user_data")

    def test_strangers(self):
        """a stranger ends no result, and one that is refused stops no other"""
        html = {"Content-Type": "text/html"}
        moved = {"Location": self.url + "/"}
        strangers = ((200, html), (302, moved), (403, html))
        for status, headers in strangers:
            self.relay.answer("POST", "t1/result", status, headers, b"<p>")
        task = self.drop_task("create_product", CREATE, timeout=300)
        self.until(lambda: self.relay.seen("POST", "t1/result"))
        self.run_task("get_user_data")
        self.until(lambda: "200 http://127.0.0.1" in self.popup())
        self.assertEqual(self.finished(task, 150)["status"], "completed")
        statuses = [p.status for p in self.relay.seen("POST", "t1/result")]
        # The relay may note the last one later than the record is there.
        self.assertEqual(statuses[:-1], [200, 302, 403])
        self.assertEqual(len(self.site.seen("POST", "item_upload")), 1)

    def test_settled(self):
        """a result that the backend does not want is given up"""
        self.relay.refuse("POST", "/result", 409, "result_conflict")
        task = self.drop_task("get_user_data")
        self.until(lambda: self.relay.seen("POST", "/result"))
        self.run_task("get_user_data")
        self.assertEqual(self.root.ls("done", 42), ["t2.completed.json"])
        self.assert_state(task, "executing")

    def test_progress(self):
        """the lease of a task that takes its time is renewed"""
        slow = self.site.hold("GET", r"wardrobe.*\?page=2")
        task = self.drop_task("get_all_products", LIST, timeout=6)
        self.assertTrue(slow.reached.wait(60))
        self.until(lambda: len(self.progress()) > 2)
        # A later one may be on its way when the result comes.
        posts = self.relay.seen("POST", "/progress")
        self.until(lambda: all(post.status for post in posts))
        slow.gate.set()
        record = self.finished(task)
        self.assertEqual(record["status"], "completed")
        first, *_, last = self.progress()
        self.assertEqual((first["done"], first["total"]), (20, 45))
        self.assertEqual(first["message"], "Page 1/3")
        self.assertRegex(last["lease"], r"^[a-z0-9]{8,32}$")
        self.assertEqual({post.status for post in posts}, {200})

    def progress(self):
        """What was told of it."""
        posts = self.relay.seen("POST", "/progress")
        return [json.loads(post.body) for post in posts]

    def test_cancel(self):
        """a task that the backend cancels ends"""
        task = self.drop_task("get_all_products", SLOW_LIST, timeout=6)
        self.until(lambda: self.relay.seen("POST", "/progress"))
        cancel = f"/api/tasks/{task}/cancel"
        answer = self.api.post(cancel, {}, token=self.backend)
        self.assertEqual(answer.status, 202)
        self.assertEqual(self.finished(task)["error"], "Annulé")
        self.assertEqual(len(self.site.seen("GET", "wardrobe")), 1)

    def test_lease_lost(self):
        """a task that has become another plugin's is dropped"""
        self.relay.refuse("POST", "/progress", 409, "lease_lost")
        self.drop_task("get_all_products", SLOW_LIST)
        self.run_task("get_user_data")
        self.assertEqual(len(self.site.seen("GET", "wardrobe")), 1)
        self.assertEqual(len(self.relay.seen("POST", "/result")), 1)

    def test_next_poll(self):
        """it comes when the backend wants it to come"""
        self.until_polls(1)
        body = b'{"task_id":null,"next_poll_interval_ms":7000}'
        self.relay.answer("GET", "/plugin/tasks", 200, body=body)
        count = len(self.polls()) + 2
        self.until(lambda: len(self.polls()) >= count)
        gaps = [b.at - a.at for a, b in zip(self.polls(), self.polls()[1:])]
        self.assertGreaterEqual(max(gaps), 6.9)
        self.assertEqual(sum(gap > 5 for gap in gaps), 1)

    def test_retry_after(self):
        """it stays away as long as the backend wants"""
        self.until_polls(1)
        self.relay.refuse("GET", "/plugin/tasks", 503, "unavailable",
                          {"Retry-After": "8"})
        self.until(lambda: any(p.status == 503 for p in self.polls()))
        self.until(lambda: self.polls()[-1].status == 200)
        [first] = [p for p in self.polls() if p.status == 503]
        after = next(p for p in self.polls() if p.at > first.at)
        self.assertGreaterEqual(after.at - first.at, 8)

    def test_pause(self):
        """a click in the popup stops it, another one starts it again"""
        self.until_polls(1)
        self.browser.new_tab(self.browser.page + "popup/popup.html")
        ready = "return document.body.dataset.ready"
        self.until(lambda: self.browser.script(ready))
        self.browser.click("#pause")
        self.until(lambda: "⏸" in self.popup())
        # One that was under way may still come by.
        self.until(lambda: time.monotonic() - self.polls()[-1].at > 4)
        self.browser.click("#pause")
        self.until_polls(2)


@everywhere
class LongPolling:
    """Polls that the backend holds."""

    mode = "long"

    def test_held(self):
        """a task is handed over while a poll is held"""
        self.browser.watch()
        self.until_polls(1)
        started = "[Task Poller] ✅ Démarrage polling (long, 25s)"
        self.until(lambda: started in self.browser.console())
        for _ in range(3):
            self.run_task("get_user_data")
        [query] = {poll.path.partition("&receive")[0] for poll in self.polls()}
        self.assertIn("user_id=42", query)
        self.assertTrue(all("wait=25" in poll.path for poll in self.polls()))
        self.assertLessEqual(len(self.polls()), 6)


if __name__ == "__main__":
    main()
