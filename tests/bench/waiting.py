# SPDX-License-Identifier: MIT
"""How soon a plugin that waits has a task, and what waiting costs."""

import contextlib
import os
import re

from driver import rounds
from spool import ACTION, PARAMS
from support.case import wait_until
from table import row, row_memory, section

PLUGIN = 47
PAUSE = 10  # ms until a poll is surely held
BUDGET = 0.01
TASK = {"action": ACTION, "params": PARAMS}
RESULT = {"success": True, "data": None}


def waiting(load, requests):
    """From a create or a drop to the answer of the poll that waits."""
    root = requests.root
    target = f"/api/plugin/tasks?user_id={PLUGIN}&wait=25"
    poll = requests.step("GET", target, token=root.plugin(PLUGIN))
    result = requests.result(PLUGIN, RESULT)
    task = {"user_id": PLUGIN, **TASK}
    acts = {
        "created": requests.create(task),
        "dropped into pending/47": load.drop(
            root.make("pending", PLUGIN), TASK
        ),
        "dropped into pending": load.drop(root.make("pending"), task),
    }
    samples = {name: [] for name in acts}
    for _ in rounds(20):
        for name, act in acts.items():
            samples[name] += load.hand_over(10, PAUSE, poll, act, result)
    section("A task in the hands of a plugin that waits, through lighttpd")
    for name, taken in samples.items():
        row(name, taken, seconds=BUDGET)
    resident, share = memory_of_waiting(requests, target)
    row_memory("resident while waiting", resident, 1 << 20, 1)
    row_memory("  its share of that", share, 1 << 20)


def memory_of_waiting(requests, target):
    """(Rss, Pss) in bytes; see proc_pid_smaps(5)."""
    token = requests.root.plugin(PLUGIN)
    head = (
        f"GET {target} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    )
    sizes = {}
    with requests.server.connect() as connection:
        connection.sendall(head.encode())
        wait_until(
            lambda: sizes.update(sizes_of_waiting(requests.server)) or sizes
        )
    return int(sizes["Rss"]) * 1024, int(sizes["Pss"]) * 1024


def sizes_of_waiting(server):
    """What a program of the server that waits for something to happen holds
    in memory: kB, by name. Nothing while there is none."""
    parent = server.process.pid
    for child in read(f"/proc/{parent}/task/{parent}/children").split():
        # It may end between any two looks, and is none that waits then.
        with contextlib.suppress(OSError):
            if is_waiting(child):
                text = read(f"/proc/{child}/smaps_rollup")
                return dict(re.findall(r"^(\w+): +(\d+) kB", text, re.M))
    return {}


def is_waiting(process):
    """Whether it sleeps, and would be told of changes in a folder."""
    return (
        any("inotify" in name for name in descriptors(process))
        and read(f"/proc/{process}/stat").rpartition(")")[2].split()[0] == "S"
    )


def descriptors(process):
    folder = f"/proc/{process}/fd"
    return [os.readlink(os.path.join(folder, n)) for n in os.listdir(folder)]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()
