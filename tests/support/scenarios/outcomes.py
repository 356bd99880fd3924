# SPDX-License-Identifier: MIT
"""What must have come of a scenario in the end."""

import json

from support.images import PNG, name_of
from support.scenarios.trees import USER_DATA


def ends(task_id, state):
    """The task stands so in the end."""

    def check(stage, tree):
        del stage
        task = tree.tasks.get((42, task_id))
        if task is None or task.state != state:
            return [f"want {task_id} {state}, have {task}"]
        return []

    return check


def settled(task_id, word):
    """What became of the task was found out."""

    def check(stage, tree):
        del stage
        task = tree.tasks.get((42, task_id))
        have = task and task.record.get("settled")
        return [] if have == word else [f"want {task_id} {word}, have {have}"]

    return check


def one_of(task_ids, state):
    """Exactly one of the tasks stands so in the end."""

    def check(stage, tree):
        del stage
        have = [task.id for task in tree.in_state(state) if task.user == 42]
        have = [task_id for task_id in have if task_id in task_ids]
        return [] if len(have) == 1 else [f"want one {state}, have {have}"]

    return check


def catalogue(*ids):
    """These products are in the catalogue in the end, or beside it."""

    def check(stage, tree):
        del tree
        if not stage.exists("products", "42.ndjson"):
            return ["there is no catalogue"]
        lines = stage.read("products", "42.ndjson").splitlines()
        if stage.exists("products", "42.since.ndjson"):
            lines += stage.read("products", "42.since.ndjson").splitlines()
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
