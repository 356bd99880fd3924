#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Idempotency-Key: a create that may be repeated."""

import base64
import json
import os

from support import Case, main
from support.case import PARAMS
from support.crowd import crowd
from support.images import PNG
from support.nobody import AsNobody, give, skip_unless_root
from support.traced import Traced

PRODUCT = PARAMS["create_product"]


class Keyed(Case):
    """Requests with a key."""

    def request(self, key="k-1", user=42, params=None, env=None, **fields):
        body = {
            "user_id": user,
            "action": "create_product",
            "params": params or PRODUCT,
            **fields,
        }
        return self.api.post(
            "/api/tasks/create",
            body,
            token=self.backend,
            headers={} if key is None else {"Idempotency-Key": key},
            env=env or {},
        )

    def assert_reused(self, **options):
        self.assert_problem(
            self.request(**options), 422, "idempotency_key_reused"
        )

    def made(self, **options):
        answer = self.request(**options)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["task_id"]


class Idempotency(Keyed):
    """The same key makes one task, whatever became of it."""

    def test_in_every_state(self):
        """the repeated request gets the first answer, in every state"""
        first = self.made()
        self.assertEqual(self.made(), first)
        self.assertEqual(self.poll_id(), first)
        self.assertEqual(self.made(), first)
        self.finish(first)
        self.assertEqual(self.made(), first)
        self.assertEqual(self.poll_id(), None)

    def test_white_space(self):
        """white space and the order of other members make no difference"""
        first = self.made()
        answer = self.api.post(
            "/api/tasks/create?user_id=42&action=create_product",
            json.dumps(PRODUCT, indent=3),
            token=self.backend,
            headers={"Idempotency-Key": "k-1"},
        )
        self.assertEqual((answer.status, answer.json["task_id"]), (201, first))

    def test_other_request(self):
        """the key of another request is refused, and nothing is made"""
        self.made()
        for change in (
            {"timeout": 60},
            {"timeout": 3000},
            {"task_id": "mine"},
            {"params": {**PRODUCT, "title": "Jeans"}},
            {"not_before": "2099-01-01T00:00:00Z"},
            {"expires_in": 60},
            {"retries": 0},
            {"priority": 9},
            {"action": "upload_photo", "params": PARAMS["upload_photo"]},
        ):
            with self.subTest(change=change):
                self.assert_reused(**change)
        self.assertEqual(len(self.assert_sound().tasks), 1)

    def test_given_and_not_given(self):
        """a member that is given is another request than one that is not"""
        first = self.made(timeout=30)
        self.assert_reused()
        self.assert_reused(timeout=31)
        self.assertEqual(self.made(timeout=30), first)

    def test_other_rules(self):
        """the same request is the same, whatever the settings say by now"""
        first = self.made()
        self.root.configure(all={"timeout": 999})
        self.assertEqual(self.made(), first)

    def test_photo_by_another_host(self):
        """an image is the same under whatever name the host is asked"""
        params = {
            "item_id": 5,
            "photo_data": base64.b64encode(PNG).decode(),
        }
        made = {
            self.made(
                action="upload_photo", params=params, env={"HTTP_HOST": host}
            )
            for host in ("one.example", "two.example")
        }
        self.assertEqual(len(made), 1)
        other = {**params, "photo_data": base64.b64encode(PNG[:-1]).decode()}
        self.assertEqual(
            self.request(action="upload_photo", params=other).status, 415
        )

    def test_other_key_and_user(self):
        """another key, and the same key of another user, make another task"""
        made = {self.made(), self.made(key="k-2")}
        self.assertEqual(len(made), 2)
        self.made(user=7)
        self.made(user=7, task_id="mine", key="k-2")
        self.assertEqual(len(self.assert_sound().tasks), 4)

    def test_own_id(self):
        """with a task_id of its own the task bears that, in every state"""
        self.assertEqual(self.made(task_id="mine"), "mine")
        self.assertEqual(self.made(task_id="mine"), "mine")
        self.assertEqual(self.poll_id(), "mine")
        self.assertEqual(self.made(task_id="mine"), "mine")
        self.finish("mine")
        self.assertEqual(self.made(task_id="mine"), "mine")
        self.assertEqual(len(self.assert_sound().tasks), 1)

    def test_other_id(self):
        """the same key with another task_id, or with none, is refused"""
        self.made(task_id="mine")
        for change in (
            {"task_id": "yours"},
            {},
            {"task_id": "mine", "priority": 9},
        ):
            with self.subTest(change=change):
                self.assert_reused(**change)
        self.assertEqual(len(self.assert_sound().tasks), 1)
        self.assertEqual(self.made(key="k-2", task_id="yours"), "yours")

    def test_id_of_another_request(self):
        """a task_id that is taken is taken, and the key stays free"""
        self.made(key=None, task_id="mine")
        self.made(key="k-2", task_id="yours")
        for taken in ("mine", "yours"):
            answer = self.request(task_id=taken)
            self.assert_problem(answer, 409, "task_exists")
        self.assertEqual(self.made(task_id="third"), "third")

    def test_key_outlives_its_task(self):
        """a key is free again when its task is gone, with either ID"""
        for task_id in ("mine", None):
            fields = {} if task_id is None else {"task_id": task_id}
            first = self.made(**fields)
            os.unlink(self.task(first).path)
            self.made(priority=9)
            os.unlink(self.assert_sound().in_state("pending")[0].path)

    def test_noted_before_a_crash(self):
        """a note whose task was never made holds nobody back"""
        self.made(task_id="mine")
        os.unlink(self.task("mine").path)
        self.assertEqual(self.made(task_id="yours"), "yours")
        self.assert_reused(task_id="mine")
        self.assertEqual(self.made(task_id="yours"), "yours")

    def test_taken_after_a_crash(self):
        """nor is it the key that is at fault where another took the ID"""
        self.made(task_id="mine")
        os.unlink(self.task("mine").path)
        self.made(key=None, task_id="mine")
        self.assert_problem(self.request(task_id="mine"), 409, "task_exists")
        self.assert_reused(task_id="mine", priority=9)

    def test_swept(self):
        """the sweeper removes what is left of a key when its task is gone"""
        for number in (1, 2):
            self.made(key=f"k-{number}", task_id=f"t{number}")
            self.assertIsNotNone(self.poll_id())
            self.finish(f"t{number}")
        notes = self.root.ls("keys", 42)
        self.assertEqual(len(notes), 2)
        for name in notes:
            self.root.set_age(self.root.place("keys", 42, name), 1000)
        os.unlink(self.task("t1").path)
        lines = self.sweep()
        self.assertIn("removed 1 key of tasks that are gone", lines)
        self.assertEqual(len(self.root.ls("keys", 42)), 1)
        self.assertEqual(self.made(key="k-2", task_id="t2"), "t2")

    def test_swept_before_any_task_has_finished(self):
        """so it does for a user of whom no task has finished yet"""
        self.made(key="k", task_id="t")
        os.unlink(self.task("t").path)
        (name,) = self.root.ls("keys", 42)
        self.root.set_age(self.root.place("keys", 42, name), 1000)
        lines = self.sweep()
        self.assertIn("removed 1 key of tasks that are gone", lines)
        self.assertEqual(self.root.ls("keys", 42), [])

    def test_spoilt_note(self):
        """a note that a person has spoilt says nothing"""
        self.leaves_debris = "the spoilt note"
        self.made(task_id="mine")
        (name,) = self.root.ls("keys", 42)
        for spoilt in (b"", b"../x\n", b"x" * 100):
            self.root.write(self.root.place("keys", 42, name), spoilt)
            answer = self.request(task_id="mine")
            self.assertIn(answer.status, (201, 409), answer)

    def test_retried(self):
        """a task that was queued again is still that of its request"""
        first = self.made()
        self.poll()
        self.finish(first, {"success": False, "error": "too long a title"})
        target = f"/api/tasks/{first}/retry"
        self.assertEqual(self.api.post(target, token=self.backend).status, 200)
        self.assertEqual(self.made(), first)
        self.assert_reused(priority=9)

    def test_older_task(self):
        """a task of before there were digests passes for the request's"""
        first = self.made()
        path = self.task(first).path
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if "request_digest" not in line]
        self.root.write(path, "".join(lines))
        self.assertEqual(self.made(), first)

    def test_forged_digest(self):
        """nobody but the programs says what a request was"""
        self.made(key=None, task_id="mine", request_digest="0" * 40)
        with open(self.task("mine").path, encoding="utf-8") as file:
            self.assertNotIn("request_digest", file.read())

    def test_quoted(self):
        """a key in quotes, as the draft has it, is the same key bare"""
        first = self.made(key="k 1")
        self.assertEqual(self.made(key='"k 1"'), first)
        second = self.made(key='a"b\\')
        self.assertNotEqual(first, second)
        self.assertEqual(self.made(key='"a\\"b\\\\"'), second)

    def test_wrong_keys(self):
        """a key that is none is refused"""
        for key in (
            "",
            "x" * 256,
            "é",
            "a\tb",
            '""',
            '"',
            '"a',
            '"a"b',
            '"a";p=1',
            '"a\\b"',
            '"a\\',
        ):
            with self.subTest(key=key):
                answer = self.request(key=key)
                self.assert_problem(answer, 400, "bad_request", "Idempotency")

    def test_crowd_with_ids(self):
        """of many with one key and an ID each one makes its task"""
        told = crowd(8, lambda i: self.request(task_id=f"t{i}").status)
        self.assertEqual(sorted(told), [201] + [422] * 7)
        self.assertEqual(len(self.assert_sound().tasks), 1)

    def test_crowd(self):
        """of many at once one makes the task, and all are told its id"""
        made = crowd(8, lambda _: self.made())
        self.assertEqual(len(set(made)), 1)
        self.assertEqual(len(self.assert_sound().tasks), 1)

    def traced(self, **fields):
        """A request that stops once it knows that its ID is taken, and holds
        nothing any more."""
        body = {"user_id": 42, "action": "create_product", "params": PRODUCT}
        body = json.dumps({**body, **fields}).encode()
        target = "/api/tasks/create"
        env = self.api.environment("POST", target, body, self.backend)
        env["HTTP_IDEMPOTENCY_KEY"] = "k-1"
        holds = 2 if "task_id" in fields else 1
        return Traced("create-task", env, ("unlinkat", holds), body)

    def test_moved_meanwhile(self):
        """a task that moves while the request is repeated is still its"""
        for fields in ({}, {"task_id": "mine"}):
            first = self.made(**fields)
            for move in (
                self.poll,
                lambda first=first: self.renew(first),
                lambda first=first: self.finish(first),
                lambda first=first: self.retry(first),
            ):
                with self.traced(**fields) as traced:
                    self.assertTrue(traced.stopped)
                    move()
                answer = traced.answer()
                self.assertEqual(answer.status, 201, answer)
                self.assertEqual(answer.json["task_id"], first)
            os.unlink(self.task(first).path)

    def test_gone_meanwhile(self):
        """one that is gone by then is asked for again, and made anew"""
        first = self.made()
        with self.traced() as traced:
            os.unlink(self.task(first).path)
        self.assert_problem(traced.answer(), 503, "unavailable")
        self.assertEqual(self.made(), first)

    def renew(self, task_id):
        target = f"/api/plugin/tasks/{task_id}/progress"
        answer = self.api.post(target, {}, token=self.backend)
        self.assertEqual(answer.status, 200, answer)

    def retry(self, task_id):
        target = f"/api/tasks/{task_id}/retry?user_id=42"
        answer = self.api.post(target, {"force": True}, token=self.backend)
        self.assertEqual(answer.status, 200, answer)

    def test_spoilt_task(self):
        """of a task that somebody has spoilt it cannot be told"""
        for fields in ({}, {"task_id": "mine"}):
            path = self.task(self.made(**fields)).path
            whole = self.root.read(path)
            self.root.write(path, b"[]")
            self.assert_problem(self.request(**fields), 500, "spoilt_file")
            self.root.write(path, whole)
            self.made(**fields)
            os.unlink(path)


    def test_husk(self):
        """what a loss of power has left of a task is none"""
        for fields in ({}, {"task_id": "mine"}):
            path = self.task(self.made(**fields)).path
            self.root.write(path, b"")
            self.assert_problem(self.request(**fields), 503, "unavailable")
            self.root.configure(queue={"settle": 0})
            self.made(**fields)
            self.assertEqual(len(self.root.ls("rejected")), 2)
            os.unlink(self.task(self.made(**fields)).path)
            self.root.configure()
            for name in self.root.ls("rejected"):
                os.unlink(self.root.place("rejected", name))


class Unread(Keyed):
    """The programs run as nobody; root has had its hands in the spool."""

    transport = AsNobody

    def setUp(self):
        skip_unless_root()
        super().setUp()
        give(self.root.path)

    def test_unread(self):
        """what cannot be read is not said to be another request's"""
        for fields in ({}, {"task_id": "mine"}):
            first = self.made(**fields)
            for move in (self.poll, lambda first=first: self.finish(first)):
                path = self.task(first).path
                os.chown(path, 0, 0)
                self.assert_problem(self.request(**fields), 503, "unavailable")
                give(path)
                self.made(**fields)
                move()
            os.unlink(self.task(first).path)


if __name__ == "__main__":
    main()
