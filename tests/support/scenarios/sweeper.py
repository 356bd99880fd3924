# SPDX-License-Identifier: MIT
"""Sweeps."""

import json
import os

from support.images import PNG, name_of, png
from support.scenario import Scenario
from support.scenarios.outcomes import (
    both,
    catalogue,
    ends,
    one_listing,
    settled,
    stored,
)
from support.scenarios.result import result
from support.scenarios.trees import (
    IDS,
    LARGE_IDS,
    PUBLISH,
    STATS,
    WARDROBE,
    asked,
    drops,
    large,
    nothing,
    overdue,
    overdue_ending,
    overdue_often,
    overdue_unrepeatable,
    quiet,
    some,
    stale,
    to_ingest,
    to_settle,
    with_photo,
)
from support.stage import DAY, Task


def all_overdue(stage):
    overdue(stage)
    overdue_unrepeatable(stage)
    overdue_often(stage)
    stage.execute(Task("foreign", user=7), left=-30)


def old_photos(stage):
    """Photos that were stored long ago, and one that was not."""
    with_photo(stage)
    for number in range(3):
        image = png(seed=b"%d" % number)
        path = stage.put(image, "photos", name_of(image, "png"))
        stage.set_age(path, 40 * DAY)


def to_prune(stage):
    some(stage)
    stage.finish(Task("ancient"), age=3 * DAY)
    stage.finish(Task("failed", user=7), success=False, age=3 * DAY)
    for name in ("1.2.0", "42-gone.hold"):
        stage.set_age(stage.put("half a rec", "tmp", name), 2 * DAY)
    why = stage.put("a reason without its file", "rejected", "gone.json.why")
    stage.set_age(why, 2 * DAY)


def crashed(stage):
    """What a killed program can leave, and what a file system can."""
    quiet(stage)
    record = json.dumps(PUBLISH.record("completed", 60))
    stage.execute(PUBLISH)
    stage.put(record, "tmp", "1766.99.0")
    os.link(
        stage.place("tmp", "1766.99.0"),
        stage.place("tmp", "42-publish.verdict"),
    )
    stage.execute(STATS)
    stage.finish(STATS)
    stage.execute(WARDROBE)
    stage.queue(WARDROBE)


def outlived(stage):
    """A finished task that still has an entry in pending/, and a declared
    failure beside the success that came late."""
    quiet(stage)
    stage.queue(STATS)
    stage.finish(STATS, success=False)
    stage.finish(PUBLISH)
    stage.finish(PUBLISH, success=False, declared="timeout")


def forgotten(stage):
    """What was said of tasks that are not executing, and of one that came back
    from its plugin."""
    some(stage)
    stage.queue(WARDROBE, requeued=1)
    for name in (f"{WARDROBE.id}.cancel", "finished.cancel", "nobody.cancel"):
        stage.put("", "progress", 42, name)
    stage.put({"lease": "x"}, "progress", 42, "finished.json")
    stage.put({"lease": "x"}, "progress", 42, "running.json")


def sweep(name, build, **fields):
    return Scenario(
        f"sweeper: {name}",
        build,
        target="/api/sweeper",
        scope="cron",
        users=(42, 7),
        **fields,
    )


SCENARIOS = (
    sweep("nothing was", nothing),
    sweep(
        "what was said",
        forgotten,
        outcome=ends("wardrobe", "failed"),
    ),
    sweep(
        "overdue, its end was asked for",
        overdue_ending,
        outcome=ends("wardrobe", "failed"),
    ),
    sweep("nothing to do", some),
    sweep("drops", drops),
    sweep("overdue", all_overdue, outcome=ends("publish", "failed")),
    sweep(
        "unfetched",
        some,
        sections={"all": {"expire": "60"}},
        holds=True,
        outcome=ends("stats", "failed"),
    ),
    sweep(
        "expired by themselves",
        stale,
        outcome=both(*(ends(f"stale{n}", "failed") for n in range(3))),
    ),
    sweep("results", to_ingest, outcome=catalogue(99, *IDS)),
    sweep(
        "results, and a large catalogue",
        large(to_ingest),
        outcome=catalogue(99, *IDS, *LARGE_IDS),
    ),
    sweep(
        "settles what was unknown",
        to_settle,
        outcome=both(
            ends("lost", "completed"),
            ends("gone", "failed"),
            settled("lost", "found"),
            settled("gone", "not found"),
            catalogue(99),
        ),
    ),
    sweep("old photos", old_photos, outcome=stored(PNG)),
    sweep("a sync follows", asked, outcome=one_listing),
    sweep(
        "pruning",
        to_prune,
        sections={"queue": {"keep_done": "1"}},
        pruned=("ancient", "failed"),
    ),
    sweep("left by crashes", crashed, outcome=ends("publish", "completed")),
    sweep(
        "entries of finished tasks",
        outlived,
        outcome=ends("publish", "completed"),
    ),
    Scenario(
        "sweeper: from the shell",
        all_overdue,
        "SHELL",
        through="sweeper",
        users=(42, 7),
    ),
    Scenario(
        "sweeper: from the shell, dry",
        all_overdue,
        "SHELL",
        through="sweeper",
        argv=("--dry-run",),
        dry=True,
        users=(42, 7),
    ),
)
