#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Many at once: one winner, always.

How many rounds, is a matter of time: see support/campaign.py.
"""

from concurrent.futures import ThreadPoolExecutor

from support import Case, main
from support.campaign import Campaign
from support.case import id_of
from support.crowd import crowd
from support.web import Rewritten

CAMPAIGN = Campaign(tests=7)


class Race(Case):
    """A Case that may take a share of the time."""

    def rounds(self, most, least=3):
        """The numbers of as many rounds as there is time for."""
        return CAMPAIGN.each(self.shortDescription(), range(most), least)


class Pollers(Race):
    """Concurrent polls over one user's queue."""

    def drain(self, _):
        """Polls until nothing is left; the ids in the order they came."""
        found = []
        while (task_id := self.poll_id()) is not None:
            found.append(task_id)
        return found

    def check(self, names, hauls):
        """Each task once, none lost, each poller's share in order."""
        place = {id_of(name): number for number, name in enumerate(names)}
        got = [task_id for haul in hauls for task_id in haul]
        self.assertEqual(len(got), len(set(got)), "a task went out twice")
        self.assertEqual(set(got), set(place), "a task was lost")
        for haul in hauls:
            places = [place[task_id] for task_id in haul]
            self.assertEqual(places, sorted(places))
        states = {t.state for t in self.assert_sound().tasks.values()}
        self.assertEqual(states, {"executing"})

    def test_64_over_700(self):
        """64 pollers, 700 tasks, which want an index: each delivered once"""
        for number in self.rounds(3, least=1):
            names = self.queue_names(700, first=700 * number)
            self.check(names, crowd(64, self.drain))

    def test_at_most_once(self):
        """the same for tasks that must not be repeated"""
        names = self.queue_names(200, action="create_product")
        self.check(names, crowd(16, self.drain))

    def test_one_alone(self):
        """a single poller gets priority, then age, throughout"""
        names = self.queue_names(300)
        ids = self.drain(0)
        self.assertEqual(ids, [id_of(name) for name in names])

    def test_with_sweepers(self):
        """sweepers and polls of other users take nothing away"""
        names = self.queue_names(300)
        self.queue_names(50, user=43)

        def work(number):
            if number < 8:
                return self.drain(number)
            for _ in range(10):
                self.sweep() if number % 2 else self.poll(user=44)
            return []

        hauls = crowd(12, work)
        got = [task_id for haul in hauls for task_id in haul]
        self.assertEqual(sorted(got), sorted(map(id_of, names)))

    def test_receive_id(self):
        """concurrent polls with one receive_id get one and the same task"""
        rounds = 0
        for number in self.rounds(10):
            rounds += 1
            self.queue_names(5, first=5 * number)
            lease = f"receive{number}"
            ids = crowd(12, lambda _: self.poll_id(receive_id=lease))
            self.assertEqual(len(set(ids)), 1, ids)
            self.assertIsNotNone(ids[0])
        executing = self.assert_sound().in_state("executing")
        self.assertEqual(len(executing), rounds)


class ServedPollers(Case):
    """The same through a web server."""

    transport = Rewritten

    def test_16_over_300(self):
        """16 clients of lighttpd, 300 tasks: each delivered once"""
        names = self.queue_names(300)
        with ThreadPoolExecutor(16) as pool:
            hauls = list(pool.map(self.drain, range(16)))
        got = [task_id for haul in hauls for task_id in haul]
        self.assertEqual(sorted(got), sorted(map(id_of, names)))

    drain = Pollers.drain


class Writers(Race):
    """Concurrent creates and results."""

    def test_creates(self):
        """of creates with one id exactly one is told 201"""
        for number in self.rounds(8):
            task_id = f"same-{number}"

            def create(member):
                answer = self.api.post(
                    "/api/tasks/create",
                    {
                        "user_id": 42,
                        "action": "get_stats",
                        "task_id": task_id,
                        "params": {"item_id": 5, "by": member},
                        "priority": member,
                    },
                    token=self.backend,
                )
                return answer.status

            statuses = crowd(16, create)
            self.assertEqual(sorted(statuses), [201] + [409] * 15)
            winner = statuses.index(201)
            task = self.assert_state(task_id, "pending")
            params = {"item_id": 5, "by": winner}
            self.assertEqual(task.record["params"], params)
            self.assertEqual(task.priority, winner)

    def test_creates_against_drops(self):
        """a create and drops with the same id leave one task"""
        rounds = 0
        for number in self.rounds(8):
            rounds += 1
            task_id = f"mixed-{number}"
            body = {"action": "any_action", "task_id": task_id, "user_id": 42}

            def work(member):
                if member % 3 == 0:
                    answer = self.api.post(
                        "/api/tasks/create", body, token=self.backend
                    )
                    return answer.status
                if member % 3 == 1:
                    self.root.drop(f"{task_id}-{member}.json", body, user=42)
                return self.poll_id(user=42)

            results = crowd(9, work)
            rest = []
            while (more := self.poll_id()) is not None:
                rest.append(more)
            self.assertEqual((results + rest).count(task_id), 1, results)
        tree = self.assert_sound()
        self.assertEqual(len(tree.tasks), rounds)
        self.assertEqual(tree.drops, [])

    def test_contradicting_results(self):
        """of contradicting results one is taken, and its record stands"""
        for _ in self.rounds(8):
            task_id = self.create(action="create_product")
            self.poll()

            def post(member):
                body = {"success": True, "data": {"by": member}}
                if member % 2:
                    body = {"success": False, "error": f"by {member}"}
                return self.post_result(task_id, body).status

            statuses = crowd(12, post)
            self.assertEqual(sorted(statuses), [200] + [409] * 11)
            record = self.assert_sound().tasks[42, task_id].record
            winner = statuses.index(200)
            if winner % 2:
                self.assertEqual(record["error"], f"by {winner}")
            else:
                self.assertEqual(record["result"], {"by": winner})

    def test_same_results(self):
        """the same result many times at once is taken each time"""
        task_id = self.create()
        self.poll()
        statuses = crowd(16, lambda _: self.post_result(task_id).status)
        self.assertEqual(set(statuses), {200})
        self.assertEqual(len(self.root.ls("done", 42)), 1)

    def race_a_result(self, action, count, disturb):
        """The result of an overdue task is taken while so many others
        disturb it, of which each is told its number from 1."""
        task_id = self.create_overdue(action=action)

        def work(member):
            if member == 0:
                return self.post_result(task_id).status
            return disturb(member)

        self.assertEqual(crowd(1 + count, work)[0], 200)
        self.assert_state(task_id, "completed")

    def test_result_against_time_out(self):
        """a result that meets the settling of its lease is never lost"""

        def settle(member):
            return self.poll_id() if member % 2 else len(self.sweep())

        for _ in self.rounds(60, least=6):
            self.race_a_result("upload_photo", 3, settle)

    def test_result_against_requeue(self):
        """nor one that meets the requeue of its task"""
        for _ in self.rounds(25, least=4):
            self.race_a_result("get_stats", 2, lambda _: len(self.sweep()))
            self.assertIsNone(self.poll_id())


class Catalogue(Case):
    """Many results for one user at once."""

    def test_no_update_lost(self):
        """every product of concurrent results reaches the catalogue"""
        ids = [self.create(action="create_product") for _ in range(40)]
        for _ in ids:
            self.poll()

        def work(member):
            statuses = []
            for number in range(member, 40, 8):
                item = {"id": 1000 + number, "title": f"number {number}"}
                body = {"success": True, "data": {"item": item}}
                statuses.append(self.post_result(ids[number], body).status)
                self.sweep()
            return statuses

        self.assertEqual({s for each in crowd(8, work) for s in each}, {200})
        self.sweep()
        lines = self.root.read("products", "42.ndjson").splitlines()
        self.assertEqual(len(lines), 40)


if __name__ == "__main__":
    main()
