#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The first quarter of an hour of whoever follows doc/extension.md."""

import csv
import os
import shutil
import signal
import subprocess
from types import SimpleNamespace

from stage import EXTENSION, SHOP, main
from visit import FirefoxVisit

from marionette import Firefox
from support.case import wait_until
from support.cgi import REPOSITORY
from support.server import connect, free_port

BUILD = 900  # seconds, for a busy machine
ANYWHERE = {"node_modules", "__pycache__", "stoflow.xpi"}
ON_TOP = {"build", "run", ".git"}


def made(folder, names):
    """What a fresh clone does not have."""
    if folder == REPOSITORY:
        return ANYWHERE | ON_TOP
    if os.path.basename(folder) == "cgi-bin":
        return {name for name in names if not name.endswith(".c")}
    return ANYWHERE


class MakeRun:
    """`make run` in a fresh copy of the repository."""

    def __init__(self, root):
        self.folder = os.path.join(root.path, "fresh")
        shutil.copytree(REPOSITORY, self.folder, ignore=made)
        self.port = free_port()
        self.server = SimpleNamespace(port=self.port)
        self.log = open(os.path.join(root.path, "make.log"), "w+b")
        self.process = subprocess.Popen(
            ["make", "run", f"PORT={self.port}"],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        try:
            if not wait_until(self._listens, BUILD):
                raise AssertionError("make run does not listen")
        except BaseException:
            self.close()
            raise

    def _listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"make run has ended:\n{self.said()}")
        try:
            connect(self.port).close()
            return True
        except OSError:
            return False

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def close(self):
        """As Ctrl-C in its terminal does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            self.process.wait(60)
        self.log.close()

    def token(self, name):
        """The token that it has made and told."""
        path = os.path.join(self.folder, "run", "etc", "run.tokens")
        with open(path, encoding="utf-8") as file:
            lines = dict(line.rstrip("\n").split(" = ") for line in file)
        if lines[name] not in self.said():
            raise AssertionError(f"the token {name} is not told")
        return lines[name]


class Newcomer(FirefoxVisit):
    """make run, the extension, the page, a sync, the table."""

    transport = MakeRun
    shared = False
    items = 45

    def lay_pages(self):
        """They come with `make run`."""

    def make_browser(self):
        xpi = os.path.join(self.api.folder, "www", "stoflow.xpi")
        return Firefox(EXTENSION, self.vinted, xpi)

    def test_story(self):
        """from a clone to a table of one's products"""
        self.url = f"http://127.0.0.1:{self.api.port}"
        self.assertIn(f"{self.url}/", self.api.said())
        folder = os.path.join(self.root.path, "downloads")
        os.mkdir(folder)
        self.speak("fr")
        self.download_to(folder)
        plugin, backend = map(self.api.token, ("plugin", "backend"))
        self.configure(mode="long", token=plugin)
        self.browser.go(SHOP)
        self.browser.new_tab(f"{self.url}/")
        self.sign_in(backend, "42")
        self.until_read("✅ Plugin StoFlow connecté et prêt", "#plugin")
        self.until_read("0 produit", "#products-count")
        self.assertEqual(self.read("#sync"), "Synchroniser Vinted")
        self.browser.click("#sync")
        self.until_read("45 produits", "#products-count")
        self.until_read("terminée", "#tasks")
        self.shoot("newcomer")
        self.browser.click("#csv")
        path = os.path.join(folder, "products.csv")
        self.until(lambda: os.path.exists(path) and os.path.getsize(path))
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = {int(row["id"]): row for row in csv.DictReader(file)}
        self.assertEqual(set(rows), set(self.site.items))
        for number, item in self.site.items.items():
            row = rows[number]
            self.assertEqual(row["title"], item["title"])
            self.assertEqual(float(row["price"]), float(item["price"]))
            self.assertEqual(row["size"], item["size_title"])


if __name__ == "__main__":
    main()
