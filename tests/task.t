#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One task: all that is known of it, and how it is cancelled."""

import os
import threading

from support import Case, main
from support.case import EMPTY, iso, stamp
from support.grammar import EXECUTING
from support.web import Dispatched, Rewritten

NO_TAB = {"success": False, "error": "No tab of Vinted is open"}
CANCELLED = "cancelled"


class One(Case):
    """What a backend asks of one task."""

    def show(self, task_id, token=None, query=""):
        target = f"/api/tasks/{task_id}{query}"
        return self.api.get(target, token=token or self.backend)

    def cancel(self, task_id, token=None, method="POST", query=""):
        target = f"/api/tasks/{task_id}"
        target += "/cancel" if method == "POST" else ""
        return self.api.request(
            method, target + query, token=token or self.backend
        )

    def shown(self, task_id, **options):
        answer = self.show(task_id, **options)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def assert_cancelled(self, answer, task_id):
        self.assertEqual(answer.status, 200, answer)
        told = {"task_id": task_id, "status": CANCELLED}
        self.assertEqual(answer.json, told)

    def assert_asked(self, answer, task_id):
        self.assertEqual(answer.status, 202, answer)
        told = {"task_id": task_id, "status": "executing"}
        self.assertEqual(answer.json, {**told, "cancel_requested": True})

    def retry(self, task_id):
        return self.api.post(
            f"/api/tasks/{task_id}/retry", {"force": True}, token=self.backend
        )

    def progress(self, task_id):
        return self.api.post(
            f"/api/plugin/tasks/{task_id}/progress", token=self.plugin
        )


class Show(One):
    """GET /api/tasks/{id}"""

    def test_pending(self):
        """a waiting task, with its params"""
        before = iso()
        params = {"item_id": 7750837522, "deep": [{"é": 1e300}]}
        task_id = self.create(params=params, priority=7, timeout=33)
        told = self.shown(task_id)
        self.assertTrue(before <= told.pop("created_at") <= iso())
        want = {"task_id": task_id, "user_id": 42, "action": "get_stats"}
        want.update(status="pending", priority=7, timeout=33, attempts=0)
        self.assertEqual(told, {**want, "params": params})

    def test_scheduled(self):
        """one that is not due yet says when it will be"""
        task_id = self.create()
        task = self.task(task_id)
        later = task.name.replace(task.created, stamp(3600))
        os.rename(task.path, self.root.place("pending", 42, later))
        moment = self.shown(task_id)["not_before"]
        self.assertTrue(iso(3500) < moment < iso(3700))

    def test_executing(self):
        """a task that a plugin has"""
        task_id = self.create(params={"item_id": 9}, timeout=100)
        before, earliest = iso(), iso(100)
        lease = self.poll()["lease"]
        told = self.shown(task_id)
        self.assertTrue(before <= told["started_at"] <= iso())
        self.assertTrue(earliest <= told["deadline"] <= iso(100))
        self.assertEqual(told["lease"], lease)
        self.assertEqual(told["status"], "executing")
        self.assertEqual(told["attempts"], 1)
        self.assertIs(told["cancel_requested"], False)
        self.assertEqual(told["params"], {"item_id": 9})

    def test_requeued(self):
        """a task that came back counts its tries and keeps its age"""
        task_id = self.create()
        created = self.shown(task_id)["created_at"]
        self.poll()
        self.make_overdue(task_id)
        self.sweep()
        told = self.shown(task_id)
        self.assertEqual((told["status"], told["attempts"]), ("pending", 1))
        self.assertEqual(told["created_at"], created)

    def test_finished(self):
        """the record as it stands, byte for byte"""
        task_id = self.create(params={"item_id": 5})
        self.poll()
        self.finish(task_id, {"success": True, "data": {"é": [1.0, 2**70]}})
        record = self.root.read("done", 42, f"{task_id}.completed.json")
        answer = self.show(task_id)
        self.assertEqual((answer.status, answer.body), (200, record))
        self.assertEqual(self.show(task_id, self.plugin).body, record)

    def test_failed(self):
        """also of a failure"""
        task_id = self.create()
        self.poll()
        self.finish(task_id, {"success": False, "error": "no"})
        self.assertEqual(self.shown(task_id)["error"], "no")

    def test_dropped(self):
        """a dropped file, as far as it says"""
        self.root.drop("x.json", {"action": "anything"}, user=42)
        task_id = self.poll_id()
        told = self.shown(task_id)
        self.assertEqual((told["action"], told["params"]), ("anything", {}))

    def test_not_queued_yet(self):
        """a dropped file is no task before it is queued, whoever asks"""
        drop = {"action": "anything", "task_id": "t", "user_id": 42}
        for user in (None, 42):
            with self.subTest(user=user):
                self.root.drop("x.json", drop, user=user)
                for answer in (
                    self.show("t"),
                    self.cancel("t", method="DELETE"),
                    self.cancel("t"),
                    self.retry("t"),
                ):
                    self.assert_problem(answer, 404, "unknown_task")
                self.assertEqual(self.poll_id(), "t")
                self.assertEqual(self.shown("t")["status"], "executing")
                os.unlink(self.task("t").path)

    def test_spoilt(self):
        """of a spoilt file or record nothing is made up"""
        self.leaves_debris = "the spoilt files"
        task_id = self.create(priority=9, timeout=500)
        self.root.write(self.task(task_id).path, b"[]")
        self.assert_problem(self.show(task_id), 500, "spoilt_file")
        done = self.create()
        while self.poll_id() not in (done, None):
            pass
        self.finish(done)
        path = self.root.place("done", 42, f"{done}.completed.json")
        self.root.write(path, b'{"a":')
        self.assert_problem(self.show(done), 500, "spoilt_file")

    def test_torn(self):
        """what a plugin has, and a loss of power tore: told by its name"""
        self.leaves_debris = "the torn file"
        task_id = self.create(priority=9, timeout=500)
        lease = self.poll()["lease"]
        self.root.write(self.task(task_id).path, b"")
        answer = self.show(task_id)
        self.assertEqual(answer.status, 200, answer)
        query = "?user_id=42&status=executing"
        answers = self.api.get(f"/api/tasks{query}", token=self.backend)
        (listed,) = answers.json["tasks"]
        self.assertEqual(
            answer.json, {**listed, "lease": lease, "params": None}
        )

    def test_less_than_a_record(self):
        """an object that is no record is spoilt to whoever asks for it"""
        self.leaves_debris = "the spoilt record"
        done = self.create()
        self.poll()
        self.finish(done)
        path = self.root.place("done", 42, f"{done}.completed.json")
        for text in (
            {},
            {"task_id": done},
            {"status": "completed"},
            {"task_id": 7, "status": "completed"},
            {"task_id": done, "status": "executing"},
        ):
            with self.subTest(text=text):
                self.root.write(path, text)
                for answer in (
                    self.show(done),
                    self.retry(done),
                    self.post_result(done, {"success": True}),
                    self.cancel(done),
                    self.cancel(done, method="DELETE"),
                ):
                    self.assert_problem(answer, 500, "spoilt_file")
                    self.assertIn(f"done/42/{done}.c", answer.detail)

    def test_unknown(self):
        """no such task, or another user's"""
        task_id = self.create(user=43)
        self.assert_problem(self.show("nobody"), 404, "unknown_task")
        answer = self.show(task_id, self.plugin)
        self.assert_problem(answer, 404, "unknown_task", "Task not found")
        answer = self.show(task_id, self.root.token(42, "backend"))
        self.assert_problem(answer, 404, "unknown_task")
        answer = self.show(task_id, self.plugin, "?user_id=43")
        self.assert_problem(answer, 403, "wrong_user")
        self.assertEqual(self.shown(task_id)["user_id"], 43)

    def test_whose(self):
        """an id that several users have"""
        for user in (42, 43):
            self.create(user=user, task_id="twin")
        self.assert_problem(self.show("twin"), 409, "ambiguous_task")
        for user in (42, 43):
            told = self.shown("twin", query=f"?user_id={user}")
            self.assertEqual(told["user_id"], user)
        answer = self.cancel("twin", query="?user_id=43")
        self.assert_cancelled(answer, "twin")
        self.assert_state("twin", "pending", 42)
        self.assert_state("twin", "failed", 43)

    def test_named_create(self):
        """a path that is a route by itself is no task"""
        self.create(task_id="create")
        answer = self.api.get("/api/tasks/create", token=self.backend)
        self.assert_problem(answer, 405, "method_not_allowed")
        self.assert_cancelled(self.cancel("create"), "create")


class ShowServed(Show):
    """The same through a web server."""

    transport = Rewritten


class CancelPending(One):
    """A task that nobody has fetched."""

    def test_cancelled(self):
        """it is recorded as cancelled, and nobody gets it"""
        task_id = self.create(action="delete_product", params={"item_id": 7})
        self.assert_cancelled(self.cancel(task_id), task_id)
        record = self.assert_state(task_id, "failed").record
        self.assertEqual(record["declared"], CANCELLED)
        self.assertEqual(record["params"], {"item_id": 7})
        self.assertEqual((record["attempts"], record["started_at"]), (0, None))
        self.assertEqual(self.poll(), EMPTY)

    def test_again(self):
        """once more is the same"""
        task_id = self.create()
        self.cancel(task_id)
        before = self.root.picture()
        self.assert_cancelled(self.cancel(task_id), task_id)
        self.assert_cancelled(self.cancel(task_id, method="DELETE"), task_id)
        self.assertEqual(self.root.changes(before), [])

    def test_delete(self):
        """DELETE is the same"""
        task_id = self.create()
        answer = self.cancel(task_id, method="DELETE")
        self.assert_cancelled(answer, task_id)
        self.assert_state(task_id, "failed")

    def test_whose(self):
        """of whom it is may stand in the body, and must then be right"""
        task = self.create()
        path = f"/api/tasks/{task}/"
        for verb, body in (
            ("cancel", {}), ("retry", {}), ("settle", {"found": False})
        ):
            answer = self.api.post(
                path + verb, {**body, "user_id": 43}, token=self.backend
            )
            self.assert_problem(answer, 404, "unknown_task")
            answer = self.api.post(
                f"{path}{verb}?user_id=42", {**body, "user_id": 43},
                token=self.backend,
            )
            self.assert_problem(answer, 422, "invalid_field")
            answer = self.api.post(
                path + verb, {**body, "user_id": "x"}, token=self.backend
            )
            self.assert_problem(answer, 422, "invalid_field")
        self.assert_state(task, "pending")
        answer = self.api.post(
            path + "cancel", {"user_id": 42}, token=self.backend
        )
        self.assertEqual(answer.status, 200, answer)

    def test_late_result(self):
        """a plugin that had it before may still have the last word"""
        task_id = self.create_overdue()
        self.sweep()
        self.assert_cancelled(self.cancel(task_id), task_id)
        self.finish(task_id)
        self.assert_state(task_id, "completed")
        self.assert_problem(self.cancel(task_id), 409, "task_finished")

    def test_spoilt(self):
        """a file that is no task stays, and the answer names it"""
        self.leaves_debris = "the spoilt file"
        task_id = self.create()
        path = self.task(task_id).path
        self.root.write(path, b"[0]")
        name = os.path.basename(path)
        for answer in (self.cancel(task_id), self.show(task_id)):
            self.assert_problem(answer, 500, "spoilt_file", name)
        self.assertEqual(self.root.read("pending", 42, name), b"[0]")
        self.assertEqual(self.root.ls("rejected"), [])

    def test_husk(self):
        """one that is not even JSON may be a copy under way, then it is none"""
        for ask in (self.cancel, self.show, self.retry):
            task_id = self.create()
            path = self.task(task_id).path
            self.root.write(path, b'{"action":')
            self.assert_problem(ask(task_id), 503, "unavailable")
            self.root.configure(queue={"settle": 0})
            self.assert_problem(ask(task_id), 404, "unknown_task")
            name = os.path.basename(path)
            self.assertEqual(self.root.read("rejected", name), b'{"action":')
            self.root.configure()

    def test_scopes(self):
        """a plugin may look, and not cancel"""
        task_id = self.create()
        before = self.root.picture()
        for method in ("POST", "DELETE"):
            answer = self.cancel(task_id, self.plugin, method)
            self.assert_problem(answer, 403, "wrong_scope")
        other = self.root.token(43, "backend")
        self.assert_problem(self.cancel(task_id, other), 404, "unknown_task")
        self.assert_problem(self.cancel("nobody"), 404, "unknown_task")
        self.assertEqual(self.root.changes(before), [])

    def test_finished(self):
        """what has finished stays as it is"""
        for body in ({"success": True}, {"success": False, "error": "no"}):
            task_id = self.create()
            self.poll()
            self.finish(task_id, body)
            before = self.root.picture()
            self.assert_problem(self.cancel(task_id), 409, "task_finished")
            self.assertEqual(self.root.changes(before), [])

    def test_cancel_or_claim(self):
        """a poll and a cancel at the same moment: one of them has it"""
        for number in range(12):
            task_id = self.create(action="create_product")
            got = []
            poll = threading.Thread(target=lambda: got.append(self.poll_id()))
            poll.start()
            answer = self.cancel(task_id)
            poll.join()
            if got == [task_id]:
                self.assert_asked(answer, task_id)
                self.assertIs(self.progress(task_id).json["cancel"], True)
                self.finish(task_id)
            else:
                self.assert_cancelled(answer, task_id)
                self.assertEqual(self.poll(), EMPTY)
            self.assertEqual(self.root.ls("progress", 42), [])


class CancelExecuting(One):
    """A task that a plugin has."""

    def setUp(self):
        super().setUp()
        self.id = self.create(params={"item_id": 5})
        self.poll()

    def test_told(self):
        """the next progress tells the plugin, and so does a look"""
        self.assertIs(self.progress(self.id).json["cancel"], False)
        for method in ("POST", "DELETE", "POST"):
            answer = self.cancel(self.id, method=method)
            self.assert_asked(answer, self.id)
        self.assertEqual(self.root.ls("progress", 42), [f"{self.id}.cancel"])
        self.assertIs(self.shown(self.id)["cancel_requested"], True)
        for _ in range(2):
            self.assertIs(self.progress(self.id).json["cancel"], True)
        self.assert_state(self.id, "executing")
        self.assertEqual(self.sweep(), [])
        self.assertIs(self.progress(self.id).json["cancel"], True)

    def test_deadline(self):
        """when its deadline passes it does not come again"""
        self.cancel(self.id)
        self.make_overdue(self.id)
        self.assertEqual(self.poll(), EMPTY)
        record = self.assert_state(self.id, "failed").record
        self.assertEqual(record["declared"], CANCELLED)
        self.assertEqual(record["attempts"], 1)
        self.assertIsNotNone(record["started_at"])
        self.assertEqual(self.root.ls("progress", 42), [])
        self.assert_cancelled(self.cancel(self.id), self.id)

    def test_overdue_already(self):
        """one whose deadline has passed is taken back first"""
        self.make_overdue(self.id)
        self.assert_cancelled(self.cancel(self.id), self.id)
        self.assert_state(self.id, "failed")
        self.assertEqual(self.poll(), EMPTY)

    def test_overdue_unrepeatable(self):
        """or declared failed, for nobody knows its outcome"""
        task_id = self.create_overdue(action="create_product")
        self.assert_problem(self.cancel(task_id), 409, "task_finished")
        record = self.assert_state(task_id, "failed").record
        self.assertEqual(record["declared"], "timeout")

    def test_result(self):
        """a result counts, whatever it says, and takes the mark away"""
        for body in ({"success": True}, {"success": False, "error": "no"}):
            self.cancel(self.id)
            self.finish(self.id, body)
            state = "completed" if body["success"] else "failed"
            record = self.assert_state(self.id, state).record
            self.assertNotIn("declared", record)
            self.assertEqual(self.root.ls("progress", 42), [])
            answer = self.cancel(self.id)
            self.assert_problem(answer, 409, "task_finished")
            self.assertEqual(self.root.ls("progress", 42), [])
            self.id = self.create()
            self.poll()

    def test_result_after_the_end(self):
        """the plugin's word comes before ours"""
        self.cancel(self.id)
        self.make_overdue(self.id)
        self.sweep()
        self.assert_state(self.id, "failed")
        self.finish(self.id)
        self.assert_state(self.id, "completed")

    def test_failure_worth_a_retry(self):
        """a cancelled task is not tried again"""
        self.cancel(self.id)
        self.finish(self.id, NO_TAB)
        record = self.assert_state(self.id, "failed").record
        self.assertEqual(record["error"], NO_TAB["error"])
        self.assertEqual(self.root.ls("progress", 42), [])

    def test_by_hand(self):
        """touch asks for the end as well, and rm takes it back"""
        folder = self.root.make("progress", 42)
        mark = os.path.join(folder, f"{self.id}.cancel")
        with open(mark, "w"):
            pass
        self.assertIs(self.progress(self.id).json["cancel"], True)
        os.unlink(mark)
        self.assertIs(self.progress(self.id).json["cancel"], False)

    def test_left_behind(self):
        """a mark of a task that came back from its plugin is heeded"""
        self.cancel(self.id)
        task = self.task(self.id)
        end = EXECUTING.fullmatch(task.name).end("lease") + 1
        name = task.name[end:].replace(".json", ".r1.json")
        os.rename(task.path, self.root.place("pending", 42, name))
        said = self.sweep("--dry-run")
        self.assertEqual(self.sweep(), [line[11:] for line in said])
        self.assertIn("cancelled 1 task that came back from a plugin", said[0])
        record = self.assert_state(self.id, "failed").record
        self.assertEqual(record["declared"], CANCELLED)

    def test_mark_of_nothing(self):
        """a mark of a task that is gone goes, too"""
        self.cancel(self.id)
        os.unlink(self.task(self.id).path)
        self.sweep()
        self.assertEqual(self.root.ls("progress", 42), [])

    def test_mark_of_an_earlier_one(self):
        """a new task of that id is not cancelled by it"""
        self.cancel(self.id)
        os.unlink(self.task(self.id).path)
        for again in range(2):
            if again:
                drop = {"action": "get_user_data", "task_id": self.id}
                self.root.drop("x.json", drop, user=42)
            else:
                self.create(task_id=self.id)
            self.assertEqual(self.poll_id(), self.id)
            self.assertIs(self.progress(self.id).json["cancel"], False)
            self.assertEqual(self.root.ls("progress", 42), [])
            self.cancel(self.id)
            os.unlink(self.task(self.id).path)

    def test_taken_back(self):
        """mv executing/ to pending/ by hand leaves it to be cancelled"""
        ends = (
            ("poll", self.poll_id),
            ("sweep", self.sweep),
            ("cancel", lambda: self.cancel(self.id)),
        )
        for what, end in ends:
            with self.subTest(met_by=what):
                self.cancel(self.id)
                task = self.task(self.id)
                os.rename(task.path, self.root.place("pending", 42, task.name))
                self.assertEqual(self.show(self.id).json["status"], "pending")
                end()
                record = self.assert_state(self.id, "failed").record
                self.assertEqual(record["declared"], CANCELLED)
                self.assertEqual(self.root.ls("progress", 42), [])
                self.retry(self.id)
                self.assertEqual(self.poll_id(), self.id)

    def test_moved_back_when_finished(self):
        """mv done/ to pending/ is a new try, of which no end was asked"""
        self.cancel(self.id)
        mark = self.root.place("progress", 42, f"{self.id}.cancel")
        self.finish(self.id)
        with open(mark, "w"):
            pass
        for name in self.root.ls("done", 42):
            place = self.root.place("pending", 42, name)
            os.rename(self.root.place("done", 42, name), place)
        self.assertEqual(self.poll_id(), self.id)
        self.assertIs(self.progress(self.id).json["cancel"], False)

    def test_cancel_or_settle(self):
        """an end that was promised comes, whoever takes the task back"""
        for number in range(10):
            task_id = self.create(timeout=1, task_id=f"c{number}")
            while self.poll_id() not in (task_id, None):
                pass
            self.make_overdue(task_id, seconds=1)
            sweep = threading.Thread(target=self.sweep)
            sweep.start()
            answer = self.cancel(task_id)
            sweep.join()
            self.assertIn(answer.status, (200, 202), answer)
            if self.task(task_id).state == "executing":
                self.make_overdue(task_id)
            self.sweep()
            record = self.assert_state(task_id, "failed").record
            self.assertEqual(record["declared"], CANCELLED)


class CancelServed(CancelExecuting):
    """The same through a web server that does not rewrite."""

    transport = Dispatched


if __name__ == "__main__":
    main()
