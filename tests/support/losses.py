# SPDX-License-Identifier: MIT
"""What was in a tree before, and is in it no more."""

import json
import os


def losses(before, tree, pruned):
    """What is gone or changed, in words; the ids in `pruned` may be."""
    for key, task in before.tasks.items():
        if key[1] in pruned:
            continue
        now = tree.tasks.get(key)
        if now is None:
            yield f"task {key} is gone"
        elif task.done and not {"declared", "outcome"} & set(task.record):
            if now.record != task.record:
                yield f"the record of {key} changed"
    places = contents(tree)
    for drop in before.drops:
        with open(drop.path, "rb") as file:
            text = file.read()
        if places.count(text) != 1 and not is_finished(tree, text):
            yield f"drop {drop.name!r} is in {places.count(text)} places"


def is_finished(tree, text):
    """Whether a drop has become a finished task: its parameters tell."""
    try:
        params = json.loads(text)["params"]
    except ValueError:
        return False
    done = tree.in_state("completed", "failed")
    return any(task.record["params"] == params for task in done)


def contents(tree):
    """The content of every file that is or may become a task."""
    found = []
    live = tree.in_state("pending", "executing")
    paths = [task.path for task in live] + [d.path for d in tree.drops]
    for path in paths + tree.rejected:
        if os.path.isfile(path):
            with open(path, "rb") as file:
                found.append(file.read())
    return found
