# SPDX-License-Identifier: MIT
"""What is done to one task by its name."""

import os

from support.case import stamp
from support.scenario import Scenario, refused
from support.scenarios.outcomes import both, ends, settled
from support.scenarios.trees import (
    PUBLISH,
    STATS,
    VIEWS,
    WARDROBE,
    declared,
    ending,
    finished,
    indexed,
    overdue_ending,
    quiet,
    renewing,
    some,
    unknown,
)

WRONG_LEASE = {"statuses": (409,), "again": (409,)}


def ended_badly(stage):
    """A failure by the plugin's word of what may not be done twice."""
    quiet(stage)
    stage.finish(PUBLISH, success=False)


def succeeded(stage):
    """A success that the catalogue lacks, beside a failure that it outlived,
    with what else a crash can leave."""
    quiet(stage)
    path = stage.finish(VIEWS, result={"views": 7})
    stage.make("ingest", 42)
    stage.make("tmp")
    os.link(path, stage.place("ingest", 42, f"{stamp(-60)}-{VIEWS.id}.json"))
    os.link(path, stage.place("tmp", f"42-{VIEWS.id}.verdict"))
    stage.finish(VIEWS, success=False, declared="timeout")
    stage.put("", "progress", 42, f"{VIEWS.id}.cancel")


def progress(name, build, task_id, **body):
    target = f"/api/plugin/tasks/{task_id}/progress"
    fields = {} if "lease" not in body else WRONG_LEASE
    return Scenario(
        f"progress: {name}",
        build,
        "POST",
        target,
        body=body,
        hints="/spool/(tmp|progress)",
        **fields,
    )


def cancel(name, build, task_id, status=200, **fields):
    fields.setdefault("target", f"/api/tasks/{task_id}/cancel")
    fields.setdefault("method", "POST")
    return Scenario(
        f"cancel: {name}",
        build,
        scope="backend",
        statuses=(status,),
        again=(status,),
        **fields,
    )


def retry(name, build, task_id, force=False, **fields):
    fields.setdefault("again", (200, 409))
    return Scenario(
        f"retry: {name}",
        build,
        "POST",
        f"/api/tasks/{task_id}/retry",
        body={"force": force},
        scope="backend",
        anew=(task_id,),
        **fields,
    )


def settle(name, task_id, **body):
    return Scenario(
        f"settle: {name}",
        unknown,
        "POST",
        f"/api/tasks/{task_id}/settle",
        body=body,
        again=(200, 409),
        outcome=both(
            ends(task_id, "completed" if body["found"] else "failed"),
            settled(task_id, "found" if body["found"] else "not found"),
        ),
    )


SCENARIOS = (
    progress("told", renewing, WARDROBE.id, done=3, message="page 3"),
    progress("of one to be cancelled", ending(WARDROBE), WARDROBE.id),
    progress("wrong lease", renewing, WARDROBE.id, lease="another1"),
    cancel("a waiting task", some, STATS.id, outcome=ends("stats", "failed")),
    cancel(
        "a task in a deep queue",
        indexed,
        "t7",
        deep=True,
        outcome=ends("t7", "failed"),
    ),
    cancel(
        "a running task",
        renewing,
        WARDROBE.id,
        202,
        outcome=ends("wardrobe", "executing"),
    ),
    cancel(
        "by DELETE, once more",
        ending(WARDROBE),
        WARDROBE.id,
        202,
        method="DELETE",
        target=f"/api/tasks/{WARDROBE.id}",
        outcome=ends("wardrobe", "executing"),
    ),
    cancel(
        "an overdue task",
        overdue_ending,
        WARDROBE.id,
        hints="/spool/progress",
        outcome=ends("wardrobe", "failed"),
    ),
    cancel("a finished task", finished, STATS.id, 409),
    retry(
        "a failure",
        ended_badly,
        PUBLISH.id,
        outcome=ends("publish", "pending"),
    ),
    retry(
        "a success, with debris",
        succeeded,
        VIEWS.id,
        outcome=ends("views", "pending"),
    ),
    retry(
        "what may not be repeated",
        declared,
        PUBLISH.id,
        **refused(409),
    ),
    retry(
        "what may not be repeated, by force",
        declared,
        PUBLISH.id,
        True,
        outcome=ends("publish", "pending"),
    ),
    settle("the seller found it", "gone", found=True, item_id=98),
    settle("the seller did not", "lost", found=False),
    Scenario(
        "task: shown",
        renewing,
        target=f"/api/tasks/{WARDROBE.id}",
    ),
)
