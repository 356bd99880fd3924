#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""growth.py [WORD…]: what one request costs with 10 of a thing and with many.

Without words all rows, else those that have one of the words in their name.
Run by itself it takes TMPDIR for its roots; on tmpfs it tells computing alone.
"""

import os
import subprocess
import sys
import time

from driver import rounds
from spool import ACTION, PARAMS, Bench, scaled
from support.case import stamp
from support.cgi import Direct, encode, program, program_of
from table import row, section

SELLER, OTHER, FEW = 42, 43, 10
DROP = {"user_id": OTHER, "action": "get_stats", "params": {"item_id": 1}}
RECORD = {
    "task_id": "0",
    "user_id": OTHER,
    "action": "get_stats",
    "params": {"item_id": 1},
    "status": "completed",
    "result": {"item_id": 1, "view_count": 3},
    "error": None,
}
CLAIMED = 1000  # more tasks than any row hands out


class Bed:
    """A root that is filled, and requests to it."""

    def __init__(self):
        self.root = Bench(background="no", sweep_every=86400)
        self.direct = Direct(self.root, os.path.dirname(program("x")))
        self.number = 0

    def cost(self, method, target, body=None, token=None):
        """Seconds of processor time and of waiting that one request takes."""
        body = encode(body)
        env = self.direct.environment(method, target, body, token)
        path = program(program_of(target.partition("?")[0]))
        return self.run([path], env, body)

    def run(self, command, env, body=b""):
        begin = time.monotonic()
        child = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        child.stdin.write(body)
        child.stdin.close()
        answer = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        took = time.monotonic() - begin
        child.returncode = status
        child.stdout.close()
        if status != 0 or answer.startswith(b"Status: 5"):
            raise AssertionError(f"{command}: {status} {answer[:300]!r}")
        return used.ru_utime + used.ru_stime, took

    # --- What there may be much of ------------------------------------------

    def link(self, names, content, *parts):
        """Many names of a few files, where their content does not matter."""
        folder = os.open(self.root.make(*parts), os.O_RDONLY)
        first = None
        for number, name in enumerate(names):
            if number % 30000 == 0:
                first = name
                file = os.open(
                    name, os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder
                )
                os.write(file, content)
                os.close(file)
            else:
                os.link(first, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.close(folder)

    def drop(self, count):
        names = [f"drop{n}.json" for n in range(count)]
        self.root.fill(names, encode(DROP), "pending")

    def queue(self, count, user=SELLER):
        """What is claimed has one name each: a file of several costs more."""
        begin = stamp(-86400)[:9]
        content = encode({"action": ACTION, "params": PARAMS})
        names = [
            f"998-{begin}{n // 10**6:06d}.{n % 10**6:06d}Z-{ACTION}-t{n}.json"
            for n in range(count)
        ]
        self.root.fill(names[:CLAIMED], content, "pending", user)
        self.link(names[CLAIMED:], content, "pending", user)

    def execute(self, count, user=SELLER):
        until, begin = stamp(3600), stamp(-60)
        self.link(
            (
                f"{until}-lease{n}-998-{begin}-{ACTION}-run{n}.json"
                for n in range(count)
            ),
            encode({"action": ACTION, "params": PARAMS}),
            "executing",
            user,
        )

    def finish(self, count, user=SELLER):
        names = (f"done{n}.completed.json" for n in range(count))
        self.link(names, encode(RECORD), "done", user)

    def result(self, count, user=SELLER):
        begin = stamp(-60)
        names = (f"{begin}-r{n}.json" for n in range(count))
        self.link(names, encode(RECORD), "ingest", user)

    def photos(self, count):
        names = [f"{n:064x}.png" for n in range(count)]
        self.link(names, b"\x89PNG\r\n\x1a\n", "photos")

    def users(self, count):
        for user in range(1000, 1000 + count):
            for place in ("pending", "executing", "done"):
                self.root.make(place, user)

    # --- What is asked ------------------------------------------------------

    def poll(self, user=SELLER):
        return self.cost(
            "GET",
            f"/api/plugin/tasks?user_id={user}",
            token=self.root.plugin(user),
        )

    def claim(self):
        return self.poll()

    def status(self):
        return self.cost(
            "GET",
            f"/api/plugin/status?user_id={SELLER}",
            token=self.root.plugin(SELLER),
        )

    def health(self):
        return self.cost("GET", "/api/health", token=self.root.backend)

    def own_health(self):
        token = self.root.plugin(SELLER)
        return self.cost("GET", "/api/health", token=token)

    def create(self, user=SELLER):
        self.number += 1
        task = {"user_id": user, "action": ACTION, "params": PARAMS}
        task["task_id"] = f"new{self.number}"
        return self.cost(
            "POST", "/api/tasks/create", task, token=self.root.backend
        )

    def unknown(self):
        target = f"/api/tasks/nowhere?user_id={SELLER}"
        return self.cost("GET", target, token=self.root.plugin(SELLER))

    def unknown_to_all(self):
        target = "/api/tasks/nowhere"
        return self.cost("GET", target, token=self.root.backend)

    def result_known(self):
        """To a task that a plugin has."""
        name = self.root.ls("executing", SELLER)[-1]
        task = name.split("-")[-1][: -len(".json")]
        body = {"success": True, "data": {}, "execution_time_ms": 1}
        target = f"/api/plugin/tasks/{task}/result"
        return self.cost("POST", target, body, self.root.plugin(SELLER))

    def sync(self):
        return self.cost(
            "POST",
            "/api/sync/vinted",
            {"user_id": SELLER},
            token=self.root.plugin(SELLER),
        )

    def page(self, status):
        target = f"/api/tasks?user_id={SELLER}&limit=20&status={status}"
        return self.cost("GET", target, token=self.root.plugin(SELLER))

    def pending_page(self):
        return self.page("pending")

    def done_page(self):
        return self.page("completed")

    def products(self):
        target = f"/api/products?user_id={SELLER}"
        return self.cost("GET", target, token=self.root.plugin(SELLER))

    def sweep(self):
        env = {"STOFLOW_ROOT": self.root.path}
        return self.run([program("sweeper")], env)

    def look_at_photos(self):
        path = self.root.place("index", "photos.pruned")
        if os.path.exists(path):
            os.unlink(path)
        return self.sweep()


# What grows, by how much; what is asked then; samples at the most.
ROWS = [
    ("drops", 200000, Bed.drop, [("empty poll", Bed.poll, 40)]),
    (
        "pending",
        1000000,
        Bed.queue,
        [
            ("status", Bed.status, 20),
            ("health", Bed.health, 20),
            ("own health", Bed.own_health, 20),
            ("claim", Bed.claim, 20),
            ("create with task_id", Bed.create, 20),
            ("unknown ID", Bed.unknown, 20),
            ("sync", Bed.sync, 20),
            ("tasks?status=pending", Bed.pending_page, 20),
            ("sweep", Bed.sweep, 2),
        ],
    ),
    (
        "executing",
        100000,
        Bed.execute,
        [
            ("empty poll", Bed.poll, 20),
            ("result", Bed.result_known, 20),
            ("unknown ID", Bed.unknown, 20),
        ],
    ),
    ("done", 100000, Bed.finish, [("tasks?status=done", Bed.done_page, 20)]),
    ("results", 50000, Bed.result, [("sync", Bed.sync, 1)]),
    ("photos", 300000, Bed.photos, [("sweep", Bed.look_at_photos, 5)]),
    (
        "users",
        20000,
        Bed.users,
        [
            ("unknown ID, token *", Bed.unknown_to_all, 20),
            ("health", Bed.health, 20),
            ("sweep", Bed.sweep, 2),
        ],
    ),
]


def fill_for_other(bed):
    """What one seller may pile up."""
    bed.drop(scaled(200000))
    bed.queue(scaled(1000000), OTHER)
    bed.finish(scaled(100000), OTHER)
    bed.result(scaled(50000), OTHER)


NEIGHBOUR = [
    ("empty poll", Bed.poll, 40),
    ("create with task_id", Bed.create, 40),
    ("products", Bed.products, 40),
]


def compare(few, many, asked, what):
    """The same request to both, in turns, after one that is not counted: who
    comes first reads the folder."""
    for name, ask, most in asked:
        for bed in (few, many):
            ask(bed)
        samples = {bed: [] for bed in (few, many)}
        for _ in rounds(most):
            for bed in samples:
                samples[bed].append(ask(bed))
        for kind, place in (("processor", 0), ("waiting", 1)):
            base = row(f"{name}, {kind}", [s[place] for s in samples[few]])
            row(what, [s[place] for s in samples[many]], base, most=1.5)


def beside(few, many, title, asked, what):
    """Fills two roots and compares them; `few` and `many` fill."""
    section(title)
    beds = Bed(), Bed()
    try:
        few(beds[0])
        many(beds[1])
        compare(*beds, asked, what)
    finally:
        for bed in beds:
            subprocess.run(["rm", "-rf", bed.root.path], check=True)


def growth(words=()):
    for what, full, fill, asked in ROWS:
        count = scaled(full)
        if not words or what in words:
            beside(
                lambda bed, fill=fill: fill(bed, FEW),
                lambda bed, fill=fill, count=count: fill(bed, count),
                f"{count:,} {what}, beside {FEW}",
                asked,
                f"  with {count:,} {what}",
            )
    if not words or "neighbour" in words:
        beside(
            lambda _: None,
            fill_for_other,
            "A seller beside another who has piled up everything",
            NEIGHBOUR,
            "  beside that",
        )


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    growth(sys.argv[1:])
