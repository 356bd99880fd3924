#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A request that a browser sends twice by itself: Vinted executes the first
sending, and the connection, which was used before, ends without an answer. Both
browsers do so (doc/extension.md).
"""

import json

from stage import CREATE, SELLER, everywhere, main

PATH = "item_upload/items$"
PHOTO = {"id": 900000000, "orientation": 0}
REFUSAL = {
    "code": 99,
    "message_code": "validation_error",
    "errors": [{"field": "photos", "value": "Une photo est déjà utilisée"}],
}


@everywhere
class Resent:
    """The seller's wardrobe is known to the backend."""

    items = 3

    def prepare(self):
        super().prepare()
        self.run_task("get_user_data")
        self.sync()

    def sync(self):
        self.run_task("get_all_products", {"user_id": SELLER})
        return self.catalogue()

    def create(self, refusal=None):
        """The record of a task whose first sending gets no answer, and whose
        second, to the letter the same, maybe a refusal."""
        self.site.hang_up("POST", PATH)
        if refusal:
            self.site.fail("POST", PATH, 400, body=json.dumps(refusal))
        params = {**CREATE, "assigned_photos": [PHOTO]}
        record = self.finished(self.drop_task("create_product", params))
        first, second = self.site.seen("POST", PATH)
        self.assertEqual(first.body, second.body)
        return record

    def log(self):
        return self.root.read("log", "events.log").decode()

    def test_twice(self):
        """the result names one, and the next list tells of the other"""
        record = self.create()
        self.assertEqual(record["status"], "completed", record)
        second = record["result"]["item"]["id"]
        [first] = set(self.site.items) - set(self.catalogue())
        rows = self.sync()
        self.assertEqual(rows[second]["listed_by"], record["task_id"])
        self.assertNotIn("listed_by", rows[first])
        twins = {n: r["twin_of"] for n, r in rows.items() if "twin_of" in r}
        self.assertEqual(twins, {first: second, second: first})
        self.assertIn(f"{first} may be {second} listed twice", self.log())
        self.run_task("delete_product", {"item_id": first})
        rows = self.catalogue()
        self.assertEqual(rows[first]["status"], "deleted")
        self.assertEqual([r for r in rows.values() if "twin_of" in r], [])

    def test_refused(self):
        """a refusal of the second is a failure, though the item is there"""
        record = self.create(REFUSAL)
        self.assertEqual(record["status"], "failed", record)
        self.assertEqual(record["result"]["code"], "refused")
        [made] = set(self.site.items) - set(self.catalogue())
        self.assertNotIn("listed_by", self.sync()[made])


if __name__ == "__main__":
    main()
