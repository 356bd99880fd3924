#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the configurations for Apache promise beyond the routes."""

import os

from support import Case, main
from support.apache import (
    ALIAS,
    COMMON,
    HOST,
    Apache,
    ApacheRewritten,
    Hosted,
    put_htaccess,
    put_programs,
)
from support.case import EMPTY
from support.refusal import CREATE, POLL
from support.web import OwnServer

SECRET = "nobody may read this"
PASS = {
    'SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=$1': "",
    "#CGIPassAuth On": "CGIPassAuth On",
}


class Owned(OwnServer):
    """Requests to an Apache that one test has for itself."""

    counts = False
    passes_slash = False


class Tree(Apache):
    """The whole root in the document root, with etc/htaccess."""

    modules = (*COMMON, "setenvif", "rewrite")
    below = ""  # the folder of the document root that holds it
    changes = {"#Options +ExecCGI": "Options +ExecCGI"}

    def directives(self):
        return HOST.format(folder=self.folder, allowed="FileInfo Options")

    def point(self, root):
        super().point(root)
        put_programs(os.path.join(root.path, "cgi-bin"), root.path)
        put_htaccess(root.path, self.changes)
        os.rmdir(os.path.join(self.folder, "www"))
        place = os.path.join(self.folder, "www", self.below).rstrip("/")
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.symlink(root.path, place)


class TreeWithoutRewriting(Tree):
    """The same without mod_rewrite."""

    modules = (*COMMON, "setenvif")


class Shop(Tree):
    """The whole root in a folder of the document root."""

    below = "shop"
    changes = {**Tree.changes, "RewriteBase /": "RewriteBase /shop/"}


class Beside(Hosted):
    """etc/htaccess beside the programs, too, where it can rewrite."""

    def lay_out(self):
        super().lay_out()
        put_htaccess(os.path.join(self.folder, "cgi-bin"))


class Passing(Hosted):
    """The header passed by CGIPassAuth alone."""

    modules = COMMON

    def lay_out(self):
        put_programs(os.path.join(self.folder, "cgi-bin"), self.root)
        put_htaccess(os.path.join(self.folder, "cgi-bin"), PASS)

    def directives(self):
        allowed = "FileInfo AuthConfig"
        return (HOST + ALIAS).format(folder=self.folder, allowed=allowed)


class TreeRewritten(Owned):
    kind = Tree


class TreeUnrewritten(Owned):
    kind = TreeWithoutRewriting


class ShopRewritten(Owned):
    kind = Shop
    prefix = "/shop"


class BesideDispatched(Owned):
    kind = Beside
    prefix = "/cgi-bin"


class PassingDispatched(Owned):
    kind = Passing
    prefix = "/cgi-bin"


class Misplaced(Case):
    """A root that lies where it must not, below the document root."""

    def setUp(self):
        super().setUp()
        self.write("index.html", "a page")
        for name in (
            "lib/queue/queue.c",
            "lib/queue/queue.h",
            "cgi-bin/next-task.c",
            "build/version.h",
            "tests/x.t",
            "Makefile",
            "README.md",
            ".git/config",
            ".htpasswd",
            "notes~",
            "pages/.git/config",
            "pages/x.c",
        ):
            self.write(name, SECRET)

    def write(self, name, text):
        path = os.path.join(self.root.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def get(self, path):
        return self.api.get(path, checked=False)

    def assert_refused(self, *paths):
        for path in paths:
            with self.subTest(path=path):
                self.assertIn(self.get(path).status, (403, 404))


class InDocumentRoot(Misplaced):
    """With etc/htaccess and mod_rewrite."""

    transport = TreeRewritten

    def test_works(self):
        """the queue works there"""
        task_id = self.create()
        self.assertEqual(self.poll_id(token=self.plugin), task_id)
        self.finish(task_id)

    def test_any_id(self):
        """no ID is taken for a folder that is refused"""
        for task_id in ("etc", "spool", "lib", "tokens", "cgi-bin"):
            with self.subTest(task_id=task_id):
                self.create(task_id=task_id)
                self.assertEqual(self.poll_id(), task_id)
                self.finish(task_id)

    def test_pages(self):
        """pages are sent"""
        answer = self.get("/index.html")
        self.assertEqual((answer.status, answer.body), (200, b"a page"))

    def test_nothing_else_is_sent(self):
        """no file of the root is sent, whatever it is called"""
        self.create()
        self.root.configure(queue={"settle": 0})
        self.root.drop("half.json", SECRET)
        self.sweep()
        asked = 0
        for folder, _, names in os.walk(self.root.path):
            below = os.path.relpath(folder, self.root.path)
            for name in names:
                path = os.path.normpath(os.path.join("/", below, name))
                if path == "/index.html" or runs(path):
                    continue
                asked += 1
                self.assert_refused(
                    path, "/" + path, path.replace("t", "%74")
                )
        self.assertGreater(asked, 20)

    def test_no_listing(self):
        """no folder of the root is listed"""
        self.assert_refused("/etc/tokens", "/etc/", "/spool", "/spool/")
        self.assert_refused("/lib/", "/lib")


class InDocumentRootUnrewritten(Misplaced):
    """With etc/htaccess, but without mod_rewrite: no program runs there."""

    transport = TreeUnrewritten

    def test_most_is_not_sent(self):
        """tokens, settings, the queue and hidden files are not sent"""
        self.root.drop("x.json", SECRET, user=42)
        etc = os.path.join(self.root.path, "etc")
        tokens = os.listdir(os.path.join(etc, "tokens"))
        self.assertGreater(len(tokens), 2)
        for name in ("run.tokens", "run.conf"):  # as etc/run makes them
            self.root.write(os.path.join(etc, name), SECRET)
        self.assert_refused(
            "/etc/stoflow.ini",
            "/etc/run.tokens",
            "/etc/run.conf",
            *(f"/etc/tokens/{name}" for name in tokens),
            "/spool/pending/42/x.json",
            "/.git/config",
            "/pages/.git/config",
            "/.htpasswd",
        )
        self.assertEqual(self.get("/index.html").status, 200)

    def test_no_listing(self):
        """neither are the names of tokens and tasks"""
        self.assert_refused("/etc", "/etc/", "/spool", "/spool/")
        self.assert_refused("/etc/tokens", "/etc/tokens/")


class InShop(Case):
    """A root in a folder of the document root."""

    transport = ShopRewritten

    def test_works(self):
        """with RewriteBase set, the routes are below that folder"""
        task_id = self.create()
        self.assertEqual(self.poll_id(token=self.plugin), task_id)
        self.finish(task_id)

    def test_nothing_is_sent(self):
        """what is refused is so there, too"""
        for path in ("/etc/stoflow.ini", "/etc/htaccess", "/spool/", "/lib/x"):
            with self.subTest(path=path):
                answer = self.api.get(path, checked=False)
                self.assertIn(answer.status, (403, 404))


class BesideThePrograms(Case):
    """etc/htaccess beside the programs, where it can rewrite."""

    transport = BesideDispatched

    def test_works(self):
        """requests reach the programs, and none goes round in circles"""
        self.assertEqual(self.poll(token=self.plugin), EMPTY)
        answer = self.api.get("/api/nothing", token=self.plugin)
        self.assert_problem(answer, 404, "unknown_route")
        answer = self.api.get("/health", token=self.plugin)
        self.assertEqual(answer.status, 200)


class PassedBySetting(Case):
    """CGIPassAuth instead of SetEnvIf."""

    transport = PassingDispatched

    def test_works(self):
        """the token arrives"""
        self.assertEqual(self.poll(token=self.plugin), EMPTY)


class Owner(Case):
    """The server's own configuration, etc/apache.conf."""

    transport = ApacheRewritten

    def page(self, name, text):
        folder = os.path.join(self.api.server.folder, "www")
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(text)
        self.addCleanup(os.unlink, path)

    def test_pages(self):
        """pages are sent with their types, sources and the hidden are not"""
        for name, status, kind in (
            ("index.html", 200, "text/html; charset=utf-8"),
            ("openapi.yaml", 200, "application/yaml"),
            ("stoflow.py", 200, "text/plain; charset=utf-8"),
            ("x.c", 403, None),
            ("x.ini", 403, None),
            ("x~", 403, None),
            (".htpasswd", 403, None),
        ):
            with self.subTest(name=name):
                self.page(name, SECRET)
                answer = self.api.get(f"/{name}", checked=False)
                self.assertEqual(answer.status, status)
                if kind is not None:
                    self.assertEqual(answer.headers["content-type"], kind)
        answer = self.api.get("/", checked=False)
        self.assertEqual(answer.status, 200)

    def test_sources(self):
        """nothing beside the programs is sent or run"""
        for path in ("/cgi-bin/next-task.c", "/cgi-bin/", "/cgi-bin/x.root"):
            with self.subTest(path=path):
                answer = self.api.get(path, checked=False)
                self.assertIn(answer.status, (403, 404))

    def test_largest(self):
        """a body of max_body is taken, one byte more the program refuses"""
        size = 32 << 20
        text = b'{"user_id":42,"action":"get_user_data","params":{}}'
        answer = self.api.post(CREATE, text.ljust(size), token=self.backend)
        self.assertEqual(answer.status, 201, answer)
        answer = self.api.post(
            CREATE, text.ljust(size + 1), token=self.backend
        )
        self.assert_problem(answer, 413, "too_large")

    def test_held(self):
        """a poll that finds no task is held to the end of its time"""
        answer = self.api.get(f"{POLL}&wait=1", token=self.plugin)
        self.assertEqual(answer.json, EMPTY)


def runs(path):
    """Whether a path names a program, which is run."""
    folder, name = os.path.split(path)
    return folder == "/cgi-bin" and "." not in name


if __name__ == "__main__":
    main()
