#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Running a task again: by itself after some failures, and when asked."""

import os
import threading
from datetime import datetime, timezone

from support import Case, main
from support.case import RECEIVED, stamp
from support.reader import Tree
from support.web import Rewritten

UNSENT = {"success": False, "error": "Aucun onglet Vinted ouvert: a@b.fr"}
EXPIRED = {"success": False, "error": "Session expired, log in again"}
FINAL = {"success": False, "error": "the title is too long"}
SUCCESS = {"success": True, "data": {"item": {"id": 99}}}


def seconds_until(created):
    moment = datetime.strptime(created, "%Y%m%dT%H%M%S.%fZ")
    moment = moment.replace(tzinfo=timezone.utc)
    return (moment - datetime.now(timezone.utc)).total_seconds()


class Tries(Case):
    """Tasks that fail and come again."""

    def start(self, action="get_stats", **fields):
        """A task in the hands of a plugin: its id and lease."""
        task_id = self.create(action=action, **fields)
        told = self.poll()
        self.assertEqual(told["task_id"], task_id)
        return task_id, told["lease"]

    def make_due(self, task_id):
        """Lets its time come: the name is the truth."""
        task = self.task(task_id)
        name = task.name.replace(task.created, stamp(-1))
        os.rename(task.path, self.root.place("pending", 42, name))

    def assert_put_off(self, task_id, delay, generation=1):
        """It waits for between half of the delay and all of it."""
        task = self.assert_state(task_id, "pending")
        self.assertEqual(task.generation, generation)
        wait = seconds_until(task.created)
        self.assertTrue(delay / 2 - 20 < wait <= delay, wait)
        return task

    def assert_failed(self, task_id, body):
        record = self.assert_state(task_id, "failed").record
        self.assertEqual(record["error"], body["error"])
        self.assertNotIn("declared", record)
        return record


class Later(Tries):
    """A failure that shows that nothing was done."""

    def test_put_off(self):
        """the task goes back, keeping its rank, for a while"""
        task_id, lease = self.start(priority=7)
        self.finish(task_id, {**UNSENT, "lease": lease})
        task = self.assert_put_off(task_id, 30)
        self.assertEqual(task.priority, 7)
        self.assertIsNone(self.poll_id())
        log = self.root.read("log", "events.log").decode()
        self.assertIn(
            f'task {task_id} (get_stats) failed on try 1 ("aucun onglet")', log
        )
        self.assertNotIn("a@b.fr", log)

    def get(self, task_id):
        answer = self.api.get(f"/api/tasks/{task_id}", token=self.plugin)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def listed(self):
        answer = self.api.get("/api/tasks?user_id=42", token=self.plugin)
        return answer.json["tasks"][0]

    def test_last_failure(self):
        """why it was put off stays with it until it has come to its end"""
        task_id, _ = self.start(task_id="t1")
        self.assertNotIn("last_error", self.get(task_id))
        self.finish(task_id, UNSENT)
        note = self.root.json("progress", 42, "t1.failure")
        self.assertEqual(note["last_error"], UNSENT["error"])
        self.make_due(task_id)
        for _ in range(2):  # as it waits, and in a plugin's hands again
            for told in (self.get(task_id), self.listed()):
                self.assertEqual(told["last_error"], UNSENT["error"])
                self.assertEqual(told["last_error_at"], note["last_error_at"])
            self.assertEqual(
                self.poll(receive_id="receive1")["task_id"], task_id
            )
        self.finish(task_id, SUCCESS)
        self.assertNotIn("last_error", self.get(task_id))
        self.assertFalse(self.root.exists("progress", 42, "t1.failure"))

    def test_last_of_two(self):
        """the last one counts; what cannot be read is not told"""
        task_id, _ = self.start(task_id="t1")
        self.finish(task_id, UNSENT)
        self.make_due(task_id)
        self.poll()
        other = {"success": False, "error": "Session expired " + "é" * 600}
        self.finish(task_id, other)
        self.assertEqual(
            self.get(task_id)["last_error"], other["error"][:499] + "…"
        )
        for spoilt in ("", "{", "[]", '{"last_error":1}', "x" * 9000):
            path = self.root.place("progress", 42, "t1.failure")
            self.root.write(path, spoilt)
            self.assertNotIn("last_error", self.get(task_id))

    def test_in_the_end(self):
        """its record counts the tries and keeps the moment of its creation"""
        task_id, _ = self.start()
        created = self.root.json(self.task(task_id).path)["created_at"]
        self.finish(task_id, UNSENT)
        self.make_due(task_id)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, SUCCESS)
        record = self.assert_state(task_id, "completed").record
        self.assertEqual(record["attempts"], 2)
        self.assertEqual(record["created_at"], created)
        self.assertIsNone(record["error"])

    def test_doubles(self):
        """each wait is twice the one before, up to delay_max"""
        self.root.configure(retry={"delay": 100, "delay_max": 350, "most": 4})
        task_id, _ = self.start()
        for number, delay in enumerate((100, 200, 350, 350), 1):
            self.finish(task_id, UNSENT)
            self.assert_put_off(task_id, delay, number)
            self.make_due(task_id)
            self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, UNSENT)
        record = self.assert_failed(task_id, UNSENT)
        self.assertEqual(record["attempts"], 5)

    def test_jitter(self):
        """tasks that failed together do not come again together"""
        self.root.configure(retry={"delay": 10000, "delay_max": 10000})
        waits = []
        for number in range(20):
            task_id, _ = self.start()
            self.finish(task_id, UNSENT)
            task = self.assert_put_off(task_id, 10000)
            waits.append(seconds_until(task.created))
        self.assertTrue(all(4900 < wait <= 10000 for wait in waits), waits)
        self.assertGreater(max(waits) - min(waits), 1000)

    def test_order(self):
        """one that was put off comes behind what is due"""
        first, _ = self.start(priority=9)
        second = self.create(priority=9)
        self.finish(first, UNSENT)
        self.assertEqual(self.poll_id(), second)
        self.make_due(first)
        self.assertEqual(self.poll_id(), first)

    def test_unrepeatable(self):
        """also of a task that may not be repeated, for nothing was sent"""
        task_id, _ = self.start("create_product")
        self.finish(task_id, UNSENT)
        self.assert_put_off(task_id, 30)
        self.make_due(task_id)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, SUCCESS)

    def test_session(self):
        """a session that expired puts off only what may be repeated"""
        task_id, _ = self.start("update_product")
        self.finish(task_id, EXPIRED)
        self.assert_put_off(task_id, 30)
        task_id, _ = self.start("create_product")
        self.finish(task_id, EXPIRED)
        self.assert_failed(task_id, EXPIRED)

    def test_final(self):
        """any other failure is the end"""
        task_id, _ = self.start()
        self.finish(task_id, FINAL)
        self.assert_failed(task_id, FINAL)

    def test_success(self):
        """whatever the error of a success says"""
        task_id, _ = self.start()
        self.finish(task_id, {**UNSENT, "success": True})
        self.assert_state(task_id, "completed")

    def test_settings(self):
        """stoflow.ini has the last word on phrases"""
        self.root.configure(
            failures={"aucun onglet": "final", "too long": "unsent"}
        )
        task_id, _ = self.start()
        self.finish(task_id, UNSENT)
        self.assert_failed(task_id, UNSENT)
        task_id, _ = self.start("create_product")
        self.finish(task_id, FINAL)
        self.assert_put_off(task_id, 30)

    def test_none_wanted(self):
        """a task with "retries": 0, or a host with most = 0"""
        task_id, _ = self.start(retries=0)
        self.finish(task_id, UNSENT)
        self.assert_failed(task_id, UNSENT)
        self.root.configure(retry={"most": 0})
        task_id, _ = self.start()
        self.finish(task_id, UNSENT)
        self.assert_failed(task_id, UNSENT)

    def test_posted_again(self):
        """the same failure once more changes nothing while it waits"""
        task_id, lease = self.start("create_product")
        self.finish(task_id, UNSENT)
        before = self.root.picture()
        self.finish(task_id, UNSENT)
        self.finish(task_id, {**UNSENT, "lease": lease})
        self.assertEqual(self.root.changes(before), [])
        self.make_due(task_id)
        self.assertEqual(self.poll_id(), task_id)
        answer = self.post_result(task_id, {**UNSENT, "lease": lease})
        self.assert_problem(answer, 409, "lease_lost")
        self.assert_state(task_id, "executing")

    def test_other_word_while_it_waits(self):
        """late work still counts, and so does another failure"""
        for body, state in ((SUCCESS, "completed"), (FINAL, "failed")):
            task_id, _ = self.start()
            self.finish(task_id, UNSENT)
            self.finish(task_id, body)
            self.assert_state(task_id, state)

    def test_after_the_last_try(self):
        """the last failure repeated is the same result"""
        self.root.configure(retry={"most": 1})
        task_id, _ = self.start()
        self.finish(task_id, UNSENT)
        self.finish(task_id, UNSENT)
        self.make_due(task_id)
        self.poll()
        self.finish(task_id, UNSENT)
        self.assert_failed(task_id, UNSENT)
        self.finish(task_id, UNSENT)
        self.assert_problem(self.post_result(task_id, SUCCESS), 409)

    def test_at_the_same_moment(self):
        """one failure posted many times at once is one try"""
        for _ in range(6):
            task_id, _ = self.start("create_product")
            answers = []

            def post(of=task_id):
                answers.append(self.post_result(of, UNSENT))

            threads = [threading.Thread(target=post) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for answer in answers:
                self.assertEqual((answer.status, answer.json), (200, RECEIVED))
            self.assert_put_off(task_id, 30)
            self.assert_sound()

    def test_success_and_failure_at_once(self):
        """a success stands, and the task is not tried again"""
        for _ in range(8):
            task_id, _ = self.start("create_product")
            answers = {}

            def post(body, of=task_id):
                answers[body["success"]] = self.post_result(of, body).status

            threads = [
                threading.Thread(target=post, args=(body,))
                for body in (SUCCESS, UNSENT)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(answers[True], 200)
            self.assertIn(answers[False], (200, 409))
            self.assert_state(task_id, "completed")
            self.sweep()
            self.assert_sound(after_sweep=True)

    def test_spoilt(self):
        """a spoilt file is not queued again"""
        task_id, _ = self.start()
        self.root.write(self.task(task_id).path, b"{spoilt")
        self.finish(task_id, UNSENT)
        self.assert_failed(task_id, UNSENT)

    def test_deep_queue(self):
        """an index of a deep queue learns of it"""
        self.queue_names(600)
        task_id, _ = self.start(priority=99)
        self.assertIn("42.queue", self.root.ls("index"))
        self.finish(task_id, UNSENT)
        self.make_due(task_id)
        self.assertEqual(self.poll_id(), task_id)


class Asked(Tries):
    """POST /api/tasks/{id}/retry"""

    def retry(self, task_id, body=None, token=None):
        return self.api.post(
            f"/api/tasks/{task_id}/retry", body, token=token or self.backend
        )

    def assert_retried(self, answer, task_id):
        self.assertEqual(answer.status, 200, answer)
        told = {"task_id": task_id, "status": "pending"}
        self.assertEqual(answer.json, told)
        self.assert_state(task_id, "pending")
        self.assertEqual(self.poll_id(), task_id)

    def ended(self, action, body, **fields):
        task_id, _ = self.start(action, **fields)
        self.finish(task_id, body)
        return task_id

    def test_failed(self):
        """what failed runs again under its id, and counts its tries"""
        task_id = self.ended("create_product", FINAL, priority=7)
        self.assert_retried(self.retry(task_id), task_id)
        self.assertEqual(self.task(task_id).priority, 7)
        self.finish(task_id, SUCCESS)
        record = self.assert_state(task_id, "completed").record
        self.assertEqual(record["attempts"], 2)

    def test_succeeded(self):
        """so does what may be repeated"""
        task_id = self.ended("get_stats", {"success": True, "data": {}})
        self.assertEqual(len(self.root.ls("ingest", 42)), 1)
        self.assert_retried(self.retry(task_id), task_id)
        self.finish(task_id, {"success": True, "data": {"view_count": 3}})

    def test_succeeded_once_only(self):
        """what must not be done twice only when that is said"""
        task_id = self.ended("create_product", SUCCESS)
        before = self.root.picture()
        for body in (None, {}, {"force": False}, {"force": None}):
            answer = self.retry(task_id, body)
            self.assert_problem(answer, 409, "not_repeatable", " has been ")
        self.assertEqual(self.root.changes(before), [])
        self.assert_retried(self.retry(task_id, {"force": True}), task_id)
        self.sweep()
        self.assertEqual(self.root.ls("ingest", 42), [])
        self.assertIn(b'"id":99', self.root.read("products", "42.ndjson"))

    def test_timed_out(self):
        """what may have been done, too"""
        task_id, _ = self.start("upload_photo")
        self.make_overdue(task_id)
        self.sweep()
        answer = self.retry(task_id)
        self.assert_problem(answer, 409, "not_repeatable", "may have been")
        self.assert_retried(self.retry(task_id, {"force": True}), task_id)

    def test_timed_out_repeatable(self):
        """but not what does no harm"""
        task_id, _ = self.start("get_stats", retries=0)
        self.make_overdue(task_id)
        self.sweep()
        self.assert_state(task_id, "failed")
        self.assert_retried(self.retry(task_id), task_id)

    def test_cancelled(self):
        """what was cancelled: before it ran, or while it did"""
        task_id = self.create(action="upload_photo")
        cancel = f"/api/tasks/{task_id}/cancel"
        self.api.post(cancel, token=self.backend)
        self.assert_state(task_id, "failed")
        self.assert_retried(self.retry(task_id), task_id)
        self.api.post(cancel, token=self.backend)
        self.make_overdue(task_id)
        self.sweep()
        answer = self.retry(task_id)
        self.assert_problem(answer, 409, "not_repeatable")
        self.assert_retried(self.retry(task_id, {"force": True}), task_id)
        self.finish(task_id, SUCCESS)

    def test_old_mark(self):
        """a mark that a crash has left does not cancel the next try"""
        task_id = self.ended("get_stats", FINAL)
        folder = self.root.make("progress", 42)
        with open(os.path.join(folder, f"{task_id}.cancel"), "w"):
            pass
        self.assertEqual(self.retry(task_id).status, 200)
        self.assertFalse(self.root.exists("progress", 42, "t1.failure"))

    def test_two_records(self):
        """a declared failure beside a success does not end the next try"""
        task_id = self.ended("get_stats", {"success": True, "data": {}})
        done = self.root.place("done", 42, f"{task_id}.completed.json")
        record = self.root.json(done)
        record.update(status="failed", declared="timeout", error="x")
        failed = self.root.place("done", 42, f"{task_id}.failed.json")
        self.root.write(failed, record)
        os.chmod(failed, 0o600)
        self.assert_retried(self.retry(task_id), task_id)
        self.assertEqual(self.root.ls("done", 42), [])

    def test_verdict_left(self):
        """a verdict that a crash has left does not end the next try"""
        task_id = self.ended("get_stats", FINAL)
        done = self.root.place("done", 42, f"{task_id}.failed.json")
        os.link(done, self.root.place("tmp", f"42-{task_id}.verdict"))
        self.assertEqual(self.retry(task_id).status, 200)
        self.sweep()
        self.assertEqual(self.poll_id(), task_id)

    def test_live(self):
        """what has not finished is not retried"""
        task_id = self.create()
        before = self.root.picture()
        for state in ("pending", "executing"):
            answer = self.retry(task_id, {"force": True})
            self.assert_problem(answer, 409, "task_not_finished")
            self.assertEqual(self.root.changes(before), [])
            self.poll()
            before = self.root.picture()

    def test_refused(self):
        """unknown tasks, foreign ones, wrong members, wrong scopes"""
        task_id = self.ended("get_stats", FINAL)
        before = self.root.picture()
        other = self.root.token(43, "backend")
        self.assert_problem(self.retry("nobody"), 404, "unknown_task")
        answer = self.retry(task_id, token=other)
        self.assert_problem(answer, 404, "unknown_task")
        answer = self.retry(task_id, token=self.plugin)
        self.assert_problem(answer, 403, "wrong_scope")
        for value in (1, "true", [], {}):
            answer = self.retry(task_id, {"force": value})
            self.assert_problem(answer, 422, "invalid_field", "force")
        self.assert_problem(self.retry(task_id, b"{"), 400, "malformed_json")
        self.assertEqual(self.root.changes(before), [])

    def test_large(self):
        """a record larger than max_body comes again like any other"""
        data = {"x": "y" * 3000}
        task_id = self.ended("get_stats", {"success": True, "data": data})
        self.root.configure(limits={"max_body": 2000})
        self.assertEqual(self.retry(task_id).status, 200)
        self.assertEqual(self.poll_id(), task_id)
        self.finish(task_id, SUCCESS)

    def test_spoilt(self):
        """a record that is none stays where it is"""
        self.leaves_debris = "the spoilt record"
        task_id = self.ended("get_stats", FINAL)
        done = self.root.place("done", 42, f"{task_id}.failed.json")
        for text in (b"{", b"[]", b'{"task_id":"x"}'):
            self.root.write(done, text)
            self.assertGreaterEqual(self.retry(task_id).status, 400)
            self.assertEqual(self.root.ls("pending", 42), [])
            self.assertEqual(self.root.read(done), text)

    def test_at_the_same_moment(self):
        """one of many retries queues it, once"""
        for _ in range(6):
            task_id = self.ended("create_product", FINAL)
            answers = []

            def post(of=task_id):
                answers.append(self.retry(of))

            threads = [threading.Thread(target=post) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            statuses = sorted(answer.status for answer in answers)
            self.assertEqual(statuses, [200, 409, 409, 409])
            self.assertEqual(self.poll_id(), task_id)
            self.assertIsNone(self.poll_id())
            self.finish(task_id, SUCCESS)

    def test_result_and_retry(self):
        """a retry on the heels of a result posted twice is not undone"""
        body = {"success": True, "data": {}}
        for _ in range(8):
            task_id, _ = self.start("get_stats")
            lease = self.task(task_id).lease
            posts = [
                threading.Thread(
                    target=self.post_result,
                    args=(task_id, {**body, "lease": lease}),
                )
                for _ in range(2)
            ]
            for post in posts:
                post.start()
            answer = self.retry(task_id)
            while answer.status == 409:
                answer = self.retry(task_id)
            for post in posts:
                post.join()
            self.assertEqual(answer.status, 200, answer)
            tree = Tree(self.root.path)
            self.assertEqual(tree.violations(), [])
            self.assertIn(self.task(task_id).state, ("pending", "completed"))
            while self.poll_id() is not None:
                pass
            self.finish(task_id, body)
            self.sweep()
            self.assert_sound(after_sweep=True)


class AskedServed(Asked):
    """The same through a web server."""

    transport = Rewritten


if __name__ == "__main__":
    main()
