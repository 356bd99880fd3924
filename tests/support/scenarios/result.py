# SPDX-License-Identifier: MIT
"""Results that a plugin posts."""

from support.scenario import Scenario, refused
from support.scenarios.outcomes import both, catalogue, ends, one_listing
from support.scenarios.trees import (
    ALL_PRODUCTS,
    BACKGROUND,
    IDS,
    LARGE_IDS,
    PUBLISH,
    STATS,
    USER_DATA,
    VIEWS,
    WARDROBE,
    WHO,
    declared,
    ending,
    executing,
    finished,
    large,
    some,
)
from support.stage import Task

LISTING = Task("listing", "create_product", params={"title": "a coat"})
NO_TAB = {"success": False, "error": "no tab of Vinted is open"}
BLOCKED = {"status": 403, "data": "captcha"}
FAILED = {"success": False, "error": "the session has expired"}
# What the plugin said, for whoever asks why the task waits: it is written to
# tmp/, and never flushed.
NOTED = r"/spool/progress|^close\(\d+<.*/spool/tmp/"


def requeued(stage):
    some(stage)
    stage.queue(WARDROBE, requeued=1)


def result(name, build, task_id, data=None, **fields):
    body = {
        "success": True,
        "data": data,
        "execution_time_ms": 15000,
        "executed_at": "2024-12-07T10:00:15Z",
    }
    body.update(fields.pop("members", {}))
    target = f"/api/plugin/tasks/{task_id}/result"
    return Scenario(
        f"result: {name}", build, "POST", target, body=body, **fields
    )


SCENARIOS = (
    result(
        "a success",
        executing(LISTING),
        LISTING.id,
        {"item": {"id": 789456, "title": "a shirt"}},
        outcome=both(ends("listing", "completed"), catalogue(789456)),
    ),
    result(
        "a failure",
        executing(VIEWS),
        VIEWS.id,
        members=FAILED,
        outcome=ends("views", "failed"),
    ),
    result(
        "all products",
        executing(WARDROBE),
        WARDROBE.id,
        ALL_PRODUCTS,
        outcome=both(ends("wardrobe", "completed"), catalogue(*IDS)),
    ),
    result(
        "a success, and a large catalogue",
        large(executing(LISTING)),
        LISTING.id,
        {"item": {"id": 789456, "title": "a shirt"}},
        sections=BACKGROUND,
        outcome=both(
            ends("listing", "completed"), catalogue(789456, *LARGE_IDS)
        ),
    ),
    result(
        "late, the task waits again",
        requeued,
        WARDROBE.id,
        ALL_PRODUCTS,
        outcome=both(ends("wardrobe", "completed"), catalogue(*IDS)),
    ),
    result(
        "late, the task was declared failed",
        declared,
        PUBLISH.id,
        {"item": {"id": 789456, "title": "a shirt"}},
        outcome=both(ends("publish", "completed"), catalogue(789456)),
    ),
    result(
        "late, and a failure too",
        declared,
        PUBLISH.id,
        members=FAILED,
        outcome=ends("publish", "failed"),
    ),
    result("repeated", finished, STATS.id, {"views": 7}),
    result(
        "contradicting",
        finished,
        STATS.id,
        members=FAILED,
        **refused(409),
    ),
    result(
        "under a wrong lease",
        executing(WARDROBE),
        WARDROBE.id,
        ALL_PRODUCTS,
        members={"lease": "another1"},
        **refused(409),
    ),
    result("unknown", some, "nobody", **refused(404)),
    result(
        "through the dispatcher",
        executing(WARDROBE),
        WARDROBE.id,
        ALL_PRODUCTS,
        through="api",
        outcome=ends("wardrobe", "completed"),
    ),
    result(
        "work in the background",
        executing(WARDROBE),
        WARDROBE.id,
        ALL_PRODUCTS,
        sections=BACKGROUND,
        outcome=both(ends("wardrobe", "completed"), catalogue(*IDS)),
    ),
    result(
        "a failure worth a retry",
        executing(LISTING),
        LISTING.id,
        members=NO_TAB,
        put_off=True,
        hints=NOTED,
        anew=(LISTING.id,),
        outcome=ends("listing", "pending"),
    ),
    result(
        "a failure worth a retry, the task waits already",
        requeued,
        WARDROBE.id,
        members=NO_TAB,
        put_off=True,
        outcome=ends("wardrobe", "pending"),
    ),
    result(
        "a failure worth a retry, but its end was asked for",
        ending(WARDROBE),
        WARDROBE.id,
        members=NO_TAB,
        hints=NOTED,
        outcome=ends("wardrobe", "failed"),
    ),
    result(
        "that pauses the queue",
        executing(WARDROBE),
        WARDROBE.id,
        BLOCKED,
        hints="/spool/(tmp|pending/42)",
        outcome=ends("wardrobe", "completed"),
    ),
    result(
        "of who the seller is, and a sync follows",
        executing(WHO),
        WHO.id,
        USER_DATA,
        outcome=both(ends("next", "pending"), one_listing),
    ),
)
