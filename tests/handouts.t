#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which hand-out a lease names, and whose late work counts."""

import os

from support import Case, main
from support.case import stamp

SUCCESS = {"success": True, "data": {"view_count": 1}}
FAILURE = {"success": False, "error": "CSRF token expired"}


class OneHandOut(Case):
    """A lease names one hand-out, whatever has become of the task since."""

    def setUp(self):
        super().setUp()
        self.id = self.create()

    def assert_lost(self, lease, body=None, task_id=None):
        """This lease, with this result or as progress, changes nothing."""
        before = self.root.picture()
        task_id = task_id or self.id
        body = {**(body or SUCCESS), "lease": lease}
        answer = self.post_result(task_id, body)
        self.assert_problem(answer, 409, "lease_lost", task_id)
        answer = self.api.post(
            f"/api/plugin/tasks/{task_id}/progress",
            {"lease": lease},
            token=self.plugin,
        )
        self.assert_problem(answer, 409, "lease_lost", task_id)
        self.assertEqual(self.root.changes(before), [])

    def take(self, lease, body=None):
        self.finish(self.id, {**(body or SUCCESS), "lease": lease})

    def retry(self):
        answer = self.api.post(
            f"/api/tasks/{self.id}/retry", {"force": True}, token=self.backend
        )
        self.assertEqual(answer.status, 200, answer)

    def cancel(self):
        answer = self.api.post(
            f"/api/tasks/{self.id}/cancel", token=self.backend
        )
        self.assertEqual(answer.status, 200, answer)

    def lose(self):
        """A hand-out whose lease has passed; the task waits again."""
        lease = self.poll()["lease"]
        self.make_overdue(self.id)
        self.sweep()
        self.assert_state(self.id, "pending")
        return lease

    def put_off(self):
        """A hand-out that failed; the task waits until its next try."""
        lease = self.poll()["lease"]
        self.take(lease, FAILURE)
        self.assert_state(self.id, "pending")
        return lease

    def rename(self, created):
        """Lets the pending task be due at another moment, as by hand, but
        with its note."""
        task = self.task(self.id)
        name = task.name.replace(task.created, created)
        os.rename(task.path, self.root.place("pending", 42, name))
        (note,) = (n for n in self.root.ls("progress", 42) if ".leases" in n)
        os.rename(
            self.root.place("progress", 42, note),
            self.root.place("progress", 42, name[:-5] + ".leases"),
        )

    def test_never_handed_out(self):
        """of a task that nobody has fetched no lease is right"""
        create = self.create(action="create_product")
        for task_id in (self.id, create):
            for lease in ("nosuchlease", "expired", "cancel"):
                self.assert_lost(lease, task_id=task_id)
                self.assert_lost(lease, FAILURE, task_id=task_id)
        self.assertEqual({self.poll_id(), self.poll_id()}, {self.id, create})

    def test_retried(self):
        """after a retry the lease before it is wrong, and the task comes"""
        for result in (SUCCESS, FAILURE | {"error": "too long a title"}):
            lease = self.poll()["lease"]
            self.take(lease, result)
            self.retry()
            self.assert_lost(lease, result)
            again = self.poll()
            self.assertEqual(again["task_id"], self.id)
            self.assert_lost(lease, result)
            self.take(again["lease"], result)
            self.assert_lost(lease, result)
            self.retry()

    def test_retried_by_hand(self):
        """so it is after an mv of the record"""
        lease = self.poll()["lease"]
        self.take(lease)
        record = self.root.place("done", 42, f"{self.id}.completed.json")
        os.rename(record, self.root.place("pending", 42, "again.json"))
        self.sweep()
        self.assert_lost(lease)
        self.assertEqual(self.poll_id(), self.id)

    def test_done(self):
        """a finished task knows under which lease it was"""
        lease = self.poll()["lease"]
        self.take(lease)
        self.assert_lost("nosuchlease")
        self.take(lease)
        self.finish(self.id, SUCCESS)
        self.assertEqual(self.task(self.id).record["leases"], [lease])

    def test_done_without_a_lease(self):
        """of one that came without, it is that of the hand-out"""
        lease = self.poll()["lease"]
        self.finish(self.id, SUCCESS)
        self.assert_lost("nosuchlease")
        self.take(lease)

    def test_done_while_pending(self):
        """of one that nobody had fetched it cannot be told"""
        self.finish(self.id, SUCCESS)
        self.assertIsNone(self.task(self.id).record["leases"])
        self.take("whatever")

    def test_older_record(self):
        """nor of a record that tells nothing of leases"""
        self.take(self.poll()["lease"])
        path = self.task(self.id).path
        with open(path, encoding="utf-8") as file:
            text = file.read()
        lines = [line for line in text.splitlines() if "leases" not in line]
        self.root.write(path, "\n".join(lines))
        self.take("nosuchlease")
        self.leaves_debris = "a record without the member"

    def test_late_after_several(self):
        """late work counts under each lease since the task was queued"""
        for number in range(3):
            leases = [self.lose() for _ in range(3)]
            self.assert_lost("nosuchlease")
            self.assertEqual(len(self.root.ls("progress", 42)), 1)
            self.take(leases[number])
            record = self.task(self.id).record
            self.assertEqual(record["leases"], [leases[number]])
            self.assertEqual(self.root.ls("progress", 42), [])
            self.assert_lost(leases[number - 1])
            self.retry()
            self.assert_lost(leases[number])

    def test_late_while_another_has_it(self):
        """while another has it, no earlier one is right"""
        leases = [self.lose() for _ in range(2)]
        last = self.poll()["lease"]
        for lease in leases:
            self.assert_lost(lease)
        self.take(last)
        for lease in leases:
            self.assert_lost(lease)

    def test_put_off(self):
        """a failure that was put off may be told again, or made good"""
        lease = self.put_off()
        self.take(lease, FAILURE)
        self.assert_state(self.id, "pending")
        self.assert_lost("nosuchlease")
        self.assert_lost("nosuchlease", FAILURE)
        self.take(lease)
        self.assert_state(self.id, "completed")

    def test_put_off_and_had_by_another(self):
        """once its next try is out, the lease of the first is wrong"""
        lease = self.put_off()
        self.rename(stamp())
        again = self.poll()
        self.assertEqual(again["task_id"], self.id)
        self.assert_lost(lease, FAILURE)
        self.make_overdue(self.id)
        self.sweep()
        self.take(lease)

    def test_declared(self):
        """each hand-out's word replaces our declaration, and no other"""
        for number in range(4):
            leases = [self.lose() for _ in range(3)]
            leases.append(self.poll()["lease"])
            self.make_overdue(self.id)
            self.sweep()
            record = self.assert_state(self.id, "failed").record
            self.assertEqual(record["leases"], leases)
            self.assert_lost("nosuchlease")
            self.take(leases[number])
            self.assertEqual(
                self.task(self.id).record["leases"], [leases[number]]
            )
            self.retry()

    def test_declared_while_it_waited(self):
        """so it is where it has expired, or was cancelled, meanwhile"""
        for ended in ("expired", "cancelled"):
            lease = self.lose()
            if ended == "expired":
                self.root.configure(all={"expire": 60})
                self.rename(stamp(-61))
                self.sweep()
                self.root.configure(all={})
            else:
                self.cancel()
            record = self.assert_state(self.id, "failed").record
            self.assertEqual(record["declared"], ended)
            self.assertEqual(record["leases"], [lease])
            self.assert_lost("nosuchlease")
            self.take(lease)
            self.retry()

    def test_declared_without_a_hand_out(self):
        """what was ended before anybody had it takes nobody's lease"""
        self.cancel()
        self.assertEqual(self.task(self.id).record["leases"], [])
        self.assert_lost("nosuchlease")

    def test_taken_back_by_hand(self):
        """the plugin from which a task was taken back may still finish it"""
        self.id = self.create(action="create_product", priority=9)
        lease = self.poll()["lease"]
        task = self.task(self.id)
        os.rename(task.path, self.root.place("pending", 42, task.name))
        self.sweep()
        self.assert_state(self.id, "pending")
        self.assert_lost("nosuchlease")
        self.take(lease)

    def test_note_lost(self):
        """where it cannot be told whose lease it was, late work counts"""
        for spoilt in (None, b"", b"\0" * 21, b"torn"):
            lease = self.lose()
            (name,) = self.root.ls("progress", 42)
            note = self.root.place("progress", 42, name)
            os.unlink(note)
            if spoilt is not None:
                self.root.write(note, spoilt)
            self.assertNotEqual(self.lose(), lease)
            self.take("whatever")
            self.retry()

    def test_note_swept(self):
        """the sweeper removes a note of no try that there is"""
        self.lose()
        self.assertEqual(self.sweep(), [])
        self.assertEqual(len(self.root.ls("progress", 42)), 1)
        os.unlink(self.task(self.id).path)
        self.assertEqual(
            self.sweep(), ["removed 1 report on tasks not executing"]
        )
        self.assertEqual(self.root.ls("progress", 42), [])


if __name__ == "__main__":
    main()
