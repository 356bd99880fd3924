# SPDX-License-Identifier: MIT
"""Polls that are held open: starting one, and what it was answered."""

import os
import threading
import time

from support.case import wait_until
from support.web import Rewritten

# Held this long, a poll that is woken by nothing makes a test fail, not wait.
HELD = 20


class Held:
    """For a Case: polls with wait= in threads of their own."""

    transport = Rewritten

    def start(self, query="", user=42, wait=HELD):
        """Starts a held poll; join() the thread for its answer."""
        target = f"/api/plugin/tasks?user_id={user}&wait={wait}{query}"

        def poll():
            started = time.monotonic()
            thread.answer = self.api.get(target, token=self.backend)
            thread.ended = time.time()
            thread.seconds = time.monotonic() - started

        thread = threading.Thread(target=poll)
        thread.start()
        self.addCleanup(thread.join)
        return thread

    def held(self, user=42, **options):
        """A held poll that has found nothing and is waiting."""
        stamp = self.root.place("index", f"{user}.seen")
        if os.path.exists(stamp):
            os.unlink(stamp)
        thread = self.start(user=user, **options)
        self.assertTrue(wait_until(lambda: os.path.exists(stamp)))
        return thread

    def assert_delivered(self, thread, task_id):
        thread.join()
        self.assertEqual(thread.answer.status, 200, thread.answer)
        self.assertEqual(thread.answer.json["task_id"], task_id)
        self.assertLess(thread.seconds, HELD - 5)
