#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What holds tasks back that are due: a pace, a limit, a pause."""

import os
import time

from support import Case, main
from support.case import EMPTY, iso, wait_until
from support.crowd import crowd
from support.reader import Tree
from support.waiting import HELD, Held
from support.web import Rewritten

PACE = 300
LATER = {"next_poll_interval_ms": 30000}
STATS = {"action": "get_stats", "user_id": 42, "params": {"item_id": 7}}


class Rules(Case):
    """A root whose get_stats are kept apart or few."""

    def setUp(self):
        super().setUp()
        self.root.configure(action_get_stats=self.rules)

    def stamp(self, user=42):
        return self.root.place("pace", user, "get_stats")

    def put_off(self, seconds):
        """Time passes, as far as the pace can tell: the next may go so many
        seconds from now."""
        moment = time.time() + seconds
        os.utime(self.stamp(), (moment, moment))


class Paced(Rules):
    """pace and pace_random."""

    rules = {"pace": PACE, "pace_random": 10}

    def test_apart(self):
        """after one the next has to wait; others go on"""
        first, second = self.create(), self.create()
        other = self.create(action="get_user_data")
        self.assertEqual(self.poll_id(), first)
        self.assertEqual(self.poll_id(), other)
        self.assertEqual(self.poll(), EMPTY)
        self.put_off(-1)
        self.assertEqual(self.poll_id(), second)

    def test_stamp(self):
        """ls shows from when on the next may go"""
        self.create()
        before = time.time()
        self.poll()
        after = time.time()
        moment = Tree(self.root.path).paces[42, "get_stats"]
        self.assertGreaterEqual(moment, before + PACE)
        self.assertLessEqual(moment, after + PACE + 10)

    def test_interval(self):
        """the answer says when"""
        self.create(), self.create()
        self.poll()
        self.put_off(4)
        told = self.poll()["next_poll_interval_ms"]
        self.assertLessEqual(told, 4001)
        self.assertGreater(told, 0)

    def test_removed(self):
        """rm lets the next go at once"""
        first, second = self.create(), self.create()
        self.assertEqual(self.poll_id(), first)
        self.assertIsNone(self.poll_id())
        os.unlink(self.stamp())
        self.assertEqual(self.poll_id(), second)
        self.assertIsNone(self.poll_id())

    def test_clock_set_back(self):
        """a moment beyond the pace holds nothing back"""
        first, second = self.create(), self.create()
        self.assertEqual(self.poll_id(), first)
        self.put_off(PACE + 60)
        self.assertEqual(self.poll_id(), second)

    def test_users(self):
        """each user has a pace of his own"""
        mine, other = self.create(), self.create(user=43)
        self.assertEqual(self.poll_id(), mine)
        self.assertEqual(self.poll_id(user=43), other)

    def test_received_again(self):
        """the same task again is no second one"""
        first = self.create()
        self.create()
        for _ in range(3):
            self.assertEqual(self.poll_id(receive_id="abcdefgh"), first)
        self.assertIsNone(self.poll_id(receive_id="abcdefgi"))

    def test_at_once(self):
        """of polls at the same moment one gets a task"""
        for number in range(6):
            for _ in range(4):
                self.create()
            got = crowd(8, lambda _: self.poll_id())
            self.assertEqual(sum(g is not None for g in got), 1, got)
            self.put_off(-1)

    def test_deep(self):
        """thousands that are held back hide none of the others"""
        self.queue_names(2000)
        names = self.queue_names(20, action="get_user_data", first=5000)
        self.assertIsNotNone(self.poll_id())
        ids = [name[: -len(".json")].rpartition("-")[2] for name in names]
        self.assertEqual([self.poll_id() for _ in range(20)], ids)
        self.assertIsNone(self.poll_id())
        self.put_off(-1)
        self.assertIsNotNone(self.poll_id())
        self.assertIsNone(self.poll_id())


class PacedOverHttp(Paced):
    """The same through a web server."""

    transport = Rewritten


class PacedAndHeld(Held, Rules):
    """A poll that waits while tasks are held back by their pace."""

    rules = {"pace": PACE}

    def waiting(self):
        """A poll that waits for the second of two tasks."""
        self.create(task_id="t1")
        self.create(task_id="t2")
        self.assertEqual(self.poll_id(), "t1")
        return self.held()

    def test_on_time(self):
        """it gets the task when the pace allows"""
        self.create(task_id="t1")
        self.create(task_id="t2")
        self.assertEqual(self.poll_id(), "t1")
        self.put_off(0.8)
        due = os.stat(self.stamp()).st_mtime
        thread = self.start()
        self.assert_delivered(thread, "t2")
        self.assertGreaterEqual(thread.ended, due)

    def test_stamp_moved(self):
        """touch -d of the stamp is noticed"""
        thread = self.waiting()
        self.put_off(0)
        self.assert_delivered(thread, "t2")

    def test_stamp_removed(self):
        """so is its removal"""
        thread = self.waiting()
        os.unlink(self.stamp())
        self.assert_delivered(thread, "t2")

    def test_other(self):
        """a task of another action ends the wait"""
        thread = self.waiting()
        self.create(task_id="t3", action="get_user_data")
        self.assert_delivered(thread, "t3")


class Limited(Rules):
    """max_executing."""

    rules = {"max_executing": 2}

    def test_few(self):
        """no more than so many are handed out; others go on"""
        ids = [self.create() for _ in range(4)]
        other = self.create(action="get_user_data")
        self.assertEqual([self.poll_id() for _ in range(2)], ids[:2])
        self.assertEqual(self.poll_id(), other)
        self.assertEqual(self.poll(), EMPTY)
        self.finish(ids[0])
        self.assertEqual(self.poll_id(), ids[2])
        self.assertIsNone(self.poll_id())

    def test_overdue(self):
        """a lease that passes makes room"""
        ids = [self.create() for _ in range(3)]
        self.poll(), self.poll()
        self.make_overdue(ids[1])
        self.assertEqual(self.poll_id(), ids[1])
        self.assertIsNone(self.poll_id())

    def test_at_once(self):
        """also of polls at the same moment"""
        self.queue_names(60)
        got = crowd(12, lambda _: self.poll_id())
        self.assertEqual(sum(g is not None for g in got), 2, got)
        executing = self.assert_sound().in_state("executing")
        self.assertEqual(len(executing), 2)


class LimitedAndHeld(Held, Rules):
    """A poll that waits while the limit is reached."""

    rules = {"max_executing": 1}

    def test_result(self):
        """a result lets it have the next"""
        self.create(task_id="t1")
        self.create(task_id="t2")
        self.assertEqual(self.poll_id(), "t1")
        thread = self.held()
        self.finish("t1")
        self.assert_delivered(thread, "t2")


class Pausing(Case):
    """A root whose queues can be paused."""

    def assert_paused(self, answer, reason, **more):
        """`more` is what an answer has that was not held."""
        since = answer["paused"].pop("since")
        self.assertLess(iso(-3600), since)
        self.assertLess(since, iso(1))
        self.assertEqual(
            answer,
            {
                "task_id": None,
                "message": "Queue paused",
                "paused": {"reason": reason},
                **more,
            },
        )


class Paused(Pausing):
    """PAUSED in a user's folder."""

    def test_touched(self):
        """touch pauses, rm resumes"""
        task_id = self.create()
        path = self.root.pause()
        self.assert_paused(self.poll(), "paused by hand", **LATER)
        self.assert_state(task_id, "pending")
        os.unlink(path)
        self.assertEqual(self.poll_id(), task_id)

    def test_reason(self):
        """what the file says is the reason"""
        self.create()
        self.root.pause("on holiday, “until Monday”\nsecond line\n")
        self.assert_paused(self.poll(), "on holiday, “until Monday”", **LATER)

    def test_other_user(self):
        """another user's queue goes on"""
        other = self.create(user=43)
        self.create()
        self.root.pause()
        self.assertEqual(self.poll_id(user=43), other)

    def test_nothing_waits(self):
        """an empty queue tells its pause, again and again, and its end"""
        self.assertEqual(self.poll(), EMPTY)
        path = self.root.pause()
        self.root.set_age(os.path.dirname(path), 60)
        for _ in range(2):
            self.assert_paused(self.poll(), "paused by hand", **LATER)
        os.unlink(path)
        self.assertEqual(self.poll(), EMPTY)

    def test_stamped(self):
        """a folder that was found empty long ago is looked at once more"""
        folder = self.root.make("pending", 42)
        self.root.set_age(folder, 60)
        self.assertEqual(self.poll(), EMPTY)
        self.assertTrue(self.root.exists("index", "42.pending"))
        self.root.pause()
        self.assert_paused(self.poll(), "paused by hand", **LATER)

    def test_executing(self):
        """what is handed out goes on: the same again, and its result"""
        task_id = self.create()
        self.create()
        self.poll(receive_id="abcdefgh")
        self.root.pause()
        self.assertEqual(self.poll_id(receive_id="abcdefgh"), task_id)
        self.finish(task_id)
        self.assertIsNone(self.poll_id(receive_id="abcdefgh"))

    def test_drops(self):
        """drops are queued meanwhile"""
        self.root.pause()
        self.root.drop("a.json", {**STATS, "task_id": "t1"})
        self.assertIsNone(self.poll_id())
        self.assert_state("t1", "pending")

    def test_no_stranger(self):
        """health and sweeper do not wonder at the file"""
        self.root.set_age(self.root.pause(), 86400)
        self.assertEqual(self.sweep(), [])
        answer = self.api.get("/api/health", token=self.backend)
        self.assertEqual(answer.json["counts"]["strangers"], 0)
        self.assertEqual(Tree(self.root.path).paused, {42: b""})

    def test_folder(self):
        """whatever bears the name pauses"""
        self.create()
        os.mkdir(os.path.join(self.root.place("pending", 42), "PAUSED"))
        answer = self.poll()
        self.assertEqual(answer["paused"]["reason"], "paused by hand")
        os.rmdir(os.path.join(self.root.place("pending", 42), "PAUSED"))


class PausedOverHttp(Paused):
    """The same through a web server."""

    transport = Rewritten


class PausedAndHeld(Held, Pausing):
    """A poll that waits while its queue is paused."""

    def waiting(self):
        path = self.root.pause()
        self.create(task_id="t1")
        return path, self.held()

    def test_removed(self):
        """rm ends the pause and the wait"""
        path, thread = self.waiting()
        os.unlink(path)
        self.assert_delivered(thread, "t1")

    def test_removed_while_empty(self):
        """a pause ends while no task waits: what comes then goes at once"""
        path = self.root.pause()
        thread = self.held()
        os.unlink(path)
        self.create(task_id="t1")
        self.assert_delivered(thread, "t1")

    def assert_holds(self, thread, path):
        """What comes is held while it is paused, and goes at once after."""
        self.create(task_id="t1")
        self.assertIsNone(self.poll_id())
        self.assertTrue(thread.is_alive())
        os.unlink(path)
        self.assert_delivered(thread, "t1")

    def test_filled_while_paused(self):
        """a task that comes during the pause goes as soon as that ends"""
        path = self.root.pause()
        self.assert_holds(self.held(), path)

    def test_end_while_empty(self):
        """an empty queue tells the pause at the end of the wait, too"""
        path = self.root.pause("a captcha\n")
        thread = self.start(wait=1)
        thread.join()
        self.assert_paused(thread.answer.json, "a captcha")
        os.unlink(path)

    def test_moved_away(self):
        """so does mv"""
        path, thread = self.waiting()
        os.rename(path, path + ".old")
        self.assert_delivered(thread, "t1")
        os.unlink(path + ".old")

    def test_paused_meanwhile(self):
        """a pause that begins while it waits holds what comes then"""
        thread = self.held()
        path = self.root.pause("a captcha\n")
        self.assert_holds(thread, path)

    def test_end(self):
        """at its end the answer tells the pause"""
        self.root.pause("a captcha\n")
        self.create(task_id="t1")
        thread = self.start(wait=1)
        thread.join()
        self.assert_paused(thread.answer.json, "a captcha")


class Seen(Held, Case):
    """How long a plugin counts as there: the stamp in index/."""

    def assert_lasts(self, least, most):
        """The last poll is taken to last that long from now. It is noted
        once its answer has gone out."""
        path = self.root.place("index", "42.seen")

        def noted():
            if not os.path.exists(path):
                return False
            return least < os.stat(path).st_mtime - time.time() <= most

        self.assertTrue(wait_until(noted, 10))

    def test_plain(self):
        """a plain poll counts for its moment"""
        self.poll()
        self.assert_lasts(-10, 0)

    def test_held(self):
        """a held one as long as it may be held"""
        thread = self.held()
        self.assert_lasts(5, HELD)
        self.create(task_id="t1")
        self.assert_delivered(thread, "t1")

    def test_told(self):
        """one that was told when to come again until then"""
        self.root.pause()
        self.poll()
        self.assert_lasts(15, 30)


class NotSeen(Case):
    """Called directly: what a program does is done when it has ended."""

    def test_refused(self):
        """one that may not poll does not count"""
        token = self.root.token(43, "plugin")
        answer = self.api.get("/api/plugin/tasks?user_id=42", token=token)
        self.assert_problem(answer, 403)
        self.assertFalse(self.root.exists("index", "42.seen"))


if __name__ == "__main__":
    main()
