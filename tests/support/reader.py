# SPDX-License-Identifier: MIT
"""An independent reader of a spool: its own grammar, no code of the library.

Read a spool only while no program works on it: a listing taken while names
move may miss some.

    tree = Tree(root_path)              # the folder that holds spool/
    tree.tasks[(42, "abc")].state       # pending, executing, completed, failed
    tree.drops, tree.rejected           # what is not, or never became, a task
    tree.paused[42], tree.paces         # what holds tasks back
    tree.debris                         # what a sweep has yet to clear
    tree.violations(after_sweep=True)   # must be []
"""

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass

STAMP = r"\d{8}T\d{6}\.\d{6}Z"
TASK = (
    rf"(?P<rank>\d{{3}})-(?P<created>{STAMP})-(?P<action>[a-z0-9_]{{1,50}})"
    r"-(?P<id>[A-Za-z0-9_-]{1,64})(?:\.r(?P<generation>[1-9]\d*))?\.json"
)
QUEUED = re.compile(TASK)
EXECUTING = re.compile(
    rf"(?P<deadline>{STAMP})-(?P<lease>[a-z0-9]{{1,32}})-{TASK}"
)
DONE = re.compile(
    r"(?P<id>[A-Za-z0-9_-]{1,64})\.(?P<state>completed|failed)\.json"
)
INGEST = re.compile(
    rf"(?P<completed>{STAMP})-(?P<id>[A-Za-z0-9_-]{{1,64}})\.json"
)
PROGRESS = re.compile(r"(?P<id>[A-Za-z0-9_-]{1,64})\.(?P<kind>json|cancel)")
PHOTO = re.compile(r"(?P<digest>[0-9a-f]{64})\.(?:jpg|png|webp)")
USER = re.compile(r"[1-9]\d{0,18}")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

ACTION = re.compile(r"[a-z0-9_]{1,50}")

PER_USER = ("pending", "executing", "done", "ingest", "progress", "pace")
FLAT = ("rejected", "products", "users", "photos", "index", "tmp", "log")
PRECEDENCE = {"completed": 3, "failed": 2, "executing": 1, "pending": 0}
DECLARED = ("timeout", "expired", "cancelled")

TASK_MEMBERS = (
    "task_id",
    "user_id",
    "action",
    "params",
    "priority",
    "timeout",
    "created_at",
)
DONE_MEMBERS = TASK_MEMBERS + (
    "status",
    "result",
    "error",
    "started_at",
    "completed_at",
    "executed_at",
    "execution_time_ms",
    "attempts",
)


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


class Tree:
    """A spool as it stands at one quiet moment."""

    def __init__(self, root_path):
        self.spool = os.path.join(os.fspath(root_path), "spool")
        self.tasks = {}
        self.drops = []
        self.rejected = []
        self.ingest = []
        self.paused = {}  # what PAUSED holds, by user
        self.paces = {}  # when the next may go, by user and action
        self.debris = []
        self.strangers = []
        self._faults = []
        self._inodes = {}
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

    def _fault(self, path, text):
        shown = os.path.relpath(os.fsdecode(path), self.spool)
        self._faults.append(f"{shown!r}: {text}")

    def _is_debris(self, path, text):
        shown = os.path.relpath(os.fsdecode(path), self.spool)
        self.debris.append(f"{shown!r}: {text}")

    def _read(self):
        self._check_directory(self.spool)
        for name in sorted(os.listdir(self.spool)):
            path = os.path.join(self.spool, name)
            if name not in PER_USER + FLAT or not self._is_directory(path):
                self._fault(path, "no such place in a spool")
                continue
            self._check_directory(path)
            getattr(self, "_read_" + name)(path)

    @staticmethod
    def _is_directory(path):
        return stat.S_ISDIR(os.lstat(path).st_mode)

    def _check_directory(self, path):
        mode = stat.S_IMODE(os.lstat(path).st_mode)
        if mode != 0o700:
            self._fault(path, f"directory has mode {mode:04o}, want 0700")

    def _check_file(self, path, mode=True):
        """A regular file that a program wrote: True if it is one."""
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            self._fault(path, "not a regular file")
            return False
        permissions = stat.S_IMODE(status.st_mode)
        if mode and permissions != 0o600:
            self._fault(path, f"file has mode {permissions:04o}, want 0600")
        return True

    def _json(self, path):
        """The JSON object in a file; None, and a fault, if there is none."""
        with open(path, "rb") as file:
            content = file.read()
        try:
            record = json.loads(content.decode("utf-8"))
        except ValueError as error:
            self._fault(path, f"not JSON: {error}")
            return None
        if not isinstance(record, dict):
            self._fault(path, "not a JSON object")
            return None
        return record

    def _user_folders(self, path):
        for name in sorted(os.listdir(path)):
            folder = os.path.join(path, name)
            if not USER.fullmatch(name) or not self._is_directory(folder):
                self._fault(folder, "not a user's folder")
                continue
            self._check_directory(folder)
            for entry in sorted(os.listdir(folder)):
                yield int(name), entry, os.path.join(folder, entry)

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
        for user, name, here in self._user_folders(path):
            match = EXECUTING.fullmatch(name)
            if match is None:
                self._fault(here, "name outside the grammar of executing/")
            elif self._check_file(here, mode=False):
                self._add_live(user, "executing", match, here)

    def _add_live(self, user, state, match, path):
        """A queued or executing task: its content must agree with its name."""
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
        for user, name, here in self._user_folders(path):
            match = DONE.fullmatch(name)
            if match is None:
                self._fault(here, "name outside the grammar of done/")
                continue
            if not self._check_file(here):
                continue
            self._inodes[os.lstat(here).st_ino] = here
            record = self._json(here)
            task = Task(user, match["id"], match["state"], name, here, record)
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
        error = record["error"]
        if not (error is None or isinstance(error, str) and len(error) <= 500):
            self._fault(path, "error is neither null nor 500 characters")
        if record.get("declared", DECLARED[0]) not in DECLARED:
            self._fault(path, f"declared is {record['declared']!r}")
        if "declared" in record and task.state != "failed":
            self._fault(path, "only a failure can be declared")

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
        elif second.state == "failed" and "declared" not in (
            second.record or {}
        ):
            self._fault(second.path, "failed and completed, neither declared")
        else:
            self._is_debris(second.path, f"outlived by {first.state}")

    def _read_ingest(self, path):
        for user, name, here in self._user_folders(path):
            match = INGEST.fullmatch(name)
            if match is None:
                self._fault(here, "name outside the grammar of ingest/")
                continue
            self._check_file(here)
            self._json(here)
            self.ingest.append((user, match["id"], here))
            self._is_debris(here, "not in the catalogue yet")

    def _read_progress(self, path):
        """What was said of tasks that are not executing is debris. (By then
        the folder executing/ has been read.)"""
        for user, name, here in self._user_folders(path):
            match = PROGRESS.fullmatch(name)
            if match is None:
                self._fault(here, "name outside the grammar of progress/")
                continue
            self._check_file(here, mode=match["kind"] == "json")
            if match["kind"] == "json":
                self._json(here)
            task = self.tasks.get((user, match["id"]))
            if task is None or task.state != "executing":
                self._is_debris(here, "said of a task not executing")

    def _read_pace(self, path):
        for user, name, here in self._user_folders(path):
            if not ACTION.fullmatch(name):
                self._fault(here, "name outside the grammar of pace/")
            elif self._check_file(here):
                status = os.lstat(here)
                self.paces[user, name] = status.st_mtime
                if status.st_size != 0:
                    self._fault(here, "a stamp that is not empty")

    def _read_rejected(self, path):
        raw = os.fsencode(path)
        names = set(os.listdir(raw))
        for name in sorted(names):
            here = os.path.join(raw, name)
            if name.endswith(b".why") and name[:-4] not in names:
                self._is_debris(here, "a reason without its file")
            if name.endswith(b".why") and name[:-4] in names:
                self._check_file(here)
                if os.lstat(here).st_size == 0:
                    self._fault(here, "an empty reason")
            elif not name.endswith(b".why"):
                self.rejected.append(here)
                if name + b".why" not in names:
                    self._fault(here, "rejected without a reason")

    def _read_products(self, path):
        for name in sorted(os.listdir(path)):
            here = os.path.join(path, name)
            if not re.fullmatch(r"[1-9]\d{0,18}\.ndjson", name):
                self._fault(here, "name outside the grammar of products/")
            elif self._check_file(here):
                self._check_catalogue(here)

    def _check_catalogue(self, path):
        """One product a line, sorted by id, none twice."""
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text and not text.endswith("\n"):
            self._fault(path, "last line is torn")
        ids = []
        for number, line in enumerate(text.splitlines(), 1):
            try:
                ids.append(json.loads(line)["id"])
            except (ValueError, KeyError, TypeError):
                self._fault(path, f"line {number} is no product")
                return
        if ids != sorted(set(ids)):
            self._fault(path, "products not sorted by id, or twice")

    def _read_users(self, path):
        for name in sorted(os.listdir(path)):
            here = os.path.join(path, name)
            match = re.fullmatch(r"[1-9]\d{0,18}\.(json|refused)", name)
            if match is None:
                self._fault(here, "name outside the grammar of users/")
            elif self._check_file(here) and match[1] == "json":
                self._json(here)

    def _read_photos(self, path):
        """A photo is what its name says: by its digest, whole."""
        for name in sorted(os.listdir(path)):
            here = os.path.join(path, name)
            match = PHOTO.fullmatch(name)
            if match is None:
                self._fault(here, "name outside the grammar of photos/")
            elif self._check_file(here):
                with open(here, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()
                if digest != match["digest"]:
                    self._fault(here, f"its digest is {digest}")

    def _read_index(self, path):
        """Caches: any content is allowed, so only names and modes count."""
        for name in sorted(os.listdir(path)):
            here = os.path.join(path, name)
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
                self._fault(here, "name outside the grammar of index/")
            else:
                self._check_file(here)

    def _read_tmp(self, path):
        for name in sorted(os.listdir(path)):
            here = os.path.join(path, name)
            self._check_file(here)
            self._is_debris(here, "left in tmp/")

    def _read_log(self, path):
        for name in sorted(os.listdir(path)):
            self._check_file(os.path.join(path, name))


def invariants(root_path, after_sweep=False):
    """The violations of the spool below root_path; [] is as it should be."""
    return Tree(root_path).violations(after_sweep)
