#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Python client over a backend that answers anything: what is a success,
what is not, and which exception says so."""

import contextlib
import copy
import http.server
import json
import pickle
import socket
import threading
import unittest

from support import main
from support.client import client as module
from support.client import VintedProxyClient, VintedProxyError

SESSION = {"csrf_token": "c", "anon_id": "a"}
HTML = "<!DOCTYPE html><html><title>Parked domain</title></html>"
# Vinted's own for a token that it does not know: status 200 or 401.
NO_TOKEN = {"code": 100, "message": "Invalid authentication token"}
# Neither what Vinted nor what a backend would answer to anything.
STRANGE = (HTML, "", "null", "[]", "{}", "1", '"x"', '{"id":', NO_TOKEN)
ITEM = {
    "id": 7,
    "title": "t",
    "price": {"amount": "9.00"},
    "photos": [{"id": 3}],
}


def as_text(body):
    return body if isinstance(body, str) else json.dumps(body)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers what `server.reply` makes of each request."""

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.seen.append((self.command, self.path, self.headers, body))
        told = self.server.reply(self.path, body and json.loads(body))
        if told is None:
            self.close_connection = True
            return
        status, text, *headers = told
        data = as_text(text).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Case(unittest.TestCase):
    """A backend of the test's, and a client of it."""

    def setUp(self):
        self.server = self.serve()
        self.client = self.connect()

    def serve(self):
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        server.seen = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        return server

    def connect(self, **more):
        url = f"http://127.0.0.1:{self.server.server_port}"
        return VintedProxyClient(url, "secret", 42, **more)

    def answer(self, status, body, *headers):
        """From now on to everything."""
        self.server.reply = lambda path, sent: (status, body, *headers)

    def vinted(self, *answers):
        """Vinted answers this, request by request, and then the last again:
        (status, data)."""
        left = list(answers)

        def reply(path, sent):
            status, data = left.pop(0) if len(left) > 1 else left[0]
            return 200, told(status, data)

        self.server.reply = reply

    def asked(self):
        """(method, URL) of each request that went to Vinted."""
        bodies = [json.loads(body) for *_, body in self.server.seen]
        return [(b["request"]["method"], b["request"]["url"]) for b in bodies]

    @contextlib.contextmanager
    def fails(self, kind, **members):
        """The block raises just this, which has the members."""
        with self.assertRaises(VintedProxyError) as caught:
            yield caught
        self.assert_failure(caught.exception, kind, **members)

    def assert_failure(self, error, kind, **members):
        self.assertIs(type(error), kind, error)
        self.assertTrue(str(error))
        for name, value in members.items():
            self.assertEqual(getattr(error, name), value, name)


def told(status, data):
    """What a plugin tells of an answer of Vinted's."""
    return {
        "success": 200 <= status < 300,
        "status": status,
        "statusText": "",
        "headers": {},
        "data": data,
    }


def nested(depth):
    return [nested(depth - 1)] if depth else []


def backend_calls(client):
    """What raises where the backend's answer is none, by its name."""
    return {
        "user_data": client.user_data,
        "create_task": lambda: client.create_task("get_stats", {}),
        "get_task": lambda: client.get_task("t1"),
        "list_tasks": client.list_tasks,
        "cancel_task": lambda: client.cancel_task("t1"),
        "retry_task": lambda: client.retry_task("t1"),
        "wait_for": lambda: client.wait_for("t1"),
        "sync": client.sync,
        "update_prices": lambda: client.update_prices({7: "1.00"}),
        "products": lambda: list(client.products()),
        "table": client.table,
        "status": client.status,
        "health": client.health,
    }


def vinted_calls(client):
    """What answers a dict whatever Vinted answers, by its name."""
    return {
        "create_product": lambda: client.create_product(
            **SESSION, title="t", description="d", price="1.00"
        ),
        "update_product": lambda: client.update_product(
            7, **SESSION, price="1.00"
        ),
        "delete_product": lambda: client.delete_product(7, **SESSION),
        "upload_photo": lambda: client.upload_photo(
            7, **SESSION, photo_data=b"\xff\xd8\xff"
        ),
        "get_item_stats": lambda: client.get_item_stats(7, **SESSION),
    }


class Backend(Case):
    """What stands at the backend's address."""

    def test_strange(self):
        """200 and nothing that a backend says: each call says so"""
        for body in STRANGE:
            self.answer(200, body)
            for name, call in backend_calls(self.client).items():
                with self.subTest(name, body=body):
                    with self.fails(module.UnreadableAnswer) as caught:
                        call()
                    self.assertIsNone(caught.exception.code)
            with self.subTest("bridge", body=body):
                self.assert_bridge_fails(module.UnreadableAnswer)

    def assert_bridge_fails(self, kind):
        """The calls of the guide's client do not raise, as ever."""
        self.assertFalse(self.client.ping())
        self.assertIsNone(self.client.get_user_data())
        self.assertIs(type(self.client.last_failure), kind)
        self.assertEqual(
            self.client.last_error, str(self.client.last_failure)
        )
        one = self.client.execute_request("https://www.vinted.fr/")
        many = self.client.execute_batch([{"url": "https://www.vinted.fr/"}])
        others = [call() for call in vinted_calls(self.client).values()]
        for answer in (one, many, *others):
            self.assertEqual((answer["success"], answer["status"]), (False, 0))
            self.assertEqual(answer["error"], str(answer.failure))
            with self.fails(kind):
                answer.checked()
        self.assertEqual(many["results"], [])
        with self.fails(kind):
            self.client.get_all_products(1, **SESSION)

    def test_what_came(self):
        """the answer is in the exception, JSON or not"""
        self.answer(200, HTML)
        with self.fails(module.UnreadableAnswer, status=200, answer=HTML) as e:
            self.client.status()
        self.assertIn("Parked domain", str(e.exception))
        self.answer(200, NO_TOKEN)
        with self.fails(module.UnreadableAnswer, answer=NO_TOKEN):
            self.client.status()

    def test_problems(self):
        """each problem is the exception of its kind"""
        for status, code, kind in (
            (409, "task_exists", module.BackendRefused),
            (401, "token_invalid", module.BackendRefused),
            (507, "no_space", module.BackendRefused),
            (503, "plugin_not_connected", module.PluginNotConnected),
            (502, "plugin_failed", module.PluginFailed),
            (504, "plugin_timeout", module.TimedOut),
        ):
            problem = {"detail": "Words.", "code": code, "status": status}
            self.answer(status, problem)
            for name, call in backend_calls(self.client).items():
                with self.subTest(name, code=code), self.fails(
                    kind, status=status, code=code, answer=problem
                ) as caught:
                    call()
                self.assertEqual(str(caught.exception), "Words.")
            self.assert_bridge_fails(kind)
        with self.assertRaises(TimeoutError):
            self.client.user_data()

    def test_problem_of_the_guide(self):
        """what FastAPI answers has a detail and no code"""
        self.answer(422, {"detail": [{"loc": ["body"], "msg": "missing"}]})
        with self.fails(module.BackendRefused, status=422, code=None) as e:
            self.client.create_task("x")
        self.assertIn("missing", str(e.exception))

    def test_half_right(self):
        """a member is missing, or is what no address can hold"""
        calls = backend_calls(self.client)
        for name, *answers in (
            ("products", {"products": []}),
            ("products", {"products": [], "next_cursor": "\ud83d"}),
            ("list_tasks", {"tasks": []}),
            ("create_task", {"task_id": "\ud83d"}),
            ("sync", {"task_id": "a\udc00"}),
        ):
            for body in answers:
                self.answer(200, body)
                with self.subTest(name, body=body):
                    with self.fails(module.UnreadableAnswer):
                        calls[name]()

    def test_deep(self):
        """what Python could read and not write again is no JSON"""
        self.answer(200, {"connected": True, "more": nested(60)})
        self.assertTrue(self.client.status()["connected"])
        for depth in (101, 900, 940, 960, 970, 980, 990, 100000):
            deep = "[" * depth + "]" * depth
            for status in (200, 404):
                self.answer(status, '{"detail":%s}' % deep)
                with self.subTest(depth=depth, status=status):
                    with self.fails(module.UnreadableAnswer):
                        self.client.status()
                    with self.fails(module.UnreadableAnswer):
                        self.client.table()

    def test_gateways(self):
        """an error of who stands before the backend"""
        for status, kind in (
            (404, module.UnreadableAnswer),
            (502, module.UnreadableAnswer),
            (504, module.TimedOut),
        ):
            self.answer(status, HTML)
            with self.fails(kind, status=status, maybe_done=True):
                self.client.create_task("x")
            with self.fails(kind, status=status, maybe_done=False):
                self.client.get_task("x")

    def test_lost(self):
        """what was sent and not answered may have been done"""
        self.server.reply = lambda path, sent: None
        with self.fails(module.TimedOut, maybe_done=True):
            self.client.create_task("x")
        with self.fails(module.BackendUnreachable, maybe_done=False):
            self.client.get_task("x")
        made = vinted_calls(self.client)["create_product"]()
        self.assert_failure(made.failure, module.TimedOut, maybe_done=True)
        read = self.client.execute_request("https://www.vinted.fr/")
        self.assert_failure(read.failure, module.TimedOut, maybe_done=False)

    def test_nobody(self):
        """where nobody listens nothing was done"""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        client = VintedProxyClient(f"http://127.0.0.1:{port}")
        with self.fails(
            module.BackendUnreachable, status=0, answer=None, maybe_done=False
        ):
            client.create_task("x")

    def test_wrong_from_the_start(self):
        """an address or a token that cannot be is found at once"""
        for url in ("localhost:8000", "ftp://h", "file:///x", "http://h/ x"):
            with self.subTest(url), self.assertRaises(ValueError):
                VintedProxyClient(url)
        with self.assertRaises(ValueError) as caught:
            VintedProxyClient("http://h", auth_token="secret\n")
        self.assertNotIn("secret", str(caught.exception))

    def test_copies(self):
        """an exception goes to another process whole"""
        self.answer(504, {"detail": "Words.", "code": "plugin_timeout"})
        with self.fails(module.TimedOut) as caught:
            self.client.user_data()
        for error in (
            copy.copy(caught.exception),
            pickle.loads(pickle.dumps(caught.exception)),
        ):
            self.assert_failure(error, module.TimedOut, status=504)
            self.assertEqual(error.answer["detail"], "Words.")


class Token(Case):
    """Where it goes."""

    def test_carriers(self):
        """both headers bear it"""
        self.answer(200, {"connected": True})
        self.client.status()
        ((_, _, headers, _),) = self.server.seen
        self.assertEqual(headers["Authorization"], "Bearer secret")
        self.assertEqual(headers["X-StoFlow-Token"], "secret")

    def test_another_host(self):
        """a redirection elsewhere is not followed"""
        other = self.serve()
        other.reply = lambda path, sent: (200, {"connected": True})
        target = f"http://127.0.0.1:{other.server_port}/"
        for status in (301, 302, 303, 307, 308):
            self.answer(status, "", ("Location", target))
            with self.subTest(status):
                with self.fails(
                    module.BackendUnreachable, status=status
                ) as caught:
                    self.client.status()
                self.assertIn(target, str(caught.exception))
                with self.fails(module.BackendUnreachable, maybe_done=False):
                    self.client.create_task("x")
        self.assertEqual(other.seen, [])
        for target in ("http://[x", "http://127.0.0.1:y/", "file:///x", "//"):
            self.answer(302, "", ("Location", target))
            with self.subTest(target), self.fails(module.BackendUnreachable):
                self.client.status()

    def test_same_host(self):
        """a question is asked again at the same host, with the token"""

        def reply(path, sent):
            if path.startswith("/cgi-bin"):
                return 200, {"connected": True}
            return 302, "", ("Location", "/cgi-bin" + path)

        self.server.reply = reply
        self.assertTrue(self.client.status()["connected"])
        self.assertEqual(
            self.server.seen[-1][2]["X-StoFlow-Token"], "secret"
        )
        with self.fails(module.BackendUnreachable, status=302):
            self.client.create_task("x")

    def test_upgrade(self):
        """from http to https at the same host, and never back"""
        for url, target, leads in (
            ("http://h/a", "https://h/a", True),
            ("http://h:80/a", "https://h:443/a", True),
            ("http://h/a", "https://h:8443/a", False),
            ("http://h:8000/a", "https://h/a", False),
            ("http://h/a", "https://h.example/a", False),
            ("http://h/a", "https://h@e.example/a", False),
            ("https://h/a", "http://h/a", False),
        ):
            with self.subTest(url=url, target=target):
                followed = module._followed(url, target)
                self.assertEqual(followed, target if leads else None)

    def test_circle(self):
        """a redirection to itself comes to an end"""
        self.answer(302, "", ("Location", "/"))
        with self.fails(module.BackendUnreachable):
            self.client.status()
        self.assertLess(len(self.server.seen), 10)


class Vinted(Case):
    """What Vinted answers through the browser."""

    def assert_unproven(self, data, status=200):
        """No call takes this for a success."""
        self.vinted((status, data))
        for name, call in vinted_calls(self.client).items():
            with self.subTest(name, data=data):
                answer = call()
                self.assertEqual(
                    (answer["success"], answer["status"]), (False, status)
                )
                self.assert_failure(
                    answer.failure,
                    module.UnreadableAnswer,
                    status=status,
                    code="unreadable",
                    answer=data,
                )
        with self.subTest("get_all_products", data=data):
            with self.fails(module.UnreadableAnswer, code="unreadable"):
                self.client.get_all_products(1, **SESSION)

    def test_strange(self):
        """200 without proof is a failure, and says so"""
        for data in (HTML, "text", [], 1, None, NO_TOKEN, {"code": 104}):
            self.assert_unproven(data)
        self.assertNotIn("PUT", [method for method, _ in self.asked()])

    def test_other_success(self):
        """so is a status that is not the call's"""
        self.assert_unproven({"item": ITEM, "id": 5}, 202)

    def test_lacking(self):
        """an answer without what it must have, or of another item"""
        other = {**ITEM, "id": 8}
        for name, *answers in (
            ("create_product", {}, {"item": None}, {"item": {"id": "x"}}),
            ("create_product", {"item": {"id": True}}, {"item": []}),
            ("update_product", {}, {"item": {}}, {"item": other}),
            ("update_product", {"item": {"id": 7, "price": "1.00"}}),
            ("update_product", {"item": {**ITEM, "photos": None}}),
            ("update_product", {"item": {**ITEM, "photos": [{}]}}),
            ("update_product", {"item": {**ITEM, "price": {}}}),
            ("upload_photo", {}, {"id": None}, {"photo": {}}),
            ("update_product", {"item": {**ITEM, "title": None}}),
            ("get_item_stats", {}, {"view_count": "a"}, {"item": {}}),
            ("get_item_stats", {"view_count": None, "favourite_count": -1}),
        ):
            for data in answers:
                self.vinted((200, data))
                with self.subTest(name, data=data):
                    answer = vinted_calls(self.client)[name]()
                    self.assertFalse(answer["success"])
                    self.assertEqual(answer.failure.code, "unreadable")
        self.assertNotIn("PUT", [method for method, _ in self.asked()])

    def test_not_put(self):
        """what PUT and the second way to delete and to count answer"""
        calls = vinted_calls(self.client)
        for name, first, second in (
            ("update_product", (200, {"item": ITEM}), (200, HTML)),
            ("update_product", (200, {"item": ITEM}), (200, {"code": 99})),
            ("update_product", (200, {"item": ITEM}), (200, {"item": {}})),
            ("delete_product", (404, HTML), (200, HTML)),
            ("delete_product", (405, None), (200, None)),
            ("get_item_stats", (404, None), (200, {"item": {"id": 7}})),
        ):
            self.vinted(first, second)
            with self.subTest(name, second=second):
                answer = calls[name]()
                self.assertFalse(answer["success"])
                self.assertEqual(answer.failure.code, "unreadable")
                wrote = name != "get_item_stats"
                self.assertEqual(answer.failure.maybe_done, wrote)

    def test_successes(self):
        """every shape that is one"""
        item = {"item": ITEM, "code": 0}
        counts = {"view_count": 2, "favourite_count": 0}
        for name, *answers in (
            ("create_product", (200, item)),
            ("create_product", (201, {"id": 7})),
            ("update_product", (200, item)),
            ("update_product", (200, ITEM), (200, {**ITEM, "code": None})),
            ("delete_product", (200, {"code": 0})),
            ("delete_product", (404, HTML), (204, None)),
            ("upload_photo", (201, {"id": 5}), (200, item)),
            ("upload_photo", (200, {"photo": {"id": 5}}), (200, item)),
            ("get_item_stats", (200, counts)),
            ("get_item_stats", (200, {"stats": counts})),
            ("get_item_stats", (404, 0), (200, {"item": {**ITEM, **counts}})),
            ("get_item_stats", (200, HTML), (200, {**ITEM, **counts})),
        ):
            self.vinted(*answers)
            with self.subTest(name, answers=answers):
                answer = vinted_calls(self.client)[name]()
                self.assertTrue(answer["success"], answer)
                self.assertIs(answer.checked(), answer)
                self.assertEqual(
                    {
                        "create_product": lambda: answer["data"]["item"]["id"],
                        "update_product": lambda: answer["data"]["item"]["id"],
                        "delete_product": lambda: answer["status"],
                        "upload_photo": lambda: answer["data"]["id"],
                        "get_item_stats": lambda: answer["data"]["view_count"],
                    }[name](),
                    {
                        "create_product": 7,
                        "update_product": 7,
                        "delete_product": 204,
                        "upload_photo": 5,
                        "get_item_stats": 2,
                    }[name],
                )

    def test_refusals(self):
        """Vinted's words, status and a code"""
        errors = {
            "code": 99,
            "message": "Sorry",
            "errors": [{"field": "price", "value": "is too low"}],
        }
        captcha = {"url": "https://geo.captcha-delivery.com/captcha/?x=1"}
        cloudflare = "<title>Just a moment...</title><script src=cf-chl>"
        for status, data, code, words in (
            (400, errors, "refused", "Sorry; price: is too low"),
            (401, NO_TOKEN, "signed_out", "Invalid authentication token"),
            (403, captcha, "blocked", "403"),
            (403, cloudflare, "blocked", "Just a moment"),
            (403, {"message": "no"}, "refused", "no"),
            (403, {}, "signed_out", "403"),
            (403, NO_TOKEN, "signed_out", "Invalid authentication token"),
            (422, {"errors": {"title": ["is short", "is odd"]}}, "refused",
             "title: is short, is odd"),
            (422, {"message_code": "x\u009by", "errors": ["a", 1]}, "refused",
             "x y; a; 1"),
            (503, HTML, "blocked", "Parked domain"),
            (404, None, "refused", "404"),
            (429, "", "limited", "429"),
            (500, HTML, "refused", "Parked domain"),
        ):
            self.vinted((status, data))
            for name, call in vinted_calls(self.client).items():
                with self.subTest(name, status=status):
                    answer = call()
                    self.assertEqual(answer["status"], status)
                    self.assert_failure(
                        answer.failure,
                        module.VintedRefused,
                        status=status,
                        code=code,
                        answer=data,
                    )
                    self.assertIn(words, answer["error"])
            with self.fails(module.VintedRefused, status=status) as caught:
                self.client.get_all_products(1, **SESSION)
            self.assertTrue(str(caught.exception).startswith("page 1: "))

    def test_block_under_200(self):
        """a page against robots is one under any status"""
        self.vinted((200, "<html><title>Just a moment...</title></html>"))
        for name, call in vinted_calls(self.client).items():
            with self.subTest(name):
                self.assert_failure(
                    call().failure,
                    module.VintedRefused,
                    status=200,
                    code="blocked",
                )

    def test_block_that_is_named(self):
        """the plugin, which sees the headers, may know better"""
        for status in (200, 403):
            answer = {**told(status, {"message": "x"}), "code": "blocked"}
            self.answer(200, answer)
            for name, call in vinted_calls(self.client).items():
                with self.subTest(name, status=status):
                    self.assertEqual(call().failure.code, "blocked")

    def test_kept_back(self):
        """a count that Vinted does not tell is None"""
        self.vinted((200, {"view_count": 3}))
        answer = vinted_calls(self.client)["get_item_stats"]()
        self.assertEqual(
            answer.checked()["data"],
            {"view_count": 3, "favourite_count": None},
        )

    def test_photos(self):
        """the photos that a product has go back, under either name"""
        for name in ("photos", "assigned_photos"):
            item = {k: v for k, v in ITEM.items() if k != "photos"}
            item[name] = [{"id": 3, "orientation": 1}, {"id": 4}]
            self.vinted((200, {"item": item}))
            vinted_calls(self.client)["update_product"]()
            sent = json.loads(self.server.seen[-1][3])["request"]
            self.assertEqual(sent["method"], "PUT")
            self.assertEqual(
                sent["body"]["item"]["assigned_photos"],
                [{"id": 3, "orientation": 1}, {"id": 4, "orientation": 0}],
            )

    def test_photos_of_either(self):
        """the fuller of both members goes back, or nothing where that is not
        right: Vinted takes away what is not named"""
        one, two = [{"id": 3}], [{"id": 3}, {"id": 4}]
        for photos, assigned, sent in (
            ([], one, one),
            (one, [], one),
            (one, two, two),
            (two, one, two),
            ([None], one, one),
            (7, one, one),
            (one, "x", one),
            (None, one, one),
            ([], [], []),
            (None, [], []),
            (7, [], None),
            ([None], [], None),
            ([{"id": 3}, {}], one, None),
            (one, [{"id": 3}, None], None),
            ([None], [{}], None),
            (None, None, None),
        ):
            item = {**ITEM, "photos": photos, "assigned_photos": assigned}
            for name, new in (
                ("update_product", []), ("upload_photo", [{"id": 7}])
            ):
                with self.subTest(name, photos=photos, assigned=assigned):
                    # An answer that is right for a photo, too.
                    self.vinted((200, {"item": item, "id": 7}))
                    self.server.seen.clear()
                    answer = vinted_calls(self.client)[name]()
                    self.assertEqual(answer["success"], sent is not None)
                    if sent is None:
                        self.assertEqual(answer.failure.code, "unreadable")
                        calls = [method for method, _ in self.asked()]
                        self.assertNotIn("PUT", calls)
                        continue
                    body = json.loads(self.server.seen[-1][3])["request"]
                    self.assertEqual(
                        [{"id": photo["id"]} for photo in
                         body["body"]["item"]["assigned_photos"]],
                        sent + new,
                    )
                    self.assertNotIn("photos", body["body"]["item"])

    def test_browser(self):
        """what the browser could not do, and what nobody knows"""
        for error, code, kind, unknown in (
            ("Aucun onglet Vinted ouvert", None, module.PluginFailed, False),
            ("NetworkError", None, module.PluginFailed, True),
            ("Autre compte", "wrong_account", module.PluginFailed, False),
            ("Interrompu : ...", None, module.TimedOut, True),
            ("?", "unknown", module.TimedOut, True),
            ("?", "blocked", module.VintedRefused, False),
            ("?", "unreadable", module.UnreadableAnswer, True),
        ):
            answer = {**told(0, None), "error": error, "code": code}
            self.answer(200, answer)
            with self.subTest(error, code=code):
                made = vinted_calls(self.client)["create_product"]()
                self.assertEqual(made["error"], error)
                self.assert_failure(
                    made.failure, kind, code=code, maybe_done=unknown
                )
                read = self.client.execute_request("https://www.vinted.fr/")
                self.assertFalse(read.failure.maybe_done)

    def test_several(self):
        """each result of a list has its own verdict"""
        requests = [{"url": "/a"}, {"url": "/b", "method": "POST"}]
        results = [told(200, {}), told(500, HTML)]
        self.answer(200, {"success": True, "results": results})
        answer = self.client.execute_batch(requests)
        self.assertTrue(answer["success"])
        first, second = answer["results"]
        self.assertIs(first.checked(), first)
        self.assert_failure(
            second.failure, module.VintedRefused, maybe_done=True
        )
        for results in ([1], [{}], [told(200, {})] * 3, None):
            self.answer(200, {"success": True, "results": results})
            answer = self.client.execute_sequential(requests)
            with self.subTest(results=results):
                self.assertEqual(
                    (answer["success"], answer["results"]), (False, [])
                )
                with self.fails(module.UnreadableAnswer):
                    answer.checked()

    def test_session(self):
        """a token that is not known is not sent as one"""
        self.assertEqual(module.session(None, "a"), {"X-Anon-Id": "a"})


def page(ids, **pagination):
    items = [{"id": number, "title": "t"} for number in ids]
    return 200, {"items": items, "pagination": pagination or None}


class Wardrobe(Case):
    """A list that knows whether it is whole."""

    def read(self, *pages):
        self.vinted(*pages)
        self.told = []
        return self.client.get_all_products(
            1, **SESSION, throttle=0, progress=self.told.append
        )

    def test_complete(self):
        """as many as are counted"""
        found = self.read(
            page([1, 2], total_pages=2, total_entries=3),
            page([3], total_pages=2, total_entries=3),
        )
        self.assertEqual([each["id"] for each in found], [1, 2, 3])
        self.assertEqual((found.total, found.complete), (3, True))
        self.assertEqual(
            self.told,
            [
                module.Progress(2, 3, "page 1/2"),
                module.Progress(3, 3, "page 2/2"),
            ],
        )

    def test_incomplete(self):
        """one twice, another count, or fewer than are counted"""
        for words, *pages in (
            ("twice", ([1, 2], 3), ([2, 3], 3)),
            ("while", ([1, 2], 4), ([3], 3)),
            ("counts 4", ([1, 2], 4), ([3], 4)),
        ):
            with self.subTest(words):
                found = self.read(
                    *(
                        page(ids, total_pages=2, total_entries=total)
                        for ids, total in pages
                    )
                )
                self.assertFalse(found.complete)
                self.assertIn(words, found.reason)
                ids = [each["id"] for each in found]
                self.assertEqual(len(ids), len(set(ids)))

    def test_uncounted(self):
        """where pages are not counted an empty one is the last"""
        found = self.read(page([1, 2]), page([3]), page([]))
        self.assertEqual(len(found), 3)
        self.assertEqual((found.total, found.complete), (None, True))

    def test_endless(self):
        """a site that counts on and on comes to an end"""
        self.assertEqual(
            len(self.read(page([1], total_pages=9**9, total_entries=1))), 1
        )


class Site(Case):
    """Where the seller's account is."""

    def urls(self, client, user=None, items=()):
        def reply(path, sent):
            request = sent["request"]
            if request["url"].endswith("/users/current"):
                return 200, told(200, {"user": user})
            if "/wardrobe/" in request["url"]:
                return 200, told(200, {"items": list(items)})
            return 200, told(200, {"item": ITEM})

        self.server.reply = reply
        answer = client.create_product(**SESSION, title="t", description="d",
                                       price="1")
        return answer, [url for _, url in self.asked()]

    def currency(self):
        sent = json.loads(self.server.seen[-1][3])["request"]["body"]
        return sent["item"]["currency"]

    def test_default(self):
        """the guide's, unless another is named"""
        path = "/api/v2/item_upload/items"
        _, urls = self.urls(self.client)
        self.assertEqual(urls, ["https://www.vinted.fr" + path])
        self.assertEqual(self.currency(), "EUR")
        client = self.connect(site="https://www.vinted.co.uk/")
        _, urls = self.urls(client)
        self.assertEqual(urls[1:], ["https://www.vinted.co.uk" + path])
        self.assertEqual(self.currency(), "GBP")
        with self.assertRaises(ValueError):
            self.connect(site="www.vinted.fr")

    def test_account(self):
        """site=None asks the account once, at whichever Vinted is open"""
        profile = "https://www.vinted.co.uk/member/7-me"
        for user, site, currency in (
            ({"id": 7, "profile_url": profile}, "co.uk", "GBP"),
            ({"id": 7, "country_iso_code": "GB"}, "co.uk", "GBP"),
            ({"id": 7, "country_code": "it"}, "it", "EUR"),
            ({"id": 7, "country_code": "PL", "currency": "EUR"}, "pl", "EUR"),
        ):
            with self.subTest(user=user):
                self.server.seen.clear()
                client = self.connect(site=None)
                self.urls(client, user)
                answer, urls = self.urls(client, user)
                self.assertTrue(answer["success"])
                self.assertEqual(urls[0], "/api/v2/users/current")
                self.assertEqual(
                    {url.partition("/api")[0] for url in urls[1:]},
                    {f"https://www.vinted.{site}"},
                )
                self.assertEqual(len(urls), 3)
                self.assertEqual(self.currency(), currency)
                self.assertEqual(client.site, f"https://www.vinted.{site}")

    def test_products(self):
        """where the account does not say, its products do"""
        items = [{"id": 1, "url": "https://www.vinted.pl/items/1-x"}]
        client = self.connect(site=None)
        answer, urls = self.urls(client, {"id": 7}, items)
        self.assertTrue(answer["success"])
        self.assertEqual(
            urls[1:],
            [
                "/api/v2/wardrobe/7/items?page=1&per_page=1",
                "https://www.vinted.pl/api/v2/item_upload/items",
            ],
        )
        self.assertEqual(self.currency(), "PLN")

    def test_not_told(self):
        """nothing is written where it is not known whither"""
        strange = "https://www.vinted.evil.example/member/7"
        for user in (
            None, {}, {"id": 7}, {"id": 7, "profile_url": strange},
            {"id": 7, "country_code": "x/y"},
        ):
            self.server.seen.clear()
            with self.subTest(user=user):
                items = [{"id": 1, "url": "/items/1"}]
                answer, urls = self.urls(self.connect(site=None), user, items)
                self.assertEqual(
                    (answer["success"], answer["status"]), (False, 0)
                )
                self.assertEqual([u for u in urls if "item_upload" in u], [])
                with self.fails(module.UnreadableAnswer):
                    answer.checked()


class Tasks(Case):
    """Waiting, and what a record says."""

    def task(self, status, **more):
        return {"task_id": "t1", "status": status, **more}

    def replies(self, *tasks):
        left = list(tasks)
        self.server.reply = lambda path, sent: (
            200,
            left.pop(0) if len(left) > 1 else left[0],
        )

    def test_progress(self):
        """what is new is told, once"""
        one = {"done": 1, "total": 80, "message": None, "at": "a"}
        two = {"done": 2, "total": 80, "message": "x", "at": "b"}
        self.replies(
            self.task("pending"),
            self.task("executing", progress=one),
            self.task("executing", progress=one),
            self.task("executing", progress=two),
            self.task("executing", progress="?"),
            self.task("completed", result={}),
        )
        told = []
        record = self.client.wait_for("t1", interval=0, progress=told.append)
        self.assertEqual(record["status"], "completed")
        self.assertEqual(told, [(1, 80, None), (2, 80, "x")])

    def test_away(self):
        """a backend that goes away for a moment does not end the waiting"""
        busy = {"detail": "Words.", "code": "unavailable"}
        for away in (None, (503, busy)):
            left = [
                (200, self.task("executing")),
                away,
                away,
                (200, self.task("completed")),
            ]
            self.server.reply = lambda path, sent: left.pop(0)
            with self.subTest(away=away):
                record = self.client.wait_for("t1", interval=0)
                self.assertEqual(record["status"], "completed")
            self.server.reply = lambda path, sent: away
            with self.subTest(away=away), self.assertRaises(VintedProxyError):
                self.client.wait_for("t1", interval=0)

    def test_too_long(self):
        """the exception has the task as it was last"""
        self.replies(self.task("executing"))
        with self.fails(
            module.TimedOut, answer=self.task("executing"), maybe_done=True
        ):
            self.client.wait_for("t1", timeout=0)

    def test_prices(self):
        """one task for all, and its tally or why there is none"""
        tally = {"updated": 1, "failed": 0, "total": 1, "results": []}
        self.replies(
            self.task("pending"), self.task("completed", result=tally)
        )
        self.assertEqual(
            self.client.update_prices({7: "1.00"}, throttle=0), tally
        )
        sent = json.loads(self.server.seen[0][3])
        self.assertEqual(sent["action"], "update_prices")
        self.assertEqual(
            sent["params"],
            {"updates": [{"item_id": 7, "price": "1.00"}], "throttle": 0},
        )
        failed = self.task("failed", error="429", result={"status": 429})
        self.replies(self.task("pending"), failed)
        with self.fails(
            module.VintedRefused, status=429, code="limited", answer=failed
        ):
            self.client.update_prices({7: "1.00"})

    def test_results(self):
        """each end of a task is the exception of its kind"""
        self.assertEqual(
            module.result_of(self.task("completed", result=[1])), [1]
        )
        for kind, code, unknown, more in (
            (module.TimedOut, "unknown", True, {"declared": "timeout"}),
            (module.TimedOut, "unknown", True, {"outcome": "unknown"}),
            (module.TimedOut, None, True, {"status": "pending"}),
            (module.PluginFailed, "expired", False, {"declared": "expired"}),
            (module.PluginFailed, "cancelled", False,
             {"declared": "cancelled"}),
            (module.PluginFailed, "timeout", False,
             {"declared": "timeout", "settled": "not found"}),
            (module.PluginFailed, "no_tab", False,
             {"result": {"code": "no_tab"}}),
            (module.VintedRefused, "blocked", False,
             {"result": {"code": "blocked", "status": 403}}),
            (module.VintedRefused, "signed_out", False,
             {"result": {"status": 401}}),
            (module.UnreadableAnswer, "unreadable", True,
             {"result": {"code": "unreadable"}}),
            (module.TimedOut, None, True, {"error": "Interrompu : ..."}),
            (module.PluginFailed, None, True, {"result": None}),
            (module.PluginFailed, None, True, {"result": "text"}),
        ):
            record = {**self.task("failed", error="Words"), **more}
            with self.subTest(more=more), self.fails(
                kind, code=code, maybe_done=unknown, answer=record
            ):
                module.result_of(record)


if __name__ == "__main__":
    main()
