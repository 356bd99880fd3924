#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Results: whose word counts in the end, and how a task is run again."""

import json
import shutil

from support import Case, main
from support.case import EMPTY, iso
from support.grammar import EXECUTING
from support.reader import Tree

SUCCESS = {"success": True, "data": {"view_count": 1}}
FAILURE = {"success": False, "error": "the title is too long"}


class FirstResult(Case):
    """The first result wins."""

    def setUp(self):
        super().setUp()
        self.id = self.create()
        self.poll()

    def assert_refused(self, body):
        before = self.root.picture()
        answer = self.post_result(self.id, body)
        self.assert_problem(answer, 409)
        self.assertEqual(self.root.changes(before), [])
        return answer

    def test_success_stands(self):
        """a failure after a success is refused and logged"""
        self.finish(self.id, SUCCESS)
        answer = self.assert_refused(FAILURE)
        self.assertIn("completed", answer.detail)
        log = self.root.read("log", "events.log").decode()
        self.assertIn(self.id, log)

    def test_failure_stands(self):
        """a success after the plugin's own failure is refused"""
        self.finish(self.id, FAILURE)
        answer = self.assert_refused(SUCCESS)
        self.assertIn("failed", answer.detail)

    def test_other_data(self):
        """a success with other data is refused"""
        self.finish(self.id, SUCCESS)
        self.assert_refused({"success": True, "data": {"view_count": 2}})
        self.finish(self.id, SUCCESS)

    def test_other_error(self):
        """a failure with another error is refused"""
        self.finish(self.id, FAILURE)
        self.assert_refused({"success": False, "error": "another"})
        self.finish(self.id, FAILURE)

    def test_the_same_in_other_spelling(self):
        """white space does not make another result"""
        self.finish(self.id, SUCCESS)
        self.finish(
            self.id, b'{ "success" :\ttrue,\r\n"data":{"view_count": 1 } }'
        )

    def test_byte_order_mark(self):
        """a mark before the body says nothing"""
        self.finish(self.id, b"\xef\xbb\xbf" + json.dumps(SUCCESS).encode())
        self.finish(self.id, SUCCESS)
        path = self.task(self.id).path
        with open(path, "rb") as file:
            text = file.read()
        self.assertEqual(text[:1], b"{")
        # nor does one that an editor has put before the record
        self.root.write(path, b"\xef\xbb\xbf" + text)
        self.finish(self.id, SUCCESS)
        answer = self.api.get(f"/api/tasks/{self.id}", token=self.backend)
        self.assertEqual(json.loads(answer.body), json.loads(text))
        self.leaves_debris = "what a person wrote, which the reader refuses"

    def test_longest_error(self):
        """500 characters of an error are kept, also of many bytes each"""
        self.finish(self.id, {"success": False, "error": "é😀" * 250})
        record = self.assert_state(self.id, "failed").record
        self.assertEqual(record["error"], "é😀" * 250)

    def test_too_long_error(self):
        """of a longer one as many, the last showing that it was cut"""
        self.finish(self.id, {"success": False, "error": "😀é" * 300})
        record = self.assert_state(self.id, "failed").record
        self.assertEqual(record["error"], ("😀é" * 250)[:499] + "…")

    def test_long_error_again(self):
        """the same long error again is the same result"""
        body = {"success": False, "error": "x" * 501}
        self.finish(self.id, body)
        self.finish(self.id, body)
        self.assert_refused({"success": False, "error": "x" * 499})

    def test_escaped_error(self):
        """escapes, controls and a NUL in an error survive"""
        error = 'a"b\\c\n\u0000\u2028é'
        self.finish(self.id, {"success": False, "error": error})
        record = self.assert_state(self.id, "failed").record
        self.assertEqual(record["error"], error)

    def test_failure_without_error(self):
        """a failure need not say why"""
        self.finish(self.id, {"success": False})
        self.assert_state(self.id, "failed")

    def test_foreign(self):
        """another user's plugin sees no such task"""
        token = self.root.token(43, "plugin")
        answer = self.post_result(self.id, SUCCESS, token)
        self.assert_problem(answer, 404, detail="Task not found")
        self.assert_state(self.id, "executing")

    def test_foreign_done(self):
        """nor a finished one"""
        self.finish(self.id, SUCCESS)
        token = self.root.token(43, "plugin")
        answer = self.post_result(self.id, SUCCESS, token)
        self.assert_problem(answer, 404, detail="Task not found")

    def test_backend_posts(self):
        """a backend may post a result for the user it names"""
        answer = self.api.post(
            f"/api/plugin/tasks/{self.id}/result?user_id=42",
            SUCCESS,
            token=self.backend,
        )
        self.assertEqual(answer.status, 200, answer)

    def test_spoilt_by_hand(self):
        """a task's file that was spoilt does not make its result a 5xx"""
        self.leaves_debris = "the spoilt file"
        self.root.write(self.task(self.id).path, "{spoilt")
        self.assertLess(self.post_result(self.id, SUCCESS).status, 500)

    def test_spoilt_record(self):
        """whether the same result is recorded a torn record cannot tell"""
        self.leaves_debris = "the spoilt record"
        self.finish(self.id, SUCCESS)
        path = self.task(self.id).path
        shown = f"/api/tasks/{self.id}?user_id=42"
        for text in (b"{", b'{"status":"comp', b"[]", b"7"):
            self.root.write(path, text)
            for answer in (
                self.post_result(self.id, SUCCESS),
                self.api.get(shown, token=self.backend),
            ):
                self.assert_problem(answer, 500, "spoilt_file")
                self.assertIn(f"done/42/{self.id}", answer.detail)
        self.root.write(path, b"{}")
        answer = self.post_result(self.id, SUCCESS)
        self.assert_problem(answer, 500, "spoilt_file")
        (line, *_) = self.root.read("log", "events.log").decode().splitlines()
        self.assertRegex(line, f' user 42, task {self.id}: {{.*"}}$')

    def test_never_claimed(self):
        """a result for a task still pending counts: late work does"""
        task_id = self.create()
        self.finish(task_id, SUCCESS)
        task = self.assert_state(task_id, "completed")
        self.assertIsNone(task.record["started_at"])
        self.assertEqual(self.poll(), EMPTY)


class Retry(Case):
    """A done file moved back to pending/ is a retry that keeps its id."""

    def setUp(self):
        super().setUp()
        self.id = self.create(
            action="update_product",
            params={"item_id": 5, "price": 1},
            priority=7,
        )
        self.poll()
        self.finish(self.id, FAILURE)
        self.done = self.root.place("done", 42, f"{self.id}.failed.json")

    def assert_comes_again(self):
        told = self.poll()
        self.assertEqual(told["task_id"], self.id)
        self.assertEqual(told["action"], "update_product")
        self.assertEqual(told["params"], {"item_id": 5, "price": 1})
        self.assertEqual(told["priority"], 7)
        self.finish(self.id, SUCCESS)
        task = self.assert_state(self.id, "completed")
        self.assertEqual(task.record["attempts"], 2)
        self.assertIsNone(task.record["error"])
        self.assertEqual(self.root.ls("rejected"), [])

    def test_into_the_folder(self):
        """mv done/42/ID.failed.json pending/42/"""
        shutil.move(self.done, self.root.place("pending", 42))
        self.assert_comes_again()

    def test_of_a_success(self):
        """what succeeded can be run again too"""
        shutil.move(self.done, self.root.place("pending"))
        self.poll()
        self.finish(self.id, SUCCESS)
        done = self.root.place("done", 42, f"{self.id}.completed.json")
        shutil.move(done, self.root.place("pending", 42))
        self.assertEqual(self.poll_id(), self.id)
        self.finish(self.id, {"success": True, "data": {"item": {"id": 5}}})
        record = self.assert_state(self.id, "completed").record
        self.assertEqual(record["attempts"], 3)
        self.assertEqual(record["result"], {"item": {"id": 5}})

    def test_to_the_top(self):
        """mv done/42/ID.failed.json pending/"""
        shutil.move(self.done, self.root.place("pending"))
        self.assert_comes_again()

    def test_old_file(self):
        """a retry keeps the old time of its file and is not overlooked"""
        self.root.set_age(self.done, 86400)
        self.poll()
        shutil.move(self.done, self.root.place("pending", 42))
        self.assert_comes_again()

    def test_copied(self):
        """cp of a done file is a second task with its id: rejected"""
        shutil.copy(self.done, self.root.place("pending"))
        self.assertEqual(self.poll(), EMPTY)
        self.assert_state(self.id, "failed")
        self.assertEqual(len(Tree(self.root.path).rejected), 1)

    def test_retried_twice(self):
        """a retry can fail and be retried again"""
        for attempts in (2, 3):
            shutil.move(self.done, self.root.place("pending", 42))
            self.assertEqual(self.poll_id(), self.id)
            self.finish(self.id, FAILURE)
            record = self.assert_state(self.id, "failed").record
            self.assertEqual(record["attempts"], attempts)

    def test_result_for_the_retry_unrouted(self):
        """a result while the retry is still a drop finds no done task"""
        shutil.move(self.done, self.root.place("pending", 42))
        answer = self.post_result(self.id, SUCCESS)
        self.assertIn(answer.status, (200, 404), answer)
        self.assertIn(self.poll_id(), (self.id, None))


class Records(Case):
    """What the files of a task tell a person."""

    def test_executing_names(self):
        """every part of an executing name is as the task says"""
        self.create(action="create_product", priority=3, task_id="a-b_C-1")
        lease = self.poll()["lease"]
        (name,) = self.root.ls("executing", 42)
        match = EXECUTING.fullmatch(name)
        self.assertEqual(
            (match["lease"], match["rank"], match["action"], match["id"]),
            (lease, "996", "create_product", "a-b_C-1"),
        )

    def test_record_is_readable(self):
        """one member a line, so that grep and diff work on records"""
        task_id = self.create(params={"item_id": 5, "a": [1, {"b": 2}]})
        self.poll()
        self.finish(task_id, {"success": True, "data": {"x": [1, 2]}})
        text = self.root.read("done", 42, f"{task_id}.completed.json")
        lines = text.decode().splitlines()
        record = json.loads(text)
        self.assertEqual(len(lines), len(record) + 2)
        for key, line in zip(record, lines[1:]):
            self.assertRegex(line.strip(), f'^"{key}": ?')

    def test_times_agree(self):
        """created, started and completed lie between before and after"""
        before = iso()
        task_id = self.create()
        self.poll()
        self.finish(task_id)
        record = self.assert_state(task_id, "completed").record
        moments = [before, record["created_at"], record["started_at"]]
        moments += [record["completed_at"], iso()]
        self.assertEqual(moments, sorted(moments))


if __name__ == "__main__":
    main()
