# SPDX-License-Identifier: MIT
"""What is asked of a root: ASK, by the names of the rows. Each returns what
bed.run tells."""

import contextlib
import os
from functools import partial

from bed import SELLER
from fill import RECORD, execute, result
from spool import ACTION, PARAMS

STATS = {"item_id": 7750000000, "view_count": 3}  # of a product that is there


def poll(bed):
    return bed.get(f"/api/plugin/tasks?user_id={SELLER}")


def claim(bed):
    """As many are pending afterwards as before."""
    create(bed)
    return poll(bed)


def claim_anew(bed):
    """Without what was known of the queue."""
    create(bed)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(bed.root.place("index", f"{SELLER}.queue"))
    return poll(bed)


def claim_dropped(bed):
    """Behind a file that somebody put into the queue."""
    task = {"action": ACTION, "params": PARAMS, "priority": 1}
    bed.root.drop(f"by-hand-{bed.next()}.json", task, SELLER)
    return poll(bed)


def status(bed):
    return bed.get(f"/api/plugin/status?user_id={SELLER}")


def health(bed):
    return bed.get("/api/health", bed.root.backend)


def own_health(bed):
    return bed.get("/api/health")


def create(bed):
    task = {"user_id": SELLER, "action": ACTION, "params": PARAMS}
    task["task_id"] = f"new{bed.next()}"
    return bed.post("/api/tasks/create", task, bed.root.backend)


def unknown(bed):
    return bed.get(f"/api/tasks/nowhere?user_id={SELLER}")


def unknown_to_all(bed):
    return bed.get("/api/tasks/nowhere", bed.root.backend)


def result_known(bed):
    """To a task that a plugin has; as many are left as there were."""
    task = execute(bed, 1)
    body = {"success": True, "data": {}, "execution_time_ms": 1}
    return bed.post(f"/api/plugin/tasks/{task}/result", body)


def sync(bed):
    return bed.post("/api/sync/vinted", {"user_id": SELLER})


def page(status, bed):
    return bed.get(f"/api/tasks?user_id={SELLER}&limit=20&status={status}")


def products(bed):
    return bed.get(f"/api/products?user_id={SELLER}")


def sweep(bed):
    return bed.sweep()


def look_at_photos(bed):
    """Which is done once an hour."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(bed.root.place("index", "photos.pruned"))
    return bed.sweep()


def take_in(bed):
    """One result of a product, into a catalogue."""
    result(bed, 1, record={**RECORD, "user_id": SELLER, "result": STATS})
    return bed.sweep()


ASK = {
    "empty poll": poll,
    "claim": claim,
    "claim, no index": claim_anew,
    "claim, a file dropped": claim_dropped,
    "status": status,
    "health": health,
    "own health": own_health,
    "create with task_id": create,
    "unknown ID": unknown,
    "unknown ID, token *": unknown_to_all,
    "result": result_known,
    "sync": sync,
    "tasks?status=pending": partial(page, "pending"),
    "tasks?status=completed": partial(page, "completed"),
    "products": products,
    "sweep": sweep,
    "sweep with photos": look_at_photos,
    "one result taken in": take_in,
}
