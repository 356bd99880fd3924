# SPDX-License-Identifier: MIT
"""What there may be much of in a root: FILL, by what that is called."""

import os
import re

from bed import OTHER, SELLER
from spool import ACTION, PARAMS, catalogue
from support.case import stamp
from support.cgi import encode

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
TASK = encode({"action": ACTION, "params": PARAMS})
CLAIMED = 1000  # more tasks than any row hands out
LINKS = 30000  # of one file, at most
ID_STEP = 100000  # more than the identifiers of one seller's list span
ID = re.compile(rb'^\{"id":(\d+)')


def link(bed, names, content, *parts):
    """Many names of a few files, where their content does not matter."""
    folder = os.open(bed.root.make(*parts), os.O_RDONLY)
    first = None
    for number, name in enumerate(names):
        if number % LINKS == 0:
            first = name
            flags = os.O_WRONLY | os.O_CREAT
            file = os.open(name, flags, 0o600, dir_fd=folder)
            os.write(file, content)
            os.close(file)
        else:
            os.link(first, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.close(folder)


def drop(bed, count):
    names = [f"drop{n}.json" for n in range(count)]
    bed.root.fill(names, encode(DROP), "pending")


def queue(bed, count, user=SELLER):
    """What is claimed has one name each: a file of several costs more."""
    begin = stamp(-86400)[:9]
    names = [
        f"998-{begin}{n // 10**6:06d}.{n % 10**6:06d}Z-{ACTION}-t{n}.json"
        for n in range(count)
    ]
    bed.root.fill(names[:CLAIMED], TASK, "pending", user)
    link(bed, names[CLAIMED:], TASK, "pending", user)


def schedule(bed, count):
    queue(bed, CLAIMED)
    bed.root.schedule(SELLER, count)


def pace(bed, count):
    queue(bed, CLAIMED)
    bed.root.pace(SELLER, count)


def execute(bed, count, user=SELLER, action=ACTION, content=TASK):
    """Tasks that a plugin has; returns the last one's ID."""
    until, begin = stamp(3600), stamp(-60)
    tasks = [f"run{bed.next()}" for _ in range(count)]
    names = [
        f"{until}-lease{task}-998-{begin}-{action}-{task}.json"
        for task in tasks
    ]
    # One name each: a sweep looks for the other names of a file.
    bed.root.fill(names, content, "executing", user)
    return tasks[-1]


def finish(bed, count, user=SELLER):
    names = (f"done{n}.completed.json" for n in range(count))
    link(bed, names, encode(RECORD), "done", user)


def result(bed, count, user=SELLER, record=None):
    begin = stamp(-60)
    names = (f"{begin}-r{bed.next()}.json" for _ in range(count))
    link(bed, names, encode(record or RECORD), "ingest", user)


def photos(bed, count):
    names = [f"{n:064x}.png" for n in range(count)]
    link(bed, names, b"\x89PNG\r\n\x1a\n", "photos")


def make_users(bed, count):
    for user in range(1000, 1000 + count):
        for place in ("pending", "executing", "done"):
            bed.root.make(place, user)


def list_products(bed, count):
    """A plugin has listed them."""
    task = encode({"action": "get_all_products", "params": {}})
    bed.root.queue(SELLER, 1, "get_all_products", task)
    name = bed.root.ls("pending", SELLER)[0]
    bed.get(f"/api/plugin/tasks?user_id={SELLER}")
    task = name.rpartition("-")[2].removesuffix(".json")
    target = f"/api/plugin/tasks/{task}/result"
    bed.post(target, catalogue(count))
    bed.sweep()


def products(bed, count):
    """Repeats the lines that the programs write, under other identifiers."""
    list_products(bed, min(count, 1595))
    path = bed.root.place("products", f"{SELLER}.ndjson")
    with open(path, "rb") as file:
        lines = file.read().splitlines(True)
    with open(path, "wb") as file:
        for number in range(count):
            copy, place = divmod(number, len(lines))
            old = ID.match(lines[place])[1]
            new = b"%d" % (int(old) + copy * ID_STEP)
            file.write(lines[place].replace(old, new))
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def everything(bed, count):
    """What one seller may pile up beside another; `count` are pending."""
    drop(bed, count // 5)
    queue(bed, count, OTHER)
    finish(bed, count // 10, OTHER)
    result(bed, count // 20, OTHER)


FILL = {
    "drops": drop,
    "pending": queue,
    "scheduled": schedule,
    "paced": pace,
    "executing": execute,
    "done": finish,
    "results": result,
    "photos": photos,
    "users": make_users,
    "products": products,
    "of another's": everything,
}
