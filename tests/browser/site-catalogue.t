#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of operators and sellers: the catalogue."""

import csv
import json
import os

from page import EVIL, Site
from stage import main
from visit import ChromiumVisit, FirefoxVisit



class Catalogue(Site):
    """What Vinted has, as far as we were told."""

    def test_catalogue(self):
        """search, status, sorting and pages"""
        self.fill_catalogue()
        self.enter()
        self.until_read("120 products", "#products-count")
        self.assertEqual(len(self.read_all("#products tr")), 50)
        self.assertEqual(self.column(2)[0], "Article 119")
        self.assertIn("Page 1 of 3", self.read("#pages"))
        self.shoot(f"site-catalogue-{self.name}")
        self.assert_accessible()
        self.browser.click("#next")
        self.browser.click("#next")
        self.assertIn("Page 3 of 3", self.read("#pages"))
        self.assertEqual(len(self.read_all("#products tr")), 20)
        self.browser.click("#products-head th:nth-child(3) button")
        self.assertIn("Page 1 of 3", self.read("#pages"))
        self.assertEqual(
            self.column(3)[:3], ["0.50 EUR", "1.50 EUR", "2.50 EUR"]
        )
        self.browser.click("#products-head th:nth-child(3) button")
        self.assertEqual(self.column(3)[0], "119.50 EUR")
        self.assertEqual(
            self.browser.script(
                "return document.querySelector('[aria-sort]').ariaSort"
            ),
            "descending",
        )
        self.browser.fill("#search-text", "éCRU article 11")
        self.until_read("5 products", "#products-count")
        self.browser.fill("#search-text", "no such thing")
        self.until_read("0 products", "#products-count")
        self.assertFalse(self.is_shown("#pages"))
        self.browser.fill("#search-text", "")
        self.choose_status("sold")
        self.until_read("0 products", "#products-count")
        self.choose_status("active")
        self.until_read("120 products", "#products-count")

    def test_missing(self):
        """what the last whole list lacked is still for sale, and said so"""
        path = self.write_catalogue(2)
        with open(path, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        moment = "2026-11-02T10:00:00.000000Z"
        rows[0].update(status="active", missing_since=moment)
        rows[1].update(status="gone", missing_since=moment)
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(each) + "\n" for each in rows)
        self.enter()
        self.until_read("2 products", "#products-count")
        gone, on_sale = self.column(6)
        self.assertEqual(gone, "gone")
        self.assertIn("on sale · not in the last list (11/2/26", on_sale)

    def test_twin(self):
        """what may be listed twice leads to the other, in both languages"""
        path = self.write_catalogue(2)
        with open(path, encoding="utf-8") as file:
            one, other = [json.loads(line) for line in file]
        other["title"] = '"twin_of": 5'
        with open(path, "w", encoding="utf-8") as file:
            for row, twin in ((one, other), (other, one)):
                row = {**row, "twin_of": twin["id"]}
                file.write(json.dumps(row) + "\n")
        self.enter()
        self.until_read("2 products", "#products-count")
        self.assertEqual(
            self.browser.script(
                "return [...document.querySelectorAll('.twin a')].map("
                "a => [a.textContent, a.href])"
            ),
            [
                [f"listed twice? See {each['id']}", each["url"]]
                for each in (one, other)
            ],
        )
        self.shoot(f"site-twin-{self.name}")
        self.assert_accessible()
        self.speak("fr")
        self.browser.go(f"{self.url}/")
        self.until_read("2 produits", "#products-count")
        self.assertIn(f"en double ? Voir {one['id']}", self.column(2)[0])

    def test_catalogue_follows(self):
        """what a task brings in while the page is open appears by itself"""
        self.enter()
        self.until_read("0 products", "#products-count")
        for count in (3, 5):
            self.fill_catalogue(count)
            self.until_read(f"{count} products", "#products-count")

    def test_catalogue_late(self):
        """so does what appears there long after, without any task"""
        self.enter()
        self.until_read("0 products", "#products-count")
        looks = self.relay.seen("GET", "/plugin/status")
        self.until(
            lambda: len(self.relay.seen("GET", "/plugin/status"))
            > len(looks) + 2
        )
        self.write_catalogue(1)
        self.until_read("1 product", "#products-count")

    def test_catalogue_unreadable(self):
        """a catalogue that could not be had is asked for again"""
        path = self.write_catalogue(2)
        os.rename(path, path + ".good")
        os.mkdir(path)
        os.utime(path, (0, 0))
        self.enter()
        self.until(lambda: self.is_shown("#notice"))
        os.rmdir(path)
        os.utime(path + ".good", (0, 0))
        os.rename(path + ".good", path)
        self.until_read("2 products", "#products-count")
        self.until(lambda: not self.is_shown("#notice"))

    def test_hostile(self):
        """titles, errors and reasons are text, whatever they hold"""
        self.fill_catalogue(5)
        params = {"item_id": 5, "note": EVIL}
        task = self.drop_task("get_stats", params, retries=0)
        self.assertEqual(self.poll_id(), task)
        self.finish(task, {"success": False, "error": EVIL})
        self.enter()
        self.until(lambda: EVIL in self.row(task))
        self.until(lambda: f"Article 3 {EVIL}" in self.column(2))
        self.press_in_row(task, "Show")
        self.until(lambda: self.is_shown("dialog"))
        self.assertIn(EVIL, self.read("#task-members"))
        self.assertEqual(
            self.browser.script(
                "return [document.images.length, document.title]"
            ),
            [0, "StoFlow"],
        )

    def test_csv(self):
        """the table is downloaded as the backend gives it to who reads this
        language, behind the mark by which Excel knows UTF-8"""
        self.fill_catalogue(5)
        folder = os.path.join(self.root.path, "downloads")
        os.mkdir(folder)
        self.download_to(folder)
        self.enter()
        self.until_read("5 products", "#products-count")
        self.browser.fill("#search-text", "article")
        self.browser.click("#csv")
        path = os.path.join(folder, "products.csv")
        self.until(lambda: os.path.exists(path) and os.path.getsize(path))
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["id"] for row in rows],
                         [str(7750837000 + n) for n in range(5)])
        self.assertEqual(rows[0]["price"], "0.50")
        self.assertEqual(rows[1]["brand"], "'=1+1")
        table = "/api/products?format=csv&locale="
        answer = self.api.get(table + "en", token=self.plugin)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), answer.body)
        self.speak("fr")
        self.browser.go(f"{self.url}/")
        self.until_read("5 produits", "#products-count")
        os.remove(path)
        self.browser.click("#csv")
        self.until(lambda: os.path.exists(path) and os.path.getsize(path))
        answer = self.api.get(table + "fr", token=self.plugin)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), answer.body)
        self.assertTrue(self.relay.seen("GET", "locale=fr"))


class FirefoxCatalogue(Catalogue, FirefoxVisit):
    """In Firefox."""


class ChromiumCatalogue(Catalogue, ChromiumVisit):
    """In Chromium."""


if __name__ == "__main__":
    main()
