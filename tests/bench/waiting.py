# SPDX-License-Identifier: MIT
"""How soon a plugin that waits has a task, and what waiting costs."""

import contextlib
import os
import re

from budgets import rows_of
from driver import Requests, measure
from spool import ACTION, PARAMS, Bench
from support.case import wait_until
from support.fastcgi import FastServer
from support.web import Server

PLUGIN = 47
PAUSE = 10  # ms until a poll is surely held
TASK = {"action": ACTION, "params": PARAMS}
RESULT = {"success": True, "data": None}
TARGET = f"/api/plugin/tasks?user_id={PLUGIN}&wait=25"


def waiting(bench):
    """Both ways to run, each with a root of its own."""
    ways = {}
    for way, kind in (("CGI", Server), ("FastCGI", FastServer)):
        root = Bench()
        ways[way] = Requests(bench.load, root, bench.server(kind(root)))
    takers = {}
    for way, requests in ways.items():
        for act, take in deliveries(bench.load, requests).items():
            takers[f"{act}, {way}"] = take
    for name in ("Rss", "Pss"):
        takers[name] = lambda _, name=name: [memory(ways["CGI"])[name]]
    bench.report.section("waiting: a task in the hands of a plugin that waits")
    measure(bench.report, rows_of("waiting"), takers)


def deliveries(load, requests):
    """From a create or a drop to the answer of the poll that waits."""
    root = requests.root
    poll = requests.step("GET", TARGET, token=root.plugin(PLUGIN))
    result = requests.result(PLUGIN, RESULT)
    task = {"user_id": PLUGIN, **TASK}
    acts = {
        "created": requests.create(task),
        "dropped into pending/47": load.drop(
            root.make("pending", PLUGIN), TASK
        ),
        "dropped into pending": load.drop(root.make("pending"), task),
    }
    return {
        name: lambda _, act=act: load.hand_over(10, PAUSE, poll, act, result)
        for name, act in acts.items()
    }


def memory(requests):
    """Bytes that a waiting program holds, by name; see proc_pid_smaps(5)."""
    token = requests.root.plugin(PLUGIN)
    head = (
        f"GET {TARGET} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    )
    sizes = {}
    with requests.server.connect() as connection:
        connection.sendall(head.encode())
        wait_until(
            lambda: sizes.update(sizes_of_waiting(requests.server)) or sizes
        )
    return {name: int(size) * 1024 for name, size in sizes.items()}


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
