#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Python client of the guide, through a server, with a plugin at work."""

import ast
import base64
import contextlib
import glob
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from urllib.parse import parse_qs, urlsplit

from support import Case, main
from support.case import GUIDE_CREATE, GUIDE_USER, wait_until
from support.client import (
    CLIENT,
    Examples,
    VintedProxyClient,
    VintedProxyError,
    client,
)
from support.documents import rows
from support.robot import Refusal, Robot
from support.sources import read
from support.web import Dispatched, Rewritten

HEADERS = {
    "X-CSRF-Token": GUIDE_USER["csrf_token"],
    "X-Anon-Id": GUIDE_USER["anon_id"],
}
SESSION = {k: GUIDE_USER[k] for k in ("csrf_token", "anon_id")}
ITEMS = [
    {"id": 1, "title": "=T-shirt", "price": "15.00", "brand": "Nike"},
    {"id": 2, "title": "Jean", "price": {"amount": "28.9"}, "size": "M"},
    {"id": 7750837522, "title": "Écharpe", "brand": {"title": "Lee"}},
]


class Vinted:
    """What the robot finds on Vinted: two items a page."""

    def __init__(self):
        self.requests = []
        self.refuse = None  # status to refuse requests with
        self.no_tab = False

    def carry_out(self, action, params):
        if self.no_tab:
            raise Refusal("Aucun onglet Vinted ouvert")
        if action == "get_user_data":
            return GUIDE_USER
        if action == "get_all_products":
            return {"products": ITEMS, "total": len(ITEMS)}
        if action == "update_prices":
            return self.tally(params["updates"])
        if action == "execute_http_request":
            return self.answer(params["request"])
        return {
            "success": True,
            "results": [self.answer(one) for one in params["requests"]],
        }

    def tally(self, updates):
        self.prices = updates
        results = [
            {"item_id": each["item_id"], "success": True} for each in updates
        ]
        count = len(results)
        return {
            "updated": count, "failed": 0, "total": count, "results": results,
        }

    def answer(self, request):
        self.requests.append(request)
        if self.refuse:
            return reply(self.refuse, None)
        url = urlsplit(request["url"])
        name = url.path.rpartition("/")[2]
        if url.path.startswith("/api/v2/wardrobe/29535217/items"):
            page = int(parse_qs(url.query)["page"][0])
            return reply(200, wardrobe(page))
        if url.path.endswith("/stats"):
            return reply(200, {"view_count": 125, "favourite_count": 8})
        number = int(name) if name.isdigit() else 789456
        title = GUIDE_CREATE["title"]
        item = {"id": number, "title": title, "photos": [{"id": 4}]}
        return reply(200, {"item": item, "id": 5, "code": 0})


def wardrobe(page):
    return {
        "items": ITEMS[2 * page - 2 : 2 * page],
        "pagination": {"current_page": page, "total_pages": 2},
    }


def reply(status, data):
    return {
        "success": 200 <= status < 300,
        "status": status,
        "statusText": "",
        "headers": {},
        "data": data,
    }


class Connected(Case):
    """A client, and a Vinted for whatever plugin there is."""

    transport = Rewritten

    def setUp(self):
        super().setUp()
        self.url = f"http://127.0.0.1:{self.api.server.port}{self.api.prefix}"
        self.client = VintedProxyClient(self.url, self.backend, 42)
        self.vinted = Vinted()
        self.robots = contextlib.ExitStack()
        self.addCleanup(self.robots.close)

    def tearDown(self):
        """Nobody may poll while the spool is looked at."""
        self.robots.close()
        super().tearDown()

    def robot(self):
        robot = Robot(self.api, self.plugin, self.vinted.carry_out)
        self.robots.enter_context(robot)
        self.assertTrue(wait_until(self.client.ping), "no plugin")
        return robot


class Client(Connected):
    """Every method of the guide, and those of the queue."""

    def test_user_data(self):
        """get_user_data is flat, as the guide shows it"""
        self.robot()
        self.assertEqual(self.client.get_user_data(), GUIDE_USER)
        self.assertTrue(self.client.ping())

    def test_all_products(self):
        """all pages, every shape of an item tidied up"""
        self.robot()
        products = self.client.get_all_products(
            GUIDE_USER["user_id"], **SESSION, throttle=0
        )
        self.assertEqual([p["id"] for p in products], [1, 2, 7750837522])
        self.assertEqual([p.get("brand") for p in products],
                         ["Nike", None, "Lee"])
        self.assertEqual(products[2]["brand"].get("title", ""), "Lee")
        self.assertEqual(products[1]["price"], "28.9")
        self.assertEqual(products[1]["size"], "M")
        for request in self.vinted.requests:
            self.assertEqual(request["headers"], HEADERS)
            self.assertEqual(request["credentials"], "include")

    def test_a_page_fails(self):
        """a part of a wardrobe never passes for the whole"""
        self.robot()
        self.vinted.refuse = 403
        with self.assertRaises(VintedProxyError) as caught:
            self.client.get_all_products(1, **SESSION)
        self.assertEqual(caught.exception.status, 403)

    def test_writes(self):
        """create, update, delete, photo, stats: Vinted's own requests"""
        self.robot()
        made = self.client.create_product(**SESSION, **GUIDE_CREATE)
        self.assertTrue(made["success"])
        self.assertEqual(made["data"]["item"]["id"], 789456)
        changed = self.client.update_product(123456, **SESSION, price="12.00")
        self.assertTrue(changed["success"])
        gone = self.client.delete_product(123456, **SESSION)
        self.assertEqual((gone["success"], gone["status"]), (True, 204))
        photo = self.client.upload_photo(
            123456, **SESSION, photo_data=b"\xff\xd8\xff", filename="p.jpg"
        )
        self.assertEqual(photo["data"]["id"], 5)
        stats = self.client.get_item_stats(123456, **SESSION)
        self.assertEqual(stats["data"]["view_count"], 125)
        self.assertEqual(
            [(r["method"], urlsplit(r["url"]).path[len("/api/v2") :])
             for r in self.vinted.requests],
            [
                ("POST", "/item_upload/items"),
                ("GET", "/item_upload/items/123456"),
                ("PUT", "/item_upload/items/123456"),
                ("POST", "/items/123456/delete"),
                ("POST", "/photos"),
                ("GET", "/item_upload/items/123456"),
                ("PUT", "/item_upload/items/123456"),
                ("GET", "/items/123456/stats"),
            ],
        )
        (file,) = self.vinted.requests[4]["files"]
        self.assertEqual(base64.b64decode(file["content"]), b"\xff\xd8\xff")
        self.assertEqual(file["mime_type"], "image/jpeg")

    def test_known_after(self):
        """what it changed is in the catalogue at once; a refusal is not"""
        self.robot()
        self.client.create_product(**SESSION, **GUIDE_CREATE)
        (made,) = self.client.products()
        self.assertEqual(
            (made["id"], made["price"]), (789456, GUIDE_CREATE["price"])
        )
        self.client.update_product(789456, **SESSION, price="12.50")
        (changed,) = self.client.products()
        self.assertEqual(changed["price"], "12.50")
        self.assertEqual(changed["title"], GUIDE_CREATE["title"])
        self.vinted.refuse = 400
        self.client.update_product(789456, **SESSION, price="99.00")
        self.client.delete_product(789456, **SESSION)
        self.assertEqual(list(self.client.products()), [changed])
        self.vinted.refuse = None
        self.client.delete_product(789456, **SESSION)
        (gone,) = self.client.products()
        self.assertEqual(gone["status"], "deleted")

    def test_batch(self):
        """several at once and in order: one result each"""
        self.robot()
        requests = [
            {"url": f"https://www.vinted.fr/x?page={n}", "method": "GET"}
            for n in range(3)
        ]
        for execute in (
            self.client.execute_batch,
            self.client.execute_sequential,
        ):
            result = execute(requests)
            self.assertTrue(result["success"])
            self.assertEqual(len(result["results"]), 3)

    def test_refused_by_vinted(self):
        """a refusal is an answer, not an exception"""
        self.robot()
        self.vinted.refuse = 404
        answer = self.client.execute_request("https://www.vinted.fr/api/v2/x")
        self.assertEqual((answer["success"], answer["status"]), (False, 404))

    def test_no_plugin(self):
        """without a plugin everything says so at once"""
        self.assertFalse(self.client.ping())
        self.assertIsNone(self.client.get_user_data())
        self.assertEqual(self.client.last_error, "Plugin non connecté")
        answer = self.client.execute_request("https://www.vinted.fr/")
        self.assertEqual((answer["success"], answer["status"]), (False, 0))
        self.assertEqual(answer["error"], "Plugin non connecté")
        batch = self.client.execute_batch([{"url": "https://www.vinted.fr/"}])
        self.assertEqual((batch["success"], batch["results"]), (False, []))

    def test_no_tab(self):
        """the plugin's own words come through"""
        self.robot()
        self.vinted.no_tab = True
        self.assertIsNone(self.client.get_user_data())
        self.assertEqual(self.client.last_error, "Aucun onglet Vinted ouvert")
        answer = self.client.execute_request("https://www.vinted.fr/")
        self.assertEqual(answer["error"], "Aucun onglet Vinted ouvert")

    def test_queue(self):
        """tasks: create, see, list, cancel, retry"""
        task = self.client.create_task(
            "get_stats", {"item_id": 1}, idempotency_key="k", priority=5
        )
        again = self.client.create_task(
            "get_stats", {"item_id": 1}, idempotency_key="k", priority=5
        )
        self.assertEqual(task, again)
        self.assertEqual(self.client.get_task(task)["status"], "pending")
        listed = self.client.list_tasks(status="pending")["tasks"]
        self.assertEqual([each["task_id"] for each in listed], [task])
        self.client.cancel_task(task)
        record = self.client.wait_for(task, timeout=10)
        self.assertEqual(record["declared"], "cancelled")
        self.client.retry_task(task)
        self.assertEqual(self.client.get_task(task)["status"], "pending")
        with self.assertRaises(VintedProxyError) as caught:
            self.client.get_task("no-such-task")
        self.assertEqual(caught.exception.code, "unknown_task")
        with self.assertRaises(TimeoutError):
            self.client.wait_for(task, timeout=0)

    def test_progress(self):
        """what a plugin tells of a task reaches who waits for it"""
        task = self.client.create_task("get_stats", {"item_id": 1})
        lease = self.poll()["lease"]
        self.api.post(
            f"/api/plugin/tasks/{task}/progress",
            {"lease": lease, "done": 3, "total": 80},
            token=self.plugin,
        )
        told = []
        with self.assertRaises(TimeoutError):
            self.client.wait_for(task, 0.1, 0.05, told.append)
        self.assertEqual(told, [(3, 80, None)])

    def test_sync(self):
        """sync, then the catalogue: from nothing, and once more"""
        self.root.configure(queue={"background": "yes"})
        robot = self.robot()
        record = self.client.sync(timeout=30)
        self.assertEqual(record["status"], "completed")
        self.assertEqual(record["action"], "get_all_products")
        self.assertEqual(robot.done, ["get_user_data", "get_all_products"])
        self.sweep()
        found = {row["id"]: row for row in self.client.products()}
        self.assertEqual(sorted(found), [1, 2, 7750837522])
        self.assertEqual(
            [row["id"] for row in self.client.products(q="écharpe")],
            [7750837522],
        )
        self.client.sync(timeout=30)
        self.assertEqual(robot.done[2:], ["get_all_products"])
        self.assertTrue(self.client.status()["connected"])
        self.assertEqual(self.client.health()["status"], "ok")


class ClientWithoutRewriting(Client):
    """The frontend's URL is https://host/cgi-bin."""

    transport = Dispatched


class Language(unittest.TestCase):
    """What its page says it needs, and tells."""

    def test_syntax(self):
        """nothing that Python 3.9 cannot read"""
        sources = [
            path
            for folder in ("", "examples")
            for path in glob.glob(os.path.join(CLIENT, folder, "*.py"))
        ]
        self.assertEqual(len(sources), 6)
        for path in sources:
            with self.subTest(path), open(path, encoding="utf-8") as file:
                ast.parse(file.read(), path, feature_version=(3, 9))

    def test_documented(self):
        """every public name says what it is"""
        source = inspect.getsource(client)
        for name in client.__all__:
            value = getattr(client, name)
            with self.subTest(name):
                if inspect.isclass(value):  # whose base would lend its own
                    self.assertTrue(vars(value).get("__doc__"))
                elif inspect.isfunction(value):
                    self.assertTrue(value.__doc__)
                else:
                    self.assertRegex(source, rf'(?ms)^{name}\b.*?\n"""')
        for name, value in vars(VintedProxyClient).items():
            with self.subTest(name):
                self.assertTrue(name.startswith("_") or value.__doc__)

    def test_errors(self):
        """the page and the module have the same exceptions"""
        own = {
            name
            for name in client.__all__
            if inspect.isclass(getattr(client, name))
            and issubclass(getattr(client, name), VintedProxyError)
        }
        page = rows(read("www", "client", "README.md"))
        told = {cells[0].strip("`") for cells in page}
        self.assertEqual(told | {"VintedProxyError"}, own)
        for name in own:
            self.assertIn(f"{name} ", client.__doc__ + "VintedProxyError ")


class Installed(unittest.TestCase):
    """`pip install ./www/client`, without a network."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="stoflow-test-")
        cls.addClassCleanup(folder.cleanup)
        source = os.path.join(folder.name, "client")
        cls.target = os.path.join(folder.name, "target")
        # Built in place, which the checkout is not for.
        ignored = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
        shutil.copytree(CLIENT, source, ignore=ignored)
        cls.run_python(
            "-m", "pip", "install", "--no-index", "--no-build-isolation",
            "--no-cache-dir", "--quiet", "--target", cls.target, source,
        )

    @staticmethod
    def run_python(*arguments, cwd="/"):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=cwd, capture_output=True,
            text=True, timeout=180,
        )
        if done.returncode != 0 or "Warning" in done.stderr:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def test_import(self):
        """the same names, and not a warning"""
        said = self.run_python(
            "-W", "error", "-c",
            "import vinted_proxy_client as it; print(it.__file__);"
            "print(it.__all__, it.__doc__); it.VintedProxyClient('http://h')",
            cwd=self.target,
        )
        self.assertIn(os.path.join(self.target, "vinted_proxy_client"), said)
        self.assertIn(f"{client.__all__} {client.__doc__}", said)
        names = os.listdir(os.path.join(self.target, "vinted_proxy_client"))
        self.assertIn("py.typed", names)

    def test_alone(self):
        """so does the file by itself, in a folder of somebody's"""
        with tempfile.TemporaryDirectory(prefix="stoflow-test-") as folder:
            path = os.path.join(CLIENT, "vinted_proxy_client.py")
            shutil.copy(path, folder)
            self.run_python(
                "-B", "-W", "error", "-c",
                "import vinted_proxy_client as it;"
                "it.VintedProxyClient('http://127.0.0.1:1').ping()",
                cwd=folder,
            )

    @unittest.skipIf(shutil.which("mypy") is None, "there is no mypy")
    def test_typed(self):
        """a type checker knows what is answered"""
        path = os.path.join(self.target, "use.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                "from vinted_proxy_client import VintedProxyClient\n"
                "me = VintedProxyClient('http://h').user_data()\n"
                "reveal_type(me['user_id'])\n"
                "VintedProxyClient('http://h').create_task(1)\n"
            )
        done = subprocess.run(
            ["mypy", "--strict", "use.py"], cwd=self.target, text=True,
            capture_output=True, timeout=180,
        )
        self.assertIn('Revealed type is "builtins.int"', done.stdout)
        self.assertIn("[arg-type]", done.stdout)
        self.assertNotIn("py.typed", done.stdout)


class UseCases(Examples, Connected):
    """The guide's three use cases."""

    def test_export(self):
        """export_to_csv.py: the guide's columns, and no cell is a formula"""
        self.root.configure(queue={"background": "yes"})
        self.robot()
        self.assertEqual(
            [[row[name] for name in ("id", "title", "price", "brand")]
             for row in self.export_to_csv()],
            [["1", "'=T-shirt", "15,00", "Nike"], ["2", "Jean", "28,90", ""],
             ["7750837522", "Écharpe", "", "Lee"]],
        )

    def test_sync_to_file(self):
        """sync_to_file.py: one product a line"""
        self.robot()
        self.assertEqual(
            [row["id"] for row in self.sync_to_file()], [1, 2, 7750837522]
        )

    def test_prices(self):
        """update_all_prices.py: every product, once"""
        self.robot()
        self.update_all_prices("9.50")
        self.assertEqual(
            self.vinted.prices,
            [{"item_id": each["id"], "price": "9.50"} for each in ITEMS],
        )


if __name__ == "__main__":
    main()
