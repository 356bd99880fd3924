#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""measure.py LOAD: what tests/bench/run measures; LOAD is the load driver."""

import os
import subprocess
import sys
import time

from driver import Load, Requests, Series, rounds
from paging import paging
from rival import against_fastapi
from spool import ACTION, PARAMS, RESULT, Bench, catalogue, scaled
from support.cgi import encode
from support.web import Server
from table import row, row_memory, section
from waiting import waiting

TASK = {"user_id": 44, "action": ACTION, "params": PARAMS}
POLLER, DEEP, SHALLOW, WORKER, SELLER, FEW = 41, 42, 43, 44, 45, 46
BLOCK = 5  # requests of one kind before it is the other's turn


def empty_polls(load, ways):
    """An empty poll beside a hello-world CGI, in turns that nothing else
    comes between: what follows it through the server would be the faster for
    it, whichever of the two that is."""
    series = Series(load)
    section("Empty poll")
    for way, requests in ways.items():
        hello, poll = requests.hello(), requests.poll(POLLER)
        for _ in rounds(120):
            series.add([(way, "hello")], [hello], 4 * BLOCK)
            series.add([(way, "poll")], [poll], 4 * BLOCK)
        base = row(f"hello-world CGI, {way}", series[way, "hello"])
        budget = 1.15 if way == "lighttpd" else None
        row(f"empty poll, {way}", series[way, "poll"], base, ratio=budget)


def durable(load, requests):
    """Creates and results beside the barest file made durable."""
    series = Series(load)
    root = requests.root
    bare = load.write(root.make("bare"), encode(TASK))
    create = requests.create(TASK)
    work = [
        requests.poll(WORKER),
        requests.result(WORKER, RESULT),
    ]
    root.queue(WORKER, 20)
    for _ in rounds(30):
        for clients in (1, 4):
            count = 2 * BLOCK // clients
            series.add([("bare", clients)], [bare], count, clients)
            series.add([("create", clients)], [create], count, clients)
            names = [("next", clients), ("result", clients)]
            series.add(names, work, count, clients)
    section("Durable, through lighttpd")
    for clients in (1, 4):
        many = f"{clients} client" + "s" * (clients > 1)
        base = row(f"write, fsync, rename; {many}", series["bare", clients])
        row(f"create; {many}", series["create", clients], base)
        both = zip(series["next", clients], series["result", clients])
        row(f"next + result; {many}", [a + b for a, b in both], base)
        row("  of that the next", series["next", clients])
        row("  of that the result", series["result", clients])


def claims(load, ways):
    """Claims from a deep queue beside those from a small one."""
    series = Series(load)
    root = ways["lighttpd"].root
    deep = scaled(100000)
    root.queue(DEEP, deep)
    steps = {
        (way, user): [
            requests.poll(user),
            requests.result(user, RESULT),
        ]
        for way, requests in ways.items()
        for user in (DEEP, SHALLOW)
    }
    series.add(["first", None], steps["fork+exec", DEEP])
    root.queue(SHALLOW, 8)
    for _ in rounds(100):
        for way in ways:
            root.queue(SHALLOW, BLOCK)  # 13, and 8 after the claims
            for user in (SHALLOW, DEEP):
                name = (way, user)
                series.add([name, None], steps[name], BLOCK)
    section(f"Claim with {deep:,} pending for the user, beside 10")
    for way in ways:
        base = row(f"10 pending, {way}", series[way, SHALLOW])
        row(f"{deep:,} pending, {way}", series[way, DEEP], base, most=1.5)
    row("first claim, fork+exec", series["first"])
    after_changes(series, root, steps["fork+exec", DEEP])
    creates(series, ways["lighttpd"])
    held_back(series, root, ways["fork+exec"])


def held_back(series, root, requests):
    """Claims from behind thousands that are not to be handed out yet."""
    count = scaled(5000)
    steps = {
        user: [requests.poll(user), requests.result(user, RESULT)]
        for user in (FEW, DEEP)
    }
    root.queue(FEW, 8)
    for what, put in (("scheduled", root.schedule), ("paced", root.pace)):
        put(DEEP, count)
        series.add([None, None], steps[DEEP])  # reads the folder
        for _ in rounds(60):
            root.queue(FEW, BLOCK)
            series.add([f"beside {what}", None], steps[FEW], BLOCK)
            series.add([what, None], steps[DEEP], BLOCK)
        base = row("10 pending, fork+exec", series[f"beside {what}"])
        row(f"behind {count:,} {what}", series[what], base, most=1.5)


def after_changes(series, root, steps):
    """Claims from a deep queue whose index is stale or gone."""
    for number in rounds(10):
        os.unlink(root.place("index", f"{DEEP}.queue"))
        series.add(["no index", None], steps)
        task = {"action": ACTION, "params": PARAMS, "priority": 1}
        root.drop(f"drop-{number}.json", task, DEEP)
        series.add(["dropped", "result"], steps)
    row("index deleted, fork+exec", series["no index"])
    row("a file dropped by hand, fork+exec", series["dropped"])


def creates(series, requests):
    """Creates for both users, and claims with what they left behind."""
    users = (SHALLOW, DEEP)
    steps = {
        user: requests.create({**TASK, "user_id": user}) for user in users
    }
    claim = [
        requests.poll(DEEP),
        requests.result(DEEP, RESULT),
    ]
    for _ in rounds(100):
        for user in users:
            series.add([f"create {user}"], [steps[user]], BLOCK)
    for _ in rounds(20):
        series.add(["arrivals", None], claim, BLOCK)
    base = row("create, few pending, lighttpd", series[f"create {SHALLOW}"])
    row("create into the deep queue", series[f"create {DEEP}"], base)
    count = len(series[f"create {DEEP}"])
    row(f"claim after {count} creates, lighttpd", series["arrivals"])


def products(load, root, server):
    """A seller's whole list of listings comes in."""
    series = Series(load)
    bodies = [encode(catalogue(seed=seed)) for seed in (1, 2)]
    peaks = {"accept": 0, "ingest": 0}
    sweeper = load.shell("sweeper", root)
    ways = {
        "lighttpd": Requests(load, root, server),
        "fork+exec": Requests(load, root),
    }
    poll = {w: r.poll(SELLER) for w, r in ways.items()}
    task = b'{"action":"get_all_products","params":{}}'
    for number in rounds(12):
        body = bodies[number % 2]
        for way, requests in ways.items():
            root.queue(SELLER, 1, "get_all_products", task)
            result = requests.result(SELLER, body)
            peak = series.add([None, way], [poll[way], result])
            peaks["accept"] = max(peaks["accept"], peak)
            name = "ingest" if root.ls("products") else "first"
            peak = series.add([name], [sweeper])
            peaks["ingest"] = max(peaks["ingest"], peak)
            series.add(["idle"], [sweeper])
    size = len(bodies[0])
    section(f"A result of 1,595 products, {size / 1e6:.1f} MB")
    row("accepted, lighttpd", series["lighttpd"], seconds=0.06)
    row("accepted, fork+exec", series["fork+exec"], seconds=0.06)
    row("taken into a new catalogue", series["first"], seconds=0.1)
    row("taken into the catalogue", series["ingest"], seconds=0.1)
    row("a sweep with nothing to do", series["idle"])
    row_memory("peak memory, accepting", peaks["accept"] * 1024, size, 6)
    row_memory("peak memory, taking in", peaks["ingest"] * 1024, size, 6)


def sweeps(load, root):
    """Sweeps over much that is done and executing, none of it due."""
    series = Series(load)
    done, executing = scaled(100000), scaled(10000)
    for user in range(1, 11):
        root.finish(user, done // 10)
        root.execute(user, executing // 10)
    sweeper = load.shell("sweeper", root)
    requests = Requests(load, root)
    busy = requests.poll(1)
    idle = requests.poll(POLLER)
    series.add(["first"], [sweeper])
    for _ in rounds(20):
        series.add(["next"], [sweeper])
        series.add(["idle"], [idle], BLOCK)
        series.add(["busy"], [busy], BLOCK)
    section(f"{done:,} done and {executing:,} executing, for 10 users")
    row("first sweep", series["first"])
    row("later sweeps", series["next"])
    base = row("empty poll, none executing", series["idle"])
    row(f"empty poll, {executing // 10:,} executing", series["busy"], base)


def timed(section_of, *arguments):
    """Runs one section, and says on standard error how long it took."""
    begin = time.monotonic()
    section_of(*arguments)
    took = time.monotonic() - begin
    print(f"({section_of.__name__}: {took:.0f} s)", file=sys.stderr)


def file_system(path):
    command = ["df", "--output=fstype,source", path]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    kind, source = done.stdout.decode().splitlines()[1].split(None, 1)
    warning = ", which is no disk: nothing here is durable"
    return f"{kind} on {source}" + warning * (kind in ("tmpfs", "ramfs"))


def main():
    load = Load(sys.argv[1])
    sys.stdout.reconfigure(line_buffering=True)
    begin = time.monotonic()
    main_root = Bench()
    # The answer and what comes after it are measured apart from each other.
    quiet_root = Bench(background="no")
    print(f"File system: {file_system(main_root.path)}")
    roots = [main_root, quiet_root, Bench(background="no")]
    servers = []
    try:
        servers.append(Server(main_root))
        servers.append(Server(quiet_root))
        ways = {
            "lighttpd": Requests(load, main_root, servers[0]),
            "fork+exec": Requests(load, main_root),
        }
        timed(empty_polls, load, ways)
        timed(durable, load, ways["lighttpd"])
        timed(against_fastapi, load, ways["lighttpd"])
        timed(waiting, load, ways["lighttpd"])
        timed(products, load, quiet_root, servers[1])
        quiet = Requests(load, quiet_root, servers[1])
        timed(paging, load, quiet, SELLER)
        timed(claims, load, ways)
        timed(sweeps, load, roots[2])
    finally:
        for server in servers:
            server.close()
        for root in roots:
            root.empty()
    print(f"\nMeasured in {time.monotonic() - begin:.0f} s.")


if __name__ == "__main__":
    main()
