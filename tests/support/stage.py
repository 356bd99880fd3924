# SPDX-License-Identifier: MIT
"""Trees for the fault tests: built by hand, copied fast, let age.

Nothing here calls a program or its library: what a test starts from is
written as the spool's format says, by a second reading of it.
"""

import json
import os
import re
import shutil
import stat
import tempfile

from support.case import iso, stamp
from support.grammar import EXECUTING, QUEUED
from support.root import Root

TOKENS = {
    "plugin": ("plugin-token-of-the-fault-tests", "42"),
    "backend": ("backend-token-of-the-fault-tests", "*"),
    "cron": ("cron-token-of-the-fault-tests", "*"),
}
DAY = 86400


class Stage(Root):
    """A root at a place of the test's choosing, with one token a scope."""

    def __init__(self, path):
        self.path = path
        self.spool = os.path.join(path, "spool")

    @classmethod
    def set_up(cls, path, **sections):
        """A new root there, without a spool."""
        stage = cls(path)
        os.makedirs(os.path.join(path, "etc", "tokens"))
        stage.configure(**sections)
        for scope, (token, user) in TOKENS.items():
            stage.token_file(token, f"user_id = {user}\nscope = {scope}\n")
        return stage

    def configure(self, **sections):
        """As a root's, but a dropped file is taken to be whole at once: none
        of a stage can be given an old ctime."""
        queue = {"settle": "0", **sections.get("queue", {})}
        super().configure(**{**sections, "queue": queue})

    def copy(self, path):
        """A copy with the same times and the same hard links."""
        copy_tree(self.path, path)
        return Stage(path)

    def put(self, content, *parts):
        """A file of the spool, as a program would have made it."""
        self.make(*parts[:-1])
        path = self.place(*parts)
        self.write(path, content)
        os.chmod(path, 0o600)
        return path

    def queue(self, task, requeued=0):
        """A task waiting in pending/."""
        suffix = f".r{requeued}" if requeued else ""
        name = f"{task.queued}{suffix}.json"
        return self.put(task.text(), "pending", task.user, name)

    def execute(self, task, lease="abcdefgh12345678", left=3600, requeued=0):
        """A task that a plugin has, for so many seconds more."""
        suffix = f".r{requeued}" if requeued else ""
        name = f"{stamp(left)}-{lease}-{task.queued}{suffix}.json"
        return self.put(task.text(), "executing", task.user, name)

    def finish(self, task, success=True, age=60, **members):
        """A task that has its result."""
        state = "completed" if success else "failed"
        record = task.record(state, age)
        record.update(members)
        name = f"{task.id}.{state}.json"
        path = self.put(as_record(record), "done", task.user, name)
        self.set_age(path, age)
        return path

    def let_leases_end(self, ago=3600):
        """Time passes: every lease has ended so many seconds ago."""
        for user in self.ls("executing"):
            for name in self.ls("executing", user):
                match = EXECUTING.fullmatch(name)
                later = stamp(-ago) + name[match.end("deadline") :]
                os.rename(
                    self.place("executing", user, name),
                    self.place("executing", user, later),
                )

    def pace(self, action, left, user=42):
        """The next task of this action may go in so many seconds."""
        path = self.put("", "pace", user, action)
        self.set_age(path, -left)
        return path

    def let_holds_end(self):
        """Time passes, and a person resumes: nothing is held back."""
        for user in self.ls("pace"):
            for action in self.ls("pace", user):
                os.unlink(self.place("pace", user, action))
        for user in self.ls("pending"):
            for name in self.ls("pending", user):
                self._let_hold_end(user, name)

    def _let_hold_end(self, user, name):
        path = self.place("pending", user, name)
        match = QUEUED.fullmatch(name)
        if name == "PAUSED":
            os.unlink(path)
        elif match and match["created"] > stamp():
            due = name.replace(match["created"], stamp(-1))
            os.rename(path, self.place("pending", user, due))

    def let_debris_age(self):
        """Time passes: what lies in tmp/ is two days old, and so are reasons
        in rejected/ that lack their file. Both are cleaned away by age, for a
        younger one may belong to a program at work. And it is time to look
        for what has expired once more."""
        for name in self.ls("index"):
            if name.endswith(".expiry"):
                self.set_age(self.place("index", name), 2 * DAY)
        for name in self.ls("tmp"):
            self.set_age(self.place("tmp", name), 2 * DAY)
        rejected = self.ls("rejected")
        for name in rejected:
            if name.endswith(".why") and name[:-4] not in rejected:
                self.set_age(self.place("rejected", name), 2 * DAY)


class Task:
    """What a client would ask for, and how the spool names it."""

    def __init__(self, task_id, action="get_stats", user=42, **fields):
        self.id = task_id
        self.action = action
        self.user = user
        self.params = fields.pop("params", {"item_id": 123456})
        self.priority = fields.pop("priority", 1)
        self.age = fields.pop("age", 600)
        self.wishes = fields.pop("wishes", {})
        assert not fields, fields
        self.created = stamp(-self.age)
        self.created_at = iso(-self.age)

    @property
    def queued(self):
        rank = 999 - self.priority
        return f"{rank:03d}-{self.created}-{self.action}-{self.id}"

    def members(self):
        return {
            "task_id": self.id,
            "user_id": self.user,
            "action": self.action,
            "params": self.params,
            "priority": self.priority,
            "timeout": 60,
            **self.wishes,
            "created_at": self.created_at,
        }

    def text(self):
        return json.dumps(self.members())

    def record(self, state, age):
        return {
            **self.members(),
            "status": state,
            "result": {"views": 1} if state == "completed" else None,
            "error": None if state == "completed" else "it did not work",
            "started_at": iso(-age - 2),
            "completed_at": iso(-age),
            "executed_at": iso(-age - 1),
            "execution_time_ms": 1000,
            "attempts": 1,
        }


def as_record(record):
    """One top-level member a line, as done/ holds it."""
    lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in record.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def copy_tree(source, target):
    """Copies a tree with modes, times and hard links; faster than cp(1) for
    the few files of a test."""
    _copy_folder(source, target, {})


def _copy_folder(source, target, links):
    status = os.stat(source)
    os.mkdir(target, status.st_mode & 0o777)
    with os.scandir(source) as entries:
        for entry in entries:
            to = os.path.join(target, entry.name)
            if entry.is_dir(follow_symlinks=False):
                _copy_folder(entry.path, to, links)
            else:
                _copy_file(entry, to, links)
    _copy_times(status, target)


def _copy_file(entry, target, links):
    status = entry.stat(follow_symlinks=False)
    if status.st_nlink > 1:
        first = links.setdefault(status.st_ino, target)
        if first != target:
            os.link(first, target)
            return
    descriptor = os.open(
        target, os.O_WRONLY | os.O_CREAT, status.st_mode & 0o777
    )
    with open(entry.path, "rb", buffering=0) as file:
        os.write(descriptor, file.read())
    os.close(descriptor)
    _copy_times(status, target)


def _copy_times(status, target):
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


# What differs between two runs that do the same: moments, ids, leases, and
# the names in tmp/.
VOLATILE = re.compile(
    r"\d{8}T\d{6}\.\d{6}Z|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\b[0-9a-z]{20}\b|\b\d{16}\.\d+\.\d+"
)


def portrait(path):
    """Every path below with type, size, links and time."""
    seen = {"": os.stat(path)}
    folders = [path]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                seen[entry.path[len(path) :]] = status
                if stat.S_ISDIR(status.st_mode):
                    folders.append(entry.path)
    return seen


def likeness(before, now):
    """What a tree has become, as a value: equal values mean that the same
    will follow. Files count by name, size and links, and by whether their
    time is the one it was before; names without what differs each time."""
    known = "\n".join(before)

    def settled(match):
        return match[0] if match[0] in known else "*"

    return frozenset(
        (
            VOLATILE.sub(settled, name),
            status.st_mode,
            status.st_nlink,
            0 if stat.S_ISDIR(status.st_mode) else status.st_size,
            name in before and status.st_mtime_ns == before[name].st_mtime_ns,
        )
        for name, status in now.items()
    )


def workshop():
    """A new folder for the trees of a test: in memory where there is such a
    place and the caller has not named another, for a tree is copied for each
    of thousands of points."""
    fast = "/dev/shm"
    usable = "TMPDIR" not in os.environ and os.access(fast, os.W_OK)
    return tempfile.mkdtemp(
        prefix="stoflow-fault-", dir=fast if usable else None
    )


def clear(path):
    shutil.rmtree(path, ignore_errors=True)
