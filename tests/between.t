#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One program stopped at its system calls while others work.

Which of the calls, is drawn anew in each run: see support/campaign.py.
"""

import contextlib
import itertools
import json
import os

from support import Case, main
from support.campaign import Campaign
from support.cgi import SANITIZERS
from support.traced import Traced

SUCCESS = {"success": True, "data": {"view_count": 1}}
LEAST = 4 if SANITIZERS else 10  # calls of a test; sanitizers are slow
CAMPAIGN = Campaign(tests=6)


class Between(Case):
    """A result meets the settling of its lease, at every point of either."""

    @classmethod
    def tearDownClass(cls):
        CAMPAIGN.sum_up()

    def claimed(self, task_id, action="upload_photo"):
        """A task whose lease has just passed, and which no list follows."""
        self.create(action=action, task_id=task_id, priority=500)
        self.assertEqual(self.poll_id(), task_id)
        self.make_overdue(task_id)

    def interrupted(self, task_id):
        """A time-out that a crash left half-way, after it was recorded."""
        self.claimed(task_id)
        self.assertIsNone(self.poll_id())
        record = self.root.place("done", 42, f"{task_id}.failed.json")
        verdict = self.root.place("tmp", f"42-{task_id}.verdict")
        os.link(record, verdict)

    def each_call(self, start, prepare, other):
        """Lets `other` run at calls of what `start` starts."""
        prepare("whole")
        with start("whole") as traced:
            calls = traced.calls()
        self.assertGreater(len(calls), 20, "a program makes more calls")
        for call in self.some(calls):
            task_id = f"t-{call[0]}-{call[1]}"
            prepare(task_id)
            with start(task_id, call) as traced:
                if traced.stopped:
                    other(task_id)
            yield task_id, call, traced

    def some(self, cases):
        """As many of them as there is time for."""
        return CAMPAIGN.each(self.shortDescription(), cases, LEAST)

    def post(self, task_id):
        """A late result, which must be taken."""
        answer = self.post_result(task_id, SUCCESS)
        self.assertEqual(answer.status, 200, answer)

    def result_during(self, start, prepare):
        """A result at each call of what settles leases is taken and stays."""
        for task_id, call, traced in self.each_call(start, prepare, self.post):
            with self.subTest(call=call):
                if not traced.stopped:
                    self.post(task_id)
                self.assert_state(task_id, "completed")
        self.assert_state("whole", "failed")

    def traced_sweep(self, _, call=None):
        return Traced("sweeper", {"STOFLOW_ROOT": self.root.path}, call)

    def traced_poll(self, _, call=None):
        target = "/api/plugin/tasks?user_id=42"
        env = self.api.environment("GET", target, b"", self.backend)
        return Traced("next-task", env, call)

    def traced_result(self, task_id, call=None):
        target = f"/api/plugin/tasks/{task_id}/result"
        body = json.dumps(SUCCESS).encode()
        env = self.api.environment("POST", target, body, self.plugin)
        return Traced("result", env, call, body)

    def test_result_during_sweep(self):
        """a result at any call of a sweep that fails its task"""
        self.result_during(self.traced_sweep, self.claimed)

    def test_result_during_poll(self):
        """a result at any call of a poll that fails its task"""
        self.result_during(self.traced_poll, self.claimed)

    def test_result_during_mending(self):
        """a result at any call of a sweep that finishes a crashed time-out"""
        self.result_during(self.traced_sweep, self.interrupted)

    def test_both_stopped(self):
        """a result is half-way when a sweep that had stopped goes on"""
        self.interrupted("whole")
        with self.traced_sweep("whole") as sweep:
            sweep_calls = sweep.calls(since=r"\.verdict")[:10]
        self.interrupted("whole-2")
        with self.traced_result("whole-2") as result:
            result_calls = result.calls(since=r'^linkat.*\.verdict", 0\) = 0')
        self.assertEqual(len(sweep_calls), 10)
        self.assertGreater(len(result_calls), 12)
        pairs = itertools.product(sweep_calls, result_calls[:12])
        for first, second in self.some(pairs):
            task_id = "-".join(map(str, ("t", *first, *second)))
            with self.subTest(sweep=first, result=second):
                self.interrupted(task_id)
                with contextlib.ExitStack() as last:
                    with self.traced_sweep(task_id, first):
                        result = self.traced_result(task_id, second)
                        last.enter_context(result)
                self.assertEqual(result.answer().status, 200)
                self.assert_state(task_id, "completed")

    def test_sweep_during_result(self):
        """a sweep at any call of a result"""
        prepare = self.claimed
        other = lambda _: self.sweep()
        for task_id, call, traced in self.each_call(
            self.traced_result, prepare, other
        ):
            with self.subTest(call=call):
                self.assertEqual(traced.answer().status, 200)
                self.assert_state(task_id, "completed")

    def test_requeue_during_result(self):
        """a requeue and a new claim at any call of a result"""
        for task_id, call, traced in self.each_call(
            self.traced_result,
            lambda task_id: self.claimed(task_id, "get_stats"),
            lambda _: self.poll(),
        ):
            with self.subTest(call=call):
                self.assertEqual(traced.answer().status, 200)
                self.assert_state(task_id, "completed")
                self.assertIsNone(self.poll_id())


if __name__ == "__main__":
    main()
