# SPDX-License-Identifier: MIT
"""Requests that are refused must leave the spool as it was."""

from support.case import Case

POLL = "/api/plugin/tasks?user_id=42"
CREATE = "/api/tasks/create"
QUEUED = {"user_id": 42, "action": "get_stats", "params": {"item_id": 5}}


class Refusals(Case):
    """Requests that are refused must leave the spool as it was."""

    def setUp(self):
        super().setUp()
        self.pending = self.create(task_id="pending-1", priority=0)
        self.executing = self.create(task_id="executing-1", priority=9)
        self.assertEqual(self.poll_id(), "executing-1")
        self.before = self.root.picture()

    def assert_unchanged(self):
        """The spool is as it was, but for caches and the log."""
        self.assertEqual(self.root.changes(self.before), [])

    def refused(self, status, code, method, target, *rest, **options):
        """The answer: a problem of this status and code; nothing changed."""
        detail = options.pop("detail", None)
        options.setdefault("token", self.backend)
        answer = self.api.request(method, target, *rest, **options)
        self.assert_problem(answer, status, code, detail)
        self.assert_unchanged()
        return answer
