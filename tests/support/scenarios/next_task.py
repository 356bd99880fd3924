# SPDX-License-Identifier: MIT
"""Polls."""

from support.case import PARAMS
from support.scenario import Scenario
from support.scenarios.outcomes import both, ends, few, one_of, waiting
from support.scenarios.trees import (
    BACKGROUND,
    STATS,
    VIEWS,
    deep,
    drops,
    indexed,
    nothing,
    overdue,
    overdue_often,
    overdue_unrepeatable,
    quiet,
    some,
    stale,
)
from support.stage import Task

PACE = {"action_get_stats": {"pace": "60"}}
LIMIT = {"action_get_stats": {"max_executing": "1"}}


def unrepeatable_first(stage):
    some(stage)
    stage.queue(Task("upload", "upload_photo", priority=9))


def received(stage):
    some(stage)
    stage.execute(Task("mine", priority=2), lease="receive12345")


def one_drop(user):
    def build(stage):
        quiet(stage)
        drop = {"user_id": 42, "action": "upload_photo", "task_id": "dropped"}
        drop["params"] = PARAMS["upload_photo"]
        stage.drop("shop.json", drop, user, age=30)

    return build


def bad_drop(stage):
    some(stage)
    stage.drop("bad.json", b'{"action": "get_stats"\xff', user=42, age=30)


def two(stage):
    """Two of one action, and one of another."""
    quiet(stage)
    stage.queue(STATS)
    stage.queue(VIEWS)
    stage.queue(Task("data", "get_user_data", priority=0))


def paced(left):
    def build(stage):
        two(stage)
        stage.pace("get_stats", left)

    return build


def limited(stage):
    two(stage)
    stage.execute(Task("running", "get_stats"), lease="running1")


def paused(stage):
    some(stage)
    stage.pause("a captcha")


def paused_empty(stage):
    stage.pause("a captcha")


def scheduled(stage):
    """All that may be fetched stands behind what may not yet."""
    quiet(stage)
    stage.queue(Task("later", priority=9, age=-3600))
    stage.queue(STATS)


def next_task(name, build, more="", **fields):
    target = f"/api/plugin/tasks?user_id=42{more}"
    return Scenario(f"poll: {name}", build, target=target, **fields)


SCENARIOS = (
    next_task("in a root where nothing was", nothing),
    next_task("nothing to do", quiet),
    next_task("a repeatable task", some, offers="stats"),
    next_task(
        "a task that may not be repeated",
        unrepeatable_first,
        offers="upload",
    ),
    next_task(
        "with a receive_id",
        unrepeatable_first,
        more="&receive_id=receive12345",
        offers="upload",
        outcome=one_of(("upload", "stats", "publish"), "executing"),
    ),
    next_task(
        "received before",
        received,
        more="&receive_id=receive12345",
        offers="mine",
    ),
    next_task("drops everywhere", drops, users=(42, 7)),
    next_task("one drop at the top", one_drop(None)),
    next_task("one drop in the folder", one_drop(42)),
    next_task("a bad drop", bad_drop),
    next_task("one is overdue", overdue, offers="again"),
    next_task(
        "one is overdue that may not be repeated",
        overdue_unrepeatable,
        outcome=ends("publish", "failed"),
    ),
    next_task(
        "one is overdue too often",
        overdue_often,
        outcome=ends("stats", "failed"),
    ),
    next_task("a deep queue", deep, deep=True),
    next_task("a deep queue with an index", indexed, deep=True),
    next_task("held, a task is there", some, "&wait=9", offers="stats"),
    next_task("a scheduled task", scheduled, offers="stats", holds=True),
    next_task(
        "a pace, for the first time",
        two,
        sections=PACE,
        offers="stats",
        holds=True,
        outcome=few("get_stats", 1),
    ),
    next_task(
        "a pace, its time has come",
        paced(-5),
        sections=PACE,
        offers="stats",
        holds=True,
        outcome=few("get_stats", 1),
    ),
    next_task(
        "a pace, its time is yet to come",
        paced(50),
        sections=PACE,
        offers="data",
        holds=True,
        outcome=few("get_stats", 0),
    ),
    next_task(
        "a limit that is reached",
        limited,
        sections=LIMIT,
        offers="data",
        holds=True,
        outcome=few("get_stats", 1),
    ),
    next_task("a pause", paused, holds=True, outcome=waiting(2)),
    next_task("a pause and no task", paused_empty, holds=True),
    next_task(
        "expired ones",
        stale,
        offers="stats",
        outcome=both(*(ends(f"stale{n}", "failed") for n in range(3))),
    ),
    next_task("through the dispatcher", some, through="api"),
    next_task("work in the background", drops, sections=BACKGROUND),
)
