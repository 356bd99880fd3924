#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Claims, deadlines and requeues: who holds a task, and for how long."""

import os
from datetime import datetime, timedelta, timezone

from support import Case, main
from support.case import EMPTY, stamp
from support.reader import Tree

READS = {"request": {"method": "GET", "url": "https://www.vinted.fr/"}}
SUCCESS = {"success": True, "data": {"view_count": 1}}
FAILURE = {"success": False, "error": "CSRF token expired"}


class Receive(Case):
    """What a poll hands out."""

    def test_deadline_in_the_name(self):
        """the name holds now plus the task's timeout"""
        task_id = self.create(timeout=600)
        before = datetime.now(timezone.utc)
        self.poll()
        after = datetime.now(timezone.utc)
        deadline = datetime.strptime(
            self.task(task_id).deadline, "%Y%m%dT%H%M%S.%fZ"
        ).replace(tzinfo=timezone.utc)
        timeout = timedelta(seconds=600)
        self.assertLessEqual(before + timeout, deadline)
        self.assertLessEqual(deadline, after + timeout)

    def test_timeout_by_rule(self):
        """without a timeout of its own a task takes its action's"""
        self.root.configure(
            all={"timeout": 33}, action_get_stats={"timeout": 44}
        )
        self.create(action="get_stats", priority=9)
        self.create(action="get_user_data", priority=8)
        self.create(action="get_stats", priority=7, timeout=55)
        told = [self.poll()["timeout"] for _ in range(3)]
        self.assertEqual(told, [44, 33, 55])

    def test_receive_id_again(self):
        """the same receive_id gets the same task again"""
        first, second = self.create(priority=2), self.create()
        answer = self.poll(receive_id="abcdefgh01")
        self.assertEqual(answer["task_id"], first)
        self.assertEqual(answer["lease"], "abcdefgh01")
        self.assertEqual(self.poll(receive_id="abcdefgh01"), answer)
        self.assertEqual(self.poll_id(receive_id="abcdefgh02"), second)
        self.assertEqual(self.poll(receive_id="abcdefgh01"), answer)
        self.assertEqual(len(Tree(self.root.path).in_state("executing")), 2)

    def test_receive_id_after_the_result(self):
        """a receive_id whose task is done gets the next task"""
        first, second = self.create(priority=2), self.create()
        self.assertEqual(self.poll_id(receive_id="abcdefgh"), first)
        self.finish(first)
        self.assertEqual(self.poll_id(receive_id="abcdefgh"), second)

    def test_receive_id_overdue(self):
        """a receive_id whose lease has passed renews nothing"""
        task_id = self.create(action="create_product")
        self.poll(receive_id="abcdefgh")
        self.make_overdue(task_id)
        self.assertEqual(self.poll(receive_id="abcdefgh"), EMPTY)
        self.assert_state(task_id, "failed")

    def test_receive_id_of_another_user(self):
        """two users may choose the same receive_id"""
        mine, other = self.create(), self.create(user=43)
        self.assertEqual(self.poll_id(receive_id="a" * 32), mine)
        self.assertEqual(self.poll_id(user=43, receive_id="a" * 32), other)

    def test_order(self):
        """higher priority first, then the older"""
        ids = [
            self.create(priority=priority) for priority in (1, 5, 0, 5, 999, 1)
        ]
        want = [ids[i] for i in (4, 1, 3, 0, 5, 2)]
        listed = [
            Tree(self.root.path).tasks[42, task_id].name for task_id in want
        ]
        self.assertEqual(self.root.ls("pending", 42), listed)
        self.assertEqual([self.poll_id() for _ in ids], want)

    def test_several_executing(self):
        """a user may hold several tasks at once"""
        ids = {self.create() for _ in range(3)}
        self.assertEqual({self.poll_id() for _ in ids}, ids)
        self.assertEqual(self.poll(), EMPTY)

    def test_unknown_user(self):
        """a poll for a user without tasks makes no folders"""
        self.create()
        self.assertEqual(self.poll(user=777), EMPTY)
        for name in ("pending", "executing", "done", "ingest"):
            self.assertFalse(self.root.exists(name, 777))

    def test_removed_by_hand(self):
        """rm of a queued file cancels it"""
        kept, gone = self.create(), self.create(priority=9)
        os.unlink(self.task(gone).path)
        self.assertEqual(self.poll_id(), kept)
        self.assertEqual(self.poll(), EMPTY)

    def test_removed_while_executing(self):
        """a result for a task removed by hand is for no task"""
        task_id = self.create()
        self.poll()
        os.unlink(self.task(task_id).path)
        answer = self.post_result(task_id)
        self.assert_problem(answer, 404, detail="Task not found")

    def test_put_back_by_hand(self):
        """mv of an executing file to pending/ queues it again"""
        task_id = self.create()
        task = None
        self.poll()
        task = self.task(task_id)
        os.rename(task.path, self.root.place("pending", 42, "again.json"))
        self.assertEqual(self.poll_id(), task_id)


class Leases(Case):
    """`lease` in a result."""

    def setUp(self):
        super().setUp()
        self.id = self.create()
        self.lease = self.poll()["lease"]

    def test_right(self):
        """the lease of the poll is taken"""
        self.finish(self.id, {**SUCCESS, "lease": self.lease})
        self.assert_state(self.id, "completed")

    def test_absent(self):
        """a result needs no lease"""
        self.finish(self.id, SUCCESS)
        self.assert_state(self.id, "completed")

    def test_wrong(self):
        """another lease is a conflict that changes nothing"""
        answer = self.post_result(
            self.id, {**SUCCESS, "lease": "a" + self.lease[1:] + "x"}
        )
        self.assert_problem(answer, 409)
        self.assert_state(self.id, "executing")
        self.finish(self.id, {**SUCCESS, "lease": self.lease})

    def test_malformed(self):
        """a lease that can be none, or no string, names the field"""
        for lease in ("", "A", "../x", "a" * 33, 7, ["a"]):
            with self.subTest(lease=lease):
                answer = self.post_result(self.id, {**SUCCESS, "lease": lease})
                self.assert_problem(answer, 422, detail="lease")
        self.assert_state(self.id, "executing")

    def test_earlier_lease(self):
        """while another has the task the earlier holder's lease is wrong"""
        self.make_overdue(self.id)
        again = self.poll()
        self.assertEqual(again["task_id"], self.id)
        answer = self.post_result(self.id, {**SUCCESS, "lease": self.lease})
        self.assert_problem(answer, 409)
        self.assert_state(self.id, "executing")
        self.finish(self.id, {**SUCCESS, "lease": again["lease"]})


class Overdue(Case):
    """Leases that have passed, settled by the next poll of their user."""

    def test_requeued(self):
        """a repeatable task comes again as .r1, .r2, .r3, then fails"""
        task_id = self.create()
        for generation in range(4):
            answer = self.poll()
            self.assertEqual(answer["task_id"], task_id)
            task = self.assert_state(task_id, "executing")
            self.assertEqual(task.generation, generation)
            self.make_overdue(task_id)
        self.assertEqual(self.poll(), EMPTY)
        task = self.assert_state(task_id, "failed")
        self.assertEqual(task.record["declared"], "timeout")
        self.assertIn("timeout", task.record["error"])
        self.assertEqual(task.record["attempts"], 4)

    def test_not_yet(self):
        """a lease that has not passed is left alone"""
        task_id = self.create(timeout=1000)
        self.poll()
        self.assertEqual(self.poll(), EMPTY)
        self.assert_state(task_id, "executing")

    def test_retries_by_rule(self):
        """retries = 0 in stoflow.ini: the first time-out is the end"""
        self.root.configure(action_get_stats={"retries": 0})
        task_id = self.create_overdue()
        self.assertEqual(self.poll(), EMPTY)
        self.assert_state(task_id, "failed")

    def test_keeps_its_place(self):
        """a requeued task keeps its priority and age"""
        first = self.create()
        second = self.create()
        self.poll()
        before = self.task(first)
        self.make_overdue(first)
        self.sweep()
        after = self.assert_state(first, "pending")
        self.assertEqual(after.generation, 1)
        self.assertEqual(
            (after.rank, after.created), (before.rank, before.created)
        )
        self.assertEqual([self.poll_id(), self.poll_id()], [first, second])

    def test_at_most_once(self):
        """what may not be repeated fails, declared by us"""
        for action, params in (
            ("create_product", None),
            ("upload_photo", None),
            ("some_new_thing", {}),
            ("execute_http_request", post_request()),
            ("execute_http_request", {}),
            (
                "execute_batch_requests",
                {"requests": [READS["request"], post_request()["request"]]},
            ),
            ("execute_batch_requests", {"requests": []}),
            ("execute_sequential_requests", {"requests": [1]}),
        ):
            with self.subTest(action=action, params=params):
                task_id = self.create_overdue(action, params)
                self.assertEqual(self.poll(), EMPTY)
                record = self.assert_state(task_id, "failed").record
                self.assertEqual(record["declared"], "timeout")
                self.assertEqual(record["attempts"], 1)

    def test_repeatable(self):
        """what may be repeated is"""
        head = {"method": "HEAD", "url": "https://www.vinted.fr/"}
        both = {"requests": [READS["request"], head]}
        for action, params in (
            ("get_user_data", {}),
            ("get_all_products", None),
            ("get_stats", None),
            ("update_product", None),
            ("update_prices", None),
            ("delete_product", None),
            ("execute_http_request", READS),
            ("execute_http_request", {"request": head}),
            ("execute_batch_requests", both),
            ("execute_sequential_requests", both),
        ):
            with self.subTest(action=action, params=params):
                task_id = self.create_overdue(action, params)
                self.assertEqual(self.poll_id(), task_id)
                self.finish(task_id)

    def test_late_result_after_requeue(self):
        """late work still counts when the task was queued again"""
        task_id = self.create()
        lease = self.poll()["lease"]
        self.make_overdue(task_id)
        self.sweep()
        self.assert_state(task_id, "pending")
        self.finish(task_id, {**SUCCESS, "lease": lease})
        self.assert_state(task_id, "completed")
        self.assertEqual(self.poll(), EMPTY)

    def test_late_result_while_overdue(self):
        """a result after the deadline, before anybody settled, counts"""
        task_id = self.create(action="create_product")
        lease = self.poll()["lease"]
        self.make_overdue(task_id)
        self.finish(task_id, {**SUCCESS, "lease": lease})
        self.assert_state(task_id, "completed")

    def declare(self):
        """A task that we declared failed because its lease passed."""
        task_id = self.create(action="create_product")
        lease = self.poll()["lease"]
        self.make_overdue(task_id)
        self.poll()
        self.assert_state(task_id, "failed")
        return task_id, lease

    def test_own_word_success(self):
        """the plugin's late success replaces our declaration"""
        task_id, _ = self.declare()
        self.finish(task_id, SUCCESS)
        record = self.assert_state(task_id, "completed").record
        self.assertNotIn("declared", record)
        self.assertEqual(record["attempts"], 1)
        self.assertIsNotNone(record["started_at"])
        self.assertEqual(
            self.root.ls("done", 42), [f"{task_id}.completed.json"]
        )
        self.finish(task_id, SUCCESS)

    def test_own_word_failure(self):
        """so does its late failure, which then stands"""
        task_id, _ = self.declare()
        self.finish(task_id, FAILURE)
        record = self.assert_state(task_id, "failed").record
        self.assertEqual(record["error"], FAILURE["error"])
        self.assertNotIn("declared", record)
        self.finish(task_id, FAILURE)
        self.assert_problem(self.post_result(task_id, SUCCESS), 409)

    def test_own_word_with_lease(self):
        """the lease it was declared under is right for the late word"""
        task_id, lease = self.declare()
        self.finish(task_id, {**SUCCESS, "lease": lease})
        self.assert_state(task_id, "completed")

    def test_settles_many(self):
        """one poll settles all overdue leases of its user only"""
        ids = [self.create(action="create_product") for _ in range(20)]
        other = self.create(action="create_product", user=43)
        for _ in ids:
            self.poll()
        self.poll(user=43)
        for task_id in ids:
            self.make_overdue(task_id)
        self.make_overdue(other, user=43)
        self.assertEqual(self.poll(), EMPTY)
        for task_id in ids:
            self.assert_state(task_id, "failed")
        self.assert_state(other, "executing", user=43)

    def test_expired(self):
        """what nobody fetched in time is declared expired"""
        self.root.configure(all={"expire": 60})
        kept = self.create()
        task_id = self.create()
        task = self.task(task_id)
        name = task.name.replace(task.created, stamp(-61))
        os.rename(task.path, self.root.place("pending", 42, name))
        self.sweep()
        record = self.assert_state(task_id, "failed").record
        self.assertEqual(record["declared"], "expired")
        self.assertIsNone(record["started_at"])
        self.assertEqual(record["attempts"], 0)
        self.assertEqual(self.poll_id(), kept)


def post_request():
    return {"request": {"method": "POST", "url": "https://www.vinted.fr/"}}


if __name__ == "__main__":
    main()
