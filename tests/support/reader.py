# SPDX-License-Identifier: MIT
"""An independent reader of a spool: its own grammar, no code of the library.

Read a spool only while no program moves names in it: a listing taken then may
miss some.

    tree = Tree(root_path)              # the folder that holds spool/
    tree.tasks[(42, "abc")].state       # pending, executing, completed, failed
    tree.drops, tree.rejected           # what is not, or never became, a task
    tree.paused[42], tree.paces         # what holds tasks back
    tree.debris                         # what a sweep has yet to clear
    tree.violations(after_sweep=True)   # must be []
"""

import os
import stat
from dataclasses import dataclass

from support.grammar import (
    DONE,
    DONE_MEMBERS,
    EXECUTING,
    INGEST,
    ISO,
    PAST_LEASES,
    PROGRESS,
    QUEUED,
    UNKNOWN,
    USER,
)
from support.places import FLAT, PER_USER, Places

PRECEDENCE = {"completed": 3, "failed": 2, "executing": 1, "pending": 0}
DECLARED = ("timeout", "expired", "cancelled")


@dataclass
class Task:
    """One task as its place and name tell, and what its file says."""

    user: int
    id: str
    state: str  # pending, executing, completed or failed
    name: str
    path: str
    record: object  # the file's JSON; None if it is none
    generation: int = 0  # how often it was requeued (.rN)
    rank: str = ""
    created: str = ""
    action: str = ""
    deadline: str = ""  # executing only
    lease: str = ""  # executing only

    @property
    def done(self):
        return self.state in ("completed", "failed")

    @property
    def priority(self):
        return 999 - int(self.rank) if self.rank else None


@dataclass
class Drop:
    """A *.json in pending/ that no program has taken in yet."""

    user: object  # the folder's user, or None at the top of pending/
    name: bytes
    path: bytes


class Tree(Places):
    """A spool as it stands at one quiet moment."""

    def __init__(self, root_path, power_lost=False):
        """After a loss of power a queued name may stand without its content,
        and is no task: of a create that nobody was told of."""
        super().__init__(os.path.join(os.fspath(root_path), "spool"))
        self.power_lost = power_lost
        self.tasks = {}
        self.drops = []
        self.ingest = []
        self.unknown = {}  # new, missing or asked, by user and ID
        self.paused = {}  # what PAUSED holds, by user
        self.strangers = []
        if os.path.isdir(self.spool):
            self._read()

    def violations(self, after_sweep=False):
        """What breaks an invariant; after a sweep, also what it left."""
        left = [f"debris after a sweep: {name}" for name in self.debris]
        return self._faults + (left if after_sweep else [])

    def in_state(self, *states):
        """The tasks in these states, in the order of their names."""
        found = [t for t in self.tasks.values() if t.state in states]
        return sorted(found, key=lambda task: (task.user, task.name))

    def _read(self):
        self._check_directory(self.spool)
        for name in sorted(os.listdir(self.spool)):
            path = os.path.join(self.spool, name)
            if name not in PER_USER + FLAT or not self._is_directory(path):
                self._fault(path, "no such place in a spool")
                continue
            self._check_directory(path)
            getattr(self, "_read_" + name)(path)

    def _read_pending(self, path):
        raw = os.fsencode(path)
        for name in sorted(os.listdir(raw)):
            here = os.path.join(raw, name)
            if USER.fullmatch(os.fsdecode(name)) and self._is_directory(here):
                self._check_directory(here)
                for entry in sorted(os.listdir(here)):
                    self._read_pending_entry(
                        int(name), entry, os.path.join(here, entry)
                    )
            else:
                self._read_pending_entry(None, name, here)

    def _read_pending_entry(self, user, name, path):
        if user is not None and name == b"PAUSED":
            with open(path, "rb") as file:
                self.paused[user] = file.read()
            return
        if name.startswith(b".") or not name.endswith(b".json"):
            self.strangers.append(os.fsdecode(path))
            return
        match = QUEUED.fullmatch(os.fsdecode(name))
        regular = stat.S_ISREG(os.lstat(path).st_mode)
        if user is None or match is None or not regular:
            self.drops.append(Drop(user, name, path))
            return
        self._add_live(user, "pending", match, os.fsdecode(path))

    def _read_executing(self, path):
        for user, match, here in self._of_users("executing", EXECUTING, path):
            if self._check_file(here, mode=False):
                self._add_live(user, "executing", match, here)

    def _add_live(self, user, state, match, path):
        """A queued or executing task: its content must agree with its name."""
        if self.power_lost and not self._is_json(path):
            return
        record = self._json(path)
        parts = match.groupdict()
        task = Task(
            user,
            parts["id"],
            state,
            match.string,
            path,
            record,
            int(parts["generation"] or 0),
            parts["rank"],
            parts["created"],
            parts["action"],
            parts.get("deadline") or "",
            parts.get("lease") or "",
        )
        self._add(task)
        if record is None:
            return
        # What the API made is 0600; a person's file keeps its own mode.
        self._check_file(path, mode="created_at" in record)
        said = {"task_id": task.id, "user_id": user, "action": task.action}
        for key, value in said.items():
            if key in record and record[key] != value:
                self._fault(path, f"{key} inside is {record[key]!r}")
        if not isinstance(record.get("params", {}), dict):
            self._fault(path, "params is no object")

    def _read_done(self, path):
        for user, match, here in self._of_users("done", DONE, path):
            if not self._check_file(here):
                continue
            record = self._json(here)
            task = Task(
                user, match["id"], match["state"], match[0], here, record
            )
            if record is not None:
                task.action = record.get("action", "")
                self._check_record(task)
            self._add(task)

    def _check_record(self, task):
        record, path = task.record, task.path
        missing = [key for key in DONE_MEMBERS if key not in record]
        if missing:
            self._fault(path, f"record lacks {', '.join(missing)}")
            return
        said = {
            "task_id": task.id,
            "user_id": task.user,
            "status": task.state,
        }
        for key, value in said.items():
            if record[key] != value:
                self._fault(path, f"{key} inside is {record[key]!r}")
        for key in ("created_at", "completed_at"):
            if not ISO.fullmatch(str(record[key])):
                self._fault(path, f"{key} is {record[key]!r}")
        if not isinstance(record["params"], dict):
            self._fault(path, "params is no object")
        if not isinstance(record["attempts"], int):
            self._fault(path, f"attempts is {record['attempts']!r}")
        # A record of before there was the member says nothing of leases.
        if not isinstance(record.get("leases", []), (list, type(None))):
            self._fault(path, f"leases is {record['leases']!r}")
        error = record["error"]
        if not (error is None or isinstance(error, str) and len(error) <= 500):
            self._fault(path, "error is neither null nor 500 characters")
        if record.get("declared", DECLARED[0]) not in DECLARED:
            self._fault(path, f"declared is {record['declared']!r}")
        if "declared" in record and task.state != "failed":
            self._fault(path, "only a failure can be declared")
        if record.get("outcome", "unknown") != "unknown":
            self._fault(path, f"outcome is {record['outcome']!r}")
        if "outcome" in record and task.state != "failed":
            self._fault(path, "only of a failure the outcome can be unknown")
        settled = {"completed": "found", "failed": "not found"}[task.state]
        if record.get("settled", settled) != settled:
            self._fault(path, f"settled is {record['settled']!r}")

    def _add(self, task):
        """Adds by precedence: done, executing, pending."""
        key = (task.user, task.id)
        other = self.tasks.get(key)
        if other is None:
            self.tasks[key] = task
            return
        first, second = sorted(
            (task, other), key=lambda each: -PRECEDENCE[each.state]
        )
        self.tasks[key] = first
        if first.state == second.state:
            self._fault(second.path, f"second entry of {first.path!r}")
        elif second.state == "failed" and not (
            {"declared", "outcome", "settled"} & set(second.record or {})
        ):
            self._fault(second.path, "failed and completed, neither declared")
        else:
            self._is_debris(second.path, f"outlived by {first.state}")

    def _read_ingest(self, path):
        for user, match, here in self._of_users("ingest", INGEST, path):
            self._check_file(here)
            self._json(here)
            self.ingest.append((user, match["id"], here))
            self._is_debris(here, "not in the catalogue yet")

    def _read_unknown(self, path):
        """Each is a name of the record that says that nobody knows. (By then
        the folder done/ has been read.)"""
        for user, match, here in self._of_users("unknown", UNKNOWN, path):
            self._check_file(here)
            self._json(here)
            task = self.tasks.get((user, match["id"]))
            self.unknown[user, match["id"]] = match["state"]
            if task is None or not os.path.samefile(task.path, here):
                self._is_debris(here, "of no outcome that is unknown")

    def _read_progress(self, path):
        """What was said of tasks that are not executing is debris. (By then
        the folder executing/ has been read.)"""
        names = rf"{PROGRESS.pattern}|.+\.leases"
        for user, match, here in self._of_users("progress", names, path):
            if match["kind"] is None:
                self._read_past_leases(user, here)
                continue
            self._check_file(here, mode=match["kind"] != "cancel")
            if match["kind"] == "json":
                self._json(here)
            task = self.tasks.get((user, match["id"]))
            waits = task and task.state == "pending" and task.generation > 0
            if waits and match["kind"] == "failure":
                continue
            if task is None or task.state != "executing":
                self._is_debris(here, "said of a task not executing")

    def _read_past_leases(self, user, path):
        """Under which leases a task was handed out before it came back by
        itself; noted just before that, and what it holds may be torn."""
        match = PAST_LEASES.fullmatch(os.path.basename(path))
        self._check_file(path)
        if match is None:
            self._fault(path, "no note of past leases")
            return
        generation = int(match["generation"])
        task = self.tasks.get((user, match["id"]))
        now = task.generation if task and not task.done else None
        taken = task and task.state == "executing" and now == generation - 1
        if now != generation and not taken:
            self._is_debris(path, "of no try that there is")
