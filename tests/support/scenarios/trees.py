# SPDX-License-Identifier: MIT
"""The trees that several programs meet, and the tasks in them."""

import os

from support.case import GUIDE_PRODUCTS, PARAMS, iso, stamp
from support.images import PNG, name_of
from support.scenario import poll
from support.stage import DAY, Task

IDS = sorted(product["id"] for product in GUIDE_PRODUCTS)
ALL_PRODUCTS = {"products": GUIDE_PRODUCTS, "total": len(GUIDE_PRODUCTS)}
LARGE_IDS = (990, 991)  # of a catalogue, and beside it
DEEP = 600  # queued names: enough to be worth an index
USER_DATA = {"user_id": 29535217, "login": "shop.ton.outfit"}
SHIRT = {**PARAMS["create_product"], "title": "a shirt"}
STATS = Task("stats", priority=5)
PUBLISH = Task("publish", "create_product", params={"title": "a shirt"})
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

# Settings with which a program works on after its answer.
BACKGROUND = {"queue": {"background": "yes", "sweep_every": "1"}}


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


def overdue(stage):
    quiet(stage)
    stage.execute(Task("again", "get_all_products"), left=-30)


def overdue_unrepeatable(stage):
    quiet(stage)
    stage.execute(PUBLISH, left=-30)


def overdue_often(stage):
    quiet(stage)
    stage.execute(STATS, left=-30, requeued=3)


def deep(stage):
    quiet(stage)
    for number in range(DEEP):
        stage.queue(Task(f"t{number}", age=600 + number, priority=number % 3))


def indexed(stage):
    """As a poll leaves a deep queue."""
    deep(stage)
    assert poll(stage, 42).json["task_id"]
    stage.let_leases_end(-3600)


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


def large(build):
    """And a catalogue so large that what changes stands beside it; a list,
    which changes all of it, joins them."""

    def lay(stage):
        build(stage)
        for number, size, name in zip(LARGE_IDS, (70000, 7000), ("", "since.")):
            line = f'{{"id":{number},"title":"a coat","note":"{"x" * size}"}}\n'
            stage.set_age(stage.put(line, "products", f"42.{name}ndjson"), 600)

    return lay


def declared(stage):
    quiet(stage)
    record = {"error": "no result in time", "declared": "timeout"}
    stage.finish(PUBLISH, success=False, **record)


def finished(stage):
    quiet(stage)
    stage.finish(STATS, result={"views": 7})


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


def unknown(stage):
    """Nobody knows what became of two tasks."""
    quiet(stage)
    seller = {"user_id": 42, "vinted_user_id": USER_DATA["user_id"]}
    stage.put({**seller, "updated_at": iso(-500)}, "users", "42.json")
    cases = (("lost", "new", "Robe"), ("gone", "missing", "Jupe"))
    for task_id, state, title in cases:
        params = {**PUBLISH.params, "title": title, "price": "77.00"}
        params["assigned_photos"] = [{"id": len(title) * 1000 + ord(title[0])}]
        task = Task(task_id, "create_product", params=params)
        path = stage.finish(
            task, success=False, age=300, outcome="unknown", leases=["l1"]
        )
        stage.make("unknown", 42)
        name = f"{stamp(-300)}-{state}-{task_id}.json"
        os.link(path, stage.place("unknown", 42, name))


def to_settle(stage):
    """And a list waits in ingest/ that shows the item of one, and a second time
    lacks that of the other."""
    unknown(stage)
    photo = {"id": 4000 + ord("R"), "url": "https://images1.vinted.net/1"}
    item = {"id": 99, "title": "Robe", "price": "77.00", "photos": [photo]}
    task = Task("list", "get_all_products", params={"user_id": 29535217})
    path = stage.finish(
        task,
        age=10,
        result={"products": [item], "total": 1},
        account={"id": USER_DATA["user_id"]},
    )
    stage.make("ingest", 42)
    os.link(path, stage.place("ingest", 42, f"{stamp(-10)}-list.json"))


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
