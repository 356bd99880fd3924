#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of operators and sellers: a form for each action."""

import os
import tempfile

from page import Site
from stage import main
from visit import ChromiumVisit, FirefoxVisit

from support.images import PNG, name_of

FORMS = {
    "get_user_data": ({}, {}),
    "get_all_products": ({"user_id": "29535217"}, {"user_id": 29535217}),
    "create_product": (
        {
            "title": "T-shirt “été” 👕",
            "description": "Deux\nlignes",
            "price": "15,50",
            "catalog_id": "5",
            "brand_id": "53",
            "size_id": "206",
            "color_ids": "1, 12",
            "status_ids": "6",
        },
        {
            "title": "T-shirt “été” 👕",
            "description": "Deux\nlignes",
            "price": "15.50",
            "catalog_id": 5,
            "brand_id": 53,
            "size_id": 206,
            "color_ids": [1, 12],
            "status_ids": [6],
        },
    ),
    "update_product": (
        {"item_id": "7750837522", "price": "12"},
        {"item_id": 7750837522, "price": "12"},
    ),
    "update_prices": (
        {"updates": "123, 10.00\n\n456;15,5\n789 20"},
        {
            "updates": [
                {"item_id": 123, "price": "10.00"},
                {"item_id": 456, "price": "15.5"},
                {"item_id": 789, "price": "20"},
            ]
        },
    ),
    "delete_product": ({"item_id": "123456"}, {"item_id": 123456}),
    "get_stats": ({"item_id": "123456"}, {"item_id": 123456}),
    "upload_photo": (
        {"item_id": "5", "photo_url": "https://example.com/a.jpg"},
        {"item_id": 5, "photo_url": "https://example.com/a.jpg"},
    ),
    "execute_http_request": (
        {"url": "https://www.vinted.fr/api/v2/users/current", "method": "GET"},
        {
            "request": {
                "url": "https://www.vinted.fr/api/v2/users/current",
                "method": "GET",
            }
        },
    ),
}



class Forms(Site):
    """What is filled in becomes a file."""

    def test_forms(self):
        """each action's form makes the file that it should"""
        self.enter()
        for action, (fields, params) in FORMS.items():
            with self.subTest(action):
                self.submit(action, fields)
                self.until(lambda: self.root.ls("pending", 42))
                task = self.queued()
                self.assertEqual(task.pop("params"), params)
                self.until_read(task["task_id"], "#notice")
                self.assertEqual(
                    (task["user_id"], task["action"], task["priority"]),
                    (42, action, 1),
                )
                [name] = self.root.ls("pending", 42)
                os.remove(self.root.place("pending", 42, name))
        offered = self.browser.script(
            "return [...document.querySelectorAll('#create-action option')]"
            ".map((each) => each.value)"
        )
        self.assertEqual(offered, list(FORMS))

    def test_bad_fields(self):
        """what cannot be right is not sent, and the page says why"""
        self.enter()
        self.submit("update_prices", {"updates": "123, 10\n456"})
        self.until_read("Line 2: expected", "#notice")
        self.submit("get_stats", {"item_id": "9" * 17})
        self.until_read("Number too large: 9999", "#notice")
        self.submit("update_product", {"item_id": "5"})
        self.until_read("must say what to change", "#notice")
        self.assertEqual(self.root.ls("pending", 42), [])

    def test_options(self):
        """priority, a moment to wait for, and a moment to give up"""
        self.enter()
        self.browser.click("#create summary")
        self.choose_action("get_user_data")
        self.browser.fill("#create [name=priority]", "7")
        self.browser.fill("#create [name=expires_in]", "3600")
        self.browser.script(
            "document.querySelector('[name=not_before]').value = arguments[0]",
            "2040-01-02T03:04",
        )
        self.browser.click("#create button")
        self.until(lambda: self.root.ls("pending", 42))
        due = self.browser.script(
            "return new Date('2040-01-02T03:04').toISOString()"
        )
        task = self.queued()
        self.assertEqual((task["priority"], task["expires_in"]), (7, 3600))
        self.assertIn(task["not_before"][:19], due)
        self.until_read("not before", "#tasks")
        self.shoot(f"site-options-{self.name}")
        self.assert_accessible()

    def test_photo(self):
        """a file becomes a photo of the backend"""
        self.enter()
        self.choose_action("upload_photo")
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            file.write(PNG)
            file.flush()
            self.browser.fill("[name=item_id]", "5")
            self.choose_file("[name=photo_file]", file.name)
            self.shoot(f"site-photo-{self.name}")
            self.assert_accessible()
            self.browser.click("#create button")
            self.until(lambda: self.root.ls("pending", 42))
        params = self.queued()["params"]
        photo = f"{self.url}/api/photos/{name_of(PNG, 'png')}"
        self.assertEqual(params, {"item_id": 5, "photo_url": photo})
        self.assertEqual(self.root.read("photos", name_of(PNG, "png")), PNG)


class FirefoxForms(Forms, FirefoxVisit):
    """In Firefox."""


class ChromiumForms(Forms, ChromiumVisit):
    """In Chromium."""


if __name__ == "__main__":
    main()
