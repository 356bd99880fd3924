# SPDX-License-Identifier: MIT
"""What the tests of dropped files share."""

import json
import os

from support.case import Case

STATS = {"action": "get_stats", "params": {"item_id": 5}}
MINE = {**STATS, "user_id": 42}
HALF = json.dumps(MINE)[:-7]
OLD = 60  # seconds: far beyond settle


class Drops(Case):
    """Files are dropped, polled for and perhaps rejected."""

    def settle(self, seconds):
        """A file is taken to be still being copied for so long. No test can
        give one an old ctime."""
        self.root.configure(queue={"settle": seconds})

    def assert_rejected(self, name, *words, count=1):
        """NAME lies in rejected/ and its .why says these words."""
        names = [n for n in self.rejected() if not n.endswith(b".why")]
        self.assertEqual(len(names), count, names)
        self.assertIn(os.fsencode(name), names)
        why = self.root.read("rejected", os.fsencode(name) + b".why").decode()
        for word in words:
            self.assertIn(word, why)
        return why

    def rejected(self):
        try:
            return sorted(os.listdir(os.fsencode(self.root.place("rejected"))))
        except FileNotFoundError:
            return []

    def assert_delivered(self, **members):
        told = self.poll()
        self.assertIsNotNone(told["task_id"])
        for key, value in members.items():
            self.assertEqual(told[key], value)
        return told
