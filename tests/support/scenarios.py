# SPDX-License-Identifier: MIT
"""Every kind of request to every program, each with a tree it works on."""

import json
import os
import time

from support.case import GUIDE_PRODUCTS, PARAMS, iso, stamp
from support.images import PNG, encode, name_of, png
from support.scenario import Scenario, poll
from support.stage import DAY, Task

IDS = sorted(product["id"] for product in GUIDE_PRODUCTS)
ALL_PRODUCTS = {"products": GUIDE_PRODUCTS, "total": len(GUIDE_PRODUCTS)}
DEEP = 600  # queued names: enough to be worth an index
USER_DATA = {"user_id": 29535217, "login": "shop.ton.outfit"}
SHIRT = {**PARAMS["create_product"], "title": "a shirt"}
STATS = Task("stats", priority=5)
PUBLISH = Task("publish", "create_product", params={"title": "a shirt"})
LISTING = Task("listing", "create_product", params={"title": "a coat"})
VIEWS = Task("views", "get_stats", params={"item_id": 99})
WARDROBE = Task("wardrobe", "get_all_products", params={"user_id": 29535217})


WHO = Task(
    "who",
    "get_user_data",
    params={},
    wishes={
        "then": {
            "action": "get_all_products",
            "task_id": "next",
            "priority": 7,
        }
    },
)


# --- Trees ------------------------------------------------------------------
def nothing(stage):
    """A root in which no program has run."""
    del stage


def quiet(stage):
    """A user whose queue is empty."""
    stage.make("pending", 42)
    stage.make("executing", 42)
    for name in ("done", "ingest", "progress", "rejected", "products"):
        stage.make(name)
    for name in ("users", "index", "tmp", "log"):
        stage.make(name)


def some(stage):
    """A little of everything that a user may have."""
    quiet(stage)
    stage.queue(STATS)
    stage.queue(PUBLISH)
    stage.execute(Task("running", "update_product"), lease="running1")
    stage.finish(Task("finished", "delete_product"))
    stage.queue(Task("foreign", user=7))


def unrepeatable_first(stage):
    some(stage)
    stage.queue(Task("upload", "upload_photo", priority=9))


def received(stage):
    some(stage)
    stage.execute(Task("mine", priority=2), lease="receive12345")


def drops(stage):
    """Files that a person has put into both places, one of them no JSON."""
    some(stage)
    root = {"user_id": 42, "action": "get_stats", "params": {"item_id": 1}}
    user = {"action": "create_product", "params": SHIRT}
    other = {"user_id": 7, "action": "get_stats", "params": {"item_id": 7}}
    twin = {"task_id": "finished", "action": "get_stats"}
    stage.drop("root.json", root, age=30)
    stage.drop("other.json", other, age=30)
    stage.drop("user.json", user, user=42, age=30)
    stage.drop("bad.json", '{"action": "get_st', user=42, age=30)
    stage.drop("twin.json", {**twin, "params": {"item_id": 2}}, 42, age=30)


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


def overdue(stage):
    quiet(stage)
    stage.execute(Task("again", "get_all_products"), left=-30)


def overdue_unrepeatable(stage):
    quiet(stage)
    stage.execute(PUBLISH, left=-30)


def overdue_often(stage):
    quiet(stage)
    stage.execute(STATS, left=-30, requeued=3)


def all_overdue(stage):
    overdue(stage)
    overdue_unrepeatable(stage)
    overdue_often(stage)
    stage.execute(Task("foreign", user=7), left=-30)


def deep(stage):
    quiet(stage)
    for number in range(DEEP):
        stage.queue(Task(f"t{number}", age=600 + number, priority=number % 3))


def indexed(stage):
    """As a poll leaves a deep queue."""
    deep(stage)
    assert poll(stage, 42).json["task_id"]
    stage.let_leases_end(-3600)


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


def stale(stage):
    """Some that nobody may fetch any more stand before one that may be."""
    quiet(stage)
    for number in range(3):
        wishes = {"expires_in": 60}
        stage.queue(Task(f"stale{number}", priority=9, wishes=wishes))
    stage.queue(STATS)


def executing(task):
    def build(stage):
        some(stage)
        stage.execute(task)

    return build


def requeued(stage):
    some(stage)
    stage.queue(WARDROBE, requeued=1)


def declared(stage):
    quiet(stage)
    record = {"error": "no result in time", "declared": "timeout"}
    stage.finish(PUBLISH, success=False, **record)


def known_seller(stage):
    """A seller whose number on Vinted is on record."""
    some(stage)
    seller = {"user_id": 42, "vinted_user_id": 29535217}
    stage.put(
        json.dumps({**seller, "updated_at": iso(-60)}), "users", "42.json"
    )


def syncing(stage):
    """A sync that waits for who the seller is."""
    quiet(stage)
    stage.queue(WHO)


def asked(stage):
    """The seller is known, but not to us: the result waits in ingest/."""
    quiet(stage)
    path = stage.finish(WHO, age=100, result=USER_DATA)
    stage.make("ingest", 42)
    name = f"{stamp(-100)}-{WHO.id}.json"
    os.link(path, stage.place("ingest", 42, name))


def with_photo(stage):
    """A photo that was stored a while ago."""
    some(stage)
    stage.set_age(stage.put(PNG, "photos", name_of(PNG, "png")), DAY)


def old_photos(stage):
    """Photos that were stored long ago, and one that was not."""
    with_photo(stage)
    for number in range(3):
        image = png(seed=b"%d" % number)
        path = stage.put(image, "photos", name_of(image, "png"))
        stage.set_age(path, 40 * DAY)


def finished(stage):
    quiet(stage)
    stage.finish(STATS, result={"views": 7})


def to_ingest(stage):
    """Results that the catalogue has yet to take in."""
    quiet(stage)
    results = {
        "get_user_data": USER_DATA,
        "get_all_products": ALL_PRODUCTS,
        "create_product": {"item": {"id": 99, "title": "new"}},
        "delete_product": {"success": True},
    }
    for number, (action, result) in enumerate(results.items()):
        deleted = {"item_id": 123456} if action == "delete_product" else {}
        task = Task(f"i{number}", action, params=deleted)
        path = stage.finish(task, age=100 - number, result=result)
        stage.make("ingest", 42)
        name = f"{stamp(-100 + number)}-{task.id}.json"
        os.link(path, stage.place("ingest", 42, name))


def catalogued(stage):
    """A catalogue that was found sorted never before."""
    some(stage)
    lines = [f'{{"id":{number},"title":"a shirt"}}' for number in IDS]
    path = stage.put("\n".join(lines) + "\n", "products", "42.ndjson")
    stage.set_age(path, 600)


def connected(stage):
    """A plugin polls, as far as its stamp tells."""
    some(stage)
    path = stage.put("", "index", "42.seen")
    os.utime(path, (time.time() - 60, time.time() + 80))


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


def renewing(stage):
    """A task of which its plugin has said something."""
    executing(WARDROBE)(stage)
    said = {"lease": "abcdefgh12345678", "done": 1, "total": 2}
    said.update(message=None, at=iso(-1))
    stage.put(said, "progress", 42, f"{WARDROBE.id}.json")


def ending(task):
    """A task in the hands of a plugin, whose end was asked for."""

    def build(stage):
        executing(task)(stage)
        stage.put("", "progress", 42, f"{task.id}.cancel")

    return build


def overdue_ending(stage):
    quiet(stage)
    stage.execute(WARDROBE, left=-30)
    stage.put("", "progress", 42, f"{WARDROBE.id}.cancel")


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


def forgotten(stage):
    """What was said of tasks that are not executing, and of one that came back
    from its plugin."""
    some(stage)
    stage.queue(WARDROBE, requeued=1)
    for name in (f"{WARDROBE.id}.cancel", "finished.cancel", "nobody.cancel"):
        stage.put("", "progress", 42, name)
    stage.put({"lease": "x"}, "progress", 42, "finished.json")
    stage.put({"lease": "x"}, "progress", 42, "running.json")


# --- What must have come of it ----------------------------------------------
def ends(task_id, state):
    """The task stands so in the end."""

    def check(stage, tree):
        del stage
        task = tree.tasks.get((42, task_id))
        if task is None or task.state != state:
            return [f"want {task_id} {state}, have {task}"]
        return []

    return check


def catalogue(*ids):
    """These products are in the catalogue in the end."""

    def check(stage, tree):
        del tree
        if not stage.exists("products", "42.ndjson"):
            return ["there is no catalogue"]
        lines = stage.read("products", "42.ndjson").splitlines()
        have = [json.loads(line)["id"] for line in lines]
        return [f"{i} is not in the catalogue" for i in ids if i not in have]

    return check


def one_listing(stage, tree):
    """There is one get_all_products, and it asks for the right wardrobe."""
    del stage
    found = [t for t in tree.tasks.values() if t.action == "get_all_products"]
    if len(found) != 1:
        return [f"want one listing, have {found}"]
    want = {"user_id": USER_DATA["user_id"]}
    params = found[0].record["params"]
    return [] if params == want else [f"want {want}, have {params}"]


def stored(image):
    """The photo is there in the end."""

    def check(stage, tree):
        del tree
        there = stage.exists("photos", name_of(image, "png"))
        return [] if there else ["the photo is not there"]

    return check


def with_url(stage, tree):
    """What was created tells where its photo is."""
    del stage
    wrong = []
    for task in tree.tasks.values():
        if task.action == "upload_photo":
            url = task.record["params"].get("photo_url", "")
            if not url.endswith("/api/photos/" + name_of(PNG, "png")):
                wrong.append(f"{task.id} has {task.record['params']}")
    return wrong


def waiting(count):
    """So many tasks of the user are waiting in the end."""

    def check(stage, tree):
        del stage
        have = [t.name for t in tree.in_state("pending") if t.user == 42]
        return [] if len(have) == count else [f"want {count}, have {have}"]

    return check


def few(action, most):
    """No more than so many of an action were handed out."""

    def check(stage, tree):
        del stage
        done = tree.in_state("executing", "completed", "failed")
        have = [task.id for task in done if task.action == action]
        return [] if len(have) <= most else [f"too many at once: {have}"]

    return check


def both(*checks):
    def check(stage, tree):
        return [text for each in checks for text in each(stage, tree)]

    return check


# --- Requests ---------------------------------------------------------------
def create(name, build, **fields):
    """A task by the API."""
    body = fields.pop("body", None)
    if body is None:
        body = {"user_id": 42, "action": "create_product"}
        body["params"] = SHIRT
        body.update(fields.pop("members", {}))
    fields.setdefault("target", "/api/tasks/create")
    fields.setdefault("statuses", (201,))
    fields.setdefault("again", (201,))
    return Scenario(
        f"create: {name}", build, "POST", body=body, scope="backend", **fields
    )


def next_task(name, build, more="", **fields):
    target = f"/api/plugin/tasks?user_id=42{more}"
    return Scenario(f"poll: {name}", build, target=target, **fields)


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


def sync(name, build, **fields):
    return Scenario(
        f"sync: {name}",
        build,
        "POST",
        "/api/sync/vinted",
        body={"user_id": 42},
        **fields,
    )


def photo(name, build, **fields):
    """An image that is stored. Asked again, it may be there already."""
    fields.setdefault("body", PNG)
    fields.setdefault("scope", "backend")
    fields.setdefault("statuses", (201,))
    fields.setdefault("again", (200, 201))
    return Scenario(
        f"photos: {name}",
        build,
        "POST",
        "/api/photos",
        outcome=stored(PNG),
        **fields,
    )


def sweep(name, build, **fields):
    return Scenario(
        f"sweeper: {name}",
        build,
        target="/api/sweeper",
        scope="cron",
        users=(42, 7),
        **fields,
    )


def execute(name, build, **fields):
    """A command that nobody waits for longer than one look."""
    body = {"action": "EXECUTE_HTTP_REQUEST"}
    body["request"] = {"url": "https://www.vinted.fr/", "method": "POST"}
    fields.setdefault("body", body)
    return Scenario(
        f"execute: {name}",
        build,
        "POST",
        "/api/plugin/execute?user_id=42&timeout=0",
        scope="backend",
        **fields,
    )


PACE = {"action_get_stats": {"pace": "60"}}
LIMIT = {"action_get_stats": {"max_executing": "1"}}
NAMED = {"task_id": "named-1"}
WRONG_LEASE = {"statuses": (409,), "again": (409,)}
NO_TAB = {"success": False, "error": "no tab of Vinted is open"}
BLOCKED = {"status": 403, "data": "captcha"}
FAILED = {"success": False, "error": "the session has expired"}
BACKGROUND = {"queue": {"background": "yes", "sweep_every": "1"}}

SCENARIOS = (
    create("in a root where nothing was", nothing),
    create("beside others", some),
    create(
        "in the guide's form",
        some,
        target="/api/plugin/tasks/create?user_id=42&action=get_stats",
        body={"item_id": 123456},
    ),
    create(
        "with an id",
        some,
        members=NAMED,
        again=(201, 409),
        outcome=ends("named-1", "pending"),
    ),
    create(
        "with an Idempotency-Key",
        some,
        headers={"Idempotency-Key": "order 66"},
        outcome=waiting(3),
    ),
    create(
        "with the id of a waiting task",
        some,
        members={"task_id": STATS.id},
        statuses=(409,),
        again=(409,),
    ),
    create(
        "with the id of a running task",
        some,
        members={"task_id": "running"},
        statuses=(409,),
        again=(409,),
    ),
    create(
        "with the id of a finished task",
        some,
        members={"task_id": "finished"},
        statuses=(409,),
        again=(409,),
    ),
    create(
        "refused as malformed",
        some,
        members={"priority": "high"},
        statuses=(422,),
        again=(422,),
    ),
    create(
        "with its photo",
        some,
        body={
            "user_id": 42,
            "action": "upload_photo",
            "params": {"item_id": 5, "photo_data": encode(PNG)},
        },
        outcome=both(stored(PNG), with_url),
    ),
    create("on a deep queue", deep, deep=True),
    create("on a deep queue with an index", indexed, deep=True),
    create("through the dispatcher", some, through="api"),
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
        outcome=ends("upload", "executing"),
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
        statuses=(409,),
        again=(409,),
    ),
    result(
        "under a wrong lease",
        executing(WARDROBE),
        WARDROBE.id,
        ALL_PRODUCTS,
        members={"lease": "another1"},
        statuses=(409,),
        again=(409,),
    ),
    result("unknown", some, "nobody", statuses=(404,), again=(404,)),
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
        hints="/spool/progress",
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
        statuses=(409,),
        again=(409,),
    ),
    retry(
        "what may not be repeated, by force",
        declared,
        PUBLISH.id,
        True,
        outcome=ends("publish", "pending"),
    ),
    Scenario(
        "task: shown",
        renewing,
        target=f"/api/tasks/{WARDROBE.id}",
    ),
    result(
        "of who the seller is, and a sync follows",
        executing(WHO),
        WHO.id,
        USER_DATA,
        outcome=both(ends("next", "pending"), one_listing),
    ),
    sync("of a seller who is known", known_seller, outcome=one_listing),
    sync("of one who is not, where nothing was", nothing, outcome=waiting(1)),
    sync("under way", syncing, outcome=waiting(1)),
    sync("under way, its result is in", asked, outcome=one_listing),
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
    photo("in a root where nothing was", nothing),
    photo("beside others", some),
    photo("that is there already", with_photo, statuses=(200,)),
    photo("in base64", some, body={"content": encode(PNG)}),
    Scenario(
        "photos: one is served",
        with_photo,
        target="/api/photos/" + name_of(PNG, "png"),
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
    execute("withdrawn at once", connected, statuses=(504,), again=(503, 504)),
    execute("no plugin", some, statuses=(503,), again=(503,)),
    execute(
        "refused as malformed",
        connected,
        body={"action": "EXECUTE_HTTP_REQUEST", "request": {"url": 5}},
        statuses=(422,),
        again=(422,),
    ),
    Scenario("tasks", some, target="/api/tasks?user_id=42&limit=3"),
    Scenario("products", catalogued, target="/api/products?user_id=42"),
    Scenario("products: none", some, target="/api/products?format=csv"),
    Scenario("status", connected, target="/api/plugin/status"),
    Scenario("health", some, target="/api/health"),
    Scenario(
        "health: selftest",
        some,
        target="/api/health?selftest=1",
        scope="backend",
    ),
    Scenario("health: in a root where nothing was", nothing, target="/health"),
    Scenario(
        "api: unknown route",
        some,
        target="/api/nothing",
        through="api",
        statuses=(404,),
        again=(404,),
    ),
)
