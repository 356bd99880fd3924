#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tasks that are not to be handed out yet, or not any more."""

import os
import time
from datetime import datetime, timezone

from support import Case, main
from support.case import EMPTY, iso, stamp
from support.waiting import Held
from support.web import Rewritten

HOUR = 3600
USUAL = 5000  # milliseconds between the guide's polls


class Timed:
    """For a Case: tasks by their moments."""

    def name_of(self, task_id):
        return self.task(task_id).name

    def move_to(self, task_id, seconds):
        """What a person does with mv: the name says another moment."""
        task = self.assert_state(task_id, "pending")
        name = task.name.replace(task.created, stamp(seconds))
        os.rename(task.path, self.root.place("pending", 42, name))

    def interval(self):
        """What a poll says that gets nothing; None if it says nothing."""
        answer = self.poll()
        self.assertIsNone(answer["task_id"], answer)
        return answer.get("next_poll_interval_ms")


class Scheduled(Timed, Case):
    """A queued name whose CREATED is yet to come."""

    def test_created(self):
        """a create with not_before is queued under that moment"""
        moment = iso(HOUR)
        task_id = self.create(not_before=moment)
        bare = moment.replace("-", "").replace(":", "")
        self.assertIn(f"998-{bare}-get_stats", self.name_of(task_id))
        self.assertEqual(self.poll(), EMPTY)
        self.assert_state(task_id, "pending")

    def test_dropped(self):
        """so is a dropped file"""
        drop = {"action": "get_user_data", "task_id": "t1"}
        self.root.drop("a.json", {**drop, "not_before": iso(HOUR)}, user=42)
        self.assertIsNone(self.interval())
        self.assertGreater(self.task("t1").created, stamp(HOUR - 60))

    def test_long_past(self):
        """a moment that has passed changes nothing"""
        first = self.create()
        second = self.create(not_before="2020-01-01T00:00:00Z")
        self.assertEqual([self.poll_id(), self.poll_id()], [first, second])

    def test_others_go_first(self):
        """what is due is handed out, whatever stands before it"""
        later = self.create(priority=999, not_before=iso(HOUR))
        now = self.create(priority=0)
        self.assertEqual(self.poll_id(), now)
        self.assertIsNone(self.interval())
        self.assert_state(later, "pending")

    def test_moved(self):
        """mv to another moment reschedules, both ways"""
        task_id = self.create(not_before=iso(HOUR))
        self.move_to(task_id, 2 * HOUR)
        self.assertIsNone(self.interval())
        self.move_to(task_id, -1)
        self.assertEqual(self.poll_id(), task_id)
        task_id = self.create()
        self.move_to(task_id, HOUR)
        self.assertIsNone(self.interval())

    def test_created_at(self):
        """the record tells when it was created and for when"""
        task_id = self.create(not_before=iso(HOUR))
        self.move_to(task_id, -1)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id)
        record = self.assert_state(task_id, "completed").record
        self.assertGreater(record["not_before"], iso(HOUR - 60))

    def test_interval(self):
        """the answer says how long it is until the first comes due"""
        self.create(not_before=iso(HOUR))
        self.create(not_before=iso(4))
        interval = self.interval()
        self.assertGreater(interval, 0)
        self.assertLessEqual(interval, 4001)

    def test_no_longer(self):
        """what comes due later puts off no poll: new tasks must not wait"""
        for seconds in (USUAL / 1000 + 2, 20, 200 * 24 * HOUR):
            self.create(not_before=iso(seconds))
            self.assertLessEqual(self.interval() or USUAL, USUAL)
            for name in os.listdir(self.root.place("pending", 42)):
                os.unlink(self.root.place("pending", 42, name))

    def test_interval_is_enough(self):
        """who comes again after that finds it due, and not long due"""
        for seconds in (0.05, 0.4, 3, 4.9):
            task_id = self.create(not_before=iso(seconds))
            due = moment_of(self.task(task_id).created)
            before = time.time()
            answer = self.poll()
            after = time.time()
            if answer["task_id"] is None:
                told = answer["next_poll_interval_ms"]
                self.assertGreaterEqual(after + told / 1000, due)
                least = max(due - before, 0.1)
                self.assertLessEqual(told, least * 1000 + 1)
                os.unlink(self.task(task_id).path)

    def test_deep(self):
        """thousands that are scheduled hide none of those that are due"""
        self.queue_names(50)
        folder = self.root.place("pending", 42)
        for number in range(2000):
            name = f"{950 + number % 3}-{stamp(HOUR)}-get_stats-s{number}.json"
            self.root.write(
                os.path.join(folder, name), {"action": "get_stats"}
            )
        got = [self.poll_id() for _ in range(50)]
        self.assertEqual(set(got), {f"t{number}" for number in range(50)})
        self.assertIsNone(self.interval())
        self.move_to("s77", -5)
        self.assertEqual(self.poll_id(), "s77")
        self.assertIsNone(self.interval())
        self.create(task_id="new", priority=0)
        self.assertEqual(self.poll_id(), "new")


class ScheduledOverHttp(Scheduled):
    """The same through a web server."""

    transport = Rewritten


class Delivered(Timed, Held, Case):
    """On time, to a poll that waits for it."""

    def test_on_time(self):
        """not before its moment, and not long after"""
        late = []
        for number in range(5):
            task_id = f"t{number}"
            self.create(task_id=task_id, not_before=iso(0.8))
            due = self.task(task_id).created
            thread = self.start()
            self.assert_delivered(thread, task_id)
            late.append(thread.ended - moment_of(due))
            self.assertGreaterEqual(late[-1], 0, late)
        # A busy machine may be late once in a while, but a tick every half
        # a second would be on time by chance only.
        self.assertLess(sorted(late)[2], 0.15, late)

    def test_moved_to_now(self):
        """mv to the present ends the wait"""
        self.create(task_id="t1", not_before=iso(HOUR))
        thread = self.held()
        self.move_to("t1", 0)
        self.assert_delivered(thread, "t1")

    def test_created_sooner(self):
        """a task created meanwhile that is due sooner comes at its time"""
        self.create(task_id="t1", not_before=iso(HOUR))
        thread = self.held()
        self.create(task_id="t2", not_before=iso(0.3))
        self.assert_delivered(thread, "t2")

    def test_end(self):
        """a poll that merely ends says nothing of when to come"""
        self.create(task_id="t1", not_before=iso(HOUR))
        thread = self.start(wait=1)
        thread.join()
        self.assertEqual(thread.answer.json, EMPTY)

    def test_no_place(self):
        """one that cannot be held is told the sooner of the two"""
        self.root.configure(queue={"max_waiters": 0})
        self.create(task_id="t1", not_before=iso(HOUR))
        thread = self.start()
        thread.join()
        self.assertEqual(thread.answer.json["next_poll_interval_ms"], 5000)
        self.create(task_id="t2", not_before=iso(4))
        thread = self.start()
        thread.join()
        self.assertLess(thread.answer.json["next_poll_interval_ms"], 4001)


class Expiring(Timed, Case):
    """`expires_in` and `expire`, from CREATED on."""

    def assert_expired(self, task_id):
        record = self.assert_state(task_id, "failed").record
        self.assertEqual(record["declared"], "expired")
        self.assertEqual(record["attempts"], 0)

    def test_own(self):
        """a task that waited longer than it may is not handed out"""
        old = self.create(expires_in=60, priority=9)
        young = self.create(expires_in=60)
        self.move_to(old, -61)
        self.assertEqual(self.poll_id(), young)
        self.assert_expired(old)

    def test_rule(self):
        """nor is one whose action says so"""
        self.root.configure(action_get_stats={"expire": 60})
        old = self.create(priority=9)
        other = self.create(action="get_user_data", priority=8)
        self.move_to(old, -61)
        self.move_to(other, -61)
        self.assertEqual(self.poll_id(), other)
        self.assert_expired(old)

    def test_whichever_is_sooner(self):
        """a rule ends also what gives itself more time, and the reverse"""
        self.root.configure(all={"expire": 60})
        patient = self.create(expires_in=HOUR)
        hasty = self.create(expires_in=10)
        self.move_to(patient, -61)
        self.move_to(hasty, -11)
        self.assertIsNone(self.poll_id())
        self.assert_expired(patient)
        self.assert_expired(hasty)

    def test_from_its_moment_on(self):
        """of a scheduled task the time counts from when it is due"""
        task_id = self.create(expires_in=60, not_before=iso(HOUR))
        self.move_to(task_id, -59)
        self.assertEqual(self.poll_id(), task_id)

    def test_requeued(self):
        """one that comes back too late has expired"""
        task_id = self.create(expires_in=60)
        self.move_to(task_id, -59)
        self.assertEqual(self.poll_id(), task_id)
        self.make_overdue(task_id)
        task = self.task(task_id)
        name = task.name.replace(task.created, stamp(-61))
        os.rename(task.path, self.root.place("executing", 42, name))
        self.assertIsNone(self.poll_id())
        record = self.assert_state(task_id, "failed").record
        self.assertEqual(record["declared"], "expired")
        self.assertIsNotNone(record["started_at"])
        self.assertIn("came back from a plugin", record["error"])

    def test_sweeper(self):
        """the sweeper finds it, too, and says so"""
        old, young = self.create(expires_in=60), self.create(expires_in=60)
        self.move_to(old, -61)
        self.assertEqual(len(self.sweep("--dry-run")), 1)
        self.assert_state(old, "pending")
        (line,) = self.sweep()
        self.assertIn("expired 1 task", line)
        self.assert_expired(old)
        self.assert_state(young, "pending")

    def test_backlog(self):
        """many that have expired: a few each time, and none handed out"""
        folder = self.root.make("pending", 42)
        for number in range(100):
            name = f"900-{stamp(-2 * HOUR)}-get_stats-old{number}.json"
            self.root.write(
                os.path.join(folder, name), {"action": "get_stats"}
            )
        self.root.configure(all={"expire": HOUR})
        young = [self.create() for _ in range(3)]
        self.assertEqual([self.poll_id() for _ in young], young)
        self.assertIsNone(self.poll_id())
        self.sweep()
        states = [task.state for task in self.assert_sound().tasks.values()]
        self.assertEqual(states.count("executing"), 3)
        self.assertNotIn("completed", states)


class ExpiringOverHttp(Expiring):
    """The same through a web server."""

    transport = Rewritten


def moment_of(text):
    """Seconds since 1970 of a moment as file names write it."""
    moment = datetime.strptime(text, "%Y%m%dT%H%M%S.%fZ")
    return moment.replace(tzinfo=timezone.utc).timestamp()


if __name__ == "__main__":
    main()
