#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Several machines on one network file system: GlusterFS with three bricks and
three heads, MooseFS with two chunkservers and two heads. The clock of one head
is two minutes ahead.

On all heads at once tasks are created, handed out, finished, put back by hand
and swept; programs are killed, and a server is killed and comes back. What
was acknowledged must stand then. How long that lasts is a matter of
STOFLOW_SECONDS (support/campaign.py), how it goes is drawn by STOFLOW_SEED.
"""

import json
import os
import shutil
import subprocess
import threading
import time
import unittest
from collections import Counter, defaultdict

from support import main
from support.campaign import SECONDS, Campaign, draws, say
from support.cgi import BIN, SANITIZERS, Direct
from support.crowd import crowd
from support.heads import GlusterFs, HeadsError, MooseFs, run_alone
from support.reader import Tree
from support.root import Root
from support.sources import REPOSITORY
from support.stage import workshop

REASON = run_alone(__file__)
SHARE = SECONDS / 3  # of each file system; the rest is for its set-up
HANDS = 2  # of each head
KILLED = 0.15  # of all requests
AHEAD = os.path.join(REPOSITORY, "build", "ahead")  # by two minutes
ROUND = 0.5  # seconds for which all hands create a task of the same ID


class Killed(Exception):
    """The program was, and nobody knows what it had done by then."""


class Place:
    """The root as one head has it, whose programs are in a folder."""

    def __init__(self, path, programs=BIN):
        self.path = path
        self.programs = programs

    def sweep(self):
        return subprocess.run(
            [os.path.join(self.programs, "sweeper")],
            env={**SANITIZERS, "STOFLOW_ROOT": self.path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
        )


class Mortal(Direct):
    """Calls the programs of a head, and kills some."""

    def __init__(self, place, draw):
        super().__init__(place, place.programs)
        self.draw = draw

    def request(self, method, target, body=None, mortal=True, **options):
        self.mortal = mortal
        return super().request(method, target, body, **options)

    def run(self, name, env, body, wrapper):
        if not self.mortal or self.draw.random() >= KILLED:
            return super().run(name, env, body, wrapper)
        process = subprocess.Popen(
            [os.path.join(self.folder, name)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.communicate(body, timeout=self.draw.random() * 0.1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        raise Killed


class Hand:
    """One who works on all heads until the time is over, and remembers what
    he was told."""

    def __init__(self, number, places, tokens, name):
        self.number = number
        self.draw = draws(name, number)
        self.heads = [Mortal(place, self.draw) for place in places]
        self.plugin, self.backend = tokens
        self.told = defaultdict(list)
        self.count = 0

    @property
    def head(self):
        return self.draw.choice(self.heads)

    def work(self, begun, is_over):
        steps = [self.create] * 4 + [self.carry_out] * 5
        steps += [self.drop, self.cancel, self.retry, self.sweep]
        while not is_over():
            self.round = int((time.monotonic() - begun) / ROUND)
            try:
                self.draw.choice(steps)()
            except Killed:
                self.told["killed"].append(1)
        return self.told

    def fresh(self):
        self.count += 1
        return 1000 * self.count + self.number + 1

    def create(self):
        way = self.draw.choice(("id", "key", "plain"))
        body = {"user_id": 42, "action": "get_stats", "timeout": 1}
        body["params"] = {"item_id": 5}
        headers = {}
        if way == "id":
            body["task_id"] = f"id-{self.round}"
        elif way == "key":
            headers = {"Idempotency-Key": f"key-{self.round}"}
        else:
            body["action"] = "create_product"
            body["timeout"] = self.draw.choice((90, 3600))
            body["params"] = {
                "title": "T-shirt",
                "description": "Nike",
                "price": "15.00",
                "catalog_id": 5,
            }
        answer = self.head.post(
            "/api/tasks/create", body, token=self.backend, headers=headers
        )
        if answer.status == 201:
            self.told[way].append(answer.json["task_id"])
        elif answer.status not in (409, 503):
            self.told["odd"].append(f"create: {answer}")

    def carry_out(self):
        """A plugin: polls, works, says so; by another head each time."""
        lease = f"hand{self.number:02}x{self.fresh():08}"
        target = f"/api/plugin/tasks?user_id=42&receive_id={lease}"
        task = self.insist("GET", target)
        if task is None or task.json.get("task_id") is None:
            return
        task_id, action = task.json["task_id"], task.json["action"]
        self.told["handed"].append((task_id, action, lease))
        if self.draw.random() < 0.3:
            path = f"/api/plugin/tasks/{task_id}/progress"
            self.head.post(path, {"lease": lease}, token=self.plugin)
        if action != "create_product" and self.draw.random() < 0.3:
            return  # never heard of again
        number = self.fresh()
        data = {"views": number}
        if action == "create_product":
            data = {"item": {"id": number, "title": "T-shirt"}}
        body = {"success": True, "data": data, "lease": lease}
        path = f"/api/plugin/tasks/{task_id}/result"
        answer = self.insist("POST", path, body)
        if answer is None:
            return
        if answer.status == 404:
            self.told["odd"].append(f"404 for a result of {task_id}")
        elif answer.status == 200:
            self.told["done"].append((task_id, action, data))

    def insist(self, method, target, body=None):
        """Asks again what was answered by nobody, or with 503."""
        for _ in range(20):
            try:
                answer = self.head.request(
                    method, target, body, token=self.plugin
                )
            except Killed:
                self.told["killed"].append(1)
                continue
            if answer.status != 503:
                return answer
            time.sleep(0.1)
        return None

    def drop(self):
        number = self.fresh()
        folder = os.path.join(self.head.root.path, "spool", "pending")
        part = os.path.join(folder, f".{number}.part")
        with open(part, "w") as file:
            task = {"user_id": 42, "action": "any_action"}
            json.dump({**task, "params": {"drop": number}}, file)
        os.rename(part, os.path.join(folder, f"{number}.json"))
        self.told["dropped"].append(number)

    def known(self):
        return f"id-{max(self.round - self.draw.randrange(6), 0)}"

    def cancel(self):
        path = f"/api/tasks/{self.known()}/cancel"
        self.head.post(path, token=self.backend)

    def retry(self):
        task_id = self.known()
        self.told["retried"].append(task_id)
        path = f"/api/tasks/{task_id}/retry"
        self.head.post(path, token=self.backend)

    def sweep(self):
        self.head.root.sweep()


def read_json(path):
    with open(path) as file:
        return json.load(file)


class Heads:
    """The test of one file system; mixed into a TestCase."""

    system = None

    def setUp(self):
        reason = REASON or self.system.why_not()
        if reason:
            self.skipTest(f"no {self.system.__name__} here: {reason}")
        subprocess.run(["make", "-s", "ahead"], cwd=REPOSITORY, check=True)
        self.shop = workshop()
        self.addCleanup(shutil.rmtree, self.shop, True)
        try:
            self.servers = self.system(os.path.join(self.shop, "servers"))
        except HeadsError as error:
            self.skipTest(f"no {self.system.__name__} here: {error}")
        self.addCleanup(self.servers.remove)
        root = Root(self.servers.heads[0])
        name = os.path.basename(root.path)
        roots = [os.path.join(h, name) for h in self.servers.heads]
        # The last one's clock is ahead.
        self.places = [Place(path) for path in roots[:-1]]
        self.places.append(Place(roots[-1], AHEAD))
        self.tokens = root.token(42, "plugin"), root.token("*", "backend")

    def test_all_at_once(self):
        """what was acknowledged stands, on all heads"""
        name = self.system.__name__
        self.places[0].sweep()  # makes the folders
        hands = [
            Hand(number, self.places, self.tokens, name)
            for number in range(HANDS * len(self.places))
        ]
        # What is read once is read before it is forked.
        hands[0].insist("GET", "/api/plugin/tasks?user_id=42")
        is_over, begun = Campaign(1, SHARE).share(), time.monotonic()
        trouble = threading.Thread(target=self.make_trouble, args=(is_over,))
        trouble.start()
        told = defaultdict(list)
        for each in crowd(
            len(hands), lambda number: hands[number].work(begun, is_over)
        ):
            for key, values in each.items():
                told[key] += values
        trouble.join()
        for place in self.places:
            place.sweep()
        said = {key: len(values) for key, values in told.items()}
        say(f"{name}: {said}")
        for place in self.places:
            self.check(told, place.path)

    def make_trouble(self, is_over):
        """A server is killed, and comes back."""
        time.sleep(2)
        self.servers.stop_server(1)
        if not is_over():
            time.sleep(4)
        self.servers.start_server(1)

    def check(self, told, root):
        tree = Tree(root)
        self.assertEqual(tree.violations(), [])
        self.assertEqual(told["odd"], [])
        twice = [i for i, n in Counter(told["id"]).items() if n > 1]
        self.assertEqual(twice, [], "two 201 for one ID")
        for key in ("id", "key", "plain"):
            lost = {i for i in told[key] if (42, i) not in tree.tasks}
            self.assertEqual(lost, set(), "acknowledged, and lost")
        self.check_hand_outs(told)
        self.check_results(told, tree, root)
        drops = [
            task.record["params"]["drop"]
            for task in tree.tasks.values()
            if "drop" in task.record["params"]
        ]
        drops += [read_json(d.path)["params"]["drop"] for d in tree.drops]
        self.assertEqual(sorted(drops), sorted(told["dropped"]))

    def check_hand_outs(self, told):
        leases = defaultdict(set)
        for task_id, action, lease in told["handed"]:
            if action == "create_product":
                leases[task_id].add(lease)
        twice = [i for i, each in leases.items() if len(each) > 1]
        self.assertEqual(twice, [], "handed out twice")

    def check_results(self, told, tree, root):
        retried = set(told["retried"])
        for task_id, _, data in told["done"]:
            task = tree.tasks[42, task_id]
            if task_id not in retried:
                self.assertEqual(task.state, "completed")
                self.assertEqual(task.record["result"], data)
        wanted = {
            data["item"]["id"]
            for _, action, data in told["done"]
            if action == "create_product"
        }
        path = os.path.join(root, "spool", "products", "42.ndjson")
        found = Counter()
        if os.path.exists(path):
            with open(path) as file:
                found.update(json.loads(line)["id"] for line in file)
        self.assertEqual(wanted - set(found), set(), "not in the catalogue")
        self.assertEqual({n for n in found.values() if n > 1}, set())


class GlusterTest(Heads, unittest.TestCase):
    """GlusterFS, three bricks, three heads"""

    system = GlusterFs


class MooseTest(Heads, unittest.TestCase):
    """MooseFS, two chunkservers, two heads"""

    system = MooseFs


if __name__ == "__main__":
    main()
