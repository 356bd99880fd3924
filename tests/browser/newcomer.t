#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The first quarter of an hour of whoever follows doc/extension.md."""

import csv
import os

from stage import EXTENSION, SHOP, main
from visit import FirefoxVisit

from marionette import Firefox
from support.checkout import Checkout, MakeRun


class Fresh(MakeRun):
    """`make run` in a fresh copy of the repository."""

    patience = 900  # it builds, perhaps on a busy machine

    def __init__(self, _):
        self.server = self  # as those that serve the API have one
        super().__init__(Checkout(built=False), "make", "run", "PORT={}")

    def close(self):
        super().close()
        self.checkout.remove()


class Newcomer(FirefoxVisit):
    """make run, the extension, the page, a sync, the table."""

    transport = Fresh
    shared = False
    items = 45

    def lay_pages(self):
        """They come with `make run`."""

    def make_browser(self):
        xpi = self.api.checkout.place("www", "stoflow.xpi")
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
            table = csv.DictReader(file, delimiter=";")  # the page is French
            rows = {int(row["id"]): row for row in table}
        self.assertEqual(set(rows), set(self.site.items))
        for number, item in self.site.items.items():
            row = rows[number]
            price = row["prix"].replace(",", ".")
            self.assertEqual(row["titre"], item["title"])
            self.assertEqual(float(price), float(item["price"]))
            self.assertEqual(row["taille"], item["size_title"])


if __name__ == "__main__":
    main()
