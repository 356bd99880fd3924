#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Results that show that Vinted has had enough of us: the queue stops."""

import json
import os

from support import Case, main
from support.web import Rewritten

CAPTCHA = {"url": "https://geo.captcha-delivery.com/captcha/?id=1"}
SUCCESS = {"success": True, "data": {}}
CONTENT_SCRIPT = "HTTP 401, content script not loaded"


def answered(status, body=None):
    """What the plugin tells of one request."""
    data = {"success": status < 400, "status": status, "data": body}
    return {"success": True, "data": data}


class Blocks(Case):
    """A plugin that posts results of whatever kind."""

    def setUp(self):
        super().setUp()
        self.create(task_id="waiting", priority=0)

    def post(self, body, action="execute_http_request"):
        """One more task, and its result."""
        task_id = self.create(action=action, priority=9)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, body)
        return task_id

    def resume(self):
        os.unlink(self.root.place("pending", 42, "PAUSED"))

    def assert_paused(self, *words):
        self.assertIn("PAUSED", self.root.ls("pending", 42))
        reason = self.root.read("pending", 42, "PAUSED").decode()
        log = self.root.read("log", "events.log").decode()
        for word in words:
            self.assertIn(word, reason)
            self.assertIn(word, log)
        self.assertEqual(reason.count("\n"), 1)

    def assert_going_on(self):
        self.assertNotIn("PAUSED", self.root.ls("pending", 42))


class Captcha(Blocks):
    """A 403 with a captcha, once."""

    def test_in_the_data(self):
        """of a request"""
        task_id = self.post(answered(403, CAPTCHA))
        self.assert_state(task_id, "completed")
        self.assert_paused("captcha", task_id)
        self.assertIsNone(self.poll_id())
        self.resume()
        self.assertEqual(self.poll_id(), "waiting")

    def test_datadome(self):
        """by another name, in another case"""
        self.post(answered(403, "<p>Protected by DataDome</p>"))
        self.assert_paused("captcha")

    def test_in_the_error(self):
        """in the text of a failure"""
        error = "HTTP 403: please solve the CAPTCHA"
        self.post({"success": False, "error": error}, "create_product")
        self.assert_paused("captcha")

    def test_in_an_error_that_is_no_text(self):
        """in a failure whose error is an object"""
        error = {"message": "captcha", "status": 403}
        task_id = self.post({"success": False, "error": error})
        self.assert_paused("captcha")
        record = self.assert_state(task_id, "failed").record
        self.assertEqual(json.loads(record["error"]), error)

    def test_cut_in_an_emoji(self):
        """in a page that was cut in the middle of an emoji"""
        task_id = self.post(answered(403, "<p>captcha \ud83d"))
        record = self.assert_state(task_id, "completed").record
        self.assertEqual(record["result"]["data"], "<p>captcha \ufffd")
        self.assert_paused("captcha", task_id)

    def test_beside_the_data(self):
        """as the status of the result itself"""
        self.post({"success": False, "status": 403, "error": "captcha"})
        self.assert_paused("captcha")

    def test_in_a_batch(self):
        """of one of several requests"""
        one = {"success": True, "status": 200, "data": {}}
        bad = {"success": False, "status": 403, "data": CAPTCHA}
        data = {"success": True, "results": [one, bad, one]}
        self.post({"success": True, "data": data}, "execute_batch_requests")
        self.assert_paused("captcha")

    def test_of_another_request(self):
        """but not one that another request speaks of"""
        shirt = {"status": 200, "data": {"title": "captcha shirt"}}
        bad = {"status": 403, "data": {}}
        data = {"results": [shirt, bad]}
        self.post({"success": True, "data": data}, "execute_batch_requests")
        self.assert_going_on()

    def test_without_a_403(self):
        """nor the word alone"""
        self.post(answered(200, {"title": "a captcha shirt"}))
        self.post({"success": False, "error": "captcha"})
        self.post(answered(401, CAPTCHA))
        self.assert_going_on()

    def test_worth_a_retry(self):
        """also where the task itself comes again"""
        error = "403, captcha; content script not loaded"
        task_id = self.post({"success": False, "error": error})
        self.assert_state(task_id, "pending")
        self.assert_paused("captcha")

    def test_paused_already(self):
        """the first reason stays"""
        self.root.make("pending", 42)
        task_id = self.create(priority=9)
        self.poll()
        self.root.write(self.root.place("pending", 42, "PAUSED"), b"mine\n")
        self.finish(task_id, answered(403, CAPTCHA))
        text = self.root.read("pending", 42, "PAUSED")
        self.assertEqual(text, b"mine\n")

    def test_pausing_fails(self):
        """a result is taken though its user cannot be paused"""
        self.leaves_debris = "the folder that is a file"
        task_id = self.create(action="execute_http_request", priority=9)
        self.poll()
        folder = self.root.place("pending", 42)
        os.rename(folder, folder + "-away")
        self.root.write(folder, b"")
        self.finish(task_id, answered(403, CAPTCHA))
        log = self.root.read("log", "events.log").decode()
        self.assertIn("pausing did not work", log)


class TwiceInARow(Blocks):
    """401 or 403, and then once more."""

    def test_twice(self):
        """any two of them, wherever they are told"""
        for first, second in (
            (answered(401), answered(403)),
            (answered(403), {"success": False, "error": "Forbidden (403)"}),
            (
                {"success": False, "status": 401, "error": "no"},
                {"success": True, "data": {"results": [{"status": 403}]}},
            ),
        ):
            self.post(first)
            self.assert_going_on()
            self.post(second)
            self.assert_paused("twice in a row")
            self.resume()
            self.post(SUCCESS)

    def test_with_a_success_between(self):
        """any other result between them begins anew"""
        for between in (SUCCESS, {"success": False, "error": "no"}):
            self.post(answered(403))
            self.assertIn("42.refused", self.root.ls("users"))
            self.post(between)
            self.assertNotIn("42.refused", self.root.ls("users"))
            self.post(answered(401))
            self.assert_going_on()
            self.post(SUCCESS)

    def test_captcha_posted_again(self):
        """the pause that a crash has kept from coming, comes by then"""
        body = answered(403, CAPTCHA)
        task_id = self.post(body)
        os.unlink(self.root.place("pending", 42, "PAUSED"))
        self.finish(task_id, body)
        self.assert_paused("captcha", task_id)

    def test_posted_twice(self):
        """the same result posted twice is one"""
        body = answered(403)
        task_id = self.post(body)
        self.finish(task_id, body)
        self.assert_going_on()
        body = {"success": False, "error": CONTENT_SCRIPT}
        self.post(SUCCESS)
        task_id = self.post(body)
        self.finish(task_id, body)
        self.assert_going_on()
        self.assert_state(task_id, "pending")

    def test_refused(self):
        """a result that is not taken does not count"""
        task_id = self.post(answered(403))
        answer = self.post_result(task_id, answered(401))
        self.assert_problem(answer, 409, "result_conflict")
        self.assert_going_on()

    def test_of_another_user(self):
        """each user's are counted apart"""
        self.post(answered(403))
        task_id = self.create(user=43)
        self.poll(user=43)
        other = self.root.token(43, "plugin")
        answer = self.post_result(task_id, answered(403), other)
        self.assertEqual(answer.status, 200, answer)
        self.assert_going_on()

    def test_numbers_that_are_none(self):
        """a number that is part of something else is no status"""
        for error in (
            "item 40312",
            "price 4.03, or 403.50, or 12,401",
            "x403",
            "403ms",
            "é403",
            "1403",
        ):
            for _ in range(2):
                self.post({"success": False, "error": error})
            self.assert_going_on()
        for status in ("403", 403.5, 4030, None, [403]):
            for _ in range(2):
                data = {"status": status, "results": {"status": 403}}
                self.post({"success": True, "data": data})
            self.assert_going_on()
        for _ in range(2):
            self.post({"success": True, "error": "403", "data": {}})
        self.assert_going_on()

    def test_resumed(self):
        """rm resumes; one more refusal in the row stops it again"""
        self.post(answered(403))
        self.post(answered(403))
        self.assert_paused()
        self.resume()
        self.assertEqual(self.poll_id(), "waiting")
        self.finish("waiting", answered(403))
        self.assert_paused()


class Served(Captcha):
    """The same through a web server."""

    transport = Rewritten


if __name__ == "__main__":
    main()
