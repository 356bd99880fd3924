#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The sweeper's duties, one by one."""

import base64
import fcntl
import json
import os
import signal
import subprocess
import tempfile

from support import Case, main
from support.case import EMPTY, GUIDE_PRODUCTS, SANITIZERS, stamp, wait_until
from support.cgi import TIMEOUT, program
from support.crowd import crowd
from support.reader import Tree

DAY = 86400
DROPPED = {"action": "get_stats", "params": {"item_id": 5}}
STATS = {**DROPPED, "user_id": 42}


class Duties(Case):
    """Each duty alone: done, told in one line, not told twice."""

    def assert_duty(self, *words):
        """A dry run tells it and changes nothing; a run does it, once."""
        before = self.root.picture()
        told = self.sweep("--dry-run")
        self.assertEqual(self.root.picture(), before)
        self.assert_one_line(told, words)
        done = self.sweep()
        self.assert_one_line(done, words)
        self.assertNotEqual(self.root.picture(), before)
        self.assertEqual(self.sweep(), [], "nothing is left to do")

    def assert_one_line(self, lines, words):
        self.assertEqual(len(lines), 1, lines)
        for word in words:
            self.assertIn(word, lines[0])

    def test_nothing(self):
        """with nothing to do nothing is said"""
        self.assertEqual(self.sweep(), [])
        self.assertEqual(self.sweep("--dry-run"), [])

    def test_dry_run_in_an_empty_root(self):
        """a dry run does not even make the spool"""
        self.assertEqual(self.sweep("--dry-run"), [])
        self.assertFalse(os.path.exists(self.root.spool))

    def test_routes(self):
        """routes what was dropped, for every user"""
        for number in range(5):
            self.root.drop(f"{number}.json", STATS)
        self.root.drop("a.json", DROPPED, user=43)
        self.assert_duty("6")
        self.assertEqual(len(Tree(self.root.path).in_state("pending")), 6)

    def test_rejects(self):
        """rejects what cannot be understood"""
        self.root.configure(queue={"settle": 0})
        self.root.drop("a.json", "{", age=60)
        self.root.drop("b.json", "{", user=43, age=60)
        self.assert_duty("2")
        self.assertEqual(len(Tree(self.root.path).rejected), 2)

    def test_requeues(self):
        """queues again what passed its deadline and may be repeated"""
        ids = [self.create(user=user) for user in (42, 43)]
        for user, task_id in zip((42, 43), ids):
            self.poll(user=user)
            self.make_overdue(task_id, user=user)
        self.assert_duty("2")
        for user, task_id in zip((42, 43), ids):
            task = self.assert_state(task_id, "pending", user=user)
            self.assertEqual(task.generation, 1)

    def test_fails(self):
        """fails what passed its deadline and may not be repeated"""
        task_id = self.create_overdue(action="create_product")
        self.assert_duty("1")
        record = self.assert_state(task_id, "failed").record
        self.assertEqual(record["declared"], "timeout")

    def test_expires(self):
        """fails what nobody fetched in time, by its action's rule"""
        self.root.configure(action_get_stats={"expire": 60})
        old = stamp(-61)
        for action in ("get_stats", "get_user_data"):
            task_id = self.create(action=action)
            task = self.task(task_id)
            name = task.name.replace(task.created, old)
            os.rename(task.path, self.root.place("pending", 42, name))
        self.assert_duty("1")
        states = {t.action: t.state for t in self.assert_sound().tasks.values()}
        self.assertEqual(
            states, {"get_stats": "failed", "get_user_data": "pending"}
        )

    def test_ingests(self):
        """takes results into the catalogue, many in one go"""
        for product in GUIDE_PRODUCTS:
            task_id = self.create(action="create_product")
            self.poll()
            self.finish(task_id, {"success": True, "data": {"item": product}})
        self.assertEqual(len(self.root.ls("ingest", 42)), 2)
        self.assert_duty("2")
        self.assertEqual(self.root.ls("ingest", 42), [])
        lines = self.root.read("products", "42.ndjson").splitlines()
        ids = [json.loads(line)["id"] for line in lines]
        self.assertEqual(ids, [123456, 7750837522])

    def test_prunes_done(self):
        """removes finished tasks after keep_done days"""
        self.root.configure(queue={"keep_done": 2})
        kept, gone = self.finished(), self.finished()
        self.root.set_age(self.record(kept), 2 * DAY - 60)
        self.root.set_age(self.record(gone), 2 * DAY + 60)
        self.assert_duty("1")
        self.assertEqual(self.root.ls("done", 42), [f"{kept}.completed.json"])

    def test_dry_run_after_pruning(self):
        """a dry run tells no pruning that a run would not do yet"""
        self.root.configure(queue={"keep_done": 2})
        task_id = self.finished()
        self.sweep()
        self.root.set_age(self.record(task_id), 3 * DAY)
        told, done = self.sweep("--dry-run"), self.sweep()
        self.assertEqual(len(told), len(done), (told, done))

    def test_keeps_done_for_ever(self):
        """keep_done = 0 removes nothing"""
        self.root.configure(queue={"keep_done": 0})
        task_id = self.finished()
        self.root.set_age(self.record(task_id), 10000 * DAY)
        self.sweep()
        self.assert_state(task_id, "completed")

    def test_keeps_what_is_not_ingested(self):
        """nothing is pruned before the catalogue has it"""
        self.root.configure(queue={"keep_done": 1})
        task_id = self.create(action="create_product")
        self.poll()
        data = {"item": GUIDE_PRODUCTS[0]}
        self.finish(task_id, {"success": True, "data": data})
        self.root.set_age(self.record(task_id), 2 * DAY)
        self.sweep()
        self.assertIn(b"T-shirt", self.root.read("products", "42.ndjson"))

    def test_prunes_tmp(self):
        """removes what writers left in tmp/, in its time"""
        self.create()
        for name, age in (("young", 5), ("old", 2 * DAY)):
            path = self.root.place("tmp", name)
            self.root.write(path, "x")
            os.chmod(path, 0o600)
            self.root.set_age(path, age)
        self.assert_duty("1")
        self.assertEqual(self.root.ls("tmp"), ["young"])
        os.unlink(self.root.place("tmp", "young"))

    def test_clears_reasons(self):
        """removes the reason of a file that was taken out of rejected/"""
        self.root.configure(queue={"settle": 0})
        self.root.drop("a.json", "{", age=60)
        self.sweep()
        os.unlink(self.root.place("rejected", "a.json"))
        self.root.set_age(self.root.place("rejected", "a.json.why"), DAY)
        self.assert_duty("1")
        self.assertEqual(self.root.ls("rejected"), [])

    def test_tells_strangers(self):
        """tells what nobody understands once it is an hour old"""
        self.root.drop("upload.json.part", "{", age=3540)
        self.assertEqual(self.sweep(), [])
        for user in (None, 42):
            self.root.drop("upload.json.part", "{", user=user, age=3660)
        self.assertIn("2", " ".join(self.sweep()))
        self.assertTrue(self.root.exists("pending", "upload.json.part"))
        answer = self.api.get("/api/health", token=self.cron)
        self.assertIn("2", json.dumps(answer.json))

    def test_all_at_once(self):
        """several duties make several lines"""
        task_id = self.create_overdue(action="create_product")
        self.root.drop("a.json", STATS)
        self.root.drop("b.json", "{", age=60)
        before = self.root.picture()
        self.assertGreater(len(self.sweep("--dry-run")), 1)
        self.assertEqual(self.root.picture(), before)
        self.assertGreater(len(self.sweep()), 1)

    def finished(self):
        """A finished task that the catalogue has no use for."""
        task_id = self.create(action="some_action")
        self.poll()
        self.finish(task_id)
        return task_id

    def record(self, task_id):
        return self.root.place("done", 42, f"{task_id}.completed.json")


class Crashed(Case):
    """What a crash left, as an operator could find it."""

    def test_both_sides_of_a_claim(self):
        """an entry in pending/ beside the executing one is removed"""
        task_id = self.create()
        name = self.task(task_id).name
        self.poll()
        executing = self.task(task_id).path
        os.link(executing, self.root.place("pending", 42, name))
        self.sweep()
        self.assert_state(task_id, "executing")
        self.assertEqual(self.root.ls("pending", 42), [])
        self.assertEqual(self.poll(), EMPTY)

    def leave_both_sides(self, action="get_stats"):
        """A task whose entry in executing/, which is returned with its id,
        lies there still beside its record."""
        task_id = self.create(action=action)
        self.poll()
        task = self.task(task_id)
        kept = os.path.join(self.root.path, "kept")
        os.link(task.path, kept)
        self.finish(task_id)
        os.rename(kept, task.path)
        return task_id, task

    def test_both_sides_of_a_verdict(self):
        """an executing entry beside the record is removed"""
        for action in ("get_stats", "create_product"):
            with self.subTest(action=action):
                task_id, _ = self.leave_both_sides(action)
                self.sweep()
                self.assert_state(task_id, "completed")
                self.assertEqual(self.root.ls("executing", 42), [])
                self.assertEqual(self.poll(), EMPTY)

    def test_overdue_beside_its_record(self):
        """a poll does not queue again what has a record"""
        task_id, task = self.leave_both_sides()
        name = stamp(-60) + task.name[len(stamp()) :]
        os.rename(task.path, self.root.place("executing", 42, name))
        self.assertEqual(self.poll(), EMPTY)
        self.assert_state(task_id, "completed")

    def test_folders_missing(self):
        """any folder of the spool may be missing"""
        self.create()
        for name in ("index", "log", "products", "users", "rejected", "tmp"):
            with self.subTest(folder=name):
                self.sweep()
                path = self.root.place(name)
                subprocess.run(["rm", "-rf", path], check=True)
                self.sweep()
                self.finish(self.create())

    def test_strangers_everywhere(self):
        """files, folders, pipes and links that belong nowhere stop nothing"""
        self.leaves_debris = "a person's files"
        self.finish(self.create())
        moment = stamp(-60)
        for place in (
            "executing/42/note.txt",
            f"executing/42/{moment}-aaaa-998-{moment}-get_stats-odd.json",
            f"pending/42/998-{moment}-get_stats-odd.json",
            "done/42/odd.failed.json",
            "done/42/odd.completed.json",
            f"ingest/42/{moment}-odd.json",
            "tmp/42-odd.verdict",
            "tmp/odd",
            "rejected/odd.json",
            "products/43.ndjson",
            "users/43.json",
            "log/odd",
            "executing/odd",
            "done/odd",
        ):
            for make in (
                os.mkdir,
                os.mkfifo,
                lambda path: os.symlink("nowhere", path),
                lambda path: self.root.write(path, "spoilt"),
            ):
                path = self.root.place(place)
                self.root.make(*place.split("/")[:-1])
                make(path)
                with self.subTest(place=place):
                    task_id = self.create(action="some_action")
                    self.assertEqual(self.poll_id(), task_id)
                    self.sweep()
                    self.finish(task_id)
                subprocess.run(["rm", "-rf", path], check=True)

    def test_records_by_hand(self):
        """a torn or foreign file in done/ stops nothing"""
        self.leaves_debris = "a person's file"
        self.finish(self.create())
        self.root.write(self.root.place("done", 42, "x.completed.json"), "{")
        self.root.write(self.root.place("done", 42, "note.txt"), "mine")
        task_id = self.create_overdue(action="create_product")
        self.sweep()
        self.assert_state(task_id, "failed")
        self.assertTrue(self.root.exists("done", 42, "note.txt"))


class Running(Case):
    """How it is started."""

    def test_by_url(self):
        """a cron token runs it by URL; the answer tells the duties"""
        self.root.drop("a.json", STATS)
        answer = self.api.get("/api/sweeper", token=self.cron)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(len(Tree(self.root.path).in_state("pending")), 1)
        self.assertIn("1", json.dumps(answer.json))

    def test_by_url_dry(self):
        """a URL may ask for a dry run"""
        self.root.drop("a.json", STATS)
        self.root.make("log")  # where the request is told of
        before = self.root.picture()
        answer = self.api.get("/api/sweeper?dry_run=1", token=self.cron)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.root.changes(before), [])

    def test_by_url_with_basic(self):
        """URL-cron services send the token as a password"""
        self.root.drop("a.json", STATS)
        answer = self.api.get(
            "/api/sweeper", headers={"Authorization": basic(self.cron)}
        )
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(len(Tree(self.root.path).in_state("pending")), 1)

    def test_by_url_without_scope(self):
        """a plugin's token does not run it"""
        answer = self.api.get("/api/sweeper", token=self.plugin)
        self.assert_problem(answer, 403)

    def test_wrong_usage(self):
        """an unknown option is told, with its own exit status"""
        done = self.run_sweeper("--dry")
        self.assertEqual(done.returncode, 100)
        self.assertIn(b"--dry", done.stderr)
        self.assertEqual(done.stdout, b"")

    def test_no_root(self):
        """a folder that is no root is told, and stays as it was"""
        for arguments in ([], ["--dry-run"]):
            with self.subTest(arguments=arguments):
                with tempfile.TemporaryDirectory() as folder:
                    done = self.run_sweeper(*arguments, "--root", folder)
                    self.assertEqual(os.listdir(folder), [])
                self.assertEqual(done.returncode, 100)
                self.assertIn(f"{folder}: no root", done.stderr.decode())

    def test_second_yields(self):
        """while one runs a second does nothing"""
        self.sweep()
        self.root.drop("a.json", STATS)
        path = self.root.place("index", "sweeper")
        with open(path, "r+b") as lock:
            hold(lock)
            done = self.run_sweeper()
            self.assertEqual(done.returncode, 0)
            self.assertTrue(self.root.exists("pending", "a.json"))
            answer = self.api.get("/api/sweeper", token=self.cron)
            self.assertEqual(answer.status, 200, answer)
            self.assertTrue(self.root.exists("pending", "a.json"))
        self.sweep()
        self.assertFalse(self.root.exists("pending", "a.json"))

    def test_lock_dies_with_its_holder(self):
        """a sweeper that was killed keeps no later one away"""
        self.sweep()
        self.root.drop("a.json", STATS)
        victim = subprocess.Popen(
            [program("sweeper")],
            env={**SANITIZERS, "STOFLOW_ROOT": self.root.path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        victim.send_signal(signal.SIGKILL)
        victim.wait(TIMEOUT)
        self.sweep()
        self.assertFalse(self.root.exists("pending", "a.json"))

    def test_many_at_once(self):
        """sweepers that start together do each duty once"""
        for number in range(40):
            self.root.drop(f"{number}.json", STATS)
        crowd(8, lambda _: self.sweep())
        self.sweep()
        tree = self.assert_sound()
        self.assertEqual(len(tree.in_state("pending")), 40)
        self.assertEqual(tree.rejected, [])


class Background(Case):
    """Tidying after an answer has gone out."""

    queue = {"background": "yes", "sweep_every": 1}

    def test_catalogue_appears(self):
        """after a result the catalogue appears without any sweeper"""
        task_id = self.create(action="create_product")
        self.poll()
        data = {"item": GUIDE_PRODUCTS[0]}
        self.finish(task_id, {"success": True, "data": data})

        def appeared():
            self.poll()
            return self.root.exists("products", "42.ndjson")

        self.assertTrue(wait_until(appeared))
        self.wait_for_quiet()
        self.assertEqual(self.root.ls("ingest", 42), [])


def hold(file):
    """Takes the sweeper's lock, of whichever kind it is."""
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def basic(token):
    return "Basic " + base64.b64encode(f"cron:{token}".encode()).decode()


if __name__ == "__main__":
    main()
