# SPDX-License-Identifier: MIT
"""Whether an answer says what the disk says."""

from support.cgi import program_of


class Agreement:
    """A scenario's tree as it was before the request, and as it is now."""

    def __init__(self, scenario, before, stage, tree):
        self.scenario = scenario
        self.before = before
        self.stage = stage
        self.tree = tree
        self.wrong = []

    def complaints(self, answer):
        """What the program's answer says that is not so."""
        kind = program_of(self.scenario.target.partition("?")[0])
        check = getattr(self, "_" + kind.replace("-", "_"), None)
        if check:
            check(answer)
        return self.wrong

    def _complain(self, text):
        self.wrong.append(text)

    def _create_task(self, answer):
        new = set(self.tree.tasks) - set(self.before.tasks)
        if answer.status == 201:
            key = (self.scenario.users[0], answer.json["task_id"])
            if key not in new:
                self._complain(f"201 for {key}, which is not on the disk")
            elif self.tree.tasks[key].state != "pending":
                self._complain(f"a new task is {self.tree.tasks[key].state}")
        elif new:
            self._complain(f"{answer.status}, and yet there is {new}")

    def _photos(self, answer):
        if answer.status not in (200, 201) or answer.is_image:
            return
        name = answer.json["name"]
        if not self.stage.exists("photos", name):
            self._complain(f"{answer.status} for {name}, which is not there")

    def _sync(self, answer):
        if answer.status != 200:
            # What follows an earlier task is no doing of this request.
            following = {
                (task.user, task.record["then"]["task_id"])
                for task in self.before.tasks.values()
                if task.record.get("then")
            }
            new = set(self.tree.tasks) - set(self.before.tasks) - following
            if new:
                self._complain(f"{answer.status}, and yet there is {new}")
            return
        key = (self.scenario.users[0], answer.json["task_id"])
        if key not in self.tree.tasks:
            self._complain(f"200 for {key}, which is not on the disk")

    def _next_task(self, answer):
        if answer.status != 200:
            return
        task_id = answer.json["task_id"]
        if task_id is None:
            waiting = self.before.in_state("pending")
            if self.scenario.holds:
                return
            if any(task.user in self.scenario.users for task in waiting):
                self._complain("nothing offered, though tasks are waiting")
            return
        key = (self.scenario.users[0], task_id)
        task = self.tree.tasks.get(key)
        if task is None or task.state != "executing":
            self._complain(f"{key} is offered, but not claimed on the disk")
        elif task.lease != answer.json["lease"]:
            self._complain(f"{key} is claimed under another lease")

    def _result(self, answer):
        if answer.status != 200:
            return
        key = (42, self.scenario.target.split("/")[-2])
        task = self.tree.tasks.get(key)
        if self.scenario.put_off:
            if task is None or task.state != "pending":
                self._complain(f"200 for the result of {key}, not put off")
            return
        if task is None or not task.done or "declared" in task.record:
            self._complain(f"200 for the result of {key}, not in done/")
            return
        body = self.scenario.body
        want = "completed" if body["success"] else "failed"
        if task.state != want or task.record["result"] != body.get("data"):
            self._complain(f"the record of {key} is not what was posted")

    def _progress(self, answer):
        if answer.status != 200:
            return
        task = self.tree.tasks.get((42, self.scenario.target.split("/")[-2]))
        if task is None or task.state != "executing":
            self._complain("renewed, and not executing on the disk")
            return
        told = answer.json["deadline"].replace("-", "").replace(":", "")
        if told != task.deadline:
            self._complain(f"renewed to {told}, on the disk {task.deadline}")

    def _task(self, answer):
        if answer.status not in (200, 202) or self.scenario.method == "GET":
            return
        task = self.tree.tasks.get((42, answer.json["task_id"]))
        told = answer.json["status"]
        if told == "cancelled":
            if task is None or task.record.get("declared") != told:
                self._complain(f"cancelled, and on the disk {task}")
        elif task is None or task.state != told:
            self._complain(f"{told}, and on the disk {task}")
        if answer.status == 202 and not is_marked(self.stage, (42, task.id)):
            self._complain("the end was asked for, and is forgotten")


def is_marked(stage, key):
    """Whether the end of this task was asked for."""
    user, task_id = key
    return stage.exists("progress", user, f"{task_id}.cancel")
